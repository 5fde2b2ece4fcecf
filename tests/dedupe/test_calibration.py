"""What the scores promise: single pairs, pairs among their neighbours, and clusters as a whole."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from crmetl.dedupe import dedupe_table
from crmetl.dedupe.cluster.clustering import components
from crmetl.dedupe.cluster.jointly import WIDEST, jointly, partitions, posterior, together
from crmetl.dedupe.measure.calibration import expected, table
from crmetl.dedupe.model import Mbit
from crmetl.dedupe.scoring import Edges
from crmetl.dedupe.table import resolve_table

CUTS = np.array([-4_000, 0, 4_000])


def edges(pairs: dict[tuple[int, int], int], vetoed: Sequence[tuple[int, int]] = ()) -> Edges:
    """Return scored pairs, in 1/1000 bit."""
    i, j = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    return Edges(i, j, np.array(list(pairs.values()), dtype=np.int64), np.array([pair in vetoed for pair in pairs], dtype=bool))


def never(i: Mbit, j: Mbit) -> Edges:
    """Score pairs that nothing brings together."""
    return Edges(i, j, np.full(len(i), -30_000, dtype=np.int64), np.zeros(len(i), dtype=bool))


def chances(size: int, found: Edges) -> dict[tuple[int, int], float]:
    """Return how probable each pair is."""
    whole, shares = jointly(size, found, score=never)
    return dict(zip(zip(whole.i.tolist(), whole.j.tolist(), strict=True), shares.tolist(), strict=True))


def test_pairs_drawn_from_their_scores_are_as_good_as_promised() -> None:
    """Where each pair is one as often as its score says, expected and actual figures are the same to a point."""
    random = np.random.default_rng(5)
    scores = random.normal(-2_000, 5_000, 40_000).astype(np.int64)
    counts = random.integers(1, 4, len(scores))
    true = random.random(len(scores)) < posterior(scores)

    for one, cut in zip(table(scores, counts, cuts=CUTS), CUTS.tolist(), strict=True):
        at = scores >= cut
        assert one.pairs == counts[at].sum()
        assert one.precision == pytest.approx((counts * true)[at].sum() / counts[at].sum(), abs=0.01)
        assert one.recall == pytest.approx((counts * true)[at].sum() / (counts * true).sum(), abs=0.01)


def test_a_higher_cut_promises_more_precision_and_less_recall() -> None:
    """Both figures move one way along the table."""
    scores = np.arange(-20_000, 20_000, 37, dtype=np.int64)
    told = table(scores, np.ones(len(scores), dtype=np.int64), cuts=np.arange(-10_000, 10_001, 500))

    precision, recall = ([one.precision or 0 for one in told], [one.recall or 0 for one in told])
    assert min(*precision, *recall) > 0
    assert precision == sorted(precision)
    assert recall == sorted(recall, reverse=True)


def test_no_pairs_promise_nothing() -> None:
    """Nothing found of nothing: there is nothing to measure."""
    none = np.zeros(0, dtype=np.int64)

    assert [(None, None, 0)] * 3 == [(one.precision, one.recall, one.pairs) for one in table(none, none, cuts=CUTS)]


def _grouped(records: Sequence[int]) -> Iterator[list[list[int]]]:
    """Yield all partitions, by a way of its own: the first record with every choice of the others."""
    if not records:
        yield []
        return
    head, *rest = records
    for number in range(len(rest) + 1):
        for mates in combinations(rest, number):
            for more in _grouped([one for one in rest if one not in mates]):
                yield [[head, *mates], *more]


@pytest.mark.parametrize("size", [3, 4, 5])
def test_a_group_is_weighed_by_all_its_partitions(size: int) -> None:
    """The probability of a pair is that of the partitions which join it, counted out one by one."""
    pairs = list(combinations(range(size), 2))
    bits = np.random.default_rng(size).normal(0, 4, len(pairs))
    weights = dict.fromkeys(pairs, 0.0)
    whole = 0.0
    for partition in _grouped(range(size)):
        joined = [pair for group in partition for pair in combinations(group, 2)]
        weight = 2 ** sum(bits[pairs.index(pair)] for pair in joined)
        whole += weight
        weights |= {pair: weights[pair] + weight for pair in joined}

    found = together(bits[None, :], size)[0]

    np.testing.assert_allclose(found, [weights[pair] / whole for pair in pairs])


def test_partitions_are_counted_by_bell_s_numbers() -> None:
    """1, 2, 5, 15, 52, 203, 877."""
    assert [1, 2, 5, 15, 52, 203, 877] == [len(partitions(size)) for size in range(1, WIDEST + 1)]


def test_two_alone_have_their_own_posterior() -> None:
    """Nobody bears them out, nobody contradicts."""
    assert chances(2, edges({(0, 1): 2_000})) == {(0, 1): pytest.approx(0.8)}


def test_a_third_record_bears_a_doubtful_pair_out() -> None:
    """Both agree with it: the pair is likelier one than its score says."""
    found = chances(3, edges({(0, 1): 6_000, (1, 2): 6_000, (0, 2): -1_000}))

    assert posterior(np.array([-1_000]))[0] < 0.34
    assert found[0, 2] > 0.9


def test_a_third_record_contradicts() -> None:
    """It agrees with one and by no means with the other: the pair is less likely one than its score says."""
    found = chances(3, edges({(0, 1): 3_000, (1, 2): 9_000, (0, 2): -15_000}))

    assert posterior(np.array([3_000]))[0] > 0.88
    assert found[0, 1] < 0.1


def test_a_veto_is_certain() -> None:
    """Two that must not be one have no chance, and so has neither side more than one of them."""
    found = chances(3, edges({(0, 1): 8_000, (1, 2): 8_000, (0, 2): 30_000}, vetoed=[(0, 2)]))

    assert found[0, 2] == 0
    assert found[0, 1] + found[1, 2] == pytest.approx(1.0, abs=0.01)


def test_a_pair_that_was_not_compared_is_scored_inside_its_group() -> None:
    """A chain of three tells of its ends, too."""
    found = chances(3, edges({(0, 1): 5_000, (1, 2): 5_000}))

    assert found[0, 2] < 0.001
    assert found[0, 1] == pytest.approx(0.49, abs=0.02)


def test_large_groups_are_cut_where_they_are_weakest() -> None:
    """A long chain stays bounded; strong pairs keep their weight, and no pair is lost."""
    size = 40
    found = edges({(k, k + 1): 9_000 if k % 2 == 0 else -3_000 for k in range(size - 1)})

    told = chances(size, found)

    assert components(size, found.i, found.j).max() == 0
    assert all(told[k, k + 1] > 0.9 for k in range(0, size - 1, 2))
    assert found.i.tolist() == [pair[0] for pair in list(told)[: len(found)]]


def test_a_table_comes_with_what_its_scores_promise() -> None:
    """Copies of one row are pairs of rows; figures are shares, the cuts go up bit by bit around the model's own."""
    people = pd.DataFrame(
        {
            "given_name": ["Catherine", "Mark", "Katherine", "Anna", "Mark"],
            "surname": ["McCarthy", "Ellis", "McCarthy", "Ellis", "Ellis"],
            "date_of_birth": ["1956-04-09", "1970-01-13", "1956-04-09", "1988-11-02", "1970-01-13"],
        }
    ).astype("str")

    done = dedupe_table(people)

    promised, cut = done.expected, done.model.cut / 1000
    assert 0.5 < (promised.precision or 0) <= 1
    assert 0 < (promised.recall or 0) <= 1
    assert [cut + k for k in range(-10, 11)] == [one.bits for one in promised.cuts]
    assert 2 == next(one.pairs for one in promised.cuts if one.bits == cut)


