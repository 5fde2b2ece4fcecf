"""The stage: defaults, filters, checks; and its twin for a single record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from crmetl.batch import CHANGE, CUSTOM, FINDING, Batch, StageResult, conserve, no_rids, stack, text_frame
from crmetl.faults import Fault
from crmetl.faults import validate as faults
from crmetl.validate.checks import flaws
from crmetl.validate.declared import apart, changes, declared_of, fill, with_column
from crmetl.validate.frames import cell_findings, marked
from crmetl.validate.rules import ValidateRules


def validate(batch: Batch, *, rules: ValidateRules) -> StageResult:
    """
    Check each record against the schema: any chunk of an entity gives what the whole would give.

    Defaults are written first, then entity filters apply, then every remaining cell is checked.

    Args:
        batch: Cleaned records.
        rules: From `validate_rules`.

    Returns:
        kept: Records without a finding of severity `hold`; cells of severity `blank` are emptied, their text kept in
        `custom`. held: the others, their cells as they are. dropped: rid -> entity filter. findings: each failing cell
        once; a group of which one must be filled is told as `full_name|mobile|email`. changes: defaults (rule
        `default`), filters (rule: the filter's name) and blanked cells (rule: the fault's code).
    Cost: the checks run on columns and distinct texts; linear in records.
    """
    filled, defaults = fill(batch, rules)
    stay, dropped, filtered = apart(filled, rules)
    cells = cell_findings(stay, rules=rules)
    blanked, emptied = _blank(stay, cells)
    findings = stack([cells, _groups(blanked, rules)], FINDING)
    held = held_by(stay, findings)
    result = StageResult(
        kept=blanked.take(~held),
        held=stay.take(held),
        dropped=dropped,
        findings=findings,
        changes=stack(
            [defaults[~defaults["rid"].isin(dropped.index)], filtered, emptied[~emptied["rid"].isin(held.index[held])]], CHANGE
        ),
    )
    return conserve("validate", batch.frame.index, result)


def validate_one(record: Mapping[str, str | None], rules: ValidateRules) -> tuple[str, ...]:
    """
    Return the codes that `validate` would find in this one record, without frames.

    Args:
        record: Field -> canonical text; None or no key where it is empty.
        rules: From `validate_rules`.

    Returns:
        Codes in the order of the schema; none for a record that an entity filter leaves out.
    """
    checked = checked_one(record, rules)
    return () if checked is None else tuple(fault.code for _, fault in checked.problems)


@dataclass(frozen=True)
class CheckedOne:
    """
    One record after the checks.

    Attributes:
        cells: Field -> text, with defaults and filters; cells of severity `blank` are empty.
        problems: (field, fault) in the order of the schema; a group of which one must be filled is `full_name|mobile`.
    """

    cells: Mapping[str, str | None]
    problems: tuple[tuple[str, Fault], ...]


def checked_one(record: Mapping[str, str | None], rules: ValidateRules) -> CheckedOne | None:
    """Return one record as `validate` would leave it, with what it finds; None where an entity filter leaves it out."""
    filled = declared_of(record, rules)
    if filled is None:
        return None
    found = flaws(filled, rules)
    gone = {rule.name for rule, fault in found if rules.severity(fault, rule) == "blank"}
    cells = {name: None if name in gone else cell for name, cell in filled.items()}
    present = {name for name, cell in cells.items() if cell is not None}
    groups = [("|".join(group), faults.ONE_OF_EMPTY) for group in rules.one_of if present.isdisjoint(group)]
    return CheckedOne(cells, (*((rule.name, fault) for rule, fault in found), *groups))


def held_by(batch: Batch, findings: pd.DataFrame) -> "pd.Series[bool]":
    """Say of each record whether a finding holds it."""
    rids = findings.loc[findings["severity"].eq("hold"), "rid"]
    return pd.Series(batch.frame.index.isin(rids), index=batch.frame.index)


def hold(batch: Batch, findings: pd.DataFrame) -> StageResult:
    """Return the batch parted by findings (columns FINDING): those of severity `hold` hold their records."""
    held = held_by(batch, findings)
    return StageResult(kept=batch.take(~held), held=batch.take(held), dropped=no_rids("rule"), findings=findings)


def _groups(batch: Batch, rules: ValidateRules) -> pd.DataFrame:
    """Return a finding for each group of fields of which none is filled."""
    found = []
    for group in rules.one_of:
        filled = batch.frame.reindex(columns=list(group)).notna().any(axis=1)
        found.append(marked(batch, ~filled, "|".join(group), faults.ONE_OF_EMPTY, rules))
    return stack(found, FINDING)


def _blank(batch: Batch, findings: pd.DataFrame) -> tuple[Batch, pd.DataFrame]:
    """Empty the cells of findings of severity `blank` and keep their texts in `custom`."""
    blanks = findings[findings["severity"].eq("blank")]
    if not len(blanks):
        return batch, text_frame(CHANGE)
    frame, made = with_column(batch.frame, CUSTOM), []
    origins: dict[str, dict[str, str]] = {}
    for column, code in blanks[["column", "code"]].drop_duplicates().to_numpy().tolist():
        some = blanks[blanks["column"].eq(column) & blanks["code"].eq(code)]
        mask = pd.Series(frame.index.isin(some["rid"]), index=frame.index)
        before = frame.loc[mask, column]
        for rid, text in before.items():
            origins.setdefault(str(rid), {})[column] = text
        made.append(changes(batch.entity, column, before, None, code))
        frame = frame.assign(**{column: frame[column].mask(mask)})
    kept = pd.Series({rid: _origin(frame[CUSTOM].get(rid), texts) for rid, texts in origins.items()}, dtype="str")
    return Batch(batch.entity, frame.assign(**{CUSTOM: kept.reindex(frame.index).fillna(frame[CUSTOM])})), stack(made, CHANGE)


def _origin(custom: object, texts: dict[str, str]) -> str:
    """Return `custom` with the texts of blanked cells added below `origin`; what is there already is older and stays."""
    known = json.loads(custom) if isinstance(custom, str) else {}
    return json.dumps(known | {"origin": texts | known.get("origin", {})}, ensure_ascii=False, sort_keys=True)
