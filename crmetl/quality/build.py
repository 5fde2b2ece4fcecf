"""The summary made of the facts of a run; pure, so that a report can be made again."""

import json
from collections.abc import Mapping
from dataclasses import replace

from crmetl.project import Project
from crmetl.quality.facts import EntityFacts, RunFacts, SourceFacts
from crmetl.quality.gates import gates
from crmetl.quality.money import money_lines
from crmetl.quality.pairs import matching
from crmetl.quality.report import QualityReport
from crmetl.quality.scores import scores
from crmetl.quality.summary import Decision, EntityLine, Filtered, RunSummary, SourceLine, StageLine
from crmetl.quality.worst import worst_columns
from crmetl.text import Text


def build_summary(facts: RunFacts) -> RunSummary:
    """
    Return the summary of a run.

    Raises:
        LineageError: Rows or records do not add up.
    """
    project = facts.project
    passed = gates(project.gates, facts)
    closed = any(not one.passed for one in passed)
    found = matching(facts.pairs, compared=facts.compared, absorbed=facts.absorbed, names=facts.names)
    matched = tuple(replace(one, expected=facts.expected.get(one.entity)) for one in found)
    doubts = {one.entity: one.doubts for one in matched}
    return RunSummary(
        run=facts.run,
        plan=facts.plan,
        name=project.name,
        status="gated" if closed and facts.status in ("planned", "nothing") else facts.status,
        started=facts.started.isoformat(timespec="seconds"),
        ended=facts.ended.isoformat(timespec="seconds"),
        operator=facts.operator,
        lang=project.locale,
        versions={"project": project.fingerprint, **facts.versions},
        sources=tuple(_source(project, one) for one in facts.sources),
        entities=tuple(_entity(project, one) for one in facts.entities),
        stages=_stages(facts),
        gates=passed,
        money=money_lines(facts.money),
        scores=scores(facts.reports, schema=project.schema_, doubts=doubts, today=facts.started.date()),
        worst=worst_columns(facts.reports, facts.changes),
        matching=matched,
        filtered=_filtered(facts),
        decisions=_decisions(facts, doubts, closed=sum(not one.passed for one in passed)),
        manifest=tuple(json.loads(json.dumps(one, default=str)) for one in facts.manifest),
        seconds=round((facts.ended - facts.started).total_seconds(), 3),
        peak_mb=max(facts.peak_mb.values(), default=0.0),
    )


def _source(project: Project, one: SourceFacts) -> SourceLine:
    declared = next((source for source in project.sources if source.source == one.source), None)
    return SourceLine(
        source=one.source,
        label=declared.label if declared and declared.label else Text(one.source, one.source),
        reads="; ".join(map(str, declared.reads)) if declared else "",
        about=Text("{n} 个文件", "{n} files" if one.files != 1 else "{n} file").fill(n=one.files),
        read=one.mapped + one.held + sum(one.dropped.values()),
        mapped=one.mapped,
        held=one.held,
        dropped=dict(sorted(one.dropped.items())),
    )


def _entity(project: Project, one: EntityFacts) -> EntityLine:
    declared = project.schema_.entities.get(one.entity)
    return EntityLine(
        **{name: getattr(one, name) for name in EntityFacts.__dataclass_fields__},
        label=declared.label if declared else Text(one.entity, one.entity),
        crm_after=one.crm_before + one.created - one.retired,
    )


def _stages(facts: RunFacts) -> tuple[StageLine, ...]:
    """Return the stages in their order; those that only take time come where the flow timed them."""
    order = dict.fromkeys([*(("extract",) if "extract" in facts.seconds else ()), *facts.reports, *facts.seconds])
    return tuple(
        StageLine(
            facts.reports.get(name, QualityReport(name)),
            round(facts.seconds.get(name, 0.0), 3),
            round(facts.peak_mb.get(name, 0.0), 1),
        )
        for name in order
    )


def _filtered(facts: RunFacts) -> tuple[Filtered, ...]:
    """Return every declared filter with what it caught, 0 included: a filter that catches nothing is worth knowing."""
    project, out = facts.project, []
    dropped = {one.source: one.dropped for one in facts.sources}
    for source in project.sources:
        for row in source.rows:
            label = row.label or Text(row.rule, row.rule)
            out.append(Filtered(source.source, row.rule, label, "drop", dropped.get(source.source, {}).get(row.rule, 0)))
    for entity, filters in project.filters.items():
        for one in filters:
            left = sum(
                d.n for report in facts.reports.values() for d in report.dropped if (d.entity, d.rule) == (entity, one.rule)
            )
            written = max(
                (c.n for report in facts.reports.values() for c in report.changes if (c.entity, c.rule) == (entity, one.rule)),
                default=0,
            )
            n = written if one.then == "inactive" else left
            out.append(Filtered(entity, one.rule, one.label or Text(one.rule, one.rule), one.then, n))
    return tuple(out)


def _decisions(facts: RunFacts, doubts: Mapping[str, int], *, closed: int) -> tuple[Decision, ...]:
    found = {
        "gates": {"": closed},
        "undecided": {"": facts.undecided},
        "doubtful": doubts,
        "conflicts": {one.entity: one.conflict for one in facts.entities},
        "held": {one.entity: one.held for one in facts.entities},
        "held_rows": {one.source: one.held for one in facts.sources},
    }
    filled = {kind: {name: n for name, n in by.items() if n} for kind, by in found.items()}
    return tuple(Decision(kind, sum(by.values()), by) for kind, by in filled.items() if by)
