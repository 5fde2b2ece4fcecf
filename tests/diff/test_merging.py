"""Merges of CRM rows and retirements are updates of declared columns, each in one operation group."""

import pytest

from crmetl.load import MemoryTarget
from tests.diff.crm import SCHEMA, edit, insert, key_of, load, merging, propose, retiring


@pytest.fixture
def target() -> MemoryTarget:
    target = MemoryTarget(SCHEMA)
    insert(target, "account", "k1", name="甲", city=None, status="active")
    insert(target, "account", "k2", name="甲公司", city="上海", status="active", phone="+8621")
    insert(target, "contact", "p1", account="k2", full_name="王")
    return target


def test_a_merge_sets_the_loser_fills_the_survivor_and_repoints_the_children(target: MemoryTarget) -> None:
    """All of it is one group, and the children are in the read set."""
    plan = propose({}, target, merges=merging(("account", "k2", "k1")))

    cells = set(zip(plan.cells["key"], plan.cells["column"], plan.cells["after"], strict=True))
    assert {
        ("k2", "status", "merged"),
        ("k2", "merged_into", "k1"),
        ("k1", "city", "上海"),
        ("k1", "phone", "+8621"),
        ("p1", "account", "k1"),
    } == cells
    assert 1 == plan.cells["group"].nunique()
    assert ["p1"] == plan.children["child_key"].tolist()
    assert [("merge", "k2", "k1", "12000")] == list(
        plan.operations[["kind", "key", "survivor", "score"]].itertuples(index=False, name=None)
    )
    assert 1 == plan.counts["account"]["merge"]


def test_chained_losers_go_to_the_last_survivor(target: MemoryTarget) -> None:
    """k3 into k2, k2 into k1: both end at k1, in one group."""
    insert(target, "account", "k3", name="甲贸易", city="北京", status="active")

    plan = propose({}, target, merges=merging(("account", "k3", "k2"), ("account", "k2", "k1")))

    assert ["k1", "k1"] == plan.operations["survivor"].tolist()
    assert 1 == plan.operations["group"].nunique()
    assert ["上海"] == plan.cells.loc[plan.cells["column"] == "city", "after"].tolist()


def test_a_source_that_moves_a_child_away_wins_over_the_merge(target: MemoryTarget) -> None:
    """A child that its own source re-points is not re-pointed by the merge of its former parent."""
    insert(target, "account", "k9", name="乙", status="active")

    plan = propose(
        {"contact": {"c1": {"account": "k9", "full_name": "王"}}},
        target,
        matched={"c1": "p1"},
        merges=merging(("account", "k2", "k1")),
    )

    assert ["k9"] == plan.cells.loc[plan.cells["key"] == "p1", "after"].tolist()


def test_a_merge_does_not_fill_a_cell_in_dispute(target: MemoryTarget) -> None:
    """A person emptied what was loaded and the source moved on: a fill with the old value would hide the person's edit."""
    load({"account": {"a1": {"name": "丁", "city": "上海"}}}, target)
    key = key_of(target, "account", "A1")
    edit(target, "account", key, city=None)

    plan = propose({"account": {"a1": {"name": "丁", "city": "北京"}}}, target, merges=merging(("account", "k2", key)))

    assert ["both_moved"] == plan.conflicts["reason"].tolist()
    assert "city" not in plan.cells.loc[plan.cells["key"] == key, "column"].tolist()


def test_what_is_merged_already_needs_nothing(target: MemoryTarget) -> None:
    """A loser that is merged and has no children any more gives no operation; nor does a row that is not there."""
    insert(target, "account", "k4", name="甲", status="merged", merged_into="k1")

    plan = propose({}, target, merges=merging(("account", "k4", "k1"), ("account", "nobody", "k1")))

    assert not [group for group in plan.operations["key"] if group in ("k4", "nobody")]


def test_a_retirement_sets_the_declared_columns(target: MemoryTarget) -> None:
    """Retired is a state, never a DELETE; a row in that state needs nothing."""
    insert(target, "account", "k5", name="丙", status="inactive")

    plan = propose({}, target, retire=retiring(("account", "k1"), ("account", "k5"), ("account", "nobody")))

    assert [("retire", "k1", "deregistered")] == list(
        plan.operations[["kind", "key", "because"]].itertuples(index=False, name=None)
    )
    assert [("status", "active", "inactive")] == list(
        plan.cells[["column", "before", "after"]].itertuples(index=False, name=None)
    )


def test_a_record_left_out_is_retired_by_the_key_it_was_loaded_with(target: MemoryTarget) -> None:
    """`retire` may name the rid of a record that this run dropped."""
    load({"account": {"a1": {"name": "丁"}}}, target)
    leaving = retiring(("account", "-")).assign(key=None, rid="a1").astype("str")
    estate = {"account": {"a1": {"name": "丁"}}}
    known = propose(estate, target, retire=leaving)

    assert [key_of(target, "account", "A1")] == known.operations["key"].tolist()
