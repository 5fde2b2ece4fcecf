"""Which row a record is: crosswalk, dedupe's word, unique fields, first key; and what is never guessed."""

import pandas as pd
import pytest

from crmetl.batch import Batch
from crmetl.diff import diff
from crmetl.diff.placing import chase
from crmetl.load import MemoryTarget
from crmetl.plan import plan_id
from tests.diff.crm import SCHEMA, batch, edit, frame_of, insert, key_of, keys_of, load, merging, propose

KEYS = ["entity", "system", "source_key", "rid"]


@pytest.fixture
def target() -> MemoryTarget:
    return MemoryTarget(SCHEMA)


def test_a_key_once_given_stays_whatever_survives(target: MemoryTarget) -> None:
    """The record that survives may change from run to run; the row it was loaded as does not."""
    keys = frame_of(KEYS, ("account", "east", "A1", "a1"), ("account", "west", "W9", "a1"))
    first = diff({"account": batch("account", {"a1": {"name": "甲"}})}, reader=target, schema=SCHEMA, keys=keys)
    load({"account": {"a1": {"name": "甲"}}}, target)
    later = frame_of(KEYS, ("account", "east", "A1", "w9"), ("account", "west", "W9", "w9"))

    plan = diff({"account": batch("account", {"w9": {"name": "甲"}})}, reader=target, schema=SCHEMA, keys=later)

    assert first.creates["account"].index.tolist() == [key_of(target, "account", "A1")]
    assert plan.empty()
    assert [("west", "W9", key_of(target, "account", "A1"))] == list(
        plan.crosswalk[["system", "source_key", "key"]].itertuples(index=False, name=None)
    )


def test_the_key_of_a_new_record_is_that_of_its_smallest_source_key(target: MemoryTarget) -> None:
    """Which of its duplicates survives has no say in the key."""
    one = frame_of(KEYS, ("account", "east", "A1", "a1"), ("account", "west", "W9", "a1"))
    two = one.assign(rid="w9")

    plans = [
        diff({"account": batch("account", {rid: {"name": "甲"}})}, reader=target, schema=SCHEMA, keys=keys)
        for rid, keys in (("a1", one), ("w9", two))
    ]

    assert plans[0].creates["account"].index.tolist() == plans[1].creates["account"].index.tolist()


def test_keys_loaded_as_two_rows_are_a_conflict(target: MemoryTarget) -> None:
    """Two rows of the CRM that a source now calls one are for a person; nothing is guessed, nothing is written."""
    load({"account": {"a1": {"name": "甲"}, "a2": {"name": "甲方"}}}, target)
    keys = frame_of(KEYS, ("account", "east", "A1", "a1"), ("account", "east", "A2", "a1"))

    plan = diff({"account": batch("account", {"a1": {"name": "甲"}})}, reader=target, schema=SCHEMA, keys=keys)

    assert ["key_split"] == plan.conflicts["reason"].tolist()
    assert plan.empty()
    assert 1 == plan.counts["account"]["conflict"]


def test_a_merge_of_the_two_rows_settles_the_split(target: MemoryTarget) -> None:
    """Once the plan itself merges the two rows, both source keys lead to the survivor."""
    load({"account": {"a1": {"name": "甲"}, "a2": {"name": "甲方"}}}, target)
    one, two = key_of(target, "account", "A1"), key_of(target, "account", "A2")
    keys = frame_of(KEYS, ("account", "east", "A1", "a1"), ("account", "east", "A2", "a1"))

    plan = diff(
        {"account": batch("account", {"a1": {"name": "甲"}})},
        reader=target,
        schema=SCHEMA,
        keys=keys,
        merges=merging(("account", two, one)),
    )

    assert not len(plan.conflicts)
    assert [("A2", one)] == list(zip(plan.crosswalk["source_key"], plan.crosswalk["key"], strict=True))


def test_a_record_without_key_is_known_by_its_rid(target: MemoryTarget) -> None:
    """No key in its system: the rid, which comes from its content, finds the row again."""
    load({"account": {"r7": {"name": "甲", "_key": None}}}, target)

    plan = propose({"account": {"r7": {"name": "甲", "_key": None}}}, target)

    assert ["rid:r7"] == target.crosswalk("account")["source_key"].tolist()
    assert plan.empty()


def test_rows_of_natural_identity_are_found_by_their_values(target: MemoryTarget) -> None:
    """A note that a person typed below the same account is the note that the source brings."""
    load({"account": {"a1": {"name": "甲"}}}, target)
    account = key_of(target, "account", "A1")
    insert(target, "note", "n1", account=account, line="来电")

    plan = propose({"account": {"a1": {"name": "甲"}}, "note": {"x": {"account": "@a1", "line": "来电", "_key": None}}}, target)

    assert plan.empty()
    assert ["n1"] == plan.crosswalk["key"].tolist()


