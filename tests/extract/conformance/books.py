"""xlsx, xlsm and xls."""

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msoffcrypto.format.ooxml
import openpyxl
import xlsxwriter

from tests.extract.conformance import raw
from tests.extract.conformance.case import Case, Cells

AB: Cells = [["名称", "城市"], ["启明", "杭州"], ["远航", "宁波"]]
S = "S"
BIG: list[list[object]] = [["名称", "数"], *([f"K{at:05d}", at] for at in range(400))]


def rows_of(*rows: Sequence[object]) -> str:
    return raw.inline(rows)


def written(fill: Callable[[Any, Any], None], **options: Any) -> bytes:
    """Return a workbook of xlsxwriter."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, **options})
    book.set_properties({"created": datetime(2024, 3, 5)})  # noqa: DTZ001 no zone in a file's property
    fill(book, book.add_worksheet(S))
    book.close()
    return out.getvalue()


def grid(sheet: Any, rows: Sequence[Sequence[object]], top: int = 0, left: int = 0) -> None:
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(top + i, left + j, cell)
            elif cell is not None:
                sheet.write(top + i, left + j, cell)


def numbers_and_dates() -> list[Case]:
    """What a cell means."""

    def dates(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["中文日期", "美式", "带星期", "时分", "时长", "日期时间", "天数"])
        formats = [
            'yyyy"年"m"月"d"日"',
            "m/d/yyyy",
            "[$-804]aaaa yyyy-mm-dd",
            "hh:mm",
            "[h]:mm:ss",
            "yyyy-mm-dd hh:mm:ss",
            '0"days"',
        ]
        for at, (value, code) in enumerate(zip((45356, 45356, 45356, 0.5, 1.5, 45356.5, 12), formats, strict=True)):
            sheet.write_number(1, at, value, book.add_format({"num_format": code}))

    def padded(book: Any, sheet: Any) -> None:
        grid(sheet, [["编号", "带前缀", "金额", "普通"]])
        for at, code in enumerate(("00000000", '"KH"0000', "#,##0.00", "General")):
            sheet.write_number(1, at, 417, book.add_format({"num_format": code}))

    def early(book: Any, sheet: Any) -> None:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        grid(sheet, [["名称", "日"]])
        for at, value in enumerate((1, 59, 61), 1):
            sheet.write_string(at, 0, f"K{at}")
            sheet.write_number(at, 1, value, day)

    day = raw.styled("yyyy-mm-dd")
    return [
        Case("dates.xlsx", written(dates), [["中文日期", "美式", "带星期", "时分", "时长", "日期时间", "天数"],
             ["2024-03-05", "2024-03-05", "2024-03-05", "12:00:00", "36:00:00", "2024-03-05T12:00:00", "12"]], why="a number is a date by its format"),
        Case("date1904.xlsx", raw.xlsx((S, rows_of(["名称", "日"], ["启明", '<c@ s="1"><v>43894</v></c>'])), styles=day, date1904=True), [["名称", "日"], ["启明", "2024-03-05"]], why="days counted from 1904"),
        Case("early_dates.xlsx", written(early), [["名称", "日"], ["K1", "1900-01-01"], ["K2", "1900-02-28"], ["K3", "1900-03-01"]], why="Excel's calendar has a 29 February 1900"),
        Case("zero_padded.xlsx", written(padded), [["编号", "带前缀", "金额", "普通"], ["00000417", "KH0417", "417", "417"]], why="a number that is shown as a code"),
        Case("whole_numbers.xlsx", raw.xlsx((S, rows_of(["编号", "手机", "比例"], ["<c@><v>417.0</v></c>", "<c@><v>1.3912345678E10</v></c>", "<c@><v>0.1</v></c>"]))),
             [["编号", "手机", "比例"], ["417", "13912345678", "0.1"]], why="417.0 is 417"),
        Case("too_long.xlsx", raw.xlsx((S, rows_of(["编号", "名称"], ["<c@><v>123456789012345678</v></c>", "启明"], ["<c@><v>123456789012345</v></c>", "远航"]))),
             [["编号", "名称"], ["123456789012345680", "启明"], ["123456789012345", "远航"]], [("NUMBER_TRUNCATED", "S!R2", "编号")], why="digits behind the fifteenth are lost"),
        Case("long_as_text.xlsx", raw.xlsx((S, rows_of(["身份证", "名称"], ["123456789012345678", "启明"]))), [["身份证", "名称"], ["123456789012345678", "启明"]], why="a long code stored as text is right"),
        Case("booleans.xlsx", raw.xlsx((S, rows_of(["名称", "停用"], ["启明", '<c@ t="b"><v>1</v></c>'], ["远航", '<c@ t="b"><v>0</v></c>']))), [["名称", "停用"], ["启明", "TRUE"], ["远航", "FALSE"]], why="truth values"),
    ]  # fmt: skip


def cells_that_hide() -> list[Case]:
    """Errors, formulas, hidden parts."""
    errors = ["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"]
    rows: list[Sequence[object]] = [["名称", "值"], *([f"K{at}", f'<c@ t="e"><v>{one}</v></c>'] for at, one in enumerate(errors))]
    hidden_row = rows_of(*AB).replace('<row r="3">', '<row r="3" hidden="1">')

    def uncached() -> bytes:
        book, out = openpyxl.Workbook(), io.BytesIO()
        sheet = book.active
        assert sheet is not None
        sheet.title = S
        for row in (["名称", "数", "两倍"], ["启明", 2, "=B2*2"], ["远航", 3, "=B3*2"]):
            sheet.append(row)
        book.save(out)
        return out.getvalue()

    return [
        Case("errors.xlsx", raw.xlsx((S, rows_of(*rows))), [["名称", "值"], *([f"K{at}", None] for at in range(len(errors)))],
             [("CELL_ERROR", f"S!R{at + 2}", "值") for at in range(len(errors))], why="each error cell is told"),
        Case("errors_unnumbered.xlsx", raw.xlsx((S, raw.inline(rows[:3], numbered=False))), [["名称", "值"], ["K0", None], ["K1", None]],
             [("CELL_ERROR", "S!R2", "值"), ("CELL_ERROR", "S!R3", "值")], why="cells without a place are counted"),
        Case("uncached.xlsx", uncached(), [["名称", "数", "两倍"], ["启明", "2", None], ["远航", "3", None]],
             [("FORMULA_UNCACHED", "S!R2", "两倍"), ("FORMULA_UNCACHED", "S!R3", "两倍")], why="a formula that nobody calculated"),
        Case("cached.xlsx", raw.xlsx((S, rows_of(["名称", "值", "空"], ["启明", "<c@><f>1+1</f><v>2</v></c>", '<c@ t="str"><f>""</f><v></v></c>']))),
             [["名称", "值", "空"], ["启明", "2", None]], why="a formula gives its stored result; an empty text is one"),
        Case("hidden_row.xlsx", raw.xlsx((S, hidden_row)), AB, [("ROW_HIDDEN", "S!R3", None)], why="a filter left on hides rows that are wanted"),
        Case("hidden_column.xlsx", raw.xlsx((S, rows_of(*AB)), before='<cols><col min="2" max="2" width="9" hidden="1"/></cols>'), AB, [("COLUMN_HIDDEN", "S", "城市")], why="a hidden column is read and told"),
        Case("hidden_sheet.xlsx", raw.xlsx((S, rows_of(*AB)), ("旧", rows_of(*AB)), states={"旧": ' state="hidden"'}), AB, [("SHEET_HIDDEN", "旧", None)],
             {"header_row": 1, "hidden_sheet_row": 3}, {"hidden": ["旧"]}, why="a hidden sheet is left out and told"),
        Case("very_hidden_sheet.xlsx", raw.xlsx((S, rows_of(*AB)), ("旧", rows_of(*AB)), states={"旧": ' state="veryHidden"'}), AB, [("SHEET_HIDDEN", "旧", None)],
             {"header_row": 1, "hidden_sheet_row": 3}, {"hidden": ["旧"]}, why="a sheet that only a program can show"),
        Case("macros.xlsm", raw.xlsx((S, rows_of(*AB)), more={"xl/vbaProject.bin": b"x"}), AB, [("MACRO_IGNORED", "", None)], why="macros are not run, and told"),
    ]  # fmt: skip


def shapes() -> list[Case]:
    """Dimensions, namespaces, archives."""
    cells: Cells = [[str(name), str(number)] for name, number in BIG]
    return [
        Case("dimension_too_large.xlsx", raw.xlsx((S, rows_of(*AB)), before='<dimension ref="A1:XFD1048576"/>'), AB, manifest={"rows": 2}, why="a sheet that claims all cells there are"),
        Case("dimension_too_small.xlsx", raw.xlsx((S, rows_of(*BIG)), before='<dimension ref="A1"/>'), cells, manifest={"rows": 400}, why="a sheet that claims one cell"),
        Case("strict.xlsx", raw.xlsx((S, rows_of(*AB)), strict=True), AB, why="the strict form of OOXML, in which openpyxl finds no sheet"),
        Case("far_cell.xlsx", raw.xlsx((S, rows_of(*AB) + '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>完</t></is></c></row>')),
             [*AB, ["完", None]], manifest={"rows": 3}, why="a cell at the end of the sheet"),
        Case("offset.xlsx", written(lambda _, sheet: grid(sheet, AB, 4, 2)), AB, manifest={"rows": 2}, why="a table that begins at C5"),
        Case("no_sheet.xlsx", raw.xlsx(), None, error="no sheet|damaged", why="zero sheets are an error"),
        Case("entities.xlsx", raw.zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a "x">]><workbook>&a;</workbook>'}), None, error="damaged|no sheet", why="entities"),
        Case("bomb.xlsx", raw.zipped({"[Content_Types].xml": "<Types/>", "xl/worksheets/sheet1.xml": b" " * 80_000_000}), None, error="option ratio", why="a bomb is seen before it is opened"),
        Case("cut.xlsx", raw.xlsx((S, rows_of(*AB)))[:900], None, error="damaged", why="a transfer that broke off"),
        Case("locked.xlsx", locked(), None, error="password-protected", why="never told as damaged"),
        Case("unlocked.xlsx", locked(), AB, table={"password": "${CONFORMANCE_PASSWORD}"}, why="the mapping refers to the password"),
        Case("utf16_names.xlsx", raw.xlsx(("华东 & 华北", rows_of(*AB))), AB, why="a sheet name with characters that XML writes otherwise"),
    ]  # fmt: skip


def locked() -> bytes:
    """Return an encrypted workbook; its salt is random, so every making gives other bytes."""
    out = io.BytesIO()
    # The library writes packages below 4,096 bytes so that nobody can open them again.
    plain = raw.xlsx((S, rows_of(*AB)), more={"docProps/padding.bin": bytes((at * at) % 251 for at in range(9_000))})
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain + bytes(range(256)) * 16)).encrypt("secret", out)
    return out.getvalue()


def layouts() -> list[Case]:
    """Printed forms."""
    two: list[list[object]] = [
        ["客户编号", "名称", "金额"],
        ["K1", "启明", 12],
        ["K2", "远航", 3],
        [None],
        ["订单号", "日期", "数量", "客户"],
        ["D1", "2024-03-05", 7, "K1"],
        ["D2", "2024-03-06", 8, "K2"],
    ]
    customers = [["客户编号", "名称", "金额"], ["K1", "启明", "12"], ["K2", "远航", "3"]]

    def three_rows(_: Any, sheet: Any) -> None:
        grid(sheet, [["编号"], [], ["", "", "座机", "手机"], ["K1", "启明", "010-1", "139"], ["K2", "远航", "010-2", "138"]])
        sheet.merge_range(0, 0, 2, 0, "编号")
        sheet.merge_range(0, 1, 2, 1, "名称")
        sheet.merge_range(0, 2, 0, 3, "联系")
        sheet.merge_range(1, 2, 1, 3, "电话")

    def down(_: Any, sheet: Any) -> None:
        grid(sheet, [["区域", "名称"], ["", "启明"], ["", "远航"], ["", "三江"]])
        sheet.merge_range(1, 0, 3, 0, "华东")

    report: list[list[object]] = [
        ["销售汇总表"],
        ["单位：万元"],
        ["区域", "名称", "金额"],
        ["华东", "启明", 1],
        ["小计", None, 1],
        ["华北", "远航", 2],
        ["小  计", None, 2],
        ["合计", None, 3],
        [None],
        ["制表人：王芳"],
    ]
    return [
        Case("three_header_rows.xlsx", written(three_rows), [["编号", "名称", "联系/电话/座机", "联系/电话/手机"], ["K1", "启明", "010-1", "139"], ["K2", "远航", "010-2", "138"]],
             aside={"header_row": 3}, why="a header of three rows"),
        Case("merged_down.xlsx", written(down), [["区域", "名称"], ["华东", "启明"], ["华东", "远航"], ["华东", "三江"]], why="a value merged over its rows"),
        Case("report.xlsx", raw.xlsx((S, rows_of(*report))), [["区域", "名称", "金额"], ["华东", "启明", "1"], ["华北", "远航", "2"]], [],
             {"title_row": 1, "note_row": 1, "header_row": 1, "total_row": 3, "footer_row": 1}, why="title, notes, subtotals, total, footer"),
        Case("pages.xlsx", raw.xlsx((S, rows_of(["客户清单"], ["编号", "名称", "城市"], ["K1", "启明", "杭州"], ["客户清单"], ["编号", "名称", "城市"], ["K2", "远航", "宁波"]))),
             [["编号", "名称", "城市"], ["K1", "启明", "杭州"], ["K2", "远航", "宁波"]], [], {"title_row": 2, "header_row": 1, "repeated_header": 1}, why="title and header on every page"),
        Case("two_tables_mapped.xlsx", raw.xlsx((S, rows_of(*two))), customers, [("TABLE_SKIPPED", "S!R5", None)], {"header_row": 1, "other_table_row": 3},
             mapped=["客户编号", "名称", "金额"], why="of two tables the mapped one is read"),
        Case("two_tables_second.xlsx", raw.xlsx((S, rows_of(*two))), [["订单号", "日期", "数量", "客户"], ["D1", "2024-03-05", "7", "K1"], ["D2", "2024-03-06", "8", "K2"]],
             [("TABLE_SKIPPED", "S!R1", None)], {"header_row": 1, "other_table_row": 3}, mapped=["订单号", "数量", "日期"], why="also where it is the second"),
        Case("two_tables_pinned.xlsx", raw.xlsx((S, rows_of(*two))), customers, [], {"header_row": 1, "below_table_row": 3}, table={"header": [1], "last_row": 3}, why="the mapping pins the table"),
        Case("year_sheets.xlsx", raw.xlsx(("2022", rows_of(*AB)), ("2023", rows_of(AB[0], ["三江", "苏州"]))), [*AB, ["三江", "苏州"]], aside={"header_row": 2}, why="one sheet a year"),
        Case("blank_rows.xlsx", raw.xlsx((S, rows_of(AB[0], AB[1], [None], [" "], AB[2]))), AB, why="blank rows are no rows, and no end of the table"),
    ]  # fmt: skip


CASES = [*numbers_and_dates(), *cells_that_hide(), *shapes(), *layouts()]
