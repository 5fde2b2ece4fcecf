"""Samples for a person to label: what is kept, how it is drawn, and what the labels say."""

import numpy as np
import pandas as pd
import pytest

from crmetl.dedupe import dedupe
from crmetl.dedupe.measure.measuring import bands_of, measure
from crmetl.dedupe.measure.sampling import BANDS, KEPT, LEAST, MERGED, draw, pool_of, spread
from crmetl.dedupe.table import resolve_table
from crmetl.quality.measured import Interval, MeasuredBand
from tests.dedupe.records import ACCOUNT, HENGTONG, OTHER_PHONE, PHONE, batch

SIZES = {"sure": 600, "near": 150, "doubtful": 80, "below": 300, "far": 1_000}
TRUE = {"sure": 0.995, "near": 0.9, "doubtful": 0.4, "below": 0.04, "far": 0.002}


def strata(entity: str = "account") -> pd.DataFrame:
    """Return the strata of an invented population, with what its scores promise."""
    rows = [(entity, band, size, TRUE[band]) for band, size in SIZES.items()]
    return pd.DataFrame(rows, columns=["entity", "band", "pairs", "expected"])


def population(seed: int, entity: str = "account") -> pd.DataFrame:
    """Return its pairs, and whether each is one."""
    random = np.random.default_rng(seed)
    band = np.repeat(list(SIZES), list(SIZES.values()))
    left = [f"{name}{number:05d}" for number, name in enumerate(band)]
    true = random.random(len(band)) < np.array([TRUE[name] for name in band])
    return pd.DataFrame({"entity": entity, "left": left, "right": "x", "band": band, "true": true})


def labelled(pairs: pd.DataFrame) -> pd.DataFrame:
    """Label pairs as they are."""
    return pairs.assign(said=pd.Series(np.where(pairs["true"], "same", "different"), index=pairs.index, dtype="str"))


