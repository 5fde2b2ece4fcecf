"""What a plan holds, and the id that is signed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from crmetl.batch import text_frame
from crmetl.plan.prints import frame_digest

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

FRAMES = ("operations", "cells", "conflicts", "crosswalk", "loaded", "children")
"""Frames of a plan beside `creates`; each has a column `entity`."""


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
        return not len(self.operations)


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
        self._take(f"create {entity}", rows.rename_axis("key").reset_index().drop(columns="group"))

    def add(self, name: str, rows: pd.DataFrame) -> None:
        """Take rows of a frame: all those of each entity that is among them."""
        content = rows.drop(columns="group", errors="ignore")
        for entity in content["entity"].unique().tolist():
            own = content["entity"] == entity
            self._take(f"{name} {entity}", content if own.all() else content[own])

    def ident(self, prints: Mapping[str, str]) -> str:
        """Return the id of everything that was taken, and of what the plan is made from."""
        whole = {**self._parts, "prints": dict(sorted(prints.items()))}
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()

    def _take(self, part: str, content: pd.DataFrame) -> None:
        if part in self._parts:
            raise ValueError(part)
        self._parts[part] = frame_digest(content)


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
