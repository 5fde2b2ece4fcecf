"""What people and spreadsheet programs do to the workbook: harmless things are no change, the rest is refused by place."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from crmetl.extract.answers import Answer, read_answers
from crmetl.flows.fixes.handed_back import unchanged
from crmetl.report.fixes import HIDDEN
from tests.fixes.shop import Sheet, Shop, edited, put
from tests.fixes.test_import import came, stored


def sort(sheet: Sheet) -> None:
    """Turn the rows round, as a sort does."""
    rows = sheet.texts()[1:][::-1]
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.sheet.cell(at + 2, column + 1).value = value


def add_column(sheet: Sheet) -> None:
    sheet.sheet.cell(1, len(sheet.heads) + 1).value = "我的备注"
    sheet.cell(0, "我的备注").value = "问过了"


def move_action_last(sheet: Sheet) -> None:
    """Cut the column of actions and put it behind the others."""
    at = sheet.heads.index("处理") + 1
    for row in range(1, sheet.sheet.max_row + 1):
        sheet.sheet.cell(row, len(sheet.heads) + 1 if row == 1 else sheet.sheet.max_column).value = sheet.sheet.cell(
            row, at
        ).value
    sheet.sheet.delete_cols(at)


def test_sorting_filtering_and_deleting_rows_is_harmless(shop: Shop) -> None:
    """Rows are known by their id: in another order, fewer of them, one of them corrected, they mean the same."""
    file = edited(
        shop.export(),
        ("客户表", sort),
        ("客户表", put(("编号", "K2"), "业务员", "李娜")),
        ("客户表", lambda sheet: sheet.sheet.delete_rows(sheet.find("联系人", "何锐") + 2)),
        ("客户表", move_action_last),
    )

    done = came(shop, file).json()

    assert done["problems"] == []
    assert (done["corrected"], done["unchanged"], done["freed"]) == (1, 3, 4)


def test_what_a_spreadsheet_does_by_itself_is_no_change(shop: Shop) -> None:
    """007 shown as 7, a date text turned into a date, other line breaks, an edited reason: nothing was corrected."""
    file = edited(
        shop.export(),
        ("客户表", put(("编号", "K2"), "备注", 7)),
        ("客户表", put(("编号", "K2"), "建档", datetime(2018, 12, 4))),  # noqa: DTZ001 a spreadsheet's date has no zone
        ("客户表", put(("编号", "K2"), "手机", 13955523402)),
        ("客户表", put(("编号", "K2"), "问题", "知道了")),
        ("客户表", put(("编号", "K4"), "备注", 4512340000001234567.0)),
    )

    done = came(shop, file).json()

    assert (done["corrected"], done["unchanged"], done["problems"]) == (0, 5, [])


def test_pasted_numbers_and_dates_are_read_as_what_they_show(shop: Shop) -> None:
    """A phone pasted as 1.38E+10 is its eleven digits, a real date its ISO text."""
    file = edited(
        shop.export(),
        ("客户表", put(("编号", "K2"), "手机", 1.3800001111e10)),
        ("客户表", put(("编号", "K4"), "建档", datetime(2020, 2, 3))),  # noqa: DTZ001 a spreadsheet's date has no zone
    )

    came(shop, file)

    cells = dict(zip(stored(shop)["column"], stored(shop)["value"], strict=True))
    assert cells == {"手机": "13800001111", "建档": "2020-02-03"}


Edit = Callable[[Sheet], object]


def add_row(sheet: Sheet) -> None:
    sheet.sheet.cell(sheet.sheet.max_row + 1, sheet.heads.index("名称") + 1).value = "新客户有限公司"


def rename(sheet: Sheet) -> None:
    sheet.sheet.cell(1, sheet.heads.index("名称") + 1).value = "公司名称"


def drop_column(sheet: Sheet) -> None:
    sheet.sheet.delete_cols(sheet.heads.index("备注") + 1)


def copy_row(sheet: Sheet) -> None:
    """Copy a row below the others and change the copy."""
    last = sheet.sheet.max_row + 1
    for column, value in enumerate(sheet.texts()[1]):
        sheet.sheet.cell(last, column + 1).value = value
    sheet.sheet.cell(last, sheet.heads.index("业务员") + 1).value = "王磊"


def alter_id(sheet: Sheet) -> None:
    sheet.cell(0, "_id").value = "0" + str(sheet.cell(0, "_id").value)[1:]


def rename_sheet(sheet: Sheet) -> None:
    sheet.sheet.title = "客户表 改"


@pytest.mark.parametrize(
    ("edit", "where", "word"),
    [
        (add_row, "客户表!R6", "inserted"),
        (rename, "客户表!R1", "名称"),
        (drop_column, "客户表!R1", "备注"),
        (copy_row, "客户表!R6", "same row"),
        (alter_id, "客户表!R2", "altered"),
        (rename_sheet, "客户表 改", "name was changed"),
        (put(("编号", "K2"), "处理", "删"), "客户表!R2", "none of its words"),
        (put(("编号", "K2"), "处理", "剔除"), "客户表!R2", "reason"),
        (put(("编号", "K2"), "业务员", "=A1"), "客户表!R2", "formula"),
        (put(("编号", "K2"), "备注", "#N/A"), "客户表!R2", "formula error"),
        (put(("编号", "K2"), "备注", 12345678901234567), "客户表!R2", "15 digits"),
    ],
    ids=lambda one: one.__name__ if callable(one) else None,
)
def test_all_or_nothing(shop: Shop, edit: Edit, where: str, word: str) -> None:
    """One bad row refuses the file, with its place; the good correction in it is not taken either."""
    file = edited(shop.export(), ("客户表", put(("编号", "K4"), "名称", "南通四海五金有限公司")), ("客户表", edit))

    refused = came(shop, file)

    problems = [one for one in refused.json()["problems"] if one["severity"] == "error"]
    assert refused.exit == 2
    assert [one["where"] for one in problems] == [where]
    assert word in problems[0]["message"]
    assert (refused.json()["corrected"], refused.json()["planned"]) == (0, None)
    assert len(stored(shop)) == 0


def test_every_problem_is_listed(shop: Shop) -> None:
    """The steward gets all of them at once, each on a line with its place, and no value."""
    file = edited(
        shop.export(),
        ("客户表", put(("编号", "K2"), "处理", "剔除")),
        ("客户表", put(("编号", "K4"), "备注", "=SUM(1)")),
        ("订单", put(("单号", "S9"), "处理", "?")),
    )

    said = shop.said("fixes", "import", str(file)).screen

    assert said.splitlines()[0] == "Nothing of the file was imported; problems: 3"
    assert sorted(line.split(":")[0].strip() for line in said.splitlines()[1:]) == ["客户表!R2", "客户表!R5", "订单!R2"]
    assert "SUM" not in said


def test_leave_and_a_changed_cell_contradict_each_other(shop: Shop) -> None:
    """Nobody guesses which of the two was meant."""
    file = edited(
        shop.export(), ("客户表", put(("编号", "K2"), "业务员", "李娜")), ("客户表", put(("编号", "K2"), "处理", "保留"))
    )

    assert came(shop, file).exit == 2


def test_an_added_column_is_told_and_not_read(shop: Shop) -> None:
    """A steward's own notes do no harm; that they are not read is said."""
    done = came(shop, edited(shop.export(), ("客户表", add_column)))

    assert done.exit == 0
    assert [(one["severity"], "我的备注" in one["message"]) for one in done.json()["problems"]] == [("note", True)]


