"""Workbooks: python-calamine first, openpyxl where it fails."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import python_calamine as calamine

from crmetl.errors import SourceError
from crmetl.extract.container import guard_archive, guard_password, kind_of, locked, unreadable
from crmetl.extract.errorcells import error_cells
from crmetl.extract.events import Event, FileFault, Hint, Opened
from crmetl.extract.header import Merge
from crmetl.extract.limits import Limits
from crmetl.extract.sheet import Looked, Row, Sheet
from crmetl.extract.tables import deliver, look, passed_over
from crmetl.faults import extract as faults
from crmetl.text import Text

ENOUGH = 0.5
"""A sheet is read when it has this share of the mapped columns."""


class Book(Protocol):
    """An open workbook of some engine."""

    engine: str
    sheets: tuple[str, ...]
    hidden: tuple[str, ...]

    def rows(self, sheet: str) -> tuple[Iterator[Row], Sheet]:
        """Return the rows of a sheet from its first one, and where they stand."""

    def close(self) -> None:
        """Let the file go."""


class CalamineBook:
    """A workbook as python-calamine reads it."""

    def __init__(self, path: Path) -> None:
        self.engine = f"python-calamine {_version('python-calamine')}"
        self._path = path
        self._file = path.open("rb")
        try:
            # From a path calamine believes the suffix; from an open file it looks.
            self._book = calamine.CalamineWorkbook.from_filelike(self._file)
        except BaseException:
            self._file.close()
            raise
        work = [one for one in self._book.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet]
        self.sheets = tuple(one.name for one in work)
        self.hidden = tuple(one.name for one in work if one.visible != calamine.SheetVisibleEnum.Visible)

    def rows(self, sheet: str) -> tuple[Iterator[Row], Sheet]:
        """Return the rows from row 1; columns from the first one in use."""
        found = self._book.get_sheet_by_name(sheet)
        if found.start is None:
            return iter(()), Sheet(sheet)
        left = found.start[1]
        merges = [
            ((top, max(0, a - left)), (bottom, b - left)) for (top, a), (bottom, b) in found.merged_cell_ranges or () if b >= left
        ]
        errors = frozenset((row, column - left) for row, column in error_cells(self._path, sheet) if column >= left)
        return found.iter_rows(), Sheet(sheet, 1, left, merges, errors)

    def close(self) -> None:
        """Let the file go."""
        self._book.close()
        self._file.close()


class OpenpyxlBook:
    """A workbook as openpyxl reads it, for files that calamine refuses."""

    def __init__(self, path: Path) -> None:
        import openpyxl  # noqa: PLC0415 needed for the few files that calamine refuses, and slow to load

        self.engine = f"openpyxl {_version('openpyxl')}"
        self._book = openpyxl.load_workbook(path, data_only=True)
        self.sheets = tuple(one.title for one in self._book.worksheets)
        self.hidden = tuple(one.title for one in self._book.worksheets if one.sheet_state != "visible")

    def rows(self, sheet: str) -> tuple[Iterator[Row], Sheet]:
        """Return the rows from A1."""
        found = self._book[sheet]
        merges: list[Merge] = [
            ((one.min_row - 1, one.min_col - 1), (one.max_row - 1, one.max_col - 1)) for one in found.merged_cells.ranges
        ]
        grid = [list(row) for row in found.iter_rows()]
        errors = frozenset((i, j) for i, row in enumerate(grid) for j, cell in enumerate(row) if cell.data_type == "e")
        plain: list[Row] = [[None if cell.data_type == "e" else cell.value for cell in row] for row in grid]
        return iter(plain if any(any(row) for row in plain) else []), Sheet(sheet, 1, 0, merges, errors)

    def close(self) -> None:
        """Let the file go."""
        self._book.close()


def _version(package: str) -> str:
    return version(package)


def _opened(path: Path) -> Book:
    try:
        return CalamineBook(path)
    except calamine.PasswordError:
        raise locked(path) from None
    except calamine.CalamineError as first:
        try:
            return OpenpyxlBook(path)
        except Exception:  # noqa: BLE001 whatever a second parser raises on a damaged file, the first one's word is the better
            raise unreadable(path, type(first).__name__) from None


def read_workbook(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """
    Read the sheets of a workbook that hold the mapped columns.

    Hidden sheets are left out and their rows counted, unless `hint.table.sheet` names one exactly.

    Raises:
        SourceError: Password-protected, damaged, without sheets, beyond a limit, or without the sheet that is pinned.
    """
    if kind_of(path) == "zip":
        guard_archive(path, limits)
    else:
        guard_password(path)
    book = _opened(path)
    try:
        if not book.sheets:
            raise _no_sheet(path, "")
        yield Opened(book.engine, hidden=book.hidden)
        yield from _sheets(book, path, hint)
    finally:
        book.close()


@dataclass(frozen=True)
class _Weak:
    sheet: str
    overlap: float


def _sheets(book: Book, path: Path, hint: Hint) -> Iterator[Event]:
    wanted = _wanted(book, hint.table.sheet)
    if not wanted and hint.table.sheet != "*":
        raise _no_sheet(path, hint.table.sheet)
    weak: list[_Weak] = []
    strong = False
    for name in book.sheets:
        if name not in wanted:
            hidden = name in book.hidden
            yield from _left_out(book, name, "hidden_sheet_row" if hidden else "other_sheet_row")
            if hidden:
                yield FileFault(faults.SHEET_HIDDEN, name)
            continue
        looked = look(*book.rows(name), hint)
        overlap = looked.overlap(hint.known)
        if overlap < ENOUGH and len(wanted) > 1:
            weak.append(_Weak(name, overlap))
            continue
        strong = True
        yield from deliver(looked, hint)
    yield from _weak_ones(book, weak, hint, strong=strong)


def _weak_ones(book: Book, weak: Sequence[_Weak], hint: Hint, *, strong: bool) -> Iterator[Event]:
    """Where no sheet has the mapped columns, the one with most of them is read, so that mapping can say what is missing."""
    best = None if strong else max(weak, key=lambda one: one.overlap, default=None)
    for one in weak:
        if one is best:
            yield from deliver(look(*book.rows(one.sheet), hint), hint)
            continue
        events = tuple(_left_out(book, one.sheet, "unmapped_sheet_row"))
        if events:
            yield FileFault(faults.SHEET_SKIPPED, one.sheet)
        yield from events


def _wanted(book: Book, pattern: str) -> tuple[str, ...]:
    if pattern in book.sheets:
        return (pattern,)
    return tuple(one for one in book.sheets if one not in book.hidden and fnmatchcase(one, pattern))


def _left_out(book: Book, name: str, rule: str) -> Iterator[Event]:
    rows, sheet = book.rows(name)
    yield from passed_over(Looked(sheet, (), rows, None), rule)


def _no_sheet(path: Path, name: str) -> SourceError:
    return SourceError(
        Text(f"工作簿里没有工作表 {name}", f"the workbook has no sheet {name}")
        if name
        else Text("工作簿里没有工作表", "the workbook has no sheet"),
        where=str(path),
        next=Text("改正映射中的 table.sheet", "correct table.sheet in the mapping")
        if name
        else Text("在 Excel 中打开核对，另存为 .xlsx 后再运行", "open it in Excel, save it as .xlsx and run again"),
    )
