"""Rollback: what a run wrote, taken back from the before-images, where nobody has touched it since."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import pandas as pd

from crmetl.batch import text_frame
from crmetl.errors import PlanRefused
from crmetl.load.lease import Lease, lease
from crmetl.load.ledger import Image, batches, finish, images, one_row, runs
from crmetl.load.readset import cell_values, current
from crmetl.load.refusals import Refused
from crmetl.load.relations import OPERATIONS, RECORD, WALK
from crmetl.load.retry import patiently
from crmetl.load.writing import written_columns
from crmetl.plan import Target, among, canonical, row_hashes
from crmetl.schema.model import Field
from crmetl.text import Text

KEPT = ("entity", "key", "column", "reason")
"""reason: `edited` since, `deleted` since, `children` of others hang on it, `consent` that may only tighten; of failed ones
why the database refused."""

CELL_IMAGE = ("entity", "key", "column", "before", "after", "group")
OPERATION_IMAGE = ("group", "kind", "entity", "key")
AT_ONCE = 2_000


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
        history = batches(target, run)
        taker = _Taker(target, held, progress or _silent)
        for number in reversed(range(len(history))):
            one = history.iloc[number]
            if pd.isna(one["undone"]):
                taker.take_back(str(one["kind"]), one["entity"], images(history.iloc[[number]])[0])
                _mark(target, held, run, str(one["seq"]))
        whole = images(history)
        _restore_ledger(target, held, run, whole, _staying(target, _made(history["entity"].tolist(), whole)))
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
    mine = images(batches(target, run))
    made = _made(batches(target, run)["entity"].tolist(), mine)
    touched = {(entity, key) for entity, keys in made.items() for key in keys} | _touched(mine)
    hung = _hung(target, made)
    return [other for other in later if _reaches(target, other, touched, hung)]


def _made(entities: Sequence[Any], whole: Sequence[Image]) -> dict[str, set[str]]:
    made: dict[str, set[str]] = {}
    for entity, image in zip(entities, whole, strict=True):
        made.setdefault(str(entity), set()).update(image.get("keys", ()))
    return {entity: keys for entity, keys in made.items() if keys}


def _touched(whole: Sequence[Image]) -> set[tuple[str, str]]:
    cells = {(cell[0], cell[1]) for image in whole for cell in image.get("cells", ())}
    return cells | {(operation[2], operation[3]) for image in whole for operation in image.get("operations", ())}


def _hung(target: Target, made: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Return the rows that refer to rows a run made."""
    found: set[tuple[str, str]] = set()
    for entity, keys in made.items():
        children = target.children(entity, sorted(keys))
        found.update(zip(children["child_entity"], children["child_key"], strict=True))
    return found


def _reaches(target: Target, run: str, touched: set[tuple[str, str]], hung: set[tuple[str, str]]) -> bool:
    frame = batches(target, run)
    theirs = images(frame)
    made = {(entity, key) for entity, keys in _made(frame["entity"].tolist(), theirs).items() for key in keys}
    if (_touched(theirs) & touched) or (made & hung):
        return True
    ledger = [target.select(table, ["entity", "key"], where=("run", [run])) for table in (WALK, RECORD)]
    return any(touched.intersection(zip(one["entity"], one["key"], strict=True)) for one in ledger)


def _mark(target: Target, held: Lease, run: str, seq: str) -> None:
    with target.transaction():
        held.renew()
        target.update(OPERATIONS, one_row({"run": run, "seq": seq, "undone": "yes"}))


