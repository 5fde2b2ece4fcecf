"""A small project whose customers resemble each other, and what a person does with its doubtful pairs."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from crmetl.store import Store, open_store
from tests.commands import Commanded

ROOT = Path(__file__).parents[2]

SETTINGS = """
name: {zh: 小公司, en: Firm}
source_root: ../files
runs: ../runs
target: {url: "sqlite:///../crm.db"}
approval: false
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
  电话: {to: account.phone}
  城市: {to: account.city}
  联系人: {to: contact.full_name}
  手机: {to: contact.mobile}
"""
ASKING = """
account:
  comparisons: [{field: name}, {field: phone}, {field: city}, {field: contact.full_name}]
  cut: 40
  review: -20
contact:
  within: account
  comparisons: [{field: full_name}, {field: mobile}]
"""
"""Nothing merges by itself, whatever resembles is asked about."""
MERGING = ASKING.replace("cut: 40", "cut: 0\n  existing: merge")
ROWS = (
    "K1,上海澜川机械有限公司,021-61234567,上海,周宁,13955523401",
    "K2,上海瀚川机械有限公司,021-61234567,上海,王敏,18612340987",
    "K3,苏州启明仪器有限公司,0512-61234567,苏州,=HYPERLINK(1),15077770011",
    "K4,苏州启铭仪器有限公司,0512-61234567,苏州,陈海,17790905566",
)


def build(folder: Path) -> Path:
    """Write the project and its file."""
    texts = {"crmetl.yaml": SETTINGS, "sources/customers.yaml": CUSTOMERS, "rules/match.yaml": ASKING}
    for name, text in texts.items():
        path = folder / "mappings" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for name in ("schema.yaml", "rules/values.yaml"):
        shutil.copy(ROOT / "mappings" / name, folder / "mappings" / name)
    (folder / "files").mkdir()
    write_rows(folder, *ROWS)
    return folder


def write_rows(folder: Path, *rows: str) -> None:
    """Write the customers' file."""
    (folder / "files" / "customers.csv").write_text("\n".join(["编号,名称,电话,城市,联系人,手机", *rows]) + "\n", "utf-8")


@dataclass(frozen=True)
class Firm(Commanded):
    """A copy of the project that a test may work on."""

    def match(self, text: str) -> None:
        """Change the rules of matching."""
        (self.folder / "mappings" / "rules" / "match.yaml").write_text(text, "utf-8")

    def plan(self) -> dict[str, Any]:
        """Plan again."""
        ran = self.crmetl("plan")
        assert 0 == ran.exit, ran.out
        return ran.json()

    def doubtful(self, run: str = "latest") -> int:
        """Return how many pairs a run asks about; runs of one second are told apart by their names."""
        return int(self.crmetl("review", "export", run, "-o", str(self.folder / f"count-{run}.html")).json()["pairs"])

    def export(self, name: str = "pairs.xlsx", *more: str, lang: str = "en") -> Path:
        """Export the pairs of the latest run."""
        path = self.folder / name
        ran = self.crmetl("review", "export", "-o", str(path), *more, lang=lang)
        assert 0 == ran.exit, ran.out
        return path

    def store(self, read: Callable[[Store], pd.DataFrame]) -> pd.DataFrame:
        """Look into the store."""
        with open_store(f"sqlite:///{self.folder}/mappings/.crmetl/store.db") as store:
            return read(store)

    def decisions(self) -> pd.DataFrame:
        """Return what was decided of customers."""
        return self.store(lambda store: store.decisions("account"))


def fill(path: Path, *cells: tuple[int, str, object], sheet: int = 0) -> Path:
    """Write into cells of a sheet by row and heading, as a person does; return the saved file."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[sheet]
    heads = [cell.value for cell in page[1]]
    for row, head, value in cells:
        page.cell(row, heads.index(head) + 1).value = value  # type: ignore[assignment]
    out = path.with_name(f"filled-{path.name}")
    book.save(out)
    book.close()
    return out


def cells(path: Path, sheet: int = 0) -> list[dict[str, Any]]:
    """Return the rows of a sheet: heading -> cell."""
    book = openpyxl.load_workbook(path)
    rows = list(book.worksheets[sheet].iter_rows())
    heads = [str(cell.value) for cell in rows[0]]
    found = [dict(zip(heads, row, strict=True)) for row in rows[1:]]
    book.close()
    return found
