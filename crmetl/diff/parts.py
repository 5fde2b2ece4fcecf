"""Pieces of a plan, and how they are put below each other."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from crmetl.batch import stack, text_frame
from crmetl.plan import FRAMES, OPERATION, among

NONE = {name: text_frame(columns) for name, columns in FRAMES.items()}
"""Frame of a plan -> the empty one; made once, for an entity has many of them."""


@dataclass(frozen=True)
class Parts:
    """What one entity, or one of its concerns, adds to a plan; frames with the columns of FRAMES."""

    creates: pd.DataFrame | None = None
    operations: pd.DataFrame = field(default_factory=lambda: NONE["operations"])
    cells: pd.DataFrame = field(default_factory=lambda: NONE["cells"])
    conflicts: pd.DataFrame = field(default_factory=lambda: NONE["conflicts"])
    crosswalk: pd.DataFrame = field(default_factory=lambda: NONE["crosswalk"])
    loaded: pd.DataFrame = field(default_factory=lambda: NONE["loaded"])
    children: pd.DataFrame = field(default_factory=lambda: NONE["children"])
    counts: dict[str, int] = field(default_factory=dict)


def together(parts: Iterable[Parts]) -> dict[str, pd.DataFrame]:
    """Return the six frames of a plan, all parts below each other."""
    all_parts = list(parts)
    return {name: stack([getattr(one, name) for one in all_parts], columns) for name, columns in FRAMES.items()}


def groups_of(name: str, keys: "pd.Series[str]") -> "pd.Series[str]":
    """Return the operation group of each row that is written for itself."""
    return f"{name}/" + keys.astype("str")


def operations_of(kind: str, name: str, keys: "pd.Series[str]", because: str) -> pd.DataFrame:
    """Return operations, one a key, each its own group; what does not apply is NA."""
    blank = pd.Series(pd.NA, index=keys.index, dtype="str")
    known = {"group": groups_of(name, keys), "kind": kind, "entity": name, "key": keys, "because": because}
    return pd.DataFrame({column: known.get(column, blank) for column in OPERATION}, index=keys.index).astype("str")


def cells_of(
    name: str,
    column: str,
    before: "pd.Series[str]",
    after: "pd.Series[str]",
    because: str,
    *,
    group: "pd.Series[str] | None" = None,
    rids: "pd.Series[str] | None" = None,
    places: "pd.Series[str] | None" = None,
) -> pd.DataFrame:
    """Return one cell a key; all series share the index `key`."""
    keys = pd.Series(before.index, index=before.index, dtype="str")
    blank = pd.Series(pd.NA, index=before.index, dtype="str")
    return (
        pd.DataFrame(
            {
                "group": groups_of(name, keys) if group is None else group.to_numpy(),
                "entity": name,
                "key": keys,
                "column": column,
                "before": before,
                "after": after.to_numpy(),
                "because": because,
                "rid": blank if rids is None else rids.to_numpy(),
                "place": blank if places is None else places.to_numpy(),
            }
        )
        .astype("str")
        .reset_index(drop=True)
    )


def settle(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """
    Leave one cell where a merge and a source would both write the same one: the source's.

    A child that moves away from a merged parent by its own source is not re-pointed first, and a blank of the survivor that
    a source fills is not filled from the loser. A disputed cell is nobody's to write: filled with what was loaded last, it
    would look untouched, and the next run would overwrite it.
    """
    cells, operations = frames["cells"], frames["operations"]
    merging = among(cells["group"], operations.loc[operations["kind"] == "merge", "group"])
    places = cells["entity"] + "/" + cells["key"] + "/" + cells["column"]
    disputes = frames["conflicts"].dropna(subset=["column"])
    disputed = disputes["entity"] + "/" + disputes["key"] + "/" + disputes["column"]
    double = merging & (among(places, places[~merging]) | among(places, disputed))
    return {**frames, "cells": cells[~double].reset_index(drop=True)}
