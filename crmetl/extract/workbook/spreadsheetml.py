"""Workbooks of Excel 2003 as one XML file (SpreadsheetML)."""

from datetime import date, datetime, time
from pathlib import Path

from crmetl.extract.cells import CERTAIN
from crmetl.extract.encoding import Encoding
from crmetl.extract.workbook.facts import is_padded
from crmetl.extract.workbook.grid import Grid
from crmetl.extract.workbook.xml_text import parse, pieces_of

_FIRST_DAY = date(1899, 12, 31)
"""A time without a day stands on this one."""


class _Workbook:
    """Takes the elements of a document."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self._formats: dict[str, str] = {}
        self._style = self._styled = ""
        self._row, self._column, self._next = -1, -1, 0
        self._columns = 0
        self._type = ""
        self._formula = False
        self._parts: list[str] | None = None
        self._comment = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        found = getattr(self, f"_start_{name.lower()}", None)
        if found:
            found(attributes)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        found = getattr(self, f"_end_{name.lower()}", None)
        if found:
            found()

    def text(self, text: str) -> None:
        """Take a text."""
        if self._parts is not None:
            self._parts.append(text)

    def _start_style(self, attributes: dict[str, str]) -> None:
        self._style = attributes.get("ID", "")

    def _start_numberformat(self, attributes: dict[str, str]) -> None:
        if is_padded(attributes.get("Format", "")):
            self._formats[self._style] = attributes["Format"]

    def _start_worksheet(self, attributes: dict[str, str]) -> None:
        self.grids.append(Grid(attributes.get("Name", "")))
        self._row, self._columns = -1, 0

    def _start_column(self, attributes: dict[str, str]) -> None:
        first = int(attributes["Index"]) - 1 if "Index" in attributes else self._columns
        self._columns = first + 1 + int(attributes.get("Span", 0))
        if attributes.get("Hidden") == "1":
            self.grids[-1].hidden_columns.update(range(first, self._columns))

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row = int(attributes["Index"]) - 1 if "Index" in attributes else self._row + 1
        self._next = 0
        if attributes.get("Hidden") == "1":
            self.grids[-1].hidden_rows.add(self._row)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._column = int(attributes["Index"]) - 1 if "Index" in attributes else self._next
        wide, tall = int(attributes.get("MergeAcross", 0)), int(attributes.get("MergeDown", 0))
        self._next = self._column + 1 + wide
        self._formula, self._type, self._styled = "Formula" in attributes, "", attributes.get("StyleID", "")
        self.grids[-1].merge(self._row, self._column, tall + 1, wide + 1)

    def _start_comment(self, _: dict[str, str]) -> None:
        self._comment = True

    def _end_comment(self) -> None:
        self._comment = False

    def _start_data(self, attributes: dict[str, str]) -> None:
        if not self._comment:
            self._type, self._parts = attributes.get("Type", "String"), []

    def _end_data(self) -> None:
        if self._parts is None:
            return
        at, grid, text = (self._row, self._column), self.grids[-1], "".join(self._parts)
        self._parts = None
        if self._type == "Error":
            grid.errors.add(at)
            grid.put(*at, None)
            return
        value = typed(self._type, text)
        if self._styled in self._formats and isinstance(value, (int, float)):
            grid.padded[at] = self._formats[self._styled]
        grid.put(*at, value)

    def _end_cell(self) -> None:
        if self._formula and not self._type:
            self.grids[-1].uncached.add((self._row, self._column))

    def _start_visible(self, _: dict[str, str]) -> None:
        self._parts, self._comment = [], False

    def _end_visible(self) -> None:
        self.grids[-1].hidden = "".join(self._parts or ()) in ("SheetHidden", "SheetVeryHidden")
        self._parts = None


def typed(kind: str, text: str) -> object:
    """
    Return the value of a cell.

    >>> typed("Number", "417"), typed("DateTime", "2024-03-05T00:00:00.000"), typed("Boolean", "1"), typed("Number", "x")
    (417, datetime.datetime(2024, 3, 5, 0, 0), True, 'x')
    """
    try:
        if kind == "Number":
            number = float(text)
            return int(number) if number.is_integer() and abs(number) < CERTAIN else number
        if kind == "Boolean":
            return text.strip() == "1"
        if kind == "DateTime":
            when = datetime.fromisoformat(text)
            return when.time() if when.date() == _FIRST_DAY and when.time() != time() else when
    except (ValueError, OverflowError):
        return text
    return text


def spreadsheetml_grids(path: Path, encoding: Encoding) -> list[Grid]:
    """
    Return the sheets of a workbook.

    Raises:
        ForbiddenXml, ExpatError, ValueError: It is not what a spreadsheet writes.
    """
    book = _Workbook()
    with path.open("rb") as file:
        parse(pieces_of(file, encoding), start=book.start, end=book.end, text=book.text)
    return book.grids
