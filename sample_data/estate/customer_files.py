"""The customer files: how each branch lays out what it knows."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from random import Random

from sample_data.estate.people import USERS
from sample_data.estate.rows import COMPANY_CELLS, Cell, Row, east_sheet
from sample_data.estate.sheets import Sheet, workbook, write_csv

EAST = "客户/华东客户.xlsx"
SOUTH = "客户/华南客户.xlsx"
NORTH = "客户/北方客户.xlsx"
ABROAD = "客户/overseas_customers.csv"
ERP = "系统/ERP客户档案.csv"
EVENT = "活动/展会签到.xlsx"
LOGINS = "系统/用户.csv"
FILES = {"east": EAST, "south": SOUTH, "north": NORTH, "abroad": ABROAD, "erp": ERP, "event": EVENT}

COUNTRY = {
    "US": ("United States", "USA", "U.S.A.", "US"),
    "GB": ("United Kingdom", "UK", "Great Britain"),
    "DE": ("Germany", "DE", "Deutschland"),
    "JP": ("Japan", "JP"),
    "SG": ("Singapore", "SG"),
}
FAIR = ("2024华东智能制造展", "2024-05-16")

Columns = dict[str, str]
"""Heading -> cell of the row; "" for a column that is filled otherwise."""


def value(row: Row, cell: str) -> Cell:
    """Return a cell as it stands in the file; a further line of a customer repeats the first line's company cells."""
    if cell == "code":
        return row.code
    if cell == "phones":
        return _phones(row)
    owner = row.lead if row.lead and cell in COMPANY_CELLS else row
    return owner.cells.get(cell, "")


def _phones(row: Row) -> Cell:
    """One cell for all numbers: what dirt put there, or the mobile, or the landline where there is no mobile."""
    told = row.cells.get("phones", "")
    if row.lead:
        landline = row.lead.company.landline
        shown = landline in str(row.lead.cells.get("phones", ""))
        mobile = str(row.cells.get("mobile", "")) or row.company.landline
        return f"{landline}/{mobile}" if shown and mobile != landline else row.cells.get("mobile", "")
    return told or row.cells.get("mobile", "") or row.cells.get("landline", "")


def _line(row: Row, columns: Columns) -> list[Cell]:
    return [value(row, cell) if cell else "" for cell in columns.values()]


EAST_COLUMNS: Columns = {
    "序号": "", "客户编号": "code", "客户名称": "name", "联系人": "person", "电话": "phones", "邮箱": "email", "地址": "address",
    "所属行业": "industry", "建档日期": "since", "经营状态": "status", "业务员": "owner", "累计成交(万元)": "", "备注": "remark",
}  # fmt: skip


def east(path: Path, rows: Sequence[Row], rng: Random) -> None:
    """A sheet a province; title and note above the header, a total row below."""
    with workbook(path) as book:
        for name, group in groupby(rows, key=lambda row: east_sheet(row.company)):
            lines = list(group)
            sheet = Sheet(book, name, (6, 10, 30, 12, 26, 26, 36, 12, 14, 10, 10, 14, 20))
            sheet.title(f"澜川自动化 华东分公司 客户一览表（{name}）", len(EAST_COLUMNS))
            sheet.row(["", "制表人：李娜", "", "", "", "", "", "", "", "", "制表日期：2024-06-30"])
            sheet.header(list(EAST_COLUMNS))
            total = 0
            for number, row in enumerate(lines, 1):
                bought = rng.randint(0, 380)
                total += bought
                cells = _line(row, EAST_COLUMNS)
                cells[0], cells[-2] = number, bought
                row.place = (name, sheet.row(cells))
            sheet.row(["合计", "", f"{len({row.code for row in lines})} 家", *[""] * 8, total])
            sheet.row(["注：已注销客户仅保留备查，不再跟进；电话栏可填两个号码。"])


SOUTH_COLUMNS: Columns = {
    "名称": "name", "统一社会信用代码": "uscc", "姓名": "person", "职务": "title", "手机": "mobile", "座机": "landline", "邮箱": "email",
    "地址": "address", "状态": "status", "跟进人": "owner", "备注": "remark",
}  # fmt: skip
SOUTH_GROUPS = (("客户", 2, 3), ("联系人", 4, 6), ("联系方式", 7, 9))


def south(path: Path, rows: Sequence[Row], rng: Random) -> None:
    """A two-row header; province and city are merged downwards."""
    del rng
    with workbook(path) as book:
        sheet = Sheet(book, "华南客户", (8, 8, 30, 22, 12, 12, 16, 18, 26, 36, 8, 10, 24))
        names = ["省份", "城市", *SOUTH_COLUMNS]
        for text, first, last in SOUTH_GROUPS:
            sheet.page.merge_range(0, first, 0, last, text, sheet.bold)
        for at, name in enumerate(names):
            if any(first <= at <= last for _, first, last in SOUTH_GROUPS):
                sheet.page.write_string(1, at, name, sheet.bold)
            else:
                sheet.page.merge_range(0, at, 1, at, name, sheet.bold)
        sheet.line = 3
        for row in rows:
            row.place = ("华南客户", sheet.row(["", "", *_line(row, SOUTH_COLUMNS)]))
        for at, cell in ((0, _province), (1, _town)):
            for names_above, group in groupby(rows, key=cell):
                lines = [row.place[1] for row in group]
                sheet.merge_down(at, lines[0], lines[-1], names_above[-1])


