"""The service on a real project: the sample's customers in a SQLite CRM, with its index."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import column, create_engine, insert, table
from sqlalchemy.pool import NullPool

from crmetl.cli import entry
from crmetl.flows.entry.checker import Checker, open_check
from tests.cli.conftest import FEW
from tests.commands import copied
from tests.conftest import Once
from tests.contracts.servers import demand, own_database
from tests.service.conftest import CHECK, Client
from tests.service.door import Door


def indexed(folder: Path) -> None:
    """Build the index of every matched entity."""
    assert entry.run(["index", "build", "-p", str(folder), "--json"]) == 0


def load(folder: Path) -> None:
    """Make a project whose CRM is loaded from three of the sample's sources, and indexed."""
    for path in (copied(folder) / "mappings" / "sources").iterdir():
        if path.name not in FEW:
            path.unlink()
    assert entry.run(["run", "-p", str(folder / "mappings"), "--json"]) == 0
    indexed(folder / "mappings")


@pytest.fixture(scope="session")
def made(once: Once) -> Path:
    """Return that project; tests copy it."""
    return once("indexed-sample", load)


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Return a copy of that project."""
    return shutil.copytree(made, tmp_path / "crm", ignore=shutil.ignore_patterns("runs", "sample_data"))


@pytest.fixture
def checker(folder: Path) -> Iterator[Checker]:
    """Return its check, opened once."""
    with open_check(folder / "mappings") as one:
        yield one


@pytest.fixture
def real(checker: Checker) -> Client:
    """Return a client of its service."""
    return Client(checker)


def customers(folder: Path, count: int) -> list[tuple[str, dict[str, str]]]:
    """Return key and record of some live customers that have a phone."""
    query = "select id, name, phone from account where phone is not null order by id limit ?"
    with closing(sqlite3.connect(folder / "crm.db")) as database:
        return [(key, {"name": name, "phone": phone}) for key, name, phone in database.execute(query, [count])]


def test_customers_of_the_crm_are_blocked_and_new_ones_are_not(folder: Path, real: Client) -> None:
    """The candidate is the record itself, named masked; a name of another town and trade is let through."""
    key, record = customers(folder, 1)[0]
    there = real.check(record).json()
    new = real.check({"name": "大理古城云上茶叶专业合作社", "phone": "0872-5550199"}).json()

    assert ("block", key) == (there["decision"], there["candidates"][0]["ref"])
    assert ("allow", []) == (new["decision"], new["candidates"])
    assert record["name"] not in real.check(record).text


def test_the_record_being_edited_is_no_duplicate_of_itself(folder: Path, real: Client) -> None:
    """`exclude` goes all the way down."""
    key, record = customers(folder, 1)[0]

    assert key not in [one["ref"] for one in real.check(record, exclude=key).json()["candidates"]]


def test_what_another_system_saved_is_known_at_once(real: Client) -> None:
    """PUT, then block; DELETE, then allow."""
    record = {"name": "大理古城云上茶叶专业合作社", "phone": "0872-5550199"}
    told = real.send("PUT", "/v1/records/account/web-1", json={"record": record})
    there = real.check(record).json()
    gone = real.send("DELETE", "/v1/records/account/web-1")

    assert (204, 204) == (told.status_code, gone.status_code)
    assert ("block", "web-1") == (there["decision"], there["candidates"][0]["ref"])
    assert "allow" == real.check(record).json()["decision"]


def test_thirty_two_at_once_get_the_answers_of_one_after_the_other(folder: Path, real: Client) -> None:
    """Threads share one connection and do not mix their answers up."""
    records = [record for _, record in customers(folder, 16)] + [{"name": f"大理云上茶叶{n}号合作社"} for n in range(16)]
    alone = [real.check(record).json() for record in records]

    together = [
        answer.json()
        for answer in real.send_all([("POST", CHECK, {"json": {"entity": "account", "record": record}}) for record in records])
    ]

    same = [{name: value for name, value in one.items() if name not in ("took_ms", "index_age_s")} for one in alone]
    assert same == [{name: value for name, value in one.items() if name not in ("took_ms", "index_age_s")} for one in together]
    assert {"block", "allow"} <= {one["decision"] for one in alone}


def point(folder: Path, url: str) -> None:
    """Let the project's target be another database."""
    config = folder / "mappings" / "crmetl.yaml"
    config.write_text(re.sub("sqlite:///[^\\s}\"']+", url, config.read_text("utf-8")), "utf-8")


def seed(url: str, records: list[tuple[str, dict[str, str]]]) -> None:
    """Put customers into another CRM."""
    account = table("account", column("id"), column("name"), column("phone"))
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(insert(account), [{"id": key, **record} for key, record in records])


def _state(real: Client, record: dict[str, str]) -> tuple[str, int, int]:
    put = real.send("PUT", "/v1/records/account/web-1", json={"record": record}).status_code
    return real.check(record).json()["decision"], real.send("GET", "/readyz").status_code, put


@pytest.mark.parametrize(("damage", "told"), [("moved", 409), ("overwritten", 503)])
def test_a_crm_that_is_gone_is_unknown_and_back_without_a_restart(
    folder: Path, real: Client, damage: str, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file moved away, or overwritten with rubbish: never an allow; once it is back, the answers are too."""
    monkeypatch.setattr("crmetl.flows.entry.checker.RETRY", 0.0)
    _, record = customers(folder, 1)[0]
    before = _state(real, record)
    database, kept = folder / "crm.db", folder / "kept.db"
    shutil.copy(database, kept)
    database.unlink()
    if damage == "overwritten":
        database.write_bytes(b"rubbish " * 10_000)
    away = _state(real, record)
    database.unlink(missing_ok=True)
    shutil.copy(kept, database)

    assert ("block", 200, 204) == before
    assert ("unknown", 503, told) == away
    assert ("block", 200, 204) == _state(real, record)


def test_a_server_that_refuses_is_unknown(folder: Path) -> None:
    """PostgreSQL at a port where nobody listens: unknown, not ready, and a change is to be told again."""
    point(folder, "postgresql+psycopg://nobody@127.0.0.1:9/none")
    with open_check(folder / "mappings") as checker:
        assert ("unknown", 503, 503) == _state(Client(checker), {"name": "x"})


def test_a_server_that_comes_back_is_asked_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL behind a door that is shut and opened again: unknown while it is shut, then the answers as before."""
    demand("postgresql")
    monkeypatch.setattr("crmetl.flows.entry.checker.RETRY", 0.0)
    record = {"name": "大理古城云上茶叶专业合作社", "phone": "0872-5550199"}
    with own_database("postgresql") as url, Door(url) as door:
        point(folder, door.url)
        assert entry.run(["schema", "create", "-p", str(folder / "mappings"), "--json"]) == 0
        seed(url, customers(folder, 40))
        indexed(folder / "mappings")
        with open_check(folder / "mappings") as checker:
            real = Client(checker)
            before = _state(real, record)
            door.shut()
            away = _state(real, record)
            door.open()
            after = _state(real, record)

    assert ("block", 200, 204) == before == after
    assert ("unknown", 503, 503) == away
