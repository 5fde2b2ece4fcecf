"""What a cluster must not become: larger than declared, or two records of a source that holds everybody once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmetl.dedupe.cluster.clustering import by_first, components
from crmetl.dedupe.compare.codes import NONE, Mask, Numbers
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.scoring import Edges
from crmetl.project.model import MOST_ONCE


@dataclass(frozen=True)
class Bounds:
    """
    What clusters are held to.

    Attributes:
        columns: Compared columns, a row per node. Contents are told apart by the record's own fields: a customer is no
            larger for having forty contacts.
        once: Node -> bits of the sources that hold everybody once and have this content; 0: none.
        most: Distinct contents of a cluster.
    """

    columns: Sequence[Column]
    once: Numbers
    most: int

    def contents(self, nodes: Numbers) -> Numbers:
        """Return a number per node, equal where the own fields of two are."""
        return own_contents(self.columns, nodes)

    def vetoed(self, edges: Edges) -> Edges:
        """Return the edges, with a veto on two records of a source that holds everybody once."""
        if not self.once.any():
            return edges
        return Edges(edges.i, edges.j, edges.scores, edges.vetoes | ((self.once[edges.i] & self.once[edges.j]) != 0))

    def over(self, labels: Numbers, nodes: Numbers | None = None) -> Numbers:
        """
        Return the labels of more than `most` distinct contents.

        Args:
            labels: A label per node.
            nodes: Those that are labelled; None: all.
        """
        crowded = np.flatnonzero(np.bincount(labels)[labels] > self.most) if len(labels) else labels
        if not len(crowded):
            return crowded
        contents = self.contents(crowded if nodes is None else nodes[crowded])
        held = pd.DataFrame({"label": labels[crowded], "content": contents}).drop_duplicates()
        number = held["label"].value_counts()
        return np.sort(number.index[number > self.most].to_numpy(dtype=np.int64))

    def twice(self, labels: Numbers, tied: Numbers) -> Numbers:
        """Return the labels that hold two records of a source that holds everybody once, which are not one for certain."""
        at = np.flatnonzero(self.once)
        node, source = np.nonzero(self.once[at, None] >> np.arange(MOST_ONCE) & 1)
        held = pd.DataFrame({"label": labels[at[node]], "tied": tied[at[node]], "source": source}).drop_duplicates()
        again = held[["label", "source"]].duplicated()
        return np.unique(held.loc[again, "label"].to_numpy(dtype=np.int64))


def own_contents(columns: Sequence[Column], nodes: Numbers) -> Numbers:
    """Return a number per node, equal where the fields of the record itself (not of its contacts) are."""
    codes = {str(number): one.codes[nodes] for number, one in enumerate(columns) if "." not in one.name}
    if not codes:
        return np.arange(len(nodes), dtype=np.int64)
    out: Numbers = pd.DataFrame(codes).groupby(list(codes), sort=False).ngroup().to_numpy().astype(np.int64)
    return out


def bounded(labels: Numbers, good: Edges, bounds: Bounds, tied: Numbers) -> Numbers:
    """
    Cut clusters that are not what they are held to at their weakest links.

    Their pairs join again from the strongest down, and a pair that would join two groups to a cluster that must not be does
    nothing. Nodes that are one for certain stay one.

    Args:
        labels: Node -> cluster.
        good: Pairs that join.
        tied: Node -> label, equal for nodes that are one for certain.

    Returns:
        Node -> cluster, numbered by first node.
    """
    wrong = np.union1d(bounds.over(labels), bounds.twice(labels, tied))
    inside = np.isin(labels, wrong)
    if not inside.any():
        return labels
    nodes = np.flatnonzero(inside)
    joined = _Joined(nodes, bounds, tied)
    links = good.take(inside[good.i] & (labels[good.i] == labels[good.j]))
    links = links.take(np.lexsort((links.j, links.i, -links.scores)))
    for a, b in zip(tied[links.i].tolist(), tied[links.j].tolist(), strict=True):
        joined.join(a, b)
    out = labels.copy()
    out[nodes] = len(labels) + np.array([joined.root(one) for one in tied[nodes].tolist()], dtype=np.int64)
    return by_first(out)


class _Joined:
    """Groups of nodes, joined one link after the other as long as they stay within their bounds."""

    def __init__(self, nodes: Numbers, bounds: Bounds, tied: Numbers) -> None:
        self._most = bounds.most
        self._into: dict[int, int] = {}
        self._contents: dict[int, set[int]] = {}
        self._once: dict[int, int] = {}
        for label, content, once in zip(
            tied[nodes].tolist(), bounds.contents(nodes).tolist(), bounds.once[nodes].tolist(), strict=True
        ):
            self._contents.setdefault(label, set()).add(content)
            self._once[label] = self._once.get(label, 0) | once

    def root(self, label: int) -> int:
        while (into := self._into.get(label)) is not None:
            self._into[label] = self._into.get(into, into)
            label = self._into[label]
        return label

    def join(self, a: int, b: int) -> None:
        a, b = self.root(a), self.root(b)
        if a == b or self._once[a] & self._once[b]:
            return
        if len(self._contents[a]) < len(self._contents[b]):
            a, b = b, a
        large, small = self._contents[a], self._contents[b]
        grown = len(large) + sum(one not in large for one in small)
        if grown > max(self._most, len(large)):
            return
        large |= self._contents.pop(b)
        self._once[a] |= self._once.pop(b)
        self._into[b] = a


def cut_off(labels: Numbers, good: Edges, bounds: Bounds) -> Numbers:
    """
    Return the nodes of pairs that would join but for the size of what they would join to.

    Args:
        labels: Node -> final cluster.
        good: Pairs that join.
    """
    cut = good.take(labels[good.i] != labels[good.j])
    if not len(cut):
        return np.zeros(0, dtype=np.int64)
    parts = np.unique(np.r_[labels[cut.i], labels[cut.j]])
    whole = np.full(int(labels.max()) + 1, NONE, dtype=np.int64)
    whole[parts] = components(len(parts), *(np.searchsorted(parts, labels[one]) for one in (cut.i, cut.j)))
    nodes = np.flatnonzero(whole[labels] != NONE)
    at = np.isin(whole[labels[cut.i]], bounds.over(whole[labels[nodes]], nodes))
    return np.union1d(cut.i[at], cut.j[at])


def outgrown(labels: Numbers, contents: Numbers, *, golden: Mask, new: Mask, most: int) -> Mask:
    """
    Say which records would make their golden record grow too much in one run.

    Args:
        labels: Record -> cluster.
        contents: Record -> number of its own content; copies of what the golden record has already make nothing grow.
        golden: Records that the CRM has, or that are known to be one of its rows.
        new: Records that nothing is known of.
        most: Distinct new contents that a golden record may take in at once.

    >>> labels, contents = np.zeros(4, dtype=np.int64), np.array([0, 0, 1, 2])
    >>> golden = np.array([True, False, False, False])
    >>> outgrown(labels, contents, golden=golden, new=~golden, most=1).tolist()
    [False, False, True, True]
    """
    held = pd.DataFrame({"label": labels, "content": contents, "golden": golden, "new": new, "row": np.arange(len(labels))})
    ours = held[held["label"].isin(held.loc[held["golden"], "label"].unique())]
    known = ours.groupby(["label", "content"])["golden"].transform("any")
    fresh = ours[ours["new"] & ~known]
    number = fresh.groupby("label")["content"].transform("nunique")
    out = np.zeros(len(labels), dtype=bool)
    out[fresh.loc[number > most, "row"].to_numpy(dtype=np.int64)] = True
    return out
