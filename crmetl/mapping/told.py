"""Findings about rows and files, before there are records."""

import pandas as pd

from crmetl.batch import FINDING, PLACE, SOURCE, text_frame
from crmetl.faults.kind import Fault
from crmetl.mapping.conditions import Mask
from crmetl.mapping.rules import MapRules


def row_findings(
    rows: pd.DataFrame, mask: Mask, column: str, fault: Fault, *, rules: MapRules, entity: str | None = None
) -> pd.DataFrame:
    """
    Return one finding per row of `mask`; its `rid` is the row's id, for the row gives no record or waits.

    Returns:
        Columns FINDING.
    """
    if not mask.any():
        return text_frame(FINDING)
    where = rows.loc[mask, [SOURCE, PLACE]]
    told = pd.DataFrame({"rid": where.index.astype("str"), "source": where[SOURCE].to_numpy(), "place": where[PLACE].to_numpy()})
    return told.assign(entity=entity, column=column, code=fault.code, severity=rules.severity(fault))[list(FINDING)].astype("str")


def file_findings(files: "list[str]", column: str, fault: Fault, rules: MapRules) -> pd.DataFrame:
    """Return one finding per file, without a record; every chunk of a file tells the same one."""
    told = pd.DataFrame({"place": pd.Series(files, dtype="str")})
    told = told.assign(rid=None, entity=None, source=rules.source, column=column, code=fault.code, severity=rules.severity(fault))
    return told[list(FINDING)].astype("str")


def files_of(rows: pd.DataFrame) -> "list[str]":
    """Return the files that rows come from: the part of the place before the first `!`."""
    return sorted(rows[PLACE].dropna().str.partition("!")[0].unique())
