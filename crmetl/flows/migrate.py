"""A migration: sources to plan, and, where no approval is asked for, plan to CRM."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from crmetl import __version__
from crmetl.batch import Batch, stack, text_frame
from crmetl.diff import diff_into
from crmetl.flows import accounts, show
from crmetl.flows.fixes.corrections import Corrections, applied, narrowed, standing
from crmetl.flows.journal import Journal
from crmetl.flows.on_demand import OnDemand
from crmetl.flows.opening import Opened, decided, now, open_project, today
from crmetl.flows.records import MERGES, PAIRS, Records, checks_of, settle
from crmetl.flows.sources import Intake, intake
from crmetl.flows.watch import Watch
from crmetl.flows.write import Written, apply_plan
from crmetl.load import open_reader
from crmetl.load.connect import masked, parse_url
from crmetl.plan import Plan, TargetReader
from crmetl.project import Project
from crmetl.quality import RunSummary, build_summary
from crmetl.report.terminal import terminal_summary
from crmetl.text import Lang, Text
from crmetl.validate import retiring
from crmetl.workspace import Workspace, create, run_name


@dataclass(frozen=True)
class Planned:
    """A plan that is made and written down, with its reports."""

    workspace: Workspace
    summary: RunSummary
    plan: Plan
    plan_id: str
    report: Path

    @property
    def status(self) -> str:
        """Return `planned`, `gated` or `nothing`."""
        return self.summary.status

    def facts(self) -> dict[str, object]:
        """Return the JSON of `crmetl plan`."""
        return {
            "run": self.workspace.run,
            "plan": self.plan_id,
            "status": self.status,
            "entities": {name: dict(counts) for name, counts in self.plan.counts.items()},
            "gates": [
                {"name": one.name, "value": one.value, "limit": one.limit, "passed": one.passed} for one in self.summary.gates
            ],
            "report": str(self.report),
            "seconds": self.summary.seconds,
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        return terminal_summary(self.summary, lang, report=self.report)


@dataclass(frozen=True)
class Migrated:
    """A plan and what became of it; `written` is None where nothing was to be written, or a gate forbade it."""

    planned: Planned
    written: Written | None
    target: str

    @property
    def exit(self) -> int:
        """Return the exit code."""
        return 1 if self.planned.status == "gated" else self.written.exit if self.written else 0

    def facts(self) -> dict[str, object]:
        """Return the JSON of `crmetl run`."""
        written = self.written.facts() if self.written else {"written": {}, "parked": 0, "rejected": 0}
        return {**self.planned.facts(), **written, "seconds": self.planned.summary.seconds}

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        if self.written is None:
            return self.planned.lines(lang)
        where = Text("数据库：{url}", "Database: {url}").fill(url=self.target).read(lang)
        return [*self.planned.lines(lang), where, *self.written.lines(lang), "", *self._next(lang)]

    def _next(self, lang: Lang) -> list[str]:
        """Return the three commands that a newcomer would try now."""
        keys = self.planned.plan.operations["key"]
        told = {}
        if len(keys):
            told["show latest --entity account"] = Text("客户逐条，前后对照", "accounts, before and after")
            told[f"explain {self._worth_explaining() or keys.iloc[0]}"] = Text("一条记录的来龙去脉", "the life of one record")
            told["rollback latest"] = Text("撤回这一次写入", "take this run back")
        else:
            told["runs"] = Text("历次运行", "the history")
            told["report latest"] = Text("报告在哪里", "where the reports are")
            told["rollback latest"] = Text("撤回最近一次写入", "take the last load back")
        width = max(map(len, told))
        head = Text("接下来可以试：", "Try next:").read(lang)
        return [head, *(f"  crmetl {name:<{width}}  {text.read(lang)}" for name, text in told.items())]

    def _worth_explaining(self) -> str | None:
        """Return a record of the merge nearest the cut: the one that people ask about."""
        nearest = [pair for one in self.planned.summary.matching for pair in one.nearest]
        return min(nearest, key=lambda pair: pair.mbit).left if nearest else None


def migrate(folder: Path, *, watch: Watch, lang: Lang, reveal: bool, operator: str) -> Migrated:
    """
    Plan and apply in one go.

    Raises:
        PlanRefused: The project asks for an approval.
    """
    opened = open_project(folder)
    accounts.refuse_without_approval(opened.project)
    target = masked(parse_url(opened.url))
    planned = _plan(opened, watch=watch, lang=lang, reveal=reveal, operator=operator)
    if planned.status == "gated":
        return Migrated(planned, None, target)
    written = apply_plan(opened, planned.workspace, planned.plan, planned.plan_id, watch=watch, operator=operator)
    if written.applied.status != "nothing":
        summary = show.settle(planned.workspace, planned.plan, opened.project.schema_, written.applied.status, lang=lang)
        planned = replace(planned, summary=summary)
    return Migrated(planned, written, target)


def make_plan(
    folder: Path,
    *,
    watch: Watch,
    lang: Lang,
    reveal: bool,
    operator: str,
    only: Mapping[str, Collection[str]] | None = None,
) -> Planned:
    """
    Make a plan and its reports; the target is only read.

    Args:
        only: Source -> ids of the only rows that are run (corrected ones); None: all.
    """
    return _plan(open_project(folder), watch=watch, lang=lang, reveal=reveal, operator=operator, only=only)


def _plan(
    opened: Opened,
    *,
    watch: Watch,
    lang: Lang,
    reveal: bool,
    operator: str,
    only: Mapping[str, Collection[str]] | None = None,
) -> Planned:
    project, started = narrowed(opened.project, only), now()
    workspace = create(project.runs, run_name(started, project.fingerprint))
    journal = Journal(workspace, project.schema_, watch)
    with open_reader(opened.url, project.schema_) as reader:
        checks = checks_of(project, today().date())
        taken = intake(project, journal, checks=checks, corrections=Corrections(standing(project), only))
        records = settle(project, journal, reader, models=opened.models, checks=checks, decisions=decided(project))
        workspace.append("pairs", stack(records.pairs, PAIRS))
        watch.begin("diff", "")
        with journal.clock.stage("diff"):
            before = reader.counts()
            plan, ident = _difference(project, journal, records, taken, reader)
            called = accounts.called_in_crm(project, reader, plan, stack(records.pairs, PAIRS))
        watch.end()
    watch.begin("report", "")
    with journal.clock.stage("report"):
        told = accounts.run_facts(
            project,
            journal,
            records,
            taken,
            plan=plan,
            ident=ident,
            before=before,
            called=called,
            started=started,
            ended=now(),
            operator=operator,
        )
        summary = build_summary(told)
        workspace.note("names", {f"{entity}:{key}": name for (entity, key), name in called.items()})
        report = show.write(workspace, summary, plan, project.schema_, lang=lang, reveal=reveal)
    watch.end()
    _note(workspace, summary, plan, undecided=told.undecided)
    return Planned(workspace, summary, plan, ident, report)


def _difference(project: Project, journal: Journal, records: Records, taken: Intake, reader: TargetReader) -> tuple[Plan, str]:
    """Write the plan into the run folder, entity by entity; return it as it stands there, and its id."""
    workspace = journal.workspace
    folder = workspace.plan_folder()
    counts = diff_into(
        folder,
        OnDemand(_written(project, workspace, "final"), lambda entity: Batch(entity, workspace.needed(f"final/{entity}"))),
        reader=reader,
        schema=project.schema_,
        keys=OnDemand(_written(project, workspace, "keys"), lambda entity: _source_keys(journal, entity)),
        matched=records.matched,
        merges=stack(records.merges, MERGES),
        retire=_retire(project, journal),
        counts=accounts.stage_counts(project, journal),
    )
    return folder.done(counts, {**_prints(project, records, taken), **applied(workspace)})


def _written(project: Project, workspace: Workspace, stage: str) -> list[str]:
    """Return the entities of which a stage wrote anything."""
    return [entity for entity in project.schema_.entities if workspace.has(f"{stage}/{entity}")]


def _source_keys(journal: Journal, entity: str) -> pd.DataFrame:
    """Return `system, source_key, rid`: each source key of an entity, and the record that survives of it."""
    keys = journal.workspace.needed(f"keys/{entity}")
    return keys.assign(rid=journal.ended(entity, keys["rid"])).astype("str").reset_index(drop=True)


def _retire(project: Project, journal: Journal) -> pd.DataFrame:
    """Return the records whose filter says that the CRM's row is to be retired."""
    rows = [
        {"entity": entity, "key": None, "rid": rid, "because": rule, "place": None}
        for entity in project.filters
        for rid, rule in journal.dropped.get(entity, {}).items()
        if rule in retiring(project, entity)
    ]
    return pd.DataFrame(rows, dtype="str") if rows else text_frame(["entity", "key", "rid", "because", "place"])


def _prints(project: Project, records: Records, taken: Intake) -> Mapping[str, str]:
    """Return what the plan is made from: declarations, models, and the content of every source file."""
    files = {f"source {one['source']} {one['path']}": str(one["sha256"]) for one in taken.manifest}
    models = {f"model {entity}": model.fingerprint for entity, model in records.models.items()}
    return {"project": project.fingerprint, **models, **files}


def _note(workspace: Workspace, summary: RunSummary, plan: Plan, *, undecided: int) -> None:
    workspace.note(
        "run",
        {
            "run": workspace.run,
            "status": summary.status,
            "plan": summary.plan,
            "started": summary.started,
            "operator": summary.operator,
            "seconds": summary.seconds,
            "version": __version__,
            "operations": len(plan.operations),
            "undecided": undecided,
        },
    )
