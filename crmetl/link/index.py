"""What parents are found by: their source keys, and the normal forms of their cells."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.link.firm import Firm, firm
from crmetl.link.forms import PHONES, SEPARATOR, Form, stored
from crmetl.link.lookup import Lookup, lookup
from crmetl.link.rules import person_of
from crmetl.schema import Schema, SemanticName

ALSO = ("rid", "field", "value")
"""Columns of further values of survivors: what a duplicate or a contact point of theirs holds."""
TELLING: tuple[SemanticName, ...] = ("uscc", "tax_id", "id_code", "text", "url")
"""Types that by themselves may name a record: codes, numbers, the title of a campaign."""
UNTELLING: tuple[SemanticName, ...] = ("long_text", "money", "quantity", "percent", "boolean", "datetime", "language", "currency")
"""Types that never tell one record from another."""


@dataclass(frozen=True, eq=False)
class ParentIndex:
    """
    The records of one entity that others may refer to.

    Attributes:
        refs: Every reference once: `@rid` of a survivor, or a target key.
        cells: Field -> cells; the index is the place in `refs`; a survivor and the CRM row it is have the same place.
        types: Field -> semantic type.
        keyed: System, separator, key -> places.
        alias: Target key -> reference that stands for it: of the survivor that matched the row, or of the row that the
            row was merged into.
        via: Reference of these records to their organisation, where they are people.
        people: Entity of the people of these records, where they are organisations.
        crowds: What `people_of` made of these records; kept here, so that it goes when the index goes.
    """

    entity: str
    refs: "pd.Index[str]"
    cells: Mapping[str, "pd.Series[str]"]
    types: Mapping[str, SemanticName]
    keyed: Lookup
    alias: Mapping[str, str] = field(default_factory=dict)
    via: str | None = None
    people: str | None = None
    crowds: "dict[int, People]" = field(default_factory=dict, repr=False)

    def of(self, kinds: tuple[SemanticName, ...], form: Form) -> Lookup:
        """Return the look-up of a form of the cells of all fields of these types."""
        return lookup(pair for name in self._named(*kinds) for pair in _pairs(self.cells[name], self.types[name], form))

    def by(self, kind: SemanticName, form: Form) -> Lookup:
        """Return the look-up that answers this kind of evidence about people."""
        return self.domains if form == "domain" else self.emails if kind == "email" else self.phones

    def among(self, name: str, places: "pd.Series[int]") -> Lookup:
        """Return the look-up of one field of some records only."""
        if name not in self.cells:
            return Lookup()
        cells = self.cells[name]
        return lookup(_pairs(cells[cells.index.isin(places)], self.types[name], "normal"))

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Reference -> its place."""
        return {ref: place for place, ref in enumerate(self.refs.tolist())}

    def code(self, name: str) -> Lookup:
        """Return the look-up of one field of a type in TELLING."""
        return self.exact.get(name, Lookup())

    @cached_property
    def exact(self) -> Mapping[str, Lookup]:
        """Field of a type in TELLING -> look-up of its cells."""
        telling = [name for name in self.cells if self.types[name] in TELLING]
        return {name: lookup(_pairs(self.cells[name], self.types[name], "normal")) for name in telling}

    @cached_property
    def emails(self) -> Lookup:
        """E-mail addresses in lower case."""
        return self.of(("email",), "normal")

    @cached_property
    def phones(self) -> Lookup:
        """Phone numbers of any kind in normal form."""
        return self.of(PHONES, "normal")

    @cached_property
    def names(self) -> Lookup:
        """Company names in full normal form."""
        return self.of(("company_name",), "normal")

    @cached_property
    def firms(self) -> Mapping[int, frozenset[Firm]]:
        """Place -> what the company's names tell."""
        towns = {place: city for name in self._named("city") for place, city in self.cells[name].items()}
        found: defaultdict[int, set[Firm]] = defaultdict(set)
        for name in self._named("company_name"):
            for place, cell in zip(self.cells[name].index.tolist(), self.cells[name].tolist(), strict=True):
                found[place].add(firm(cell, towns.get(place, "")))
        return {place: frozenset(firms) for place, firms in found.items()}

    @cached_property
    def brands(self) -> Lookup:
        """Brands of companies."""
        return lookup((one.brand, place) for place, firms in self.firms.items() for one in firms)

    @property
    def of_firms(self) -> bool:
        """Say whether these records are companies."""
        return "company_name" in self.types.values()

    def _named(self, *kinds: SemanticName) -> list[str]:
        return [name for name in self.cells if self.types[name] in kinds]

    @cached_property
    def domains(self) -> Lookup:
        """Domains of e-mail addresses and sites, never those where anybody may have an address."""
        return self.of(("email", "url"), "domain")


