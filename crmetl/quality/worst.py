"""The columns with the most invalid cells, with a few samples of what cleaning made of them."""

from collections.abc import Mapping

import pandas as pd

from crmetl.batch import stack
from crmetl.quality.kinds import INVALID
from crmetl.quality.report import QualityReport
from crmetl.quality.summary import Change, WorstColumn

WORST, SHOWN = 6, 8
"""Columns listed, and samples kept of each; a report shows the first few that differ."""


def worst_columns(reports: Mapping[str, QualityReport], changes: pd.DataFrame) -> tuple[WorstColumn, ...]:
    """
    Return the columns with the most invalid cells, the worst first.

    Args:
        reports: Stage -> report; invalid cells of all stages are added, filled ones are those of the first stage.
        changes: Columns CHANGE; samples come from it, cells left blank first.
    """
    invalid: dict[tuple[str, str, str], int] = {}
    filled: dict[tuple[str, str, str], int] = {}
    records: dict[tuple[str, str], int] = {}
    for report in reports.values():
        for one in report.flow:
            records.setdefault((one.source, one.entity), one.came)
        for cell in report.cells:
            key = (cell.source, cell.entity, cell.column)
            filled.setdefault(key, cell.filled)
            invalid[key] = invalid.get(key, 0) + cell.invalid
    worst = sorted((key for key, n in invalid.items() if n), key=lambda key: (-invalid[key], key))[:WORST]
    return tuple(
        WorstColumn(
            *key,
            records=records[key[:2]],
            filled=filled[key],
            invalid=invalid[key],
            codes=_codes(reports, *key),
            samples=samples(changes, key[1], key[2]),
        )
        for key in worst
    )


def _codes(reports: Mapping[str, QualityReport], source: str, entity: str, column: str) -> tuple[str, ...]:
    """Return the codes that made cells invalid, the most frequent first."""
    found = [
        (-one.n, one.code)
        for report in reports.values()
        for one in report.findings
        if (one.source, one.entity, one.column) == (source, entity, column)
        and one.code in INVALID
        and one.severity in ("blank", "hold")
    ]
    return tuple(dict.fromkeys(code for _, code in sorted(found)))


def samples(changes: pd.DataFrame, entity: str, column: str) -> tuple[Change, ...]:
    """Return a few different changes of a column, those that left the cell blank first."""
    here = changes[(changes["entity"] == entity) & (changes["column"] == column) & changes["before"].notna()]
    if not len(here):
        return ()
    once = here.drop_duplicates("before")
    ordered = stack([once[once["after"].isna()].head(SHOWN // 2), once[once["after"].notna()]], changes.columns).head(SHOWN)
    after = [None if blank else str(text) for blank, text in zip(ordered["after"].isna(), ordered["after"], strict=True)]
    return tuple(Change(str(before), text) for before, text in zip(ordered["before"], after, strict=True))
