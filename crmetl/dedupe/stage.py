"""The stage: absorb each duplicate into its survivor, and find the CRM row it already is."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from crmetl.batch import CHANGE, FINDING, Batch, StageResult, conserve, stack, text_frame
from crmetl.dedupe.block.blocking import BLOCKS
from crmetl.dedupe.cluster.growth import outgrown, own_contents
from crmetl.dedupe.cluster.recall import DECIDED, sides_of, unasked
from crmetl.dedupe.compare.codes import NONE, Mask, Numbers
from crmetl.dedupe.measure.calibration import expected
from crmetl.dedupe.measure.sampling import Pool, pool_of
from crmetl.dedupe.model import Model
from crmetl.dedupe.pairs import PAIR, because, shown
from crmetl.dedupe.resolve import Resolution, resolve
from crmetl.dedupe.rows import Crm, Rows, compared_rows
from crmetl.dedupe.rules import MatchRules
from crmetl.dedupe.survivorship import POINT, points, standing, survive, survivors
from crmetl.errors import ProjectError
from crmetl.faults.dedupe import (
    CLUSTER_TOO_LARGE,
    DECISION_COMMON,
    DECISION_CONTRADICTED,
    DECISION_WRITTEN,
    DOUBTFUL_PAIR,
    GROWTH_TOO_FAST,
    MATCH_AMBIGUOUS,
    OWNER_CONFLICT,
)
from crmetl.quality.expected import Expected
from crmetl.text import Text

MERGE = ("loser", "survivor", "score_mbit", "decided", "because")
NOT_COUNTED = {"contradicted": DECISION_CONTRADICTED, "written": DECISION_WRITTEN, "common": DECISION_COMMON}
NEAR = 1_000
"""1/1000 bit: two CRM rows whose scores differ by less than one bit fit a record equally well."""


def _no_pairs() -> pd.DataFrame:
    return text_frame(PAIR).astype({"score_mbit": "int64"})


def _no_merges() -> pd.DataFrame:
    return text_frame(MERGE).astype({"score_mbit": "int64"})


@dataclass(frozen=True)
class Deduped:
    """
    What is one.

    Attributes:
        result: kept: survivors with surviving values; absorbed: rid -> survivor; held: records that fit two CRM rows
            equally well, or that are too many at once for one; changes: a row per cell taken from an absorbed record.
        matched: Survivor rid -> key of the CRM row that it is.
        pairs: Columns PAIR: merged edges and doubtful pairs; a CRM row is named `=key`.
        merges: Columns MERGE: CRM rows that turned out to be one, loser and survivor; `decided`: yes where a person said so.
        points: Columns POINT: numbers and mailboxes of merged records that the survivor does not show.
        blocks: Columns BLOCKS: what each blocking rule brought.
        candidates: Number of pairs compared.
        model: What was scored with; the one to explain with.
        decided: Columns DECIDED: pairs that a person decided, and whether that counts (`yes`, `contradicted` by a newer
            decision, `written`: one row of the CRM by now, `common`: too many records have that content).
        pool: What a sample for labelling is drawn from.
        expected: Precision and recall that the scores promise; None where there was nothing to compare.
        sides: Index as pairs and merges name records: the compared content, and its `print`; of doubtful pairs, of the
            merges nearest the cut, and of the pool.
    """

    result: StageResult
    matched: "pd.Series[str]"
    pairs: pd.DataFrame = field(default_factory=_no_pairs)
    merges: pd.DataFrame = field(default_factory=_no_merges)
    points: pd.DataFrame = field(default_factory=lambda: text_frame(POINT))
    blocks: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(BLOCKS)))
    candidates: int = 0
    model: Model = field(default_factory=lambda: Model(""))
    decided: pd.DataFrame = field(default_factory=lambda: text_frame(DECIDED))
    sides: pd.DataFrame = field(default_factory=lambda: text_frame(["print"]))
    pool: Pool = field(default_factory=Pool)
    expected: Expected | None = None


def dedupe(
    batch: Batch,
    *,
    rules: MatchRules,
    existing: pd.DataFrame | None = None,
    known: "pd.Series[str] | None" = None,
    evidence: pd.DataFrame | None = None,
    parents: "pd.Series[str] | None" = None,
    decisions: pd.DataFrame | None = None,
    among_existing: bool = True,
) -> Deduped:
    """
    Absorb each duplicate into its survivor, and say which CRM row it already is.

    Args:
        batch: Cleaned records; with `rules.within`, references resolved.
        rules: Comparisons, weights in 1/1000 bit, cut on the same scale.
        existing: CRM rows, index `key`, columns the entity's fields (evidence columns too where known); several rows of one
            key are its faces.
        known: rid -> key by the crosswalk; taken as certain.
        evidence: Index rid, columns of other entities of the same row (`contact.mobile`).
        parents: For `within`: rid of a matched parent -> its CRM key, so that `@rid` and the key mean the same parent.
        decisions: Columns DECISION, perhaps `at`, of this entity: "same" joins for certain, also against a veto; "different"
            never joins, also not through others. Neither is asked again.
        among_existing: Compare CRM rows with each other too. Otherwise two of them are compared where a new record leads to
            one of them; what becomes of new records is the same.

    Raises:
        ProjectError: `rules.within` names a column that the batch lacks.
    Cost: pairs grow with the square of the largest block, at most `rules.max_block`; larger blocks are refined, and counted.
    """
    frame = batch.frame.sort_index()
    if rules.within is not None and rules.within not in frame.columns:
        raise ProjectError(
            Text(
                f"{batch.entity} 的 within 字段 {rules.within} 不在记录中",
                f"{batch.entity}: within names {rules.within}, which the records lack",
            ),
            next=Text("检查 rules/match.yaml", "check rules/match.yaml"),
        )
    rows = compared_rows(frame, rules, evidence, Crm(existing, known, parents))
    if not len(rows.names):
        return Deduped(StageResult(kept=batch, held=batch), _texts({}, "key"))
    found = resolve(rows, rules=rules, decisions=decisions, among_existing=among_existing)
    rows = replace(rows, anchors=found.ruled.anchored(found.contents.node, rows.anchors))
    labels, merges = _one_crm_row_each(found, rows)
    doubtful = _ambiguous(found, rows)
    labels = np.where(doubtful, 2 * len(labels) + rows.holder, labels)
    parked = _outgrown(found, rows, labels, rules.most_growth)
    labels = np.where(parked, 2 * len(labels) + rows.holder, labels)
    pool = pool_of(found, rows.names, labels)
    pairs, decided = unasked(shown(found, rows.names, labels), found.ruled, rows.names, labels)
    own = pd.Series(labels[rows.own], index=frame.index)
    crowded = np.isin(rows.holder, rows.holder[np.isin(found.contents.node, found.cut_off)])
    waits = Waiting(doubtful[rows.own], parked[rows.own], crowded[rows.own])
    result, reach = _settle(batch, Outcome(frame, own, waits, pairs, decided), rules=rules)
    return Deduped(
        result=conserve("dedupe", batch.frame.index, result),
        matched=_matched(rows, labels, result),
        pairs=pairs,
        merges=merges,
        points=reach,
        blocks=found.blocks,
        candidates=len(found.edges),
        model=found.model,
        decided=decided,
        sides=sides_of(rows, [one.field for one in rules.comparisons], pairs, merges, pool.pairs),
        pool=pool,
        expected=expected(found),
    )


def _one_crm_row_each(found: Resolution, rows: Rows) -> tuple[Numbers, pd.DataFrame]:
    """Leave each cluster one CRM row: records go to the row they are known by, else to the first; the others are merges."""
    labels = found.clusters
    crm = np.flatnonzero(rows.target & (rows.holder == np.arange(len(rows.holder))))
    several = pd.Series(labels[crm]).duplicated(keep=False).to_numpy()
    crm = crm[several]
    if not len(crm):
        return labels, _no_merges()
    first = pd.Series(crm).groupby(labels[crm]).transform("min").to_numpy()
    loser = crm[crm != first]
    tied = found.ruled.tied[found.contents.node]
    nodes = found.contents.node[first[crm != first]], found.contents.node[loser]
    edges = found.scorer.edges(*nodes)
    merges = pd.DataFrame(
        {
            "loser": pd.Series([one[1:] for one in rows.names[loser]], dtype="str"),
            "survivor": pd.Series([one[1:] for one in rows.names[first[crm != first]]], dtype="str"),
            "score_mbit": edges.scores,
            "decided": pd.Series(np.where(tied[first[crm != first]] == tied[loser], "yes", "no"), dtype="str"),
            "because": pd.Series(because(found.scorer, nodes[0], nodes[1]), dtype="str"),
        }
    )
    offset = int(np.flatnonzero(rows.target)[0])
    apart = np.isin(rows.anchors + offset, loser) & (rows.anchors != NONE)
    return np.where(apart, len(labels) + rows.anchors, labels), merges


def _ambiguous(found: Resolution, rows: Rows) -> Mask:
    """Say which records, unknown to the crosswalk, fit CRM rows of two clusters equally well."""
    node, first, target = found.contents.node, found.contents.first, rows.target
    good = found.edges.take((found.edges.scores >= found.model.cut) & ~found.edges.vetoes)
    good = good.take(target[first[good.i]] != target[first[good.j]])
    swapped = target[first[good.i]]
    record, row = np.where(swapped, good.j, good.i), np.where(swapped, good.i, good.j)
    unknown = rows.anchors[first[record]] == NONE
    edges = pd.DataFrame({"node": record, "label": found.clusters[first[row]], "score": good.scores})[unknown]
    best = edges.groupby(["node", "label"], sort=True)["score"].max().reset_index()
    near = best[best["score"] > best.groupby("node")["score"].transform("max") - NEAR]
    torn = near["node"][near["node"].duplicated()].unique()
    return np.isin(rows.holder, rows.holder[np.isin(node, torn) & ~target])


def _outgrown(found: Resolution, rows: Rows, labels: Numbers, most: int) -> Mask:
    """Say which records are more new ones than the CRM row that they fit may take in at once."""
    first = rows.holder == np.arange(len(rows.holder))
    known = first & (rows.target | (rows.anchors != NONE))
    new = first & ~known
    size = int(labels.max(initial=0)) + 1
    crowded = (np.bincount(labels[new], minlength=size) > most) & (np.bincount(labels[known], minlength=size) > 0)
    at = np.flatnonzero(crowded[labels] & first)
    contents = own_contents(found.contents.columns, found.contents.node[at])
    return np.isin(rows.holder, at[outgrown(labels[at], contents, golden=known[at], new=new[at], most=most)])


@dataclass(frozen=True)
class Waiting:
    """
    Which records a person has to see.

    Attributes:
        torn: They fit two CRM rows equally well; held.
        parked: Too many at once for one CRM row; held.
        crowded: A cluster was too large to take them in; they stay apart.
    """

    torn: Mask
    parked: Mask
    crowded: Mask


@dataclass(frozen=True)
class Outcome:
    """Records in the order of their rid, the cluster of each, which of them wait, the pairs worth showing, and decided ones."""

    frame: pd.DataFrame
    clusters: "pd.Series[int]"
    waits: Waiting
    pairs: pd.DataFrame
    decided: pd.DataFrame


def _settle(batch: Batch, found: Outcome, *, rules: MatchRules) -> tuple[StageResult, pd.DataFrame]:
    frame, clusters = found.frame, found.clusters
    standings = pd.Series(standing(frame, rules.ranks), index=frame.index)
    into = survivors(clusters, standings)
    merged = clusters.duplicated(keep=False)
    members = frame[merged]
    golden, changes = survive(members, into[merged], standings, rules=rules) if len(members) else (members, text_frame(CHANGE))
    torn, parked, crowded = (
        pd.Series(one, index=frame.index).reindex(batch.frame.index)
        for one in (found.waits.torn, found.waits.parked, found.waits.crowded)
    )
    held = torn | parked
    absorbed = into[into.index != into].rename("into")
    absorbed.index.name = "rid"
    stays = ~held & ~batch.frame.index.isin(absorbed.index)
    kept = batch.take(stays)
    untouched = kept.frame.drop(index=golden.index)
    whole = pd.concat([untouched, golden]).reindex(kept.frame.index) if len(golden) else kept.frame
    kept = replace(kept, frame=whole.set_axis(kept.frame.index))
    findings = [
        batch.findings(torn, rules.comparisons[0].field, MATCH_AMBIGUOUS),
        batch.findings(parked, rules.comparisons[0].field, GROWTH_TOO_FAST),
        batch.findings(crowded, rules.comparisons[0].field, CLUSTER_TOO_LARGE),
        *_owners(batch, members, into, rules),
        _doubts(batch, found.pairs, rules),
        *_refused(batch, found.decided, rules),
    ]
    result = StageResult(kept, batch.take(held), absorbed=absorbed, findings=stack(findings, FINDING), changes=changes)
    reach = points(members, golden, into[merged], rules=rules) if len(members) else text_frame(POINT)
    return result, reach


def _owners(batch: Batch, members: pd.DataFrame, into: "pd.Series[str]", rules: MatchRules) -> list[pd.DataFrame]:
    """Return findings on survivors whose merged records name different owners."""
    out = []
    for name in [one for one, kept in rules.survive.items() if kept.kind == "owner" and one in members.columns]:
        several = members[name].groupby(into.loc[members.index].to_numpy(dtype=object)).nunique()
        claimed = batch.frame.index.isin(several.index[several > 1])
        out.append(batch.findings(pd.Series(claimed, index=batch.frame.index), name, OWNER_CONFLICT))
    return out


def _doubts(batch: Batch, pairs: pd.DataFrame, rules: MatchRules) -> pd.DataFrame:
    doubtful = pairs[pairs["verdict"] == "review"]
    named = batch.frame.index.isin(pd.concat([doubtful["left"], doubtful["right"]]))
    return batch.findings(pd.Series(named, index=batch.frame.index), rules.comparisons[0].field, DOUBTFUL_PAIR)


def _refused(batch: Batch, decided: pd.DataFrame, rules: MatchRules) -> list[pd.DataFrame]:
    """Return findings on the records of decisions that could not be carried out."""
    out = []
    for why, fault in NOT_COUNTED.items():
        sides = decided.loc[decided["counts"] == why, ["left", "right"]]
        named = batch.frame.index.isin(pd.concat([sides["left"], sides["right"]]))
        out.append(batch.findings(pd.Series(named, index=batch.frame.index), rules.comparisons[0].field, fault))
    return out


def _matched(rows: Rows, labels: Numbers, result: StageResult) -> "pd.Series[str]":
    crm = np.flatnonzero(rows.target)
    keys = pd.Series([one[1:] for one in rows.names[crm]], index=labels[crm], dtype="str")
    own = pd.Series(labels[rows.own], index=rows.names[rows.own])
    return (
        own[own.index.isin(result.kept.frame.index)]
        .map(keys[~keys.index.duplicated()])
        .dropna()
        .astype("str")
        .rename("key")
        .rename_axis("rid")
    )


def _texts(values: dict[str, str], name: str) -> "pd.Series[str]":
    return pd.Series(values, dtype="str", index=pd.Index(list(values), dtype="str", name="rid"), name=name)
