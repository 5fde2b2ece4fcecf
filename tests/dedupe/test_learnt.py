"""Models learnt from records alone: quality, look-alikes, one kernel, a table without duplicates, a batch beside a CRM."""

import json
from collections.abc import Hashable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.western import people
from crmetl.clean import TYPES, Context
from crmetl.clean.arrays import NOWHERE, comparable_one
from crmetl.dedupe import Compared, MatchRules, Model, dedupe, dedupe_table, evaluate, explain
from crmetl.dedupe.learn.kinds import KINDS
from crmetl.dedupe.onerecord import compare_one, weighed
from crmetl.dedupe.scoring import added_up
from crmetl.dedupe.table import TableDeduped
from tests.dedupe.records import ACCOUNT, batch

NUMBER = 3_000


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Return people in households, with their true number in `entity`."""
    return people(NUMBER, seed=11).replace("", pd.NA).astype("str")


@pytest.fixture(scope="module")
def done(table: pd.DataFrame) -> TableDeduped:
    """Return the table matched by what it teaches."""
    return dedupe_table(table.drop(columns="entity"))


def rules_of(done: TableDeduped) -> MatchRules:
    """Return what the table was matched with."""
    return MatchRules("table", tuple(Compared(*one) for one in done.fields.items()), model=done.model)


def compared(
    table: pd.DataFrame, done: TableDeduped, number: int
) -> list[tuple[dict[str, str | None], dict[str, str | None], int]]:
    """Return the two records of each of the first pairs, and their score."""
    cells = (done.pairs.head(number)[name].tolist() for name in ("left", "right", "score_mbit"))
    rows = table.to_dict("records")
    return [(record(rows[a], done.fields), record(rows[b], done.fields), mbit) for a, b, mbit in zip(*cells, strict=True)]


def record(row: Mapping[Hashable, object], fields: Mapping[str, str]) -> dict[str, str | None]:
    """Return a row as a table without Chinese is read."""
    nowhere = Context(country=NOWHERE)
    cells = {name: str(row[name]) for name in fields if isinstance(row[name], str)}
    return {name: comparable_one(cells[name], TYPES[kind], nowhere) if name in cells else None for name, kind in fields.items()}


def test_people_are_told_apart_from_their_households(table: pd.DataFrame, done: TableDeduped) -> None:
    """No label, no setting: nearly all pairs are found, and the members of a household stay apart."""
    found = evaluate(done.frame["cluster_id"].astype("str"), table["entity"])
    assert done.model.told["weights"] == "trained"
    assert "household" in done.model.kinds
    assert found.precision > 0.95
    assert found.recall > 0.93
    assert found.b_f1 > 0.97


def test_a_learnt_score_is_a_sum_that_can_be_shown(table: pd.DataFrame, done: TableDeduped) -> None:
    """Prior, fields and look-alikes add up to the score that the pair was decided with, whichever record comes first."""
    rules = rules_of(done)
    kinds = {one.name for one in KINDS}
    seen = set()
    for left, right, mbit in compared(table, done, 200):
        told = explain(left, right, rules)
        assert told.score == told.prior + sum(one.mbit for one in told.parts)
        assert told.score == mbit
        assert explain(right, left, rules) == told
        seen |= {one.level for one in told.parts if one.field == "alike"}
    assert seen & kinds


def test_one_record_scores_as_the_table(table: pd.DataFrame, done: TableDeduped) -> None:
    """The check of one record uses the learnt contexts and look-alikes too."""
    rules = rules_of(done)
    for left, right, mbit in compared(table, done, 60):
        (found,) = compare_one(left, {"k": [right]}, weighed(rules, done.model))
        assert found.score == mbit
        assert not found.parts or found.score == done.model.prior + sum(one.mbit for one in found.parts)


def test_a_learnt_model_is_read_as_it_was_written(done: TableDeduped) -> None:
    """YAML and JSON keep contexts, look-alikes and blocking rules; the fingerprint depends on each."""
    model = done.model
    assert model.blocking
    assert any("|" in level for level in model.weights["email"])
    assert Model.from_yaml(model.to_yaml()) == model
    assert Model.from_json(model.to_json()) == model
    assert replace(model, kinds={}).fingerprint != model.fingerprint
    assert replace(model, blocking=()).fingerprint != model.fingerprint


def test_a_model_from_before_kinds_is_read() -> None:
    """An index that an earlier version built keeps answering."""
    tree = json.loads(Model("account", weights={"phone": {"same": 18_932}}).to_json())
    earlier = {name: one for name, one in tree.items() if name not in ("kinds", "blocking", "learnt")}
    assert Model.from_json(json.dumps(earlier)) == Model("account", weights={"phone": {"same": 18_932}})


def test_order_changes_nothing_that_is_learnt(table: pd.DataFrame, done: TableDeduped) -> None:
    """Shuffled rows give the same model and the same clusters."""
    order = np.random.default_rng(5).permutation(len(table))
    again = dedupe_table(table.drop(columns="entity").iloc[order])
    assert again.model == done.model
    there = pd.Series(again.frame["cluster_id"].to_numpy(), index=order).sort_index().to_numpy()
    assert (pd.factorize(there)[0] == pd.factorize(done.frame["cluster_id"].to_numpy())[0]).all()


def test_distinct_people_stay_apart(table: pd.DataFrame) -> None:
    """A table without duplicates gives none, though it is full of families."""
    distinct = table.drop_duplicates("entity").drop(columns="entity")
    assert dedupe_table(distinct).counts["duplicates"] <= 1


def test_swapped_names_are_one_person(done: TableDeduped) -> None:
    """Given and family name in each other's column are told as swapped, and count for a match."""
    rules = rules_of(done)
    one = {"first_name": "oscar", "last_name": "wintermill", "dob": "1971-04-09"}
    other = {"first_name": "wintermill", "last_name": "oscar", "dob": "1971-04-09"}
    told = {part.field: part for part in explain(one, other, rules).parts}
    assert (told["first_name"].level, told["last_name"].level) == ("swapped", "swapped")
    assert told["first_name"].mbit > 0
    assert told["last_name"].mbit > 0


