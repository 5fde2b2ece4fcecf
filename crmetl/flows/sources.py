"""
The row stages: extract, map, clean and validate, a chunk at a time, through Parquet; memory does not grow with the rows.

A source needs nothing of another one, so sources are shared out over processes; each writes a folder and a journal of its
own, and these are joined in the order of the project. The run is the same whatever the number of processes.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from crmetl.batch import KEY, PLACE, SOURCE, Batch
from crmetl.clean import clean, clean_rules
from crmetl.extract import Extraction, bytes_of, extract
from crmetl.flows.fixes.corrections import NONE, Corrections, Mended
from crmetl.flows.journal import Journal
from crmetl.flows.workers import Tell, jobs_asked, jobs_usual, share_out
from crmetl.mapping import Repeats, map_rows, map_rules, repeats
from crmetl.project import Project, Source, undecided
from crmetl.text import Text
from crmetl.validate import ValidateRules, validate
from crmetl.workspace import Workspace

SMALL = 4_000_000
"""Bytes of all sources below which a second process costs more (two seconds of imports) than it gives."""


@dataclass
class SourceCount:
    """The row ledger of one source: read = mapped + held + dropped by a named rule."""

    name: str
    mapped: int = 0
    held: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    files: int = 0
    undecided: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """Return every physical row that held anything."""
        return self.mapped + self.held + sum(self.dropped.values())

    def drop(self, rules: "pd.Series[str]") -> None:
        """Count rows left out, by rule."""
        for rule, number in rules.value_counts().items():
            self.dropped[str(rule)] = self.dropped.get(str(rule), 0) + int(number)


@dataclass
class Intake:
    """What reading the sources gave: row ledgers, manifests, and cleaned records in the run folder below `valid/<entity>`."""

    counts: list[SourceCount] = field(default_factory=list)
    manifest: list[dict[str, object]] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """
    One source to be read: what a process needs to know.

    Attributes:
        at: Which of the project's sources.
        folder: Where its part of the run is written.
    """

    project: Project
    at: int
    checks: Mapping[str, ValidateRules]
    corrections: Corrections
    folder: Workspace

    @property
    def source(self) -> Source:
        """The source."""
        return self.project.sources[self.at]


@dataclass(frozen=True)
class Reads:
    """What reading one source gave."""

    count: SourceCount
    manifest: list[dict[str, object]]
    journal: Journal


def intake(project: Project, journal: Journal, *, checks: Mapping[str, ValidateRules], corrections: Corrections = NONE) -> Intake:
    """
    Read every source of the project into cleaned, validated records in the run folder.

    Args:
        project: Read and checked.
        journal: Of the run.
        checks: Entity -> its checks.
        corrections: What people said of source rows; applied where the rows come in.

    Raises:
        SourceError: A source that the project needs is missing or unreadable.
        MachineError: A worker process ended.
        UsageError: `CRMETL_JOBS` is no number.
    """
    sizes = [bytes_of(one, project.source_root) for one in project.sources]
    jobs = jobs_asked(os.environ) or (jobs_usual() if sum(sizes) >= SMALL else 1)
    parts = [Workspace(journal.workspace.folder / "sources" / f"{at:03d}") for at in range(len(sizes))]
    tasks = [Reading(project, at, checks, corrections, part) for at, part in enumerate(parts)]
    taken = Intake()
    for read in _all_read(tasks, sizes, jobs, journal):
        journal.take_over(read.journal)
        taken.counts.append(read.count)
        taken.manifest += read.manifest
    journal.workspace.forget("sources")
    return taken


def _all_read(tasks: list[Reading], sizes: list[int], jobs: int, journal: Journal) -> Iterator[Reads]:
    """Read the sources: one by one as they stand, or shared out, the largest first so that none is begun last."""
    if jobs == 1 or len(tasks) == 1:
        for task in tasks:
            journal.watch.begin("map", _called(task))
            yield read_source(task, journal.watch.advance)
            journal.watch.end()
        return
    what = Text("{n} 个来源", "{n} sources").fill(n=len(tasks))
    journal.watch.begin("map", what.read(tasks[0].project.locale))
    largest = sorted(range(len(tasks)), key=lambda at: (-sizes[at], at))
    yield from share_out(read_source, tasks, order=largest, jobs=jobs, tell=journal.watch.advance)
    journal.watch.end()


def _called(task: Reading) -> str:
    source = task.source
    return source.label.read(task.project.locale) if source.label else source.source


def read_source(task: Reading, tell: Tell) -> Reads:
    """Read one source into cleaned, validated records in its own part of the run folder."""
    project, source = task.project, task.source
    journal = Journal(task.folder, project.schema_)
    extraction = extract(source, root=project.source_root, chunk=project.chunk, severities=project.severities)
    mended = task.corrections.over(extraction, source.source, task.folder)
    count, entities = _read_and_map(project, source, mended, journal, tell)
    manifest = [{"source": source.source, **one.to_json()} for one in extraction.manifest]
    decided: dict[str, Repeats] = {}
    for entity in entities:
        decided[entity] = _settle(project, source, entity, journal, checks=task.checks[entity], decided=decided)
    return Reads(count, manifest, journal)


def _read_and_map(
    project: Project, source: Source, extraction: Extraction | Mended, journal: Journal, tell: Tell
) -> tuple[SourceCount, list[str]]:
    rules = map_rules(project, source)
    count = SourceCount(source.source)
    entities: dict[str, None] = {}
    chunks = extraction.chunks()
    while (rows := _next(chunks, journal)) is not None:
        journal.workspace.append(f"rows/{source.source}", rows)
        waits = rows.index.isin(extraction.held())
        journal.workspace.append(f"held_rows/{source.source}", rows.loc[waits, [SOURCE, PLACE]])
        with journal.clock.stage("map"):
            mapped = map_rows(rows[~waits], rules=rules)
            journal.workspace.append(f"held_rows/{source.source}", mapped.held)
            journal.note_findings("map", mapped.findings)
            count.drop(mapped.dropped)
            count.held += len(mapped.held) + int(waits.sum())
            count.mapped += len(rows) - len(mapped.held) - int(waits.sum()) - len(mapped.dropped)
            for entity, batch in mapped.records.items():
                entities[entity] = None
                journal.workspace.append(f"map/{source.source}/{entity}", batch.frame)
            if len(mapped.dropped):
                gone = rows.loc[mapped.dropped.index, [SOURCE, PLACE]].assign(rule=mapped.dropped)
                journal.workspace.append("rows_dropped", gone)
        tell(len(rows))
    journal.note_findings("extract", extraction.findings)
    if len(extraction.aside):
        journal.workspace.append("rows_aside", extraction.aside)
        count.drop(extraction.aside["rule"])
    count.files, count.undecided = len(extraction.manifest), undecided(source, extraction.columns)
    return count, list(entities)


def _next(chunks: Iterator[pd.DataFrame], journal: Journal) -> pd.DataFrame | None:
    with journal.clock.stage("extract"):
        return next(chunks, None)


def _settle(
    project: Project,
    source: Source,
    entity: str,
    journal: Journal,
    *,
    checks: ValidateRules,
    decided: Mapping[str, Repeats],
) -> Repeats:
    """Decide repeated keys over the whole source, then clean and validate its records chunk by chunk."""
    place = f"map/{source.source}/{entity}"
    with journal.clock.stage("map"):
        parts = Parts(journal.workspace, place)
        decision = repeats(parts, entity=entity, rules=map_rules(project, source), parents=decided)
    cleaning = clean_rules(project, entity, source)
    for frame in journal.workspace.parts(place):
        with journal.clock.stage("map"):
            came, result = decision.settle(Batch(entity, frame))
            journal.mint(entity, len(came))
            journal.workspace.append(f"keys/{entity}", keys_of(came, source))
            batch = journal.enter("map", came, result)
        with journal.clock.stage("clean"):
            batch = journal.enter("clean", batch, clean(batch, rules=cleaning))
        with journal.clock.stage("validate"):
            batch = journal.enter("validate", batch, validate(batch, rules=checks))
        journal.workspace.append(f"valid/{entity}", batch.frame)
    return decision


@dataclass(frozen=True)
class Parts:
    """The parts of a place of the run folder, to be gone through as often as it takes."""

    workspace: Workspace
    place: str

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield them in the order they were written."""
        return self.workspace.parts(self.place)


def keys_of(batch: Batch, source: Source) -> pd.DataFrame:
    """Return `system, source_key, rid`: how a record is found again; without a key of its own, by its content (`rid:`)."""
    rids = pd.Series(batch.frame.index, index=batch.frame.index, dtype="str")
    own = batch.frame[KEY].fillna("rid:" + rids).astype("str")
    return pd.DataFrame({"system": source.system, "source_key": own, "rid": rids}).astype("str").reset_index(drop=True)
