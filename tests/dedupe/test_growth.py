"""A cluster keeps to its size, a CRM row does not take in too much at once, and who is told once is not merged with himself."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmetl.batch import conserve
from crmetl.dedupe import Deduped, MatchRules, dedupe, dedupe_table
from crmetl.dedupe.cluster.clustering import cluster
from crmetl.dedupe.cluster.growth import Bounds, bounded
from crmetl.dedupe.scoring import Edges
from tests.dedupe.records import ACCOUNT, HENGTONG, PHONE, ROWS, SHORT, batch, clusters, people
from tests.dedupe.test_decided import absorbed, codes, crm, decision, prints
from tests.examples import heavy

CODE = "91310115MA1K35X12A"


def branches(number: int, **more: str) -> list[dict[str, str | None]]:
    """One firm by its credit code, written with so many different addresses."""
    return [{"name": HENGTONG, "uscc": CODE, "address": f"上海市张江路{n}号", **more} for n in range(1, number + 1)]


def sizes(found: Deduped, rows: list[Any]) -> list[int]:
    return sorted(len(one) for one in clusters(batch(rows).frame, found.result.absorbed))


def asked(found: Deduped) -> int:
    return int((found.pairs["verdict"] == "review").sum())


def test_a_cluster_does_not_grow_beyond_the_declared_contents() -> None:
    """Nine contents that would be one make groups of at most four; what was cut is asked, and the records say why."""
    rows = branches(9)

    whole, held = (dedupe(batch(rows), rules=replace(ACCOUNT, most_in_cluster=most)) for most in (9, 4))

    assert [9] == sizes(whole, rows)
    assert "CLUSTER_TOO_LARGE" not in codes(whole)
    assert max(sizes(held, rows)) <= 4
    assert asked(held) >= 1
    assert "CLUSTER_TOO_LARGE" in codes(held)
    conserve("dedupe", batch(rows).frame.index, held.result)


def test_copies_do_not_count() -> None:
    """Two hundred rows of three contents are one cluster, whatever the order in which they stand."""
    rows = branches(3) * 70

    found = dedupe(batch(rows), rules=replace(ACCOUNT, most_in_cluster=3))

    assert [210] == sizes(found, rows)
    assert "CLUSTER_TOO_LARGE" not in codes(found)


def test_many_contacts_make_no_firm_larger() -> None:
    """A firm's own fields count: twelve rows that differ in the contact only are one content."""
    rows = [{"name": HENGTONG, "phone": PHONE} for _ in range(12)]
    some = people({f"r{n}": (f"+86139123400{n:02d}", "宋文松") for n in range(1, 13)})

    found = dedupe(batch(rows), rules=replace(ACCOUNT, most_in_cluster=3), evidence=some)

    assert [12] == sizes(found, rows)


def edges(*pairs: tuple[int, int, int]) -> Edges:
    i, j, scores = np.array(pairs, dtype=np.int64).T
    return Edges(i, j, scores, np.zeros(len(i), dtype=bool))


def bounds(size: int, most: int) -> Bounds:
    return Bounds((), np.zeros(size, dtype=np.int64), most)


def test_the_cut_is_at_the_weakest_link() -> None:
    """Two strong groups of three hang together by one pair: that pair is cut, and no other."""
    strong = [(0, 1, 9), (1, 2, 9), (0, 2, 9), (3, 4, 9), (4, 5, 9), (3, 5, 9)]

    labels = bounded(np.zeros(6, dtype=np.int64), edges(*strong, (2, 3, 5)), bounds(6, 4), np.arange(6))

    assert [0, 0, 0, 1, 1, 1] == labels.tolist()


def test_what_is_certain_is_never_cut() -> None:
    """Records that the crosswalk calls one stay one, however many they are; nothing new is added to them."""
    tied = np.array([0, 0, 0, 0, 1])

    labels = bounded(np.zeros(5, dtype=np.int64), edges((0, 1, 9), (1, 2, 9), (2, 3, 9), (3, 4, 9)), bounds(5, 3), tied)

    assert [0, 0, 0, 0, 1] == labels.tolist()


def test_what_is_far_away_changes_no_cluster() -> None:
    """A component that is too large is cut by its own links, whatever other large component is there."""
    chain = [(n, n + 1, 4_000 + 137 * (n % 20)) for n in range(79)]
    other = [(100 + n, 101 + n, 90 + 11 * (n % 7)) for n in range(89)]

    def score(i: np.ndarray[Any, np.dtype[np.int64]], j: np.ndarray[Any, np.dtype[np.int64]]) -> Edges:
        return Edges(i, j, np.zeros(len(i), dtype=np.int64), np.zeros(len(i), dtype=bool))

    alone = cluster(100, edges(*chain), cut=0, score=score)
    beside = cluster(190, edges(*chain, *other), cut=0, score=score)

    assert alone[:80].tolist() == beside[:80].tolist()
    assert np.bincount(alone).max() < 80


@given(ROWS, st.integers(2, 4), st.randoms(use_true_random=False))
@heavy(6)
def test_no_order_of_records_moves_the_cut(rows: list[Any], most: int, order: Any) -> None:
    """Clusters of at most so many contents, and the same ones, in whatever order the records come."""
    records, rules = batch(rows), replace(ACCOUNT, most_in_cluster=most)
    mixed = list(records.frame.index)
    order.shuffle(mixed)

    one = dedupe(records, rules=rules)
    other = dedupe(replace(records, frame=records.frame.loc[mixed]), rules=rules)

    assert absorbed(one) == absorbed(other)
    fields = [one.field for one in ACCOUNT.comparisons if one.field in records.frame]
    for members in clusters(records.frame, one.result.absorbed):
        assert len(records.frame.loc[sorted(members), fields].drop_duplicates()) <= most


