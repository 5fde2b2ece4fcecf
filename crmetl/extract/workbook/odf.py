"""Sheets of OpenDocument: flat XML (fods), and the content of an ods where calamine does not tell all."""

import re
import zipfile
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

from crmetl.extract.bounded.guard import over
from crmetl.extract.cells import CERTAIN
from crmetl.extract.encoding import Encoding
from crmetl.extract.limits import Limits
from crmetl.extract.workbook.grid import TALLEST, WIDEST, Grid
from crmetl.extract.workbook.xml_text import parse, pieces_of
from crmetl.text import Text

_SPAN = re.compile(r"P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?")
_TOLD = (b'value-type="error"', b'visibility="', b'display="false"', b"table:formula")
"""Marks of what calamine passes over in silence."""


class _Document:
    """Takes the elements of a document."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        self.grids: list[Grid] = []
        self._hiding: set[str] = set()
        self._style = ""
        self._depth = 0
        self._row, self._rows, self._column, self._columns = 0, 1, 0, 0
        self._cells: list[tuple[int, int, object, str]] = []
        self._cell: dict[str, str] = {}
        self._lines: list[str] = []
        self._inside = self._note = False
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        if name == "style":
            self._style = attributes.get("name", "")
        elif name == "table-properties" and attributes.get("display") == "false":
            self._hiding.add(self._style)
        elif name == "table":
            self._depth += 1
            if self._depth == 1:
                hidden = attributes.get("style-name", "") in self._hiding
                self.grids.append(Grid(attributes.get("name", ""), hidden=hidden))
                self._row = self._columns = 0
        elif self._depth == 1:
            self._in_table(name, attributes)

    def _in_table(self, name: str, attributes: dict[str, str]) -> None:
        hidden = attributes.get("visibility") in ("collapse", "filter")
        if name == "table-column":
            count = min(int(attributes.get("number-columns-repeated", 1)), WIDEST)
            if hidden:
                self.grids[-1].hidden_columns.update(range(self._columns, self._columns + count))
            self._columns += count
        elif name == "table-row":
            self._rows, self._column, self._cells = min(int(attributes.get("number-rows-repeated", 1)), TALLEST), 0, []
            if hidden and self._rows < TALLEST // 2:
                self.grids[-1].hidden_rows.update(range(self._row, self._row + self._rows))
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self._lines, self._inside = attributes, [], True
        elif name == "annotation":
            self._note = True
        elif self._inside and not self._note:
            self._in_cell(name, attributes)

    def _in_cell(self, name: str, attributes: dict[str, str]) -> None:
        if name == "p":
            self._lines.append("")
        elif name in ("s", "tab", "line-break") and self._lines:
            self._lines[-1] += {"s": " " * min(int(attributes.get("c", 1)), 1000), "tab": "\t"}.get(name, "\n")

    def text(self, text: str) -> None:
        """Take a text."""
        if self._inside and not self._note and self._lines:
            self._lines[-1] += text

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "table":
            self._depth -= 1
        elif name == "annotation":
            self._note = False
        elif self._depth == 1 and name in ("table-cell", "covered-table-cell"):
            self._end_cell()
        elif self._depth == 1 and name == "table-row":
            self._end_row()

    def _end_cell(self) -> None:
        count = min(int(self._cell.get("number-columns-repeated", 1)), WIDEST)
        value, kind = _value(self._cell, "\n".join(self._lines))
        if kind or value not in (None, ""):
            self._cells.append((self._column, count, value, kind))
        wide, tall = (int(self._cell.get(f"number-{what}-spanned", 1)) for what in ("columns", "rows"))
        self.grids[-1].merge(self._row, self._column, tall, wide)
        self._column += count
        self._inside = False

    def _end_row(self) -> None:
        grid = self.grids[-1]
        self._count += self._rows * sum(count for _, count, _, _ in self._cells)
        if self._count > self._limits.cells or (self._cells and self._row + self._rows > TALLEST):
            raise over(self._path, Text("单元格数", "cells"), "cells")
        for row in range(self._row, self._row + self._rows) if self._cells else ():
            for first, count, value, kind in self._cells:
                for column in range(first, first + count):
                    if kind == "error":
                        grid.errors.add((row, column))
                    elif kind == "uncached":
                        grid.uncached.add((row, column))
                    else:
                        grid.put(row, column, value)
        self._row += self._rows


def _value(cell: dict[str, str], shown: str) -> tuple[object, str]:
    """Return the value of a cell, and `error` or `uncached` where it has none but should."""
    # Two attributes are called value-type, of one name but in an error; the calculated one is the later.
    kind = cell.get("value-type", "")
    if kind == "error" or (cell.get("formula") and shown.startswith("#") and shown.rstrip("!?").isupper()):
        return None, "error"
    if cell.get("formula") and not kind:
        return None, "uncached"
    try:
        return _KINDS[kind](cell) if kind in _KINDS else cell.get("string-value") or shown, ""
    except (KeyError, ValueError, OverflowError):
        return shown, ""


def _number(cell: dict[str, str]) -> float:
    number = float(cell["value"])
    return int(number) if number.is_integer() and abs(number) < CERTAIN else number


def _span(said: str) -> object:
    """
    Return a time of day, or a duration where it is longer than a day.

    >>> _span("PT09H30M00S"), _span("PT36H00M00S")
    (datetime.time(9, 30), datetime.timedelta(days=1, seconds=43200))
    """
    found = _SPAN.fullmatch(said)
    if not found:
        return said
    days, hours, minutes, seconds = (int(one or 0) for one in found.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return time(hours, minutes, seconds) if not days and hours < 24 and minutes < 60 and seconds < 60 else length


_KINDS: dict[str, Callable[[dict[str, str]], object]] = {
    "float": _number,
    "percentage": _number,
    "currency": _number,
    "date": lambda cell: datetime.fromisoformat(cell["date-value"]),
    "time": lambda cell: _span(cell["time-value"]),
    "boolean": lambda cell: cell["boolean-value"] == "true",
}


def tells_more(path: Path) -> bool:
    """Say whether an ods holds errors, formulas or hidden parts, which calamine would not tell."""
    with zipfile.ZipFile(path) as archive:
        for name in ("content.xml",):
            with archive.open(name) as xml:
                tail = b""
                while piece := xml.read(1 << 20):
                    text = tail + piece
                    if any(mark in text for mark in _TOLD):
                        return True
                    tail = text[-32:]
    return False


def ods_grids(path: Path, limits: Limits) -> list[Grid]:
    """Return the sheets of an ods."""
    document = _Document(path, limits)
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as xml:
        parse(pieces_of(xml), start=document.start, end=document.end, text=document.text)  # type: ignore[arg-type]
    return document.grids


def fods_grids(path: Path, encoding: Encoding, limits: Limits) -> list[Grid]:
    """Return the sheets of a flat document."""
    document = _Document(path, limits)
    with path.open("rb") as file:
        parse(pieces_of(file, encoding), start=document.start, end=document.end, text=document.text)
    return document.grids
