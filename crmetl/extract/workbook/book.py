"""Workbooks: python-calamine first, openpyxl where it fails."""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import python_calamine as calamine

from crmetl.errors import SourceError
from crmetl.extract.container import Kind, guard_archive, has_macros, is_encrypted, is_ods, kind_of, locked, unreadable
from crmetl.extract.events import Event, FileFault, Hint, Opened
from crmetl.extract.header import Merge
from crmetl.extract.limits import Limits
from crmetl.extract.sheet import Row, Sheet
from crmetl.extract.workbook.biff_facts import xls_facts
from crmetl.extract.workbook.choice import Book, read_sheets, wanted
from crmetl.extract.workbook.facts import Facts
from crmetl.extract.workbook.grid import GridBook
from crmetl.extract.workbook.html import html_grids, page_encoding
from crmetl.extract.workbook.odf import fods_grids, ods_grids, tells_more
from crmetl.extract.workbook.spreadsheetml import spreadsheetml_grids
from crmetl.extract.workbook.unlock import unlocked
from crmetl.extract.workbook.xlrd_book import XlrdBook
from crmetl.extract.workbook.xlsb_facts import xlsb_facts
from crmetl.extract.workbook.xlsx_facts import xlsx_facts
from crmetl.faults import extract as faults
from crmetl.text import Text


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
        return found.iter_rows(), Sheet(sheet, 1, left, merges, _facts(self._path, sheet).right_of(left))

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
        return iter(plain if any(any(row) for row in plain) else []), Sheet(sheet, 1, 0, merges, Facts(errors))

    def close(self) -> None:
        """Let the file go."""
        self._book.close()


def _version(package: str) -> str:
    return version(package)


def _facts(path: Path, sheet: str) -> Facts:
    """Return what calamine does not tell of a sheet."""
    if not zipfile.is_zipfile(path):
        return xls_facts(path, sheet)
    with zipfile.ZipFile(path) as archive:
        binary = "xl/workbook.bin" in archive.namelist()
    return xlsb_facts(path, sheet) if binary else xlsx_facts(path, sheet)


def _opened(path: Path, kind: Kind, hint: Hint, limits: Limits) -> Book:
    """Open a workbook with the parser of its kind; where calamine fails the second one tries."""
    if kind == "html":
        encoding = page_encoding(path, hint.table.encoding)
        return GridBook(f"html {encoding.name}", html_grids(path, encoding))
    if kind == "spreadsheetml":
        return GridBook("spreadsheetml", spreadsheetml_grids(path, page_encoding(path, hint.table.encoding)))
    if kind == "fods":
        return GridBook("fods", fods_grids(path, page_encoding(path, hint.table.encoding), limits))
    try:
        if kind == "zip" and is_ods(path) and tells_more(path):
            return GridBook("ods", ods_grids(path, limits))
        return CalamineBook(path)
    except calamine.PasswordError:
        raise locked(path) from None
    except calamine.CalamineError as first:
        try:
            return XlrdBook(path) if kind == "ole" else OpenpyxlBook(path)
        except Exception:  # noqa: BLE001 whatever a second parser raises on a damaged file, the first one's word is the better
            raise unreadable(path, type(first).__name__) from None


def read_workbook(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """
    Read the sheets of a workbook that hold the mapped columns.

    Hidden sheets are left out and their rows counted, unless `hint.table.sheet` names one exactly.

    Raises:
        SourceError: Password-protected, damaged, without sheets, beyond a limit, or without the sheet that is pinned.
    """
    kind = kind_of(path)
    with ExitStack() as stack:
        if kind == "zip":
            guard_archive(path, limits)
        elif kind == "ole" and is_encrypted(path):
            path = stack.enter_context(unlocked(path, hint.table.password))
            kind = kind_of(path)
        yield from _read(_opened(path, kind, hint, limits), path, hint, kind)


def _read(book: Book, path: Path, hint: Hint, kind: Kind) -> Iterator[Event]:
    try:
        if not book.sheets:
            raise _no_sheet(path, "")
        if not wanted(book, hint.table.sheet) and hint.table.sheet != "*":
            raise _no_sheet(path, hint.table.sheet)
        yield Opened(book.engine, hidden=book.hidden)
        if kind in ("zip", "ole") and has_macros(path):
            yield FileFault(faults.MACRO_IGNORED)
        yield from read_sheets(book, hint)
    finally:
        book.close()


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
