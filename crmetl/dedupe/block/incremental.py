"""New records against a CRM of many rows: its rows are not compared among themselves, but where a new record leads to them."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from crmetl.dedupe.block.blocking import Blocking
from crmetl.dedupe.cluster.clustering import Score, components
from crmetl.dedupe.compare.codes import Mask, Numbers
from crmetl.dedupe.scoring import Edges

Joins = Callable[[Edges], Mask]
"""Says which pairs make their nodes one, as far as the two are concerned."""


def compared(pairs: tuple[Numbers, Numbers, pd.DataFrame], score: Score) -> tuple[Edges, pd.DataFrame]:
    """Return all pairs worth comparing with their scores, and what each blocking rule brought; pairs as of `Blocking.pairs`."""
    i, j, report = pairs
    return score(i, j), report


def compared_with_new(blocks: Blocking, score: Score, joins: Joins, *, tied: Numbers, own: Mask) -> tuple[Edges, pd.DataFrame]:
    """
    Return the pairs that decide what becomes of the batch's records, with their scores.

    All pairs of its records, among themselves and with the CRM, are compared. Two CRM rows are compared where a record leads
    to one of them, directly or through others: so that the clusters of records are those of a run that compares everything,
    whatever guards say of them.

    Args:
        joins: Which pairs join.
        tied: Node -> label, equal for nodes that are one for certain.
        own: Nodes of the batch.

    Returns:
        Pairs in order, each once; columns BLOCKS, of the pairs of the batch's own records.
    Cost: that of the pairs of own records, and one pass more over the keys for each step from CRM row to CRM row.
    """
    asked = own.copy()
    i, j, report = blocks.pairs(asked)
    edges = score(i, j)
    while (more := _led_to(edges.take(joins(edges)), tied, own) & ~asked).any():
        i, j, _ = blocks.pairs(more)
        fresh = ~(asked[i] | asked[j])
        edges = edges.plus(score(i[fresh], j[fresh]))
        asked |= more
    return edges.take(np.lexsort((edges.j, edges.i))), report


def _led_to(good: Edges, tied: Numbers, own: Mask) -> Mask:
    """Return the nodes that hang together with one of the batch."""
    size = len(tied)
    first = np.full(size, size, dtype=np.int64)
    np.minimum.at(first, tied, np.arange(size))
    bound = np.flatnonzero(first[tied] != np.arange(size))
    groups = components(size, np.r_[good.i, bound], np.r_[good.j, first[tied[bound]]])
    found = np.zeros(size, dtype=bool)
    found[groups[own]] = True
    out: Mask = found[groups]
    return out
