"""An invented CRM in a real database, and records as people would type them again."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from crmetl.dedupe import Model, match_rules
from crmetl.flows.opening import Opened
from crmetl.load import open_target
from crmetl.load.index.build import Built, build_index
from crmetl.project import Project, read_project

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

FIRST = "恒澜沐槿曜璟泓琛崇嵘骐珩朗弘毅拓鼎睿晟辰骏凯瑞丰"
SECOND = "川舟禾越霖峰岭澄钰昊祺铭泰源通达信诚隆博宏远光华"
THIRD = ["", *"科盛兴旺利康德美佳安"]
TRADES = ("贸易", "机械", "电子", "食品", "包装", "物流")
CITIES = {
    "上海": "021",
    "北京": "010",
    "杭州": "0571",
    "苏州": "0512",
    "武汉": "027",
    "成都": "028",
    "广州": "020",
    "青岛": "0532",
}
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙", "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞平"
ENGLISH = ("Northwind", "Bluepeak", "Harbour", "Silverlake", "Greenfield", "Ironbridge")


@dataclass(frozen=True)
class Crm:
    """Rows of accounts, contacts and contact points, as they are inserted."""

    accounts: pd.DataFrame
    contacts: pd.DataFrame
    points: pd.DataFrame


def crm(size: int, seed: int = 1) -> Crm:
    """Return an invented CRM of `size` accounts; every eighth has three contacts, every tenth a further number."""
    draw = np.random.default_rng(seed)
    accounts, contacts, points = [], [], []
    for n in range(size):
        key = f"a{n:07d}"
        accounts.append(_account(n, key, draw))
        contacts += [_contact(n, k, key, draw) for k in range(3 if n % 8 == 0 else int(n % 3 > 0))]
        if n % 10 == 0:
            points.append((f"p{n:07d}", key, "phone", f"+86213{n:07d}"))
    return Crm(
        _frame(("key", "name", "phone", "city", "address", "email", "uscc", "merged_into"), accounts),
        _frame(("key", "account", "full_name", "mobile", "email", "title"), contacts),
        _frame(("key", "account", "kind", "value"), points),
    )


def _frame(columns: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype("str")


def _account(n: int, key: str, draw: np.random.Generator) -> tuple[str | None, ...]:
    city = list(CITIES)[int(draw.integers(len(CITIES)))]
    brand = FIRST[int(draw.integers(24))] + SECOND[int(draw.integers(24))] + THIRD[int(draw.integers(11))]
    trade = TRADES[int(draw.integers(6))]
    name = f"{ENGLISH[n % 6]} {trade_en(trade)} {n % 97} Ltd" if n % 25 == 3 else f"{city}{brand}{trade}有限公司"
    phone = None if n % 7 == 5 else f"+86{CITIES[city][1:]}{60_000_000 + n:08d}"
    road = None if n % 4 == 1 else f"{city}市{SECOND[n % 24]}{FIRST[n % 23]}路{n % 997 + 1}号"
    email = f"info@hl{n:06d}.com" if n % 5 == 0 else None
    return key, name, phone, f"{city}市", road, email, None, f"a{n - 1:07d}" if n % 101 == 100 else None


def trade_en(trade: str) -> str:
    """Return an English word for a trade."""
    return dict(zip(TRADES, ("Trading", "Machinery", "Electronics", "Foods", "Packaging", "Logistics"), strict=True))[trade]


def _contact(n: int, k: int, key: str, draw: np.random.Generator) -> tuple[str | None, ...]:
    person = SURNAMES[int(draw.integers(12))] + "".join(GIVEN[int(draw.integers(20))] for _ in range(1 + n % 2))
    mobile = f"+8613{(n * 3 + k) % 1_000_000_000:09d}"
    return f"c{n:07d}{k}", key, person, mobile, f"p{n}.{k}@hl{n:06d}.com" if k else None, "经理" if k else None


def typed(known: Crm, size: int, seed: int = 2) -> list[dict[str, str]]:
    """Return records as people would type them: new firms, and known ones with slips, other forms and gaps."""
    draw = np.random.default_rng(seed)
    people = known.contacts.drop_duplicates("account").set_index("account")
    strangers = crm(size, seed + 77).accounts
    out = []
    for n in range(size):
        if n % 5 == 4:
            row, person = strangers.iloc[n], None
        else:
            row = known.accounts.iloc[int(draw.integers(len(known.accounts)))]
            person = people.loc[row["key"]] if row["key"] in people.index else None
        record = {name: str(row[name]) for name in ("name", "phone", "city", "address", "email") if isinstance(row[name], str)}
        if person is not None and n % 2:
            record["contact.full_name"], record["contact.mobile"] = person["full_name"], person["mobile"]
        out.append(_changed(record, n, draw))
    return out


def _changed(record: dict[str, str], n: int, draw: np.random.Generator) -> dict[str, str]:
    """Return a record with one of the things that people do to it."""
    name, at = record["name"], int(draw.integers(2, 4))
    other = f"+8621{int(draw.integers(10_000_000, 99_999_999))}"
    changes: tuple[dict[str, str], ...] = (
        {"name": name.replace("有限公司", "有限责任公司")},
        {"name": name.replace("有限公司", "")},
        {"name": name[:at] + "同" + name[at + 1 :]},
        {"phone": other},
        {"phone": ""},
        {"name": f"{ENGLISH[n % 6]} Holdings Ltd"},
        {"name": name[2:]},
        {"name": ""},
        {"address": record.get("address", "").replace("路", "大道")},
        {"phone": "", "address": "", "city": "", "email": ""},
        {},
    )
    return {field: cell for field, cell in {**record, **changes[n % len(changes)]}.items() if cell or field == "name"}


def opened(folder: Path, url: str) -> Opened:
    """Return the sample project, whose CRM is at `url`."""
    if not (folder / "mappings").exists():
        shutil.copytree(ROOT / "mappings", folder / "mappings")
    text = (folder / "mappings" / "crmetl.yaml").read_text("utf-8")
    (folder / "mappings" / "crmetl.yaml").write_text(text.replace("sqlite:///../crm.db", url), "utf-8")
    return Opened(read_project(folder / "mappings", env={}), url, {})


def fill(url: str, project: Project, known: Crm, *, size: int = 5_000) -> None:
    """Write the CRM into a database."""
    with open_target(url, project.schema_) as target:
        target.prepare()
        for entity, rows in (("account", known.accounts), ("contact", known.contacts), ("contact_point", known.points)):
            for start in range(0, len(rows), size):
                with target.transaction():
                    target.insert(entity, rows.iloc[start : start + size])


def build(url: str, project: Project, entity: str = "account", model: Model | None = None) -> Built:
    """Build the index of an entity, with a pinned model or one that is learnt from the CRM."""
    with open_target(url, project.schema_) as target:
        return build_index(target, match_rules(project, entity, model), project=project.fingerprint, now=NOW)
