"""One key on several rows: decisions over a whole source that hold for any chunks and any order."""

import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.batch import Batch, conserve
from crmetl.mapping import MapRules, map_rows, map_rules, repeats
from crmetl.mapping.repeats import Repeats

from .golden import project_of, rows_of, settled

CUSTOMERS = """
source: east
system: branch
reads: rows.csv
entities: {account: {key: 编号}}
columns: {名称: account.name, 城市: account.city, 姓名: contact.full_name}
"""


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> MapRules:
    """Accounts by key, contacts by row."""
    project = project_of(tmp_path_factory.mktemp("east"), {"east": CUSTOMERS})
    return map_rules(project, project.sources[0])


LINE = st.fixed_dictionaries(
    {
        "编号": st.sampled_from(["K1", "K2", "K3"]),
        "名称": st.sampled_from(["甲", "乙", ""]),
        "城市": st.sampled_from(["苏州", ""]),
        "姓名": st.sampled_from(["王芳", ""]),
    }
)


def by_chunks(frame: pd.DataFrame, rules: MapRules, size: int) -> tuple[list[str], list[str], list[list[str]]]:
    """Return kept accounts, held accounts and (contact's place, its account's id), of rows mapped in chunks."""
    parts = [map_rows(frame.iloc[at : at + size], rules=rules).records for at in range(0, len(frame), size)]
    decided: dict[str, Repeats] = {}
    results = {}
    for name in parts[0]:
        decided[name] = repeats((one[name].frame for one in parts), entity=name, rules=rules, parents=decided)
        results[name] = [decided[name].settle(one[name]) for one in parts]
    for name, pairs in results.items():
        for came, result in pairs:
            conserve(name, came.frame.index, result)
    kept = [rid for _, one in results["account"] for rid in one.kept.frame.index]
    held = [rid for _, one in results["account"] for rid in one.held.frame.index]
    links = [line for _, one in results["contact"] for line in one.kept.frame[["_row", "account"]].to_numpy().tolist()]
    return sorted(kept), sorted(held), sorted(links, key=str)


@settings(max_examples=25, deadline=None)
@given(lines=st.lists(LINE, min_size=1, max_size=7), size=st.integers(3, 8), seed=st.integers(0, 99))
def test_chunks_and_order_do_not_matter(customers: MapRules, lines: list[dict[str, str]], size: int, seed: int) -> None:
    """The same records are kept, held and referred to, whatever the chunks and the order of rows."""
    rows = rows_of(lines)

    together, apart = by_chunks(rows, customers, 99), by_chunks(rows.sample(frac=1, random_state=seed), customers, size)

    assert together == apart


@settings(max_examples=25, deadline=None)
@given(lines=st.lists(LINE, min_size=1, max_size=9), room=st.integers(1, 4))
def test_how_many_are_compared_at_a_time_does_not_matter(customers: MapRules, lines: list[dict[str, str]], room: int) -> None:
    """A source with more repeated records than fit is decided in several goes, to the same end."""
    whole = by_chunks(rows_of(lines), customers, 4)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["crmetl.mapping.repeats"], "ROOM", room)
        apart = by_chunks(rows_of(lines), customers, 4)

    assert apart == whole


@settings(max_examples=25, deadline=None)
@given(lines=st.lists(LINE, min_size=1, max_size=7))
def test_ids_are_unique_and_children_refer_to_them(customers: MapRules, lines: list[dict[str, str]]) -> None:
    """After settling each id stands once, and every reference points to one that is there."""
    kept, held, links = by_chunks(rows_of(lines), customers, 4)

    assert len({*kept, *held}) == len(kept) + len(held)
    assert {account[1:] for _, account in links if isinstance(account, str)} <= {*kept, *held}


def test_what_contradicts_itself_waits_and_what_is_blank_does_not(customers: MapRules) -> None:
    """A blank cell contradicts nothing; two names do."""
    lines = [
        {"编号": "K1", "名称": "甲", "城市": "", "姓名": ""},
        {"编号": "K1", "名称": "甲", "城市": "苏州", "姓名": ""},
        {"编号": "K2", "名称": "甲", "城市": "苏州", "姓名": ""},
        {"编号": "K2", "名称": "乙", "城市": "", "姓名": ""},
    ]

    result = settled(map_rows(rows_of(lines), rules=customers).records, customers)["account"]

    assert result.kept.frame[["_key", "city"]].to_numpy().tolist() == [["K1", "苏州"]]
    assert result.held.frame["_key"].tolist() == ["K2", "K2"]
    assert result.findings["code"].tolist() == ["KEY_REPEATED", "KEY_REPEATED"]


def test_a_keyed_record_below_unkeyed_parents_is_compared_with_them(tmp_path: Path) -> None:
    """The same person at the same company twice is one; at two companies it waits."""
    text = CUSTOMERS.replace("account: {key", "contact: {key")
    project = project_of(tmp_path, {"east": text})
    rules = map_rules(project, project.sources[0])
    lines = [
        {"编号": "P1", "名称": "甲", "城市": "", "姓名": "王芳"},
        {"编号": "P1", "名称": "甲", "城市": "", "姓名": "王芳"},
        {"编号": "P2", "名称": "甲", "城市": "", "姓名": "李强"},
        {"编号": "P2", "名称": "乙", "城市": "", "姓名": "李强"},
    ]

    result = settled(map_rows(rows_of(lines), rules=rules).records, rules)["contact"]

    assert result.kept.frame["_key"].tolist() == ["P1"]
    assert result.held.frame["_key"].tolist() == ["P2", "P2"]


def test_a_project_may_let_differing_copies_pass(tmp_path: Path) -> None:
    """With a milder severity of KEY_REPEATED one copy is taken, and the finding says so."""
    settings = "name: x\nsource_root: .\ntarget: 'sqlite://'\nseverities: {KEY_REPEATED: note}"
    project = project_of(tmp_path, {"east": CUSTOMERS}, settings=settings)
    rules = map_rules(project, project.sources[0])
    lines = [{"编号": "K1", "名称": name, "城市": "", "姓名": ""} for name in ("甲", "乙")]

    result = settled(map_rows(rows_of(lines), rules=rules).records, rules)["account"]

    assert (len(result.kept), len(result.held), result.findings["code"].tolist()) == (1, 0, ["KEY_DIFFERS"])


def test_nothing_seen_decides_nothing(customers: MapRules) -> None:
    """A source without rows has no repeats; a batch passes unchanged."""
    batch = map_rows(rows_of([{"编号": "K1", "名称": "甲", "城市": "", "姓名": ""}]), rules=customers).records["account"]

    came, result = repeats([], entity="account", rules=customers).settle(batch)

    assert isinstance(came, Batch)
    pd.testing.assert_frame_equal(result.kept.frame, batch.frame)


def test_records_without_a_key_are_not_even_read(customers: MapRules) -> None:
    """Where no id can stand twice, the parts are left alone."""
    parts = iter([pd.DataFrame()])

    repeats(parts, entity="contact", rules=customers)

    assert len(list(parts)) == 1
