"""The difference of one entity: new rows, and the cells of rows that are there already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.batch import CUSTOM, PLACE, SOURCE, stack
from crmetl.diff.hashes import compose, parse
from crmetl.diff.identity import combine, follow_keys
from crmetl.diff.parts import Parts, cells_of, groups_of, operations_of
from crmetl.diff.placing import Placed, Placing, fields_of
from crmetl.diff.threeway import Sides, Verdict, decide, decide_custom
from crmetl.plan import CELL, CONFLICT, CROSSWALK, LOADED, OPERATION, among, cell_hashes
from crmetl.schema.model import Entity


@dataclass(frozen=True)
class Records:
    """
    Records of one entity, one per target row.

    Attributes:
        frame: Index `key`; the compared columns with resolved references, `rid`, SOURCE and PLACE.
        unresolved: Index `key`: a reference leads to a record that is not in the target and will not be.
        merged: How many records were folded into another of the same row.
    """

    frame: pd.DataFrame
    unresolved: "pd.Series[bool]"
    merged: int


def resolved(placing: Placing, name: str, entity: Entity) -> Records:
    """Return the placed records with target keys for references, one record per target row."""
    placed = placing.of(name)
    keys = placed.identity.keys
    frame = placed.frame.loc[keys.index]
    lost = pd.Series(data=False, index=frame.index)
    for column, to in entity.references().items():
        if column in frame:
            cells, missing = placing.resolve(frame[column], to)
            frame, lost = frame.assign(**{column: cells}), lost | missing
    frame = frame.assign(rid=pd.Series(frame.index, index=frame.index, dtype="str"))
    for lineage in (SOURCE, PLACE):
        if lineage not in frame:
            frame = frame.assign(**{lineage: pd.Series(pd.NA, index=frame.index, dtype="str")})
    whole, own = combine(frame, keys)
    index = pd.Index(own, dtype="str", name="key")
    return Records(
        whole.set_index(index), pd.Series(lost.reindex(whole.index).to_numpy(), index=index, dtype=bool), len(keys) - len(own)
    )


def difference(placing: Placing, name: str) -> Parts:
    """
    Say what one entity adds to the plan.

    Args:
        placing: Places records; its entry of this entity learns which rows will be created, and which never.
        name: The entity; its parents are done.
    """
    entity, placed = placing.schema.entities[name], placing.of(name)
    records = resolved(placing, name, entity)
    last = placing.reader.loaded(name)["hashes"]
    keys = records.frame.index
    there = among(keys, placed.rows.index)
    met = np.zeros(len(keys), dtype=bool)
    if not there.all():
        away = keys[~there]
        met[~there] = among(away, last.index) | among(away, placed.walk["key"]) | among(away, list(placing.matched.values()))
    gone, orphan = ~there & met, ~there & ~met & records.unresolved.to_numpy()
    fresh = ~there & ~met & ~orphan
    lost = whole_conflicts(name, placed, records.frame[gone], records.frame[orphan])
    placed.frame = placed.frame.iloc[:0]
    placed.made = records.frame.loc[fresh, "rid"].astype("str")
    placed.identity = placed.identity.without(keys[gone | orphan])
    new = created(placing, name, entity, _where(records.frame, fresh))
    old = changed(placing, name, entity, _where(records.frame, there), last=last)
    walk = placed.identity.walk
    return Parts(
        creates=new.creates,
        operations=stack([new.operations, old.operations], OPERATION),
        cells=old.cells,
        conflicts=stack([lost, old.conflicts], CONFLICT),
        crosswalk=walk.assign(group=groups_of(name, walk["key"]), entity=name)[list(CROSSWALK)].astype("str"),
        loaded=stack([new.loaded, old.loaded], LOADED),
        counts={
            **old.counts,
            "create": len(new.operations),
            "conflict": old.counts["conflict"] + len(lost),
            "absorbed": records.merged,
        },
    )


def _where(frame: pd.DataFrame, mask: "npt.NDArray[np.bool_]") -> pd.DataFrame:
    """Return some of the rows; no copy where these are all."""
    return frame if mask.all() else frame[mask]


def whole_conflicts(name: str, placed: Placed, gone: pd.DataFrame, orphan: pd.DataFrame) -> pd.DataFrame:
    """Return one conflict per record that is not written at all, and why."""
    split = placed.frame.loc[placed.identity.split]
    split = split.assign(rid=split.index).set_axis(pd.Index([pd.NA] * len(split), dtype="str"))
    parts = [
        _whole(name, gone, "deleted_in_target"),
        _whole(name, orphan, "parent_conflict"),
        _whole(name, split, "key_split"),
    ]
    return stack(parts, CONFLICT)


def _whole(name: str, frame: pd.DataFrame, reason: str) -> pd.DataFrame:
    blank = pd.Series(pd.NA, index=frame.index, dtype="str")
    known = {
        "entity": name,
        "key": pd.Series(frame.index, index=frame.index, dtype="str"),
        "reason": reason,
        "rid": frame["rid"],
        "source": frame.get(SOURCE, blank),
        "place": frame.get(PLACE, blank),
    }
    return pd.DataFrame({column: known.get(column, blank) for column in CONFLICT}, index=frame.index).astype("str")


def hashed(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return the cell hashes of some columns."""
    return pd.DataFrame({column: cell_hashes(frame[column]) for column in columns}, index=frame.index)


