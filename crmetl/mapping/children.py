"""Records split off a row: further phones as contact points, people of a mail as its parties."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmetl.batch import CUSTOM, KEY, PLACE, SOURCE, Batch, rid_of, text_frame
from crmetl.mapping.cells import any_of
from crmetl.mapping.conditions import Mask
from crmetl.mapping.parties import split_parties
from crmetl.mapping.records import Ids
from crmetl.mapping.rules import POINT, MapRules, Parties

CHILD = ("row", "slot", "owner", "reference")
"""
Position of the row; what tells the child from others of its row; the entity it hangs on and the field that refers to it
(NA: none). Further columns are fields of the child.
"""


def children_of(
    rows: pd.DataFrame, rules: MapRules, surplus: pd.DataFrame, ids: Mapping[str, Ids], goes: Mask
) -> dict[str, Batch]:
    """
    Build the batches of split-off records.

    Args:
        rows: Source columns and lineage.
        rules: Of the source.
        surplus: As `SplitPhones.surplus`.
        ids: Entity -> ids of the rows' own records.
        goes: Rows that were mapped.
    """
    made: dict[str, pd.DataFrame] = {}
    if rules.phones and rules.points:
        made[POINT] = _points(rules, surplus, ids)
    for entity in dict.fromkeys(one.entity for one in rules.parties):
        mine = [_people(rows, one) for one in rules.parties if one.entity == entity and one.column in rows]
        made[entity] = pd.concat(mine, ignore_index=True) if mine else text_frame(CHILD).astype({"row": "int64"})
    return {name: _batch(name, one[goes[one["row"].to_numpy()]], rows, rules, ids) for name, one in made.items()}


def _points(rules: MapRules, surplus: pd.DataFrame, ids: Mapping[str, Ids]) -> pd.DataFrame:
    """Return contact points with their owner: whose the number is, or else another record of the row."""
    mine = surplus[surplus["entity"].isin(list(rules.points))]
    made = {name: ids[name].rid.notna().to_numpy()[mine["row"].to_numpy()] for name in rules.points if name in ids}
    right = any_of({name: there & mine["entity"].eq(name).to_numpy() for name, there in made.items()}, len(mine))
    owner = mine["entity"].where(right)
    for name, there in made.items():
        owner = owner.mask(owner.isna() & there, name)
    points = mine[["row", "kind", "value"]].assign(owner=owner).dropna(subset=["owner"])
    return points.assign(
        reference=points["owner"].map(dict(rules.points)).astype("str"),
        slot=points["owner"] + ":" + points["kind"] + ":" + points["value"],
    )


def _people(rows: pd.DataFrame, one: Parties) -> pd.DataFrame:
    people = split_parties(rows[one.column])
    return people.assign(
        role=pd.Series(one.column, index=people.index, dtype="str"),
        owner=pd.Series(one.owner, index=people.index, dtype="str"),
        reference=pd.Series(one.reference, index=people.index, dtype="str"),
        slot=one.column + ":" + people["address"].str.casefold(),
    )


def _batch(entity: str, children: pd.DataFrame, rows: pd.DataFrame, rules: MapRules, ids: Mapping[str, Ids]) -> Batch:
    """Return the children as records; the id of a keyed owner's child follows from the key, so that repeats fold."""
    at = children["row"].to_numpy(dtype=np.int64)

    def by_row(texts: "pd.Series[str]") -> "pd.Series[str]":
        return texts.take(at).set_axis(children.index)

    stem, parent = pd.Series(rows.index[at], index=children.index, dtype="str"), pd.Series(index=children.index, dtype="str")
    for owner in children["owner"].dropna().unique():
        mine = children["owner"].eq(owner)
        stem = stem.mask(mine, by_row(ids[str(owner)].stem))
        parent = parent.mask(mine, "@" + by_row(ids[str(owner)].rid))
    rid = rid_of(f"{rules.source}|{entity}|" + stem + "|" + children["slot"])
    nothing = pd.Series(index=children.index, dtype="str")
    columns = {
        name: parent.where(children["reference"].eq(name))
        if children["reference"].eq(name).any()
        else children.get(name, nothing)
        for name in rules.child_columns[entity]
    }
    lineage = {SOURCE: by_row(rows[SOURCE]), PLACE: by_row(rows[PLACE]), KEY: nothing}
    frame = pd.DataFrame({**columns, CUSTOM: nothing, **lineage}).astype("str")
    return Batch(entity, frame.set_axis(pd.Index(rid.to_numpy(), dtype="str", name="rid")))


def joined(records: Mapping[str, Batch], children: Mapping[str, Batch]) -> dict[str, Batch]:
    """Return all batches; an entity that is both mapped and split off comes in one, with the columns of both."""
    both = {
        name: Batch(name, pd.concat([records[name].frame, one.frame]).astype("str"))
        for name, one in children.items()
        if name in records
    }
    return {**records, **children, **both}
