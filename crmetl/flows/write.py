"""What writes: approve, apply, rollback, tables. The only callers of `crmetl.load.apply`."""

import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crmetl.batch import text_frame
from crmetl.errors import PlanRefused
from crmetl.flows.opening import Opened, now, open_project, pin
from crmetl.flows.watch import Watch
from crmetl.load import Applied, RolledBack, apply, create_schema, open_target, rollback
from crmetl.load.connect import masked, parse_url
from crmetl.plan import Approval, Plan
from crmetl.text import Lang, Text
from crmetl.workspace import Workspace, find

PARTLY = 7
LISTED = 10
"""Parked or rejected rows told on a terminal; all are in the run folder."""


@dataclass(frozen=True)
class Written:
    """What an apply wrote."""

    run: str
    plan: str
    applied: Applied
    seconds: float
    pinned: tuple[str, ...] = ()

    @property
    def exit(self) -> int:
        """Return 7 where something was parked or rejected."""
        return PARTLY if self.applied.status == "partly" else 0

    def facts(self) -> dict[str, object]:
        """Return the JSON of `crmetl apply`."""
        return {
            "run": self.run,
            "plan": self.plan,
            "status": self.applied.status,
            "written": {entity: dict(kinds) for entity, kinds in self.applied.written.items()},
            "parked": int(self.applied.parked["group"].nunique()),
            "rejected": int(self.applied.rejected["group"].nunique()),
            "pinned": list(self.pinned),
            "seconds": self.seconds,
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        if self.applied.status == "nothing":
            return [Text("CRM 没有变化。", "Nothing in the CRM has changed.").read(lang)]
        total = sum(sum(kinds.values()) for kinds in self.applied.written.values())
        head = Text("已写入 {n:,} 项变更，用时 {s:.1f} s。", "{n:,} changes written in {s:.1f} s.").fill(n=total, s=self.seconds)
        tail = Text("撤回：crmetl rollback {run}", "To take it back: crmetl rollback {run}").fill(run=self.run)
        return [head.read(lang), *self._left_out(lang), *self._pinned(lang), tail.read(lang)]

    def _pinned(self, lang: Lang) -> list[str]:
        text = Text(
            "学到的匹配模型已固定：rules/model-{name}.yaml；夜间清洗和录入查重沿用它。",
            "The match model that was learnt is pinned: rules/model-{name}.yaml; nights and checks go by it.",
        )
        return [text.fill(name=name).read(lang) for name in self.pinned]

    def _left_out(self, lang: Lang) -> list[str]:
        texts = {
            "parked": Text(
                "{n:,} 组操作已停下：所涉数据在计划之后被人改过", "{n:,} groups are parked: their data moved after the plan"
            ),
            "rejected": Text("{n:,} 组操作被数据库拒绝", "{n:,} groups were refused by the database"),
        }
        lines = []
        for name, text in texts.items():
            rows: pd.DataFrame = getattr(self.applied, name)
            if len(rows):
                lines.append(text.fill(n=rows["group"].nunique()).read(lang))
                shown = rows.head(LISTED).fillna("")
                lines += [f"  {entity} {key} {column} {why}" for entity, key, column, why in _cells(shown)]
        return lines


def _cells(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(zip(*(rows[name].astype("str") for name in ("entity", "key", "column", "reason")), strict=True))


@dataclass(frozen=True)
class TakenBack:
    """What a rollback did."""

    run: str
    result: RolledBack
    seconds: float

    @property
    def exit(self) -> int:
        """Return 7 where something was kept or failed."""
        return PARTLY if len(self.result.kept) or len(self.result.failed) else 0

    def facts(self) -> dict[str, object]:
        """Return the JSON of `crmetl rollback`."""
        return {
            "run": self.run,
            "status": "partly" if self.exit else "rolled_back",
            "reversed": {entity: dict(kinds) for entity, kinds in self.result.reversed.items()},
            "kept": len(self.result.kept),
            "failed": len(self.result.failed),
            "seconds": self.seconds,
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        total = sum(sum(kinds.values()) for kinds in self.result.reversed.values())
        text = Text(
            "已撤回 {n:,} 项；保留 {k:,} 项（其后有人改过）；失败 {f:,} 项。",
            "{n:,} taken back; {k:,} kept (edited since); {f:,} failed.",
        )
        head = text.fill(n=total, k=len(self.result.kept), f=len(self.result.failed)).read(lang)
        shown = self.result.kept.head(LISTED).fillna("")
        return [head, *(f"  {entity} {key} {column} {why}" for entity, key, column, why in _cells(shown))]


@dataclass(frozen=True)
class Signed:
    """An approval that is recorded."""

    run: str
    plan: str
    at: str


def approve_run(folder: Path, run: str, *, by: str, role: str | None, comment: str | None) -> Signed:
    """
    Sign the plan of a run.

    Raises:
        PlanRefused: There is no plan, it was altered, or one of its gates is closed.
    """
    project = open_project(folder).project
    workspace = find(project.runs, run)
    _, ident = workspace.read_plan()
    note = workspace.noted("run") or {}
    if note.get("status") == "gated":
        raise PlanRefused(
            Text("有闸门关闭，这份计划不能签", "a gate is closed; this plan cannot be signed"),
            where=workspace.run,
            next=Text(f"crmetl report {workspace.run} 看是哪一道", f"crmetl report {workspace.run} says which"),
        )
    if undecided := int(note.get("undecided", 0)):
        raise PlanRefused(
            Text(f"还有 {undecided} 个来源列没有决定去处", f"{undecided} source columns are still undecided"),
            where=workspace.run,
            next=Text(
                '逐列写明，或 crmetl lint --drop-undecided "理由"', 'decide them, or crmetl lint --drop-undecided "reason"'
            ),
        )
    at = now().isoformat(timespec="seconds")
    workspace.sign(Approval(ident, by, role, at, comment))
    workspace.note("run", {**note, "status": "approved"})
    return Signed(workspace.run, ident, at)


def apply_run(folder: Path, run: str, *, watch: Watch) -> Written:
    """
    Write the plan of a run, if it is signed (or the project asks for no signature).

    Raises:
        PlanRefused: It is not signed, was altered, or the project or its sources are not those it was made from.
    """
    opened = open_project(folder)
    workspace = find(opened.project.runs, run)
    plan, ident = workspace.read_plan()
    approval = workspace.signed()
    if (workspace.noted("run") or {}).get("status") == "gated" or (opened.project.approval and approval is None):
        raise PlanRefused(
            Text("这份计划没有签字", "this plan is not approved"),
            where=workspace.run,
            next=Text(
                f"先看 crmetl show {workspace.run}，再 crmetl approve {workspace.run} --by 姓名 --role 职务",
                f"look with `crmetl show {workspace.run}`, then `crmetl approve {workspace.run} --by NAME --role ROLE`",
            ),
        )
    _refuse_changed(opened, plan, workspace)
    done = apply_plan(opened, workspace, plan, ident, watch=watch, operator=approval.by if approval else None)
    if done.applied.status != "nothing":
        from crmetl.flows import show  # noqa: PLC0415 what renders reports is slow to load, and a signature needs none

        show.settle(workspace, plan, opened.project.schema_, done.applied.status, lang=opened.project.locale)
    return done


def apply_plan(opened: Opened, workspace: Workspace, plan: Plan, ident: str, *, watch: Watch, operator: str | None) -> Written:
    """Write a plan and note how it went."""
    start = time.perf_counter()
    project, note = opened.project, workspace.noted("run") or {}
    watch.begin("apply", "")
    with open_target(opened.url, project.schema_) as target:
        done = apply(
            plan,
            target=target,
            approval=workspace.signed(),
            run=workspace.run,
            now=now(),
            ident=ident,
            planned_by=note.get("operator"),
            planned_at=note.get("started"),
            progress=watch.advance,
            stale_limit=project.stale_limit,
        )
    watch.end()
    seconds = round(time.perf_counter() - start, 3)
    for name, rows in (("parked", done.parked), ("rejected", done.rejected)):
        workspace.forget(name)
        workspace.append(name, rows)
    note = workspace.noted("run") or {}
    workspace.note("run", {**note, "status": done.status, "applied_by": operator, "apply_seconds": seconds})
    return Written(workspace.run, ident, done, seconds, pin(project, workspace) if done.status != "nothing" else ())


def roll_back(folder: Path, run: str, *, watch: Watch, operator: str | None = None) -> TakenBack:
    """
    Take a run back; CRM rows that it had merged are remembered as different, so that no run proposes them again.

    Args:
        operator: Who takes it back.
    """
    from crmetl.flows import show  # noqa: PLC0415 what renders reports is slow to load, and a signature needs none
    from crmetl.flows.parting import merges_of, part, reach_store  # noqa: PLC0415 the same of the matcher

    opened = open_project(folder)
    workspace = find(opened.project.runs, run, status=("applied", "partly"))
    note, start = workspace.noted("run") or {}, time.perf_counter()
    plan = _known_plan(workspace)
    merges = merges_of(plan) if plan else text_frame(["entity", "key", "survivor"])
    reach_store(opened, merges)
    watch.begin("rollback", "")
    with open_target(opened.url, opened.project.schema_) as target:
        done = rollback(workspace.run, target=target, now=now(), progress=watch.advance)
    watch.end()
    workspace.note("run", {**note, "status": "rolled_back"})
    part(opened, merges, done, by=operator)
    if plan is not None:  # the ledger knows all that a rollback needs; only reports and decisions need the run's files
        show.settle(workspace, plan, opened.project.schema_, "rolled_back", lang=opened.project.locale)
    return TakenBack(workspace.run, done, round(time.perf_counter() - start, 3))


def _known_plan(workspace: Workspace) -> Plan | None:
    """Return the plan of a run, None where it was purged or altered: the rollback itself goes by the ledger."""
    try:
        return workspace.read_plan()[0]
    except PlanRefused:
        return None


def create_tables(folder: Path) -> tuple[str, tuple[str, ...]]:
    """Make the target's tables; return the target (masked) and what was made."""
    opened = open_project(folder)
    return masked(parse_url(opened.url)), create_schema(opened.url, opened.project.schema_)


def _refuse_changed(opened: Opened, plan: Plan, workspace: Workspace) -> None:
    """
    Refuse a plan whose declarations are no longer those of the project.

    Raises:
        PlanRefused: Mappings, rules or schema were changed since the plan was made.
    """
    if plan.prints.get("project") not in (None, opened.project.fingerprint):
        raise PlanRefused(
            Text("映射、规则或结构在计划之后被改过", "mappings, rules or schema were changed after the plan was made"),
            where=workspace.run,
            next=Text("重新运行 crmetl plan", "run `crmetl plan` again"),
        )