CHUNK = 50_000
"""Rows worked on at a time: their hashes take several times the room of what is kept of them."""


def created(placing: Placing, name: str, entity: Entity, frame: pd.DataFrame) -> Parts:
    """Return the new rows: defaults filled, references as `@rid` where the parent is new too."""
    if not len(frame):
        return Parts()
    order = frame.index.argsort()
    parts = [_created(placing, name, entity, frame.iloc[order[at : at + CHUNK]]) for at in range(0, len(frame), CHUNK)]
    return Parts(
        creates=pd.concat([one.creates for one in parts if one.creates is not None]),
        operations=stack([one.operations for one in parts], OPERATION),
        loaded=stack([one.loaded for one in parts], LOADED),
    )


def _created(placing: Placing, name: str, entity: Entity, frame: pd.DataFrame) -> Parts:
    columns = fields_of(entity)
    defaults = {column: one.default for column, one in entity.fields.items() if one.default and not one.computed}
    full = frame[list(columns)].fillna(defaults)
    source = hashed(frame, columns)
    target = source.assign(**{column: cell_hashes(full[column]) for column in defaults})
    keys = pd.Series(frame.index, index=frame.index, dtype="str")
    group = groups_of(name, keys)
    references = {one: placing.written(full[one], to) for one, to in entity.references().items() if one in full}
    creates = full.assign(**references).assign(rid=frame["rid"], group=group)[["rid", "group", *columns]]
    operations = operations_of("create", name, keys, "new").assign(rid=frame["rid"], source=frame[SOURCE], place=frame[PLACE])
    loaded = pd.DataFrame({"group": group, "entity": name, "key": keys, "hashes": compose(source, target)})
    return Parts(creates=creates, operations=operations.astype("str"), loaded=loaded.astype("str"))


def changed(placing: Placing, name: str, entity: Entity, frame: pd.DataFrame, *, last: "pd.Series[str]") -> Parts:
    """Return what becomes of records whose row is there: cells, conflicts, and the hashes to remember."""
    if not len(frame):
        return Parts(counts={"update": 0, "unchanged": 0, "conflict": 0})
    placed = placing.of(name)
    columns = fields_of(entity)
    references = {one: placing.of(to).follow for one, to in entity.references().items() if one in columns}
    remembered = last.reindex(frame.index).astype("str")
    parts = [
        _moved(frame.iloc[at : at + CHUNK], placed.rows, remembered.iloc[at : at + CHUNK], columns, references)
        for at in range(0, len(frame), CHUNK)
    ]
    target, source_hash, target_hash = (pd.concat(one) for one in zip(*parts, strict=True))
    size, moved = len(frame), target.index
    if not len(moved):
        return Parts(counts={"update": 0, "unchanged": size, "conflict": 0})
    frame, remembered = frame.loc[moved], remembered.loc[moved]
    verdicts = _verdicts(
        entity,
        frame=frame,
        target=target,
        remembered=remembered,
        source_hash=source_hash,
        target_hash=target_hash,
    )
    moving, disputed = ({c: v for c, v in verdicts.items() if getattr(v, mask).any()} for mask in ("update", "conflict"))
    cells = stack([_cells(placing, name, column, one, frame=frame, target=target) for column, one in moving.items()], CELL)
    conflicts = stack([_conflicts(name, column, frame, target, one) for column, one in disputed.items()], CONFLICT)
    updated = frame[among(frame.index, cells["key"])]
    keys = pd.Series(updated.index, index=updated.index, dtype="str")
    operations = operations_of("update", name, keys, "source_moved").assign(
        rid=updated["rid"], source=updated[SOURCE], place=updated[PLACE], because=_because(remembered[updated.index])
    )
    in_conflict = among(frame.index, conflicts["key"]) & ~among(frame.index, cells["key"])
    counts = {"update": len(updated), "conflict": int(in_conflict.sum())}
    return Parts(
        operations=operations.astype("str"),
        cells=cells,
        conflicts=conflicts,
        loaded=_remember(name, verdicts, remembered),
        counts={**counts, "unchanged": size - sum(counts.values())},
    )


