"""From pairs to clusters, with guards: no chain over a weak bridge, no cluster that contradicts itself."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from crmetl.dedupe.columns import Mask, Numbers
from crmetl.dedupe.model import Mbit

LIMIT = 60
"""Largest component whose missing pairs are all scored; larger ones are first cut at their weaker edges."""
STEP = 3_000
"""1/1000 bit by which the cut rises inside a component that is too large."""
CLIP = 10_000
"""1/1000 bit beyond the cut at which a pair has no more to say to the average: one strong pair must not pull in strangers."""
APART = -1_000
"""Average, in 1/1000 bit from the cut, below which two groups stay apart."""

Score = Callable[[Numbers, Numbers], tuple[Mbit, Mask]]


def components(size: int, i: Numbers, j: Numbers) -> Numbers:
    """Return the number of the connected component of each node, numbered by their first node."""
    graph = coo_matrix((np.ones(len(i), dtype=np.int8), (i, j)), shape=(size, size))
    labels = connected_components(graph, directed=False)[1].astype(np.int64)
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


def cluster(size: int, i: Numbers, j: Numbers, scores: Mbit, vetoes: Mask, *, cut: int, score: Score) -> Numbers:
    """
    Return the cluster of each node.

    Args:
        i, j, scores, vetoes: Compared pairs, each once, `i < j`.
        cut: 1/1000 bit; a pair at or above it that no veto forbids is an edge.
        score: Scores pairs that were not compared, where a component needs them.

    Returns:
        Labels numbered by their first node. No cluster holds a vetoed pair, and none holds two groups that agree on
        average less than the cut by more than a bit.
    Cost: components are linear; only components that contradict themselves are looked at one by one.
    """
    labels = _small(size, i, j, np.where(vetoes, np.iinfo(np.int64).min, scores), cut)
    i, j, scores, vetoes = _inside(labels, i, j, scores, vetoes, score)
    wrong = np.unique(labels[i[vetoes | (scores < cut)]])
    if not len(wrong):
        return by_first(labels)
    return by_first(_split(labels, wrong, i, j, np.where(vetoes, -np.inf, np.clip(scores - cut, -CLIP, CLIP))))


def _small(size: int, i: Numbers, j: Numbers, scores: Mbit, cut: int) -> Numbers:
    """Return components, those above LIMIT cut at their weaker edges until they are small."""
    good = scores >= cut
    i, j, scores = i[good], j[good], scores[good]
    labels = components(size, i, j)
    while len(i):
        large = np.bincount(labels, minlength=size)[labels[i]] > LIMIT
        if not large.any():
            break
        cut = max(cut + STEP, int(scores[large].min()) + 1)
        good = ~large | (scores >= cut)
        i, j, scores = i[good], j[good], scores[good]
        labels = components(size, i, j)
    return labels


def _inside(labels: Numbers, i: Numbers, j: Numbers, scores: Mbit, vetoes: Mask, score: Score) -> tuple[Numbers, Numbers, Mbit, Mask]:
    """Return all pairs inside components of three and more, scoring those that were not compared."""
    size = len(labels)
    counts = np.bincount(labels, minlength=1)
    mine = (labels[i] == labels[j]) & (counts[labels[i]] > 2)
    i, j, scores, vetoes = i[mine], j[mine], scores[mine], vetoes[mine]
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
    packed = np.sort(np.concatenate(every))
    known = np.sort(i * size + j)
    at = np.minimum(np.searchsorted(known, packed), max(len(known) - 1, 0))
    new = packed[known[at] != packed] if len(known) else packed
    more, forbidden = score(new // max(size, 1), new % max(size, 1))
    return np.r_[i, new // max(size, 1)], np.r_[j, new % max(size, 1)], np.r_[scores, more], np.r_[vetoes, forbidden]


def _split(labels: Numbers, wrong: Numbers, i: Numbers, j: Numbers, values: npt.NDArray[np.float64]) -> Numbers:
    """Split components that contradict themselves by average linkage."""
    out = labels * len(labels)
    order = np.argsort(labels, kind="stable")
    start, end = np.searchsorted(labels[order], wrong), np.searchsorted(labels[order], wrong, side="right")
    by = np.argsort(labels[i], kind="stable")
    first, last = np.searchsorted(labels[i][by], wrong), np.searchsorted(labels[i][by], wrong, side="right")
    place = np.empty(len(labels), dtype=np.int64)
    for s, e, f, g in zip(start.tolist(), end.tolist(), first.tolist(), last.tolist(), strict=True):
        nodes, pairs = order[s:e], by[f:g]
        place[nodes] = np.arange(e - s)
        matrix = np.full((e - s, e - s), -float(CLIP))
        a, b = place[i[pairs]], place[j[pairs]]
        matrix[a, b] = matrix[b, a] = values[pairs]
        out[nodes] += linkage(matrix)
    return out


def linkage(matrix: npt.NDArray[np.float64]) -> Numbers:
    """
    Return the group of each node: the two groups that agree most on average join, until none agrees enough.

    Args:
        matrix: Symmetric, 1/1000 bit from the cut; -inf forbids.

    >>> linkage(np.array([[0, 9000, 9000], [9000, 0, -np.inf], [9000, -np.inf, 0]])).tolist()
    [0, 0, 2]
    """
    size = len(matrix)
    groups, weight = np.arange(size), np.ones(size)
    left = matrix.copy()
    np.fill_diagonal(left, -np.inf)
    for _ in range(size - 1):
        a, b = divmod(int(left.argmax()), size)
        if not left[a, b] >= APART:
            break
        row = (left[a] * weight[a] + left[b] * weight[b]) / (weight[a] + weight[b])
        left[a], left[:, a] = row, row
        left[b], left[:, b] = -np.inf, -np.inf
        left[a, a] = -np.inf
        weight[a] += weight[b]
        groups[groups == groups[b]] = groups[a]
    return groups.astype(np.int64)
