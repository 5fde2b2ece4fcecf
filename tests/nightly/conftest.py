"""A small CRM that one night after the other goes over: forty customers, a person each, on any database that answers."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crmetl.cli import entry
from crmetl.flows.nightly.rows import RULES, rules_print
from crmetl.flows.opening import open_project
from crmetl.load import open_target
from crmetl.project import read_project, resolve_url
from crmetl.schema import Schema
from crmetl.store import open_store
from tests.commands import Commanded
from tests.conftest import Once
from tests.contracts.servers import SERVERS, demand, own_database

PROJECT = """\
name: {zh: 夜间, en: Night}
locale: zh
source_root: .
runs: ../runs
target: {url: "${CRM_URL}"}
nightly:
  merge: 12
  caps: {updates: 20, updates_share: 0.5, merges: 3, merges_share: 0.1}
"""
SCHEMA = """\
entities:
  crm_user:
    label: {zh: 用户, en: User}
    unique: [login]
    fields:
      login: {type: id_code, required: true, max: 40}
  account:
    label: {zh: 客户, en: Account}
    merge: {status: merged, merged_into: $survivor}
    fields:
      name: {type: company_name, required: true, max: 200}
      uscc: {type: uscc, max: 18}
      phone: {type: phone, max: 60}
      email: {type: email, max: 120}
      region: {type: region, max: 60}
      city: {type: city, max: 60}
      status: {type: choice, choices: status, default: active, max: 20, survive: strictest}
      owner: {type: owner}
      merged_into: {type: reference, to: account}
  contact:
    label: {zh: 联系人, en: Contact}
    merge: {status: merged, merged_into: $survivor}
    one_of: [[full_name, mobile]]
    fields:
      account: {type: reference, to: account}
      full_name: {type: person_name, max: 80}
      mobile: {type: mobile, max: 60}
      status: {type: choice, choices: status, default: active, max: 20, survive: strictest}
      merged_into: {type: reference, to: contact}
"""
MATCH = """\
account:
  comparisons: [{field: name}, {field: uscc}, {field: phone}, {field: city}, {field: contact.mobile}]
  vetoes: [uscc]
contact:
  within: account
  comparisons: [{field: full_name}, {field: mobile}]
"""
VALUES = """\
tables:
  status: {在用: active, active: active, inactive: inactive, merged: merged}
"""
PLACES = {
    "南京": "江苏省", "苏州": "江苏省", "无锡": "江苏省", "杭州": "浙江省", "宁波": "浙江省", "合肥": "安徽省", "济南": "山东省", "青岛": "山东省",
}  # fmt: skip

WORDS = ("华信", "鼎昌", "瑞科", "博远", "海川")
TRADES = ("自动化设备", "精密机械", "新材料", "环保科技", "食品")


@dataclass(frozen=True)
class Crm(Commanded):
    """A CRM, the project that cleanses it, and what a person does to it."""

    url: str
    schema: Schema

    def night(self, *words: str) -> dict[str, Any]:
        """Run a night and return its JSON, its exit code with it."""
        ran = self.crmetl("nightly", *words)
        return {**ran.json(), "exit": ran.exit}

    def rows(self, entity: str) -> dict[str, dict[str, str | None]]:
        """Return key -> cells of all rows."""
        with open_target(self.url, self.schema) as target:
            frame = target.read(entity)
        cells = frame.astype("object").where(frame.notna(), None)
        return {str(key): {str(name): cells.loc[key, name] for name in cells.columns} for key in cells.index}

    def all(self) -> dict[str, dict[str, dict[str, str | None]]]:
        """Return every row of every entity."""
        return {entity: self.rows(entity) for entity in self.schema.entities}

    def cell(self, entity: str, key: str, column: str) -> str | None:
        """Return one cell."""
        return self.rows(entity)[key][column]

    def edit(self, entity: str, key: str, **cells: str | None) -> None:
        """Change cells of a row, as a person does."""
        with open_target(self.url, self.schema) as target, target.transaction():
            target.update(entity, frame_of({"key": key, **cells}))

    def add(self, entity: str, *rows: dict[str, str | None]) -> None:
        """Enter new rows."""
        with open_target(self.url, self.schema) as target, target.transaction():
            for row in rows:
                target.insert(entity, frame_of(row))

    def settings(self, change: Callable[[str], str]) -> None:
        """Rewrite the project's settings."""
        path = self.folder / "mappings" / "crmetl.yaml"
        path.write_text(change(path.read_text("utf-8")), "utf-8")


