"""Batches of the records that rows make: ids, fields, same-row parents, lineage."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from crmetl.batch import CUSTOM, KEY, PLACE, SOURCE, Batch, rid_of
from crmetl.mapping.cells import Cells
from crmetl.mapping.conditions import Mask, filled, joined_key, key_text
from crmetl.mapping.rules import EntityRules, MapRules
from crmetl.project.aim import KEY_OF


@dataclass(frozen=True)
class Ids:
    """
    The ids of one entity's records, by row.

    Attributes:
        rid: Row id -> rid, NA where the row makes none.
        key: Row id -> key in the source's system, NA where it has none.
        stem: Row id -> what ids of its split-off children begin with: the key, or the row id.
    """

    rid: "pd.Series[str]"
    key: "pd.Series[str]"
    stem: "pd.Series[str]"


def records_of(
    rows: pd.DataFrame, rules: MapRules, cells: Mapping[str, Cells], made: Mapping[str, Mask], aside: "pd.Series[str]"
) -> tuple[dict[str, Batch], dict[str, Ids]]:
    """
    Build the batch of every entity.

    Args:
        rows: Source columns and lineage.
        rules: Entities, parents first.
        cells: Entity -> its values by row.
        made: Entity -> rows that make it.
        aside: Row id -> custom text, for the row's main record.
    """
    ids: dict[str, Ids] = {}
    records: dict[str, Batch] = {}
    owner = _owners(rules, made, aside)
    for one in rules.entities:
        mask = made[one.entity]
        ids[one.entity] = _ids(rows, one, rules.source, mask)
        custom = aside.where(owner[one.entity]) if one.entity in owner else None
        frame = _frame(rows, one, cells[one.entity], ids, custom)
        index = pd.Index(ids[one.entity].rid[mask], dtype="str", name="rid")
        records[one.entity] = Batch(one.entity, (frame if mask.all() else frame[mask]).set_axis(index))
    return records, ids


def _owners(rules: MapRules, made: Mapping[str, Mask], aside: "pd.Series[str]") -> dict[str, Mask]:
    """Return entity -> rows whose undecided texts it keeps: the row's main record, or else the first one made."""
    left = filled(aside)
    if not left.any():
        return {}
    owner: dict[str, Mask] = {}
    for name in dict.fromkeys([rules.grain, *made]):
        if name in made:
            owner[name] = left & made[name]
            left = left & ~owner[name]
    return owner


def _ids(rows: pd.DataFrame, one: EntityRules, source: str, mask: Mask) -> Ids:
    """Mint rids: from the key; of constants only, from them; else from the row."""
    row_id = pd.Series(rows.index.to_numpy(), index=rows.index, dtype="str")
    key = joined_key(rows, one.key) if one.key and len(rows) else pd.Series(index=rows.index, dtype="str")
    head = f"{source}|{one.entity}|"
    if one.key and len(rows) and filled(key).all():
        text, stem = head + key, key
    elif not one.cells and not one.relation:
        constants = "|".join(f"{field}={text}" for field, text in sorted(one.constants.items()))
        text, stem = pd.Series(head + constants, index=rows.index, dtype="str"), row_id
    else:
        stem = key.fillna(row_id)
        text = head + stem + "|0"
        text = text.mask(filled(key), head + key) if one.key else text
    rid = rid_of(text) if mask.all() else rid_of(text[mask]).reindex(rows.index)
    return Ids(rid, key, stem)


def _frame(
    rows: pd.DataFrame, one: EntityRules, cells: Cells, ids: Mapping[str, Ids], custom: "pd.Series[str] | None"
) -> pd.DataFrame:
    """Return all columns of the batch over all rows; the caller takes the rows that make the record."""
    nothing = pd.Series(index=rows.index, dtype="str")
    columns: dict[str, pd.Series[str]] = {}
    for column in one.columns:
        value = cells.texts.get(column)
        if value is not None and column.endswith(f".{KEY_OF}"):
            value = key_text(value)
        if column in one.constants:
            constant = pd.Series(one.constants[column], index=rows.index, dtype="str")
            value = constant if value is None else value.where(value.notna(), constant)
        if column in one.parents:
            value = "@" + ids[one.parents[column]].rid
        columns[column] = nothing if value is None else value
    columns[CUSTOM] = nothing if custom is None else custom
    columns |= {SOURCE: rows[SOURCE], PLACE: rows[PLACE], KEY: ids[one.entity].key}
    return pd.DataFrame(columns, index=rows.index)
