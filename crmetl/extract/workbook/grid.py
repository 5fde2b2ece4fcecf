"""Sheets that a parser of our own has read whole, as a book like any other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crmetl.extract.header import Merge
from crmetl.extract.sheet import Row, Sheet
from crmetl.extract.workbook.facts import At, Facts

WIDEST = 16_384
TALLEST = 1_048_576
"""Columns and rows of the largest sheet that a spreadsheet knows."""


@dataclass
class Grid:
    """
    One sheet while it is read; rows and columns from 0.

    Attributes:
        rows: Cells from A1; rows may differ in length.
    """

    name: str
    rows: list[list[object]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden: bool = False
    errors: set[At] = field(default_factory=set)
    uncached: set[At] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    padded: dict[At, str] = field(default_factory=dict)

    def put(self, row: int, column: int, value: object) -> None:
        """Write a cell; blank ones need not be written."""
        if value in (None, "") or row >= TALLEST or column >= WIDEST:
            return
        self.rows.extend([] for _ in range(row + 1 - len(self.rows)))
        cells = self.rows[row]
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = value

    def merge(self, row: int, column: int, rows: int, columns: int) -> None:
        """Note a merged range of so many rows and columns."""
        if rows > 1 or columns > 1:
            last = min(row + rows, TALLEST) - 1, min(column + columns, WIDEST) - 1
            self.merges.append(((row, column), last))

    def facts(self) -> Facts:
        """Return what the cells are beside their values."""
        return Facts(
            frozenset(self.errors),
            frozenset(self.uncached),
            frozenset(self.hidden_rows),
            frozenset(self.hidden_columns),
            dict(self.padded),
        )


class GridBook:
    """A book of such sheets."""

    def __init__(self, engine: str, grids: Sequence[Grid]) -> None:
        self.engine = engine
        self._grids = {one.name: one for one in grids}
        self.sheets = tuple(self._grids)
        self.hidden = tuple(one.name for one in grids if one.hidden)

    def rows(self, sheet: str) -> tuple[Iterator[Row], Sheet]:
        """Return the rows of a sheet, all of one length, and where they stand."""
        grid = self._grids[sheet]
        width = max(map(len, grid.rows), default=0)
        rows = ([*row, *[None] * (width - len(row))] for row in grid.rows)
        return iter(rows), Sheet(sheet, 1, 0, grid.merges, grid.facts())

    def close(self) -> None:
        """Nothing is open."""
