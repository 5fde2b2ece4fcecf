"""Rollback: what a run wrote, taken back from the before-images, where nobody has touched it since."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from crmetl.batch import text_frame
from crmetl.errors import PlanRefused
from crmetl.load.following import indexing_of
from crmetl.load.lease import Lease, lease
from crmetl.load.ledger import Head, Image, finish, heads, history, image, one_row, runs
from crmetl.load.readset import cell_values, current
from crmetl.load.refusals import Refused
from crmetl.load.relations import LEDGER, OPERATIONS, RECORD, WALK
from crmetl.load.retry import patiently
from crmetl.load.writing import written_columns
from crmetl.plan import Target, among, canonical, row_hashes
from crmetl.schema.model import Field
from crmetl.text import Text

if TYPE_CHECKING:
    from crmetl.load.index.keys import Indexing

KEPT = ("entity", "key", "column", "reason")
"""reason: `edited` since, `deleted` since, `children` of others hang on it, `consent` that may only tighten; of failed ones
why the database refused."""

CELL_IMAGE = ("entity", "key", "column", "before", "after", "group")
OPERATION_IMAGE = ("group", "kind", "entity", "key")
AT_ONCE = 10_000


@dataclass(frozen=True)
class RolledBack:
    """
    What a rollback did.

    Attributes:
        reversed: Entity -> how many operations of each kind were taken back whole.
        kept: Columns KEPT: what stays, and why.
        failed: Columns KEPT: what the database refused to give back.
    """

    reversed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    kept: pd.DataFrame = field(default_factory=lambda: text_frame(KEPT))
    failed: pd.DataFrame = field(default_factory=lambda: text_frame(KEPT))


def rollback(run: str, *, target: Target, now: datetime, progress: Callable[[int], None] | None = None) -> RolledBack:
    """
    Take a run back: rows it made are removed, cells it set get their former values, in the reverse order of writing.

    A row that somebody edited since, or that others' rows refer to, stays; so does a cell that no longer holds what the run
    wrote. Crosswalk and last values return to what they were, but for rows that stay. Repeat the call after a kill.

    Args:
        run: Name of the run.
        target: Open for writing.
        now: For the ledger.
        progress: Told how many operations each commit took back.

    Raises:
        PlanRefused: The run is unknown, was taken back before, or later runs built on it.
        LeaseHeld: Another run writes.
        TargetError: The database is away.
    """
    patiently(target.prepare)
    with lease(target, run) as held:
        _may_roll_back(target, run)
        taker = _Taker(target, held, progress or _silent, indexing_of(target))
        for head in reversed(heads(target, run)):
            if not head.undone:
                taker.take_back(head, image(target, run, head.seq))
                _mark(target, held, run, head.seq)
        _restore_ledger(target, held, run)
        finish(target, run, "rolled_back", now=now)
    return taker.result()


def _silent(_: int) -> None:
    """Tell nobody."""


def _may_roll_back(target: Target, run: str) -> None:
    """
    Refuse what cannot be taken back.

    Raises:
        PlanRefused: The run is unknown, was taken back before, or later runs built on it.
    """
    ledger = runs(target)
    mine = ledger[ledger["run"] == run]
    if not len(mine) or mine["status"].iloc[0] == "rolled_back":
        what = (
            Text("这次运行已经回退过", "this run was rolled back before")
            if len(mine)
            else Text("目标中没有这次运行的记录", "the target knows no such run")
        )
        raise PlanRefused(what, where=run, next=Text("crmetl runs 列出全部运行", "`crmetl runs` lists them"))
    later = ledger.iloc[int(mine.index[0]) + 1 :]
    later = later[later["status"] != "rolled_back"]
    built = _built_on(target, run, later["run"].tolist())
    if built:
        names = ", ".join(built)
        raise PlanRefused(
            Text(f"后来的运行建立在它之上：{names}", f"later runs built on it: {names}"),
            where=run,
            next=Text("先回退后来的运行", "roll the later ones back first"),
        )


def _built_on(target: Target, run: str, later: Sequence[str]) -> list[str]:
    """Return the later runs that touched a row of this one, or hung a row of theirs on one it made."""
    if not later:
        return []
    made, touched = _reach(target, run)
    hung = _hung(target, made)
    return [other for other in later if _reaches(target, other, touched, hung)]


def _reach(target: Target, run: str) -> tuple[dict[str, set[str]], set[tuple[str, str]]]:
    """Return the keys that a run made, by entity, and all (entity, key) that it wrote to."""
    made: dict[str, set[str]] = {}
    touched: set[tuple[str, str]] = set()
    for head, one in history(target, run):
        keys = one.get("keys", ())
        if keys:
            made.setdefault(head.entity, set()).update(keys)
        touched.update((head.entity, key) for key in keys)
        touched.update((cell[0], cell[1]) for cell in one.get("cells", ()))
        touched.update((operation[2], operation[3]) for operation in one.get("operations", ()))
    return made, touched


def _hung(target: Target, made: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Return the rows that refer to rows a run made."""
    found: set[tuple[str, str]] = set()
    for entity, keys in made.items():
        children = target.children(entity, sorted(keys))
        found.update(zip(children["child_entity"], children["child_key"], strict=True))
    return found


