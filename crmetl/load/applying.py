"""Apply: an approved plan into the target, parents first, resumed as often as it takes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import pandas as pd

from crmetl.batch import no_rids, stack
from crmetl.errors import PlanRefused
from crmetl.load.lease import lease
from crmetl.load.ledger import Done, Planned, begin, done, finish, is_bare, may_begin
from crmetl.load.matchkeys import indexing
from crmetl.load.pieces import Piece, change_pieces, create_pieces, ledger_pieces
from crmetl.load.readset import MOVED, moved
from crmetl.load.retry import patiently
from crmetl.load.writing import Writer, listed, nothing_moved, overwritten
from crmetl.plan import CELL, Approval, Plan, Target, among, plan_id
from crmetl.schema import Schema
from crmetl.text import Text

KINDS = ("create", "update", "merge", "retire")
OWN = ("key", "group", "rid")
WHOLE = 50_000
"""Groups whose read set is checked at once before the first write."""


@dataclass(frozen=True)
class Applied:
    """
    What an apply did.

    Attributes:
        status: `applied`; `partly`: some rows were parked or rejected, the same apply can be resumed; `nothing`: the plan
            changes nothing in the CRM.
        written: Entity -> how many operations of each kind the run has written so far, earlier tries included.
        parked: Columns group, entity, key, column, reason: what moved since the plan was made, and what hangs on it.
        rejected: The same columns: what the database refused, and what hangs on it.
    """

    status: Literal["applied", "partly", "nothing"]
    written: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    parked: pd.DataFrame = field(default_factory=nothing_moved)
    rejected: pd.DataFrame = field(default_factory=nothing_moved)


def apply(
    plan: Plan,
    *,
    target: Target,
    approval: Approval | None = None,
    run: str,
    now: datetime,
    planned_by: str | None = None,
    planned_at: str | None = None,
    progress: Callable[[int], None] | None = None,
    stale_limit: float = 0.01,
    batch: int = 5_000,
) -> Applied:
    """
    Write a plan.

    Args:
        plan: As signed.
        target: Open for writing; its missing tables are made.
        approval: Of exactly this plan; None where the project asks for none.
        run: Name of the run; a second call with the same name resumes it.
        now: For the ledger.
        planned_by, planned_at: Who had the plan made, and when; for the ledger.
        progress: Told how many operations each commit held.
        stale_limit: Largest share of groups that may have moved since the plan was made; above it nothing is written.
        batch: Operation groups in one transaction.

    Raises:
        PlanRefused: Altered, not the approved one, applied before, or stale.
        LeaseHeld: Another run writes.
        TargetError, MachineError: The database is away, or its disk full; what is committed stays, the call can be repeated.
    """
    ident = plan_id(plan)
    if approval is not None and approval.plan != ident:
        raise PlanRefused(
            Text("签字的不是这份计划", "the approval is for another plan, or the plan was altered"),
            where=run,
            next=Text("重新审阅并签字：crmetl approve", "review it and sign again with `crmetl approve`"),
        )
    if is_bare(plan):
        return Applied("nothing")
    patiently(target.prepare)
    with lease(target, run) as held:
        known = may_begin(target, ident, run=run, approval=approval)
        finished = done(target, run)
        left = _left(plan, finished)
        stale = _stale(target, left, total=plan.operations["group"].nunique(), run=run, limit=stale_limit)
        if not known:
            begin(target, ident, run=run, approval=approval, planned=Planned(planned_by, planned_at), now=now)
        before = overwritten(target, left.crosswalk, left.loaded)
        writer = Writer(target, held, run, before, finished.seq, progress or _silent, indexing=indexing(target))
        _write_all(writer, plan, left, finished, stale, size=batch)
        result = _outcome(plan, writer, finished)
        finish(target, run, result.status, now=now, written=result.written)
    return result


def _silent(_: int) -> None:
    """Tell nobody."""


def _left(plan: Plan, finished: Done) -> Plan:
    """Return what earlier tries of the same run have not committed."""
    if not finished.created and not finished.groups:
        return plan
    creates = {entity: rows[~among(rows.index, list(finished.created.get(entity, ())))] for entity, rows in plan.creates.items()}
    groups = _groups_of(plan, finished)
    names = ("operations", "cells", "crosswalk", "loaded", "children")
    frames = {name: one[~among(one["group"], groups)] for name in names for one in [getattr(plan, name)]}
    return replace(plan, creates=creates, **frames)


def _groups_of(plan: Plan, finished: Done) -> set[str]:
    """Return all groups that are done."""
    made = [rows.loc[among(rows.index, list(finished.created.get(entity, ()))), "group"] for entity, rows in plan.creates.items()]
    return finished.groups.union(*made)


def _stale(target: Target, plan: Plan, *, total: int, run: str, limit: float) -> pd.DataFrame:
    """
    Return what moved in the whole read set since the plan was made; columns MOVED.

    Raises:
        PlanRefused: More groups moved than the limit allows.
    """
    stale = stack([moved(target, piece) for piece in _pieces(plan, target.schema, size=WHOLE)], MOVED)
    odd = stale["group"].nunique()
    if total and odd / total > limit:
        raise PlanRefused(
            Text(
                f"计划已过时：{total:,} 组操作中有 {odd:,} 组的目标数据已被改动",
                f"the plan is stale: {odd:,} of {total:,} operation groups have moved in the target since it was made",
            ),
            where=run,
            next=Text("重新运行 crmetl plan", "run `crmetl plan` again"),
        )
    return stale


def _pieces(plan: Plan, schema: Schema, *, size: int) -> Iterator[Piece]:
    for entity in schema.order():
        if entity in plan.creates:
            yield from create_pieces(plan, entity, plan.creates[entity].rename_axis("key").reset_index(), size=size)
    yield from change_pieces(plan, schema, size=size)


@dataclass
class _Circle:
    """References between new rows whose parent is not written before them."""

    cells: list[pd.DataFrame] = field(default_factory=list)


def _write_all(writer: Writer, plan: Plan, left: Plan, finished: Done, stale: pd.DataFrame, *, size: int) -> None:
    """Write new rows parents first, then circles of references, then changes, then what only the ledger learns."""
    schema, order = writer.target.schema, writer.target.schema.order()
    keys = {entity: _keys_of(rows) for entity, rows in plan.creates.items()}
    circle = _Circle()
    for number, entity in enumerate(order):
        if entity not in plan.creates:
            continue
        earlier = set(order[:number])
        late = [one for one, to in schema.entities[entity].references().items() if to not in earlier]
        rows = plan.creates[entity].rename_axis("key").reset_index()
        circle.cells += _taken_out(entity, rows, late, keys, schema)
        blank = {
            one: rows[one].mask(rows[one].str.startswith("@").fillna(value=False).astype(bool)) for one in late if one in rows
        }
        open_rows = rows.assign(**blank)[among(rows["key"], left.creates[entity].index)]
        for piece in create_pieces(left, entity, open_rows, size=size):
            writer.write(_resolved(_hanging(writer, _parked(writer, piece, stale)), keys, schema))
    _write_circle(writer, circle, finished, size=size)
    for piece in change_pieces(left, schema, size=size):
        free = _hanging(writer, _parked(writer, piece, stale))
        writer.write(replace(free, cells=_resolved_cells(free.cells, keys, schema)))
    for piece in ledger_pieces(left, size=size):
        writer.write(piece)


def _keys_of(rows: pd.DataFrame) -> "pd.Series[str]":
    """Return `@rid` -> key of new rows."""
    if not len(rows):
        return no_rids("key")
    return pd.Series(rows.index.astype("str"), index=pd.Index("@" + rows["rid"], dtype="str"), dtype="str")


def _taken_out(
    entity: str, rows: pd.DataFrame, late: list[str], keys: Mapping[str, "pd.Series[str]"], schema: Schema
) -> list[pd.DataFrame]:
    """Return the cells of a circle: references to new rows that are written later than the row itself."""
    found = []
    for column in late:
        to = schema.entities[entity].references()[column]
        after = rows[column].map(keys[to]).astype("str") if to in keys else pd.Series(dtype="str")
        some = after.dropna()
        mine = rows.loc[some.index]
        cells = mine[["group", "key"]].assign(after=some, own="@" + mine["rid"], to=mine[column], entity=entity, column=column)
        found.append(cells.reset_index(drop=True))
    return [one for one in found if len(one)]


def _write_circle(writer: Writer, circle: _Circle, finished: Done, *, size: int) -> None:
    """Write the references of circles whose both ends are there."""
    if not circle.cells:
        return
    whole = pd.concat(circle.cells, ignore_index=True)
    mine = whole[~among(whole["key"], finished.late)]
    free = mine[~among(mine["own"], writer.lost) & ~among(mine["to"], writer.lost)].reindex(columns=list(CELL)).astype("str")
    groups = pd.Index(free["group"].unique(), dtype="str")
    for start in range(0, len(groups), size):
        some = groups[start : start + size]
        writer.write(Piece("late", None, some, cells=free[among(free["group"], some)]))


def _parked(writer: Writer, piece: Piece, stale: pd.DataFrame) -> Piece:
    """Park the groups of a piece that moved before the first write."""
    if not len(stale):
        return piece
    mine = stale[among(stale["group"], piece.groups)]
    groups = pd.Index(mine["group"].unique(), dtype="str")
    if len(groups):
        writer.leave(piece.only(groups), mine, "parked")
    return piece.without(groups)


def _hanging(writer: Writer, piece: Piece) -> Piece:
    """Park or reject the groups of a piece that refer to a new row that is not there."""
    lost = writer.lost
    if not lost:
        return piece
    frame = piece.rows if piece.kind == "create" else piece.cells
    columns = [name for name in frame.columns if name not in OWN] if piece.kind == "create" else ["after"]
    why = pd.Series(pd.NA, index=frame.index, dtype="str")
    for column in columns:
        why = why.fillna(frame[column].map(lost).astype("str"))
    for outcome in ("parked", "rejected"):
        groups = pd.Index(frame.loc[why == outcome, "group"].unique(), dtype="str")
        hanging = piece.only(groups)
        if len(groups):
            writer.leave(hanging, listed(hanging, f"parent_{outcome}"), outcome)
            piece = piece.without(groups)
    return piece


def _resolved(piece: Piece, keys: Mapping[str, "pd.Series[str]"], schema: Schema) -> Piece:
    """Return the piece with keys for `@rid`."""
    references = schema.entities[str(piece.entity)].references()
    cells = {one: _key(piece.rows[one], keys.get(to)) for one, to in references.items() if one in piece.rows}
    return replace(piece, rows=piece.rows.assign(**cells))


def _resolved_cells(cells: pd.DataFrame, keys: Mapping[str, "pd.Series[str]"], schema: Schema) -> pd.DataFrame:
    parts = [cells.iloc[:0]]
    for (entity, column), own in cells.groupby(["entity", "column"], sort=True):
        to = schema.entities[str(entity)].references().get(str(column))
        parts.append(own.assign(after=_key(own["after"], keys.get(to))) if to else own)
    return pd.concat(parts).reindex(cells.index)


def _key(cells: "pd.Series[str]", keys: "pd.Series[str] | None") -> "pd.Series[str]":
    return cells if keys is None or not len(keys) else cells.map(keys).astype("str").fillna(cells)


def _outcome(plan: Plan, writer: Writer, finished: Done) -> Applied:
    """Count what the run has written and list what it has not."""
    written = _groups_of(plan, finished) | writer.written
    operations = plan.operations[among(plan.operations["group"], written)]
    counted = operations.groupby(["entity", "kind"]).size()
    counts = {
        str(entity): {kind: int(counted.get((entity, kind), 0)) for kind in KINDS} for entity in operations["entity"].unique()
    }
    parked, rejected = (stack(one, MOVED).drop_duplicates(ignore_index=True) for one in (writer.parked, writer.rejected))
    if len(parked) or len(rejected):
        return Applied("partly", counts, parked, rejected)
    return Applied("nothing" if plan.empty() else "applied", counts)
