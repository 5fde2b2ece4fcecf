"""Which record survives a cluster, and which value of each of its fields."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from crmetl.batch import CHANGE, CUSTOM, LINEAGE, SOURCE, stack, text_frame
from crmetl.dedupe.columns import Numbers
from crmetl.dedupe.comparisons import normal
from crmetl.dedupe.rules import Kept, MatchRules

STRICT = ("merged", "deregistered", "closed", "cancelled", "inactive", "withdrawn", "suspended", "left", "active")
"""Strictest first: what one file says ended is not brought back by an older file; words that are not here come last."""
REACH = ("phone", "mobile", "email")
POINT = ("rid", "field", "value")
DEFAULT_RANK = 50


def standing(frame: pd.DataFrame, ranks: Mapping[str, int]) -> Numbers:
    """
    Return the standing of each record, 0 the best: most trusted source, then most filled, then smallest rid.

    Args:
        frame: Records, index `rid`.
        ranks: Source -> trust, 1 is most trusted.
    """
    rank = frame[SOURCE].map(dict(ranks)).astype("float64").fillna(DEFAULT_RANK).to_numpy()
    own = [name for name in frame.columns if name not in LINEAGE]
    filled = frame[own].notna().sum(axis=1).to_numpy()
    smallest = np.argsort(np.argsort(frame.index.to_numpy(dtype=object), kind="stable"), kind="stable")
    order = np.lexsort((smallest, -filled, rank))
    out = np.empty(len(frame), dtype=np.int64)
    out[order] = np.arange(len(frame))
    return out


def survivors(clusters: "pd.Series[int]", standings: "pd.Series[int]") -> "pd.Series[str]":
    """Return rid -> rid of the survivor of its cluster, the record of the best standing."""
    best = standings.sort_values().index
    ordered = clusters.loc[best]
    first = ordered[~ordered.duplicated()]
    by_cluster = pd.Series(first.index.to_numpy(dtype=object), index=first.to_numpy(), dtype="str")
    return clusters.map(by_cluster).astype("str")


def survive(
    frame: pd.DataFrame, into: "pd.Series[str]", standings: "pd.Series[int]", *, rules: MatchRules
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Return the surviving values of merged records, and a row per cell that came from another record.

    Args:
        frame: All records of clusters of two and more, index `rid`.
        into: rid -> survivor.
        standings: rid -> standing.

    Returns:
        golden: index rid of the survivors, the frame's columns. changes: columns CHANGE, rule `survive:<how>`.
    """
    ordered = frame.loc[standings.loc[frame.index].sort_values().index]
    group = into.loc[ordered.index].to_numpy(dtype=object)
    heads = ordered[ordered.index == group]
    golden, changes = {}, []
    for name in frame.columns:
        how = _how(name, rules)
        if name in LINEAGE:
            golden[name] = heads[name]
            continue
        best = _united(ordered[name], group) if how == "union" else _best(ordered[[name, SOURCE]], name, group, how, rules)
        golden[name] = best.reindex(heads.index)
        changes.append(_changes(heads[name], golden[name], name, how, rules.entity))
    return pd.DataFrame(golden, index=heads.index).astype("str"), stack(changes, CHANGE)


def _how(name: str, rules: MatchRules) -> str:
    if name == CUSTOM:
        return "union"
    kept = rules.survive.get(name, Kept("first", "text"))
    return "first" if kept.kind in ("reference", "owner") or name == rules.within else kept.how


def _best(
    cells: pd.DataFrame, name: str, group: "np.typing.NDArray[np.object_]", how: str, rules: MatchRules
) -> "pd.Series[str]":
    """Return per group the value that `how` prefers; among equals the one of the best standing (the frame's order)."""
    known = cells[name].notna().to_numpy()
    cells, group = cells[known], group[known]
    values = cells[name]
    order = np.lexsort((np.arange(len(values)), -_worth(values, cells[SOURCE], group, how, rules)))
    picked, owners = values.iloc[order], group[order]
    first = ~pd.Series(owners).duplicated().to_numpy()
    return pd.Series(picked[first].to_numpy(dtype=object), index=pd.Index(owners[first], dtype="str"), dtype="str")


