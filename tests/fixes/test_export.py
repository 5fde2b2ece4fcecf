"""The workbook of held rows: each problem once, values as they are, nothing that runs, nobody else's eyes."""

import stat

import openpyxl
import pytest

from crmetl.report.fixes import HIDDEN, as_written
from tests.fixes.shop import Sheet, Shop, titles


def sheet(shop: Shop, title: str, lang: str = "zh") -> Sheet:
    path = shop.export(lang=lang)
    book = openpyxl.load_workbook(path)
    return Sheet(book, book[title], path)


def test_each_row_with_a_problem_stands_there_once(shop: Shop) -> None:
    """A held customer is one row; its second line, its contacts and its orders are counted and not listed."""
    customers = sheet(shop, "客户表")

    rows = [(row[1], row[3], row[4], row[7], row[10]) for row in customers.texts()[1:]]
    assert rows == [
        ("customers.csv", "3", "业务员", "5", "K2"),
        ("customers.csv", "5", "编号", "1", "K3"),
        ("customers.csv", "6", "编号", "1", "K3"),
        ("customers.csv", "7", "名称", "2", "K4"),
    ]


def test_orders_of_a_row_that_waits_itself_are_not_listed(shop: Shop) -> None:
    """S4 names the customer K4, whose row is held; only S9, whose customer nobody knows, is a problem of its own."""
    orders = sheet(shop, "订单")

    assert [row[orders.heads.index("单号")] for row in orders.texts()[1:]] == ["S9"]
    assert orders.cell(0, "随之等待").value == "2"


def test_the_counts_are_told(shop: Shop) -> None:
    """JSON has rows, sources and the number of waiting records; one line on stderr warns of personal data."""
    done = shop.crmetl("fixes", "export", "latest", "-o", str(shop.folder / "a.xlsx"))

    assert done.json()["rows"] == 5
    assert done.json()["sources"] == {"customers": 4, "orders": 1}
    assert done.json()["waiting"] == 11
    assert done.err.count("personal data") == 1
    assert done.err.count("\n") == 1


def test_reason_and_fix_are_sentences_of_the_catalogue(shop: Shop) -> None:
    """The steward reads what is wrong and what to do, in the language of the command."""
    customers = sheet(shop, "Customers", lang="en")

    assert customers.cell(0, "What is wrong").value == "The owner is not in the table of owners"
    assert "values.yaml" in customers.cell(0, "What to do").value


def test_wrong_cells_are_marked(shop: Shop) -> None:
    """The cell in question is coloured, the others are not."""
    customers = sheet(shop, "客户表")

    marked = [head for head in customers.heads if customers.cell(0, head).fill.fill_type == "solid"]
    assert marked == ["业务员"]


def test_texts_stay_texts(shop: Shop) -> None:
    """Leading zeros, long digits and dates are written as text cells, also the empty ones, so that Excel leaves them alone."""
    customers = sheet(shop, "客户表")

    assert customers.cell(0, "备注").value == "007"
    assert customers.cell(3, "备注").value == "004512340000001234567"
    assert customers.cell(0, "建档").value == "2018.12.4"
    cells = [customers.cell(row, head) for row in range(4) for head in customers.heads]
    assert {cell.number_format for cell in cells} == {"@"}
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}


def test_no_cell_runs_a_formula(shop: Shop) -> None:
    """A value that begins like a formula is a text, and marked as one."""
    path = shop.folder / "files" / "customers.csv"
    path.write_text(path.read_text("utf-8").replace("2018.12.4,007", "2018.12.4,=HYPERLINK(1)"), "utf-8")
    run = shop.crmetl("plan").json()["run"]
    book = openpyxl.load_workbook(shop.export(run))
    cell = Sheet(book, book["客户表"], shop.folder).cell(0, "备注")

    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=HYPERLINK(1)", "s", True)


def test_the_id_is_hidden_and_so_is_the_sheet_of_facts(shop: Shop) -> None:
    """People do not see what they must not touch."""
    path = shop.export()
    book = openpyxl.load_workbook(path)

    assert book["客户表"].column_dimensions["A"].hidden
    assert book[HIDDEN].sheet_state == "hidden"
    assert titles(path) == ["客户表", "订单", "说明", HIDDEN]


def test_only_the_owner_may_read_it(shop: Shop) -> None:
    """The file has mode 0600."""
    assert stat.S_IMODE(shop.export().stat().st_mode) == 0o600


def test_a_file_in_which_somebody_may_be_working_is_not_overwritten(shop: Shop) -> None:
    """A second export to the same name is refused; another name is fine."""
    path = shop.export()

    again = shop.crmetl("fixes", "export", "latest", "-o", str(path))

    assert again.exit == 2
    assert "-o" in again.json()["error"]["next"]
    assert shop.export(name="other.xlsx").exists()


def test_nothing_held_gives_no_file(shop: Shop) -> None:
    """Where no row is held there is nothing to work on, and no file."""
    for name, head in (("customers", 2), ("orders", 2)):
        path = shop.folder / "files" / f"{name}.csv"
        path.write_text("\n".join(path.read_text("utf-8").splitlines()[:head]) + "\n", "utf-8")
    run = shop.crmetl("plan").json()["run"]

    done = shop.crmetl("fixes", "export", run)

    assert (done.exit, done.json()["file"], done.json()["rows"]) == (0, None, 0)


@pytest.mark.parametrize(("text", "written"), [(None, None), ("a\x0bb", "ab"), ("x" * 32_767, "x" * 32_767)])
def test_what_a_cell_can_hold(text: str | None, written: str | None) -> None:
    """Control characters that the file format forbids are left out; the longest cell fits."""
    assert as_written(text) == written
