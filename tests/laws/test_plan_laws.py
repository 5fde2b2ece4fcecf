"""Laws of plan, apply and rollback over generated small CRMs, generated sources and generated edits by people."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crmetl.load import MemoryTarget, apply, open_reader, open_target, rollback
from crmetl.plan import Target, plan_id
from tests.diff.crm import NOW, SCHEMA, Estate, dump, edit, insert, merging, propose, retiring

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


def account_keys(target: Target) -> dict[str, str]:
    """Return source key -> key of the accounts that were loaded."""
    walk = target.crosswalk("account")
    return dict(zip(walk["source_key"], walk["key"], strict=True))


def lived(scenario: Scenario, target: Target) -> None:
    """Load the first estate and let people work in the CRM."""
    apply(propose(scenario.first, target), target=target, run="r1", now=NOW)
    keys = account_keys(target)
    for rid, column, value in scenario.edits:
        if rid.upper() in keys:
            edit(target, "account", keys[rid.upper()], **{column: value})
    for number, rid in enumerate(scenario.typed):
        if rid.upper() in keys:
            insert(target, "contact", f"typed{number}", account=keys[rid.upper()], full_name="手")


def second_plan(scenario: Scenario, target: Target, estate: Estate) -> "object":
    """Return the plan of a second load."""
    keys = sorted(set(account_keys(target).values()))
    merges, retire = merging(), retiring()
    if scenario.merge and max(scenario.merge) < len(keys) and scenario.merge[0] != scenario.merge[1]:
        merges = merging(("account", keys[scenario.merge[0]], keys[scenario.merge[1]]))
    elif scenario.retire is not None and scenario.retire < len(keys):
        retire = retiring(("account", keys[scenario.retire]))
    return propose(estate, target, merges=merges, retire=retire)


@contextmanager
def sqlite() -> Iterator[Target]:
    """Open a new SQLite target."""
    with tempfile.TemporaryDirectory() as folder, open_target(f"sqlite:///{folder}/crm.db", SCHEMA) as target:
        yield target


def shuffled(estate: Estate) -> Estate:
    """Return the same records the other way round."""
    return {entity: dict(reversed(rows.items())) for entity, rows in reversed(estate.items())}


def hold_the_laws(scenario: Scenario, target: Target) -> None:
    """Same input, same id; what the plan says happens; a second run plans nothing; a rollback gives all back."""
    lived(scenario, target)
    before = dump(target)
    plan = second_plan(scenario, target, scenario.second)

    assert plan_id(plan) == plan_id(second_plan(scenario, target, shuffled(scenario.second)))
    for entity, rows in scenario.second.items():
        counts = plan.counts.get(entity, {})
        assert len(rows) == sum(counts.get(one, 0) for one in ("create", "update", "unchanged", "conflict", "absorbed"))

    applied = apply(plan, target=target, run="r2", now=NOW)
    assert not len(applied.parked) + len(applied.rejected)
    for entity, counts in plan.counts.items():
        written = applied.written.get(entity, {})
        assert all(written.get(kind, 0) == counts[kind] for kind in ("create", "update", "merge", "retire"))

    again = propose(scenario.second, target)
    assert again.empty()

    if plan.empty() and not len(plan.crosswalk) + len(plan.loaded):
        assert before == dump(target)
        return
    taken = rollback("r2", target=target, now=NOW)
    kept_consents = set(taken.kept["reason"])
    assert kept_consents <= {"consent"}
    if not kept_consents:
        assert before == dump(target)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios)
def test_the_laws_hold_in_memory(scenario: Scenario) -> None:
    """A hundred CRMs: same id shuffled, plan is what happens, nothing to do twice, and back again."""
    hold_the_laws(scenario, MemoryTarget(SCHEMA))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios)
def test_the_laws_hold_on_sqlite(scenario: Scenario) -> None:
    """The same on a real database."""
    with sqlite() as target:
        hold_the_laws(scenario, target)


@pytest.mark.soak
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios)
def test_the_laws_hold_for_long(scenario: Scenario) -> None:
    """Five hundred, on a real database."""
    with sqlite() as target:
        hold_the_laws(scenario, target)