@dataclass(frozen=True, eq=False)
class People:
    """
    The people of an organisation's index.

    Attributes:
        index: Of the people.
        above: Place of a person -> place of the organisation; those whose organisation is not known are not in it.
        names: Place of the organisation, separator, name -> places of people: the same name elsewhere is somebody else.
    """

    index: ParentIndex
    above: Mapping[int, int]
    names: Lookup


def people_of(people: ParentIndex, organisations: ParentIndex) -> People:
    """Return people with their places among the organisations; remembered, for every chunk asks."""
    if id(organisations) not in people.crowds:
        people.crowds[id(organisations)] = _people_of(people, organisations)
    return people.crowds[id(organisations)]


def _people_of(people: ParentIndex, organisations: ParentIndex) -> People:
    cells = people.cells.get(people.via or "", pd.Series(dtype="str", index=pd.Index([], dtype="int64")))
    own = translated(cells[~cells.index.duplicated()], organisations.alias)
    known = organisations.place
    above = {one: known[ref] for one, ref in zip(own.index.tolist(), own.tolist(), strict=True) if ref in known}
    names = people.of(("person_name",), "normal")
    named = (
        (text, place)
        for text, places in (*names.many.items(), *((one, (at,)) for one, at in names.one.items()))
        for place in places
    )
    return People(people, above, lookup((f"{above[place]}{SEPARATOR}{text}", place) for text, place in named if place in above))


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

    Cost: linear; the look-ups are made when they are first asked.
    """
    declared = schema.entities[entity]
    rows = existing if existing is not None else golden[:0]
    alias = _alias(rows, matched or {}, next((name for name, to in declared.merge.items() if to == "$survivor"), None))
    ours = "@" + golden.index.to_series().astype("str")
    theirs = translated(rows.index.to_series().astype("str"), alias)
    named = translated(keys["ref"], alias)
    refs = pd.Index(pd.concat([ours, theirs, named]).drop_duplicates(), dtype="str")
    parts = [(golden, refs.get_indexer(pd.Index(ours))), (rows, refs.get_indexer(pd.Index(theirs)))]
    types = {name: one.type for name, one in declared.fields.items()}
    cells = {name: _cells(name, parts, _values(also, name, refs)) for name, one in types.items() if one not in UNTELLING}
    people = person_of(schema, entity)
    places = refs.get_indexer(pd.Index(named)).tolist()
    return ParentIndex(
        entity=entity,
        refs=refs,
        cells={name: one for name, one in cells.items() if len(one)},
        types=types,
        keyed=lookup(zip((keys["system"] + SEPARATOR + keys["source_key"]).tolist(), places, strict=True)),
        alias=alias,
        via=next((name for name, to in declared.references().items() if (entity, name) == person_of(schema, to)), None),
        people=people[0] if people else None,
    )


def no_parents(entity: str) -> ParentIndex:
    """Return the index of an entity without records."""
    return ParentIndex(entity, pd.Index([], dtype="str"), {}, {}, Lookup())


def translated(texts: "pd.Series[str]", by: Mapping[str, str]) -> "pd.Series[str]":
    """Return texts with those replaced that the mapping knows."""
    return texts.map(by).astype("str").fillna(texts) if by else texts


def _pairs(cells: "pd.Series[str]", kind: SemanticName, form: Form) -> Iterator[tuple[str, int]]:
    forms = stored(kind, form)
    return ((text, place) for cell, place in zip(cells.tolist(), cells.index.tolist(), strict=True) for text in forms(cell))


def _cells(name: str, parts: list[tuple[pd.DataFrame, npt.NDArray[np.intp]]], more: "pd.Series[str]") -> "pd.Series[str]":
    """Return the filled cells of a field with the places of their records as index, survivors before CRM rows."""
    columns = [_placed(frame[name], places) for frame, places in parts if name in frame.columns]
    filled = [one for one in (*columns, more) if len(one)]
    return pd.concat(filled).dropna() if filled else more


def _values(also: pd.DataFrame | None, name: str, refs: "pd.Index[str]") -> "pd.Series[str]":
    if also is None:
        return pd.Series(dtype="str", index=pd.Index([], dtype="int64"))
    some = also[also["field"].eq(name)]
    return _placed(some["value"], refs.get_indexer(pd.Index("@" + some["rid"].astype("str"))))


def _placed(cells: "pd.Series[str]", places: npt.NDArray[np.intp]) -> "pd.Series[str]":
    return cells.astype("str").set_axis(pd.Index(places.tolist(), dtype="int64"))


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