@pytest.mark.parametrize(
    ("given", "levels"),
    [
        ("oscar", ("swapped", "swapped")),
        ("oscra", ("swapped", "swapped")),
        ("o", ("swapped", "swapped")),
        ("irene", ("else", "swapped")),
    ],
)
def test_one_swapped_name_is_a_swap_where_the_other_is_alike(done: TableDeduped, given: str, levels: tuple[str, str]) -> None:
    """A wife beside her husband whose names were swapped shares the family name with him, and no more."""
    one = {"first_name": "oscar", "last_name": "wintermill", "dob": "1971-04-09"}
    other = {"first_name": "wintermill", "last_name": given, "dob": "1971-04-09"}
    told = {part.field: part.level for part in explain(one, other, rules_of(done)).parts}
    assert (told["first_name"], told["last_name"]) == levels


def test_who_moved_is_learnt_as_a_match(done: TableDeduped) -> None:
    """Another street, postcode and city are one difference, not three."""
    assert done.model.kinds["moved"].same
    one = {"first_name": "oscar", "last_name": "wintermill", "dob": "1971-04-09", "street": "12 oak lane", "postcode": "94105"}
    found = explain(one, {**one, "street": "301 elm road", "postcode": "10001"}, rules_of(done))
    assert found.score >= done.model.cut


def test_names_nearly_alike_make_mailboxes_alike(done: TableDeduped) -> None:
    """The mailbox tells less of people of near names than of people of different names."""
    one = {"first_name": "anna", "last_name": "barton", "email": "anna.barton@gmail.com"}
    near, far = (
        explain(one, {"first_name": "anna", "last_name": name, "email": "anna.barlow@gmail.com"}, rules_of(done))
        for name in ("barlow", "winter")
    )
    told = [{part.field: part.mbit for part in found.parts}["email"] for found in (near, far)]
    assert told[0] < told[1]


@given(st.integers(-60_000, 60_000), st.integers(-60_000, 60_000))
def test_probabilities_add_up_by_integers(a: int, b: int) -> None:
    """The table gives log2(2^a + 2^b) to 2/1000 bit, whichever comes first."""
    found = int(added_up(np.array([a]), np.array([b]))[0])
    assert found == int(added_up(np.array([b]), np.array([a]))[0])
    high, low = max(a, b), min(a, b)
    assert abs(found - (high + 1000 * np.log2(1 + 2.0 ** ((low - high) / 1000)))) <= 2


def test_records_without_doubles_are_found_in_the_crm() -> None:
    """A batch in which everybody stands once, two behind one number, tells of no matches; its records are the CRM's rows all the same."""
    firsts, seconds, trades = "恒澜沐槿曜璟泓琛崇嵘骐珩", "川舟禾越霖峰岭澄钰昊祺铭", ("贸易", "机械", "食品", "包装")
    names = [f"上海{a}{b}{trade}有限公司" for a in firsts for b in seconds for trade in trades]
    rows = [{"name": name, "phone": f"+8621{61_000_000 + 13 * (n // 2)}", "city": "上海市"} for n, name in enumerate(names)]
    there = pd.DataFrame(rows, dtype="str").assign(name=[name.removeprefix("上海") for name in names])
    existing = there.set_index(pd.Index([f"K{n}" for n in range(len(names))], name="key"))

    found = dedupe(batch([{**row, "rid": f"r{n}"} for n, row in enumerate(rows)]), rules=ACCOUNT, existing=existing)

    assert found.model.learnt
    assert found.matched.to_dict() == {f"r{n}": f"K{n}" for n in range(len(names))}
