"""Merges of two CRM rows and retirements: updates of declared columns, never a DELETE."""

from collections.abc import Mapping

import pandas as pd

from crmetl.batch import stack
from crmetl.diff.identity import follow_keys
from crmetl.diff.parts import Parts, cells_of, operations_of
from crmetl.diff.placing import fields_of
from crmetl.plan import CELL, CHILD, TargetReader, among
from crmetl.schema.model import Entity

Follow = Mapping[str, Mapping[str, str]]
"""Reference field -> key of a merged parent -> key of what it becomes."""


def merge_parts(
    name: str,
    entity: Entity,
    rows: pd.DataFrame,
    *,
    into: Mapping[str, str],
    scores: Mapping[str, str],
    reader: TargetReader,
    follow: Follow,
) -> Parts:
    """
    Plan the merges of one entity; all losers of one survivor are one operation group.

    Args:
        name, entity: Of the rows.
        rows: The target's rows, index key.
        into: Loser -> final survivor.
        scores: Loser -> match weight in 1/1000 bit.
        reader: For the children of the losers.
        follow: For references that a survivor takes over.

    Returns:
        Cells set on losers, blanks of survivors filled from their losers in the order of keys, children re-pointed.
    """
    here = {one: end for one, end in sorted(into.items()) if one in rows.index and end in rows.index}
    if not here:
        return Parts()
    ends = pd.Series(here, dtype="str")
    children = reader.children(name, list(here)).sort_values(["child_entity", "child_column", "child_key"], ignore_index=True)
    children = children.assign(entity=name, group=_group(name, children["key"].map(ends)))[list(CHILD)].astype("str")
    cells = stack(
        [
            *_loser_cells(name, entity, rows, ends),
            *_filled_cells(name, entity, rows, ends, follow),
            _child_cells(name, children, ends),
        ],
        CELL,
    )
    busy = ends[among(_group(name, ends), cells["group"])]
    operations = operations_of("merge", name, pd.Series(busy.index, dtype="str"), "merged").assign(
        group=_group(name, busy).to_numpy(),
        survivor=busy.to_numpy(),
        score=pd.Series(list(busy.index)).map(dict(scores)).to_numpy(),
    )
    return Parts(operations=operations.astype("str"), cells=cells, children=children)


def _group(name: str, survivors: "pd.Series[str]") -> "pd.Series[str]":
    return f"{name}/merge/" + survivors.astype("str")


def _loser_cells(name: str, entity: Entity, rows: pd.DataFrame, ends: "pd.Series[str]") -> list[pd.DataFrame]:
    losers = rows.loc[ends.index]
    parts = []
    for column, value in entity.merge.items():
        after = ends if value == "$survivor" else pd.Series(value, index=ends.index, dtype="str")
        moves = losers[column].fillna("") != after
        if not moves.any():
            continue
        parts.append(cells_of(name, column, losers.loc[moves, column], after[moves], "merge", group=_group(name, ends[moves])))
    return parts


def _filled_cells(name: str, entity: Entity, rows: pd.DataFrame, ends: "pd.Series[str]", follow: Follow) -> list[pd.DataFrame]:
    """Fill what the survivor lacks from its losers; status and the mark of a merge are its own."""
    survivors = rows.loc[sorted(set(ends))]
    parts = []
    for column in fields_of(entity):
        if column in entity.merge or column in entity.retire:
            continue
        offered = follow_keys(rows.loc[ends.index, column], follow.get(column, {})).groupby(ends.to_numpy()).first().astype("str")
        after = offered.reindex(survivors.index)[survivors[column].isna()].dropna()
        if not len(after):
            continue
        own = pd.Series(after.index, index=after.index, dtype="str")
        parts.append(cells_of(name, column, survivors.loc[after.index, column], after, "fill_blank", group=_group(name, own)))
    return parts


def _child_cells(name: str, children: pd.DataFrame, ends: "pd.Series[str]") -> pd.DataFrame:
    """Re-point children to the survivor; the rows of the merge itself are no children of each other."""
    after = children["key"].map(ends).astype("str")
    own = (children["child_entity"] == name) & (among(children["child_key"], ends.index) | (children["child_key"] == after))
    mine = children[~own]
    return pd.DataFrame(
        {
            "group": mine["group"],
            "entity": mine["child_entity"],
            "key": mine["child_key"],
            "column": mine["child_column"],
            "before": mine["key"],
            "after": after[~own],
            "because": "repoint",
            "rid": pd.NA,
            "place": pd.NA,
        }
    ).astype("str")


def retire_parts(name: str, entity: Entity, rows: pd.DataFrame, *, leaving: pd.DataFrame) -> Parts:
    """
    Plan retirements of one entity.

    Args:
        name, entity: Of the rows.
        rows: The target's rows, index key.
        leaving: Index key; columns because, place, rid. Keys that are not in the target need nothing.
    """
    here = leaving[among(leaving.index, rows.index)]
    if not len(here):
        return Parts()
    cells = []
    for column, value in entity.retire.items():
        before = rows.loc[here.index, column]
        moves = before.fillna("") != value
        after = pd.Series(value, index=before.index, dtype="str")[moves]
        cells.append(cells_of(name, column, before[moves], after, "retire", rids=here["rid"][moves], places=here["place"][moves]))
    whole = stack(cells, CELL)
    gone = here[among(here.index, whole["key"])]
    operations = operations_of("retire", name, pd.Series(gone.index, dtype="str"), "retired").assign(
        rid=gone["rid"].to_numpy(), place=gone["place"].to_numpy(), because=gone["because"].to_numpy()
    )
    return Parts(operations=operations.astype("str"), cells=whole)
