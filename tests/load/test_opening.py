"""Opening a target: reading never writes, and what goes wrong is one line without a secret."""

import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from crmetl.errors import MachineError, TargetError
from crmetl.load import MemoryTarget, apply, create_schema, open_reader, open_target
from crmetl.load.refusals import Transient
from crmetl.load.relations import META
from crmetl.load.retry import WAITS, patiently
from crmetl.load.sql import SqlTarget
from tests.diff.crm import NOW, SCHEMA, Estate, load, propose

ESTATE: Estate = {"account": {"a1": {"name": "甲", "credit": "0.1", "opt_out": "yes"}}}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/data/crm.db"


def test_a_missing_file_reads_as_an_empty_crm_and_stays_missing(url: str, tmp_path: Path) -> None:
    """A first plan needs no database and makes none."""
    with open_reader(url, SCHEMA) as reader:
        plan = propose(ESTATE, reader)  # type: ignore[arg-type]

    assert 1 == len(plan.creates["account"])
    assert not list(tmp_path.rglob("*"))


def test_planning_cannot_write(url: str, tmp_path: Path) -> None:
    """The database itself refuses; a plan leaves every byte of the file as it was."""
    with open_target(url, SCHEMA) as target:
        load(ESTATE, target)
    before = (tmp_path / "data/crm.db").read_bytes()

    with open_reader(url, SCHEMA) as reader:
        propose({"account": {"a1": {"name": "乙"}}}, reader)  # type: ignore[arg-type]
        assert isinstance(reader, SqlTarget)
        with pytest.raises(TargetError), reader.transaction():
            reader.insert("crm_user", pd.DataFrame({"key": ["u"], "login": ["x"]}, dtype="str"))

    assert before == (tmp_path / "data/crm.db").read_bytes()
    assert ["crm.db"] == [path.name for path in (tmp_path / "data").iterdir()]


def test_tables_are_made_once(url: str) -> None:
    """The schema's and the ledger's; a second call finds them there."""
    made = create_schema(url, SCHEMA)

    assert {"account", "contact", "crmetl_run", "crmetl_lease"} <= set(made)
    assert () == create_schema(url, SCHEMA)


def test_physical_names_come_from_the_schema(url: str, tmp_path: Path) -> None:
    """Tables and columns are called as declared; money is text in SQLite, exact to the last digit."""
    with open_target(url, SCHEMA) as target:
        load(ESTATE, target)
    connection = sqlite3.connect(tmp_path / "data/crm.db")

    rows = connection.execute("SELECT name, kh_city, typeof(credit), credit, opt_out FROM kh_account").fetchall()
    connection.close()

    assert [("甲", None, "text", "0.1", 1)] == rows


def test_what_a_person_wrote_by_hand_is_read_canonically(url: str, tmp_path: Path) -> None:
    """Another spelling of the same value, or an empty text, is no difference."""
    with open_target(url, SCHEMA) as target:
        load(ESTATE, target)
    connection = sqlite3.connect(tmp_path / "data/crm.db")
    connection.execute("UPDATE kh_account SET credit = '0.1000', kh_city = '', opt_out = 1")
    connection.commit()
    connection.close()

    with open_reader(url, SCHEMA) as reader:
        assert propose(ESTATE, reader).empty()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "bad",
    [
        "postgresql+psycopg://crm:geheim@127.0.0.1:1/crm",
        "mysql+pymysql://crm:geheim@127.0.0.1:1/crm",
        "oracle+nothing://crm:geheim@db/crm",
        "sqlite:////proc/nowhere/crm.db",
    ],
)
def test_a_database_that_is_not_there_is_one_line_without_the_password(bad: str) -> None:
    """What, where (masked), and what to do next; exit code 4, or 8 where the folder cannot be made."""
    with pytest.raises((TargetError, MachineError)) as refused, open_target(bad, SCHEMA):
        pass

    line = refused.value.line("zh") + refused.value.line("en")
    assert "geheim" not in line
    assert refused.value.next
    assert "\n" not in line


def test_a_text_that_is_no_url_is_refused() -> None:
    """A wrong setting is named as such."""
    with pytest.raises(TargetError), open_reader("not a url", SCHEMA):
        pass


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Some other file under that name is never overwritten."""
    (tmp_path / "crm.db").write_bytes(b"this is a letter, not a database" * 100)

    with pytest.raises(TargetError), open_reader(f"sqlite:///{tmp_path}/crm.db", SCHEMA):
        pass


def test_a_full_disk_is_said_and_leaves_a_run_that_goes_on(url: str) -> None:
    """A database that may not grow: nothing half written, and the same apply ends the work."""
    many: Estate = {"account": {f"a{n}": {"name": f"公司{n}", "remark": "长" * 500} for n in range(200)}}
    create_schema(url, SCHEMA)
    with open_target(url, SCHEMA) as target:
        assert isinstance(target, SqlTarget)
        plan = propose(many, target)
        limit(target, 60)
        with pytest.raises(MachineError):
            apply(plan, target=target, run="r1", now=NOW, batch=20)
        limit(target, 1_000_000)

        done = apply(plan, target=target, run="r1", now=NOW, batch=20)

        assert ("applied", 200) == (done.status, target.counts()["account"])


def limit(target: SqlTarget, pages: int) -> None:
    """Let the file grow to so many pages only."""
    target.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").fetchall()
    target.connection.rollback()


def test_a_locked_database_is_waited_for_then_named(url: str, tmp_path: Path) -> None:
    """Another program holds the write lock for good: the apply gives up with a line that says so."""
    calls: list[int] = []

    def busy() -> None:
        calls.append(1)
        raise Transient("SQLITE_BUSY")

    with pytest.raises(TargetError):
        patiently(busy)

    assert len(WAITS) + 1 == len(calls)


def test_a_newer_ledger_is_refused(url: str) -> None:
    """An older program keeps its hands off a ledger that it does not know."""
    create_schema(url, SCHEMA)
    with open_target(url, SCHEMA) as target, target.transaction():
        target.update(META, pd.DataFrame({"name": ["version"], "value": ["999"]}, dtype="str"))

    with pytest.raises(TargetError):
        create_schema(url, SCHEMA)


def test_a_write_outside_a_transaction_is_our_error(url: str) -> None:
    """Everything that is written belongs to a transaction with its ledger rows."""
    create_schema(url, SCHEMA)

    with open_target(url, SCHEMA) as target, pytest.raises(TargetError):
        target.insert("crm_user", pd.DataFrame({"key": ["u"], "login": ["x"]}, dtype="str"))


def test_reading_many_keys_gives_the_same_rows_as_reading_few(url: str) -> None:
    """However the keys are looked up, the answer is theirs alone."""
    with open_target(url, SCHEMA) as target:
        load({"account": {f"a{n}": {"name": f"公司{n}"} for n in range(5)}}, target)
        keys = target.read("account").index.tolist()

        many = target.read("account", [*keys[:2], *(f"x{n}" for n in range(25_000))])

        assert keys[:2] == sorted(many.index.tolist()) or set(keys[:2]) == set(many.index)


def test_memory_and_database_answer_alike_before_their_tables_are_made(url: str) -> None:
    """An empty target has all columns and no rows."""
    with open_target(url, SCHEMA) as target:
        one, two = target.read("account"), MemoryTarget(SCHEMA).read("account")

        assert one.columns.tolist() == two.columns.tolist()
        assert 0 == len(one) == len(two)
