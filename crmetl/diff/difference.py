"""The diff: golden records against the target, as a plan."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from crmetl.batch import Batch, stack, text_frame
from crmetl.diff.merging import merge_parts, retire_parts
from crmetl.diff.parts import NONE, Parts, settle, together
from crmetl.diff.placing import Placing, chase
from crmetl.diff.rows import difference
from crmetl.plan import CROSSWALK, Gathered, Plan, PlanSink, TargetReader, among
from crmetl.schema import Schema

OUTCOMES = ("create", "update", "unchanged", "merge", "retire", "conflict")
"""Counts that the diff adds to those of the earlier stages."""


def diff(
    records: Mapping[str, Batch],
    *,
    reader: TargetReader,
    schema: Schema,
    keys: pd.DataFrame | Mapping[str, pd.DataFrame],
    matched: Mapping[str, str] | None = None,
    merges: pd.DataFrame | None = None,
    retire: pd.DataFrame | None = None,
    counts: Mapping[str, Mapping[str, int]] | None = None,
    prints: Mapping[str, str] | None = None,
) -> Plan:
    """
    Say what must be written so that the target holds the records, and what must be left to a person.

    Args and returns as those of `diff_into`, the plan in memory.
    """
    sink = Gathered()
    whole = diff_into(
        sink, records, reader=reader, schema=schema, keys=keys, matched=matched, merges=merges, retire=retire, counts=counts
    )
    return sink.plan(whole, dict(prints or {}))


def diff_into(
    sink: PlanSink,
    records: Mapping[str, Batch],
    *,
    reader: TargetReader,
    schema: Schema,
    keys: pd.DataFrame | Mapping[str, pd.DataFrame],
    matched: Mapping[str, str] | None = None,
    merges: pd.DataFrame | None = None,
    retire: pd.DataFrame | None = None,
    counts: Mapping[str, Mapping[str, int]] | None = None,
) -> dict[str, dict[str, int]]:
    """
    Say what must be written so that the target holds the records, and what must be left to a person.

    Args:
        sink: Takes the parts of the plan, entity by entity.
        records: Entity -> final, linked survivors; references are `@rid` or target keys. Each is asked for once.
        reader: The target, read only.
        schema: Keys, write policies, relations.
        keys: Columns entity, system, source_key, rid: every source key of this run and the record that survives of it; or
            entity -> the three others. A record that is not named here is known by its `_key`, or by `rid:<rid>`, in the
            system of its source's name.
        matched: rid -> target key, as dedupe found it.
        merges: Columns entity, loser, survivor, score_mbit: rows of the target that are one.
        retire: Columns entity, `key` or `rid` (NA where the other is given), because, place.
        counts: Counts of the earlier stages, per entity.

    Returns:
        The counts of the plan. Every record is exactly one of created, updated, unchanged, absorbed (a second record of the
        same row) or in conflict; a record with an updated and a disputed cell counts as updated.

    Cost: one pass over each entity of the target; rows whose hashes did not move are not looked at cell by cell. Memory
    grows with the largest entity, not with the plan.
    """
    pairs = merges if merges is not None else text_frame(["entity", "loser", "survivor", "score_mbit"])
    placing = Placing(
        records,
        reader,
        schema,
        {str(name): own for name, own in keys.astype("str").groupby("entity")} if isinstance(keys, pd.DataFrame) else keys,
        dict(matched or {}),
        {str(name): dict(zip(own["loser"], own["survivor"], strict=True)) for name, own in pairs.groupby("entity")},
    )
    leaving = retire if retire is not None else text_frame(["entity", "key", "rid", "because", "place"])
    whole: dict[str, dict[str, int]] = {}
    waiting: list[Parts] = []
    done: set[str] = set()
    for name in schema.order():
        one = _entity(placing, name, pairs, leaving)
        done.add(name)
        if _counted(one, counts, name):
            whole[name] = _counts((counts or {}).get(name, {}), one)
        for frame in AT_ONCE:
            sink.add(frame, getattr(one, frame))
        late = not done.issuperset(to for to in schema.entities[name].references().values() if to in schema.entities)
        if one.creates is not None and not late:
            sink.create(name, one.creates)
        waiting.append(_remains(one, late=late))
        if not schema.children(name):
            placing.done.pop(name, None)
    for name, one in zip(schema.order(), waiting, strict=True):
        if one.creates is not None:
            sink.create(name, _late(placing, name, one.creates))
    frames = settle(together(waiting))
    for frame in ("cells", "conflicts", "children"):
        sink.add(frame, frames[frame])
    return whole


AT_ONCE = ("operations", "crosswalk", "loaded")
"""Frames with a row per record, which nothing that comes later changes."""


def _remains(one: Parts, *, late: bool) -> Parts:
    """Return what must wait for the other entities: cells that two of them may write, references in a circle."""
    merging = one.operations[one.operations["kind"] == "merge"]
    return replace(
        one, creates=one.creates if late else None, operations=merging, crosswalk=NONE["crosswalk"], loaded=NONE["loaded"]
    )


def _entity(placing: Placing, name: str, pairs: pd.DataFrame, leaving: pd.DataFrame) -> Parts:
    """Return all parts of one entity, and let go of its rows."""
    if name not in placing.records and not placing.merges.get(name) and not (leaving["entity"] == name).any():
        return Parts()
    entity, placed = placing.schema.entities[name], placing.of(name)
    scores = _scores(pairs[pairs["entity"] == name].astype("str"))
    into = chase({**placed.follow, **placing.merges.get(name, {})})
    rows = difference(placing, name)
    merged = merge_parts(
        name,
        entity,
        placed.rows,
        into={loser: end for loser, end in into.items() if loser in scores},
        scores=scores,
        reader=placing.reader,
        follow={one: placing.of(to).follow for one, to in entity.references().items() if to in placing.schema.entities},
    )
    gone = retire_parts(name, entity, placed.rows, leaving=_leaving(placing, name, leaving[leaving["entity"] == name]))
    placed.rows, placed.frame = placed.rows.iloc[:0], placed.frame.iloc[:0]
    whole = together([rows, merged, gone])
    walk = _walk_of_merges(placed.walk, name, into, merged)
    own = whole["crosswalk"]
    if len(walk):
        kept = own.merge(walk[["system", "source_key"]], how="left", indicator=True)
        own = own[(kept["_merge"] == "left_only").to_numpy()]
    operations = {"merge": len(merged.operations), "retire": len(gone.operations)}
    return Parts(
        creates=rows.creates, **{**whole, "crosswalk": stack([own, walk], CROSSWALK)}, counts={**rows.counts, **operations}
    )


def _scores(pairs: pd.DataFrame) -> dict[str, str]:
    """Return loser -> match weight."""
    return dict(zip(pairs["loser"], pairs["score_mbit"], strict=True))


def _walk_of_merges(walk: pd.DataFrame, name: str, into: Mapping[str, str], merged: Parts) -> pd.DataFrame:
    """Return the crosswalk rows of merged keys, pointing to what they become."""
    group = merged.operations.set_index("key")["group"]
    mine = walk[among(walk["key"], group.index)]
    moved = mine.assign(group=mine["key"].map(group), entity=name, key=mine["key"].map(pd.Series(into, dtype="str")))
    return moved[list(CROSSWALK)].astype("str").reset_index(drop=True)


def _leaving(placing: Placing, name: str, leaving: pd.DataFrame) -> pd.DataFrame:
    """Return what retires, index key; a record that was left out is found by its source keys, as it was loaded."""
    full = leaving.reindex(columns=["key", "rid", "because", "place"]).astype("str")
    if not len(full):
        return full.set_index("key")
    keys = placing.keys.get(name, text_frame(["system", "source_key", "rid"]))
    walk = placing.of(name).walk
    by_rid = pd.concat(
        [
            keys.merge(walk, on=["system", "source_key"])[["rid", "key"]],
            walk.assign(rid=walk["source_key"].str.removeprefix("rid:"))[["rid", "key"]],
        ]
    ).drop_duplicates("rid")
    found = full["rid"].map(by_rid.set_index("rid")["key"]).astype("str")
    placed = full.assign(key=full["key"].fillna(found)).dropna(subset=["key"]).sort_values(["key", "rid"])
    return placed.drop_duplicates("key").set_index("key")


def _late(placing: Placing, name: str, creates: pd.DataFrame) -> pd.DataFrame:
    """Write references to entities that were placed later (a cycle), and forget those to rows that will never be."""
    references = placing.schema.entities[name].references()
    return creates.assign(**{one: placing.written(creates[one], to) for one, to in references.items() if one in creates})


def _counted(one: Parts, counts: Mapping[str, Mapping[str, int]] | None, name: str) -> bool:
    return name in (counts or {}) or any(one.counts.values())


def _counts(before: Mapping[str, int], one: Parts) -> dict[str, int]:
    """Return the counts of the earlier stages with those of the diff; folded records count as absorbed."""
    own = {outcome: one.counts.get(outcome, 0) for outcome in OUTCOMES}
    return {**before, "absorbed": before.get("absorbed", 0) + one.counts.get("absorbed", 0), **own}
