"""From labels of a stratified sample to precision and recall with intervals."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.dedupe.measure.sampling import MERGED
from crmetl.quality.measured import Interval, MeasuredBand, Measures

Drawn = npt.NDArray[np.float64]

ROUNDS = 8_000
"""Simulated populations; the ends of an interval are then right to some tenths of a point."""
SEED = 0
"""Of the simulation; the same labels always give the same figures."""
ENDS = (2.5, 97.5)
DIGITS = 4
BAND = ("entity", "band", "pairs", "drawn", "labelled", "same")


def bands_of(strata: pd.DataFrame, labels: pd.DataFrame) -> tuple[MeasuredBand, ...]:
    """
    Count the labels of each stratum.

    Args:
        strata: Columns `entity`, `band`, `pairs`.
        labels: A row per drawn pair: `entity`, `band`, `said` ("same", "different", or NA where nobody could tell).
    """
    told = labels.assign(drawn=1, labelled=labels["said"].notna().astype(int), same=(labels["said"] == "same").astype(int))
    sums = told.groupby(["entity", "band"], sort=False)[["drawn", "labelled", "same"]].sum().reset_index()
    whole = strata.merge(sums, how="left", on=["entity", "band"]).fillna({"drawn": 0, "labelled": 0, "same": 0})
    cells = zip(*(whole[name].tolist() for name in BAND), strict=True)
    return tuple(MeasuredBand(str(a), str(b), int(n), int(d), int(k), int(y)) for a, b, n, d, k, y in cells if n)


def measure(bands: Sequence[MeasuredBand], *, entity: str = "") -> Measures:
    """
    Estimate precision and recall from the labels of a stratified sample.

    With N pairs, n labels and y of them "the same" in each stratum h, the matches are T = sum N_h y_h / n_h (the stratified
    estimator: Cochran, Sampling Techniques, 3rd ed. 1977, section 5.3); precision is T over the merged strata divided by
    their pairs, recall T over the merged strata divided by T over all.

    Intervals are melded (Fay, Proschan and Brittain, Biometrics 71, 2015) in their mid-p form (Fay and Brittain, Statistics in
    Medicine 35, 2016): the share of a stratum is drawn from the confidence distributions of both its ends, Beta(y, n - y + 1)
    and Beta(y + 1, n - y) (Clopper and Pearson 1934), each half of the time, and the labels not seen from Binomial(N - n,
    share), so that a stratum that was labelled whole is known for certain. The 2.5 % and 97.5 % quantiles over ROUNDS such
    populations are the ends. A stratum without a label may be all matches or none: in the estimate half of it counts.

    Args:
        bands: Strata of one entity, or of all.

    >>> measure([MeasuredBand("account", "near", 400, 50, 50, 49), MeasuredBand("account", "far", 900, 20, 20, 0)]).precision
    Interval(estimate=0.98, low=0.9125, high=0.9975)
    """
    merged, apart = ([one for one in bands if (one.band in MERGED) is inside] for inside in (True, False))
    random = np.random.default_rng(SEED)
    found, missed, number = _estimated(merged), _estimated(apart), sum(one.pairs for one in merged)
    inside, outside = _simulated(merged, random), _simulated(apart, random)
    labelled = [sum(one.labelled for one in part) for part in (merged, apart)]
    precision = _interval(found / number, inside / number) if labelled[0] else None
    told = found + missed > 0 and labelled[0] and (labelled[1] or not apart)
    recall = _interval(found / (found + missed), _share(inside, outside)) if told else None
    return Measures(entity, sum(labelled), precision, recall)


def _estimated(bands: Sequence[MeasuredBand]) -> float:
    return sum(one.pairs * (one.same / one.labelled if one.labelled else 0.5) for one in bands)


def _simulated(bands: Sequence[MeasuredBand], random: np.random.Generator) -> Drawn:
    """Return the matches of some strata in each of ROUNDS populations that the labels allow."""
    out = np.zeros(ROUNDS)
    for one in bands:
        same, other, unseen = one.same, one.labelled - one.same, max(one.pairs - one.labelled, 0)
        low = random.beta(same, other + 1, ROUNDS) if same else np.zeros(ROUNDS)
        high = random.beta(same + 1, other, ROUNDS) if other else np.ones(ROUNDS)
        out += same + random.binomial(unseen, np.where(random.random(ROUNDS) < 0.5, low, high))
    return out


def _share(part: Drawn, rest: Drawn) -> Drawn:
    """Return what part of a whole each is; 1 where there is nothing."""
    return np.divide(part, part + rest, out=np.ones(ROUNDS), where=part + rest > 0)


def _interval(estimate: float, drawn: Drawn) -> Interval:
    low, high = np.percentile(drawn, ENDS).tolist()
    return Interval(round(estimate, DIGITS), round(min(low, estimate), DIGITS), round(max(high, estimate), DIGITS))
