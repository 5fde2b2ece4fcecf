"""All faults of all rooms in one look-up; each room's faults are in the file of its name."""

from types import ModuleType

from crmetl.faults import clean, dedupe, diff, extract, fixes, link, mapping, validate
from crmetl.faults.kind import Fault


def _of(room: ModuleType) -> tuple[Fault, ...]:
    return tuple(value for value in vars(room).values() if isinstance(value, Fault))


ROOMS: dict[str, tuple[Fault, ...]] = {
    room.__name__.rpartition(".")[2]: _of(room) for room in (extract, fixes, mapping, clean, validate, dedupe, link, diff)
}
"""Room -> its faults, in the order of the pipeline."""

CATALOGUE: dict[str, Fault] = {one.code: one for faults in ROOMS.values() for one in faults}


def fault(code: str) -> Fault:
    """
    Return the fault of a code.

    >>> fault("KEY_REPEATED").severity
    'hold'
    """
    return CATALOGUE[code]