def test_an_empty_table_promises_nothing() -> None:
    """No rows, no pairs."""
    none = pd.DataFrame({"given_name": [], "surname": []}, dtype="str")

    done = dedupe_table(none, fields={"given_name": "given_name", "surname": "family_name"})

    assert (None, None) == (done.expected.precision, done.expected.recall)


def test_of_many_pairs_a_part_of_the_groups_tells_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which groups are weighed follows from the records alone, and the figures stay where they were."""
    random = np.random.default_rng(9)
    names = ["Anna", "Mark", "Ruth", "Paul", "Jane", "Ivy", "Hugo", "Nora"]
    rows = [(names[random.integers(8)], f"{names[random.integers(8)]}son", f"19{random.integers(50, 90)}-0{random.integers(1, 7)}-02")
            for _ in range(1_200)]  # fmt: skip
    frame = pd.DataFrame([*rows, *rows[:400]], columns=["given_name", "surname", "date_of_birth"], dtype="str")
    kinds = {"given_name": "given_name", "surname": "family_name", "date_of_birth": "date_of_birth"}
    found, _, _ = resolve_table(frame, kinds, cut=None, model=None)
    whole = expected(found)
    monkeypatch.setattr("crmetl.dedupe.measure.calibration.ENOUGH", len(found.edges) // 2)

    part, again = expected(found), expected(found)

    assert part == again
    assert part.cuts == whole.cuts
    assert (part.precision, part.recall) == pytest.approx((whole.precision, whole.recall), abs=0.05)
