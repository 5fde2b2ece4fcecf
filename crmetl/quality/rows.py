"""The counters of a quality report: rows with a key, of which two with the same key add up."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol, Self, TypeVar

SAMPLES = 5
"""Places shown for one finding: enough to see a pattern, and memory stays flat whatever the number of findings."""


class Counter(Protocol):
    """A row that can be added to another of the same key."""

    @property
    def key(self) -> tuple[str, ...]:
        """What it counts."""

    def __add__(self, other: Self) -> Self:
        """Return both counts together."""


C = TypeVar("C", bound=Counter)


def add_up(rows: Iterable[C]) -> tuple[C, ...]:
    """Return one row per key, in the order of the keys; rows of one key are added in the order they come."""
    sums: dict[tuple[str, ...], C] = {}
    for row in rows:
        key = row.key
        sums[key] = sums[key] + row if key in sums else row
    return tuple(sums[key] for key in sorted(sums))


class _Adds:
    """Adds every whole-number field and keeps the text fields, which are the key."""

    @property
    def key(self) -> tuple[str, ...]:
        """Return the text fields."""
        return tuple([value for value in self.__dict__.values() if isinstance(value, str)])

    def __add__(self, other: Self) -> Self:
        """Return the sums."""
        more = other.__dict__
        return type(self)(**{name: one + more[name] if isinstance(one, int) else one for name, one in self.__dict__.items()})


@dataclass(frozen=True)
class Flow(_Adds):
    """What became of the records of one entity from one source: came = kept + held + absorbed + dropped."""

    entity: str
    source: str
    came: int = 0
    kept: int = 0
    held: int = 0
    absorbed: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class Dropped(_Adds):
    """Records left out by one named rule."""

    entity: str
    source: str
    rule: str
    n: int


@dataclass(frozen=True)
class Changed(_Adds):
    """Cells of one column that one rule rewrote."""

    entity: str
    column: str
    rule: str
    n: int


@dataclass(frozen=True)
class Cells(_Adds):
    """
    One column of one entity from one source.

    Attributes:
        filled: Cells that held something when they came.
        filled_kept: Cells that hold something in the records that go on.
        invalid: Filled cells with a finding that blanks the cell or holds the record.
        invalid_kept: Those that are still there, unchanged, in records that go on.
    """

    entity: str
    source: str
    column: str
    filled: int = 0
    filled_kept: int = 0
    invalid: int = 0
    invalid_kept: int = 0


@dataclass(frozen=True)
class Contradicted(_Adds):
    """Records that contradict themselves or others at one column (``""``: at any column): all, and those that go on."""

    entity: str
    column: str
    n: int
    n_kept: int


@dataclass(frozen=True)
class Dated(_Adds):
    """Records that go on whose date in one column lies in one month (`2024-03`)."""

    entity: str
    column: str
    month: str
    n: int


@dataclass(frozen=True)
class Sample:
    """Where a finding stands; never the value."""

    rid: str
    place: str


@dataclass(frozen=True)
class Found:
    """
    One finding code at one column.

    Attributes:
        samples: The first places, at most `SAMPLES`.
    """

    code: str
    entity: str
    column: str
    source: str
    severity: str
    n: int
    samples: tuple[Sample, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Return code, entity, column, source, severity."""
        return (self.code, self.entity, self.column, self.source, self.severity)

    def __add__(self, other: Self) -> Self:
        """Add the numbers; the first samples stay."""
        return replace(self, n=self.n + other.n, samples=(self.samples + other.samples)[:SAMPLES])