def _reaches(target: Target, run: str, touched: set[tuple[str, str]], hung: set[tuple[str, str]]) -> bool:
    made, theirs = _reach(target, run)
    if theirs & touched or any((entity, key) in hung for entity, keys in made.items() for key in keys):
        return True
    ledger = [target.select(table, ["entity", "key"], where=("run", [run])) for table in (WALK, RECORD)]
    return any(touched.intersection(zip(one["entity"], one["key"], strict=True)) for one in ledger)


def _mark(target: Target, held: Lease, run: str, seq: str) -> None:
    with target.transaction():
        held.renew()
        target.update(OPERATIONS, one_row({"run": run, "seq": seq, "undone": "yes"}))


@dataclass
class _Taker:
    """Takes batches back one after the other; remembers what stays."""

    target: Target
    held: Lease
    progress: Callable[[int], None]
    indexing: "Indexing | None"
    kept: list[tuple[str, str, str | None, str]] = field(default_factory=list)
    failed: list[tuple[str, str, str | None, str]] = field(default_factory=list)
    whole: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: set[str] = field(default_factory=set)

    def take_back(self, head: Head, one: Image) -> None:
        """Take one batch back; no operation group is in two of them."""
        if head.kind == "create":
            entity, rows = head.entity, pd.DataFrame({"key": one["keys"], "hash": one["hashes"]}, dtype="str")
            self._in_halves(rows, lambda some: self._remove(entity, some), lambda some, why: self._fail_rows(entity, some, why))
        elif "cells" in one:
            self.broken = set()
            cells = pd.DataFrame(one["cells"], columns=list(CELL_IMAGE)).astype("str")
            operations = pd.DataFrame(one["operations"], columns=list(OPERATION_IMAGE)).astype("str")
            self._in_halves(cells, lambda some: self._restore(some, operations), self._fail_cells)
            back = operations[~among(operations["group"], self.broken)]
            self.whole.update(zip(back["entity"], back["kind"], strict=True))

    def _in_halves(
        self, rows: pd.DataFrame, work: Callable[[pd.DataFrame], int], failed: Callable[[pd.DataFrame, str], None]
    ) -> None:
        """Work in one transaction; what the database refuses is found by halving."""
        if not len(rows):
            return
        try:
            self.progress(patiently(lambda: self._whole(rows, work)))
        except Refused as refusal:
            if len(rows) == 1:
                failed(rows, refusal.reason)
                return
            middle = len(rows) // 2
            self._in_halves(rows.iloc[middle:], work, failed)
            self._in_halves(rows.iloc[:middle], work, failed)

    def _whole(self, rows: pd.DataFrame, work: Callable[[pd.DataFrame], int]) -> int:
        kept, whole, broken = len(self.kept), self.whole.copy(), set(self.broken)
        try:
            with self.target.transaction():
                self.held.renew()
                return work(rows)
        except BaseException:
            self.kept, self.whole, self.broken = self.kept[:kept], whole, broken
            raise

    def _remove(self, entity: str, rows: pd.DataFrame) -> int:
        """Remove rows that nobody touched and that nothing of others refers to."""
        columns = ["key", *written_columns(self.target.schema.entities[entity])]
        now = self.target.select(entity, columns, where=("key", rows["key"].tolist()), lock=True).set_index("key")
        hashes = rows["key"].map(row_hashes(now)) if len(now) else pd.Series(dtype="str", index=rows.index)
        edited = among(rows["key"], now.index) & (hashes != rows["hash"])
        children = self.target.children(entity, now.index.tolist())
        parents = among(rows["key"], children["key"])
        for reason, mask in (("edited", edited), ("children", parents & ~edited)):
            self.kept += [(entity, key, None, reason) for key in rows.loc[mask, "key"]]
        free = rows[among(rows["key"], now.index) & ~edited & ~parents]
        self.target.delete(entity, free[["key"]])
        if self.indexing is not None:
            self.indexing.follow_piece(entity, now.loc[free["key"]].reset_index(), free.iloc[:0])
        self.whole[(entity, "create")] += len(free)
        return len(free)

    def _restore(self, cells: pd.DataFrame, operations: pd.DataFrame) -> int:
        """Give cells their former values, where they still hold what the run wrote."""
        for (entity, column), own in cells.groupby(["entity", "column"], sort=True):
            self.broken |= self._restore_column(str(entity), str(column), own)
        if self.indexing is not None:
            self.indexing.follow_piece(None, cells.iloc[:0], cells)
        return int(among(operations["group"], cells["group"]).sum())

    def _restore_column(self, entity: str, column: str, cells: pd.DataFrame) -> set[str]:
        declared = self.target.schema.entities[entity].fields.get(column, Field())
        rows = current(self.target, entity, cells, lock=True)
        value, after = cell_values(rows, cells), canonical(cells["after"], declared.type if column != "custom" else "custom")
        there = among(cells["key"], rows.index)
        ours = (value == after) | (value.isna() & after.isna())
        back = (value == cells["before"]) | (value.isna() & cells["before"].isna())
        tighter = eases(declared, cells["before"], value)
        reasons = {"deleted": ~there, "edited": there & ~ours & ~back, "consent": there & ours & tighter}
        for reason, mask in reasons.items():
            self.kept += [(entity, key, column, reason) for key in cells.loc[mask, "key"]]
        free = cells[there & ours & ~tighter]
        self.target.update(entity, pd.DataFrame({"key": free["key"], column: free["before"]}))
        stays = reasons["deleted"] | reasons["edited"] | reasons["consent"]
        return set(cells.loc[stays, "group"])

    def _fail_rows(self, entity: str, rows: pd.DataFrame, reason: str) -> None:
        self.failed += [(entity, key, None, reason) for key in rows["key"]]

    def _fail_cells(self, cells: pd.DataFrame, reason: str) -> None:
        self.failed += [(*cell, reason) for cell in zip(cells["entity"], cells["key"], cells["column"], strict=True)]
        self.broken.update(cells["group"])

    def result(self) -> RolledBack:
        """Return what was taken back and what was not."""
        counts: dict[str, dict[str, int]] = {}
        for (entity, kind), number in sorted((+self.whole).items()):
            counts.setdefault(entity, {})[kind] = number
        kept, failed = (pd.DataFrame(one, columns=list(KEPT)).astype("str") for one in (self.kept, self.failed))
        return RolledBack(counts, kept, failed)


