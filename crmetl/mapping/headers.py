"""The columns a source brings against those its mapping knows."""

import numpy as np
import pandas as pd

from crmetl.batch import FINDING, LINEAGE, stack
from crmetl.errors import SourceError
from crmetl.faults.mapping import COLUMN_MISSING, NEW_COLUMN
from crmetl.mapping.conditions import Mask, filled
from crmetl.mapping.rules import MapRules
from crmetl.mapping.told import file_findings, files_of
from crmetl.text import Text


def new_columns(rows: pd.DataFrame, rules: MapRules) -> tuple[str, ...]:
    """Return the columns that the mapping does not know and that hold a text."""
    return tuple(one for one in rows.columns if one not in rules.columns and one not in LINEAGE and filled(rows[one]).any())


def touched(rows: pd.DataFrame, rules: MapRules) -> Mask:
    """Return the rows with a text in a column that is mapped, a key, undecided or new."""
    mask = np.zeros(len(rows), dtype=bool)
    for one in (*rules.read, *new_columns(rows, rules)):
        if one in rows:
            mask |= filled(rows[one])
    return mask


def check_headers(rows: pd.DataFrame, rules: MapRules) -> pd.DataFrame:
    """
    Return findings about new and missing columns, one per file; an empty chunk tells nothing.

    Raises:
        SourceError: A key or required column is missing, or a new column came and the mapping says `stop`.
    """
    if not len(rows):
        return stack([], FINDING)
    files = files_of(rows)
    needed = {*rules.required, *(name for one in rules.entities for name in one.key)}
    missing = [one for one in rules.columns if one not in rows]
    for one in missing:
        if one in needed:
            raise _missing(one, files, rules)
    new = new_columns(rows, rules)
    if new and rules.on_new_column == "stop":
        raise _stop(new[0], files_of(rows[filled(rows[new[0]])]), rules)
    told = [file_findings(files_of(rows[filled(rows[one])]), one, NEW_COLUMN, rules) for one in new]
    told += [file_findings(files, one, COLUMN_MISSING, rules) for one in missing if one in rules.read]
    return stack(told, FINDING)


def _missing(column: str, files: list[str], rules: MapRules) -> SourceError:
    return SourceError(
        Text(
            f"来源 {rules.source} 缺少列“{column}”，而它是编号或必填列",
            f"source {rules.source} lacks the column '{column}', which is a key or required",
        ),
        where=", ".join(files) or None,
        next=Text(
            "在映射中改成现在的列名，或在来源中补上这一列",
            "write its present name in the mapping, or bring the column back in the source",
        ),
    )


def _stop(column: str, files: list[str], rules: MapRules) -> SourceError:
    return SourceError(
        Text(
            f"来源 {rules.source} 多了一列“{column}”，映射要求停下（on_new_column: stop）",
            f"source {rules.source} has the new column '{column}', and its mapping says to stop (on_new_column: stop)",
        ),
        where=", ".join(files) or None,
        next=Text("在映射中写明这一列的去向，或写 drop 与理由", "say in the mapping where it goes, or drop it with a reason"),
    )
