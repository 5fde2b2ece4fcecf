"""A stratified sample of compared pairs, for a person to label: what a run keeps for it, and how it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from crmetl.batch import text_frame
from crmetl.dedupe.cluster.jointly import hashes_of, posterior
from crmetl.dedupe.compare.codes import Mask, Numbers, Texts
from crmetl.dedupe.model import Mbit
from crmetl.dedupe.pairs import PAIR, because, frame_of
from crmetl.dedupe.resolve import Resolution
from crmetl.dedupe.scoring import Edges

Band = Literal["sure", "near", "doubtful", "below", "far"]
BANDS: tuple[Band, ...] = ("sure", "near", "doubtful", "below", "far")
"""
Strata of the compared pairs of an entity. Merged: `sure`, WELL above the cut, and `near`, all others (those that a third record
joined too). Apart: `doubtful`, at or above the review line, `below`, up to DEEP under it, and `far`.
"""
MERGED: frozenset[str] = frozenset({"sure", "near"})
WELL, DEEP = 4_000, 8_000
"""1/1000 bit."""
KEPT = 1_000
"""Pairs of a band that a run keeps, whatever their number: a simple random sample that samples are drawn from."""
LEAST = 10
"""Pairs drawn of each band, or all that it has: fewer tell nothing of it."""
RAREST = 0.01
"""Share of matches, or of false merges, that a band is taken to hold at least when the sample is spread over the bands."""

POOL = (*PAIR, "band")
STRATA = ("band", "pairs", "expected")


def _no_pool() -> pd.DataFrame:
    return text_frame(POOL).astype({"score_mbit": "int64"})


def _no_strata() -> pd.DataFrame:
    return text_frame(STRATA).astype({"pairs": "int64", "expected": "float64"})


@dataclass(frozen=True)
class Pool:
    """
    What a run keeps of its compared pairs so that they can be sampled.

    Attributes:
        pairs: Columns POOL: KEPT of each band at most; `verdict` is `merge` or `apart`.
        strata: Columns STRATA, a row per band: how many pairs it has, and the share of matches that the scores promise.
    """

    pairs: pd.DataFrame = field(default_factory=_no_pool)
    strata: pd.DataFrame = field(default_factory=_no_strata)


def pool_of(found: Resolution, names: Texts, labels: Numbers) -> Pool:
    """
    Return what samples are drawn from: of each pair of different contents that was compared, once, whatever its copies.

    Pairs that are one for certain (the crosswalk, faces of one record) and pairs that a person decided are left out.

    Args:
        names: Row -> rid, or `=key` of a CRM row.
        labels: Row -> final cluster.
    Cost: linear in the pairs; memory does not grow with them, as the pairs of the smallest hashes are kept.
    """
    edges, first, tied = found.edges, found.contents.first, found.ruled.tied
    decided = found.ruled.vetoed(Edges(edges.i, edges.j, edges.scores, np.zeros(len(edges), dtype=bool))).vetoes
    at = np.flatnonzero(~decided & (tied[edges.i] != tied[edges.j]))
    if int(tied.max(initial=-1)) + 1 < len(tied):
        at = at[_best_of_each(tied[edges.i[at]], tied[edges.j[at]], edges.scores[at])]
    i, j, scores = edges.i[at], edges.j[at], edges.scores[at]
    bands = band_numbers(scores, labels[first[i]] == labels[first[j]], cut=found.model.cut, review=found.model.review)
    counts = np.bincount(bands, minlength=len(BANDS))
    mass = np.bincount(bands, weights=np.where(edges.vetoes[at], 0.0, posterior(scores)), minlength=len(BANDS))
    strata = pd.DataFrame({"band": list(BANDS), "pairs": counts, "expected": mass / np.maximum(counts, 1)})
    kept = np.sort(np.concatenate([_smallest(np.flatnonzero(bands == number), i, j) for number in range(len(BANDS))]))
    i, j = i[kept], j[kept]
    merged = bands[kept] < len(MERGED)
    pairs = frame_of(names[first[i]], names[first[j]], scores[kept], merged, because(found.scorer, i, j))
    verdict = pairs["verdict"].replace({"review": "apart"})
    pairs = pairs.assign(verdict=verdict, band=pd.Series([BANDS[one] for one in bands[kept].tolist()], dtype="str"))
    return Pool(pairs, strata.astype({"band": "str"}))


def band_numbers(scores: Mbit, together: Mask, *, cut: int, review: int) -> Numbers:
    """
    Return the place in BANDS of each pair.

    >>> scores = np.array([9_000, 1_000, 1_000, -6_000, -60_000])
    >>> band_numbers(scores, np.array([True, True, False, False, False]), cut=0, review=-4_000).tolist()
    [0, 1, 2, 3, 4]
    """
    merged = np.where(scores >= cut + WELL, 0, 1)
    apart = np.where(scores >= review, 2, np.where(scores >= review - DEEP, 3, 4))
    return np.where(together, merged, apart).astype(np.int64)


def _best_of_each(a: Numbers, b: Numbers, scores: Mbit) -> Numbers:
    """Return the places of the best pair between any two groups of nodes that are one for certain."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((-scores, high, low))
    fresh = np.r_[True, (low[order][1:] != low[order][:-1]) | (high[order][1:] != high[order][:-1])] if len(a) else order
    return np.sort(order[fresh.astype(bool)])


