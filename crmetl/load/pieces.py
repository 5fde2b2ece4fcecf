"""What one transaction writes: a slice of the plan, by operation groups."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from crmetl.batch import text_frame
from crmetl.plan import CELL, CHILD, CROSSWALK, LOADED, OPERATION, Plan, among
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

    def halves(self) -> tuple["Piece", "Piece"]:
        """Return both halves, to find the group that a database refuses."""
        middle = len(self.groups) // 2
        return self.only(self.groups[:middle]), self.only(self.groups[middle:])


class Slices:
    """A frame in the order of its groups, so that the rows of a run of groups are one slice."""

    def __init__(self, frame: pd.DataFrame, groups: pd.Index) -> None:
        places = groups.get_indexer(pd.Index(frame["group"]))
        kept = places >= 0
        order = np.argsort(places[kept], kind="stable")
        self._frame = frame[kept].iloc[order]
        self._places = places[kept][order]

    def take(self, start: int, stop: int) -> pd.DataFrame:
        """Return the rows of groups number `start` up to `stop`."""
        low, high = np.searchsorted(self._places, [start, stop])
        return self._frame.iloc[low:high]


def create_pieces(plan: Plan, entity: str, rows: pd.DataFrame, *, size: int) -> Iterator[Piece]:
    """Yield the new rows of an entity with their ledger rows, `size` at a time."""
    groups = pd.Index(rows["group"])
    walk, loaded = (Slices(frame[frame["entity"] == entity], groups) for frame in (plan.crosswalk, plan.loaded))
    for start in range(0, len(groups), size):
        stop = start + size
        yield Piece(
            "create",
            entity,
            groups[start:stop],
            rows=rows.iloc[start:stop],
            crosswalk=walk.take(start, stop),
            loaded=loaded.take(start, stop),
        )


def change_pieces(plan: Plan, schema: Schema, *, size: int) -> Iterator[Piece]:
    """Yield merges first (a source may then move a child on), then the other changes, parents first."""
    operations = plan.operations[plan.operations["kind"] != "create"]
    place = {name: number for number, name in enumerate(schema.order())}
    rank = (operations["kind"] != "merge").astype("int64") * len(place) + operations["entity"].map(place).astype("int64")
    ordered = operations.assign(rank=rank).sort_values(["rank", "group", "key"]).drop(columns="rank")
    groups = pd.Index(ordered["group"].unique(), dtype="str")
    names = ("operations", "cells", "children", "crosswalk", "loaded")
    frames: Mapping[str, pd.DataFrame] = {**{name: getattr(plan, name) for name in names}, "operations": ordered}
    slices = {name: Slices(frame, groups) for name, frame in frames.items()}
    for start in range(0, len(groups), size):
        stop = start + size
        yield Piece("change", None, groups[start:stop], **{name: one.take(start, stop) for name, one in slices.items()})


def ledger_pieces(plan: Plan, *, size: int) -> Iterator[Piece]:
    """Yield crosswalk and last values of rows that are in the target as they should be."""
    busy = plan.operations["group"]
    walk, loaded = (frame[~among(frame["group"], busy)] for frame in (plan.crosswalk, plan.loaded))
    groups = pd.Index(sorted({*walk["group"], *loaded["group"]}), dtype="str")
    slices = Slices(walk, groups), Slices(loaded, groups)
    for start in range(0, len(groups), size):
        stop = start + size
        yield Piece("ledger", None, groups[start:stop], crosswalk=slices[0].take(start, stop), loaded=slices[1].take(start, stop))
