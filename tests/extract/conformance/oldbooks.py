"""BIFF, by xlwt where it is at hand; the files stand in the folder."""

import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from tests.extract.conformance.case import Case, Cells

try:
    import xlwt
except ImportError:
    xlwt = None

S = "S"
AB: Cells = [["名称", "城市"], ["启明", "杭州"], ["远航", "宁波"]]


def made(fill: Callable[[Any], None]) -> bytes:
    """Return a workbook."""
    book, out = xlwt.Workbook(encoding="utf-8"), io.BytesIO()
    fill(book)
    book.save(out)
    return out.getvalue()


def page(book: Any, rows: Sequence[Sequence[object]], name: str = S, **formats: str) -> Any:
    """Write a sheet; `formats` are number formats by column letter."""
    sheet = book.add_sheet(name)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            code = formats.get(chr(65 + j)) if i else None
            sheet.write(i, j, cell, *([xlwt.easyxf(num_format_str=code)] if code else []))
    return sheet


def errors(book: Any) -> None:
    sheet = page(book, [["名称", "值"], ["启明", 1], ["远航", 2]])
    sheet.row(3).write(0, "三江")
    sheet.row(3).set_cell_error(1, 42)


def hidden_sheet(book: Any) -> None:
    page(book, AB)
    page(book, AB, "旧").visibility = 1


def hidden_row(book: Any) -> None:
    page(book, AB).row(2).hidden = True


def old_books() -> list[Case]:
    """Return the cases; none without the library."""
    if xlwt is None:
        return []
    plain = made(
        lambda book: page(book, [["名称", "编号", "日期", "金额"], ["启明", 417, date(2024, 3, 5), 0.1]], C="yyyy-mm-dd")
    )
    padded = made(lambda book: page(book, [["编号", "名称"], [417, "启明"]], A="00000"))
    return [
        Case("plain.xls", plain, [["名称", "编号", "日期", "金额"], ["启明", "417", "2024-03-05", "0.1"]], why="BIFF8"),
        Case("errors.xls", made(errors), [["名称", "值"], ["启明", "1"], ["远航", "2"], ["三江", None]], [("CELL_ERROR", "S!R4", "值")], why="an error is no blank"),
        Case("zero_padded.xls", padded, [["编号", "名称"], ["00417", "启明"]], why="a number that is shown as a code"),
        Case("hidden_row.xls", made(hidden_row), AB, [("ROW_HIDDEN", "S!R3", None)], why="a hidden row is read and told"),
        Case("hidden_sheet.xls", made(hidden_sheet), AB, [("SHEET_HIDDEN", "旧", None)], {"header_row": 1, "hidden_sheet_row": 3}, {"hidden": ["旧"]}, why="a hidden sheet is left out and told"),
    ]  # fmt: skip


CASES = old_books()
