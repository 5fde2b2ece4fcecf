"""Workbooks: cells, headers, merged values, sheets."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from crmetl.errors import SourceError
from crmetl.extract.workbook.book import OpenpyxlBook
from crmetl.extract.workbook.facts import NONE
from crmetl.extract.workbook.xlsx_facts import xlsx_facts
from tests.extract.conftest import Reading, write_workbook


def test_cells_are_written_as_the_sheet_means_them(tmp_path: Path, read: Reading) -> None:
    """Whole numbers have no `.0`, fractions all digits, dates are ISO, a date at midnight has no time."""
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    hour, hours = book.add_format({"num_format": "hh:mm"}), book.add_format({"num_format": "[h]:mm"})
    for j, heading in enumerate(["整数", "小数", "日", "时刻", "真", "序列", "时间", "时长", "文字", "极小"]):
        sheet.write(0, j, heading)
    sheet.write(1, 0, 13912345678)
    sheet.write(1, 1, 0.1)
    sheet.write_datetime(1, 2, datetime(2024, 3, 5, tzinfo=UTC).replace(tzinfo=None), day)
    sheet.write_datetime(1, 3, datetime(2024, 3, 5, 14, 22, 10, tzinfo=UTC).replace(tzinfo=None), day)
    sheet.write(1, 4, True)
    sheet.write(1, 5, 45356)
    sheet.write(1, 6, 0.5, hour)
    sheet.write(1, 7, 1.5, hours)
    sheet.write_string(1, 8, " 007 ")
    sheet.write(1, 9, 0.0000125)
    book.close()

    assert read("a.xlsx").values() == [
        ["13912345678", "0.1", "2024-03-05", "2024-03-05T14:22:10", "TRUE", "45356", "12:00:00", "36:00:00", " 007 ", "0.0000125"]
    ]


def test_numbers_beyond_excels_digits_wait(tmp_path: Path, read: Reading) -> None:
    """A code of more than 15 digits that was stored as a number is already destroyed; its row waits."""
    write_workbook(tmp_path / "a.xlsx", {"S": [["编号", "名称"], [123456789012345678, "启明"], [12345, "远航"]]})

    got = read("a.xlsx")

    assert got.codes() == ["NUMBER_TRUNCATED"]
    assert got.extraction.held() == {got.rows.index[0]}


def test_error_cells_are_blank_and_told(tmp_path: Path, read: Reading) -> None:
    """A formula error is blank, with a finding at its row and column."""
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("客户")
    for j, heading in enumerate(["名称", "金额"]):
        sheet.write(2, j + 1, heading)
    for i, name in enumerate(["启明", "远航"]):
        sheet.write(i + 3, 1, name)
    sheet.write_formula(3, 2, "=1/0", None, "#DIV/0!")
    sheet.write_number(4, 2, 7)
    book.close()

    got = read("a.xlsx")

    assert got.values() == [["启明", None], ["远航", "7"]]
    found = got.extraction.findings.iloc[0]
    assert (found["code"], found["column"], found["place"], found["rid"]) == (
        "CELL_ERROR", "金额", "a.xlsx!客户!R4", got.rows.index[0],
    )  # fmt: skip


def test_printed_form_becomes_a_table(tmp_path: Path, read: Reading) -> None:
    """Title, two-row header, regions merged downwards, subtotals, total and footer: rows have their region, the rest is aside."""
    cells: list[list[object]] = [
        ["华东客户清单"],
        ["制表日期：2024-03-05", None, None, "单位：万元"],
        ["区域", "客户名称", "联系方式", None],
        [None, None, "电话", "邮箱"],
        ["华东", "启明", 13900000001, "a@b.cn"],
        [None, "远航", 13900000002, "c@d.cn"],
        ["小 计", None, 2, None],
        ["华北", "三江", 13900000003, "e@f.cn"],
        [None, "四海", 13900000004, None],
        ["合计", None, 4, None],
        ["制表人：王芳   审核：李强"],
    ]
    merges = [
        (0, 0, 0, 3, "华东客户清单"), (2, 0, 3, 0, "区域"), (2, 1, 3, 1, "客户名称"), (2, 2, 2, 3, "联系方式"),
        (4, 0, 5, 0, "华东"), (7, 0, 8, 0, "华北"),
    ]  # fmt: skip
    write_workbook(tmp_path / "a.xlsx", {"清单": cells}, merges=merges)

    got = read("a.xlsx")

    assert got.extraction.columns == ("区域", "客户名称", "联系方式/电话", "联系方式/邮箱")
    assert [row[0] for row in got.values()] == ["华东", "华东", "华北", "华北"]
    assert {rule: len(places) for rule, places in got.aside().items()} == {
        "title_row": 1, "note_row": 1, "header_row": 2, "total_row": 2, "footer_row": 1,
    }  # fmt: skip
    table = got.extraction.manifest[0].tables[0]
    assert (table.header, table.range, table.rows, table.filled_down) == ((3, 4), "A3:D9", 4, 2)


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_merged_values_reach_over_chunks(chunk: int, tmp_path: Path, read: Reading) -> None:
    """A merged value fills all its rows, wherever the chunks are cut."""
    cells: list[list[object]] = [["区域", "名称"], ["华东", "a"], [None, "b"], [None, "c"], [None, "d"]]
    write_workbook(tmp_path / "a.xlsx", {"S": cells}, merges=[(1, 0, 4, 0, "华东")])

    got = read("a.xlsx", chunk=chunk)

    assert got.values() == [["华东", name] for name in "abcd"]


def test_header_repeated_on_every_page_is_set_aside(tmp_path: Path, read: Reading) -> None:
    """Title and header that are printed again are no rows."""
    head: list[list[object]] = [["客户清单"], ["编号", "名称", "城市"]]
    rows: list[list[object]] = [*head, ["K1", "启明", "杭州"], *head, ["K2", "远航", "宁波"]]
    write_workbook(tmp_path / "a.xlsx", {"S": rows})

    got = read("a.xlsx")

    assert [row[0] for row in got.values()] == ["K1", "K2"]
    assert got.aside() == {
        "title_row": ["a.xlsx!S!R1", "a.xlsx!S!R4"],
        "header_row": ["a.xlsx!S!R2"],
        "repeated_header": ["a.xlsx!S!R5"],
    }


def test_hidden_sheet_is_counted_not_read(tmp_path: Path, read: Reading) -> None:
    """A hidden sheet is left out with a finding and its rows counted; naming it reads it."""
    sheets = {"客户": [["名称", "城市"], ["启明", "杭州"]], "旧表": [["名称", "城市"], ["远航", "宁波"], ["三江", "苏州"]]}
    write_workbook(tmp_path / "a.xlsx", sheets, hidden=["旧表"])

    got = read("a.xlsx")

    assert got.values() == [["启明", "杭州"]]
    assert (got.codes(), len(got.aside()["hidden_sheet_row"])) == (["SHEET_HIDDEN"], 3)
    assert got.extraction.manifest[0].hidden == ("旧表",)
    assert len(read("a.xlsx", table={"sheet": "旧表"}).rows) == 2


def test_sheets_with_the_mapped_columns_are_read(tmp_path: Path, read: Reading) -> None:
    """Of many sheets those with the mapped columns are read; the rows of others are aside, and said."""
    sheets = {
        "说明": [["填写说明"], ["请勿改动表头"]],
        "杭州": [["名称", "城市"], ["启明", "杭州"]],
        "宁波": [["城市", "名称", "备注"], ["宁波", "远航", "新"]],
    }
    write_workbook(tmp_path / "a.xlsx", sheets)
    columns = {"名称": {"to": ("account.name",)}, "城市": {"to": ("account.city",)}}

    got = read("a.xlsx", columns=columns)

    assert got.rows["名称"].tolist() == ["启明", "远航"]
    assert got.codes() == ["SHEET_SKIPPED"]
    assert len(got.aside()["unmapped_sheet_row"]) == 2


def test_without_mapped_columns_the_likeliest_sheet_is_read(tmp_path: Path, read: Reading) -> None:
    """Where no sheet has the mapped columns the nearest one is read, so that mapping can say which are missing."""
    sheets = {"一": [["甲", "乙"], ["1", "2"]], "二": [["名称", "丙", "丁"], ["启明", "2", "3"]]}
    write_workbook(tmp_path / "a.xlsx", sheets)
    columns = {one: {"to": ("account.name",)} for one in ("名称", "城市", "电话")}

    got = read("a.xlsx", columns=columns)

    assert got.extraction.columns == ("名称", "丙", "丁")


def test_pinned_header_and_sheet(tmp_path: Path, read: Reading) -> None:
    """The mapping pins sheet and header rows as a spreadsheet counts them."""
    sheets: dict[str, list[list[object]]] = {"一": [["x"]], "二": [["名称", "城市"], ["公司名", "所在地"], ["启明", "杭州"]]}
    write_workbook(tmp_path / "a.xlsx", sheets)

    got = read("a.xlsx", table={"sheet": "二", "header": (2,)})

    assert got.extraction.columns == ("公司名", "所在地")
    assert got.aside() == {"note_row": ["a.xlsx!二!R1"], "header_row": ["a.xlsx!二!R2"], "other_sheet_row": ["a.xlsx!一!R1"]}


def test_pinned_header_that_is_not_there_is_refused(tmp_path: Path, read: Reading) -> None:
    """A pinned row beyond the sheet is an error about the mapping, not an empty table."""
    write_workbook(tmp_path / "a.xlsx", {"S": [["名称", "城市"], ["启明", "杭州"]]})

    with pytest.raises(SourceError, match=r"table\.header"):
        read("a.xlsx", table={"header": (9,)})


def test_columns_keep_their_letters(tmp_path: Path, read: Reading) -> None:
    """A table that begins in column C is found, and an unnamed column is called by its place in the sheet."""
    cells: list[list[object]] = [[None], [None, None, "名称", None, "城市"], [None, None, "启明", "旧", "杭州"]]
    write_workbook(tmp_path / "a.xlsx", {"S": cells})

    got = read("a.xlsx")

    assert got.extraction.columns == ("名称", "城市", "#4")
    assert got.extraction.manifest[0].tables[0].range == "C2:E3"


def test_sheet_without_rows(tmp_path: Path, read: Reading) -> None:
    """A header alone has its columns and no rows; an empty sheet beside it, as Excel makes them, is nothing; alone it is told."""
    write_workbook(tmp_path / "a.xlsx", {"空": [], "头": [["名称", "城市"]]})

    got = read("a.xlsx")

    assert (len(got.rows), got.extraction.columns, got.codes()) == (0, ("名称", "城市"), [])
    write_workbook(tmp_path / "b.xlsx", {"空": []})
    assert read("b.xlsx").codes() == ["FILE_EMPTY"]


def test_suffix_may_lie(tmp_path: Path, read: Reading) -> None:
    """A workbook named .xls or .csv, and a CSV named .xls, are read for what they are."""
    write_workbook(tmp_path / "a.xlsx", {"S": [["名称", "城市"], ["启明", "杭州"]]})
    (tmp_path / "a.xlsx").rename(tmp_path / "a.csv")
    (tmp_path / "b.xls").write_text("名称,城市\n远航,宁波\n")

    assert read("*.*").values() == [["启明", "杭州"], ["远航", "宁波"]]


def test_second_engine_reads_the_same(tmp_path: Path) -> None:
    """openpyxl, which steps in where calamine fails, tells rows, merges, errors and hidden sheets in the same words."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "客户"
    for row in (["名称", "金额", "日期"], ["启明", 12.5, date(2024, 3, 5)], ["远航", "#N/A", time(9, 30)]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.create_sheet("旧表").sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")

    opened = OpenpyxlBook(tmp_path / "a.xlsx")
    rows, where = opened.rows("客户")

    assert opened.hidden == ("旧表",)
    assert where.merges == [((1, 0), (2, 0))]
    assert where.facts.errors == {(2, 1)}
    assert len(list(rows)) == 3
    opened.close()


def test_error_cells_of_other_files_are_none(tmp_path: Path) -> None:
    """Only workbooks of XML tell their error cells; a broken one gives none rather than an exception."""
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    write_workbook(tmp_path / "b.xlsx", {"S": [["a"]]})

    assert xlsx_facts(tmp_path / "a.xls", "S") == NONE
    assert xlsx_facts(tmp_path / "b.xlsx", "T") == NONE
