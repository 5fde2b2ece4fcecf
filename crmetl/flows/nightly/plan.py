"""What a night would change, as a plan: in one part what asks nobody, in the other what waits for a person; and the caps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from crmetl.batch import CUSTOM, stack, text_frame
from crmetl.clean import SAFE_RULES, trusted
from crmetl.diff import diff
from crmetl.diff.parts import cells_of, operations_of, settle
from crmetl.diff.placing import fields_of
from crmetl.diff.threeway import same
from crmetl.flows.journal import Journal
from crmetl.flows.nightly.match import MERGES, Matched
from crmetl.flows.nightly.past import Past
from crmetl.flows.nightly.rows import CRM, OWN, Cleaned, ReadOnce, Seen
from crmetl.plan import CELL, OPERATION, Plan, among
from crmetl.plan.split import GROUPED, split
from crmetl.project import Project
from crmetl.project.model import Caps
from crmetl.quality.summary import GateResult
from crmetl.schema import Schema
from crmetl.schema.model import Entity
from crmetl.text import Text

CHANGED = (*CELL, "safe")
KEPT_TEXT = "kept_as_origin"
"""Rule of a change to `custom`: the text of a cell that could not be kept is put there."""
LEAVING = ("entity", "key", "rid", "because", "place")


@dataclass(frozen=True)
class Proposed:
    """
    Everything that the stages said ought to change.

    Attributes:
        cells: Columns CHANGED: cells of single rows; `safe` is `yes` where no person need be asked.
        merges: Columns of `nightmatch.MERGES`.
        leaving: Columns LEAVING: rows that a filter of the project retires.
        undone: Changes that a night made before and somebody took back; they are left alone.
    """

    cells: pd.DataFrame
    merges: pd.DataFrame
    leaving: pd.DataFrame
    undone: int = 0


@dataclass(frozen=True)
class Halves:
    """The plan of a night in two parts, each a plan of its own."""

    safe: Plan
    waiting: Plan
    undone: int = 0
    caps: tuple[GateResult, ...] = field(default=())


def changes_of(project: Project, seen: Seen, cleaned: Cleaned, past: Past) -> tuple[pd.DataFrame, int]:
    """
    Return the cells of an entity that cleaning would set, and how many it leaves alone because somebody took them back.

    Returns:
        Columns CHANGED; `because` names the rules.
    """
    entity = project.schema_.entities[seen.entity]
    rows = seen.rows.loc[cleaned.frame.index]
    rules = _rules(cleaned)
    parts = [
        part
        for name in _cleanable(entity)
        if name in cleaned.frame and len(part := _changed(seen.entity, name, rows, cleaned, rules))
    ]
    whole = stack(parts, CELL)
    undone = past.undone(whole)
    cells = whole[~undone].reset_index(drop=True)
    wanted = SAFE_RULES if project.nightly.safe is None else frozenset(project.nightly.safe)
    safe = [_trusted(*cell, safe=wanted) for cell in zip(cells["because"], cells["before"], cells["after"], strict=True)]
    return cells.assign(safe=pd.Series(safe, index=cells.index, dtype="str"))[list(CHANGED)], int(undone.sum())


def _cleanable(entity: Entity) -> list[str]:
    fields = entity.fields
    return [name for name in fields_of(entity) if name == CUSTOM or fields[name].type not in OWN]


def _rules(cleaned: Cleaned) -> "pd.Series[str]":
    """Return (rid, column) -> the names of all rules that changed the cell, joined by `+`."""
    said = cleaned.rules.drop_duplicates()
    if not len(said):
        return pd.Series(dtype="str", index=pd.MultiIndex.from_arrays([[], []]))
    return said.groupby(["rid", "column"], sort=False)["rule"].agg("+".join)


def _changed(entity: str, name: str, rows: pd.DataFrame, cleaned: Cleaned, rules: "pd.Series[str]") -> pd.DataFrame:
    before, after = rows[name], cleaned.frame[name]
    moved = ~same(before, after)
    if not moved.any():
        return text_frame(CELL)
    rids = pd.Series(cleaned.batch.frame.index, index=cleaned.frame.index, dtype="str")[moved]
    keys = pd.Series(rids.index, index=rids.index, dtype="str")
    cells = cells_of(entity, name, before[moved], after[moved], "", rids=rids, places=keys)
    because = pd.Series(rules.reindex(pd.MultiIndex.from_arrays([cells["rid"], cells["column"]])).to_numpy(), dtype="str")
    return cells.assign(because=because.fillna(KEPT_TEXT).to_numpy())


def _trusted(because: str, before: object, after: object, *, safe: Iterable[str]) -> str:
    texts = [one if isinstance(one, str) else None for one in (before, after)]
    return "yes" if trusted(because.split("+"), *texts, safe=frozenset(safe)) else "no"


def proposed(parts: Iterable[tuple[Seen, Cleaned, Matched]], cells: Iterable[tuple[pd.DataFrame, int]]) -> Proposed:
    """Put what each entity's stages said below each other."""
    told, changed = list(parts), list(cells)
    leaving = [
        pd.DataFrame({"entity": seen.entity, "key": list(cleaned.retire), "because": list(cleaned.retire.values())}, dtype="str")
        for seen, cleaned, _ in told
        if cleaned.retire
    ]
    return Proposed(
        cells=stack([one for one, _ in changed], CHANGED),
        merges=stack([one.merges for _, _, one in told], MERGES),
        leaving=stack([one.assign(place=one["key"]).reindex(columns=list(LEAVING)) for one in leaving], LEAVING).astype("str"),
        undone=sum(n for _, n in changed) + sum(one.parted for _, _, one in told),
    )


