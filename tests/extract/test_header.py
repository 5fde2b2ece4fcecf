"""Finding the header of a table, a case a table."""

import pytest

from crmetl.extract.header import Merge, find_header, unique

Grid = list[list[str | None]]


def grid(text: str) -> Grid:
    """Read a small table: cells apart by `|`, `.` is blank."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return [[None if cell.strip() == "." else cell.strip() for cell in line.split("|")] for line in lines]


CASES: dict[str, tuple[str, tuple[Merge, ...], tuple[int, int], list[str | None]]] = {
    "first row": ("名称 | 电话\n启明 | 010-1\n远航 | 010-2", (), (0, 0), ["名称", "电话"]),
    "all text, all different": ("名称 | 城市\n启明 | 杭州\n远航 | 宁波", (), (0, 0), ["名称", "城市"]),
    "title above": ("客户清单 | . | .\n名称 | 电话 | 金额\n启明 | 010-1 | 12", (), (1, 1), ["名称", "电话", "金额"]),
    "title merged over all columns": (
        "客户清单 | . | .\n名称 | 电话 | 金额\n启明 | 010-1 | 12",
        (((0, 0), (0, 2)),),
        (1, 1),
        ["名称", "电话", "金额"],
    ),
    "notes with values above": (
        "制表日期：2024-03-05 | . | 单位：万元\n名称 | 电话 | 金额\n启明 | 010-1 | 12\n远航 | 010-2 | 13",
        (),
        (1, 1),
        ["名称", "电话", "金额"],
    ),
    "blank rows between title and header": (
        "客户清单 | .\n. | .\n. | .\n名称 | 电话\n启明 | 010-1",
        (),
        (3, 3),
        ["名称", "电话"],
    ),
    "two rows, groups merged over columns, single columns merged over rows": (
        "名称 | 联系方式 | . | 状态\n. | 电话 | 邮箱 | .\n启明 | 010-1 | a@b.cn | 正常",
        (((0, 0), (1, 0)), ((0, 1), (0, 2)), ((0, 3), (1, 3))),
        (0, 1),
        ["名称", "联系方式/电话", "联系方式/邮箱", "状态"],
    ),
    "two rows, groups merged only": (
        "客户 | . | 联系人 | .\n名称 | 税号 | 姓名 | 手机\n启明 | 91A | 张三 | 139",
        (((0, 0), (0, 1)), ((0, 2), (0, 3))),
        (0, 1),
        ["客户/名称", "客户/税号", "联系人/姓名", "联系人/手机"],
    ),
    "two rows in a text file, which has no merged cells": (
        "名称 | 联系方式 | . | 状态\n. | 电话 | 邮箱 | .\n启明 | 010-1 | a@b.cn | 正常",
        (),
        (0, 1),
        ["名称", "联系方式/电话", "联系方式/邮箱", "状态"],
    ),
    "a column without a heading is no second row": (
        "名称 | . | 城市\n启明 | 老客户 | 杭州\n远航 | 新客户 | 宁波",
        (),
        (0, 0),
        ["名称", None, "城市"],
    ),
    "header printed again": (
        "名称 | 金额\n启明 | 12\n名称 | 金额\n远航 | 13",
        (),
        (0, 0),
        ["名称", "金额"],
    ),
    "one column": ("名称\n启明\n远航", (), (0, 0), ["名称"]),
    "header alone": ("名称 | 电话", (), (0, 0), ["名称", "电话"]),
    "title and header alone": ("客户清单 | .\n名称 | 电话", (), (1, 1), ["名称", "电话"]),
    "English": (
        "Customers as of March | . | .\nName | E-mail | Since\nAcme | a@b.example | 2020-01-02",
        (),
        (1, 1),
        ["Name", "E-mail", "Since"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_header_is_found(case: str) -> None:
    """Header rows and names are found in each of the shapes that people give their sheets."""
    text, merges, rows, names = CASES[case]

    found = find_header(grid(text), merges=merges)

    assert found
    assert ((found.first, found.last), list(found.names)) == (rows, names)


def test_known_columns_decide() -> None:
    """A row that holds the mapped columns is the header, whatever else looks like one."""
    table = grid("大区 | 省 | 市\n名称 | 电话 | 城市\n启明 | 总机 | 杭州")

    found = find_header(table, known=frozenset({"名称", "电话"}))

    assert found
    assert found.first == 1


def test_pinned_rows_are_believed() -> None:
    """A header that the mapping pins is taken with full confidence; a pinned row beyond the sheet is none."""
    table = grid("客户 | .\n名称 | 电话\n启明 | 010-1")

    assert find_header(table, pinned=(1,)).names == ("名称", "电话")  # type: ignore[union-attr]
    assert find_header(table, pinned=(7,)) is None


def test_nothing_filled_has_no_header() -> None:
    """A sheet of blank rows has no header."""
    assert find_header([[None, None], [None, None]]) is None
    assert find_header([]) is None


def test_names_stay_different() -> None:
    """Repeated names are numbered, also when the number is taken, and lineage columns are never shadowed."""
    assert unique(["电话", "电话_2", "电话", "_row"], ["_row"]) == ["电话", "电话_2", "电话_3", "_row_2"]
