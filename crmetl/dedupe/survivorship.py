"""Which record survives a cluster, and which value of each of its fields."""

import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from crmetl.batch import CHANGE, CUSTOM, LINEAGE, SOURCE, stack, text_frame
from crmetl.dedupe.compare.codes import Numbers
from crmetl.dedupe.compare.comparisons import normal
from crmetl.dedupe.rules import Kept, MatchRules
from crmetl.dedupe.telling import proven, told

STRICT = ("merged", "deregistered", "closed", "cancelled", "inactive", "withdrawn", "suspended", "left", "active")
"""Strictest first: what one file says ended is not brought back by an older file; words that are not here come last."""
VERIFIED = "_verified"
"""What the name of a yes-or-no field ends with that says whether the value of another is verified: `email_verified`."""
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

    A missing value never survives a known one, equals are settled by standing, and what says that a value is verified
    (`email_verified`) goes with the value that survived.

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
    for name in sorted(frame.columns, key=lambda one: _told_of(one, frame, rules) is not None):
        if name in LINEAGE:
            golden[name] = heads[name]
            continue
        how, value = _how(name, rules), _told_of(name, frame, rules)
        if value is not None:
            how, best = "flag", _flags(ordered[[name, value]], golden[value], group, rules.survive[value].kind)
        elif how == "union":
            best = _united(ordered[name], group)
        else:
            best = _best(ordered, name, group, how, rules)
        golden[name] = best.reindex(heads.index)
        changes.append(_changes(heads[name], golden[name], name, how, rules.entity))
    return pd.DataFrame(golden, index=heads.index)[frame.columns].astype("str"), stack(changes, CHANGE)


def _told_of(name: str, frame: pd.DataFrame, rules: MatchRules) -> str | None:
    """Return the field whose value a field says to be verified; None where it says no such thing."""
    value = name.removesuffix(VERIFIED)
    flag = value != name and value in frame.columns and value in rules.survive and name in rules.survive
    return value if flag and rules.survive[name].kind == "boolean" else None


def _how(name: str, rules: MatchRules) -> str:
    if name == CUSTOM:
        return "union"
    if name == rules.modified:
        return "newest"
    kept = rules.survive.get(name, Kept("first", "text"))
    return "first" if kept.kind in ("reference", "owner") or name == rules.within else kept.how


def _best(
    frame: pd.DataFrame, name: str, group: "np.typing.NDArray[np.object_]", how: str, rules: MatchRules
) -> "pd.Series[str]":
    """Return per group the value that `how` prefers; among equals the one of the best standing (the frame's order)."""
    known = frame[name].notna().to_numpy()
    rows, group = frame[known], group[known]
    values = rows[name]
    worth = _worth(rows, name, group, how, rules)
    order = np.lexsort((np.arange(len(values)), *(-one for one in reversed(worth))))
    picked, owners = values.iloc[order], group[order]
    first = ~pd.Series(owners).duplicated().to_numpy()
    return pd.Series(picked[first].to_numpy(dtype=object), index=pd.Index(owners[first], dtype="str"), dtype="str")


def _worth(
    rows: pd.DataFrame, name: str, group: "np.typing.NDArray[np.object_]", how: str, rules: MatchRules
) -> tuple["np.typing.NDArray[np.float64]", ...]:
    """Return what each value is worth to `how`, the weightiest measure first; the highest survives."""
    values, kept = rows[name], rules.survive.get(name, Kept("first", "text"))
    if how == "longest":
        return (values.str.len().to_numpy().astype(np.float64),)
    if how == "complete":
        return _each(values, kept.kind, told), values.str.len().to_numpy().astype(np.float64)
    if how == "verified":
        return _flagged(rows, name, rules), _each(values, kept.kind, proven)
    if how == "frequent":
        forms = normal(values, kept.kind).to_numpy(dtype=object)
        return (values.groupby([group, forms]).transform("size").to_numpy().astype(np.float64),)
    if how == "strictest":
        place = {kept.loosest: -float(len(STRICT) + 1)} | {one: -float(number) for number, one in enumerate(STRICT)}
        return (values.map(place).fillna(-float(len(STRICT))).to_numpy().astype(np.float64),)
    return (_dates(rows, rules),) if how == "newest" else ()


def _each(values: "pd.Series[str]", kind: str, measure: Callable[[str, str], int]) -> "np.typing.NDArray[np.float64]":
    """Return what a measure says of each value; every different one is asked about once."""
    codes, different = pd.factorize(values.to_numpy(dtype=object))
    return np.array([measure(one, kind) for one in different.tolist()], dtype=np.float64)[codes]


def _flagged(rows: pd.DataFrame, name: str, rules: MatchRules) -> "np.typing.NDArray[np.float64]":
    """Say which values a field of the same record calls verified."""
    flag = name + VERIFIED
    if flag not in rows.columns or _told_of(flag, rows, rules) is None:
        return np.zeros(len(rows))
    return (rows[flag] == "yes").to_numpy(dtype=bool, na_value=False).astype(np.float64)


def _dates(rows: pd.DataFrame, rules: MatchRules) -> "np.typing.NDArray[np.float64]":
    """Return of when each record is, in seconds: its own date, else its source's; without either the oldest of all."""
    dates = rows[SOURCE].map(dict(rules.as_of)).astype("object")
    if rules.modified in rows.columns:
        own = pd.to_datetime(rows[rules.modified].astype("object"), errors="coerce", utc=True, format="ISO8601")
        dates = rows[rules.modified].astype("object").where(own.notna(), dates)
    moments = pd.to_datetime(dates, errors="coerce", utc=True, format="ISO8601")
    seconds = (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    return np.asarray(seconds.fillna(-np.inf), dtype=np.float64)


def _flags(cells: pd.DataFrame, golden: "pd.Series[str]", group: "np.typing.NDArray[np.object_]", kind: str) -> "pd.Series[str]":
    """Return per group whether a record that holds the surviving value says it is verified; `no` where only others say so."""
    flag, value = (cells[name] for name in cells.columns)
    known = flag.notna().to_numpy()
    stays = normal(golden, kind).reindex(group).to_numpy(dtype=object)
    ours = (normal(value, kind).to_numpy(dtype=object) == stays) & value.notna().to_numpy()
    yes = pd.Series(ours & (flag == "yes").to_numpy(dtype=bool, na_value=False), index=pd.Index(group, dtype="str"))
    said = yes[known].groupby(level=0).any()
    return said.map({True: "yes", False: "no"}).astype("str")


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
