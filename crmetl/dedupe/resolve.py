"""Which records are one: columns, candidates, scores and clusters, for the stage, the table and training alike."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmetl.dedupe.blocking import candidates
from crmetl.dedupe.clustering import by_first, cluster
from crmetl.dedupe.columns import Column, Keys, Mask, Numbers, hashed, texts
from crmetl.dedupe.comparisons import columns_of
from crmetl.dedupe.frequency import measure
from crmetl.dedupe.model import PSEUDO, Mbit, Model
from crmetl.dedupe.rules import MatchRules
from crmetl.dedupe.scoring import Scorer, scorer

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
        i, j, scores, vetoes: Compared pairs of nodes.
        joined: Node -> whether its copies are one record (its content identifies it).
        model: What was scored with.
        scorer: The model on these columns.
        blocks: Report of the candidate pairs.
    """

    contents: Contents
    clusters: Numbers
    i: Numbers
    j: Numbers
    scores: Mbit
    vetoes: Mask
    alike: Mbit
    joined: Mask
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
    scores, vetoes = kernel.score(i, j)
    labels = _clustered(contents, anchors, i, j, scores, vetoes, model.cut, kernel)
    copies = np.bincount(contents.node, minlength=contents.size) > 1
    nodes = np.arange(contents.size)
    alike, _ = kernel.score(nodes, nodes)
    company = np.bincount(labels, minlength=contents.size)[labels] > 1
    joined = ~copies | (alike >= model.cut) | company
    clusters = labels[contents.node]
    alone = ~joined[contents.node] & (contents.first[contents.node] != np.arange(len(frame)))
    clusters = by_first(np.where(alone, contents.size + np.arange(len(frame)), clusters))
    return Resolution(contents, clusters, i, j, scores, vetoes, alike, joined, model, kernel, blocks)


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
    return Model(rules.entity, prior=prior, frequencies=measure(columns, size), told={"records": str(size), "weights": "declared"})


def _filled(cells: "pd.Series[str]") -> "np.typing.NDArray[np.object_]":
    return texts(cells.fillna("").tolist())


def _clustered(
    contents: Contents, anchors: Numbers, i: Numbers, j: Numbers, scores: Mbit, vetoes: Mask, cut: int, kernel: Scorer
) -> Numbers:
    """Cluster nodes, those that the crosswalk ties to one CRM row taken as one from the start."""
    tied = _tied(contents, anchors)
    if len(np.unique(tied)) == contents.size:
        return cluster(contents.size, i, j, scores, vetoes, cut=cut, score=kernel.score)
    size = int(tied.max(initial=-1)) + 1
    members = np.argsort(tied, kind="stable")
    a, b, best, never = _folded(tied[i], tied[j], scores, vetoes)

    def score(x: Numbers, y: Numbers) -> tuple[Mbit, Mask]:
        left, right = _expand(tied, members, x), _expand(tied, members, y)
        pairs = [(p, q, k) for k, (ps, qs) in enumerate(zip(left, right, strict=True)) for p in ps for q in qs]
        p, q, k = (np.array(one, dtype=np.int64) for one in zip(*pairs, strict=True)) if pairs else (np.zeros(0, dtype=np.int64),) * 3
        found, forbidden = kernel.score(np.minimum(p, q), np.maximum(p, q))
        out, veto = np.full(len(x), np.iinfo(np.int64).min // 4), np.zeros(len(x), dtype=bool)
        np.maximum.at(out, k, found)
        np.logical_or.at(veto, k, forbidden)
        return out, veto

    return by_first(cluster(size, a, b, best, never, cut=cut, score=score)[tied])


def _tied(contents: Contents, anchors: Numbers) -> Numbers:
    """Return a label per node, equal for nodes of one CRM row."""
    anchor = anchors[contents.first]
    return by_first(np.where(anchor >= 0, contents.size + anchor, np.arange(contents.size)))


def _folded(a: Numbers, b: Numbers, scores: Mbit, vetoes: Mask) -> tuple[Numbers, Numbers, Mbit, Mask]:
    """Return pairs between tied groups: their best score, and a veto where any pair has one."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    pairs = pd.DataFrame({"a": low, "b": high, "score": scores, "veto": vetoes})[low != high]
    best = pairs.groupby(["a", "b"], sort=True).agg(score=("score", "max"), veto=("veto", "max")).reset_index()
    return (
        best["a"].to_numpy().astype(np.int64),
        best["b"].to_numpy().astype(np.int64),
        best["score"].to_numpy().astype(np.int64),
        best["veto"].to_numpy().astype(bool),
    )


def _expand(tied: Numbers, members: Numbers, groups: Numbers) -> list[list[int]]:
    start, end = np.searchsorted(tied[members], groups), np.searchsorted(tied[members], groups, side="right")
    return [members[s:e].tolist() for s, e in zip(start.tolist(), end.tolist(), strict=True)]


__all__ = ["Contents", "Keys", "Resolution", "contents_of", "measured", "resolve", "settled"]
