"""What one transaction writes: a slice of the plan, by operation groups."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.batch import stack, text_frame
from crmetl.plan import CELL, CHILD, CROSSWALK, FRAMES, LOADED, OPERATION, Plan, among
from crmetl.schema import Schema

Kind = Literal["create", "change", "late", "ledger"]

NONE = {
    "rows": text_frame(["key", "group", "rid"]),
    "operations": text_frame(OPERATION),
    "cells": text_frame(CELL),
    "children": text_frame(CHILD),
    "crosswalk": text_frame(CROSSWALK),
    "loaded": text_frame(LOADED),
}
"""Frame of a piece -> the empty one; made once, for there are many pieces."""


@dataclass(frozen=True)
class Piece:
    """
    Operation groups that are written together.

    Attributes:
        kind: `create`: new rows of `entity`. `change`: cells. `late`: references between new rows that stand in a circle,
            written when both are there. `ledger`: crosswalk and last values of rows that need no change.
        groups: In their order; a group is never split.
        rows: Of a `create`: column `key`, `group`, the fields.
        cells, operations, children, crosswalk, loaded: Rows of the plan's frames.
    """

    kind: Kind
    entity: str | None
    groups: pd.Index
    rows: pd.DataFrame = field(default_factory=lambda: NONE["rows"])
    operations: pd.DataFrame = field(default_factory=lambda: NONE["operations"])
    cells: pd.DataFrame = field(default_factory=lambda: NONE["cells"])
    children: pd.DataFrame = field(default_factory=lambda: NONE["children"])
    crosswalk: pd.DataFrame = field(default_factory=lambda: NONE["crosswalk"])
    loaded: pd.DataFrame = field(default_factory=lambda: NONE["loaded"])

    def only(self, groups: pd.Index) -> "Piece":
        """Return the part that belongs to some of its groups."""
        frames = {name: one[among(one["group"], groups)] if len(one) else one for name in NONE for one in [getattr(self, name)]}
        return replace(self, groups=groups, **frames)

    def without(self, groups: Collection[str]) -> "Piece":
        """Return the part that does not belong to some groups."""
        return self.only(self.groups[~among(self.groups, list(groups))]) if len(groups) else self

    def slices(self, size: int) -> Iterator["Piece"]:
        """Yield the piece in pieces of `size` groups."""
        if len(self.groups) <= size:
            yield self
            return
        frames = {name: Slices(one, self.groups) for name in NONE for one in [getattr(self, name)] if len(one)}
        for start in range(0, len(self.groups), size):
            stop = start + size
            some = {name: one.take(start, stop) for name, one in frames.items()}
            yield Piece(self.kind, self.entity, self.groups[start:stop], **some)

    def halves(self) -> tuple["Piece", "Piece"]:
        """Return both halves, to find the group that a database refuses."""
        middle = len(self.groups) // 2
        return self.only(self.groups[:middle]), self.only(self.groups[middle:])


class Slices:
    """A frame in the order of its groups, so that the rows of a run of groups are one slice."""

    def __init__(self, frame: pd.DataFrame, groups: "pd.Index[str]") -> None:
        places = pc.index_in(_texts(frame["group"]), value_set=_texts(groups.to_series())).to_numpy(zero_copy_only=False)
        rises = bool((places[1:] >= places[:-1]).all())
        order = None if rises else np.argsort(places, kind="stable")
        self._frame = frame if order is None else frame.iloc[order]
        self._places = places if order is None else places[order]

    def take(self, start: int, stop: int) -> pd.DataFrame:
        """Return the rows of groups number `start` up to `stop`."""
        low, high = np.searchsorted(self._places, [start, stop])
        return self._frame.iloc[low:high]


def _texts(cells: "pd.Series[str]") -> pa.Array:
    texts = pa.array(cells.astype("str"), pa.large_string())
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def create_piece(plan: Plan, entity: str, rows: pd.DataFrame) -> Piece:
    """
    Return new rows of an entity with their ledger rows.

    Args:
        rows: Column `key`, `group`, the fields.
    """
    walk, loaded = (plan.rows_of(name, entity, rows["group"]) for name in ("crosswalk", "loaded"))
    return Piece("create", entity, pd.Index(rows["group"], dtype="str"), rows=rows, crosswalk=walk, loaded=loaded)


def change_piece(plan: Plan, schema: Schema, done: Collection[str]) -> Piece:
    """
    Return merges first (a source may then move a child on), then the other changes, parents first.

    Args:
        done: Groups that are left out.
    """
    operations = plan.changes()
    operations = operations[~among(operations["group"], done)] if len(done) else operations
    place = {name: number for number, name in enumerate(schema.order())}
    rank = (operations["kind"] != "merge").astype("int64") * len(place) + operations["entity"].map(place).astype("int64")
    ordered = operations.assign(rank=rank).sort_values(["rank", "group", "key"]).drop(columns="rank")
    groups = pd.Index(ordered["group"].unique(), dtype="str")
    frames = {name: _in_groups(plan, name, groups) for name in NONE if name not in ("rows", "operations")}
    return Piece("change", None, groups, operations=ordered, **frames)


def _in_groups(plan: Plan, name: str, groups: "pd.Index[str]") -> pd.DataFrame:
    """Return the rows of a frame that belong to some groups; one part of the frame is in memory at a time."""
    return stack([part[among(part["group"], groups)] for part in plan.parts(name)] if len(groups) else [], FRAMES[name])


def ledger_piece(plan: Plan, changed: "pd.Index[str]", done: Collection[str]) -> Piece:
    """
    Return crosswalk and last values of rows that are in the target as they should be.

    Args:
        changed: Groups that change something in the target.
        done: Groups that are left out.
    """
    walk, loaded = (stack(list(_idle(plan, name, changed, done)), FRAMES[name]) for name in ("crosswalk", "loaded"))
    groups = pd.Index(sorted({*walk["group"], *loaded["group"]}), dtype="str")
    return Piece("ledger", None, groups, crosswalk=walk, loaded=loaded)


def _idle(plan: Plan, name: str, changed: "pd.Index[str]", done: Collection[str]) -> Iterator[pd.DataFrame]:
    """Yield the rows of a frame whose group has no operation; the groups of an entity's new rows are in memory at a time."""
    entity, made = "", pd.Series(dtype="str")
    for part in plan.parts(name):
        idle = part[~among(part["group"], changed) & ~among(part["group"], done)]
        for one, rows in idle.groupby("entity", sort=True):
            if one != entity:
                entity, made = str(one), _made(plan, str(one))
            yield rows[~among(rows["group"], made)]


def _made(plan: Plan, entity: str) -> "pd.Series[str]":
    """Return the groups of an entity's new rows."""
    parts = [rows["group"] for rows in plan.new_rows(entity, ["group"])] if entity in plan.creates else []
    return pd.concat(parts) if parts else pd.Series(dtype="str")
