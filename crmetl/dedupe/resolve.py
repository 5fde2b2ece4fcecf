"""Which records are one: columns, candidates, scores and clusters, for the stage, the table and training alike."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmetl.dedupe.blocking import candidates
from crmetl.dedupe.clustering import by_first, cluster
from crmetl.dedupe.columns import Column, Mask, Numbers, hashed, texts
from crmetl.dedupe.comparisons import columns_of
from crmetl.dedupe.frequency import measure
from crmetl.dedupe.model import PSEUDO, Mbit, Model
from crmetl.dedupe.rules import MatchRules
from crmetl.dedupe.scoring import Edges, Scorer, scorer

WITHIN_PRIOR = -3_300
"""Inside one parent, 1 pair in 10 is one record: an account has a handful of contacts, each from two or three files."""


@dataclass(frozen=True)
class Contents:
    """
    Records of equal compared content, taken once: copies cost nothing and make nothing frequent.

    Attributes:
        node: Record -> node.
        first: Node -> its first record.
        columns: Compared columns, a row per node.
    """

    node: Numbers
    first: Numbers
    columns: tuple[Column, ...]

    @property
    def size(self) -> int:
        """Return the number of nodes."""
        return len(self.first)


@dataclass(frozen=True)
class Resolution:
    """
    What is one, and how it was found.

    Attributes:
        contents: Records as nodes.
        clusters: Record -> cluster, numbered by first record.
        edges: Compared pairs of nodes.
        alike: Node -> score of two records of its content.
        model: What was scored with.
        scorer: The model on these columns.
        blocks: Report of the candidate pairs.
    """

    contents: Contents
    clusters: Numbers
    edges: Edges
    alike: Mbit
    model: Model
    scorer: Scorer
    blocks: pd.DataFrame


def resolve(frame: pd.DataFrame, *, rules: MatchRules, anchors: Numbers, target: Mask) -> Resolution:
    """
    Say which records are one.

    Args:
        frame: Compared columns (and the `within` column) as text, a row per record, in an order that depends on nothing
            but the records.
        anchors: Record -> number of the CRM row that it is for certain; -1 where that is not known.
        target: Which records are rows of the CRM; they are never one content with another and make nothing frequent.
    """
    contents = contents_of(frame, rules, anchors, target)
    within = None if rules.within is None else hashed("within", _filled(frame[rules.within]))[contents.first]
    model = settled(rules, contents, target)
    kernel = scorer(contents.columns, rules.comparisons, model, rules.vetoes)
    i, j, blocks = candidates(contents.columns, within=within, max_block=rules.max_block)
    edges = kernel.edges(i, j)
    labels = _clustered(contents, anchors, edges, model.cut, kernel)
    nodes = np.arange(contents.size)
    alike = kernel.edges(nodes, nodes).scores
    clusters = _with_copies(contents, labels, alike >= model.cut)
    return Resolution(contents, clusters, edges, alike, model, kernel, blocks)


def _with_copies(contents: Contents, labels: Numbers, telling: Mask) -> Numbers:
    """Return the cluster of each record: copies are one where their content identifies it, or another content joins it."""
    company = np.bincount(labels, minlength=contents.size)[labels] > 1
    copy = contents.first[contents.node] != np.arange(len(contents.node))
    alone = copy & ~(telling | company)[contents.node]
    return by_first(np.where(alone, contents.size + np.arange(len(copy)), labels[contents.node]))


def contents_of(frame: pd.DataFrame, rules: MatchRules, anchors: Numbers, target: Mask) -> Contents:
    """Return the records as nodes of different content."""
    columns = columns_of(frame, rules.comparisons)
    parts = {str(number): one.codes for number, one in enumerate(columns)}
    parts["anchor"] = np.where(target, -2 - np.arange(len(frame)), anchors)
    if rules.within is not None:
        parts["within"] = pd.factorize(frame[rules.within])[0]
    node = by_first(pd.DataFrame(parts).groupby(list(parts), sort=False).ngroup().to_numpy().astype(np.int64))
    first = np.full(int(node.max(initial=-1)) + 1, len(node), dtype=np.int64)
    np.minimum.at(first, node, np.arange(len(node)))
    return Contents(node, first, tuple(replace(one, codes=one.codes[first]) for one in columns))


def settled(rules: MatchRules, contents: Contents, target: Mask) -> Model:
    """Return the pinned model, or the declared one with the frequencies of these records; the project's cut on top."""
    model = rules.model or measured(rules, contents, target)
    return replace(
        model,
        cut=model.cut if rules.cut is None else rules.cut,
        review=model.review if rules.review is None else rules.review,
    )


def measured(rules: MatchRules, contents: Contents, target: Mask) -> Model:
    """Return the declared weights with frequencies and prior measured on the sources' records."""
    own = ~target[contents.first]
    size = int(own.sum())
    columns = [replace(one, codes=one.codes[own]) for one in contents.columns]
    prior = WITHIN_PRIOR if rules.within is not None else -round(1000 * float(np.log2(size + PSEUDO)))
    return Model(
        rules.entity, prior=prior, frequencies=measure(columns, size), told={"records": str(size), "weights": "declared"}
    )


def _filled(cells: "pd.Series[str]") -> "np.typing.NDArray[np.object_]":
    return texts(cells.fillna("").tolist())


def _clustered(contents: Contents, anchors: Numbers, edges: Edges, cut: int, kernel: Scorer) -> Numbers:
    """Cluster nodes, those that the crosswalk ties to one CRM row taken as one from the start."""
    tied = _tied(contents, anchors)
    size = int(tied.max(initial=-1)) + 1
    if size == contents.size:
        return cluster(size, edges, cut=cut, score=kernel.edges)
    members = np.argsort(tied, kind="stable")

    def score(x: Numbers, y: Numbers) -> Edges:
        pairs = [
            (p, q) for ps, qs in zip(_expand(tied, members, x), _expand(tied, members, y), strict=True) for p in ps for q in qs
        ]
        p, q = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return _folded(tied, kernel.edges(np.minimum(p, q), np.maximum(p, q)))

    return by_first(cluster(size, _folded(tied, edges), cut=cut, score=score)[tied])


def _tied(contents: Contents, anchors: Numbers) -> Numbers:
    """Return a label per node, equal for nodes of one CRM row."""
    anchor = anchors[contents.first]
    return by_first(np.where(anchor >= 0, contents.size + anchor, np.arange(contents.size)))


def _folded(tied: Numbers, edges: Edges) -> Edges:
    """Return pairs between tied groups: their best score, and a veto where any pair has one."""
    a, b = tied[edges.i], tied[edges.j]
    pairs = pd.DataFrame({"a": np.minimum(a, b), "b": np.maximum(a, b), "score": edges.scores, "veto": edges.vetoes})[a != b]
    best = pairs.groupby(["a", "b"], sort=True).max().reset_index()
    low, high, score = (best[name].to_numpy().astype(np.int64) for name in ("a", "b", "score"))
    return Edges(low, high, score, best["veto"].to_numpy().astype(bool))


def _expand(tied: Numbers, members: Numbers, groups: Numbers) -> list[list[int]]:
    start, end = np.searchsorted(tied[members], groups), np.searchsorted(tied[members], groups, side="right")
    return [members[s:e].tolist() for s, e in zip(start.tolist(), end.tolist(), strict=True)]
