"""Writing one piece in one transaction, together with its ledger rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from crmetl.batch import CUSTOM, stack, text_frame
from crmetl.load.lease import Lease
from crmetl.load.ledger import Image, record
from crmetl.load.matchkeys import Indexing
from crmetl.load.pieces import Piece
from crmetl.load.readset import MOVED, cell_values, current, moved
from crmetl.load.refusals import Refused
from crmetl.load.relations import RECORD, WALK
from crmetl.load.retry import patiently
from crmetl.plan import Target, row_hashes
from crmetl.schema import Entity


@dataclass
class Overwritten:
    """
    Ledger rows that stood before this run, so that a rollback can put them back.

    Attributes:
        walk: Index `entity, system, source_key`; columns key, run.
        records: Index `entity, key`; columns hashes, run.
    """

    walk: pd.DataFrame
    records: pd.DataFrame


def overwritten(target: Target, walk: pd.DataFrame, loaded: pd.DataFrame) -> Overwritten:
    """Return which rows of the ledger a plan will overwrite."""
    return Overwritten(
        _standing(target, WALK, walk, ["entity", "system", "source_key"]), _standing(target, RECORD, loaded, ["entity", "key"])
    )


def _standing(target: Target, table: str, frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    wanted = frame[keys].drop_duplicates()
    parts = [
        target.select(table, where=("entity", [str(entity)])).merge(own, on=keys) for entity, own in wanted.groupby("entity")
    ]
    rest = ["key", "run"] if table == WALK else ["hashes", "run"]
    return stack(parts, [*keys, *rest])[[*keys, *rest]].set_index(keys)


@dataclass
class Writer:
    """
    Writes pieces; remembers what was parked and what the database refused.

    Attributes:
        target, lease, run: Where, and by what right.
        before: Ledger rows that this run overwrites.
        seq: Number of the last batch.
        parked, rejected: Columns MOVED.
        on_written: Told how many operations a commit holds.
        written: Groups that are committed.
        indexing: Keeps the match index current in the same transaction.
        lost: `@rid` of new rows that are not there -> `parked` or `rejected`.
    """

    target: Target
    lease: Lease
    run: str
    before: Overwritten
    seq: int
    on_written: Callable[[int], None]
    parked: list[pd.DataFrame] = field(default_factory=list)
    rejected: list[pd.DataFrame] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    indexing: Indexing | None = None
    lost: dict[str, str] = field(default_factory=dict)

    def write(self, piece: Piece) -> None:
        """Write a piece; groups that moved are parked, groups that the database refuses are found by halving."""
        if not len(piece.groups):
            return
        try:
            went, stayed = patiently(lambda: self._commit(piece))
        except Refused as refusal:
            self._refused(piece, refusal)
            return
        self.seq += 1
        if len(stayed):
            self.leave(piece.only(pd.Index(stayed["group"].unique(), dtype="str")), stayed, "parked")
        self.written.update(went.groups)
        self.on_written(len(went.rows) + len(went.operations))

    def _refused(self, piece: Piece, refusal: Refused) -> None:
        """Find the group that is refused; a new row whose key has come up meanwhile has moved, it is not wrong."""
        if len(piece.groups) > 1:
            for half in piece.halves():
                self.write(half)
            return
        stayed = moved(self.target, piece) if refusal.reason == "unique" else piece.rows.iloc[:0]
        if len(stayed):
            self.leave(piece, stayed, "parked")
            return
        self.leave(piece, listed(piece, refusal.reason), "rejected")

    def leave(self, piece: Piece, rows: pd.DataFrame, outcome: Literal["parked", "rejected"]) -> None:
        """List rows that are not written, and remember the new ones among them for those that refer to them."""
        (self.parked if outcome == "parked" else self.rejected).append(rows)
        self.lost.update(dict.fromkeys("@" + piece.rows["rid"], outcome) if len(piece.rows) else {})

    def _commit(self, piece: Piece) -> tuple[Piece, pd.DataFrame]:
        with self.target.transaction():
            self.lease.renew()
            stayed = moved(self.target, piece, lock=True) if len(piece.operations) or len(piece.cells) else piece.cells.iloc[:0]
            free = piece.without(stayed["group"].unique())
            if len(free.groups):
                image = self._write(free)
                if self.indexing is not None:
                    self.indexing.follow_piece(free.entity, free.rows, free.cells)
                rows = len(free.rows) + len(free.operations)
                record(self.target, run=self.run, seq=self.seq + 1, kind=free.kind, entity=free.entity, rows=rows, image=image)
        return free, stayed

    def _write(self, piece: Piece) -> Image:
        image: Image = {}
        if piece.kind == "create" and piece.entity is not None:
            image = create(self.target, piece.entity, piece.rows)
        elif len(piece.cells):
            image = change(self.target, piece.cells)
        if piece.kind != "create":
            operations = piece.operations[["group", "kind", "entity", "key"]]
            image |= {"groups": piece.groups.tolist(), "operations": operations.to_numpy().tolist()}
        return image | self._ledger(piece)

    def _ledger(self, piece: Piece) -> Image:
        walk = piece.crosswalk[["entity", "system", "source_key", "key"]].assign(run=self.run)
        records = piece.loaded[["entity", "key", "hashes"]].assign(run=self.run)
        return {
            "walk": _put(self.target, WALK, walk, self.before.walk),
            "records": _put(self.target, RECORD, records, self.before.records),
        }


def listed(piece: Piece, reason: str) -> pd.DataFrame:
    """Return the rows of a piece for the list of what was parked or rejected."""
    made = piece.rows.assign(entity=piece.entity)
    rows = next((one for one in (made, piece.operations, piece.cells, piece.crosswalk) if len(one)), piece.loaded)
    frame = rows.reindex(columns=list(MOVED)).assign(reason=reason)
    return frame.astype("str").reset_index(drop=True)


def written_columns(entity: Entity) -> list[str]:
    """Return the columns that a create writes and a rollback compares."""
    return [*(name for name, one in entity.fields.items() if not one.computed), CUSTOM]


def create(target: Target, entity: str, rows: pd.DataFrame) -> Image:
    """Insert new rows; remember their keys and the hash of what was written."""
    full = rows.reindex(columns=["key", *written_columns(target.schema.entities[entity])]).astype("str")
    target.insert(entity, full)
    return {"keys": full["key"].tolist(), "hashes": row_hashes(full.drop(columns="key")).tolist()}


def change(target: Target, cells: pd.DataFrame) -> Image:
    """Set cells; remember what stood there."""
    befores = []
    for (entity, column), own in cells.groupby(["entity", "column"], sort=True):
        now = cell_values(current(target, str(entity), own, lock=True), own)
        befores.append(now)
        target.update(str(entity), pd.DataFrame({"key": own["key"], str(column): own["after"]}))
    image = cells.assign(before=pd.concat(befores).reindex(cells.index))[["entity", "key", "column", "before", "after", "group"]]
    return {"cells": _plain(image)}


def _put(target: Target, table: str, rows: pd.DataFrame, before: pd.DataFrame) -> list[list[str | None]]:
    """Insert ledger rows, or overwrite those that stood before; return what was overwritten."""
    if not len(rows):
        return []
    keys = list(before.index.names)
    there = pd.Series(pd.MultiIndex.from_frame(rows[keys]).isin(before.index), index=rows.index) if len(before) else None
    if there is None:
        target.insert(table, rows)
        return []
    target.insert(table, rows[~there])
    target.update(table, rows[there])
    stood = before.loc[pd.MultiIndex.from_frame(rows.loc[there, keys])].reset_index()
    return _plain(stood)


def _plain(frame: pd.DataFrame) -> list[list[str | None]]:
    """Return rows as lists, NA as None."""
    columns = [frame[name].astype("object").where(frame[name].notna(), None).tolist() for name in frame.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def nothing_moved() -> pd.DataFrame:
    """Return an empty list of parked rows."""
    return text_frame(MOVED)
