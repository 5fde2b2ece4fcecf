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


def plan_id(plan: Plan) -> str:
    """
    Return the sha256 of content, rules, sources and read set: what is signed.

    Cost: sorts each frame once. The same input gives the same id, whatever the order of files and records; run ids and
    clock are not in it, and neither are group numbers, which only bundle rows.
    """
    parts: dict[str, object] = {"prints": dict(sorted(plan.prints.items()))}
    for entity, frame in sorted(plan.creates.items()):
        parts[f"create {entity}"] = frame_digest(frame.reset_index().drop(columns="group"))
    for name in ("operations", "cells", "conflicts", "crosswalk", "loaded", "children"):
        frame = getattr(plan, name)
        parts[name] = frame_digest(frame.drop(columns="group", errors="ignore"))
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