def covers(found: Interval | None, truth: float) -> bool:
    """Say whether an interval holds the truth, to its four decimals."""
    return found is not None and found.low - 5e-5 <= truth <= found.high + 5e-5


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of 200 samples of 200 pairs, about 95 in 100 intervals hold the precision and the recall of the population."""
    pairs = population(1)
    merged = pairs["band"].isin(MERGED)
    precision, recall = pairs["true"][merged].mean(), pairs["true"][merged].sum() / pairs["true"].sum()
    wanted = spread(strata(), 200)

    found = [measure(bands_of(strata(), labelled(draw(pairs, wanted, seed=seed)))) for seed in range(200)]

    held = [sum(covers(one.precision, precision) for one in found), sum(covers(one.recall, recall) for one in found)]
    assert all(184 <= one <= 200 for one in held), held
    estimates = [(one.precision.estimate, one.recall.estimate) for one in found if one.precision and one.recall]
    np.testing.assert_allclose(np.mean(estimates, axis=0), [precision, recall], atol=0.01)


def test_a_population_that_is_labelled_whole_is_known() -> None:
    """The estimate is the truth and the interval is nothing but it."""
    pairs = population(2)
    merged = pairs["band"].isin(MERGED)

    found = measure(bands_of(strata(), labelled(pairs)))

    truth = round(float(pairs["true"][merged].mean()), 4)
    assert found.precision == Interval(truth, truth, truth)
    assert found.recall is not None
    assert found.recall.low == found.recall.estimate == found.recall.high


def test_what_nobody_can_tell_is_left_out_and_counted() -> None:
    """A pair without a label is drawn, not labelled; the share is of the others."""
    rows = pd.DataFrame({"entity": "account", "band": "near", "said": ["same", "same", "different", None]})
    told = pd.DataFrame({"entity": ["account"], "band": ["near"], "pairs": [100]})

    (band,) = bands_of(told, rows.astype({"said": "str"}))

    assert (4, 3, 2) == (band.drawn, band.labelled, band.same)
    found = measure([band])
    assert found.precision is not None
    assert 0.6667 == found.precision.estimate


def test_without_labels_there_are_no_figures() -> None:
    """No merged pair labelled: no precision. No other pair labelled: no recall. No pairs at all: neither."""
    sure, far = MeasuredBand("account", "sure", 100, 10, 0, 0), MeasuredBand("account", "far", 100, 10, 10, 0)

    assert (None, None) == (measure([sure, far]).precision, measure([sure, far]).recall)
    labelled_sure = MeasuredBand("account", "sure", 100, 10, 10, 10)
    unlabelled = MeasuredBand("account", "far", 100, 10, 0, 0)
    assert measure([labelled_sure, unlabelled]).recall is None
    assert (None, None) == (measure([]).precision, measure([]).recall)


def test_a_small_stratum_without_a_label_widens_the_interval() -> None:
    """It may be all matches or none; half of it counts in the estimate."""
    told = [MeasuredBand("account", "sure", 96, 96, 96, 96), MeasuredBand("account", "far", 50, 50, 50, 0)]

    found = measure([*told, MeasuredBand("account", "doubtful", 8, 8, 0, 0)]).recall

    assert found == Interval(0.96, round(96 / 104, 4), 1.0)


def test_labels_of_one_more_match_below_the_line_lower_recall_and_not_precision() -> None:
    """Precision is of merges alone."""
    sure = MeasuredBand("account", "sure", 100, 50, 50, 49)
    none, one = (measure([sure, MeasuredBand("account", "far", 500, 50, 50, same)]) for same in (0, 1))

    assert none.recall is not None
    assert one.recall is not None
    assert none.recall.estimate > one.recall.estimate
    assert none.precision is not None
    assert one.precision is not None
    assert none.precision.estimate == one.precision.estimate


def test_the_same_seed_draws_the_same_pairs_whatever_their_order() -> None:
    """Another seed draws others; no pair is drawn twice; each stratum has its number."""
    pairs, wanted = population(3), spread(strata(), 200)

    first, again = draw(pairs, wanted, seed=7), draw(pairs.iloc[::-1], wanted, seed=7)

    pd.testing.assert_frame_equal(first, again)
    assert set(first["left"]) != set(draw(pairs, wanted, seed=8)["left"])
    assert first["left"].is_unique
    assert {key: int(n) for key, n in first.groupby(["entity", "band"]).size().items()} == wanted


def test_half_of_a_sample_is_for_precision_and_every_stratum_is_in_it() -> None:
    """Pairs below the review line are drawn, or recall could not be told."""
    wanted = spread(strata(), 200)

    assert 200 == sum(wanted.values())
    assert {band for _, band in wanted} == set(BANDS)
    assert min(wanted.values()) >= LEAST
    assert 90 <= sum(n for (_, band), n in wanted.items() if band in MERGED) <= 110


def test_a_sample_is_never_larger_than_what_there_is() -> None:
    """Five thousand of two thousand are all of them but what a run keeps of a stratum."""
    wanted = spread(strata(), 5_000)

    assert sum(SIZES.values()) == sum(wanted.values())
    assert {} == spread(strata().iloc[:0], 200)


def shops(number: int) -> pd.DataFrame:
    """Return a table of people with many compared pairs, some of them the same."""
    random = np.random.default_rng(number)
    given, family = ["Anna", "Mark", "Ruth", "Paul", "Jane"], ["Ellis", "Hart", "Moss", "Lowe", "Penn", "Shaw"]
    rows = [(given[random.integers(5)], family[random.integers(6)], f"19{random.integers(50, 90)}-01-02") for _ in range(number)]
    return pd.DataFrame(rows, columns=["given_name", "surname", "date_of_birth"], dtype="str")


def test_a_run_keeps_a_bounded_pool_and_counts_every_pair() -> None:
    """Each compared pair is in one stratum; of a large one KEPT stay, the same ones each time."""
    frame = shops(900)
    found, _, names = resolve_table(
        frame, {"given_name": "given_name", "surname": "family_name", "date_of_birth": "date_of_birth"}, cut=None, model=None
    )

    pool, again = pool_of(found, names, found.clusters), pool_of(found, names, found.clusters)

    counts = pool.strata.set_index("band")["pairs"]
    assert counts.sum() == len(found.edges)
    assert counts.max() > KEPT
    kept = pool.pairs.groupby("band").size()
    assert {band: min(int(n), KEPT) for band, n in counts.items() if n} == kept.to_dict()
    pd.testing.assert_frame_equal(pool.pairs, again.pairs)
    assert (pool.pairs["verdict"] == "merge").equals(pool.pairs["band"].isin(MERGED))


def test_decided_pairs_and_those_of_the_crosswalk_are_not_asked_again() -> None:
    """What is known for certain is no matter of the matcher."""
    rows = batch(
        [
            {"name": HENGTONG, "phone": PHONE, "city": "上海"},
            {"name": HENGTONG, "phone": OTHER_PHONE, "city": "上海"},
        ]
    )
    open_ = dedupe(rows, rules=ACCOUNT)
    left, right = sorted(open_.sides["print"])
    decisions = [
        pd.DataFrame([("account", left, right, said, None)], columns=["entity", "left", "right", "verdict", "why"], dtype="str")
        for said in ("same", "different")
    ]
    existing = pd.DataFrame({"name": [HENGTONG]}, index=pd.Index(["K1"], name="key"), dtype="str")
    known = pd.Series({"r1": "K1", "r2": "K1"}, dtype="str", name="key").rename_axis("rid")

    assert 1 == len(open_.pool.pairs)
    assert [0, 0] == [len(dedupe(rows, rules=ACCOUNT, decisions=one).pool.pairs) for one in decisions]
    assert dedupe(rows, rules=ACCOUNT, existing=existing, known=known).pool.pairs.empty


@pytest.mark.parametrize("rows", [[], [{"name": HENGTONG}]])
def test_nothing_compared_is_nothing_to_sample(rows: list[dict[str, str | None]]) -> None:
    """No record, or one: an empty pool."""
    assert dedupe(batch(rows), rules=ACCOUNT).pool.pairs.empty
