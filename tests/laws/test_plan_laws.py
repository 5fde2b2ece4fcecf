"""Laws of plan, apply and rollback over generated small CRMs, generated sources and generated edits by people."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmetl.load import MemoryTarget, apply, open_target, rollback
from crmetl.load.relations import RECORD, WALK
from crmetl.plan import Plan, Target, plan_id
from tests.diff.crm import NOW, SCHEMA, Estate, edit, insert, merging, propose, retiring
from tests.examples import heavy

ACCOUNTS = ("a1", "a2", "a3", "a4")
CITY = st.sampled_from([None, "上海", "北京", "广州"])
MONEY = st.sampled_from([None, "1.50", "1.5", "0", "99999999.9999"])


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """Accounts, contacts and notes below them; the same small set of keys, so that runs meet again."""
    chosen = draw(st.lists(st.sampled_from(ACCOUNTS), unique=True, min_size=1))
    accounts = {
        rid: {
            "name": draw(st.sampled_from(["甲公司", "甲", "乙公司"])),
            "city": draw(CITY),
            "phone": draw(st.sampled_from([None, "+8621", "+8610"])),
            "remark": draw(st.sampled_from([None, "老客户", "欠款"])),
            "credit": draw(MONEY),
            "opt_out": draw(st.sampled_from([None, "yes", "no"])),
            "status": draw(st.sampled_from([None, "active", "inactive"])),
            "custom": draw(st.sampled_from([None, '{"a":1}', '{"b":2}'])),
        }
        for rid in chosen
    }
    parents = st.sampled_from(chosen).map(lambda rid: f"@{rid}")
    contacts = {
        rid: {"account": draw(parents), "full_name": draw(st.sampled_from(["王", "李"])), "city": draw(CITY)}
        for rid in draw(st.lists(st.sampled_from(["c1", "c2", "c3"]), unique=True))
    }
    notes = {
        rid: {"account": draw(parents), "line": draw(st.sampled_from(["来电", "回访"])), "kind": draw(CITY), "_key": None}
        for rid in draw(st.lists(st.sampled_from(["n1", "n2", "n3"]), unique=True))
    }
    if contacts:
        first = chosen[0]
        accounts[first] = {**accounts[first], "main_contact": draw(st.sampled_from([None, *(f"@{one}" for one in contacts)]))}
    return {"account": accounts, "contact": contacts, "note": notes}


@dataclass(frozen=True)
class Scenario:
    """A first load, what people did then, and a second load with merges and retirements."""

    first: Estate
    edits: tuple[tuple[str, str, str | None], ...]
    typed: tuple[str, ...]
    second: Estate
    merge: tuple[int, int] | None
    retire: int | None


scenarios = st.builds(
    Scenario,
    first=estates(),
    edits=st.lists(
        st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(["city", "phone", "remark", "status"]), CITY), max_size=3
    ).map(tuple),
    typed=st.lists(st.sampled_from(ACCOUNTS), max_size=2, unique=True).map(tuple),
    second=estates(),
    merge=st.none() | st.tuples(st.integers(0, 3), st.integers(0, 3)),
    retire=st.none() | st.integers(0, 3),
)


def tagged(number: int, rid: str) -> str:
    """Return a record's name in the CRM of many companies that do not know each other."""
    return f"w{number}{rid}"


def together(estates_: list[Estate]) -> Estate:
    """Put the estates of many companies into one CRM; the companies share nothing but the run."""
    whole: dict[str, dict[str, dict[str, str | None]]] = {"account": {}, "contact": {}, "note": {}}
    for number, estate in enumerate(estates_):
        for entity, rows in estate.items():
            for rid, cells in rows.items():
                whole[entity][tagged(number, rid)] = {
                    name: "@" + tagged(number, value[1:]) if value and value.startswith("@") else value
                    for name, value in cells.items()
                }
    return whole


def account_keys(target: Target) -> dict[str, str]:
    """Return source key -> key of the accounts that were loaded."""
    walk = target.crosswalk("account")
    return dict(zip(walk["source_key"], walk["key"], strict=True))


def lived(companies: list[Scenario], target: Target) -> None:
    """Load the first estates and let people work in the CRM."""
    apply(propose(together([one.first for one in companies]), target), target=target, run="r1", now=NOW)
    keys = account_keys(target)
    for number, scenario in enumerate(companies):
        for rid, column, value in scenario.edits:
            source_key = tagged(number, rid).upper()
            if source_key in keys:
                edit(target, "account", keys[source_key], **{column: value})
        for rid in scenario.typed:
            source_key = tagged(number, rid).upper()
            if source_key in keys:
                insert(target, "contact", f"typed-{source_key}", account=keys[source_key], full_name="手")


