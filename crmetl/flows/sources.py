"""The row stages: extract, map, clean and validate, a chunk at a time, through Parquet; memory does not grow with the rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from crmetl.batch import KEY, PLACE, SOURCE, Batch
from crmetl.clean import clean, clean_rules
from crmetl.extract import Extraction, extract
from crmetl.flows.journal import Journal
from crmetl.mapping import Repeats, map_rows, map_rules, repeats
from crmetl.project import Project, Source, undecided
from crmetl.validate import ValidateRules, validate


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


def intake(project: Project, journal: Journal, *, checks: Mapping[str, ValidateRules]) -> Intake:
    """Read every source of the project into cleaned, validated records in the run folder."""
    taken = Intake()
    for source in project.sources:
        journal.watch.begin("map", source.label.read(project.locale) if source.label else source.source)
        count, extraction, entities = _read_and_map(project, source, journal)
        taken.counts.append(count)
        taken.manifest += [{"source": source.source, **one.to_json()} for one in extraction.manifest]
        decided: dict[str, Repeats] = {}
        for entity in entities:
            decided[entity] = _settle(project, source, entity, journal, checks=checks[entity], decided=decided)
        journal.watch.end()
    return taken


def _read_and_map(project: Project, source: Source, journal: Journal) -> tuple[SourceCount, Extraction, list[str]]:
    rules = map_rules(project, source)
    count = SourceCount(source.source)
    extraction = extract(source, root=project.source_root, chunk=project.chunk, severities=project.severities)
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
        journal.watch.advance(len(rows))
    journal.note_findings("extract", extraction.findings)
    if len(extraction.aside):
        journal.workspace.append("rows_aside", extraction.aside)
        count.drop(extraction.aside["rule"])
    count.files, count.undecided = len(extraction.manifest), undecided(source, extraction.columns)
    return count, extraction, list(entities)


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
        decision = repeats(journal.workspace.parts(place), entity=entity, rules=map_rules(project, source), parents=decided)
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


def keys_of(batch: Batch, source: Source) -> pd.DataFrame:
    """Return `system, source_key, rid`: how a record is found again; without a key of its own, by its content (`rid:`)."""
    rids = pd.Series(batch.frame.index, index=batch.frame.index, dtype="str")
    own = batch.frame[KEY].fillna("rid:" + rids).astype("str")
    return pd.DataFrame({"system": source.system, "source_key": own, "rid": rids}).astype("str").reset_index(drop=True)