def plan_night(schema: Schema, reader: ReadOnce, found: Proposed, *, prints: Mapping[str, str]) -> Halves:
    """
    Return the plan of a night, parted.

    A row gives up to two groups: the cells that ask nobody, and the others. A row that is merged away in the same part, or
    without asking, is not cleaned first.
    """
    cells = _without_losers(found)
    cells = cells.assign(group=cells["group"].mask(cells["safe"] != "yes", cells["group"] + "/waits"))
    merged = _together(
        diff(
            {},
            reader=reader,
            schema=schema,
            keys=text_frame(["entity", "system", "source_key", "rid"]),
            merges=found.merges[list(MERGES[:4])],
            retire=found.leaving,
        ),
        found.merges,
        schema,
    )
    updates = _updates(cells)
    frames = settle(
        {
            "operations": stack([merged.operations, updates], OPERATION),
            "cells": stack([merged.cells, cells[list(CELL)]], CELL),
            "conflicts": merged.conflicts,
        }
    )
    plan = replace(merged, operations=frames["operations"], cells=frames["cells"], prints=dict(prints))
    safe, waiting = split(plan, {*cells.loc[cells["safe"] == "yes", "group"], *_sure(plan, found.merges)})
    return Halves(safe, waiting, found.undone)


def _together(plan: Plan, merges: pd.DataFrame, schema: Schema) -> Plan:
    """
    Put merges that ask nobody into the group of the parents' merge that they hang on: all of it is written, or nothing.

    Those that ask a person stay a group of their own; by the time they are signed, their parents are one.
    """
    hanging = merges[(merges["safe"] == "yes") & merges["under"].notna()].drop_duplicates(["entity", "survivor"])
    if not len(hanging):
        return plan
    groups = {}
    for entity, end, under in zip(hanging["entity"], hanging["survivor"], hanging["under"], strict=True):
        parents = {to for to in schema.entities[entity].references().values() if to != entity}
        above = [one for one in plan.operations["group"] if one in {f"{to}/merge/{under}" for to in parents}]
        groups[f"{entity}/merge/{end}"] = above[0]
    frames = {name: one.assign(group=one["group"].replace(groups)) for name in GROUPED for one in [getattr(plan, name)]}
    return replace(plan, **frames)


