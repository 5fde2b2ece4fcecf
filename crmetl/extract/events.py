"""
What a reader tells: plain frozen values in the order of the file.

They are picklable, so that a reader may run in another process and nothing else changes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa

from crmetl.extract.limits import Limits
from crmetl.extract.manifest import TableEntry
from crmetl.faults import Fault


@dataclass(frozen=True)
class Pins:
    """What the mapping pins of a table; `TableHint` of the project, without the models that a child process need not load."""

    sheet: str = "*"
    header: Literal["auto"] | tuple[int, ...] = "auto"
    encoding: str | None = None
    delimiter: str | None = None
    last_row: int | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Hint:
    """
    What the mapping knows of a source.

    Attributes:
        table: Pinned sheet, header, encoding and delimiter.
        known: Source columns that the mapping names; none while a folder is looked over.
        internal_domains: Mail domains of the company itself.
        chunk: Most rows of one `Rows`.
        name: Name of the file as people know it; chat rooms are called after it.
        whole: Rows that are no data (blank ones, totals, headers printed again) are delivered too, besides being told.
    """

    table: Pins = field(default_factory=Pins)
    known: frozenset[str] = frozenset()
    internal_domains: tuple[str, ...] = ()
    chunk: int = 20_000
    name: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Opened:
    """The file could be opened; see `FileEntry` for the attributes."""

    engine: str
    encoding: str | None = None
    encoding_score: float | None = None
    runner_up: str | None = None
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Member:
    """A file inside an archive begins: what follows is about it."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class RowFault:
    """A fault at row `at` (from 0) of the `Rows` it comes with."""

    at: int
    fault: Fault
    column: str | None = None


@dataclass(frozen=True)
class Rows:
    """
    Rows of one table.

    Attributes:
        table: `large_string` columns under the source's headers; null for blank.
        places: Place of each row below the file: `Sheet1!R12`, `R40`, `#17`.
        borrowed: Columns whose text comes from the file's name; no part of a row's identity.
        no_data: Positions of rows that are none but for `Hint.whole`.
    """

    table: pa.Table
    places: Sequence[str]
    faults: tuple[RowFault, ...] = ()
    borrowed: tuple[str, ...] = ()
    no_data: tuple[int, ...] = ()


@dataclass(frozen=True)
class FileFault:
    """A fault of the file, or of the place in it."""

    fault: Fault
    place: str = ""
    column: str | None = None


@dataclass(frozen=True)
class Aside:
    """Physical rows that are no data, by the rule that says so."""

    places: tuple[str, ...]
    rule: str


Event = Opened | Member | Rows | FileFault | Aside | TableEntry
Reader = Callable[[Path, Hint, Limits], Iterator[Event]]
"""Raises SourceError where the file cannot be read; any other exception of a parser becomes one in `extraction`."""
