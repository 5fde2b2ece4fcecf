"""Whether two records are one, given all the others that resemble them: pair scores made consistent inside small groups."""

from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from crmetl.dedupe.cluster.clustering import Score, by_first, components, inside_of
from crmetl.dedupe.compare.codes import Numbers
from crmetl.dedupe.model import Mbit
from crmetl.dedupe.scoring import Edges

Shares = npt.NDArray[np.float64]

FLOOR = -6_000
"""1/1000 bit: a pair of which the scores say 1 in 65 or less binds no records together."""
WIDEST = 7
"""Records of which all partitions are weighed: 877; each one more takes five times as many."""
STEP = 1_000
"""1/1000 bit by which the floor rises inside a group that is too large."""
CERTAIN = 60.0
"""Bits beyond which nothing is more or less certain."""
BATCH = 2_000
"""Groups weighed at a time, so that memory does not grow with them."""


def posterior(scores: Mbit) -> Shares:
    """
    Return the probability that a pair is one, 1 / (1 + 2^-bits): a score is the log2 odds (Fellegi and Sunter 1969).

    >>> posterior(np.array([0, 3_000, -90_000])).round(3).tolist()
    [0.5, 0.889, 0.0]
    """
    out: Shares = 1 / (1 + np.exp2(-np.clip(scores / 1000, -CERTAIN, CERTAIN)))
    return out


def hashes_of(i: Numbers, j: Numbers) -> npt.NDArray[np.uint64]:
    """Return a number per pair of nodes in which no order is left: the finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    out = (i.astype(np.uint64) << np.uint64(32)) + j.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return out ^ (out >> np.uint64(31))


@cache
def partitions(size: int) -> npt.NDArray[np.int64]:
    """
    Return all partitions of `size` records, a row each, as the number of the group of each record.

    >>> partitions(3).tolist()
    [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [0, 1, 2]]
    """
    grown = [[0]]
    for _ in range(size - 1):
        grown = [[*one, group] for one in grown for group in range(max(one) + 2)]
    return np.array(grown, dtype=np.int64)


def together(bits: Shares, size: int) -> Shares:
    """
    Return how probable it is that each pair of a group is one, given the scores of all its pairs.

    A partition weighs 2^(sum of the scores of the pairs that it joins); a pair is as probable as the partitions that join
    it, together: the marginals of the distribution whose likeliest partition correlation clustering looks for (Bansal, Blum
    and Chawla 2004).

    Args:
        bits: A row per group, a column per pair (0,1), (0,2) … (1,2) …; `size` records each.

    >>> together(np.array([[5.0, 5.0, -2.0]]), 3).round(2).tolist()
    [[0.9, 0.9, 0.8]]
    """
    pairs = np.array(list(combinations(range(size), 2)))
    every = partitions(size)
    joined = (every[:, pairs[:, 0]] == every[:, pairs[:, 1]]).astype(np.float64)
    weight = bits @ joined.T
    weight = np.exp2(weight - weight.max(axis=1, keepdims=True))
    out: Shares = (weight / weight.sum(axis=1, keepdims=True)) @ joined
    return out


def jointly(size: int, edges: Edges, *, score: Score) -> tuple[Edges, Shares]:
    """
    Return pairs and how probable it is that each is one, given its neighbours.

    Args:
        size: Number of nodes.
        edges: Compared pairs.
        score: Scores pairs that were not compared, where a group needs them.

    Returns:
        The compared pairs, then those inside groups that were not compared; and a probability each. Pairs that bind nothing
        together have their own posterior, vetoed ones 0.
    Cost: linear in the pairs; groups above WIDEST are cut at their weakest pairs.
    """
    labels = _groups(size, edges)
    counts = np.bincount(labels, minlength=size)
    known = np.flatnonzero((labels[edges.i] == labels[edges.j]) & (counts[labels[edges.i]] > 2))
    within = inside_of(labels, edges, score)
    new = np.arange(len(known), len(within))
    whole = edges.plus(within.take(new))
    out = np.where(whole.vetoes, 0.0, posterior(whole.scores))
    out[np.r_[known, len(edges) + new - len(known)]] = _weighed(labels, counts, within)
    return whole, out


def bound(size: int, edges: Edges) -> Numbers:
    """Return the number of the group of each node, bound together by pairs at or above FLOOR, whatever its size."""
    good = edges.take(~edges.vetoes & (edges.scores >= FLOOR))
    return components(size, good.i, good.j)


def _groups(size: int, edges: Edges) -> Numbers:
    """Return the group of each node, WIDEST nodes at most: what is larger falls apart at its weakest pairs."""
    labels, floor, last = bound(size, edges), FLOOR, size
    nodes = np.flatnonzero(np.bincount(labels, minlength=size)[labels] > WIDEST)
    place = np.full(size, -1, dtype=np.int64)
    while len(nodes):
        floor += STEP
        place[:] = -1
        place[nodes] = np.arange(len(nodes))
        edges = edges.take((place[edges.i] >= 0) & (place[edges.j] >= 0) & ~edges.vetoes & (edges.scores >= floor))
        parts = components(len(nodes), place[edges.i], place[edges.j])
        labels[nodes] = last + parts
        last += len(nodes)
        nodes = nodes[np.bincount(parts)[parts] > WIDEST]
    return by_first(labels)


def _weighed(labels: Numbers, counts: Numbers, pairs: Edges) -> Shares:
    """Return the probability of each pair, all pairs of groups of three and more."""
    order = np.argsort(labels, kind="stable")
    place = np.empty(len(labels), dtype=np.int64)
    place[order] = np.arange(len(labels)) - np.searchsorted(labels[order], labels[order])
    low, high = np.minimum(place[pairs.i], place[pairs.j]), np.maximum(place[pairs.i], place[pairs.j])
    bits = np.where(pairs.vetoes, -CERTAIN, np.clip(pairs.scores / 1000, -CERTAIN, CERTAIN))
    group, out = labels[pairs.i], np.zeros(len(pairs))
    for size in range(3, WIDEST + 1):
        at = np.flatnonzero(counts[group] == size)
        columns = size * (size - 1) // 2
        column = low[at] * size - low[at] * (low[at] + 1) // 2 + high[at] - low[at] - 1
        mine, row = np.unique(group[at], return_inverse=True)
        table = np.zeros((len(mine), columns))
        table[row, column] = bits[at]
        chunks = [together(table[start : start + BATCH], size) for start in range(0, len(mine), BATCH)]
        out[at] = np.concatenate(chunks)[row, column] if chunks else 0.0
    return np.where(pairs.vetoes, 0.0, out)