def test_two_records_of_one_row_are_one_and_counted_as_absorbed(target: MemoryTarget) -> None:
    """Notes of the same values fold into one row; the first value of each column, in the order of rids, is written."""
    notes = {
        "x2": {"account": "@a1", "line": "来电", "kind": "晚", "_key": None},
        "x1": {"account": "@a1", "line": "来电", "kind": None, "_key": None},
    }

    plan = propose({"account": {"a1": {"name": "甲"}}, "note": notes}, target)

    assert ["晚"] == plan.creates["note"]["kind"].tolist()
    assert (1, 1) == (plan.counts["note"]["create"], plan.counts["note"]["absorbed"])


def test_an_owner_is_found_by_login(target: MemoryTarget) -> None:
    """A reference may name its parent by the one field that identifies it; an unknown one makes the record wait."""
    insert(target, "crm_user", "u1", login="zhang")

    plan = propose({"account": {"a1": {"name": "甲", "owner": "zhang"}, "a2": {"name": "乙", "owner": "lisi"}}}, target)

    assert ["u1"] == plan.creates["account"]["owner"].tolist()
    assert ["parent_conflict"] == plan.conflicts["reason"].tolist()


def test_a_row_that_a_person_merged_leads_to_its_survivor(target: MemoryTarget) -> None:
    """The CRM says what became of a row; its source follows."""
    load({"account": {"a1": {"name": "甲"}, "a2": {"name": "乙"}}}, target)
    one, two = key_of(target, "account", "A1"), key_of(target, "account", "A2")
    edit(target, "account", two, merged_into=one, status="merged")

    plan = propose({"account": {"a2": {"name": "乙"}}, "contact": {"c1": {"account": "@a2", "full_name": "王"}}}, target)

    assert [one] == plan.creates["contact"]["account"].tolist()
    assert [("A2", one)] == [
        (source_key, key)
        for entity, source_key, key in zip(
            plan.crosswalk["entity"], plan.crosswalk["source_key"], plan.crosswalk["key"], strict=True
        )
        if entity == "account"
    ]


def test_references_are_written_as_rid_where_the_parent_is_new(target: MemoryTarget) -> None:
    """A reader of the plan sees which parents come with it; also where two new rows point at each other."""
    plan = propose(
        {
            "account": {"a1": {"name": "甲", "main_contact": "@c1"}},
            "contact": {"c1": {"account": "@a1", "full_name": "王"}},
        },
        target,
    )

    assert ["@a1"] == plan.creates["contact"]["account"].tolist()
    assert ["@c1"] == plan.creates["account"]["main_contact"].tolist()


def test_the_order_of_records_has_no_say_in_the_plan(target: MemoryTarget) -> None:
    """The same records in another order, the same id."""
    estate = {"account": {f"a{n}": {"name": f"公司{n}", "city": None if n % 2 else "上海"} for n in range(20)}}
    shuffled = {"account": dict(reversed(estate["account"].items()))}

    assert plan_id(propose(estate, target)) == plan_id(propose(shuffled, target))


def test_nothing_in_nothing_out(target: MemoryTarget) -> None:
    """Empty batches give an empty plan."""
    empty = Batch("account", batch("account", {"a": {"name": "x"}}).frame.iloc[:0])

    plan = diff({"account": empty}, reader=target, schema=SCHEMA, keys=keys_of({}))

    assert plan.empty()
    assert 0 == len(plan.loaded) + len(plan.crosswalk) + len(plan.conflicts)


def test_an_all_blank_column_travels(target: MemoryTarget) -> None:
    """A column without any value is no value anywhere."""
    plan = propose({"account": {"a1": {"name": "甲", "city": None}, "a2": {"name": "乙", "city": None}}}, target)

    assert plan.creates["account"]["city"].isna().all()


def test_a_circle_of_merges_ends_at_its_smallest_key() -> None:
    """Whatever dedupe says, following it ends."""
    assert {"b": "a", "c": "a", "x": "a"} == chase({"a": "b", "b": "c", "c": "a", "x": "c"})


def test_records_of_a_frame_without_lineage_pass() -> None:
    """Lineage columns are told where they exist, and not asked for."""
    frame = pd.DataFrame({"name": ["甲"]}, index=pd.Index(["a1"], dtype="str", name="rid")).astype("str")

    plan = diff({"account": Batch("account", frame)}, reader=MemoryTarget(SCHEMA), schema=SCHEMA, keys=keys_of({}))

    assert [("-", "rid:a1")] == list(zip(plan.crosswalk["system"], plan.crosswalk["source_key"], strict=True))