def _smallest(at: Numbers, i: Numbers, j: Numbers) -> Numbers:
    """Return the places of the KEPT pairs with the smallest hashes: bottom-k sampling (Cohen and Kaplan 2007)."""
    if len(at) <= KEPT:
        return at
    hashes = hashes_of(i[at], j[at])
    return at[np.argpartition(hashes, KEPT)[:KEPT]]


def spread(strata: pd.DataFrame, size: int) -> dict[tuple[str, str], int]:
    """
    Return how many pairs to draw of each stratum: half of them merged ones, for precision, half others, for recall.

    Within each half in proportion to the pairs times the standard deviation of a label (Neyman's allocation, 1934), with the
    share of matches that the scores promise, taken to be RAREST at least and 1 - RAREST at most; LEAST of each, and never
    more than there are.

    Args:
        strata: Columns `entity` and STRATA.
        size: Pairs in all; exceeded only where LEAST of each is more.

    >>> told = pd.DataFrame({"entity": "account", "band": ["near", "far"], "pairs": [20, 9_000], "expected": [0.9, 0.0]})
    >>> spread(told, 50)
    {('account', 'near'): 20, ('account', 'far'): 30}
    """
    share = strata["expected"].clip(RAREST, 1 - RAREST)
    spreads = strata["pairs"] * np.sqrt(share * (1 - share))
    halves = spreads.groupby(strata["band"].isin(MERGED)).transform("sum")
    wanted = (spreads / halves.clip(lower=1e-9)).to_numpy(dtype=np.float64)
    most = np.minimum(strata["pairs"].to_numpy(dtype=np.int64), KEPT)
    given = np.minimum(most, LEAST)
    while given.sum() < size and (open_ := given < most).any():
        given[int(np.where(open_, wanted / (given + 1), -1.0).argmax())] += 1
    keys = zip(strata["entity"].tolist(), strata["band"].tolist(), strict=True)
    return {(str(entity), str(band)): int(n) for (entity, band), n in zip(keys, given.tolist(), strict=True) if n}


def draw(pairs: pd.DataFrame, wanted: Mapping[tuple[str, str], int], *, seed: int) -> pd.DataFrame:
    """
    Return the sample, an entity after the other, in an order that tells nothing of the scores.

    Args:
        pairs: Columns `entity` and POOL.
        wanted: (entity, band) -> pairs, as `spread` gives it.
        seed: The same seed, the same sample.
    """
    random = np.random.default_rng(seed)
    order = pairs.sort_values(["entity", "band", "left", "right"], ignore_index=True)
    groups = order.groupby(["entity", "band"], sort=True).indices
    taken = [random.choice(groups[key], wanted[key], replace=False) for key in sorted(wanted) if key in groups]
    at = np.concatenate(taken) if taken else np.zeros(0, dtype=np.int64)
    return order.iloc[random.permutation(at)].sort_values("entity", kind="stable", ignore_index=True)