def second_plan(companies: list[Scenario], target: Target, estate: Estate) -> Plan:
    """Return the plan of a second load, with the merges and retirements of all companies."""
    keys = account_keys(target)
    merges: list[tuple[str, str, str]] = []
    leaving: list[tuple[str, str]] = []
    for number, scenario in enumerate(companies):
        own = sorted({key for source_key, key in keys.items() if source_key.startswith(f"W{number}A")})
        if scenario.merge and max(scenario.merge) < len(own) and scenario.merge[0] != scenario.merge[1]:
            merges.append(("account", own[scenario.merge[0]], own[scenario.merge[1]]))
        elif scenario.retire is not None and scenario.retire < len(own):
            leaving.append(("account", own[scenario.retire]))
    return propose(estate, target, merges=merging(*merges), retire=retiring(*leaving))


@contextmanager
def sqlite() -> Iterator[Target]:
    """Open a new SQLite target."""
    with tempfile.TemporaryDirectory() as folder, open_target(f"sqlite:///{folder}/crm.db", SCHEMA) as target:
        yield target


def shuffled(estate: Estate) -> Estate:
    """Return the same records the other way round."""
    return {entity: dict(reversed(list(rows.items()))) for entity, rows in reversed(list(estate.items()))}


def contents(target: Target) -> dict[str, pd.DataFrame]:
    """Return all rows, the crosswalk and the last values."""
    return {name: target.select(name) for name in (*SCHEMA.entities, WALK, RECORD)}


def but_for(cells: set[tuple[str, str, str]], tables: dict[str, pd.DataFrame]) -> dict[str, list[tuple[str, ...]]]:
    """Return the rows of each table in order, without some cells: entity, key and column."""
    out = {}
    for name, frame in tables.items():
        rows = frame.fillna("∅")
        for _, key, column in (one for one in cells if one[0] == name):
            rows.loc[rows["key"] == key, column] = "…"
        out[name] = sorted(rows.itertuples(index=False, name=None))
    return out


def hold_the_laws(companies: list[Scenario], target: Target) -> None:
    """Same input, same id; what the plan says happens; a second run plans nothing; a rollback gives all back."""
    lived(companies, target)
    before = contents(target)
    second = together([one.second for one in companies])
    plan = second_plan(companies, target, second)

    assert plan_id(plan) == plan_id(second_plan(companies, target, shuffled(second)))
    for entity, rows in second.items():
        counts = plan.counts.get(entity, {})
        assert len(rows) == sum(counts.get(one, 0) for one in ("create", "update", "unchanged", "conflict", "absorbed"))

    applied = apply(plan, target=target, run="r2", now=NOW)
    assert not len(applied.parked) + len(applied.rejected)
    for entity, counts in plan.counts.items():
        written = applied.written.get(entity, {})
        assert all(written.get(kind, 0) == counts[kind] for kind in ("create", "update", "merge", "retire"))

    again = propose(second, target)
    assert again.empty()

    if plan.empty() and not len(plan.crosswalk) + len(plan.loaded):
        assert but_for(set(), before) == but_for(set(), contents(target))
        return
    kept = rollback("r2", target=target, now=NOW).kept
    assert set(kept["reason"]) <= {"consent"}
    assert {"opt_out"} >= set(kept["column"])
    cells = set(zip(kept["entity"], kept["key"], kept["column"], strict=True))
    assert but_for(cells, before) == but_for(cells, contents(target))


companies_of_a_crm = st.lists(scenarios, min_size=10, max_size=10)
"""Several at once: a plan costs the same for one small company and for ten."""


@heavy(5)
@given(companies=companies_of_a_crm)
def test_the_laws_hold_in_memory(companies: list[Scenario]) -> None:
    """Fifty companies: same id shuffled, plan is what happens, nothing to do twice, and back again."""
    hold_the_laws(companies, MemoryTarget(SCHEMA))


@heavy(2)
@given(companies=companies_of_a_crm)
def test_the_laws_hold_on_sqlite(companies: list[Scenario]) -> None:
    """The same on a real database."""
    with sqlite() as target:
        hold_the_laws(companies, target)


@pytest.mark.soak
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(companies=companies_of_a_crm)
def test_the_laws_hold_for_long(companies: list[Scenario]) -> None:
    """Thousands, on a real database."""
    with sqlite() as target:
        hold_the_laws(companies, target)
