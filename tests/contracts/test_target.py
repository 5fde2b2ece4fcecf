"""What every target promises: the same answers to the same writes, exact and canonical."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from crmetl.errors import LeaseHeld, PlanRefused
from crmetl.load import apply, rollback, runs
from crmetl.load.lease import lease
from crmetl.load.refusals import Refused
from crmetl.plan import Approval, Target, plan_id
from tests.contracts.estate import ESTATE, start
from tests.diff.crm import NOW, Estate, cell, delete, dump, edit, insert, key_of, load, merging, propose, retiring


def test_what_is_written_is_read_back_canonically_equal(target: Target) -> None:
    """Money to the last digit, dates, times, signs beyond the BMP, blanks inside and behind, JSON."""
    plan = propose(ESTATE, target)
    apply(plan, target=target, run="r1", now=NOW)

    for entity, rows in plan.creates.items():
        back = target.read(entity).reindex(rows.index)
        for column in [name for name in rows.columns if name not in ("rid", "group", "owner", "account", "main_contact")]:
            pd.testing.assert_series_equal(back[column], rows[column], check_names=False)


def test_references_lead_to_the_rows_that_were_made(target: Target) -> None:
    """Children hang on their parents, also in a circle."""
    start(target)

    assert key_of(target, "account", "A1") == cell(target, "contact", key_of(target, "contact", "C1"), "account")
    assert key_of(target, "contact", "C1") == cell(target, "account", key_of(target, "account", "A2"), "main_contact")


def test_a_second_plan_is_empty(reopen: Callable[[], Target]) -> None:
    """The same sources against what was loaded: nothing, not even for the ledger."""
    start(reopen())

    plan = propose(ESTATE, reopen())

    assert plan.empty()
    assert 0 == len(plan.loaded) + len(plan.crosswalk) + len(plan.conflicts)
    assert "nothing" == apply(plan, target=reopen(), run="r2", now=NOW).status
    assert ["r1"] == runs(reopen())["run"].tolist()


def test_an_update_and_its_rollback(target: Target) -> None:
    """Cells are set, and get back what they held; the crosswalk and the last values too."""
    start(target)
    before = dump(target)
    changed = {**ESTATE, "account": {**ESTATE["account"], "a1": {**ESTATE["account"]["a1"], "city": "北京", "credit": "1"}}}
    applied = load(changed, target, run="r2")

    taken = rollback("r2", target=target, now=NOW)

    assert {"account": {"create": 0, "update": 1, "merge": 0, "retire": 0}} == applied.written
    assert {"account": {"update": 1}} == taken.reversed
    assert before == dump(target)


def test_a_merge_and_its_rollback(target: Target) -> None:
    """A merge moves children and crosswalk; a rollback brings both rows back, children and all."""
    start(target)
    one, two = key_of(target, "account", "A1"), key_of(target, "account", "A2")
    before = dump(target)
    apply(propose(ESTATE, target, merges=merging(("account", two, one))), target=target, run="r2", now=NOW)
    merged = cell(target, "contact", key_of(target, "contact", "C2"), "account"), key_of(target, "account", "A2")

    rollback("r2", target=target, now=NOW)

    assert (one, one) == merged
    assert before == dump(target)


def test_a_first_load_and_its_rollback_leave_an_empty_crm(target: Target) -> None:
    """Rows that the run made are removed, children first, circles untied."""
    start(target)

    taken = rollback("r1", target=target, now=NOW)

    assert {"account": {"create": 2}, "contact": {"create": 2}, "note": {"create": 1}} == taken.reversed
    assert not any(dump(target).values())
    assert ["rolled_back"] == runs(target)["status"].tolist()


def test_a_rollback_keeps_what_others_did_since(target: Target) -> None:
    """A row edited since stays, and so does one that another's row hangs on, with its parents and its source key."""
    start(target)
    account = key_of(target, "account", "A1")
    edit(target, "contact", key_of(target, "contact", "C2"), full_name="赵")
    insert(target, "note", "typed", account=account, line="手记")

    taken = rollback("r1", target=target, now=NOW)

    reasons = dict(zip(taken.kept["entity"] + "/" + taken.kept["reason"], taken.kept["key"], strict=True))
    assert {"contact/edited", "account/children"} == set(reasons)
    assert ["A1", "A2"] == sorted(target.crosswalk("account")["source_key"])
    assert 1 == target.counts()["contact"]


def test_a_cell_edited_since_is_kept_by_a_rollback(target: Target) -> None:
    """The person's value stays, the others go back; the update counts as kept, not as reversed."""
    start(target)
    changed = {**ESTATE, "account": {**ESTATE["account"], "a1": {**ESTATE["account"]["a1"], "city": "北京", "credit": "1"}}}
    load(changed, target, run="r2")
    account = key_of(target, "account", "A1")
    edit(target, "account", account, city="广州")

    taken = rollback("r2", target=target, now=NOW)

    assert [("city", "edited")] == list(zip(taken.kept["column"], taken.kept["reason"], strict=True))
    assert ("广州", "12345678901234.5678") == (
        cell(target, "account", account, "city"),
        cell(target, "account", account, "credit"),
    )
    assert {} == taken.reversed


