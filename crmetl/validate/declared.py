"""What declarations do to records before they are checked: defaults, and the entity filters."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmetl.batch import CHANGE, Batch, no_rids, stack, text_frame
from crmetl.project.model import EntityFilter, When
from crmetl.validate.rules import FieldRule, ValidateRules


def with_column(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the frame with a column of that name, empty if it was not there."""
    return frame if name in frame.columns else frame.assign(**{name: pd.Series(pd.NA, index=frame.index, dtype="str")})


def rewrite(batch: Batch, mask: "pd.Series[bool]", column: str, after: str | None, rule: str) -> tuple[Batch, pd.DataFrame]:
    """
    Write one value into a column where `mask` is true.

    Args:
        batch: Records; the column is made if it is not there.
        mask: Index as the batch.
        column: Field.
        after: New value; None empties the cell.
        rule: Why.

    Returns:
        The records, and their changes (columns CHANGE).
    """
    if not mask.any():
        return batch, text_frame(CHANGE)
    frame = with_column(batch.frame, column)
    before = frame.loc[mask, column]
    new = frame[column].mask(mask, after if after is not None else np.nan).astype("str")
    return Batch(batch.entity, frame.assign(**{column: new})), changes(batch.entity, column, before, after, rule)


def changes(entity: str, column: str, before: "pd.Series[str]", after: "pd.Series[str] | str | None", rule: str) -> pd.DataFrame:
    """Return one change (columns CHANGE) per cell of `before`."""
    new = after.to_numpy() if isinstance(after, pd.Series) else pd.Series([after] * len(before), dtype="str").to_numpy()
    return pd.DataFrame(
        {
            "rid": before.index.to_numpy(),
            "entity": [entity] * len(before),
            "column": [column] * len(before),
            "before": before.to_numpy(),
            "after": new,
            "rule": [rule] * len(before),
        },
        columns=list(CHANGE),
    ).astype("str")


def fill(batch: Batch, rules: ValidateRules) -> tuple[Batch, pd.DataFrame]:
    """Write the schema's defaults into empty cells; each is a change of rule `default`."""
    made = []
    for rule in rules.fields:
        if rule.default is not None:
            empty = (
                batch.frame[rule.name].isna() if rule.name in batch.frame.columns else pd.Series(True, index=batch.frame.index)
            )
            batch, done = rewrite(batch, empty, rule.name, rule.default, "default")
            made.append(done)
    return batch, stack(made, CHANGE)


def apart(batch: Batch, rules: ValidateRules) -> tuple[Batch, "pd.Series[str]", pd.DataFrame]:
    """
    Treat the records apart that an entity filter names.

    Every filter looks at the records as they came, so that one does not feed the next; a record that two filters leave
    out is counted under the first.

    Returns:
        The records that stay, rid -> rule of those left out, and the changes of `inactive` filters.
    """
    fit = {one.rule: fits(batch.frame, one.when) for one in rules.filters}
    dropped = no_rids("rule")
    for one in rules.filters:
        if one.then != "inactive":
            gone = batch.frame.index[fit[one.rule] & ~batch.frame.index.isin(dropped.index)]
            dropped = pd.concat([dropped, pd.Series(one.rule, index=gone, dtype="str", name="rule")])
    stay = batch.take(~pd.Series(batch.frame.index.isin(dropped.index), index=batch.frame.index))
    made = []
    for one in rules.filters:
        if one.then == "inactive":
            for column, value in one.set.items():
                mask = fit[one.rule].reindex(stay.frame.index) & _differs(stay.frame, column, value)
                stay, done = rewrite(stay, mask, column, value, one.rule)
                made.append(done)
    return stay, dropped.rename_axis("rid"), stack(made, CHANGE)


def fits(frame: pd.DataFrame, when: When) -> "pd.Series[bool]":
    """Say of each record whether every named field has one of its values; a field that is not there never has."""
    mask = pd.Series(True, index=frame.index)
    for column, wanted in when.items():
        mask &= frame[column].isin(values(wanted)) if column in frame.columns else False
    return mask


def values(wanted: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of a condition as a tuple."""
    return (wanted,) if isinstance(wanted, str) else wanted


def _differs(frame: pd.DataFrame, column: str, value: str) -> "pd.Series[bool]":
    return frame[column].ne(value).fillna(True).astype(bool) if column in frame.columns else pd.Series(True, index=frame.index)


def declared_of(record: Mapping[str, str | None], rules: ValidateRules) -> dict[str, str | None] | None:
    """Return one record with defaults and filters applied, or None where a filter leaves it out."""
    filled: dict[str, str | None] = {**record, **{rule.name: rule.default for rule in rules.fields if _blank(record, rule)}}
    fitting = [one for one in rules.filters if _fits(filled, one)]
    if any(one.then != "inactive" for one in fitting):
        return None
    for one in fitting:
        filled |= one.set
    return filled


def _blank(record: Mapping[str, str | None], rule: FieldRule) -> bool:
    return rule.default is not None and record.get(rule.name) is None


def _fits(record: Mapping[str, str | None], one: EntityFilter) -> bool:
    return all(record.get(column) in values(wanted) for column, wanted in one.when.items())
