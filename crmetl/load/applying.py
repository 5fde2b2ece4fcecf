"""Apply: an approved plan into the target, parents first, resumed as often as it takes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.batch import no_rids, stack
from crmetl.errors import PlanRefused
from crmetl.load.following import indexing_of
from crmetl.load.lease import lease
from crmetl.load.ledger import Done, Planned, begin, done, finish, is_bare, may_begin
from crmetl.load.pieces import Piece, change_piece, create_piece, ledger_piece
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
    ident: str | None = None,
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
        ident: The plan's id, where the caller has just computed it from what it gives.
        planned_by, planned_at: Who had the plan made, and when; for the ledger.
        progress: Told how many operations each commit held.
        stale_limit: Largest share of groups that may have moved since the plan was made; above it nothing is written.
        batch: Operation groups in one transaction.

    Raises:
        PlanRefused: Altered, not the approved one, applied before, or stale.
        LeaseHeld: Another run writes.
        TargetError, MachineError: The database is away, or its disk full; what is committed stays, the call can be repeated.
    """
    ident = plan_id(plan) if ident is None else ident
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
        changes = change_piece(plan, target.schema, finished.groups)
        stale = _stale(target, plan, changes, finished, run=run, limit=stale_limit)
        if not known:
            begin(target, ident, run=run, approval=approval, planned=Planned(planned_by, planned_at), now=now)
        before = overwritten(target, plan, run)
        writer = Writer(target, held, run, before, finished.seq, progress or _silent, indexing=indexing_of(target))
        _write_all(writer, plan, changes, finished, stale, size=batch)
        result = _outcome(plan, writer, finished)
        finish(target, run, result.status, now=now, written=result.written)
    return result


def _silent(_: int) -> None:
    """Tell nobody."""


def _stale(target: Target, plan: Plan, changes: Piece, finished: Done, *, run: str, limit: float) -> pd.DataFrame:
    """
    Return what moved in the whole read set since the plan was made; columns MOVED.

    Raises:
        PlanRefused: More groups moved than the limit allows.
    """
    stale = stack([moved(target, piece) for piece in _read_set(plan, target.schema, changes, finished)], MOVED)
    total, odd = _groups(plan), stale["group"].nunique()
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


def _groups(plan: Plan) -> int:
    """Return the number of operation groups; a new row is one of its own."""
    made = sum(len(rows) for entity in plan.creates for rows in plan.new_rows(entity, ["rid"]))
    return made + plan.changes()["group"].nunique()


def _read_set(plan: Plan, schema: Schema, changes: Piece, finished: Done) -> Iterator[Piece]:
    """Yield the keys that are assumed absent, then the changes."""
    for entity in schema.order():
        for rows in plan.new_rows(entity, ["group", "rid"]) if entity in plan.creates else ():
            left = _left(rows.rename_axis("key").reset_index(), entity, finished)
            yield Piece("create", entity, pd.Index(left["group"], dtype="str"), rows=left)
    yield from changes.slices(WHOLE)


def _left(rows: pd.DataFrame, entity: str, finished: Done) -> pd.DataFrame:
    """Return the new rows that earlier tries of the same run have not committed."""
    made = finished.created.get(entity)
    return rows[~among(rows["key"], made)] if made else rows


