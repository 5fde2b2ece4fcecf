"""Sums over a summary that several reports show, so that no report adds up by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from crmetl.quality.rows import SAMPLES, Sample
from crmetl.quality.summary import MoneyLine, RunSummary

Severity = Literal["hold", "blank", "note"]
SEVERITIES: tuple[Severity, ...] = ("hold", "blank", "note")


@dataclass(frozen=True)
class CodeLine:
    """
    All findings of one code and severity.

    Attributes:
        by: Entity (``""``: files and rows that gave no record) -> findings; columns, sources, stages likewise.
        samples: The first places.
    """

    code: str
    severity: str
    n: int
    by: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()


def by_code(summary: RunSummary) -> tuple[CodeLine, ...]:
    """Return the findings of all stages by code: holds first, then blanks, then notes; the most frequent first."""
    groups: dict[tuple[str, str], list[tuple[str, str, str, str, int, tuple[Sample, ...]]]] = {}
    for stage in summary.stages:
        for one in stage.report.findings:
            row = (one.entity, one.column, one.source, stage.report.stage, one.n, one.samples)
            groups.setdefault((one.severity, one.code), []).append(row)
    lines = [
        CodeLine(
            code=code,
            severity=severity,
            n=sum(row[4] for row in rows),
            by=_sum((row[0], row[4]) for row in rows),
            columns=_sum((".".join(filter(None, row[:2])), row[4]) for row in rows),
            sources=_sum((row[2], row[4]) for row in rows),
            stages=tuple(dict.fromkeys(row[3] for row in rows)),
            samples=tuple(dict.fromkeys(sample for row in rows for sample in row[5]))[:SAMPLES],
        )
        for (severity, code), rows in groups.items()
    ]
    rank: dict[str, int] = {name: at for at, name in enumerate(SEVERITIES)}
    return tuple(sorted(lines, key=lambda line: (rank.get(line.severity, len(rank)), -line.n, line.code)))


def severity_totals(lines: Iterable[CodeLine]) -> dict[str, int]:
    """Return severity -> findings; a record with two faults counts twice."""
    return _sum((line.severity, line.n) for line in lines)


def currency_totals(lines: Iterable[MoneyLine]) -> tuple[MoneyLine, ...]:
    """Return one line per entity and currency over all years, exact; ``""`` stands for the year."""
    names = ("read", "crm", "held", "absorbed", "dropped", "difference")
    sums: dict[tuple[str, str], dict[str, Decimal]] = {}
    for line in lines:
        total = sums.setdefault((line.entity, line.currency), dict.fromkeys(names, Decimal(0)))
        for name in names:
            total[name] += Decimal(getattr(line, name))
    return tuple(
        MoneyLine(entity, currency, "", **{n: f"{v}" for n, v in total.items()}) for (entity, currency), total in sums.items()
    )


def _sum(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    out: dict[str, int] = {}
    for name, n in pairs:
        out[name] = out.get(name, 0) + n
    return dict(sorted(out.items(), key=lambda item: (-item[1], item[0])))
