"""The state of a diff: which row each record is, entity by entity, parents before the children that refer to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from crmetl.batch import CUSTOM, Batch, no_rids, text_frame
from crmetl.diff.identity import Identity, follow_keys, identify, signature
from crmetl.plan import TargetReader, among, canonical
from crmetl.schema.model import Entity, Schema


@dataclass
class Placed:
    """
    One entity, its records found in the target.

    Attributes:
        frame: Records as they came, canonical; index rid; reference fields of `unique` resolved, the others as they came.
        rows: The target's rows, index key; emptied when the entity is done.
        there: Their keys, kept.
        follow: Key of a merged row -> key of the row it became.
        walk: The whole crosswalk of the entity.
        identity: Which row each record is.
        made: Key -> rid of the records that this plan creates; filled when the entity is done.
        by_value: Value of a single unique field -> key, for references that name a parent by it (an owner by login).
    """

    frame: pd.DataFrame
    rows: pd.DataFrame
    there: pd.Index
    follow: dict[str, str]
    walk: pd.DataFrame
    identity: Identity
    by_value: "pd.Series[str]"
    made: "pd.Series[str]" = field(default_factory=lambda: no_rids("rid"))


@dataclass
class Placing:
    """Places the records of each entity once, when they or their children ask."""

    records: Mapping[str, Batch]
    reader: TargetReader
    schema: Schema
    keys: Mapping[str, pd.DataFrame]
    matched: Mapping[str, str]
    merges: Mapping[str, Mapping[str, str]]
    done: dict[str, Placed] = field(default_factory=dict)

    def of(self, name: str) -> Placed:
        """Return the placed records of an entity."""
        if name not in self.done:
            self.done[name] = self._place(name)
        return self.done[name]

    def _place(self, name: str) -> Placed:
        entity = self.schema.entities[name]
        rows = self.reader.read(name)
        frame = canonical_records(self.records.get(name), entity)
        parents = {one: to for one, to in entity.references().items() if one in entity.unique and to != name}
        frame = frame.assign(**{one: self.resolve(frame[one], to)[0] for one, to in parents.items()})
        follow = chase({**merged_rows(rows, entity), **self.merges.get(name, {})})
        walk = self.reader.crosswalk(name)
        keys = self.keys.get(name, text_frame(["system", "source_key", "rid"]))
        identity = identify(name, entity, frame, keys=keys, walk=walk, matched=self.matched, rows=rows, follow=follow)
        return Placed(frame, rows, rows.index, follow, walk, identity, by_value(frame, rows, entity, identity.keys))

    def resolve(self, cells: "pd.Series[str]", to: str) -> tuple["pd.Series[str]", "pd.Series[bool]"]:
        """
        Return target keys for references, and where a reference stayed without one.

        Args:
            cells: `@rid`, a target key, the value of the parent's single unique field, or NA.
            to: The parent's entity.
        """
        if cells.isna().all() or to not in self.schema.entities:
            return cells, pd.Series(data=False, index=cells.index)
        parent = self.of(to)
        own = cells.str.startswith("@").fillna(value=False).astype(bool)
        by_rid = cells.where(own).str.slice(1).map(parent.identity.keys).astype("str")
        named = (
            cells.map(parent.by_value).astype("str") if len(parent.by_value) else pd.Series(pd.NA, index=cells.index, dtype="str")
        )
        keys = follow_keys(by_rid.where(own, named.fillna(cells)).astype("str"), parent.follow)
        known = among(keys, parent.there) | among(keys, parent.identity.keys)
        return keys.where(known), cells.notna() & ~known

    def written(self, keys: "pd.Series[str]", to: str) -> "pd.Series[str]":
        """Return references as the plan writes them: `@rid` where the parent is created in this plan, else its key."""
        if to not in self.done or not len(self.done[to].made):
            return keys
        return ("@" + keys.map(self.done[to].made)).astype("str").fillna(keys)


def fields_of(entity: Entity) -> dict[str, str]:
    """Return the columns that are compared and written -> their type, `custom` last."""
    return {**{name: one.type for name, one in entity.fields.items() if not one.computed}, CUSTOM: "custom"}


def canonical_records(batch: Batch | None, entity: Entity) -> pd.DataFrame:
    """Return the records with one canonical column per compared field, and their lineage."""
    frame = batch.frame if batch is not None else text_frame([]).set_index(pd.Index([], dtype="str", name="rid"))
    blank = pd.Series(pd.NA, index=frame.index, dtype="str")
    lineage = {name: frame[name].astype("str") for name in frame.columns if str(name).startswith("_")}
    typed = {name: canonical(frame[name], kind) if name in frame else blank for name, kind in fields_of(entity).items()}
    return pd.DataFrame({**typed, **lineage}, index=frame.index.astype("str"))


def merged_rows(rows: pd.DataFrame, entity: Entity) -> dict[str, str]:
    """Return the rows of the target that were merged before: key -> key of the row they became."""
    return {
        str(key): str(into)
        for name, value in entity.merge.items()
        if value == "$survivor" and name in rows
        for key, into in rows[name].dropna().items()
    }


def chase(steps: Mapping[str, str]) -> dict[str, str]:
    """
    Follow each key to the end of its chain; a chain that runs in a circle ends at its smallest key.

    >>> chase({"a": "b", "b": "c"})
    {'a': 'c', 'b': 'c'}
    """
    ends: dict[str, str] = {}
    for start in steps:
        seen = [start]
        while seen[-1] in steps and steps[seen[-1]] not in seen:
            seen.append(steps[seen[-1]])
        circle = steps.get(seen[-1])
        ends[start] = seen[-1] if circle is None else min(seen[seen.index(circle) :])
    return {start: end for start, end in ends.items() if start != end}


def by_value(frame: pd.DataFrame, rows: pd.DataFrame, entity: Entity, keys: "pd.Series[str]") -> "pd.Series[str]":
    """Return value -> key for an entity that one field identifies; existing rows win over records of this run."""
    if len(entity.unique) != 1:
        return no_rids("key")
    there = signature(rows, entity).dropna()
    ours = signature(frame.loc[among(frame.index, keys.index)], entity).dropna()
    both: pd.Series[str] = pd.concat(
        [
            pd.Series(there.index.astype("str"), index=pd.Index(there, dtype="str"), dtype="str"),
            pd.Series(keys.reindex(ours.index).to_numpy(), index=pd.Index(ours, dtype="str"), dtype="str"),
        ]
    )
    first: pd.Series[str] = both[~both.index.duplicated()]
    return first
