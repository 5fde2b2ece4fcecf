"""What was planned and what has run: the diff, the history, the reports."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from crmetl.errors import UsageError
from crmetl.flows.opening import open_project
from crmetl.plan import Plan
from crmetl.quality import RunSummary, Status, risk
from crmetl.quality.measured import Measured
from crmetl.report.plan_workbook import write_plan_workbook
from crmetl.report.terminal import show_lines
from crmetl.report.write import write_reports
from crmetl.schema import Schema
from crmetl.text import Lang, Text
from crmetl.workspace import Workspace, find, listing


@dataclass(frozen=True)
class Shown:
    """Lines for a person, and the same as JSON."""

    lines: list[str]
    facts: dict[str, Any]


@dataclass(frozen=True)
class History:
    """All runs, newest first."""

    runs: list[dict[str, Any]]

    def lines(self, lang: Lang) -> list[str]:
        """Return a line a run."""
        if not self.runs:
            return [Text("还没有运行过。", "Nothing has run yet.").read(lang)]
        return [
            f"{one['run']}  {STATUSES.get(one['status'], Text(one['status'], one['status'])).read(lang)}  "
            f"{one['plan'][:16]}  {one['started']}  {one['seconds']:.1f} s" + (PURGED.read(lang) if one["purged"] else "")
            for one in self.runs
        ]


STATUSES = {
    "planned": Text("已计划", "planned"),
    "gated": Text("闸门关闭", "gate closed"),
    "nothing": Text("没有变化", "nothing to do"),
    "approved": Text("已签字", "approved"),
    "applied": Text("已写入", "applied"),
    "partly": Text("部分写入", "partly applied"),
    "rolled_back": Text("已撤回", "taken back"),
    "superseded": Text("已被取代", "superseded"),
}
PURGED = Text("  文件已清除", "  files purged")


def history(folder: Path) -> History:
    """Return the runs of a project."""
    keys = ("run", "status", "plan", "started", "seconds")
    known = listing(open_project(folder).project.runs)
    return History([{**{key: one[key] for key in keys}, "purged": bool(one.get("purged"))} for one in known])


def shown(
    folder: Path, run: str, *, entity: str | None, form: Literal["table", "xlsx", "html"], reveal: bool, lang: Lang
) -> Shown:
    """
    Return what a plan would change.

    Raises:
        UsageError: The entity is not in the schema.
    """
    project = open_project(folder).project
    if entity is not None and entity not in project.schema_.entities:
        raise UsageError(
            Text(f"结构中没有对象 {entity}", f"the schema has no entity {entity}"),
            next=Text("、".join(project.schema_.entities), ", ".join(project.schema_.entities)),
        )
    workspace = find(project.runs, run)
    plan, ident = workspace.read_plan()
    summary = _summary(workspace)
    facts: dict[str, Any] = {"run": workspace.run, "plan": ident, "entities": plan.counts, "operations": [], "file": None}
    if form == "xlsx":
        path = workspace.path("report", f"plan-{entity}.xlsx" if entity else "plan.xlsx")
        write_plan_workbook(plan, path, schema=project.schema_, lang=lang, reveal=reveal, entity=entity)
        return Shown([str(path)], {**facts, "file": str(path)})
    if form == "html":
        path = workspace.folder / "report" / "diff.html"
        return Shown([str(path)], {**facts, "file": str(path)})
    operations = plan.operations if entity is None else plan.operations[plan.operations["entity"] == entity]
    risks = risk(operations, cells=plan.cells, children=plan.children, schema=project.schema_).tolist()
    columns = (operations[name] for name in ("kind", "entity", "key"))
    told = [{"kind": kind, "entity": name, "key": key, "risk": at} for kind, name, key, at in zip(*columns, risks, strict=True)]
    lines = show_lines(plan, summary, schema=project.schema_, entity=entity, lang=lang, reveal=reveal)
    return Shown(lines, {**facts, "operations": told})


def reported(folder: Path, run: str, *, reveal: bool, lang: Lang) -> Shown:
    """Return where the reports of a run are; with `reveal` they are written anew, unmasked."""
    project = open_project(folder).project
    workspace = find(project.runs, run)
    page = workspace.folder / "report" / "index.html"
    if reveal or not page.exists():
        page = _rewritten(workspace, project.schema_, lang=lang, reveal=reveal)
    files = sorted(str(path) for path in page.parent.iterdir())
    return Shown([str(page)], {"run": workspace.run, "report": str(page), "files": files})


def _summary(workspace: Workspace) -> RunSummary:
    return RunSummary.from_json(workspace.path("summary.json").read_text("utf-8"))


def _rewritten(workspace: Workspace, schema: Schema, *, lang: Lang, reveal: bool) -> Path:
    plan, _ = workspace.read_plan()
    return write(workspace, _summary(workspace), plan, schema, lang=lang, reveal=reveal)


def write(workspace: Workspace, summary: RunSummary, plan: Plan, schema: Schema, *, lang: Lang, reveal: bool = False) -> Path:
    """
    Keep the summary of a run, and write its reports; return the page to open first.

    The workbook of the cells, the dearest of them, is not written again where it stands already: a run has one plan.
    """
    workspace.path("summary.json").write_text(summary.to_json(), "utf-8")
    names, shown = workspace.noted("names") or {}, {"lang": lang, "reveal": reveal}
    cells = workspace.noted("shown") != shown or not workspace.path("report", "plan.xlsx").exists()
    page = write_reports(
        summary, plan, workspace.path("report"), schema=schema, lang=lang, reveal=reveal, names=names, cells=cells
    )
    workspace.note("shown", shown)
    return page


def settle(workspace: Workspace, plan: Plan, schema: Schema, status: Status, *, lang: Lang) -> RunSummary:
    """
    Write the reports of a run again, now that it was written or taken back; return the summary with its new status.

    Args:
        lang: Of reports that do not say what they were written in; the others keep their language.
    """
    summary = replace(_summary(workspace), status=status)
    write(workspace, summary, plan, schema, lang=(workspace.noted("shown") or {}).get("lang", lang))
    return summary


def note_measured(workspace: Workspace, schema: Schema, measured: Measured, *, lang: Lang) -> None:
    """Write the reports of a run again, now that a person has labelled a sample of its pairs; `lang` as in `settle`."""
    plan, _ = workspace.read_plan()
    summary = replace(_summary(workspace), measured=measured)
    write(workspace, summary, plan, schema, lang=(workspace.noted("shown") or {}).get("lang", lang))
