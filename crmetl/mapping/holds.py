"""Rows that wait for a person: an empty required column, a missing key, a value in a new column."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmetl.faults.kind import Fault
from crmetl.faults.mapping import CELL_REQUIRED, KEY_MISSING, NEW_COLUMN_VALUE
from crmetl.mapping.cells import Cells, any_of
from crmetl.mapping.conditions import Mask, filled, joined_key
from crmetl.mapping.headers import new_columns, touched
from crmetl.mapping.rules import MapRules
from crmetl.mapping.told import row_findings

Told = tuple[Mask, str, Fault, str | None]


def holds(
    rows: pd.DataFrame, rules: MapRules, cells: Mapping[str, Cells], made: Mapping[str, Mask]
) -> tuple[Mask, list[pd.DataFrame]]:
    """
    Say which rows wait, and why.

    Args:
        rows: Source columns.
        rules: With the project's severities: a fault that does not hold there is only told.
        cells: Entity -> its cells.
        made: Entity -> rows that make it.
    """
    waits = np.zeros(len(rows), dtype=bool)
    findings = []
    for mask, column, fault, entity in (*_required(rows, rules, cells), *_keys(rows, rules, made), *_new(rows, rules)):
        findings.append(row_findings(rows, mask, column, fault, rules=rules, entity=entity))
        if rules.severity(fault) == "hold":
            waits = waits | mask
    return waits, findings


def _required(rows: pd.DataFrame, rules: MapRules, cells: Mapping[str, Cells]) -> list[Told]:
    if not rules.required or not len(rows):
        return []
    some = touched(rows, rules)
    told: list[Told] = []
    for column, entities in rules.required.items():
        wanted = any_of({one: cells[one].fits for one in entities if one in cells}, len(rows)) if entities else some
        told.append((~filled(rows[column]) & wanted & some, column, CELL_REQUIRED, next(iter(entities), None)))
    return told


def _keys(rows: pd.DataFrame, rules: MapRules, made: Mapping[str, Mask]) -> list[Told]:
    keyed = [one for one in rules.entities if one.key and len(rows)]
    return [(made[one.entity] & ~filled(joined_key(rows, one.key)), "/".join(one.key), KEY_MISSING, one.entity) for one in keyed]


def _new(rows: pd.DataFrame, rules: MapRules) -> list[Told]:
    if rules.on_new_column != "hold":
        return []
    return [(filled(rows[one]), one, NEW_COLUMN_VALUE, None) for one in new_columns(rows, rules)]
