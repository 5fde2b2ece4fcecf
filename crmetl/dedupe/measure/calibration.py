"""Expected precision and recall from the scores alone, at every cut and of the clusters that were found."""

import numpy as np

from crmetl.dedupe.cluster.clustering import Score
from crmetl.dedupe.cluster.jointly import bound, hashes_of, jointly, posterior
from crmetl.dedupe.compare.codes import Mask, Numbers
from crmetl.dedupe.model import Mbit
from crmetl.dedupe.resolve import Resolution, folded
from crmetl.dedupe.scoring import Edges
from crmetl.quality.expected import AtCut, Expected

ENOUGH = 300_000
"""Pairs from which on a part of the groups is weighed: the figures are then right to some 0.1 points, and cost no more."""
FURTHEST = 40_000
"""1/1000 bit beyond which scores are as good as certain."""
REACH = 10
"""Bits on either side of the cut that the table shows."""
DIGITS = 4
ONE_AT_LEAST = 0.5
"""Expected matches from which on one is likelier than none: below it there is nothing that could have been found."""


def table(scores: Mbit, counts: Numbers, *, cuts: Mbit) -> tuple[AtCut, ...]:
    """
    Return what to expect of the pairs at or above each cut.

    A score is the log2 odds of a match, so a pair is one with probability p = 1 / (1 + 2^-bits). Expected precision at a
    cut is the mean of p at or above it, expected recall the sum of p there over the sum of all p (Fellegi and Sunter 1969;
    the estimated error rates of a linkage rule: Belin and Rubin 1995, section 2).

    Args:
        scores: Of compared pairs, 1/1000 bit.
        counts: How many pairs of records each stands for.
        cuts: 1/1000 bit.

    >>> [(one.bits, one.pairs) for one in table(np.array([4_000, -4_000]), np.array([3, 1]), cuts=np.array([-5_000, 0]))]
    [(-5.0, 4), (0.0, 3)]
    """
    bins = np.arange(-FURTHEST, FURTHEST + 1)
    pairs = np.bincount(np.clip(scores, -FURTHEST, FURTHEST) + FURTHEST, weights=counts, minlength=len(bins))
    above, mass = (np.r_[np.cumsum(one[::-1])[::-1], 0.0] for one in (pairs, pairs * posterior(bins)))
    at = np.clip(cuts, -FURTHEST, FURTHEST + 1) + FURTHEST
    return tuple(
        AtCut(cut / 1000, round(n), _share(found, n), _share(found, float(mass[0])))
        for cut, n, found in zip(cuts.tolist(), above[at].tolist(), mass[at].tolist(), strict=True)
    )


def expected(found: Resolution) -> Expected:
    """
    Return what to expect of the clusters of a resolution, and of its pairs at the cuts around its own.

    Pairs inside clusters are weighed together with their neighbours (`jointly`): a doubtful pair whose records both agree
    with a third is likelier one than its own score says, and one that a third contradicts is less likely. Pairs that the
    clusters part keep their own posterior: several records of each side say the same thing against them several times.

    Returns:
        Precision and recall of pairs of records inside clusters; copies of one content count as the pairs that they make.
        Recall is of the pairs that were compared or stand in one cluster; what no blocking rule brings together is not told.
    """
    size, edges, score = _grouped(found)
    copies, labels = _copies(found, size), _labels(found, size)
    some = _some(size, edges)
    pairs, shares = jointly(size, edges.take(some[edges.i]), score=score)
    weights = copies[pairs.i] * copies[pairs.j]
    one = labels[pairs.i] == labels[pairs.j]
    same, alike, joined = _same(found, copies)
    here = some[found.ruled.tied]
    copied, parted = here & joined, here & ~joined
    inside = float((shares * weights)[one].sum() + (posterior(alike) * same)[copied].sum())
    number = int(weights[one].sum() + same[copied].sum())
    apart = ~one & ~pairs.vetoes
    outside = float((posterior(pairs.scores) * weights)[apart].sum() + (posterior(alike) * same)[parted].sum())
    cuts = found.model.cut + 1_000 * np.arange(-REACH, REACH + 1)
    open_ = ~edges.vetoes
    scores = np.r_[edges.scores[open_], alike]
    counts = np.r_[(copies[edges.i] * copies[edges.j])[open_], same]
    recall = _share(inside, inside + outside) if number or outside >= ONE_AT_LEAST else None
    return Expected(_share(inside, number), recall, table(scores, counts, cuts=cuts))


def _some(size: int, edges: Edges) -> Mask:
    """Return the nodes whose pairs are weighed: all, or those of a part of the groups, chosen by a hash of their first node."""
    if len(edges) <= ENOUGH:
        return np.ones(size, dtype=bool)
    labels = bound(size, edges)
    chosen: Mask = hashes_of(labels, labels) < np.uint64(int(ENOUGH / len(edges) * 2**64))
    return chosen


def _grouped(found: Resolution) -> tuple[int, Edges, Score]:
    """Return the number of groups of nodes that are one for certain, the pairs between them, and what scores further pairs."""
    tied = found.ruled.tied
    size = int(tied.max(initial=-1)) + 1
    if size == len(tied):
        return size, found.edges, found.scorer.edges
    first = np.full(size, len(tied), dtype=np.int64)
    np.minimum.at(first, tied, np.arange(len(tied)))

    def score(x: Numbers, y: Numbers) -> Edges:
        told = found.scorer.edges(first[x], first[y])
        return Edges(x, y, told.scores, told.vetoes)

    return size, folded(tied, found.edges), score


def _copies(found: Resolution, size: int) -> Numbers:
    """Return how many records each group of nodes is; what is one for certain counts once."""
    nodes = np.bincount(found.ruled.tied, minlength=size)
    records = np.bincount(found.ruled.tied[found.contents.node], minlength=size)
    return np.where(nodes > 1, 1, records)


def _labels(found: Resolution, size: int) -> Numbers:
    """Return the cluster of each group of nodes."""
    out = np.zeros(size, dtype=np.int64)
    out[found.ruled.tied] = found.clusters[found.contents.first]
    return out


def _same(found: Resolution, copies: Numbers) -> tuple[Numbers, Mbit, Numbers]:
    """Return of each node the pairs of copies that it holds, their score, and whether they were found to be one."""
    own = np.bincount(found.contents.node, minlength=found.contents.size)
    single = copies[found.ruled.tied] == own
    first = found.contents.first
    last = np.zeros(found.contents.size, dtype=np.int64)
    np.maximum.at(last, found.contents.node, np.arange(len(found.contents.node)))
    return np.where(single, own * (own - 1) // 2, 0), found.alike, found.clusters[first] == found.clusters[last]


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, DIGITS) if whole else None
