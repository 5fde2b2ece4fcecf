"""Tables of a web page under the name of a workbook, as many ERP systems export them."""

import re
from html.parser import HTMLParser
from pathlib import Path

from crmetl.extract.encoding import Encoding, declared
from crmetl.extract.workbook.grid import WIDEST, Grid

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_HEAD = 4_096
_PIECE = 1 << 20
_SILENT = ("script", "style", "title", "head")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")


def page_encoding(path: Path, pinned: str | None) -> Encoding:
    """Return the encoding of a page: pinned, as the page says where that is true, else as any text."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    found = _CHARSET.search(head)
    return declared(path, pinned, found[1].decode("ascii") if found else None)


class _Table:
    """A table that is still open, and the cell of it that is."""

    def __init__(self, number: int) -> None:
        self.grid = Grid(f"Table {number}")
        self.row, self.column = -1, 0
        self.taken: dict[int, int] = {}
        self.parts: list[str] | None = None
        self.number: str | None = None

    def next_row(self, *, hidden: bool) -> None:
        self.row, self.column = self.row + 1, 0
        self.taken = {column: left - 1 for column, left in self.taken.items() if left > 1}
        if hidden:
            self.grid.hidden_rows.add(self.row)

    def open_cell(self, attributes: dict[str, str]) -> None:
        self.close_cell()
        if self.row < 0:
            self.next_row(hidden=False)
        while self.column in self.taken:
            self.column += 1
        wide, tall = (_count(attributes.get(name)) for name in ("colspan", "rowspan"))
        self.grid.merge(self.row, self.column, tall, wide)
        if tall > 1:
            # A row's own cells are counted down when the next one begins.
            self.taken.update(dict.fromkeys(range(self.column, min(self.column + wide, WIDEST)), tall))
        self.parts, self.number, self._wide = [], attributes.get("x:num"), wide

    def close_cell(self) -> None:
        if self.parts is None:
            return
        value = _text(self.parts)
        if self.number and _NUMBER.fullmatch(self.number):
            self.grid.put(self.row, self.column, float(self.number))
        else:
            self.grid.put(self.row, self.column, value)
        self.parts = None
        self.column += self._wide


def _count(said: str | None) -> int:
    text = (said or "").strip()
    return max(1, min(int(text), WIDEST)) if text.isascii() and text.isdigit() else 1


def _text(parts: list[str]) -> str:
    """Return the text of a cell as a browser shows it: blanks between words are one, `<br>` breaks the line."""
    lines = "".join(_SPACE.sub(" ", part) if part != "\n" else part for part in parts).split("\n")
    return "\n".join(line.strip(" \xa0") for line in lines).strip("\n")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "table":
            self._open.append(_Table(len(self.tables) + 1))
            self.tables.append(self._open[-1])
        elif tag in _SILENT:
            self._silent += 1
        elif self._open:
            self._inside(tag, attributes)

    def _inside(self, tag: str, attributes: dict[str, str]) -> None:
        table = self._open[-1]
        if tag == "tr":
            table.close_cell()
            table.next_row(hidden=bool(_HIDDEN.search(attributes.get("style", ""))))
        elif tag in ("td", "th"):
            table.open_cell(attributes)
        elif tag in ("br", "p", "div", "li") and table.parts:
            table.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif self._open and tag == "table":
            self._open.pop().close_cell()
        elif self._open and tag in ("td", "th", "tr"):
            self._open[-1].close_cell()

    def handle_data(self, data: str) -> None:
        if self._open and not self._silent and self._open[-1].parts is not None:
            self._open[-1].parts.append(data)


def html_grids(path: Path, encoding: Encoding) -> list[Grid]:
    """Return the tables of a page that hold anything, each a sheet (`Table 1`); one inside a cell is its own."""
    page = _Page()
    with path.open(encoding=encoding.name, errors="replace", newline="") as file:
        while text := file.read(_PIECE):
            page.feed(text)
    page.close()
    for table in page.tables:
        table.close_cell()
    return [one.grid for one in page.tables if any(any(row) for row in one.grid.rows)]