def _without_losers(found: Proposed) -> pd.DataFrame:
    cells, merges = found.cells, found.merges
    places = cells["entity"] + "/" + cells["key"]
    gone = merges["entity"] + "/" + merges["loser"]
    sure = among(places, gone[merges["safe"] == "yes"])
    waits = among(places, gone) & (cells["safe"] != "yes").to_numpy()
    return cells[~(sure | waits)].reset_index(drop=True)


def _updates(cells: pd.DataFrame) -> pd.DataFrame:
    """Return one update a group of cells."""
    heads = cells.drop_duplicates("group").reset_index(drop=True)
    parts = [
        operations_of("update", str(entity), own["key"], "cleaned").assign(
            group=own["group"], rid=own["rid"], source=CRM, place=own["place"]
        )
        for entity, own in heads.groupby("entity", sort=False)
    ]
    return stack(parts, OPERATION)


def _sure(plan: Plan, merges: pd.DataFrame) -> set[str]:
    """Return the merge groups all of whose losers ask nobody."""
    operations = plan.operations[plan.operations["kind"] == "merge"]
    places = operations["entity"] + "/" + operations["key"]
    sure = merges[merges["safe"] == "yes"]
    asks = set(operations.loc[~among(places, sure["entity"] + "/" + sure["loser"]), "group"])
    return set(operations["group"]) - asks


def counts_of(journal: Journal, seen: Mapping[str, Seen], part: Plan) -> dict[str, dict[str, int]]:
    """
    Return the counts of the contract for one part of a night's plan: every live row of the CRM is a record, once.

    read = kept + held + absorbed + dropped, and kept = update + unchanged; rows that the part merges away are absorbed.
    """
    counts = {}
    for name, one in seen.items():
        own = part.counts.get(name, {})
        held, dropped = len(journal.held.get(name, ())), len(journal.dropped.get(name, ()))
        merged, updated = own.get("merge", 0), own.get("update", 0)
        kept = len(one.rows) - held - dropped - merged
        flow = {"read": len(one.rows), "kept": kept, "held": held, "absorbed": merged, "dropped": dropped}
        ways = {"create": 0, "update": updated, "unchanged": kept - updated, "merge": merged, "retire": own.get("retire", 0)}
        counts[name] = {**flow, **ways, "conflict": 0}
    return counts


def caps_of(caps: Caps, rows: Mapping[str, int], safe: Plan, schema: Schema) -> tuple[GateResult, ...]:
    """
    Return how what a night would write by itself stands to its caps.

    Args:
        caps: Numbers hold for the whole night, shares for each entity.
        rows: Entity -> live rows.
        safe: The part of the plan that asks nobody.
    """
    done = {kind: {name: own.get(kind, 0) for name, own in safe.counts.items()} for kind in WORDS}
    found = []
    for kind, word in WORDS.items():
        plural = f"{kind}s"
        found.append(_cap(plural, word, sum(done[kind].values()), getattr(caps, plural)))
        for name, n in rows.items():
            label = schema.entities[name].label
            said = Text(f"{label.zh}：{word.zh}占比", f"{label.en}: {word.en}, share")
            share = done[kind].get(name, 0) / n if n else 0.0
            found.append(_cap(f"{name}.{plural}_share", said, share, getattr(caps, f"{plural}_share")))
    return tuple(found)


WORDS = {"update": Text("自动修正的记录", "records corrected"), "merge": Text("自动合并的记录", "records merged")}


def _cap(name: str, label: Text, value: float, limit: float) -> GateResult:
    share = name.endswith("_share")
    shown, most = (f"{one:.2%}" if share else f"{one:,.0f}" for one in (value, limit))
    passed = value <= limit
    why = Text(f"{shown} {'≤' if passed else '>'} 上限 {most}", f"{shown} {'≤' if passed else '>'} cap {most}")
    return GateResult(name, label, name.rpartition(".")[2], value, limit, passed, why)
