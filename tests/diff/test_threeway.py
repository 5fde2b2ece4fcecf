"""The three-way rule and the write policies, through the diff itself."""

import pytest

from crmetl.load import MemoryTarget, apply
from tests.diff.crm import NOW, SCHEMA, cell, delete, edit, insert, key_of, load, propose


@pytest.fixture
def target() -> MemoryTarget:
    return MemoryTarget(SCHEMA)


@pytest.mark.parametrize(
    ("source", "crm", "update", "conflict"),
    [
        ("上海", "上海", None, False),
        ("北京", "上海", "北京", False),
        ("上海", "广州", None, False),
        ("北京", "广州", None, True),
        ("广州", "广州", None, False),
        (None, "上海", None, False),
        (None, "广州", None, False),
        ("上海", None, None, False),
        ("北京", None, None, True),
    ],
)
def test_last_value_source_and_target_decide(
    target: MemoryTarget, source: str | None, crm: str | None, update: str | None, *, conflict: bool
) -> None:
    """Loaded as 上海: only the source moved is an update, only the CRM moved is kept, both moved is for a person."""
    load({"account": {"a1": {"name": "甲", "city": "上海"}}}, target)
    key = key_of(target, "account", "A1")
    edit(target, "account", key, city=crm)

    plan = propose({"account": {"a1": {"name": "甲", "city": source}}}, target)

    assert ([update] if update else []) == plan.cells["after"].tolist()
    assert (["both_moved"] if conflict else []) == plan.conflicts["reason"].tolist()
    assert plan.counts["account"]["unchanged"] == (not update and not conflict)


@pytest.mark.parametrize(
    ("column", "crm", "source", "after"),
    [
        ("city", "上海", "北京", "北京"),
        ("city", None, "北京", "北京"),
        ("phone", "+8621", "+8610", None),
        ("phone", None, "+8610", "+8610"),
        ("remark", "老客户", "欠款", "老客户\n欠款"),
        ("remark", "老客户\n欠款", "欠款", None),
        ("remark", None, "欠款", "欠款"),
        ("slogan", "好", "更好", "更好"),
        ("slogan", "更好", "好", None),
        ("seen", "2024-01-02", "2024-03-05", "2024-03-05"),
        ("seen", "2024-03-05", "2024-01-02", None),
        ("origin", "老系统", "华东", None),
        ("origin", None, "华东", None),
        ("credit", "12.5000", "12.50", None),
        ("credit", "12.5", "13", "13"),
        ("opt_out", "no", "yes", "yes"),
        ("opt_out", "yes", "no", None),
        ("met_at", "2024-03-05T08:00:00+08:00", "2024-03-05T00:00:00Z", None),
        ("status", "active", "inactive", "inactive"),
        ("status", "inactive", "active", None),
        ("custom", '{"a":1}', '{"b":2}', '{"a":1,"b":2}'),
        ("custom", '{"a":1,"b":2}', '{"b":2}', None),
    ],
)
def test_first_meeting_with_a_row_of_the_crm_follows_the_policy(
    target: MemoryTarget, column: str, crm: str | None, source: str, after: str | None
) -> None:
    """A row that was never loaded has no last value: the write policy alone decides."""
    insert(target, "account", "k1", **{"name": "甲", column: crm})

    plan = propose({"account": {"a1": {"name": "甲", column: source}}}, target, matched={"a1": "k1"})

    assert ([after] if after else []) == plan.cells["after"].tolist()
    assert not len(plan.conflicts)
    assert ["k1"] == plan.crosswalk["key"].tolist()


def test_easing_an_opt_out_is_left_to_a_person(target: MemoryTarget) -> None:
    """A consent may only tighten: a source that takes an opt-out back is a conflict, not an update."""
    load({"account": {"a1": {"name": "甲", "opt_out": "yes"}}}, target)

    plan = propose({"account": {"a1": {"name": "甲", "opt_out": "no"}}}, target)

    assert ["would_loosen"] == plan.conflicts["reason"].tolist()
    assert plan.empty()


def test_a_row_deleted_in_the_crm_is_not_made_again(target: MemoryTarget) -> None:
    """What a person deleted stays deleted and is shown; its new children wait with it."""
    estate = {"account": {"a1": {"name": "甲"}}}
    load(estate, target)
    delete(target, "account", key_of(target, "account", "A1"))

    plan = propose({**estate, "contact": {"c1": {"account": "@a1", "full_name": "王"}}}, target)

    assert ["deleted_in_target", "parent_conflict"] == plan.conflicts["reason"].tolist()
    assert plan.empty()


def test_a_persons_edit_survives_the_next_move_of_the_source(target: MemoryTarget) -> None:
    """An edit kept once is not forgotten: when the source moves later, the cell is disputed, never overwritten."""
    load({"account": {"a1": {"name": "甲", "city": "上海"}}}, target)
    key = key_of(target, "account", "A1")
    edit(target, "account", key, city="广州")
    load({"account": {"a1": {"name": "甲公司", "city": "上海"}}}, target, run="r2")

    plan = propose({"account": {"a1": {"name": "甲公司", "city": "北京"}}}, target)

    assert "广州" == cell(target, "account", key, "city")
    assert [("city", "both_moved")] == list(zip(plan.conflicts["column"], plan.conflicts["reason"], strict=True))


def test_a_fill_of_the_crm_is_no_persons_edit_of_a_silent_source(target: MemoryTarget) -> None:
    """A cell that the source never named is met afresh when it does: the value seen at the first load is its base."""
    insert(target, "account", "k1", name="甲", city="上海")
    first = propose({"account": {"a1": {"name": "甲"}}}, target, matched={"a1": "k1"})
    apply(first, target=target, run="r1", now=NOW)

    plan = propose({"account": {"a1": {"name": "甲", "city": "北京"}}}, target)

    assert ["北京"] == plan.cells["after"].tolist()


def test_computed_fields_are_not_compared(target: MemoryTarget) -> None:
    """What the database computes is nobody's difference."""
    estate = {"account": {"a1": {"name": "甲", "score": "1"}}}
    load(estate, target)
    edit(target, "account", key_of(target, "account", "A1"), score="7")

    plan = propose(estate, target)

    assert plan.empty()
    assert not len(plan.loaded)
