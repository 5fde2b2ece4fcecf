"""Cell checks of a whole chunk: one pandera schema made from the rules, run once, lazily."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from crmetl.batch import FINDING, PLACE, SOURCE, Batch, text_frame
from crmetl.errors import CrmetlError
from crmetl.faults import Fault, Severity
from crmetl.validate.checks import CellCheck, compiled
from crmetl.validate.rules import ValidateRules

if TYPE_CHECKING:
    import pandera.pandas as pa


def cell_findings(batch: Batch, *, rules: ValidateRules) -> pd.DataFrame:
    """
    Return one finding for each failing cell.

    Args:
        batch: Records; a field that must be filled and has no column fails in every record.
        rules: The checks.

    Returns:
        Columns FINDING, in the order of schema and records; a cell that fails several checks is told once, by the
        gravest of them.

    Raises:
        CrmetlError: pandera could not run a check, which is a bug and not a fault of the data.
    """
    checks = {rule.name: some for rule, some in compiled(rules) if rule.required or rule.name in batch.frame.columns}
    if not checks or not len(batch):
        return text_frame(FINDING)
    # A column of another dtype would fail as a whole and lose the row ids, so the schema only ever sees text.
    cases = _failures(batch.frame.reindex(columns=list(checks)).astype("str"), checks)
    severities = {(rule.name, one.fault.code): rules.severity(one.fault, rule) for rule, some in compiled(rules) for one in some}
    places = zip(cases["column"], cases["code"], strict=True)
    return told(batch, cases["rid"], cases["column"], cases["code"], [severities[place] for place in places])


def told(
    batch: Batch, rids: "pd.Series[str]", columns: "pd.Series[str]", codes: "pd.Series[str]", severities: list[Severity]
) -> pd.DataFrame:
    """Return findings (columns FINDING) at places given as parallel columns; sources and places come from the batch."""
    places = batch.frame[[SOURCE, PLACE]].reindex(rids)
    return pd.DataFrame(
        {
            "rid": rids.to_numpy(),
            "entity": batch.entity,
            "source": places[SOURCE].to_numpy(),
            "place": places[PLACE].to_numpy(),
            "column": columns.to_numpy(),
            "code": codes.to_numpy(),
            "severity": severities,
        },
        columns=list(FINDING),
    ).astype("str")


def marked(batch: Batch, mask: "pd.Series[bool]", column: str, fault: Fault, rules: ValidateRules | None) -> pd.DataFrame:
    """Return one finding per record where `mask` is true, as serious as the project says."""
    return batch.findings(mask, column, fault, rules.severity(fault) if rules else None) if mask.any() else text_frame(FINDING)


def _failures(frame: pd.DataFrame, checks: dict[str, tuple[CellCheck, ...]]) -> pd.DataFrame:
    """Return columns rid, column, code: the first failing check of each cell, columns in their order."""
    import pandera.pandas as pa  # noqa: PLC0415 its import takes most of a second, which commands that validate nothing save

    schema = pa.DataFrameSchema({name: _column(some) for name, some in checks.items()})
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as failed:
        return _cases(failed.failure_cases, frame)
    return text_frame(["rid", "column", "code"])


def _column(checks: tuple[CellCheck, ...]) -> "pa.Column":
    import pandera.pandas as pa  # noqa: PLC0415 see `_failures`

    return pa.Column(checks=[pa.Check(check.many, name=check.fault.code, ignore_na=False) for check in checks], nullable=True)


def _cases(cases: Any, frame: pd.DataFrame) -> pd.DataFrame:
    if cases["index"].isna().any() or not cases["check_number"].notna().all():
        # pandera reports a check that raised as a failure of the whole column; silence would let wrong cells through.
        raise CrmetlError(f"a check could not run: {sorted(set(cases['check'].astype('str')))}", where="validate")
    found = pd.DataFrame(
        {"rid": cases["index"], "column": cases["column"], "code": cases["check"], "number": cases["check_number"]}
    )
    order = {name: number for number, name in enumerate(frame.columns)}
    place = pd.Series(range(len(frame)), index=frame.index)
    found = found.assign(_c=found["column"].map(order), _r=found["rid"].map(place)).sort_values(["_c", "_r", "number"])
    return found.drop_duplicates(["rid", "column"])[["rid", "column", "code"]].reset_index(drop=True)
