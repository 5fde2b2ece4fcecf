"""A small project of users, customers and orders, with one row for every way in which a row is held."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from crmetl.workspace import Workspace
from tests.commands import Commanded

ROOT = Path(__file__).parents[2]

SETTINGS = """
name: {zh: 小店, en: Shop}
source_root: ../files
runs: ../runs
target: {url: "sqlite:///../crm.db"}
approval: false
gates:
  - {name: held, measure: held_share, limit: 0.9}
"""
USERS = """
source: users
system: crm
reads: users.csv
entities: {crm_user: {key: 登录名}}
columns:
  登录名: {to: crm_user.login, required: true}
  姓名: {to: crm_user.full_name}
"""
CUSTOMERS = """
source: customers
label: {zh: 客户表, en: Customers}
system: shop
reads: customers.csv
entities: {account: {key: 编号}}
columns:
  编号: {drop: 编号进来源对照表}
  名称: {to: account.name, required: true}
  联系人: {to: contact.full_name}
  手机: {to: contact.mobile}
  业务员: {to: account.owner, values: owners}
  建档: {to: account.since}
  备注: {to: account.remark}
"""
ORDERS = """
source: orders
label: {zh: 订单, en: Orders}
system: shop
reads: orders.csv
entities:
  sales_order: {key: 单号, on_repeat: first}
  order_line: {key: [单号, 行]}
columns:
  单号: {to: sales_order.order_no, required: true}
  行: {to: order_line.line_no}
  客户: {to: sales_order.account.key}
  日期: {to: sales_order.ordered_on}
  产品: {to: order_line.product}
  金额: {to: order_line.amount}
"""
FILES = {
    "users.csv": "登录名,姓名\nwanglei,王磊\nlina,李娜\n",
    "customers.csv": (
        "编号,名称,联系人,手机,业务员,建档,备注\n"
        "K1,苏州启明机械有限公司,周明,13955523401,王磊,2023-02-01,=1+2\n"
        "K2,宁波海川模具有限公司,陈海,13955523402,周倩,2018.12.4,007\n"
        "K2,宁波海川模具有限公司,林川,13955523403,周倩,2018.12.4,\n"
        "K3,无锡锐成轴承有限公司,何锐,13955523404,李娜,2022-05-06,\n"
        "K3,常州蓝科仪器有限公司,蓝天,13955523405,李娜,2022-05-07,\n"
        "K4,,马可,13955523406,王磊,2021-01-01,004512340000001234567\n"
    ),
    "orders.csv": (
        "单号,行,客户,日期,产品,金额\n"
        "S1,1,K1,2024-01-02,轴承,100\n"
        "S2,1,K2,2024-01-03,模具,200\n"
        "S2,2,K2,2024-01-03,模架,210\n"
        "S4,1,K4,2024-01-04,探头,300\n"
        "S9,1,K9,2024-01-05,阀门,900\n"
        "S9,2,K9,2024-01-05,阀座,910\n"
    ),
}


def build(folder: Path) -> Path:
    """Write the project and its files."""
    texts = {"crmetl.yaml": SETTINGS}
    texts |= {f"sources/{name}.yaml": text for name, text in (("users", USERS), ("customers", CUSTOMERS), ("orders", ORDERS))}
    for name, text in texts.items():
        path = folder / "mappings" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for name in ("schema.yaml", "rules/values.yaml"):
        (folder / "mappings" / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "mappings" / name, folder / "mappings" / name)
    (folder / "files").mkdir()
    for name, text in FILES.items():
        (folder / "files" / name).write_text(text, "utf-8")
    return folder


@dataclass(frozen=True)
class Shop(Commanded):
    """A copy of the project that a test may work on."""

    def export(self, run: str = "latest", name: str = "held.xlsx", lang: str = "zh") -> Path:
        """Export the held rows."""
        path = self.folder / name
        assert self.crmetl("fixes", "export", run, "-o", str(path), lang=lang).exit == 0
        return path

    def workspace(self, run: str) -> Workspace:
        """Return a run folder."""
        return Workspace(self.folder / "runs" / run)

    def rows(self, run: str, source: str) -> pd.DataFrame:
        """Return the rows of a source as they ran."""
        return self.workspace(run).needed(f"rows/{source}")


@dataclass
class Sheet:
    """A sheet of the workbook in a person's hands."""

    book: Any
    sheet: Any
    path: Path

    @property
    def heads(self) -> list[str]:
        """Return the headings."""
        return [str(cell.value) for cell in self.sheet[1]]

    def cell(self, row: int, head: str) -> Any:
        """Return a cell by the number of its row below the headings, from 0."""
        return self.sheet.cell(row + 2, self.heads.index(head) + 1)

    def find(self, head: str, text: str) -> int:
        """Return the row that has a text in a column."""
        return next(row for row in range(self.sheet.max_row - 1) if self.cell(row, head).value == text)

    def put(self, key: tuple[str, str], head: str, value: object) -> None:
        """Write into the row that `key` (heading, text) names."""
        self.cell(self.find(*key), head).value = value

    def texts(self) -> list[list[Any]]:
        """Return all rows."""
        return [[cell.value for cell in row] for row in self.sheet.iter_rows()]


def edited(path: Path, *edits: tuple[str, Callable[[Sheet], object]], save_as: str | None = None) -> Path:
    """Open the workbook, let a person work in its sheets, and save it."""
    book = openpyxl.load_workbook(path)
    for title, edit in edits:
        edit(Sheet(book, book[title], path))
    out = path.with_name(save_as or f"back-{path.name}")
    book.save(out)
    book.close()
    return out


def put(key: tuple[str, str], head: str, value: object) -> Callable[[Sheet], object]:
    """Return the edit that writes one cell."""
    return lambda sheet: sheet.put(key, head, value)


def titles(path: Path) -> Sequence[str]:
    """Return the titles of the sheets."""
    book = openpyxl.load_workbook(path, read_only=True)
    names = list(book.sheetnames)
    book.close()
    return names
