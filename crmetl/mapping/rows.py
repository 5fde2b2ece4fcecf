"""A chunk of source rows becomes records: the row stage `map`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmetl.batch import FINDING, PLACE, SOURCE, Batch, stack, text_frame
from crmetl.faults.clean import PLACEHOLDER
from crmetl.mapping.aside import homeless, kept_aside
from crmetl.mapping.cells import any_of, cells_of, minted
from crmetl.mapping.children import children_of, joined
from crmetl.mapping.conditions import Mask, filled, fits
from crmetl.mapping.headers import check_headers, touched
from crmetl.mapping.holds import holds
from crmetl.mapping.phones import split_phones
from crmetl.mapping.records import Ids, records_of
from crmetl.mapping.rules import MapRules
from crmetl.mapping.told import row_findings
from crmetl.text import Text

ROW_RULES = {
    "empty_row": Text("映射的列全是空的", "nothing in any mapped column"),
    "no_record": Text("只有编号或上级线索，没有内容", "only a key or a hint of a parent, and no value"),
}
"""Rules by which the mapping itself leaves rows out; a source's own filters come with their own names."""


@dataclass(frozen=True)
class Mapped:
    """
    What became of each row of a chunk: rows = mapped + held + dropped.

    Attributes:
        records: Entity -> its records, parents first. A declared key can stand several times in a batch until
            `repeats` has decided.
        held: Rows that wait; index row id, columns `_source`, `_row`.
        dropped: Row id -> the named rule that left it out.
        findings: Columns FINDING; `rid` is the row id of a held row, and NA for a finding about the whole file.
    """

    records: dict[str, Batch]
    held: pd.DataFrame
    dropped: "pd.Series[str]" = field(default_factory=lambda: pd.Series(dtype="str", name="rule"))
    findings: pd.DataFrame = field(default_factory=lambda: text_frame(FINDING))


def map_rows(rows: pd.DataFrame, *, rules: MapRules) -> Mapped:
    """
    Make the records of a chunk of rows.

    Args:
        rows: As `extract` gives them: index row id, source columns as text or NA, `_source`, `_row`.
        rules: Of the same source.

    Returns:
        Records, and the rows that gave none, held or dropped by a named rule.

    Raises:
        SourceError: A key or required column is missing, or a new column came and the mapping says `stop`.

    Cost: linear in rows; split cells are read once per distinct text.
    """
    findings = [check_headers(rows, rules)]
    rule = _filtered(rows, rules)
    live = rows[rule.isna()] if rule.notna().any() else rows
    phones = split_phones(live, rules.phones)
    aside = kept_aside(live, rules, homeless(phones.surplus, rules, live.index))
    own = {name: _rows_of(phones.surplus, name, len(live)) for name in phones.surplus["entity"].unique()}
    cells = {one.entity: cells_of(live, one, phones.given, own.get(one.entity)) for one in rules.entities}
    made = minted(cells, rules, filled(aside))
    somewhere = any_of(made, len(live))
    waits, told = holds(live, rules, cells, made)
    goes = somewhere & ~waits
    records, ids = records_of(live, rules, cells, {name: mask & goes for name, mask in made.items()}, aside)
    records = joined(records, children_of(live, rules, phones.surplus, ids, goes))
    if not goes.all():
        rule = rule.where(rule.notna(), _unminted(live, rules, somewhere | waits).reindex(rows.index))
    findings += [*told, *_voids(live, phones.void, rules, ids, goes)]
    return Mapped(records, live.loc[waits, [SOURCE, PLACE]], rule.dropna(), stack(findings, FINDING))


def _filtered(rows: pd.DataFrame, rules: MapRules) -> "pd.Series[str]":
    """Return row id -> the first filter of the source that the row fits, else NA."""
    rule = pd.Series(index=rows.index, dtype="str", name="rule")
    for one in rules.filters:
        rule = rule.mask(rule.isna() & fits(rows, one.when), one.rule)
    return rule


def _rows_of(surplus: pd.DataFrame, entity: str, length: int) -> Mask:
    mask = np.zeros(length, dtype=bool)
    mask[surplus.loc[surplus["entity"].eq(entity), "row"].to_numpy(dtype=np.int64)] = True
    return mask


def _unminted(rows: pd.DataFrame, rules: MapRules, settled: Mask) -> "pd.Series[str]":
    """Return the rule that leaves out the rows that neither give a record nor wait."""
    names = np.where(touched(rows, rules), "no_record", "empty_row")
    return pd.Series(names, index=rows.index, dtype="str").where(~settled)


def _voids(rows: pd.DataFrame, void: pd.DataFrame, rules: MapRules, ids: Mapping[str, Ids], goes: Mask) -> list[pd.DataFrame]:
    """Return a finding for each further number that is a placeholder: it has no field in which cleaning would find it."""
    findings = []
    for (column, entity), mine in void.groupby(["column", "entity"]):
        mask = np.zeros(len(rows), dtype=bool)
        mask[mine["row"].to_numpy(dtype=np.int64)] = True
        mask &= goes
        told = row_findings(rows, mask, str(column), PLACEHOLDER, rules=rules, entity=str(entity))
        findings.append(told.assign(rid=ids[str(entity)].rid[mask].to_numpy()).astype("str"))
    return findings