def frame_of(row: dict[str, str | None]) -> pd.DataFrame:
    """Return a frame of one row."""
    return pd.DataFrame({name: pd.Series([cell], dtype="str") for name, cell in row.items()})


def firm(number: int) -> dict[str, str | None]:
    """Return a customer in its canonical form; all its customers are different."""
    place, rest = list(PLACES)[number % 8], number // 8
    return {
        "key": f"a{number:02d}",
        "name": f"{place}{WORDS[rest]}{TRADES[(number + rest) % 5]}有限公司",
        "phone": f"+86255551{number:04d}",
        "email": f"office@firm{number:02d}.example",
        "region": PLACES[place],
        "city": f"{place}市",
        "status": "active",
        "owner": "u1",
    }


def person(number: int) -> dict[str, str | None]:
    """Return the one person of a customer."""
    names = ("李建国", "王秀英", "张伟民", "刘志强", "陈思远", "杨晓红", "赵文博", "黄丽娟")
    key = f"{number:02d}"
    return {
        "key": f"c{key}", "account": f"a{key}", "full_name": names[number % 8], "mobile": f"+86139555{number:05d}", "status": "active",
    }  # fmt: skip


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database; tests that a server could fail ask for more of them."""
    return str(request.param)


def made(folder: Path, url: str) -> Schema:
    """Write the project into a folder and its clean rows into an empty database."""
    project = folder / "mappings"
    (project / "rules").mkdir(parents=True)
    files = {"crmetl.yaml": PROJECT, "schema.yaml": SCHEMA, "rules/match.yaml": MATCH, "rules/values.yaml": VALUES}
    for name, text in files.items():
        (project / name).write_text(text, "utf-8")
    schema = read_project(project, env={"CRM_URL": url}).schema_
    with open_target(url, schema) as target:
        target.prepare()
        with target.transaction():
            target.insert("crm_user", pd.DataFrame({"key": ["u1", "u2"], "login": ["lina", "zhangwei"]}, dtype="str"))
            for entity, one in (("account", firm), ("contact", person)):
                rows = [one(number) for number in range(40)]
                target.insert(entity, pd.DataFrame({name: [row[name] for row in rows] for name in rows[0]}, dtype="str"))
    return schema


@pytest.fixture
def url(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database of its own, which the project refers to as CRM_URL."""
    with ExitStack() as stack:
        if kind in SERVERS:
            demand(kind)
        where = stack.enter_context(own_database(kind)) if kind in SERVERS else f"sqlite:///{tmp_path}/crm.db"
        monkeypatch.setenv("CRM_URL", where)
        yield where


@pytest.fixture
def crm(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Crm:
    """A clean CRM that no night has seen yet."""
    return Crm(tmp_path, capsys, url, made(tmp_path, url))


@pytest.fixture(scope="session")
def gone_over(once: Once) -> Path:
    """A folder whose CRM one night has gone over; tests copy it."""

    def go_over(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("CRM_URL", f"sqlite:///{folder}/crm.db")
            made(folder, f"sqlite:///{folder}/crm.db")
            assert entry.run(["nightly", "-p", str(folder / "mappings"), "--json"]) == 0

    return once("gone-over", go_over)


@pytest.fixture
def seen(kind: str, url: str, gone_over: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Crm:
    """A CRM that last night has gone over and left alone."""
    if kind in SERVERS:
        crm = Crm(tmp_path, capsys, url, made(tmp_path, url))
        assert (crm.night()["status"], crm.night()["changed"]) == ("nothing", 0)
        return crm
    shutil.copytree(gone_over, tmp_path, dirs_exist_ok=True)
    opened = open_project(tmp_path / "mappings")
    with open_store(resolve_url(opened.project.store, opened.project, {})) as store:
        store.remember(RULES, rules_print(opened.project, opened.url, {}))
    return Crm(tmp_path, capsys, url, opened.project.schema_)