def _worth(
    values: "pd.Series[str]", sources: "pd.Series[str]", group: "np.typing.NDArray[np.object_]", how: str, rules: MatchRules
) -> "np.typing.NDArray[np.float64]":
    """Return what each value is worth to `how`; the highest survives."""
    if how == "longest":
        return values.str.len().to_numpy().astype(np.float64)
    if how == "frequent":
        return values.groupby([group, values.to_numpy(dtype=object)]).transform("size").to_numpy().astype(np.float64)
    if how == "strictest":
        place = {one: -float(number) for number, one in enumerate(STRICT)}
        return values.map(place).fillna(-float(len(STRICT))).to_numpy().astype(np.float64)
    if how == "newest":
        dates = sources.map(dict(rules.as_of)).fillna("").astype("object")
        return pd.factorize(dates, sort=True)[0].astype(np.float64)
    return np.zeros(len(values))


def _united(cells: "pd.Series[str]", group: "np.typing.NDArray[np.object_]") -> "pd.Series[str]":
    """Return per group one JSON object of all keys; of a key that several records hold, the best standing wins."""
    known = cells.notna().to_numpy()
    found: dict[str, dict[str, object]] = {}
    for owner, text in zip(group[known].tolist(), cells[known].tolist(), strict=True):
        found[owner] = {**json.loads(text), **found.get(owner, {})}
    united = {owner: json.dumps(one, ensure_ascii=False, sort_keys=True) for owner, one in found.items()}
    return pd.Series(united, index=pd.Index(list(united), dtype="str"), dtype="str")


def _changes(before: "pd.Series[str]", after: "pd.Series[str]", name: str, how: str, entity: str) -> pd.DataFrame:
    moved = after.notna() & (before.fillna("\x00") != after)
    rids = after.index[moved]
    if not len(rids):
        return text_frame(CHANGE)
    return pd.DataFrame(
        {
            "rid": rids,
            "entity": entity,
            "column": name,
            "before": before[moved].to_numpy(),
            "after": after[moved].to_numpy(),
            "rule": f"survive:{how}",
        }
    ).astype("str")


def points(frame: pd.DataFrame, golden: pd.DataFrame, into: "pd.Series[str]", *, rules: MatchRules) -> pd.DataFrame:
    """
    Return the numbers and mailboxes of merged records that the surviving record does not show.

    Returns:
        Columns POINT: survivor, field, value; each value once per survivor and field, by its normal form.
    """
    return stack([_points(frame[name], golden[name], into, name, kept.kind) for name, kept in _reach(frame, rules)], POINT)


def _reach(frame: pd.DataFrame, rules: MatchRules) -> Sequence[tuple[str, Kept]]:
    return [(name, kept) for name, kept in rules.survive.items() if kept.kind in REACH and name in frame.columns]


def _points(cells: "pd.Series[str]", shown: "pd.Series[str]", into: "pd.Series[str]", name: str, kind: str) -> pd.DataFrame:
    known = cells.dropna().sort_values(kind="stable")
    if known.empty:
        return text_frame(POINT)
    found = pd.DataFrame({"rid": into.loc[known.index].to_numpy(), "field": name, "value": known.to_numpy()})
    found = found.assign(form=normal(found["value"], kind).to_numpy())
    stays = normal(shown, kind).reindex(found["rid"]).to_numpy()
    new = found[(found["form"].to_numpy(dtype=object) != stays.astype(object)) & ~found.duplicated(["rid", "form"])]
    out: pd.DataFrame = new.sort_values(["rid", "value"])[list(POINT)].astype("str").reset_index(drop=True)
    return out
