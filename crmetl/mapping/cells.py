"""The cells of each record of a row: plain columns, the first that is filled wins, and what splitting gave."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmetl.mapping.conditions import Mask, filled, fits
from crmetl.mapping.rules import EntityRules, MapRules

Given = Mapping[tuple[str, str, str], "pd.Series[str]"]
"""(source column, entity, field) -> text per row that splitting the column gave."""


@dataclass(frozen=True)
class Cells:
    """
    One entity's values over all rows of a chunk.

    Attributes:
        rules: How the entity is made.
        texts: Column of the batch -> text per row; constants are not in it.
        fits: Rows whose `when` holds.
        own: Rows with a value of the entity's own.
        hinted: Rows with evidence of a parent.
    """

    rules: EntityRules
    texts: dict[str, "pd.Series[str]"]
    fits: Mask
    own: Mask
    hinted: Mask


def cells_of(rows: pd.DataFrame, one: EntityRules, given: Given, also: Mask | None = None) -> Cells:
    """
    Gather the cells of an entity; a source column that is missing gives nothing.

    Args:
        rows: Source columns.
        one: How the entity is made.
        given: What splitting gave.
        also: Rows with content of the entity that has no column in it (a second phone).
    """
    texts: dict[str, pd.Series[str]] = {}
    hinted = np.zeros(len(rows), dtype=bool)
    own = hinted if also is None else also
    for column, headers in one.cells.items():
        found = [given.get((header, one.entity, column), rows.get(header)) for header in headers]
        there = [text for text in found if text is not None]
        if not there:
            continue
        texts[column] = _first(there)
        mask = filled(texts[column])
        if "." in column:
            hinted = hinted | mask
        else:
            own = own | mask
    return Cells(one, texts, fits(rows, one.when), own, hinted)


def _first(texts: "list[pd.Series[str]]") -> "pd.Series[str]":
    chosen = texts[0]
    for text in texts[1:]:
        chosen = chosen.where(chosen.notna(), text)
    return chosen


def minted(cells: Mapping[str, Cells], rules: MapRules, kept_aside: Mask) -> dict[str, Mask]:
    """
    Say which rows make which record.

    A record needs a value of its own; constants and parents alone make none, except for a relation, whose parents are
    its content, and for a record of constants only, which belongs to the whole source.

    Args:
        cells: Entity -> its cells.
        rules: The source's rules.
        kept_aside: Rows with text in a column that is not decided; it is kept with the row's main record.
    """
    made: dict[str, Mask] = {}
    for name, one in cells.items():
        if one.rules.cells or one.rules.relation:
            made[name] = one.own & one.fits
    grain = rules.grain
    if grain in made:
        made[grain] = made[grain] | (kept_aside & cells[grain].fits & ~any_of(made, len(kept_aside)))
    real = {name for name, one in cells.items() if one.rules.cells}
    for name, one in cells.items():
        if one.rules.relation:
            parents = {parent: made[parent] for parent in one.rules.parents.values() if parent in made and parent in real}
            made[name] = (one.own | one.hinted | any_of(parents, len(kept_aside))) & one.fits
    somewhere = any_of(made, len(kept_aside))
    for name, one in cells.items():
        if name not in made:
            made[name] = somewhere & one.fits
    return made


def any_of(masks: Mapping[str, Mask], length: int) -> Mask:
    """Return which rows are in one of the masks."""
    mask = np.zeros(length, dtype=bool)
    for one in masks.values():
        mask |= one
    return mask
