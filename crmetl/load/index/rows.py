"""CRM rows as matching sees them: their compared cells, with their contacts and further numbers as evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

import pandas as pd

from crmetl.batch import text_frame
from crmetl.dedupe import MatchRules
from crmetl.dedupe.faces import crm_faces
from crmetl.plan import TargetReader
from crmetl.schema import Schema

POINT = "contact_point"
POINT_KINDS = ("phone", "mobile", "email")
"""Semantic types that are also kinds of a contact point."""


class Selects(Protocol):
    """A target that can be asked for rows of a table by one column."""

    @property
    def schema(self) -> Schema:
        """The schema that the target holds."""

    def select(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        where: tuple[str, Sequence[str]] | None = None,
        lock: bool = False,
    ) -> pd.DataFrame:
        """Return rows of a table as canonical text."""


@dataclass(frozen=True)
class Child:
    """
    A child entity whose cells are evidence for its parent.

    Attributes:
        reference: Its field that names the parent.
        cells: Its field -> compared column (`mobile` -> `contact.mobile`).
        into: Its field that says which record it was merged into, or None.
        points: Kind of its own contact points -> compared column.
    """

    entity: str
    reference: str
    cells: Mapping[str, str]
    into: str | None
    points: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """
    Where the compared cells of an entity stand.

    Attributes:
        own: Its own compared fields.
        within: Reference field of the parent inside which records are compared, or None.
        into: Field that says which record it was merged into, or None.
        children: Children that bring evidence.
        points: Kind of its contact points -> compared column; none where the schema has no contact points of it.
    """

    entity: str
    own: tuple[str, ...]
    within: str | None
    into: str | None
    children: tuple[Child, ...]
    points: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return all compared columns, and the one of the parent."""
        told = [column for child in self.children for column in child.cells.values()]
        return (*self.own, *told, *([self.within] if self.within and self.within not in self.own else []))


def merged_into(schema: Schema, entity: str) -> str | None:
    """Return the field that names the survivor of a merged record."""
    return next((name for name, value in schema.entities[entity].merge.items() if value == "$survivor"), None)


def shape_of(schema: Schema, entity: str, fields: Sequence[str], within: str | None) -> Shape:
    """
    Return where the compared cells of an entity stand.

    Args:
        fields: As the comparisons name them: own fields, and `child.field`.
    """
    own = tuple(one for one in fields if "." not in one)
    names = dict.fromkeys(one.split(".")[0] for one in fields if "." in one)
    children = []
    for name in names:
        reference = next((one for one, to in schema.entities[name].references().items() if to == entity), None)
        cells = {one.split(".")[1]: one for one in fields if one.startswith(f"{name}.")}
        if reference is not None:
            points = _points(schema, name, {column: schema.entities[name].fields[cell].type for cell, column in cells.items()})
            children.append(Child(name, reference, cells, merged_into(schema, name), points))
    kinds = {one: schema.entities[entity].fields[one].type for one in own}
    told = {column: schema.entities[c.entity].fields[cell].type for c in children for cell, column in c.cells.items()}
    return Shape(entity, own, within, merged_into(schema, entity), tuple(children), _points(schema, entity, {**told, **kinds}))


def _points(schema: Schema, entity: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """Return kind of contact point -> column whose place its value takes; an own column before a child's."""
    if POINT not in schema.entities or entity not in schema.entities[POINT].references():
        return {}
    if not {"kind", "value"} <= set(schema.entities[POINT].fields):
        return {}
    found = {}
    for kind in POINT_KINDS:
        columns = sorted((one for one, named in kinds.items() if named == kind), key=lambda one: "." in one)
        if columns:
            found[kind] = columns[0]
    return found


def rows_of(target: Selects, shape: Shape, keys: Sequence[str] | None) -> pd.DataFrame:
    """
    Return the own compared cells of live CRM rows: those that were not merged into another.

    Args:
        keys: None: all.

    Returns:
        Index `key`, columns of the shape; those of children are NA.
    """
    asked = [one for one in dict.fromkeys([*shape.own, shape.within, shape.into]) if one]
    rows = target.select(shape.entity, ["key", *asked], where=None if keys is None else ("key", keys))
    return _live(rows, shape.into).set_index("key").reindex(columns=list(shape.columns)).astype("str")


def _live(rows: pd.DataFrame, into: str | None) -> pd.DataFrame:
    return rows if into is None else rows[rows[into].isna()]


def evidence_of(target: Selects, shape: Shape, keys: Sequence[str] | None) -> pd.DataFrame:
    """
    Return the evidence of CRM rows: a row per contact, and per further number or mailbox.

    Args:
        keys: Of the parents; None: of all.

    Returns:
        Index `key` (of the parent), columns among the shape's.
    """
    found = [_told(_point_rows(target, shape.entity, keys), shape.points)] if shape.points else []
    for child in shape.children:
        asked = ["key", child.reference, *child.cells, *([child.into] if child.into else [])]
        rows = target.select(child.entity, asked, where=None if keys is None else (child.reference, keys))
        rows = _live(rows, child.into).dropna(subset=[child.reference])
        found.append(rows.rename(columns=dict(child.cells)).set_index(child.reference)[list(child.cells.values())])
        if child.points:
            whose = rows.set_index("key")[child.reference]
            more = _point_rows(target, child.entity, None if keys is None else rows["key"].tolist())
            found.append(_told(more.set_index(more.index.to_series().map(whose).to_numpy()), child.points))
    filled = [one.reindex(columns=list(shape.columns)).astype("str") for one in found if len(one)]
    whole = pd.concat(filled) if filled else text_frame(shape.columns)
    return whole[whole.index.notna()].rename_axis("key")


def _point_rows(target: Selects, owner: str, keys: Sequence[str] | None) -> pd.DataFrame:
    """Return kind and value of contact points, index: the key of their owner."""
    rows = target.select(POINT, [owner, "kind", "value"], where=None if keys is None else (owner, keys))
    return rows.dropna().set_index(owner)


def _told(rows: pd.DataFrame, points: Mapping[str, str]) -> pd.DataFrame:
    """Return the points as cells of the columns whose place they take."""
    parts = [rows.loc[rows["kind"] == kind, ["value"]].rename(columns={"value": column}) for kind, column in points.items()]
    return pd.concat(parts) if parts else rows[[]]


def faces(target: Selects, shape: Shape, keys: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the faces of live CRM rows, as `crmetl.dedupe.faces.crm_faces` gives them; index `key`."""
    return crm_faces(rows_of(target, shape, keys), evidence_of(target, shape, keys))


def crm_rows(reader: TargetReader, rules: MatchRules) -> pd.DataFrame:
    """Return the live CRM rows of an entity as a batch compares them: every face of each; index `key`."""
    shape = shape_of(cast("Selects", reader).schema, rules.entity, [one.field for one in rules.comparisons], rules.within)
    return faces(cast("Selects", reader), shape)
