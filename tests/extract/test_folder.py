"""Looking over a folder."""

from pathlib import Path

from crmetl.extract import inventory
from tests.extract.conftest import write_workbook


def test_monthly_files_are_one_source(tmp_path: Path) -> None:
    """Files of one folder and layout are one source, read by one glob."""
    for month in ("2024-01", "2024-02"):
        (tmp_path / f"订单{month}.csv").write_text(f"订单号,金额\nD{month},5\n")
    (tmp_path / "客户.csv").write_text("编号,名称\nK1,启明\n")

    found = inventory([tmp_path])

    assert [(one.name, one.reads, one.rows) for one in found] == [("客户", ("客户.csv",), 1), ("订单", ("订单2024-0*.csv",), 2)]
    assert found[1].frame["订单号"].tolist() == ["D2024-01", "D2024-02"]


def test_glob_that_means_more_is_not_used(tmp_path: Path) -> None:
    """Where a glob would take in other files, the paths are listed."""
    for name, head in (("a1", "x,y"), ("a2", "p,q"), ("a3", "x,y")):
        (tmp_path / f"{name}.csv").write_text(f"{head}\n1,2\n")

    found = {one.columns: one.reads for one in inventory([tmp_path])}

    assert found == {("x", "y"): ("a1.csv", "a3.csv"), ("p", "q"): ("a2.csv",)}


def test_sheets_of_other_layouts_are_sources_of_their_own(tmp_path: Path) -> None:
    """Sheets of one layout are one source, others their own, named after the sheet."""
    sheets: dict[str, list[list[object]]] = {
        "一月": [["名称", "额"], ["a", 1]],
        "二月": [["名称", "额"], ["b", 2]],
        "人员": [["姓名", "电话"], ["张三", "139"]],
    }
    write_workbook(tmp_path / "客户.xlsx", sheets)

    found = inventory([tmp_path])

    assert [(one.name, one.sheet, one.rows) for one in found] == [("客户", "*", 2), ("客户_人员", "人员", 1)]


def test_kinds_are_told_apart(tmp_path: Path) -> None:
    """Mailboxes and chats are known, other files are named with their problem, hidden ones are left."""
    (tmp_path / "a.mbox").write_text("From x Tue Mar  5 14:22:10 2024\nFrom: w@out.example\n\nx\n")
    (tmp_path / "b.txt").write_text("2024-03-05 14:22:10 张三\n您好\n2024-03-05 14:23:10 李四\n好\n")
    (tmp_path / "c.pdf").write_bytes(b"%PDF")
    (tmp_path / "d.xlsx").write_bytes(b"PK\x03\x04 cut")
    (tmp_path / "~$d.xlsx").write_bytes(b"x")
    counted: list[int] = []

    found = inventory([tmp_path], progress=counted.append)

    assert [(one.files[0], one.format, one.problem is None) for one in found] == [
        ("a.mbox", "mbox", True), ("b.txt", "chat", True), ("c.pdf", None, False), ("d.xlsx", "table", False),
    ]  # fmt: skip
    assert len(counted) == 4


def test_rows_are_counted_beyond_those_kept(tmp_path: Path) -> None:
    """A long table is counted whole, and its first rows are kept."""
    (tmp_path / "a.csv").write_text("编号,名称\n" + "".join(f"K{n},启明{n}\n" for n in range(50)))

    found = inventory([tmp_path / "a.csv"], most=10)

    assert (found[0].rows, len(found[0].frame)) == (50, 10)


def test_empty_folder_and_empty_tables(tmp_path: Path) -> None:
    """Nothing in, nothing out; a header alone is a source of no rows."""
    assert inventory([tmp_path]) == ()
    (tmp_path / "a.csv").write_text("编号,名称\n")

    found = inventory([tmp_path])

    assert (found[0].rows, list(found[0].frame.columns)) == (0, ["编号", "名称"])