def test_the_table_keeps_to_the_size_too() -> None:
    """`crmetl dedupe` on a file has the same guard."""
    frame = pd.DataFrame(
        {"单位名称": HENGTONG, "信用代码": CODE, "地址": [f"上海市张江路{n}号" for n in range(1, 10)]}, dtype="str"
    )

    done = dedupe_table(frame, most_in_cluster=4)

    assert done.frame["cluster_id"].value_counts().max() <= 4


THERE = crm(K1={"name": HENGTONG, "uscc": CODE, "phone": PHONE})


def growing(most: int) -> MatchRules:
    return replace(ACCOUNT, most_growth=most)


def test_a_crm_row_does_not_take_in_too_much_at_once() -> None:
    """Five new contents for one row where three may come: they are held, each with its question, and nothing is created."""
    rows = branches(5)

    fits, many = (dedupe(batch(rows), rules=growing(most), existing=THERE) for most in (5, 3))

    assert {"K1"} == set(fits.matched)
    assert 5 == len(many.result.held.frame)
    assert "GROWTH_TOO_FAST" in codes(many)
    assert many.matched.empty
    assert 5 == asked(many)


def test_what_the_crm_row_shows_already_makes_it_no_larger() -> None:
    """Copies of its content, and records that the crosswalk knows, go on; only the new ones wait."""
    more: list[dict[str, str | None]] = [{"name": HENGTONG, "uscc": CODE, "phone": PHONE}, {"name": SHORT, "uscc": CODE}]
    rows = [*branches(5), *more]

    found = dedupe(batch(rows), rules=growing(3), existing=THERE, known=pd.Series({"r7": "K1"}, dtype="str"))

    assert {"r1", "r2", "r3", "r4", "r5"} == set(found.result.held.frame.index)
    assert {"K1"} == set(found.matched)


def test_a_growing_row_takes_in_what_a_person_confirmed() -> None:
    """A decision makes a record certain: it no longer counts, and the others come below the line."""
    rows = branches(5)
    told, there = prints(rows), prints([{"name": HENGTONG, "uscc": CODE, "phone": PHONE}])["r1"]
    said = pd.concat([decision(told[f"r{n}"], there, "same") for n in (1, 2)])

    found = dedupe(batch(rows), rules=growing(3), existing=THERE, decisions=said)

    assert not len(found.result.held.frame)
    assert {"K1"} == set(found.matched)


ONCE = replace(ACCOUNT, one_to_one=("erp",))


@pytest.mark.parametrize("phone", [PHONE, None])
def test_records_of_a_source_that_holds_everybody_once_are_never_one(phone: str | None) -> None:
    """Whether they are copies or alike, the declaration stands above the evidence, and nobody is asked."""
    rows: list[dict[str, str | None]] = [
        {"name": HENGTONG, "phone": PHONE, "source": "erp"},
        {"name": HENGTONG, "phone": phone, "source": "erp"},
    ]

    assert 1 == len(absorbed(dedupe(batch(rows), rules=ACCOUNT)))
    found = dedupe(batch(rows), rules=ONCE)

    assert {} == absorbed(found)
    assert 0 == asked(found)


def test_not_through_a_third_record_either() -> None:
    """A record of another source goes to the one that it fits best."""
    rows = [
        {"name": HENGTONG, "phone": PHONE, "source": "erp"},
        {"name": HENGTONG, "phone": PHONE, "address": "上海市张江路88号", "source": "erp"},
        {"name": HENGTONG, "phone": PHONE, "address": "上海市张江路88号", "source": "east"},
    ]

    assert [3] == sizes(dedupe(batch(rows), rules=ACCOUNT), rows)
    assert {"r3": "r2"} == absorbed(dedupe(batch(rows), rules=ONCE))


def test_not_through_the_crm_row_that_one_of_them_is() -> None:
    """The row has taken in the first; the second of that source is another one, however well it fits the row."""
    rows = [{"name": "旧名", "source": "erp"}, {"name": HENGTONG, "phone": PHONE, "uscc": CODE, "source": "erp"}]
    known = pd.Series({"r1": "K1"}, dtype="str")

    assert {"r1": "K1"} != dedupe(batch(rows), rules=ACCOUNT, existing=THERE, known=known).matched.to_dict()
    assert {"r1": "K1"} == dedupe(batch(rows), rules=ONCE, existing=THERE, known=known).matched.to_dict()


def test_what_the_crosswalk_or_a_person_calls_one_is_one() -> None:
    """What is certain stands above the declaration."""
    rows = [{"name": HENGTONG, "phone": PHONE, "source": "erp"}, {"name": SHORT, "source": "erp"}]
    told = prints(rows)

    known = dedupe(batch(rows), rules=ONCE, existing=THERE, known=pd.Series({"r1": "K1", "r2": "K1"}, dtype="str"))
    said = dedupe(batch(rows), rules=ONCE, decisions=decision(told["r1"], told["r2"], "same"))

    assert 1 == len(absorbed(known)) == len(absorbed(said))


@given(ROWS)
@heavy(8)
def test_no_cluster_holds_two_records_of_such_a_source(rows: list[Any]) -> None:
    """Whatever the records are."""
    records = batch(rows)

    found = dedupe(records, rules=replace(ACCOUNT, one_to_one=("erp", "event")))

    conserve("dedupe", records.frame.index, found.result)
    for members in clusters(records.frame, found.result.absorbed):
        sources = records.frame.loc[sorted(members), "_source"]
        assert not sources[sources != "east"].duplicated().any()
