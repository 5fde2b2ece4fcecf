"""Which records are one: columns, candidates, scores and clusters, for the stage, the table and training alike."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from crmetl.dedupe.blocking import blocking_of
from crmetl.dedupe.clustering import LIMIT, Score, by_first, cluster
from crmetl.dedupe.columns import NONE, Column, Mask, Numbers, Texts, coded, hashed, same_rows, texts
from crmetl.dedupe.comparisons import columns_of
from crmetl.dedupe.decided import Told, told_of
from crmetl.dedupe.frequency import measure
from crmetl.dedupe.growth import Bounds, bounded, cut_off
from crmetl.dedupe.incremental import compared, compared_with_new
from crmetl.dedupe.model import PSEUDO, Mbit, Model
from crmetl.dedupe.rules import MatchRules
from crmetl.dedupe.ruling import Ruled, rule
from crmetl.dedupe.scoring import Edges, Scorer, scorer

WITHIN_CUT = 2_000
"""1/1000 bit; equal names with a number that differs are two colleagues as often as one with two numbers: for a person to see."""
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


@dataclass(frozen=True)
class Rows:
    """
    What is compared, a row per face: records by rid, then CRM rows by key, then further faces of records.

    A record with several contacts shows a face with each; two records agree as well as the best two of their faces.

    Attributes:
        frame: Compared columns (and the `within` column) as text, in an order that depends on nothing but the records.
        names: rid, or `=key` of a CRM row.
        anchors: Number of the CRM row that it is for certain; -1 where that is not known.
        target: Which rows are of the CRM; they are never one content with another and make nothing frequent.
        holder: The first row of the same record.
        once: Bits of the sources that hold everybody once and have the row; None: there are none such.
    """

    frame: pd.DataFrame
    names: Texts
    anchors: Numbers
    target: Mask
    holder: Numbers
    once: Numbers | None = None

    @property
    def own(self) -> Mask:
        """Say which rows stand for a record of the batch."""
        out: Mask = ~self.target & (self.holder == np.arange(len(self.holder)))
        return out

    def parents(self, within: str) -> Texts:
        """Return the parent of each row, "" where it has none."""
        return texts(self.frame[within].fillna("").tolist())


def resolve(rows: Rows, *, rules: MatchRules, decisions: pd.DataFrame | None = None, among_existing: bool = True) -> Resolution:
    """
    Say which records are one; decisions (columns DECISION) come before all evidence.

    Args:
        among_existing: Two CRM rows are compared with each other, also where no new record leads to them.
    """
    told = told_of(decisions, rows.frame[[one.field for one in rules.comparisons]], rows.names)
    contents = contents_of(rows, rules, told)
    within = None if rules.within is None else hashed("within", rows.parents(rules.within))[contents.first]
    model = settled(rules, contents, rows.target)
    kernel = scorer(contents.columns, rules.comparisons, model, rules.vetoes)
    found = blocking_of(contents.columns, within=within, max_block=rules.max_block, rules=model.blocking)
    ruled = rule(told, contents.node, _tied(contents, rows), _numbered(rows, rules))
    bounds = Bounds(contents.columns, _once(contents, rows), rules.most_in_cluster)

    def score(x: Numbers, y: Numbers) -> Edges:
        return bounds.vetoed(kernel.edges(x, y))

    def joins(edges: Edges) -> Mask:
        out: Mask = ~edges.vetoes & (edges.scores >= model.cut)
        return out

    def said(x: Numbers, y: Numbers) -> Edges:
        return ruled.vetoed(score(x, y))

    edges, blocks = (
        compared(found, said)
        if among_existing
        else compared_with_new(found, said, joins, tied=ruled.tied, own=~rows.target[contents.first])
    )
    good = edges.take(joins(edges))
    labels = _clustered(ruled.tied, ruled.with_bans(edges), model, score, limit=max(LIMIT, rules.most_in_cluster))
    labels = bounded(labels, good, bounds, ruled.tied)
    nodes = np.arange(contents.size)
    alike = kernel.edges(nodes, nodes).scores
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


def contents_of(rows: Rows, rules: MatchRules, told: Told | None = None) -> Contents:
    """
    Return the rows as nodes of different content.

    Faces of one record, CRM rows, rows told apart, and copies within a source that holds everybody once stand for themselves.
    """
    place = np.arange(len(rows.holder))
    columns = columns_of(rows.frame, rules.comparisons)
    parts = [one.codes.astype(np.int64) for one in columns]
    parts.append(np.where(rows.target, -2 - place, rows.anchors))
    own = _several(rows.holder) if told is None else _several(rows.holder) | told.alone
    parts.append(np.where(own, place, NONE))
    if rules.within is not None:
        parent = coded(rows.parents(rules.within)).astype(np.int64)
        parts.append(np.where(parent < 0, -2 - place, parent))
    node = by_first(same_rows(parts))
    if rows.once is not None:
        again = pd.DataFrame({"node": node, "once": rows.once}).duplicated().to_numpy() & (rows.once != 0)
        node = by_first(np.where(again, len(node) + place, node))
    first = np.full(int(node.max(initial=-1)) + 1, len(node), dtype=np.int64)
    np.minimum.at(first, node, np.arange(len(node)))
    return Contents(node, first, tuple(replace(one, codes=one.codes[first]) for one in columns))


def _numbered(rows: Rows, rules: MatchRules) -> Numbers | None:
    """Return a number per parent, -1 where there is none; None where all records are compared."""
    return None if rules.within is None else coded(rows.parents(rules.within)).astype(np.int64)


def _several(holder: Numbers) -> Mask:
    """Say which rows are faces of a record that has several."""
    out: Mask = np.bincount(holder, minlength=len(holder))[holder] > 1
    return out


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
    told = {"records": str(size), "weights": "declared"}
    model = Model(rules.entity, frequencies=measure(columns, size), told=told)
    if rules.within is not None:
        return replace(model, prior=WITHIN_PRIOR, cut=WITHIN_CUT)
    return replace(model, prior=-round(1000 * float(np.log2(size + PSEUDO))))


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


def _tied(contents: Contents, rows: Rows) -> Numbers:
    """Return a label per node, equal for nodes that are one for certain: by the crosswalk, or as faces of one record."""
    anchor, holder = rows.anchors[contents.first], rows.holder[contents.first]
    faces = np.where(_several(rows.holder)[contents.first], contents.size + holder, np.arange(contents.size))
    return by_first(np.where(anchor >= 0, contents.size + len(rows.holder) + anchor, faces))


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
