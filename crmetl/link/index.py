"""What parents are found by: their source keys, and the normal forms of their cells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.link.forms import SEPARATOR, Form, spread, stored
from crmetl.link.rules import person_of
from crmetl.schema import Schema, SemanticName

ALSO = ("rid", "field", "value")
"""Columns of further values of survivors: what a duplicate or a contact point of theirs holds."""


@dataclass(frozen=True, eq=False)
class ParentIndex:
    """
    The records of one entity that others may refer to.

    Attributes:
        refs: Every reference once: `@rid` of a survivor, or a target key.
        cells: Field -> cells; the index is the place in `refs`; a survivor and the CRM row it is have the same place.
        types: Field -> semantic type.
        keyed: Columns text (system, separator, key) and ref (place in `refs`).
        alias: Target key -> reference that stands for it: of the survivor that matched the row, or of the row that the
            row was merged into.
        via: Reference of these records to their organisation, where they are people.
        people: Entity of the people of these records, where they are organisations.
    """

    entity: str
    refs: "pd.Index[str]"
    cells: Mapping[str, "pd.Series[str]"]
    types: Mapping[str, SemanticName]
    keyed: pd.DataFrame
    alias: Mapping[str, str] = field(default_factory=dict)
    via: str | None = None
    people: str | None = None

    def of(self, kinds: tuple[SemanticName, ...], form: Form) -> pd.DataFrame:
        """Return columns text, ref: each form of each cell of the fields of these types, once."""
        pairs = [_pairs(self.cells[name], self.types[name], form) for name in self.cells if self.types[name] in kinds]
        return _once(pairs)

    @cached_property
    def exact(self) -> Mapping[str, pd.DataFrame]:
        """Field of a telling type (TELLING) -> columns text, ref."""
        return {
            name: _once([_pairs(cells, self.types[name], "normal")])
            for name, cells in self.cells.items()
            if self.types[name] in TELLING
        }

    @cached_property
    def emails(self) -> pd.DataFrame:
        """E-mail addresses in lower case."""
        return self.of(("email",), "normal")

    @cached_property
    def phones(self) -> pd.DataFrame:
        """Phone numbers of any kind in normal form."""
        return self.of(("phone", "mobile"), "normal")

    @cached_property
    def names(self) -> pd.DataFrame:
        """Company names in full normal form."""
        return self.of(("company_name",), "normal")

    @cached_property
    def brands(self) -> pd.DataFrame:
        """Company names by brand, trade and place."""
        return self.of(("company_name",), "brand")

    @cached_property
    def domains(self) -> pd.DataFrame:
        """Domains of e-mail addresses and sites, never those where anybody may have an address."""
        return self.of(("email", "url"), "domain")

    @cached_property
    def persons(self) -> pd.DataFrame:
        """Names of people, each below its organisation: the same name elsewhere is somebody else."""
        names = self.of(("person_name",), "normal")
        above = names["ref"].map(self.organisations)
        known = above.notna()
        return names.assign(text=above.astype("str") + SEPARATOR + names["text"])[known]

    @cached_property
    def organisations(self) -> "pd.Series[str]":
        """Place in `refs` -> reference to the organisation; a survivor's own wins over its CRM row's."""
        if self.via is None or self.via not in self.cells:
            return pd.Series(dtype="str")
        cells = self.cells[self.via].dropna()
        return cells[~cells.index.duplicated()]


def parent_index(
    entity: str,
    golden: pd.DataFrame,
    *,
    existing: pd.DataFrame | None,
    keys: pd.DataFrame,
    schema: Schema,
    matched: Mapping[str, str] | None = None,
    also: pd.DataFrame | None = None,
) -> ParentIndex:
    """
    Make the records of an entity findable for their children.

    Args:
        entity: Name in `schema.yaml`.
        golden: Survivors of this run; index `rid`; references already linked.
        existing: Rows of the CRM, index `key`; those that were merged are followed to their survivor.
        keys: Columns system, source_key, ref; `ref` is `@rid` or a target key. A record that is not in `golden` (held,
            say) may be named; its children then refer to it and share its fate.
        schema: For the types of fields.
        matched: rid of a survivor -> target key of the CRM row it is; the row then stands for the survivor, so that one
            customer is not two candidates.
        also: Columns ALSO: further values by which a survivor is found.
    """
    declared = schema.entities[entity]
    rows = existing if existing is not None else golden[:0]
    alias = _alias(rows, matched or {}, next((name for name, to in declared.merge.items() if to == "$survivor"), None))
    ours = "@" + golden.index.to_series().astype("str")
    theirs = rows.index.to_series().astype("str")
    theirs = translated(theirs, alias)
    named = translated(keys["ref"], alias)
    refs = pd.Index(pd.concat([ours, theirs, named]).drop_duplicates(), dtype="str")
    cells: dict[str, pd.Series[str]] = {}
    for name in (name for name, one in declared.fields.items() if one.type not in UNTELLING):
        parts = [_cells(golden, name, refs.get_indexer(pd.Index(ours))), _cells(rows, name, refs.get_indexer(pd.Index(theirs)))]
        if also is not None:
            more = also[also["field"].eq(name)]
            parts.append(_cells(more, "value", refs.get_indexer(pd.Index("@" + more["rid"].astype("str")))))
        cells[name] = pd.concat(parts).dropna()
    people = person_of(schema, entity)
    references = declared.references()
    return ParentIndex(
        entity=entity,
        refs=refs,
        cells={name: one for name, one in cells.items() if len(one)},
        types={name: one.type for name, one in declared.fields.items()},
        keyed=_once(
            [pd.DataFrame({"text": keys["system"] + SEPARATOR + keys["source_key"], "ref": refs.get_indexer(pd.Index(named))})]
        ),
        alias=alias,
        via=next((name for name, to in references.items() if (entity, name) == person_of(schema, to)), None),
        people=people[0] if people else None,
    )


def translated(texts: "pd.Series[str]", by: Mapping[str, str]) -> "pd.Series[str]":
    """Return texts with those replaced that the mapping knows."""
    return texts.map(by).astype("str").fillna(texts)


def no_parents(entity: str) -> ParentIndex:
    """Return the index of an entity without records."""
    return ParentIndex(entity, pd.Index([], dtype="str"), {}, {}, _once([]))


TELLING: tuple[SemanticName, ...] = ("uscc", "tax_id", "id_code", "text", "url")
"""Types that by themselves may name a record: codes, numbers, the title of a campaign."""
UNTELLING: tuple[SemanticName, ...] = ("long_text", "money", "quantity", "percent", "boolean", "datetime", "language", "currency")
"""Types that never tell one record from another."""


def _cells(frame: pd.DataFrame, name: str, places: npt.NDArray[np.intp]) -> "pd.Series[str]":
    """Return a column with the places of its records as index; empty where the frame has no such column."""
    if name not in frame.columns:
        return pd.Series(dtype="str", index=pd.Index([], dtype="int64"))
    return pd.Series(frame[name].astype("str").to_numpy(), index=pd.Index(places.tolist(), dtype="int64"), dtype="str")


def _once(pairs: list[pd.DataFrame]) -> pd.DataFrame:
    """Return columns text, ref of all pairs, each once; places below 0 name nobody."""
    every = pd.concat([pd.DataFrame({"text": pd.Series(dtype="str"), "ref": pd.Series(dtype="int64")}), *pairs])
    return every[every["text"].notna() & every["ref"].ge(0)].drop_duplicates().reset_index(drop=True)


def _alias(rows: pd.DataFrame, matched: Mapping[str, str], merged_into: str | None) -> dict[str, str]:
    """Return target key -> what stands for it; a chain of merges is followed to its end."""
    ours = {key: f"@{rid}" for rid, key in matched.items()}
    if merged_into is None or merged_into not in rows.columns:
        return ours
    into = {str(key): str(to) for key, to in rows[merged_into].dropna().items()}
    ends = {key: _end(key, into) for key in into}
    return {key: ours.get(end, end) for key, end in ends.items()} | ours


def _end(key: str, into: Mapping[str, str]) -> str:
    """Follow a chain of merges; one that bites its tail ends where it was entered."""
    seen = {key}
    while (to := into.get(key)) is not None and to not in seen:
        seen.add(to)
        key = to
    return key


def _pairs(cells: "pd.Series[str]", kind: SemanticName, form: Form) -> pd.DataFrame:
    return spread(cells, stored(kind, form)).rename(columns={"row": "ref"})