def _staying(target: Target, made: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Return the rows of a run that are still in the target, whatever kept them there."""
    return {
        (entity, key)
        for entity, keys in made.items()
        for key in target.select(entity, ["key"], where=("key", sorted(keys)))["key"]
    }


@dataclass
class _Taker:
    """Takes batches back one after the other; remembers what stays."""

    target: Target
    held: Lease
    progress: Callable[[int], None]
    kept: list[tuple[str, str, str | None, str]] = field(default_factory=list)
    failed: list[tuple[str, str, str | None, str]] = field(default_factory=list)
    taken: set[tuple[str, str, str, str]] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    def take_back(self, kind: str, entity: str, image: Image) -> None:
        """Take one batch back."""
        if kind == "create":
            rows = pd.DataFrame({"key": image["keys"], "hash": image["hashes"]}, dtype="str")
            self._in_halves(rows, lambda some: self._remove(entity, some), lambda some, why: self._fail_rows(entity, some, why))
        elif "cells" in image:
            cells = pd.DataFrame(image["cells"], columns=list(CELL_IMAGE)).astype("str")
            operations = pd.DataFrame(image["operations"], columns=list(OPERATION_IMAGE)).astype("str")
            self._in_halves(cells, lambda some: self._restore(some, operations), self._fail_cells)

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
        kept, taken, broken = len(self.kept), set(self.taken), set(self.broken)
        try:
            with self.target.transaction():
                self.held.renew()
                return work(rows)
        except BaseException:
            self.kept, self.taken, self.broken = self.kept[:kept], taken, broken
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
        self.taken.update((f"{entity}/{key}", "create", entity, key) for key in free["key"])
        return len(free)

    def _restore(self, cells: pd.DataFrame, operations: pd.DataFrame) -> int:
        """Give cells their former values, where they still hold what the run wrote."""
        for (entity, column), own in cells.groupby(["entity", "column"], sort=True):
            self.broken |= self._restore_column(str(entity), str(column), own)
        whole = operations[among(operations["group"], cells["group"])]
        self.taken.update(zip(*(whole[name] for name in OPERATION_IMAGE), strict=True))
        return len(whole)

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
        whole = Counter((entity, kind) for group, kind, entity, _ in self.taken if group not in self.broken)
        for (entity, kind), number in sorted(whole.items()):
            counts.setdefault(entity, {})[kind] = number
        kept, failed = (pd.DataFrame(one, columns=list(KEPT)).astype("str") for one in (self.kept, self.failed))
        return RolledBack(counts, kept, failed)


def eases(declared: Field, before: "pd.Series[str]", value: "pd.Series[str]") -> "pd.Series[bool]":
    """Say where giving back the former value would ease a consent or an opt-out (design, law 4)."""
    if declared.survive != "strictest" or declared.type != "boolean":
        return pd.Series(data=False, index=value.index)
    loose = declared.default or "no"
    return value.notna() & (value != loose) & (before.isna() | (before == loose))


def _restore_ledger(target: Target, held: Lease, run: str, whole: Sequence[Image], staying: set[tuple[str, str]]) -> None:
    """Give crosswalk and last values their former content, but for rows that stay in the target."""
    layouts = (
        (WALK, "walk", ["entity", "system", "source_key", "key", "run"]),
        (RECORD, "records", ["entity", "key", "hashes", "run"]),
    )
    for table, part, columns in layouts:
        keys = columns[: columns.index("run") - 1]
        now = target.select(table, list(dict.fromkeys([*keys, "key"])), where=("run", [run]))
        mine = pd.Series(list(zip(now["entity"], now["key"], strict=True)), index=now.index, dtype="object")
        back = now[~mine.isin(staying)]
        stood = pd.DataFrame([row for image in whole for row in image.get(part, ())], columns=columns).astype("str")
        both = back[keys].merge(stood, how="left", on=keys)
        for start in range(0, len(both), AT_ONCE):
            some = both.iloc[start : start + AT_ONCE]
            patiently(partial(_put_back, target, held, table, some))


def _put_back(target: Target, held: Lease, table: str, rows: pd.DataFrame) -> None:
    with target.transaction():
        held.renew()
        known = rows["run"].notna()
        target.delete(table, rows[~known])
        target.update(table, rows[known])