class _Keys:
    """Keys of the new rows that others refer to, by `@rid`; read when they are first asked for."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._known: dict[str, tuple[pa.Array, pa.Array]] = {}

    def _of(self, entity: str) -> tuple[pa.Array, pa.Array]:
        if entity not in self._known:
            parts = list(self._plan.new_rows(entity, ["rid"])) if entity in self._plan.creates else []
            rids = pd.concat([one["rid"] for one in parts]) if parts else no_rids("rid")
            self._known[entity] = _texts("@" + rids), _texts(rids.index.to_series())
        return self._known[entity]

    def found(self, cells: "pd.Series[str]", entity: str) -> "pd.Series[str]":
        """Return the keys of the new rows that cells refer to, NA where they refer to none."""
        names, keys = self._of(entity)
        return pd.Series(pd.array(keys.take(pc.index_in(_texts(cells), value_set=names)), dtype="str"), index=cells.index)

    def instead(self, cells: "pd.Series[str]", entity: str) -> "pd.Series[str]":
        """Return the cells with keys for `@rid`."""
        return self.found(cells, entity).fillna(cells)


def _texts(cells: "pd.Series[str]") -> pa.Array:
    texts = pa.array(cells.astype("str"), pa.large_string())
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


@dataclass
class _Circle:
    """References between new rows whose parent is not written before them."""

    cells: list[pd.DataFrame] = field(default_factory=list)


def _write_all(writer: Writer, plan: Plan, changes: Piece, finished: Done, stale: pd.DataFrame, *, size: int) -> None:
    """Write new rows parents first, then circles of references, then changes, then what only the ledger learns."""
    schema, order = writer.target.schema, writer.target.schema.order()
    keys, circle = _Keys(plan), _Circle()
    for number, entity in enumerate(order):
        earlier = set(order[:number])
        late = [one for one, to in schema.entities[entity].references().items() if to not in earlier]
        for part in plan.new_rows(entity) if entity in plan.creates else ():
            rows = part.rename_axis("key").reset_index()
            circle.cells += _taken_out(entity, rows, late, keys, schema)
            piece = create_piece(plan, entity, _left(_without(rows, late), entity, finished))
            free = _hanging(writer, _parked(writer, piece, stale))
            for one in _resolved(free, keys, schema).slices(size):
                writer.write(one)
    _write_circle(writer, circle, finished, size=size)
    for piece in changes.slices(size):
        free = _hanging(writer, _parked(writer, piece, stale))
        writer.write(replace(free, cells=_resolved_cells(free.cells, keys, schema)))
    changed = pd.Index(plan.changes()["group"].unique(), dtype="str")
    for piece in ledger_piece(plan, changed, finished.groups).slices(size):
        writer.write(piece)


def _without(rows: pd.DataFrame, late: list[str]) -> pd.DataFrame:
    """Return rows without the references to new rows that are written later."""
    blank = {one: rows[one].mask(rows[one].str.startswith("@").fillna(value=False).astype(bool)) for one in late if one in rows}
    return rows.assign(**blank)


def _taken_out(entity: str, rows: pd.DataFrame, late: list[str], keys: _Keys, schema: Schema) -> list[pd.DataFrame]:
    """Return the cells of a circle: references to new rows that are written later than the row itself."""
    found = []
    for column in (one for one in late if one in rows and rows[one].notna().any()):
        to = schema.entities[entity].references()[column]
        some = keys.found(rows[column], to).dropna()
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


def _resolved(piece: Piece, keys: _Keys, schema: Schema) -> Piece:
    """Return the piece with keys for `@rid`."""
    references = schema.entities[str(piece.entity)].references()
    cells = {one: keys.instead(piece.rows[one], to) for one, to in references.items() if one in piece.rows}
    return replace(piece, rows=piece.rows.assign(**cells))


def _resolved_cells(cells: pd.DataFrame, keys: _Keys, schema: Schema) -> pd.DataFrame:
    parts = [cells.iloc[:0]]
    for (entity, column), own in cells.groupby(["entity", "column"], sort=True):
        to = schema.entities[str(entity)].references().get(str(column))
        parts.append(own.assign(after=keys.instead(own["after"], to)) if to else own)
    return pd.concat(parts).reindex(cells.index)


def _outcome(plan: Plan, writer: Writer, finished: Done) -> Applied:
    """Count what the run has written and list what it has not."""
    counted = finished.written + writer.written
    entities = dict.fromkeys(entity for entity, _ in counted)
    counts = {entity: {kind: counted[(entity, kind)] for kind in KINDS} for entity in entities}
    parked, rejected = (stack(one, MOVED).drop_duplicates(ignore_index=True) for one in (writer.parked, writer.rejected))
    if len(parked) or len(rejected):
        return Applied("partly", counts, parked, rejected)
    return Applied("nothing" if plan.empty() else "applied", counts)
