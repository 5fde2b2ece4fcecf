"""The read set of a plan: what it saw while planning must still be so when it is written."""

from collections.abc import Mapping

import pandas as pd

from crmetl.load.pieces import Piece
from crmetl.plan import Target, among, canonical

MOVED = ("group", "entity", "key", "column", "reason")
"""reason: `exists` (a key assumed absent is there), `gone` (a row to change is not there), `edited` (a cell moved since),
`children` (a merged row has gained or lost children)."""


def moved(target: Target, piece: Piece, *, lock: bool = False) -> pd.DataFrame:
    """
    Return what moved since the plan was made, among the groups of a piece.

    Args:
        target: Read under the lease.
        piece: Of the plan.
        lock: Keep others from changing what was read until the transaction ends. New keys are not looked up again then:
            the primary key keeps them from being there twice.

    Returns:
        Columns MOVED; several rows a group where several things moved.
    """
    parts = [_existing(target, piece)] if not lock else []
    parts += [_edited(target, piece.cells, lock=lock), _children(target, piece)]
    filled = [one for one in parts if len(one)]
    return pd.concat(filled, ignore_index=True)[list(MOVED)].astype("str") if filled else parts[0]


def _existing(target: Target, piece: Piece) -> pd.DataFrame:
    """Say which keys assumed absent are there."""
    if piece.kind != "create" or piece.entity is None:
        return _frame(piece.rows.iloc[:0], "exists")
    there = target.select(piece.entity, ["key"], where=("key", piece.rows["key"].tolist()))["key"]
    return _frame(piece.rows[among(piece.rows["key"], there)].assign(entity=piece.entity), "exists")


def _frame(rows: pd.DataFrame, reason: str) -> pd.DataFrame:
    blank = pd.Series(pd.NA, index=rows.index, dtype="str")
    known = {name: rows[name] for name in ("group", "entity", "key", "column") if name in rows} | {"reason": blank.fillna(reason)}
    return pd.DataFrame({name: known.get(name, blank) for name in MOVED}).astype("str")


def _edited(target: Target, cells: pd.DataFrame, *, lock: bool) -> pd.DataFrame:
    """Say which cells no longer hold what the plan saw, or whose row is gone."""
    parts = []
    for entity, own in cells.groupby("entity", sort=True):
        now = current(target, str(entity), own, lock=lock)
        gone = ~among(own["key"], now.index)
        value = cell_values(now, own)
        kinds = _kinds(target, str(entity))
        before = pd.concat([canonical(one["before"], kinds[str(name)]) for name, one in own.groupby("column")]).reindex(own.index)
        same = (value == before) | (value.isna() & before.isna())
        parts += [_frame(own[gone], "gone"), _frame(own[~gone & ~same.astype(bool)], "edited")]
    filled = [one for one in parts if len(one)]
    return pd.concat(filled, ignore_index=True) if filled else _frame(cells.iloc[:0], "edited")


def current(target: Target, entity: str, cells: pd.DataFrame, *, lock: bool) -> pd.DataFrame:
    """Return the rows that some cells belong to, index key, with the columns that the cells name."""
    columns = ["key", *sorted(cells["column"].unique())]
    return target.select(entity, columns, where=("key", cells["key"].unique().tolist()), lock=lock).set_index("key")


def cell_values(rows: pd.DataFrame, cells: pd.DataFrame) -> "pd.Series[str]":
    """Return what `rows` hold at each cell, NA where the row is not there."""
    parts = [own["key"].map(rows[str(column)]) for column, own in cells.groupby("column", sort=True)]
    return pd.concat(parts).reindex(cells.index).astype("str") if parts else pd.Series(dtype="str")


def _kinds(target: Target, entity: str) -> Mapping[str, str]:
    return {**{name: one.type for name, one in target.schema.entities[entity].fields.items()}, "custom": "custom"}


def _children(target: Target, piece: Piece) -> pd.DataFrame:
    """Say which merges have losers whose children are no longer those that the plan saw."""
    merges = piece.operations[piece.operations["kind"] == "merge"]
    names = ["entity", "key", "child_entity", "child_column", "child_key"]
    found = []
    for entity, own in merges.groupby("entity", sort=True):
        now = target.children(str(entity), own["key"].tolist()).assign(entity=str(entity))[names].astype("str")
        planned = piece.children.loc[piece.children["entity"] == entity, names].astype("str")
        both = now.merge(planned, how="outer", indicator=True)
        odd = both.loc[both["_merge"] != "both", "key"]
        found.append(_frame(own[among(own["key"], odd)], "children"))
    filled = [one for one in found if len(one)]
    return pd.concat(filled, ignore_index=True) if filled else _frame(merges.iloc[:0], "children")
