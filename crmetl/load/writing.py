"""Writing one piece in one transaction, together with its ledger rows."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pandas as pd

from crmetl.batch import CUSTOM, stack, text_frame
from crmetl.load.lease import Lease
from crmetl.load.ledger import Image, record, runs
from crmetl.load.pieces import Piece
from crmetl.load.readset import MOVED, cell_values, current, moved
from crmetl.load.refusals import Refused
from crmetl.load.relations import RECORD, WALK
from crmetl.load.retry import patiently
from crmetl.plan import Plan, Target, row_hashes
from crmetl.schema import Entity

if TYPE_CHECKING:
    from crmetl.load.index.keys import Indexing


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


def overwritten(target: Target, plan: Plan, run: str) -> Overwritten:
    """
    Return which rows of the ledger a plan will overwrite.

    Where no other run ever wrote, nothing stands there but what this run has written before it was stopped.
    """
    older = bool((runs(target)["run"] != run).any())
    parts: dict[str, list[pd.DataFrame]] = {WALK: [], RECORD: []}
    for entity in target.schema.order() if older else ():
        for table, name in ((WALK, "crosswalk"), (RECORD, "loaded")):
            wanted = plan.rows_of(name, entity)[KEYS[table]].drop_duplicates()
            if len(wanted):
                parts[table].append(target.select(table, where=("entity", [entity])).merge(wanted, on=KEYS[table]))
    return Overwritten(
        *(stack(parts[one], [*KEYS[one], *REST[one]])[[*KEYS[one], *REST[one]]].set_index(KEYS[one]) for one in (WALK, RECORD))
    )


KEYS = {WALK: ["entity", "system", "source_key"], RECORD: ["entity", "key"]}
REST = {WALK: ["key", "run"], RECORD: ["hashes", "run"]}
"""Columns of a table of the ledger: those that tell its rows apart, and the others."""


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
        written: (entity, kind) -> operations that are committed.
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
    written: Counter[tuple[str, str]] = field(default_factory=Counter)
    indexing: "Indexing | None" = None
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
        if went.kind == "create":
            self.written[(str(went.entity), "create")] += len(went.rows)
        self.written.update(zip(went.operations["entity"], went.operations["kind"], strict=True))
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