def test_a_tightened_consent_outlives_a_rollback(target: Target) -> None:
    """A run that entered an opt-out may be taken back; the opt-out may not."""
    load({"account": {"a1": {"name": "甲", "opt_out": "no"}}}, target)
    load({"account": {"a1": {"name": "甲", "opt_out": "yes"}}}, target, run="r2")

    taken = rollback("r2", target=target, now=NOW)

    assert ["consent"] == taken.kept["reason"].tolist()
    assert "yes" == cell(target, "account", key_of(target, "account", "A1"), "opt_out")


def test_a_retirement_and_its_rollback(target: Target) -> None:
    """Retired rows change their state and get it back."""
    start(target)
    account, before = key_of(target, "account", "A1"), dump(target)
    applied = apply(propose(ESTATE, target, retire=retiring(("account", account))), target=target, run="r2", now=NOW)

    taken = rollback("r2", target=target, now=NOW)

    assert 1 == applied.written["account"]["retire"]
    assert {"account": {"retire": 1}} == taken.reversed
    assert before == dump(target)


def test_a_run_that_others_built_on_is_not_rolled_back(target: Target) -> None:
    """The later run is named; once it is taken back, the older one can be, and only once."""
    start(target)
    later = {**ESTATE, "note": {**ESTATE["note"], "n2": {"account": "@a1", "line": "回访"}}}
    load(later, target, run="r2")

    with pytest.raises(PlanRefused) as refused:
        rollback("r1", target=target, now=NOW)

    assert "r2" in refused.value.line("en")
    rollback("r2", target=target, now=NOW)
    rollback("r1", target=target, now=NOW)
    assert not any(dump(target).values())
    with pytest.raises(PlanRefused):
        rollback("r1", target=target, now=NOW)


def test_only_what_moved_is_parked(target: Target) -> None:
    """An edit elsewhere does not void a plan: the moved group waits, the rest is written, the same apply goes on later."""
    many = {"account": {f"a{n}": {"name": f"公司{n}", "city": "上海"} for n in range(10)}}
    load(many, target)
    moved = {"account": {rid: {**cells, "city": "北京"} for rid, cells in many["account"].items()}}
    plan = propose(moved, target)
    key = key_of(target, "account", "A3")
    edit(target, "account", key, city="广州")

    applied = apply(plan, target=target, run="r2", now=NOW, stale_limit=0.2)

    assert "partly" == applied.status
    assert [(key, "city", "edited")] == list(
        zip(applied.parked["key"], applied.parked["column"], applied.parked["reason"], strict=True)
    )
    assert 9 == applied.written["account"]["update"]
    edit(target, "account", key, city="上海")
    again = apply(plan, target=target, run="r2", now=NOW, stale_limit=0.2)
    assert ("applied", 10) == (again.status, again.written["account"]["update"])


def test_a_stale_plan_starts_nothing(target: Target) -> None:
    """Above the limit the plan is refused, and not even a run is entered."""
    plan = propose(ESTATE, target)
    insert(target, "account", plan.creates["account"].index[0], name="手工")
    before = dump(target)

    with pytest.raises(PlanRefused):
        apply(plan, target=target, run="r1", now=NOW, stale_limit=0.0)

    assert before == dump(target)
    assert not len(runs(target))


def test_children_of_a_parked_row_wait_with_it(target: Target) -> None:
    """A new row whose key is taken is parked, and so is what hangs on it, in whatever depth."""
    plan = propose(ESTATE, target)
    taken = plan.creates["account"].index[plan.creates["account"]["name"] == "上海甲公司"][0]
    insert(target, "account", taken, name="手工")

    applied = apply(plan, target=target, run="r1", now=NOW, stale_limit=1.0)

    assert {"exists": 1, "parent_parked": 2} == applied.parked["reason"].value_counts().to_dict()
    assert {"account": 2, "contact": 1, "note": 0} == {name: target.counts()[name] for name in ("account", "contact", "note")}


def test_new_children_of_a_merged_row_park_the_merge(target: Target) -> None:
    """Somebody hung a row on the loser since: the merge is stale, for that child would stay behind."""
    start(target)
    one, two = key_of(target, "account", "A1"), key_of(target, "account", "A2")
    plan = propose(ESTATE, target, merges=merging(("account", two, one)))
    insert(target, "contact", "typed", account=two, full_name="新")

    applied = apply(plan, target=target, run="r2", now=NOW, stale_limit=1.0)

    assert "children" in set(applied.parked["reason"])
    assert two == cell(target, "contact", "typed", "account")


