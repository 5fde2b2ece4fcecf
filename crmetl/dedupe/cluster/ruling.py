"""What decisions do to clusters: who is one for certain, who never is, and which decisions cannot be carried out."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmetl.dedupe.cluster.clustering import by_first
from crmetl.dedupe.cluster.decided import MOST, Told
from crmetl.dedupe.compare.codes import Mask, Numbers
from crmetl.dedupe.scoring import Edges

PAIRED = ("left", "right", "verdict", "counts")
"""
`left`, `right`: rows; `counts`: `yes`, or why a decision does not count: `contradicted` by a newer one, `written` (the two are
one row of the CRM by now), `common` (too many records have that content).
"""


@dataclass(frozen=True)
class Ruled:
    """
    Decisions, settled for these nodes.

    Attributes:
        tied: Node -> label, equal for nodes that are one for certain.
        apart: Two labels each that must never be one, as `a < b`.
        telling: Nodes whose copies a person called one.
        pairs: Columns PAIRED, an applied or refused decision per pair of rows.
    """

    tied: Numbers
    apart: tuple[Numbers, Numbers]
    telling: Mask
    pairs: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(PAIRED)))

    def vetoed(self, edges: Edges) -> Edges:
        """Return the edges, with a veto on those that a decision forbids."""
        low, high = self.apart
        if not len(low):
            return edges
        a, b = self.tied[edges.i], self.tied[edges.j]
        size = np.int64(len(self.tied))
        forbidden = np.isin(np.minimum(a, b) * size + np.maximum(a, b), low * size + high)
        return Edges(edges.i, edges.j, edges.scores, edges.vetoes | forbidden)

    def with_bans(self, edges: Edges) -> Edges:
        """Return the edges and one for every two labels that must stay apart, so that no third record joins them."""
        first = np.full(int(self.tied.max(initial=-1)) + 1, len(self.tied), dtype=np.int64)
        np.minimum.at(first, self.tied, np.arange(len(self.tied)))
        a, b = first[self.apart[0]], first[self.apart[1]]
        none = np.zeros(len(a), dtype=edges.scores.dtype)
        return edges.plus(Edges(np.minimum(a, b), np.maximum(a, b), none, np.ones(len(a), dtype=bool)))

    def anchored(self, node: Numbers, anchors: Numbers) -> Numbers:
        """Return for each row the CRM row that it is by the crosswalk, or by a decision; -1 where neither says."""
        label = self.tied[node]
        known = anchors >= 0
        least = np.full(int(self.tied.max(initial=-1)) + 1, np.iinfo(np.int64).max)
        np.minimum.at(least, label[known], anchors[known])
        found = least[label]
        out: Numbers = np.where(known | (found == np.iinfo(np.int64).max), anchors, found)
        return out


def unruled(tied: Numbers) -> Ruled:
    """Return what holds where nobody decided anything."""
    nothing = np.zeros(0, dtype=np.int64)
    return Ruled(tied, (nothing, nothing), np.zeros(len(tied), dtype=bool))


def rule(told: Told | None, node: Numbers, tied: Numbers, parents: Numbers | None) -> Ruled:
    """
    Settle decisions, the newest first.

    Args:
        told: Decisions and the rows that they are about.
        node: Row -> node.
        tied: Node -> label, equal for nodes that are one by the crosswalk or as faces of one record.
        parents: Row -> number of its parent, -1 where it has none; only records of one parent are compared. None: all are.

    Returns:
        Nodes that "same" joins are tied, whatever contradicts it; "different" keeps labels apart. A decision that contradicts
        a newer one, or the crosswalk, does nothing and says so.
    """
    if told is None or not len(told.hits):
        return unruled(tied)
    pairs = _pairs(told, parents)
    pairs = pairs[pairs["copies"] | (node[pairs["left"]] != node[pairs["right"]])]
    settled = _Settled(tied)
    counts = [
        settled.take(verdict, a, b, common)
        for verdict, a, b, common in zip(
            pairs["verdict"], node[pairs["left"]].tolist(), node[pairs["right"]].tolist(), pairs["common"], strict=True
        )
    ]
    pairs = pairs.assign(counts=counts)
    joined = settled.labels()
    bans = np.array(sorted({_ordered(joined[a], joined[b]) for a, b in settled.bans}), dtype=np.int64).reshape(-1, 2)
    telling = np.zeros(len(tied), dtype=bool)
    own = pairs[(pairs["verdict"] == "same") & pairs["copies"] & (pairs["counts"] == "yes")]
    telling[node[own["left"]]] = True
    return Ruled(joined, (bans[:, 0], bans[:, 1]), telling, pairs[list(PAIRED)].reset_index(drop=True))


def _pairs(told: Told, parents: Numbers | None) -> pd.DataFrame:
    """Return the pairs of rows of each decision, in the order of the decisions."""
    hits = told.hits.assign(parent=0 if parents is None else parents[told.hits["row"]])
    hits = hits[hits["parent"] >= 0]
    left, right = (hits[hits["side"] == side].drop(columns="side") for side in ("left", "right"))
    number = left.groupby("decision")["row"].size() * right.groupby("decision")["row"].size()
    common = number.index[number > MOST]
    crowded = right["decision"].isin(common) & right.duplicated("decision")
    thin = left["decision"].isin(common) & left.duplicated("decision")
    both = left[~thin].merge(right[~crowded], on=["decision", "parent"], suffixes=("_l", "_r"))
    both = both[both["row_l"] != both["row_r"]]
    pairs = pd.DataFrame(
        {
            "decision": both["decision"],
            "left": np.minimum(both["row_l"], both["row_r"]).astype(np.int64),
            "right": np.maximum(both["row_l"], both["row_r"]).astype(np.int64),
            "verdict": both["decision"].map(told.decisions["verdict"]),
            "common": both["decision"].isin(common),
            "copies": both["decision"].map(told.decisions["left"] == told.decisions["right"]).astype(bool),
        }
    )
    return pairs.drop_duplicates(["decision", "left", "right"]).sort_values(["decision", "left", "right"], ignore_index=True)


def _ordered(a: int, b: int) -> tuple[int, int]:
    return (int(a), int(b)) if a < b else (int(b), int(a))


class _Settled:
    """Groups of nodes, joined one decision after the other, and which of them must stay apart."""

    def __init__(self, tied: Numbers) -> None:
        self._tied = tied
        self._into: dict[int, int] = {}
        self._enemies: dict[int, set[int]] = {}
        self.bans: list[tuple[int, int]] = []

    def take(self, verdict: str, a: int, b: int, common: bool) -> str:  # noqa: FBT001 a fact beside the pair
        """Carry out one decision on two nodes, if nothing newer forbids it; return what became of it."""
        if common:
            return "common"
        low, high = self._root(int(self._tied[a])), self._root(int(self._tied[b]))
        if verdict == "same":
            return self._join(low, high)
        if low == high:
            return "written" if self._tied[a] == self._tied[b] and a != b else "contradicted"
        self._enemies.setdefault(low, set()).add(high)
        self._enemies.setdefault(high, set()).add(low)
        self.bans.append((a, b))
        return "yes"

    def _root(self, label: int) -> int:
        while label in self._into:
            label = self._into[label]
        return label

    def _join(self, low: int, high: int) -> str:
        if low == high:
            return "yes"
        if high in self._enemies.get(low, ()):
            return "contradicted"
        self._into[high] = low
        for enemy in self._enemies.pop(high, set()):
            self._enemies[enemy].discard(high)
            self._enemies[enemy].add(low)
            self._enemies.setdefault(low, set()).add(enemy)
        return "yes"

    def labels(self) -> Numbers:
        """Return node -> label of its group."""
        roots = np.arange(int(self._tied.max(initial=-1)) + 1)
        for label in self._into:
            roots[label] = self._root(label)
        return by_first(roots[self._tied])