def _moved(
    frame: pd.DataFrame,
    rows: pd.DataFrame,
    remembered: "pd.Series[str]",
    columns: Iterable[str],
    references: Mapping[str, Mapping[str, str]],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """
    Return the target's values of the records that moved on either side, and the hashes of both.

    Args:
        references: Reference field -> key of a merged row -> key of the row it became.
    """
    target = rows.loc[frame.index].reindex(columns=list(columns))
    target = target.assign(**{name: follow_keys(target[name], follow) for name, follow in references.items()})
    source_hash = hashed(frame, columns)
    equal = {name for name in columns if frame[name].array.equals(target[name].array)}
    apart = hashed(target, [name for name in columns if name not in equal])
    target_hash = pd.DataFrame({name: (source_hash if name in equal else apart)[name] for name in columns}, index=frame.index)
    moved = ~(compose(source_hash, target_hash) == remembered).fillna(value=False).to_numpy(dtype=bool)
    return target[moved], source_hash[moved], target_hash[moved]


def _because(remembered: "pd.Series[str]") -> "pd.Series[str]":
    return pd.Series("source_moved", index=remembered.index, dtype="str").mask(remembered.isna(), "first_match")


def _verdicts(
    entity: Entity,
    *,
    frame: pd.DataFrame,
    target: pd.DataFrame,
    remembered: "pd.Series[str]",
    source_hash: pd.DataFrame,
    target_hash: pd.DataFrame,
) -> dict[str, Verdict]:
    source_last, target_last = parse(remembered, dict.fromkeys(map(str, source_hash.columns)))
    sides = {
        column: Sides(
            source=frame[column],
            target=target[column],
            source_hash=source_hash[column],
            target_hash=target_hash[column],
            source_last=source_last[column],
            target_last=target_last[column],
            known=remembered.notna(),
        )
        for column in source_hash.columns
    }
    return {c: decide_custom(one) if c == CUSTOM else decide(entity.fields[c], one) for c, one in sides.items()}


def _cells(
    placing: Placing, name: str, column: str, verdict: Verdict, *, frame: pd.DataFrame, target: pd.DataFrame
) -> pd.DataFrame:
    moves, to = verdict.update, placing.schema.entities[name].references().get(column)
    before = placing.of(name).rows[column].loc[frame.index[moves]] if to else target.loc[moves, column]
    after = verdict.after[moves]
    after = placing.written(after, to) if to else after
    rids, places = frame.loc[moves, "rid"], frame.loc[moves, PLACE]
    return cells_of(name, column, before, after, verdict.because, rids=rids, places=places)


def _conflicts(name: str, column: str, frame: pd.DataFrame, target: pd.DataFrame, verdict: Verdict) -> pd.DataFrame:
    mine = frame[verdict.conflict]
    return pd.DataFrame(
        {
            "entity": name,
            "key": pd.Series(mine.index, index=mine.index, dtype="str"),
            "column": column,
            "source_value": mine[column],
            "target_value": target.loc[verdict.conflict, column],
            "reason": verdict.reason[verdict.conflict],
            "rid": mine["rid"],
            "source": mine[SOURCE],
            "place": mine[PLACE],
        }
    ).astype("str")


def _remember(name: str, verdicts: dict[str, Verdict], remembered: "pd.Series[str]") -> pd.DataFrame:
    """Return the hashes of records whose memory changes."""
    source = pd.DataFrame({column: one.source_last for column, one in verdicts.items()}, index=remembered.index)
    target = pd.DataFrame(
        {column: one.target_last.mask(one.update, cell_hashes(one.after)) for column, one in verdicts.items()},
        index=remembered.index,
    )
    texts = compose(source, target)
    news = texts[(texts != remembered.fillna("")).to_numpy()]
    keys = pd.Series(news.index, index=news.index, dtype="str")
    return pd.DataFrame({"group": groups_of(name, keys), "entity": name, "key": keys, "hashes": news}).astype("str")
