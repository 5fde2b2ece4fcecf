"""Writing workbooks and text files, the same bytes every time."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from sample_data.estate.rows import Cell

MADE = datetime(2024, 7, 1, 9, 30)  # noqa: DTZ001 workbooks keep a creation time without a zone


@contextmanager
def workbook(path: Path) -> Iterator[xlsxwriter.Workbook]:
    """Open a new workbook whose bytes depend on its content only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"title": path.stem, "author": "澜川", "created": MADE})
    yield book
    book.close()


class Sheet:
    """A sheet that is filled from the top; `line` is the next line as a person counts."""

    def __init__(self, book: xlsxwriter.Workbook, name: str, widths: Sequence[int]) -> None:
        self.name = name
        self.page = book.add_worksheet(name)
        self.line = 1
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "align": "center", "valign": "vcenter"})
        self.large = book.add_format({"bold": True, "font_size": 15, "align": "center"})
        self.middle = book.add_format({"valign": "vcenter"})
        for at, width in enumerate(widths):
            self.page.set_column(at, at, width)

    def title(self, text: str, columns: int) -> None:
        """Write a line over all columns."""
        self.page.merge_range(self.line - 1, 0, self.line - 1, columns - 1, text, self.large)
        self.line += 1

    def header(self, names: Sequence[str]) -> None:
        """Write headings."""
        for at, name in enumerate(names):
            self.page.write_string(self.line - 1, at, name, self.bold)
        self.line += 1

    def row(self, cells: Sequence[Cell]) -> int:
        """Write a line and return its number."""
        for at, cell in enumerate(cells):
            if isinstance(cell, date):
                self.page.write_datetime(self.line - 1, at, datetime(cell.year, cell.month, cell.day), self.day)  # noqa: DTZ001 a date cell
            elif isinstance(cell, int):
                self.page.write_number(self.line - 1, at, cell)
            elif cell != "":
                self.page.write_string(self.line - 1, at, cell)
        self.line += 1
        return self.line - 1

    def merge_down(self, column: int, first: int, last: int, text: str) -> None:
        """Merge lines `first` to `last` of a column, or write the one cell."""
        if last > first:
            self.page.merge_range(first - 1, column, last - 1, column, text, self.middle)
        else:
            self.page.write_string(first - 1, column, text)


def text_cell(cell: Cell) -> str:
    """
    Write a cell as text files have it.

    >>> text_cell(date(2024, 3, 5)), text_cell(45356)
    ('2024-03-05', '45356')
    """
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def write_csv(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    encoding: str = "utf-8",
    before: Sequence[str] = (),
    after: Sequence[str] = (),
) -> int:
    """Write a text table, lines ending in CR LF, and return the line of its first row; cells hold no line breaks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as out:
        for line in before:
            out.write(line + "\r\n")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows([text_cell(cell) for cell in row] for row in rows)
        for line in after:
            out.write(line + "\r\n")
    return len(before) + 2