def eases(declared: Field, before: "pd.Series[str]", value: "pd.Series[str]") -> "pd.Series[bool]":
    """Say where giving back the former value would ease a consent or an opt-out (design, law 4)."""
    if declared.survive != "strictest" or declared.type != "boolean":
        return pd.Series(data=False, index=value.index)
    loose = declared.loosest
    return value.notna() & (value != loose) & (before.isna() | (before == loose))


LAYOUTS = (
    (WALK, "walk", ["entity", "system", "source_key", "key", "run"]),
    (RECORD, "records", ["entity", "key", "hashes", "run"]),
)
"""Table of the ledger, its part in an image, and that part's columns."""


def _restore_ledger(target: Target, held: Lease, run: str) -> None:
    """
    Give crosswalk and last values their former content, but for rows that stay in the target, whatever kept them there.

    What stood there before is put back batch by batch; what then still is of this run was new with it.
    """
    staying: set[tuple[str, str]] = set()
    for head, one in history(target, run):
        if one.get("keys"):
            there = target.select(head.entity, ["key"], where=("key", one["keys"]))["key"]
            staying.update((head.entity, key) for key in there)
    for _, one in history(target, run):
        for table, part, columns in LAYOUTS:
            stood = pd.DataFrame(one.get(part, ()), columns=columns).astype("str")
            older = stood[stood["run"] != run]
            patiently(partial(_in_ledger, target, held, target.update, table, _leaving(older, staying)))
    for table, *_ in LAYOUTS:
        new = target.select(table, list(dict.fromkeys([*LEDGER[table].keys, "entity", "key"])), where=("run", [run]))
        for start in range(0, len(new), AT_ONCE):
            gone = _leaving(new.iloc[start : start + AT_ONCE], staying)
            patiently(partial(_in_ledger, target, held, target.delete, table, gone))


def _leaving(rows: pd.DataFrame, staying: set[tuple[str, str]]) -> pd.DataFrame:
    """Return the ledger rows whose record does not stay."""
    if not staying:
        return rows
    return rows[[one not in staying for one in zip(rows["entity"], rows["key"], strict=True)]]


def _in_ledger(target: Target, held: Lease, work: Callable[[str, pd.DataFrame], None], table: str, rows: pd.DataFrame) -> None:
    if not len(rows):
        return
    with target.transaction():
        held.renew()
        work(table, rows)
