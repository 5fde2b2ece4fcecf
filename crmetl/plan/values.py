"""What a plan holds, and the id that is signed."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from crmetl.batch import text_frame
from crmetl.plan.membership import among
from crmetl.plan.prints import Column, columns_digest, frame_column

OPERATION = ("group", "kind", "entity", "key", "rid", "survivor", "score", "source", "place", "because")
"""
group: operations that are written together or not at all. kind: create, update, retire, merge.
key: target key the operation writes (for `merge` the loser's; `survivor` the survivor's). because: a short reason.
"""
CELL = ("group", "entity", "key", "column", "before", "after", "because", "rid", "place")
"""A cell that an update, retire or merge sets; NA `before` or `after` is NULL. `after` may be `@rid` of a created row."""
CONFLICT = ("entity", "key", "column", "source_value", "target_value", "reason", "rid", "source", "place")
"""
Not written, the target's value stays. reason of a cell: `both_moved`, `would_loosen` (a consent or status would be eased);
of a whole record (`column` NA): `deleted_in_target`, `key_split`, `parent_conflict`.
"""
CROSSWALK = ("group", "entity", "system", "source_key", "key")
"""Rows that the crosswalk gains: source key -> target key."""
LOADED = ("group", "entity", "key", "hashes")
"""
Record -> JSON text of column -> 16 hex digits of the last loaded value; of created, updated and newly matched rows.
Where the source's value and the target's differed after that load, `source/target`, an empty side being NA.
"""
CHILD = ("group", "entity", "key", "child_entity", "child_column", "child_key")
"""Children of the losers of merges, as read while planning; part of the read set."""

FRAMES: Mapping[str, tuple[str, ...]] = {
    "operations": OPERATION,
    "cells": CELL,
    "conflicts": CONFLICT,
    "crosswalk": CROSSWALK,
    "loaded": LOADED,
    "children": CHILD,
}
"""Frames of a plan beside `creates`, with their columns; each has a column `entity`."""


def _of(frame: pd.DataFrame, entity: str, groups: "pd.Series[str] | None") -> pd.DataFrame:
    mine = (frame["entity"] == entity).to_numpy(dtype=bool)
    own = frame if mine.all() else frame[mine]
    return own if groups is None or not len(own) else own[among(own["group"], groups)]


@dataclass(frozen=True)
class Plan:
    """
    The difference to the target, frozen.

    Attributes:
        creates: Entity -> new rows, wide: index `key`; columns `rid`, `group`, then the entity's fields (canonical text
            or NA; references are `@rid` of a created row or a target key) and `custom`.
        operations, cells, conflicts, crosswalk, loaded, children: Frames with the columns above.
        counts: Entity -> counts of the contract (`read, kept, held, absorbed, dropped, create, update, unchanged,
            merge, retire, conflict`).
        prints: What it was made from: `project`, `model`, source file sha256s.
    """

    creates: Mapping[str, pd.DataFrame]
    operations: pd.DataFrame = field(default_factory=lambda: text_frame(OPERATION))
    cells: pd.DataFrame = field(default_factory=lambda: text_frame(CELL))
    conflicts: pd.DataFrame = field(default_factory=lambda: text_frame(CONFLICT))
    crosswalk: pd.DataFrame = field(default_factory=lambda: text_frame(CROSSWALK))
    loaded: pd.DataFrame = field(default_factory=lambda: text_frame(LOADED))
    children: pd.DataFrame = field(default_factory=lambda: text_frame(CHILD))
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    prints: Mapping[str, str] = field(default_factory=dict)

    def empty(self) -> bool:
        """Say whether applying it would change nothing in the CRM."""
        return not self.size("operations")

    def size(self, name: str) -> int:
        """Return the number of rows of a frame."""
        return len(getattr(self, name))

    def changes(self) -> pd.DataFrame:
        """Return the operations that are no creates."""
        return self.operations[self.operations["kind"] != "create"]

    def new_rows(self, entity: str, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """
        Yield the new rows of an entity, some at a time, index `key`.

        Args:
            columns: Those alone; all where None.
        """
        yield self.creates[entity] if columns is None else self.creates[entity][list(columns)]

    def parts(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """
        Yield a frame some rows at a time.

        Args:
            name: One of FRAMES.
            columns: Those alone; all where None.
        """
        frame: pd.DataFrame = getattr(self, name)
        yield frame if columns is None else frame[list(columns)]

    def rows_of(self, name: str, entity: str, groups: "pd.Series[str] | None" = None) -> pd.DataFrame:
        """
        Return the rows of an entity in a frame.

        Args:
            name: One of FRAMES.
            groups: Of these operation groups alone.
        """
        parts = [_of(part, entity, groups) for part in self._near(name, entity, groups)]
        filled = [one for one in parts if len(one)]
        return (filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)) if filled else text_frame(FRAMES[name])

    def _near(self, name: str, entity: str, groups: "pd.Series[str] | None") -> Iterator[pd.DataFrame]:  # noqa: ARG002 for plans in files
        """Yield the parts of a frame that may hold rows of an entity and of some groups."""
        yield from self.parts(name)


class PlanPrint:
    """
    The id of a plan, taken of its frames as they come.

    The rows of one entity in one frame are digested together, sorted, so that neither the order of entities nor that of
    rows counts. Group numbers, which only bundle rows, are not in it.
    """

    def __init__(self) -> None:
        self._parts: dict[str, object] = {}

    def create(self, entity: str, rows: pd.DataFrame) -> None:
        """Take the new rows of an entity."""
        whole = rows.rename_axis("key").reset_index()
        self.take(f"create {entity}", list(whole.columns), len(whole), frame_column(whole))

    def add(self, name: str, rows: pd.DataFrame) -> None:
        """Take rows of a frame: all those of each entity that is among them."""
        for entity in rows["entity"].unique().tolist():
            own = rows["entity"] == entity
            content = rows if own.all() else rows[own]
            self.take(f"{name} {entity}", list(content.columns), len(content), frame_column(content))

    def take(self, part: str, names: Sequence[str], size: int, column: Column) -> None:
        """
        Take a part of the plan.

        Args:
            part: `create <entity>`, or a frame's name and the entity.
            names: Columns.
            size: Number of rows.
            column: Gives the cells of a column; asked for one at a time, so that they need not be in memory together.
        """
        if part in self._parts:
            raise ValueError(part)
        self._parts[part] = columns_digest([name for name in names if name != "group"], size, column)

    def ident(self, prints: Mapping[str, str]) -> str:
        """Return the id of everything that was taken, and of what the plan is made from."""
        whole = {**self._parts, "prints": dict(sorted(prints.items()))}
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def plan_id(plan: Plan) -> str:
    """
    Return the sha256 of content, rules, sources and read set: what is signed.

    Cost: sorts the rows of each entity once. The same input gives the same id, whatever the order of files and records;
    run ids and clock are not in it.
    """
    found = PlanPrint()
    for entity, frame in plan.creates.items():
        found.create(entity, frame)
    for name in FRAMES:
        found.add(name, getattr(plan, name))
    return found.ident(plan.prints)