def _province(row: Row) -> tuple[str, ...]:
    return (str(value(row, "region")),)


def _town(row: Row) -> tuple[str, ...]:
    return (str(value(row, "region")), str(value(row, "city")))


NORTH_COLUMNS: Columns = {
    "编号": "code", "单位名称": "name", "税号": "uscc", "单位地址": "address", "电话": "landline", "联系人": "person", "手机": "mobile",
    "E-mail": "email", "行业": "industry", "建档日期": "since", "状态": "status", "客户经理": "owner", "备注": "remark",
}  # fmt: skip


def north(path: Path, rows: Sequence[Row], rng: Random) -> None:
    """A plain sheet, with last year's list hidden beside it."""
    with workbook(path) as book:
        sheet = Sheet(book, "客户", (12, 30, 22, 36, 18, 12, 18, 26, 12, 14, 8, 10, 20))
        sheet.header(list(NORTH_COLUMNS))
        for row in rows:
            row.place = ("客户", sheet.row(_line(row, NORTH_COLUMNS)))
        old = Sheet(book, "2022旧表", ())
        old.header(list(NORTH_COLUMNS))
        for row in rng.sample(list(rows), min(9, len(rows))):
            cells = _line(row, NORTH_COLUMNS)
            cells[5:8] = ["（已离职）", "", ""]
            old.row(cells)
        old.page.hide()


ABROAD_COLUMNS: Columns = {
    "Customer ID": "code", "Company": "name", "Contact": "person", "Job Title": "title", "E-mail": "email", "Phone": "landline",
    "Mobile": "mobile", "Address": "address", "City": "city", "State": "region", "Postcode": "postcode", "Country": "", "Status": "status",
    "Account Manager": "owner", "Customer Since": "since", "Notes": "remark",
}  # fmt: skip


def abroad(path: Path, rows: Sequence[Row], rng: Random) -> None:
    """UTF-8 with a byte order mark; countries and dates as each office writes them."""
    lines = []
    words: dict[str, str] = {}
    for row in rows:
        cells = _line(row, ABROAD_COLUMNS)
        at = list(ABROAD_COLUMNS).index("Country")
        cells[at] = words.setdefault(row.code, rng.choice(COUNTRY[row.company.country]))
        day = value(row, "since")
        if not isinstance(day, str) and not isinstance(day, int) and row.code[-1] in "3579":
            cells[at + 3] = f"{day.day}-{'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split()[day.month - 1]}-{day.year}"
        lines.append(cells)
    start = write_csv(path, list(ABROAD_COLUMNS), lines, encoding="utf-8-sig")
    for number, row in enumerate(rows, start):
        row.place = ("", number)


ERP_COLUMNS: Columns = {
    "客户代码": "code", "客户全称": "name", "纳税人识别号": "uscc", "开票地址": "address", "开票电话": "landline", "所属行业": "industry",
}  # fmt: skip


def erp(path: Path, rows: Sequence[Row], rng: Random) -> None:
    """The accounting system's customer list, GB18030: no people, but full names and credit codes."""
    del rng
    start = write_csv(path, list(ERP_COLUMNS), [_line(row, ERP_COLUMNS) for row in rows], encoding="gb18030")
    for number, row in enumerate(rows, start):
        row.place = ("", number)


EVENT_COLUMNS: Columns = {"姓名": "person", "公司": "name", "职务": "title", "手机": "mobile", "邮箱": "email"}


def event(path: Path, rows: Sequence[Row], rng: Random) -> None:
    """Who signed in at the fair, in their own hand: short names, no customer numbers."""
    names = ["序号", "活动名称", "活动日期", *EVENT_COLUMNS, "签到情况"]
    with workbook(path) as book:
        sheet = Sheet(book, "签到", (6, 22, 12, 12, 30, 14, 18, 28, 10))
        sheet.title(f"{FAIR[0]} 展位签到表", len(names))
        sheet.header(names)
        for number, row in enumerate(rows, 1):
            came = rng.choice(("已签到", "已签到", "已签到", "已报名未到"))
            row.place = ("签到", sheet.row([number, *FAIR, *_line(row, EVENT_COLUMNS), came]))
        sheet.row(["", "现场负责人签字：", "", "", "", "", "", "", ""])


def users(path: Path) -> None:
    """The logins of the new CRM."""
    departments = {
        "east": "华东分公司",
        "south": "华南分公司",
        "north": "北方分公司",
        "abroad": "海外部",
        "service": "售后服务部",
    }
    write_csv(
        path,
        ("登录名", "姓名", "邮箱", "部门", "在职"),
        [(one.login, one.name, one.email(), departments[one.branch], "是" if one.active else "否") for one in USERS],
    )


WRITERS: dict[str, Callable[[Path, Sequence[Row], Random], None]] = {
    "east": east, "south": south, "north": north, "abroad": abroad, "erp": erp, "event": event,
}  # fmt: skip
