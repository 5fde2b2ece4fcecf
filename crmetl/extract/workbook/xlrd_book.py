"""A workbook as xlrd reads it: BIFF 2 to 8, for files that calamine refuses."""

import io
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from crmetl.extract.workbook.grid import Grid, GridBook


def XlrdBook(path: Path) -> GridBook:  # noqa: N802 stands where other books are classes
    """Return all sheets of a workbook."""
    import xlrd  # noqa: PLC0415 needed for the few files that calamine refuses

    book = xlrd.open_workbook(str(path), logfile=io.StringIO())
    return GridBook(f"xlrd {version('xlrd')}", [_grid(one, book.datemode) for one in book.sheets()])


def _grid(sheet: Any, datemode: int) -> Grid:
    grid = Grid(sheet.name, hidden=sheet.visibility != 0)
    for row, column, kind, value in _cells(sheet):
        if kind == 5:
            grid.errors.add((row, column))
        else:
            grid.put(row, column, _value(kind, value, datemode))
    return grid


def _cells(sheet: Any) -> Iterator[tuple[int, int, int, Any]]:
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            yield row, column, kind, sheet.cell_value(row, column)


def _value(kind: int, value: Any, datemode: int) -> object:
    import xlrd  # noqa: PLC0415 as above

    if kind == 3:
        try:
            when: datetime = xlrd.xldate_as_datetime(value, datemode)
        except (ValueError, OverflowError):
            return value
        return when.time() if 0 < value < 1 else when
    if kind == 4:
        return bool(value)
    return value or None if kind == 1 else None if kind in (0, 6) else value
