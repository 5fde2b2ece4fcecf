"""The night: the CRM itself is read, cleaned and matched; what is sure is written under caps, the rest waits for a person."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from crmetl import __version__
from crmetl.batch import stack
from crmetl.clean import RULES as CLEANING
from crmetl.clean import STAGE_RULES
from crmetl.errors import ProjectError, UsageError
from crmetl.flows import accounts, show
from crmetl.flows.journal import Journal
from crmetl.flows.nightly.match import Matched, Matching, match
from crmetl.flows.nightly.past import Past, past
from crmetl.flows.nightly.plan import Halves, caps_of, changes_of, counts_of, plan_night, proposed
from crmetl.flows.nightly.rows import CRM, RULES, Cleaned, ReadOnce, Seen, entities_of, look, rules_print, stages
from crmetl.flows.nightly.seen import keep
from crmetl.flows.nightly.told import Night, Waiting
from crmetl.flows.opening import Opened, now, open_project, today
from crmetl.flows.records import PAIRS, Records, checks_of
from crmetl.flows.sources import Intake, SourceCount
from crmetl.flows.watch import Watch
from crmetl.flows.write import TakenBack, Written, apply_plan, roll_back
from crmetl.load import open_reader
from crmetl.plan import Plan, TargetReader, among, plan_id
from crmetl.project import Project, resolve_url
from crmetl.quality import RunSummary, build_summary
from crmetl.quality.facts import RunFacts
from crmetl.quality.summary import Decision, GateResult
from crmetl.store import Store, open_store
from crmetl.text import Lang, Text
from crmetl.workspace import Workspace, create, find, listing, run_name

KIND, WAITING = "nightly", "waiting"
"""Kinds of runs in run.json: what a night writes by itself, and what it leaves to a person."""
OPEN = ("planned", "approved")
"""Statuses of a waiting run that a person can still do something with."""


@dataclass(frozen=True)
class Tonight:
    """What a night goes by, from its first look to its last line."""

    opened: Opened
    journal: Journal
    started: datetime
    watch: Watch
    lang: Lang
    reveal: bool
    operator: str
    dry_run: bool

    @property
    def project(self) -> Project:
        """The project; its gates are for migrations, a night has its caps."""
        return self.opened.project.model_copy(update={"gates": ()})


@dataclass
class Found:
    """What was seen and said of the CRM, and the plan that comes of it."""

    seen: dict[str, Seen]
    print: str
    anew: bool
    halves: Halves
    records: Records = field(default_factory=Records)
    before: Mapping[str, int] = field(default_factory=dict)
    called: Mapping[tuple[str, str], str] = field(default_factory=dict)


def nightly(folder: Path, *, watch: Watch, lang: Lang, reveal: bool, operator: str, dry_run: bool = False) -> Night:
    """
    Cleanse the CRM: write what asks nobody, park the rest as a plan of its own.

    Nothing is remembered before all is written and parked, so that a killed night is simply run again.

    Args:
        dry_run: Only the plan and its report; neither the CRM nor the store is written.

    Raises:
        ProjectError: `nightly` names an entity or a rule that is not there.
        LeaseHeld: Another run writes to the CRM.
    """
    opened = open_project(folder)
    _refuse_unknown(opened.project)
    started = now()
    workspace = create(opened.project.runs, run_name(started, opened.project.fingerprint, "night"))
    journal = Journal(workspace, opened.project.schema_, watch)
    tonight = Tonight(opened, journal, started, watch, lang, reveal, operator, dry_run)
    with open_store(resolve_url(opened.project.store, opened.project, os.environ)) as store:
        found = _found(tonight, store)
        summary, report = _planned(tonight, found, workspace, found.halves.safe)
        gated = summary.status == "gated"
        written = None if dry_run or gated or found.halves.safe.empty() else _write(tonight, workspace, found.halves.safe)
        waiting = _park(tonight, found)
        if not dry_run and not gated:
            keep(store, found.seen, found.halves, written.applied if written else None)
            store.remember(RULES, found.print)
    status = written.applied.status if written else summary.status
    if written:
        show.settle(workspace, found.halves.safe, opened.project.schema_, written.applied.status, lang=lang)
    return Night(
        run=workspace.run,
        plan=summary.plan,
        status=status,
        entities={name: dict(one) for name, one in found.halves.safe.counts.items()},
        labels={name: opened.project.schema_.entities[name].label for name in found.seen},
        changed=sum(len(one.changed) for one in found.seen.values()),
        waiting=waiting,
        caps=summary.gates,
        undone=found.halves.undone,
        doubts=sum(one.doubts for one in summary.matching),
        anew=found.anew,
        written=written,
        report=report,
        seconds=round((now() - started).total_seconds(), 3),
    )


def undo(folder: Path, run: str, *, watch: Watch, operator: str | None = None) -> TakenBack:
    """
    Take a night back.

    Args:
        run: Of a night, or of what a person approved of one; `latest` is the last night that wrote.
        operator: Who takes it back.

    Raises:
        UsageError: No night wrote anything, or the run is no night's.
    """
    project = open_project(folder).project
    nights = {str(one["run"]): one for one in listing(project.runs) if one.get("kind") in (KIND, WAITING)}
    wrote = [name for name, one in nights.items() if one["kind"] == KIND and one["status"] in ("applied", "partly")]
    name = find(project.runs, run).run if run != "latest" else max(wrote, default="")
    if name not in nights:
        raise UsageError(
            Text("没有写过数据的夜间清洗", "no night has written anything")
            if not name
            else Text("这不是夜间清洗", "this run is no night's"),
            where=name or str(project.runs),
            next=Text(
                "crmetl runs 列出全部运行；迁移用 crmetl rollback 撤回",
                "`crmetl runs` lists all runs; a migration is taken back with `crmetl rollback`",
            ),
        )
    return roll_back(folder, name, watch=watch, operator=operator)


def _refuse_unknown(project: Project) -> None:
    """
    Refuse settings of the night that name what is not there: a rule that is never found would never be trusted.

    Raises:
        ProjectError: An entity is not in the schema, or a rule is none of the catalogue's, the filters' or the faults that
            blank a cell.
    """
    filters = {one.rule for own in project.filters.values() for one in own}
    known = {"entities": set(project.schema_.entities), "safe": {*CLEANING, *STAGE_RULES, *filters}}
    asked = {"entities": project.nightly.entities, "safe": project.nightly.safe or ()}
    for key, names in asked.items():
        strange = [one for one in names if one not in known[key]]
        if strange:
            raise ProjectError(
                Text(f"nightly.{key} 中的 {strange[0]} 不存在", f"nightly.{key} names {strange[0]}, which is not there"),
                where="crmetl.yaml",
                next=Text(f"可用：{'、'.join(sorted(known[key]))}", f"use one of {', '.join(sorted(known[key]))}"),
            )


def _found(tonight: Tonight, store: Store) -> Found:
    """Look at the CRM and make the plan; the CRM is only read."""
    project = tonight.project
    prints = {f"model {name}": model.fingerprint for name, model in tonight.opened.models.items()}
    print_ = rules_print(tonight.opened.project, tonight.opened.url, prints)
    with open_reader(tonight.opened.url, project.schema_) as port:
        reader = ReadOnce(port)
        tonight.watch.begin("nightly", "")
        with tonight.journal.clock.stage("extract"):
            before = store.recall(RULES)
            seen = look(project, reader, store, anew=before != print_)
        records = Records()
        halves = _halves(tonight, _matching(tonight, store, reader, port, seen), seen, records)
        tonight.watch.end()
        pairs = stack(records.pairs, PAIRS)
        called = accounts.called_in_crm(project, port, halves.safe, pairs) | accounts.called_in_crm(
            project, port, halves.waiting, pairs
        )
        return Found(seen, print_, before not in (None, print_), halves, records, port.counts(), called)


def _matching(tonight: Tonight, store: Store, reader: ReadOnce, port: TargetReader, seen: Mapping[str, Seen]) -> Matching:
    project = tonight.project
    nothing = not any(len(one.looked) for one in seen.values())
    before = Past(frozenset(), frozenset()) if nothing else past(port, project.schema_)
    decisions = {name: store.decisions(name) for name in seen if name in project.match}
    return Matching(project, tonight.journal, reader, tonight.opened.models, decisions, before)


def _halves(tonight: Tonight, work: Matching, seen: Mapping[str, Seen], records: Records) -> Halves:
    """Take each entity through the stages, parents first, and make the plan of what they said."""
    project, journal = tonight.project, tonight.journal
    told: dict[str, tuple[Seen, Cleaned, Matched]] = {}
    checks = checks_of(project, today().date())
    for name, one in seen.items():
        cleaned = stages(project, journal, one, checks[name])
        matched = match(work, one, cleaned, follow=_follow(project, name, told)) if name in project.match else Matched()
        told[name] = (one, cleaned, matched)
        _note(records, name, matched)
        journal.workspace.append(f"final/{name}", cleaned.batch.frame)
    with journal.clock.stage("diff"):
        cells = [changes_of(project, one, cleaned, work.past) for one, cleaned, _ in told.values()]
        prints = {f"model {name}": model.fingerprint for name, model in tonight.opened.models.items()}
        halves = plan_night(
            project.schema_,
            work.reader,
            proposed(told.values(), cells),
            prints={"project": tonight.opened.project.fingerprint, **prints},
        )
    rows = {name: len(one.rows) for name, one in seen.items()}
    caps = caps_of(project.nightly.caps, rows, halves.safe, project.schema_)
    counted = [replace(part, counts=counts_of(journal, seen, part)) for part in (halves.safe, halves.waiting)]
    return replace(halves, safe=counted[0], waiting=counted[1], caps=caps)


def _follow(project: Project, entity: str, told: Mapping[str, tuple[Seen, Cleaned, Matched]]) -> dict[str, str]:
    """Return which parents, within which an entity is matched, are merged tonight without a person."""
    within = project.match[entity].within
    parent = project.schema_.entities[entity].references().get(within, "") if within else ""
    return told[parent][2].safe_into() if parent in told else {}


def _note(records: Records, entity: str, matched: Matched) -> None:
    records.pairs.append(matched.pairs)
    if matched.model is not None:
        records.models[entity], records.candidates[entity] = matched.model, matched.candidates


def _planned(tonight: Tonight, found: Found, workspace: Workspace, plan: Plan) -> tuple[RunSummary, Path]:
    """Write a part of the plan down in its run folder, with its reports."""
    caps = found.halves.caps if plan is found.halves.safe else ()
    workspace.append("pairs", stack(found.records.pairs, PAIRS))
    ident = workspace.write_plan(plan)
    with tonight.journal.clock.stage("report"):
        facts = replace(_facts(tonight, found, plan, ident), run=workspace.run)
        summary = _with_caps(build_summary(facts), caps)
        workspace.note("names", {f"{entity}:{key}": name for (entity, key), name in found.called.items()})
        report = show.write(workspace, summary, plan, tonight.project.schema_, lang=tonight.lang, reveal=tonight.reveal)
    note = {
        "run": workspace.run,
        "kind": KIND if plan is found.halves.safe else WAITING,
        "status": summary.status,
        "plan": ident,
        "started": summary.started,
        "operator": summary.operator,
        "seconds": summary.seconds,
        "version": __version__,
        "operations": len(plan.operations),
        "undecided": 0,
    }
    workspace.note("run", note)
    return summary, report


def _facts(tonight: Tonight, found: Found, plan: Plan, ident: str) -> RunFacts:
    rows = sum(len(one.rows) for one in found.seen.values())
    facts = accounts.run_facts(
        tonight.project,
        tonight.journal,
        found.records,
        Intake([SourceCount(CRM, mapped=rows)]),
        plan=plan,
        ident=ident,
        before=found.before,
        called=found.called,
        started=tonight.started,
        ended=now(),
        operator=tonight.operator,
    )
    entities = entities_of(tonight.project)
    return replace(facts, entities=[one for one in facts.entities if one.entity in entities])


def _with_caps(summary: RunSummary, caps: tuple[GateResult, ...]) -> RunSummary:
    """Return the summary with the caps as its gates; a plan above one of them is closed."""
    sources = tuple(replace(one, label=Text("CRM 现有数据", "the CRM itself"), about=Text("", "")) for one in summary.sources)
    closed = sum(not one.passed for one in caps)
    decisions = (Decision("gates", closed, {"": closed}), *summary.decisions) if closed else summary.decisions
    status = "gated" if closed else summary.status
    return replace(summary, sources=sources, gates=caps, decisions=decisions, status=status)


def _write(tonight: Tonight, workspace: Workspace, plan: Plan) -> Written:
    """Write what asks nobody; whatever a person has touched since it was read is parked, however much of the plan that is."""
    patient = replace(tonight.opened, project=tonight.opened.project.model_copy(update={"stale_limit": 1.0}))
    return apply_plan(patient, workspace, plan, plan_id(plan), watch=tonight.watch, operator=tonight.operator)


def _park(tonight: Tonight, found: Found) -> Waiting | None:
    """Leave the rest to a person: as a run of its own, or as the run that already waits with the same plan."""
    plan, runs = found.halves.waiting, tonight.project.runs
    ident = plan_id(plan)
    older = [one for one in listing(runs) if one.get("kind") == WAITING and one["status"] in OPEN]
    same = next((str(one["run"]) for one in older if one["plan"] == ident), None)
    counts = {name: {kind: own[kind] for kind in ("update", "merge", "retire")} for name, own in plan.counts.items()}
    run = same
    if same is None and not plan.empty() and not tonight.dry_run:
        workspace = create(runs, run_name(tonight.started, tonight.opened.project.fingerprint, "waits"))
        _planned(tonight, found, workspace, plan)
        _hand_over(tonight.journal.workspace, workspace, plan)
        run = workspace.run
    if not tonight.dry_run:
        for one in older:
            if one["run"] != run and one["status"] == "planned":
                Workspace(runs / one["run"]).note("run", {**one, "status": "superseded"})
    return None if plan.empty() else Waiting(run, ident, counts, new=run is not None and run != same)


def _hand_over(night: Workspace, waits: Workspace, plan: Plan) -> None:
    """Give the waiting run what a person asks it for: the life of its records, and the content of its pairs."""
    rids = plan.operations["rid"].dropna()
    for place in ("changes", "findings"):
        for frame in night.parts(place):
            waits.append(place, frame[among(frame["rid"], rids)])
    for entity in plan.counts:
        for frame in night.parts(f"valid/{entity}"):
            waits.append(f"valid/{entity}", frame[among(frame.index, rids)])
    for place in ("merges", "decided", *(f"sides/{entity}" for entity in plan.counts)):
        for frame in night.parts(place):
            waits.append(place, frame)