def test_a_title_above_the_headings_is_harmless(shop: Shop) -> None:
    """The heading row is found where it is."""
    done = came(shop, edited(shop.export(), ("客户表", lambda sheet: sheet.sheet.insert_rows(1, 2))))

    assert (done.exit, done.json()["unchanged"]) == (0, 5)


def test_a_workbook_of_another_project_is_refused(shop: Shop) -> None:
    """The run that it names is not here, or is another one of the same name."""
    file = shop.export()
    run = shop.crmetl("runs").json()["runs"][0]["run"]
    (shop.folder / "runs" / run / "run.json").write_text(
        (shop.folder / "runs" / run / "run.json").read_text("utf-8").replace('"plan": "', '"plan": "0'), "utf-8"
    )

    refused = came(shop, file)

    assert refused.exit == 2
    assert run in refused.json()["error"]["message"]


def test_a_run_that_climbs_out_of_the_folder_is_refused(shop: Shop) -> None:
    """A run is a name; a path in its place leads nowhere."""
    book = openpyxl.load_workbook(shop.export())
    book[HIDDEN]["B2"].value = "../runs"
    book.save(shop.folder / "bad.xlsx")

    assert came(shop, shop.folder / "bad.xlsx").exit == 2


def test_any_other_workbook_is_refused(shop: Shop) -> None:
    """A workbook without our facts, a text, a file that is not there."""
    book = openpyxl.Workbook()
    book.save(shop.folder / "other.xlsx")
    (shop.folder / "text.xlsx").write_text("a,b\n", "utf-8")

    assert came(shop, shop.folder / "other.xlsx").exit == 2
    assert came(shop, shop.folder / "text.xlsx").exit == 3
    assert came(shop, shop.folder / "none.xlsx").exit == 2


def test_a_damaged_workbook_is_refused_without_a_trace(shop: Shop) -> None:
    """Half a file is no file."""
    file = shop.export()
    file.write_bytes(file.read_bytes()[:3000])

    assert came(shop, file).exit == 3


@pytest.mark.parametrize(
    ("cell", "was", "same"),
    [
        (Answer("1026", "number"), "1,026.00", True),
        (Answer("1026.5", "number"), "1,026.00", False),
        (Answer("45356", "number"), "2024/3/5", False),
        (Answer("a\r\nb"), "a\nb", True),
        (Answer(" x "), "x", True),
        (Answer(None), None, True),
        (Answer(None), " ", True),
        (Answer("123456789012345680", "long_number"), "123456789012345678", True),
        (Answer("2024-03-05T10:00:00", "date"), "2024-03-05 10:00", True),
        (Answer("2024-03-06", "date"), "2024-03-05", False),
    ],
)
def test_what_counts_as_a_change(cell: Answer, was: str | None, *, same: bool) -> None:
    """Numbers are compared as numbers, dates as dates, texts without their line breaks and outer blanks."""
    assert unchanged(cell, was) == same


def test_answers_say_what_the_spreadsheet_made_of_a_cell(tmp_path: Path) -> None:
    """Text, number, date, formula and error are told apart; blank cells and rows at the end are not there."""
    book = openpyxl.Workbook()
    row = ["007", 7, 1.38e10, datetime(2024, 3, 5), "=A1", "#N/A", None, None]  # noqa: DTZ001 a spreadsheet's date has no zone
    book.create_sheet("Cells").append(row)
    book.save(tmp_path / "a.xlsx")

    found = read_answers(tmp_path / "a.xlsx")["Cells"]

    assert [(one.text, one.kind) for one in found[0]] == [
        ("007", "text"), ("7", "number"), ("13800000000", "number"), ("2024-03-05", "date"), (None, "formula"), (None, "error"),
    ]  # fmt: skip
