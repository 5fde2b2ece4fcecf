"""What a whole column proves that no cell of it tells by itself: the order of its dates, its decimal mark, its fillers."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from crmetl.clean.kind import DateOrder
from crmetl.clean.placeholder import is_placeholder
from crmetl.clean.script import half_width, tidy

_SHORT: Final = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*\d{4}(?:[ T].*)?", re.ASCII)
"""With a year of four digits: of two, it could as well come first."""
_POINT: Final = re.compile(r"[^,]*\d\.\d{1,2}|[^,]*\d\.\d{4,}|.*,\d{3}\.\d+", re.ASCII)
_COMMA: Final = re.compile(r"[^.]*\d,\d{1,2}|[^.]*\d,\d{4,}|.*\.\d{3},\d+", re.ASCII)
_DIGITS_OR_MARKS: Final = re.compile(r"[^\d.,]+$|^[^\d.,-]+")
MOST_DAY: Final = 12
"""Months; a larger number can only be a day."""
OFTEN: Final = 8
"""Rows from which on a value may be a filler; fewer are shared by colleagues, branches or tenants."""
TIMES_MORE: Final = 4
"""How much more often than the next value a filler stands; where many values repeat, repetition is no sign."""


def date_order(cells: Iterable[str]) -> DateOrder | None:
    """
    Return whether day or month comes first in dates like 03/04/2024, where the column proves it; None where it does not.

    Args:
        cells: Of a column of dates, different ones will do.

    A single day above 12 proves the order of its column; two that speak against each other prove nothing.

    >>> date_order(["03/04/2024", "25/12/2023"]), date_order(["03/04/2024", "12/25/2023"]), date_order(["03/04/2024"])
    ('dmy', 'mdy', None)
    >>> date_order(["25/12/2023", "12/25/2023"]) is None, date_order(["2024-03-05"]) is None
    (True, True)
    """
    found = [one for cell in cells if (one := _SHORT.fullmatch(tidy(half_width(cell))))]
    first = any(int(one[1]) > MOST_DAY for one in found)
    second = any(int(one[2]) > MOST_DAY for one in found)
    return None if first == second else "dmy" if first else "mdy"


def decimal_mark(cells: Iterable[str]) -> Literal[".", ","] | None:
    """
    Return the mark before the fraction, where the numbers of a column prove it; None where they do not, or disagree.

    >>> decimal_mark(["1.234", "12,50"]), decimal_mark(["1,234", "12.50"]), decimal_mark(["1,234"])
    (',', '.', None)
    """
    numbers = [_DIGITS_OR_MARKS.sub("", half_width(cell).strip()) for cell in cells]
    point = any(_POINT.fullmatch(one) for one in numbers)
    comma = any(_COMMA.fullmatch(one) for one in numbers)
    return None if point == comma else "." if point else ","


def fillers(counts: Mapping[str, int], kind: str) -> tuple[str, ...]:
    """
    Return values of a column that stand there so often that they may say nothing; a person decides.

    Args:
        counts: Value -> rows.
        kind: Its semantic type; only types whose values tell records apart can have fillers.

    >>> fillers({"13988887777": 40, "13912345678": 2, "13912345679": 1}, "phone"), fillers({"上海": 40, "北京": 2}, "city")
    (('13988887777',), ())
    """
    if kind not in _TELLING:
        return ()
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ordered = [one for one in ordered if not is_placeholder(tidy(one[0]) or "-", kind)]
    for at, ((_, often), (_, next_often)) in enumerate(zip(ordered[:3], [*ordered[1:3], ("", 0)], strict=False), 1):
        if often < OFTEN:
            break
        if often >= TIMES_MORE * max(1, next_often):
            return tuple(value for value, _ in ordered[:at])
    return ()


_TELLING: Final = frozenset({"phone", "mobile", "email", "uscc", "tax_id", "address", "person_name", "company_name"})
