"""A table of a file while it is read: where its rows stand, what is known of it, what adds up over its blocks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

import pyarrow as pa

from crmetl.extract.aside import Printed
from crmetl.extract.events import RowFault
from crmetl.extract.header import Header, Merge, unique
from crmetl.extract.workbook.facts import NONE, Facts

Row = Sequence[Any]

LINEAGE = ("_source", "_row", "_key")
"""`crmetl.batch.LINEAGE`, which stands beside pandas; a process that parses files does not load that."""


@dataclass(frozen=True)
class Places(Sequence[str]):
    """
    Places of neighbouring rows, each written when it is asked for.

    >>> list(Places("R", range(2, 4))), Places("East!R", range(7, 9))[-1]
    (['R2', 'R3'], 'East!R8')
    """

    front: str
    numbers: range

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.numbers)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> "Places": ...
    def __getitem__(self, at: int | slice) -> "str | Places":
        """Return a place, or the places of some rows."""
        return Places(self.front, self.numbers[at]) if isinstance(at, slice) else f"{self.front}{self.numbers[at]}"


@dataclass(frozen=True)
class Sheet:
    """
    Where the rows of cells stand.

    Attributes:
        name: Of the sheet; "" for a text file.
        top: Number of the first row, from 1.
        left: Columns left of the first cell.
        merges: Merged ranges, relative to the rows.
        facts: What its cells are beside their values; columns relative too.
        delimiter: Of a text file, whose rows may differ in length; joins surplus cells.
        broken: Some bytes could not be decoded and stand as U+FFFD.
        unclosed: The file's quotation marks do not pair up; a cell with a line break may have swallowed rows.
    """

    name: str = ""
    top: int = 1
    left: int = 0
    merges: Sequence[Merge] = ()
    facts: Facts = NONE
    delimiter: str = ""
    broken: bool = False
    unclosed: bool = False

    def below(self, rows: int) -> "Sheet":
        """Return the table that begins so many rows further down."""
        if not rows:
            return self
        merges = [((a - rows, b), (c - rows, d)) for (a, b), (c, d) in self.merges if a >= rows]
        return replace(self, top=self.top + rows, merges=merges, facts=self.facts.below(rows))

    def place(self, row: int) -> str:
        """Return the place of a row, counted from 0."""
        return self.places((row,))[0]

    def places(self, rows: Iterable[int]) -> tuple[str, ...]:
        """Return the places of rows, counted from 0."""
        front, top = (f"{self.name}!R" if self.name else "R"), self.top
        return tuple([f"{front}{top + row}" for row in rows])

    def places_of(self, start: int, kept: Sequence[int]) -> Sequence[str]:
        """Return the places of the rows `start + at`; those of a range are written when they are asked for."""
        if isinstance(kept, range):
            return Places(f"{self.name}!R" if self.name else "R", range(self.top + start, self.top + start + len(kept)))
        return self.places(start + at for at in kept)

    def labels(self, names: Sequence[str | None]) -> list[str]:
        """Return the name of every column as it is delivered, each different; unnamed ones by their place in the sheet."""
        return unique([*[None] * self.left, *names], LINEAGE)[self.left :]


@dataclass(frozen=True)
class Block:
    """
    Rows below the header, as columns.

    Attributes:
        columns: Text with null for blank, all of one length, from the left of the sheet.
        faults: Of rows that were brought to the length of the header.
        cells: The columns as a workbook stores them; nothing of a text file, where all is text.
    """

    columns: list[pa.Array]
    faults: list[RowFault] = field(default_factory=list)
    cells: Sequence[Sequence[object]] = ()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.columns[0])


Many = Callable[[Sequence[Row], int, int], Iterator[Block]]
"""First rows, columns, most rows of a block -> blocks of these rows and of all that are still to come."""


@dataclass(frozen=True)
class Looked:
    """A table whose header is known and whose rows are still to come: one by one, or `many` at once where the file can;
    `after` are those below the last row that the mapping pins.
    """

    sheet: Sheet
    head: Sequence[Row]
    rest: Iterator[Row]
    header: Header | None
    many: Many | None = None
    after: Iterator[Row] = field(default_factory=lambda: iter(()))

    def overlap(self, known: frozenset[str]) -> float:
        """Return the share of the mapped columns that the table has; 1 where nothing is mapped yet."""
        if not self.header:
            return 0.0
        return len(known & {name for name in self.header.names if name}) / len(known) if known else 1.0


@dataclass
class Account:
    """
    What adds up over the blocks of one table.

    Attributes:
        printed: Rows above the data, to know them again further down.
        names: Headings; None where a column has none.
        columns: Names delivered so far.
        carried: Value of a merged range that reaches into the next block.
        rows, filled, last: Rows delivered, cells filled down, last row delivered (from 0).
    """

    printed: Printed
    names: tuple[str | None, ...]
    columns: dict[str, None]
    last: int
    carried: dict[tuple[int, int], str | None] = field(default_factory=dict)
    rows: int = 0
    filled: int = 0


def letters(column: int) -> str:
    """
    Return the spreadsheet's letters of a column counted from 0.

    >>> letters(0), letters(25), letters(26), letters(701)
    ('A', 'Z', 'AA', 'ZZ')
    """
    return (letters(column // 26 - 1) if column >= 26 else "") + chr(65 + column % 26)
