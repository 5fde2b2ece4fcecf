"""Gates: conditions written before the day, each measured on the run and told with both numbers."""

from collections.abc import Sequence
from decimal import Decimal

from crmetl.project.model import Gate
from crmetl.quality.facts import RunFacts
from crmetl.quality.money import money_lines
from crmetl.quality.summary import GateResult, MoneyLine
from crmetl.text import Text

LABELS = {
    "held_share": Text("待处理记录占比", "Held records, share"),
    "held": Text("待处理记录数", "Held records"),
    "dropped_share": Text("剔除记录占比", "Dropped records, share"),
    "dropped": Text("剔除记录数", "Dropped records"),
    "findings": Text("问题数", "Findings"),
    "undecided": Text("未决定的来源列", "Undecided source columns"),
    "conflict": Text("与人工修改的冲突", "Conflicts with people's edits"),
    "money_difference": Text("金额差额（各币种、各年之最大）", "Money difference, the largest of any currency and year"),
}


def gates(declared: Sequence[Gate], facts: RunFacts) -> tuple[GateResult, ...]:
    """Return how the run stands to each declared gate, in their order; closed where the value is above the limit."""
    before = {one.name: one for one in facts.last.gates} if facts.last else {}
    return tuple(_result(gate, facts, before.get(gate.name)) for gate in declared)


def _result(gate: Gate, facts: RunFacts, last: GateResult | None) -> GateResult:
    part, whole = measure(gate, facts)
    share = gate.measure.endswith("_share")
    value = (part / whole if whole else 0.0) if share else part
    label = gate.label or _label(gate, facts)
    return GateResult(
        name=gate.name,
        label=label,
        measure=gate.measure,
        value=value,
        limit=gate.limit,
        passed=value <= gate.limit,
        why=_why(gate, part, whole, value),
        last=last.value if last else None,
        last_passed=last.passed if last else None,
    )


def measure(gate: Gate, facts: RunFacts) -> tuple[float, float]:
    """Return what a gate measures and, for a share, the whole it is part of (else 0)."""
    name = gate.measure.removesuffix("_share")
    if name == "undecided":
        return facts.undecided, 0
    if name == "money_difference":
        return float(max((abs(Decimal(one.difference)) for one in _money(gate, facts)), default=Decimal(0))), 0
    if name == "findings":
        return _findings(gate, facts), 0
    if name == "conflict":
        return sum(one.conflict for one in facts.entities if gate.entity in (None, one.entity)), 0
    return _outcome(gate, facts, "held" if name == "held" else "dropped")


def _money(gate: Gate, facts: RunFacts) -> list[MoneyLine]:
    return [one for one in money_lines(facts.money) if gate.entity in (None, one.entity)]


def _findings(gate: Gate, facts: RunFacts) -> int:
    return sum(
        one.n
        for stage, report in facts.reports.items()
        for one in report.findings
        if gate.stage in (None, stage) and gate.entity in (None, one.entity) and gate.code in (None, one.code)
    )


def _outcome(gate: Gate, facts: RunFacts, outcome: str) -> tuple[float, float]:
    """Return records with an outcome, and all: of one stage where the gate names it (rows for `map`), else of the whole run."""
    if gate.stage == "map" and gate.entity is None:
        gone = sum(one.held if outcome == "held" else sum(one.dropped.values()) for one in facts.sources)
        return gone, sum(one.mapped + one.held + sum(one.dropped.values()) for one in facts.sources)
    if gate.stage is not None:
        flow = facts.reports[gate.stage].flow if gate.stage in facts.reports else ()
        here = [one for one in flow if gate.entity in (None, one.entity)]
        return sum(getattr(one, outcome) for one in here), sum(one.came for one in here)
    entities = [one for one in facts.entities if gate.entity in (None, one.entity)]
    return sum(getattr(one, outcome) for one in entities), sum(one.minted for one in entities)


def _label(gate: Gate, facts: RunFacts) -> Text:
    """Return a sentence of ours: the measure, then what it is narrowed to."""
    entities = facts.project.schema_.entities
    entity = entities[gate.entity].label if gate.entity and gate.entity in entities else None
    parts = [entity, Text(gate.code, gate.code) if gate.code else None, Text(gate.stage, gate.stage) if gate.stage else None]
    said = [part for part in parts if part]
    base = LABELS[gate.measure]
    if not said:
        return base
    return Text(f"{base.zh}（{'，'.join(one.zh for one in said)}）", f"{base.en} ({', '.join(one.en for one in said)})")


def _why(gate: Gate, part: float, whole: float, value: float) -> Text:
    """Say which number stands against which limit."""
    if gate.measure.endswith("_share"):
        now, limit = f"{part:,.0f} / {whole:,.0f} = {value:.2%}", f"{gate.limit:.2%}"
    else:
        now, limit = shown(gate.measure, value), shown(gate.measure, gate.limit)
    sign = "≤" if value <= gate.limit else ">"
    return Text(f"{now} {sign} 限额 {limit}", f"{now} {sign} limit {limit}")


def shown(measure_: str, value: float) -> str:
    """
    Write a gate's value or limit.

    >>> shown("held_share", 0.0131), shown("held", 1604), shown("money_difference", 0)
    ('1.31%', '1,604', '0.00')
    """
    if measure_.endswith("_share"):
        return f"{value:.2%}"
    return f"{value:,.2f}" if measure_ == "money_difference" else f"{value:,.0f}" if value == int(value) else f"{value:,}"
