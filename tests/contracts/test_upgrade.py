"""A ledger upgrades itself: what an older program wrote is kept, and can be gone on with and taken back."""

from collections.abc import Iterator

import pandas as pd
import pytest
from sqlalchemy import Index, inspect

from crmetl.errors import LeaseHeld, TargetError
from crmetl.load import apply, open_reader, open_target, rollback, runs
from crmetl.load.relations import LEDGER, META, RECORD, RUN, VERSION, WALK
from crmetl.load.sql import SqlTarget
from crmetl.load.upgrades import UPGRADES, Indexed, upgrade
from crmetl.plan import Target
from tests.contracts.version1 import make_version1
from tests.diff.crm import NOW, SCHEMA, cell, propose


@pytest.fixture
def old(bare_url: str) -> str:
    """URL of a CRM whose ledger has version 1."""
    make_version1(bare_url)
    return bare_url


@pytest.fixture
def upgraded(old: str) -> Iterator[SqlTarget]:
    """The same CRM, opened by this program and prepared."""
    with open_target(old, SCHEMA) as target:
        target.prepare()
        assert isinstance(target, SqlTarget)
        yield target


def version(target: SqlTarget) -> list[str]:
    return target.select(META, ["value"], where=("name", ["version"]))["value"].tolist()


def say_version(target: Target, value: str) -> None:
    with target.transaction():
        target.update(META, pd.DataFrame({"name": ["version"], "value": [value]}, dtype="str"))


def test_there_is_a_way_from_each_version_to_the_newest() -> None:
    """One set of steps for each version but the first."""
    assert int(VERSION) == len(UPGRADES) + 1


def test_an_upgrade_keeps_what_was_there(upgraded: SqlTarget) -> None:
    """Runs, crosswalk and last values read as before; the new columns are NULL for older runs."""
    ledger = runs(upgraded)

    assert [VERSION] == version(upgraded)
    assert ["r0", "r1"] == ledger["run"].tolist()
    assert ["李经理"] == ledger["approved_by"].dropna().tolist()
    assert ledger["planned_by"].isna().all()
    assert ["k1"] == upgraded.crosswalk("account")["key"].tolist() == upgraded.loaded("account").index.tolist()
    assert set(LEDGER) <= set(inspect(upgraded.connection).get_table_names())


def test_an_upgraded_ledger_is_written_and_taken_back(upgraded: SqlTarget) -> None:
    """A new run tells its planner; the runs of the older program are rolled back from their own before-images."""
    plan = propose({"account": {"a1": {"name": "甲公司", "city": "广州"}}}, upgraded)
    apply(plan, target=upgraded, run="r2", now=NOW, planned_by="王工", planned_at="2026-03-01T07:00:00+00:00")
    ledger = runs(upgraded).set_index("run")

    assert ["王工", "2026-03-01T07:00:00+00:00"] == [ledger[name]["r2"] for name in ("planned_by", "planned_at")]
    for run, city in (("r2", "北京"), ("r1", "上海")):
        assert {"account": {"update": 1}} == rollback(run, target=upgraded, now=NOW).reversed
        assert city == cell(upgraded, "account", "k1", "city")
    assert {"account": {"create": 1}} == rollback("r0", target=upgraded, now=NOW).reversed
    assert 0 == upgraded.counts()["account"] + len(upgraded.select(WALK)) + len(upgraded.select(RECORD))


def test_an_older_ledger_is_planned_against_without_being_changed(old: str) -> None:
    """A reader upgrades nothing: it reads the new columns as empty."""
    with open_reader(old, SCHEMA) as reader:
        assert isinstance(reader, SqlTarget)

        assert ["r0", "r1"] == runs(reader)["run"].tolist()
        assert runs(reader)["planned_by"].isna().all()
        assert ["1"] == version(reader)


def test_an_upgrade_that_was_cut_off_is_taken_again(old: str) -> None:
    """MariaDB commits each step: a step that was taken is passed over, and the rest follows."""
    with open_target(old, SCHEMA) as target:
        assert isinstance(target, SqlTarget)
        with target.transaction():
            upgrade(target.connection, target._tables, since=1, path=[UPGRADES[0][:1]])
        target.prepare()

        assert [VERSION] == version(target)
        assert {"planned_by", "planned_at"} <= {one["name"] for one in inspect(target.connection).get_columns(RUN)}


def test_an_upgrade_waits_for_the_writer(old: str) -> None:
    """A run of the older program is under way: nothing is changed beneath it."""
    with open_target(old, SCHEMA) as target:
        assert isinstance(target, SqlTarget)
        row = {"name": "apply", "holder": "r9", "host": "elsewhere", "until": "9999999999"}
        with target.transaction():
            target.update("crmetl_lease", pd.DataFrame({name: [value] for name, value in row.items()}, dtype="str"))

        with pytest.raises(LeaseHeld):
            target.prepare()

        assert ["1"] == version(target)


def test_an_index_is_a_step_too(upgraded: SqlTarget) -> None:
    """Made once, where its table lacks it."""
    Index("ix_crmetl_run_status", upgraded._tables[RUN].c.status)

    with upgraded.transaction():
        upgrade(upgraded.connection, upgraded._tables, since=1, path=[[Indexed(RUN, "ix_crmetl_run_status")] * 2])

    assert ["ix_crmetl_run_status"] == [one["name"] for one in inspect(upgraded.connection).get_indexes(RUN)]


def test_a_newer_ledger_is_refused_with_exit_4(bare_url: str) -> None:
    """An older program keeps its hands off a ledger that it does not know, and says both versions."""
    with open_target(bare_url, SCHEMA) as target:
        target.prepare()
        say_version(target, "999")

        with pytest.raises(TargetError) as refused:
            target.prepare()

        say_version(target, VERSION)  # the next test gets this database

    assert 4 == refused.value.exit
    assert "999" in refused.value.line("zh")
    assert VERSION in refused.value.line("en")
