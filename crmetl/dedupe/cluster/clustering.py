"""From pairs to clusters, with guards: no chain over a weak bridge, no cluster that contradicts itself."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from crmetl.dedupe.compare.codes import NONE, Numbers
from crmetl.dedupe.model import Mbit
from crmetl.dedupe.scoring import Edges

LIMIT = 60
"""Largest component whose missing pairs are all scored; larger ones are first cut at their weaker edges."""
STEP = 3_000
"""1/1000 bit by which the cut rises inside a component that is too large."""
CLIP = 10_000
"""1/1000 bit beyond the cut at which a pair has no more to say to the average: one strong pair must not pull in strangers."""
LACKING = 4_000
"""1/1000 bit that a pair below the cut says against one cluster beside what its fields say against it."""
APART = -1_000
"""Average, in 1/1000 bit from the cut, below which two groups stay apart."""
CELLS = 1 << 22
"""Cells of the matrices that are looked at together."""

Score = Callable[[Numbers, Numbers], Edges]


def components(size: int, i: Numbers, j: Numbers) -> Numbers:
    """
    Return the number of the connected component of each node, numbered by their first node.

    Roots are hung below smaller ones and paths halved until no edge joins two of them (Shiloach and Vishkin 1982).

    >>> components(5, np.array([3, 1]), np.array([4, 3])).tolist()
    [0, 1, 2, 1, 1]
    """
    labels = np.arange(size)
    while len(i):
        a, b = labels[i], labels[j]
        apart = a != b
        i, j, low, high = i[apart], j[apart], np.minimum(a, b)[apart], np.maximum(a, b)[apart]
        np.minimum.at(labels, high, low)
        while not np.array_equal(labels, further := labels[labels]):
            labels = further
    return by_first(labels)


def by_first(labels: Numbers) -> Numbers:
    """
    Renumber labels by their first appearance.

    >>> by_first(np.array([7, 7, 2, 7])).tolist()
    [0, 0, 1, 0]
    """
    order = np.argsort(labels, kind="stable")
    starts = np.r_[True, labels[order][1:] != labels[order][:-1]] if len(labels) else np.zeros(0, dtype=bool)
    group = np.cumsum(starts) - 1
    first = order[starts]
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    out = np.empty(len(labels), dtype=np.int64)
    out[order] = rank[group]
    return out


def cluster(size: int, edges: Edges, *, cut: int, score: Score, limit: int = LIMIT, prior: int | None = None) -> Numbers:
    """
    Return the cluster of each node; what becomes of a node depends on nothing that does not hang together with it.

    Args:
        edges: Compared pairs.
        cut: 1/1000 bit; a pair at or above it that no veto forbids joins its nodes.
        limit: Largest component whose missing pairs are all scored.
        score: Scores pairs that were not compared, where a component needs them.
        prior: What a score begins with, 1/1000 bit: a pair that lacks evidence then says less against one cluster than a pair
            whose fields contradict each other. None: each says what it scores.

    Returns:
        Labels numbered by their first node. No cluster holds a vetoed pair, and none holds two groups that agree on
        average less than the cut by more than a bit.
    Cost: components are linear; only components that contradict themselves are looked at one by one.
    """
    labels = _small(size, edges.take(~edges.vetoes & (edges.scores >= cut)), cut, limit)
    inside = inside_of(labels, edges, score)
    wrong = np.unique(labels[inside.i[inside.vetoes | (inside.scores < cut)]])
    if not len(wrong):
        return by_first(labels)
    values = np.clip(_said(inside.scores, cut, prior), -CLIP, CLIP).astype(np.float64)
    values[inside.vetoes] = -np.inf
    return by_first(_split(labels, wrong, inside, values))


def _said(scores: Mbit, cut: int, prior: int | None) -> Mbit:
    """
    Return what each pair says for, or against, one cluster.

    >>> _said(np.array([3_000, -14_000, -20_000]), 0, -13_000).tolist()
    [3000, -5000, -11000]
    """
    beyond = scores - cut
    if prior is None:
        return beyond
    against = np.minimum(scores - prior, 0) - LACKING
    out: Mbit = np.where(beyond < 0, np.maximum(beyond, against), beyond)
    return out


def _small(size: int, good: Edges, cut: int, limit: int) -> Numbers:
    """Return components, those above the limit cut at their weaker edges until they are small."""
    labels = components(size, good.i, good.j)
    line = np.full(len(good), cut, dtype=np.int64)
    while len(good):
        mine = labels[good.i]
        large = np.bincount(labels, minlength=size)[mine] > limit
        if not large.any():
            break
        weakest = np.full(size, np.iinfo(np.int64).max)
        np.minimum.at(weakest, mine[large], good.scores[large])
        line[large] = np.maximum(line[large] + STEP, weakest[mine[large]] + 1)
        stays = good.scores >= line
        good, line = good.take(stays), line[stays]
        labels = components(size, good.i, good.j)
    return labels


def inside_of(labels: Numbers, edges: Edges, score: Score) -> Edges:
    """Return all pairs inside components of three and more, scoring those that were not compared."""
    size = max(len(labels), 1)
    counts = np.bincount(labels, minlength=1)
    mine = edges.take((labels[edges.i] == labels[edges.j]) & (counts[labels[edges.i]] > 2))
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.flatnonzero(counts > 2))
    lengths = counts[counts > 2]
    every = [np.zeros(0, dtype=np.int64)]
    for gap in range(1, int(lengths.max(initial=0))):
        wide = lengths > gap
        starts, lengths = starts[wide], lengths[wide]
        number = lengths - gap
        at = np.repeat(starts - np.r_[0, np.cumsum(number)[:-1]], number) + np.arange(number.sum())
        every.append(order[at] * size + order[at + gap])
    new = _unknown(np.sort(np.concatenate(every)), np.sort(mine.i * size + mine.j))
    return mine.plus(score(new // size, new % size))


def _unknown(wanted: Numbers, known: Numbers) -> Numbers:
    """Return what of `wanted` is not in `known`; both sorted."""
    if not len(known):
        return wanted
    out: Numbers = wanted[known[np.minimum(np.searchsorted(known, wanted), len(known) - 1)] != wanted]
    return out


def _split(labels: Numbers, wrong: Numbers, inside: Edges, values: npt.NDArray[np.float64]) -> Numbers:
    """Split components that contradict themselves by average linkage, those of one size together."""
    out = labels * len(labels)
    order, sizes = np.argsort(labels, kind="stable"), np.bincount(labels)
    starts = np.cumsum(sizes) - sizes
    place = np.empty(len(labels), dtype=np.int64)
    place[order] = np.arange(len(labels)) - starts[labels[order]]
    of_pair, number = labels[inside.i], np.full(len(sizes), NONE, dtype=np.int64)
    for size in np.unique(sizes[wrong]).tolist():
        alike, at_once = wrong[sizes[wrong] == size], max(CELLS // size**2, 1)
        for part in (alike[start : start + at_once] for start in range(0, len(alike), at_once)):
            number[part] = np.arange(len(part))
            pairs = np.flatnonzero(number[of_pair] >= 0)
            which, a, b = number[of_pair[pairs]], place[inside.i[pairs]], place[inside.j[pairs]]
            matrices = np.full((len(part), size, size), -float(CLIP))
            matrices[which, a, b] = matrices[which, b, a] = values[pairs]
            out[order[starts[part][:, None] + np.arange(size)]] += linkages(matrices)
            number[part] = NONE
    return out


def linkages(matrices: npt.NDArray[np.float64]) -> Numbers:
    """
    Return the group of each node, a row per matrix: the two groups that agree most on average join, until none agrees enough.

    Args:
        matrices: Symmetric, all of one size; 1/1000 bit from the cut, -inf forbids.

    >>> linkages(np.array([[[0, 9000, 9000], [9000, 0, -np.inf], [9000, -np.inf, 0]]])).tolist()
    [[0, 0, 2]]
    >>> linkages(np.array([[[0, 5.0], [5.0, 0]], [[0, -5_000.0], [-5_000.0, 0]]])).tolist()
    [[0, 0], [0, 1]]
    """
    number, size, _ = matrices.shape
    groups, left, weight = np.tile(np.arange(size), (number, 1)), matrices.copy(), np.ones((number, size))
    left[:, np.arange(size), np.arange(size)] = -np.inf
    at = np.arange(number)
    for _ in range(size - 1):
        best = left.reshape(len(at), -1).argmax(axis=1)
        goes = left.reshape(len(at), -1)[np.arange(len(at)), best] >= APART
        left, weight, at, best = left[goes], weight[goes], at[goes], best[goes]
        if not len(at):
            break
        one, (a, b) = np.arange(len(at)), divmod(best, size)
        more, less = weight[one, a], weight[one, b]
        row = (left[one, a] * more[:, None] + left[one, b] * less[:, None]) / (more + less)[:, None]
        left[one, a], left[one, :, a] = row, row
        left[one, b], left[one, :, b] = -np.inf, -np.inf
        left[one, a, a] = -np.inf
        weight[one, a] += less
        mine = groups[at]
        groups[at] = np.where(mine == mine[one, b][:, None], mine[one, a][:, None], mine)
    return groups.astype(np.int64)
