"""The twin of the stage for a single record: the same cells and the same findings, without a frame."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from crmetl.clean.kind import Cleaned, Context
from crmetl.clean.place import city_by_phone
from crmetl.clean.rules import CleanRules, ColumnRule
from crmetl.clean.stage import context_of, in_order, numbers_beside
from crmetl.faults.clean import CURRENCY_CONFLICT
from crmetl.faults.kind import Fault, Severity


@dataclass
class CleanedOne:
    """
    One record after cleaning.

    Attributes:
        cells: Field -> canonical text, None where it is empty; as the stage leaves them.
        problems: (field, fault, severity), in the order in which the stage finds them.
    """

    cells: dict[str, str | None]
    problems: list[tuple[str, Fault, Severity]] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Say whether a run would hold the record for its cells."""
        return any(severity == "hold" for _, _, severity in self.problems)


def clean_one(record: Mapping[str, str | None], rules: CleanRules) -> CleanedOne:
    """
    Clean one record that was never cleaned before.

    Args:
        record: Field -> text as typed; None where it is empty.
        rules: Of `clean_rules`.

    Returns:
        What `clean` gives for a batch of this record alone, but for `custom`.
    """
    done = CleanedOne(dict(record))
    told = [
        one
        for name in record
        if name in rules.columns and not rules.columns[name].evidence
        for one in rules.columns[name].type.tells
    ]
    for name in told:
        if name in rules.columns:
            done.cells.setdefault(name, None)
    for name in in_order(rules, done.cells):
        _clean_cell(done, name, rules)
    return done


def _clean_cell(done: CleanedOne, name: str, rules: CleanRules) -> None:
    text, rule = done.cells[name], rules.columns[name]
    if text is None:
        return
    outcome = rule.type.parse(text, _context(done, name, rule, rules))
    if rule.evidence and isinstance(outcome, Cleaned) and outcome.lossy:
        return
    done.cells[name] = _value(done, (name, text), outcome, rules)
    if not rule.evidence and isinstance(outcome, Cleaned):
        _tell(done, outcome, rule, rules)


def _context(done: CleanedOne, name: str, rule: ColumnRule, rules: CleanRules) -> Context:
    told = {str(kind): _sibling(done, name, kind, rules) for kind in rule.type.row if kind != "area"}
    if "area" in rule.type.row and not told.get("city"):
        phones = (done.cells[one] for one in numbers_beside(name, rules, done.cells))
        told["area"] = city_by_phone(done.cells[name] or "", phones)
    return context_of(rule.context, told)


def _sibling(done: CleanedOne, name: str, kind: str, rules: CleanRules) -> str | None:
    """Return the cell of a type that stands beside `name`: of the same record, else of its parent's evidence."""
    prefix = name.rpartition(".")[0]
    beside = [other for other, rule in rules.columns.items() if rule.type.name == kind and other in done.cells]
    same = [other for other in beside if other.rpartition(".")[0] == prefix]
    found = same or ([] if prefix else beside)
    return done.cells[found[0]] if found else None


def _value(done: CleanedOne, cell: tuple[str, str], outcome: Cleaned | Fault, rules: CleanRules) -> str | None:
    """Return what stays in the cell, and note its faults."""
    name, text = cell
    value = text if isinstance(outcome, Fault) else outcome.value
    for fault in (outcome,) if isinstance(outcome, Fault) else outcome.notes:
        found = rules.severities.get(fault.code, fault.severity)
        severity: Severity = "note" if rules.columns[name].evidence and found == "hold" else found
        done.problems.append((name, fault, severity))
        value = None if severity == "blank" else value
    return value


def _tell(done: CleanedOne, outcome: Cleaned, rule: ColumnRule, rules: CleanRules) -> None:
    """Fill the empty fields that the cell tells of."""
    for name, said in _said(outcome, rule, rules):
        before = done.cells.get(name)
        if before is None:
            done.cells[name] = said
        elif name == "currency" and before != said:
            severity = rules.severities.get(CURRENCY_CONFLICT.code, CURRENCY_CONFLICT.severity)
            done.problems.append((name, CURRENCY_CONFLICT, severity))


def _said(outcome: Cleaned, rule: ColumnRule, rules: CleanRules) -> Iterator[tuple[str, str]]:
    for name in rule.type.tells:
        said = outcome.also.get(name)
        if said is not None and name in rules.columns:
            yield name, said
