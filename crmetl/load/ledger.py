"""The ledger: runs, their approvals, the batches they committed, and what each batch overwrote."""

import base64
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from crmetl.errors import PlanRefused
from crmetl.load.relations import LEDGER, OPERATIONS, RUN
from crmetl.plan import Approval, Plan, Target, TargetReader
from crmetl.text import Text

Image = dict[str, Any]

SHORT = 4_096
"""Characters up to which a before-image is kept plain."""

PACKED = "zlib64:"
"""Mark of a compressed image: zlib in base64. Of 5,000 updates of two cells with their last values it leaves 29 %."""


@dataclass
class Done:
    """
    What a run has committed so far.

    Attributes:
        created: Entity -> keys of rows it made.
        groups: Operation groups (and ledger-only groups) that are done, those of created rows not among them.
        late: Keys of rows whose reference in a circle is written.
        written: (entity, kind) -> operations that are done.
        seq: Number of the last batch.
    """

    created: dict[str, set[str]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    written: Counter[tuple[str, str]] = field(default_factory=Counter)
    seq: int = 0


def one_row(cells: Mapping[str, str | None]) -> pd.DataFrame:
    """Return a frame of one row."""
    return pd.DataFrame({name: pd.Series([value], dtype="str") for name, value in cells.items()})


def runs(target: TargetReader) -> pd.DataFrame:
    """
    Return every run that wrote to the target, oldest first.

    Returns:
        Columns run, plan, status (`running`, `applied`, `partly`, `nothing`, `rolled_back`), approved_by, approved_role,
        approved_at, planned_by, planned_at, started_at, finished_at, written (JSON text).
    """
    select = getattr(target, "select")  # noqa: B009 every reader of this room has it; the planning port does not ask for it
    whole: pd.DataFrame = select(RUN, list(LEDGER[RUN].kinds))
    return whole.sort_values(["started_at", "run"], ignore_index=True)


def may_begin(target: Target, plan: str, *, run: str, approval: Approval | None) -> bool:
    """
    Say whether a run is in the ledger already, to be resumed.

    Raises:
        PlanRefused: The run is done, is another plan's, or the approval was used for another run.
    """
    ledger = runs(target)
    mine = ledger[ledger["run"] == run]
    signed = approval.at if approval else None
    used = (
        ledger[(ledger["plan"] == plan) & (ledger["approved_at"] == signed) & (ledger["run"] != run)] if signed else mine.iloc[:0]
    )
    if len(used):
        raise _refused(
            Text("这次签字已用于另一次写入", "this approval was already used for another run"), str(used["run"].iloc[0])
        )
    if not len(mine):
        return False
    if mine["plan"].iloc[0] != plan:
        raise _refused(Text("这次运行写入的是另一份计划", "this run writes another plan"), run)
    if mine["status"].iloc[0] not in ("running", "partly"):
        raise _refused(Text("这份计划已经写入过", "this plan was already applied"), run)
    return True


@dataclass(frozen=True)
class Planned:
    """Who had the plan made, and when (ISO 8601, UTC); None where nobody said."""

    by: str | None = None
    at: str | None = None


def begin(target: Target, plan: str, *, run: str, approval: Approval | None, planned: Planned, now: datetime) -> None:
    """Enter a run into the ledger."""
    with target.transaction():
        target.insert(RUN, one_row({**_entry(plan, run, approval, now), "planned_by": planned.by, "planned_at": planned.at}))


def _entry(plan: str, run: str, approval: Approval | None, now: datetime) -> dict[str, str | None]:
    signed = {"approved_by": approval.by, "approved_role": approval.role, "approved_at": approval.at} if approval else {}
    return {"run": run, "plan": plan, "status": "running", "started_at": now.isoformat(), **signed}


def _refused(what: Text, where: str) -> PlanRefused:
    return PlanRefused(
        what, where=where, next=Text("重新运行 crmetl plan 并签字", "run `crmetl plan` again and have it approved")
    )


def finish(
    target: Target, run: str, status: str, *, now: datetime, written: Mapping[str, Mapping[str, int]] | None = None
) -> None:
    """Say in the ledger how a run ended."""
    cells = {"run": run, "status": status, "finished_at": now.isoformat()}
    counts = {} if written is None else {"written": json.dumps(written, sort_keys=True)}
    with target.transaction():
        target.update(RUN, one_row({**cells, **counts}))


def record(target: Target, *, run: str, seq: int, kind: str, entity: str | None, rows: int, image: Image) -> None:
    """Write the ledger row of one batch, in the transaction that writes the batch."""
    packed = pack(json.dumps(image, ensure_ascii=False, separators=(",", ":")))
    cells = {"run": run, "seq": f"{seq:08d}", "kind": kind, "entity": entity, "rows": str(rows), "image": packed}
    target.insert(OPERATIONS, one_row(cells))


def pack(text: str) -> str:
    """
    Return a before-image as the ledger keeps it: compressed, unless it is short enough to be read by a person.

    >>> pack("{}"), pack("[" + "1," * 9000 + "1]")[:7]
    ('{}', 'zlib64:')
    """
    if len(text) < SHORT:
        return text
    return PACKED + base64.b64encode(zlib.compress(text.encode(), level=1)).decode("ascii")


def unpack(text: str) -> str:
    """
    Return the JSON of a before-image; version 1 of the ledger wrote it plain.

    >>> unpack(pack("[" + "1," * 9000 + "1]")) == "[" + "1," * 9000 + "1]"
    True
    """
    return zlib.decompress(base64.b64decode(text[len(PACKED) :])).decode() if text.startswith(PACKED) else text


def batches(target: Target, run: str) -> pd.DataFrame:
    """Return the committed batches of a run in their order, with their images; `heads` and `image` do so one at a time."""
    return target.select(OPERATIONS, where=("run", [run])).sort_values("seq", ignore_index=True)


def images(frame: pd.DataFrame) -> list[Image]:
    """Return the images of some batches."""
    return [json.loads(unpack(text)) for text in frame["image"]]


@dataclass(frozen=True)
class Head:
    """A committed batch, without its image."""

    seq: str
    kind: str
    entity: str
    undone: bool


def heads(target: TargetReader, run: str) -> list[Head]:
    """Return the committed batches of a run in their order."""
    names = ["seq", "kind", "entity", "undone"]
    select = getattr(target, "select")  # noqa: B009 as in `runs`
    frame: pd.DataFrame = select(OPERATIONS, names, where=("run", [run])).sort_values("seq")
    cells = zip(frame["seq"], frame["kind"], frame["entity"].fillna(""), frame["undone"].notna(), strict=True)
    return [Head(str(seq), str(kind), str(entity), bool(undone)) for seq, kind, entity, undone in cells]


def image(target: TargetReader, run: str, seq: str) -> Image:
    """Return the image of one batch."""
    select = getattr(target, "select")  # noqa: B009 as in `runs`
    found: pd.DataFrame = select(OPERATIONS, ["image"], where=("seq", [seq]), also=("run", run))
    return images(found)[0]


def history(target: TargetReader, run: str) -> Iterator[tuple[Head, Image]]:
    """Yield the committed batches of a run in their order; one image is in memory at a time."""
    for head in heads(target, run):
        yield head, image(target, run, head.seq)


def done(target: Target, run: str) -> Done:
    """Return what a run has committed so far."""
    found = Done()
    for head, one in history(target, run):
        found.seq = int(head.seq)
        if head.kind == "create":
            found.created.setdefault(head.entity, set()).update(one["keys"])
            found.written[(head.entity, "create")] += len(one["keys"])
        elif head.kind == "late":
            found.late.update(key for _, key, *_ in one["cells"])
        else:
            found.groups.update(one["groups"])
            found.written.update((entity, kind) for _, kind, entity, _ in one["operations"])
    return found


def is_bare(plan: Plan) -> bool:
    """Say whether a plan has nothing to write at all, not even to the ledger."""
    return not any(plan.size(name) for name in ("operations", "crosswalk", "loaded"))