def test_a_row_that_the_database_refuses_is_listed_with_its_children(target: Target) -> None:
    """One bad row costs itself and what hangs on it; the others are written, and nothing of it is half there."""
    bad: Estate = {**ESTATE, "account": {**ESTATE["account"], "a1": {"name": None, "city": "上海"}}}

    applied = apply(propose(bad, target), target=target, run="r1", now=NOW)

    assert "partly" == applied.status
    assert {"not_null": 1, "parent_rejected": 2} == applied.rejected["reason"].value_counts().to_dict()
    assert {"account": 1, "contact": 1} == {name: target.counts()[name] for name in ("account", "contact")}
    assert ["A2"] == target.crosswalk("account")["source_key"].tolist()


def test_an_approval_is_good_for_exactly_its_plan_and_one_run(target: Target) -> None:
    """Another plan's approval, a second run, and a second go of a finished run are refused."""
    plan = propose(ESTATE, target)
    approval = Approval(plan_id(plan), "李经理", "owner", "2026-03-01T07:00:00+00:00")

    with pytest.raises(PlanRefused):
        apply(plan, target=target, approval=replace(approval, plan="0" * 64), run="r1", now=NOW)
    apply(plan, target=target, approval=approval, run="r1", now=NOW)
    for run in ("r1", "r2"):
        with pytest.raises(PlanRefused):
            apply(plan, target=target, approval=approval, run=run, now=NOW, stale_limit=1.0)


def test_a_run_of_another_plan_is_not_resumed(target: Target) -> None:
    """A run's name belongs to one plan."""
    start(target)

    with pytest.raises(PlanRefused):
        load({"account": {"a9": {"name": "新"}}}, target)


def test_one_writer_at_a_time(reopen: Callable[[], Target]) -> None:
    """While one holds the lease the other is told so; afterwards it may."""
    first, second = reopen(), reopen()
    first.prepare()
    second.prepare()

    with lease(first, "r1"), pytest.raises(LeaseHeld):
        load(ESTATE, second, run="r2")

    assert "applied" == load(ESTATE, second, run="r2").status


def test_a_writer_that_lost_its_lease_cannot_write(target: Target) -> None:
    """The fence: whoever was taken over finds out before its transaction commits."""
    target.prepare()
    with lease(target, "r1") as held:
        with target.transaction():
            target.update("crmetl_lease", pd.DataFrame({"name": ["apply"], "fence": ["99"]}, dtype="str"))

        with pytest.raises(LeaseHeld), target.transaction():
            held.renew()


def test_a_lease_whose_time_is_over_is_taken(target: Target) -> None:
    """A writer on another machine that no longer answers does not keep others out for ever."""
    target.prepare()
    gone = {"name": "apply", "holder": "r0", "host": "elsewhere", "pid": "1", "fence": "4"}
    with target.transaction():
        target.insert(
            "crmetl_lease", pd.DataFrame({name: [value] for name, value in gone.items()} | {"until": ["0"]}, dtype="str")
        )

    assert "applied" == load(ESTATE, target).status


def _write_twice(target: Target) -> None:
    with target.transaction():
        target.insert("account", pd.DataFrame({"key": ["k1"], "name": ["甲"]}, dtype="str"))
        target.insert("note", pd.DataFrame({"key": ["n1"], "account": ["nobody"], "line": ["x"]}, dtype="str"))


def test_a_transaction_is_all_or_nothing(target: Target) -> None:
    """What a refused transaction wrote before is not there."""
    target.prepare()

    with pytest.raises(Refused):
        _write_twice(target)

    assert 0 == target.counts()["account"]


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("account", {"key": "k1", "name": "乙"}, "unique"),
        ("account", {"key": "k2", "name": None}, "not_null"),
        ("contact", {"key": "c1", "account": "nobody"}, "foreign_key"),
    ],
)
def test_a_refusal_is_named(target: Target, table: str, row: dict[str, str | None], reason: str) -> None:
    """Each kind of refusal has a word, never the database's message, which may hold values."""
    insert(target, "account", "k1", name="甲")

    with pytest.raises(Refused) as refused, target.transaction():
        target.insert(table, pd.DataFrame({name: [value] for name, value in row.items()}).astype("str"))

    assert reason == refused.value.reason


def test_a_parent_is_not_removed_under_its_children(target: Target) -> None:
    """References hold on the way out too."""
    insert(target, "account", "k1", name="甲")
    insert(target, "contact", "c1", account="k1")

    with pytest.raises(Refused):
        delete(target, "account", "k1")

    assert [("k1", "contact", "account", "c1")] == list(target.children("account", ["k1"]).itertuples(index=False, name=None))


def test_an_empty_target_reads_as_empty(target: Target) -> None:
    """Before its tables are made a target has no rows, no keys and no memory, and all columns."""
    assert 0 == sum(target.counts().values())
    assert {"name", "custom", "score"} <= set(target.read("account").columns)
    assert 0 == len(target.read("account", ["x"])) + len(target.crosswalk("account")) + len(target.loaded("account"))
