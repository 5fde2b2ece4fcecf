"""Which records are one: columns, candidates, scores and clusters, for the stage, the table and training alike."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmetl.dedupe.block.blocking import blocking_of
from crmetl.dedupe.block.incremental import compared, compared_with_new
from crmetl.dedupe.cluster.clustering import LIMIT, Score, by_first, cluster
from crmetl.dedupe.cluster.decided import told_of
from crmetl.dedupe.cluster.growth import Bounds, bounded, cut_off
from crmetl.dedupe.cluster.ruling import Ruled, rule
from crmetl.dedupe.compare.codes import Mask, Numbers, coded, hashed
from crmetl.dedupe.learn.training import settled
from crmetl.dedupe.model import Mbit, Model
from crmetl.dedupe.rows import Contents, Rows, contents_of, tied
from crmetl.dedupe.rules import MatchRules
from crmetl.dedupe.scoring import Edges, Scorer, scorer

Step = Callable[[str], None]


def silent(_step: str) -> None:
    """Tell nobody which step begins."""


@dataclass(frozen=True)
class Resolution:
    """
    What is one, and how it was found.

    Attributes:
        contents: Records as nodes.
        clusters: Record -> cluster, numbered by first record.
        edges: Compared pairs of nodes.
        alike: Node -> score of two records of its content; 0 where there is one.
        model: What was scored with.
        scorer: The model on these columns.
        blocks: Report of the candidate pairs.
        ruled: What people decided.
        cut_off: Nodes that a cluster would have taken in, had it not been too large.
    """

    contents: Contents
    clusters: Numbers
    edges: Edges
    alike: Mbit
    model: Model
    scorer: Scorer
    blocks: pd.DataFrame
    ruled: Ruled
    cut_off: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def resolve(
    rows: Rows,
    *,
    rules: MatchRules,
    decisions: pd.DataFrame | None = None,
    among_existing: bool = True,
    step: Step = silent,
) -> Resolution:
    """
    Say which records are one; decisions (columns DECISION) come before all evidence.

    Args:
        among_existing: Two CRM rows are compared with each other, also where no new record leads to them.
        step: Told what begins: `learn`, `compare`, `cluster`.
    """
    told = told_of(decisions, rows.frame[[one.field for one in rules.comparisons]], rows.names)
    contents = contents_of(rows, rules, told)
    within = None if rules.within is None else hashed("within", rows.parents(rules.within))[contents.first]
    step("learn")
    learnt = settled(rules, rows, contents)
    model = learnt.model
    step("compare")
    kernel = scorer(contents.columns, rules.comparisons, model, rules.vetoes)
    found = blocking_of(contents.columns, within=within, max_block=rules.max_block, rules=model.blocking)
    ruled = rule(told, contents.node, tied(contents, rows), _numbered(rows, rules))
    bounds = Bounds(contents.columns, _once(contents, rows), rules.most_in_cluster)

    def score(x: Numbers, y: Numbers) -> Edges:
        return bounds.vetoed(kernel.edges(x, y))

    def joins(edges: Edges) -> Mask:
        out: Mask = ~edges.vetoes & (edges.scores >= model.cut)
        return out

    def said(x: Numbers, y: Numbers) -> Edges:
        return ruled.vetoed(score(x, y))

    edges, blocks = (
        compared(learnt.pairs or found.pairs(), said)
        if among_existing
        else compared_with_new(found, said, joins, tied=ruled.tied, own=~rows.target[contents.first])
    )
    step("cluster")
    good = edges.take(joins(edges))
    labels = _clustered(ruled.tied, ruled.with_bans(edges), model, score, limit=max(LIMIT, rules.most_in_cluster))
    labels = bounded(labels, good, bounds, ruled.tied)
    copied = np.flatnonzero(np.bincount(contents.node, minlength=contents.size) > 1)
    alike = np.zeros(contents.size, dtype=np.int64)
    alike[copied] = kernel.edges(copied, copied).scores
    clusters = _with_copies(contents, labels, (alike >= model.cut) | ruled.telling)
    return Resolution(contents, clusters, edges, alike, model, kernel, blocks, ruled, cut_off(labels, good, bounds))


def _once(contents: Contents, rows: Rows) -> Numbers:
    """Return per node the bits of the sources that hold everybody once and have its content."""
    out = np.zeros(contents.size, dtype=np.int64)
    if rows.once is not None:
        np.bitwise_or.at(out, contents.node, rows.once)
    return out


def _with_copies(contents: Contents, labels: Numbers, telling: Mask) -> Numbers:
    """Return the cluster of each record: copies are one where their content identifies it, or another content joins it."""
    company = np.bincount(labels, minlength=contents.size)[labels] > 1
    copy = contents.first[contents.node] != np.arange(len(contents.node))
    alone = copy & ~(telling | company)[contents.node]
    return by_first(np.where(alone, contents.size + np.arange(len(copy)), labels[contents.node]))


def _numbered(rows: Rows, rules: MatchRules) -> Numbers | None:
    """Return a number per parent, -1 where there is none; None where all records are compared."""
    return None if rules.within is None else coded(rows.parents(rules.within)).astype(np.int64)


def _clustered(tied: Numbers, edges: Edges, model: Model, score: Score, *, limit: int) -> Numbers:
    """Cluster nodes, those that are tied taken as one from the start."""
    size = int(tied.max(initial=-1)) + 1
    cut, prior = model.cut, model.prior_of_one
    if size == len(tied):
        return cluster(size, edges, cut=cut, score=score, limit=limit, prior=prior)
    members = np.argsort(tied, kind="stable")

    def between(x: Numbers, y: Numbers) -> Edges:
        pairs = [
            (p, q) for ps, qs in zip(_expand(tied, members, x), _expand(tied, members, y), strict=True) for p in ps for q in qs
        ]
        p, q = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return folded(tied, score(np.minimum(p, q), np.maximum(p, q)))

    return by_first(cluster(size, folded(tied, edges), cut=cut, score=between, limit=limit, prior=prior)[tied])


def folded(tied: Numbers, edges: Edges) -> Edges:
    """Return pairs between tied groups: their best score, and a veto where any pair has one."""
    a, b = tied[edges.i], tied[edges.j]
    pairs = pd.DataFrame({"a": np.minimum(a, b), "b": np.maximum(a, b), "score": edges.scores, "veto": edges.vetoes})[a != b]
    best = pairs.groupby(["a", "b"], sort=True).max().reset_index()
    low, high, score = (best[name].to_numpy().astype(np.int64) for name in ("a", "b", "score"))
    return Edges(low, high, score, best["veto"].to_numpy().astype(bool))


def _expand(tied: Numbers, members: Numbers, groups: Numbers) -> list[list[int]]:
    start, end = np.searchsorted(tied[members], groups), np.searchsorted(tied[members], groups, side="right")
    return [members[s:e].tolist() for s, e in zip(start.tolist(), end.tolist(), strict=True)]
