"""Records as compared columns, and the levels of pairs of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from crmetl.clean import TYPES
from crmetl.clean.arrays import normal_forms
from crmetl.dedupe.compare import company, people, reach, things
from crmetl.dedupe.compare.atwork import side_by_side
from crmetl.dedupe.compare.codes import FEW, NONE, Codes, Levels, Mask, Numbers, some_of
from crmetl.dedupe.compare.columns import Column, Family, column, column_of_few
from crmetl.dedupe.compare.levels import CONTRADICTING, DAYS, NAMELESS, NAMES, OTHER_PERSON, SHARED
from crmetl.dedupe.compare.measures import different, mostly_different
from crmetl.dedupe.compare.swapped import with_swapped
from crmetl.dedupe.rules import Compared

FAMILIES: Mapping[str, Family] = {
    "company_name": company.COMPANY,
    "person_name": people.PERSON,
    "given_name": people.GIVEN,
    "family_name": people.FAMILY,
    "phone": reach.NUMBER,
    "mobile": reach.NUMBER,
    "email": reach.EMAIL,
    "url": reach.WEB,
    "uscc": things.CODE,
    "tax_id": things.CODE,
    "id_code": things.CODE,
    "address": things.ADDRESS,
    "city": things.PLACE,
    "region": things.REGION,
    "country": things.REGION,
    "postcode": things.POSTCODE,
    "date_of_birth": things.DAY,
    "date": things.DAY,
}


LOCATING: Mapping[str, str] = {"address": "city", "phone": "city", "uscc": "city", "company_name": "seated"}
"""Type -> the part of it that tells a city: of an address, of a landline's area code, of the registry, of the name."""

MANY = 10_000
"""Pairs of values from which on it is told from a sample whether they repeat."""

REGISTERED = ("uscc", "tax_id")
"""A registered number in common outweighs what the names seem to say: a renamed firm, an English name, a branch's nickname."""


def normal(cells: "pd.Series[str]", kind: str) -> "pd.Series[str]":
    """Return the normal form of each cell; every different cell is read once. What has none stays as it is."""
    reading = TYPES[kind].normal
    different = cells.dropna().unique()
    forms = {one: reading(one) or one for one in different}
    return cells.map(forms).astype("str")


def columns_of(frame: pd.DataFrame, comparisons: Sequence[Compared]) -> tuple[Column, ...]:
    """
    Return the compared columns of these records; a column that the frame lacks is missing everywhere.

    Args:
        frame: Text columns named as the comparisons' fields, a row per record.
    """
    absent = pd.Series(pd.NA, index=frame.index, dtype="str")
    others = [one for one in comparisons if one.kind != "city"]
    read = side_by_side(lambda one: _column(one, frame.get(one.field, absent)), others, rows=len(frame))
    done = {one.field: column for one, column in zip(others, read, strict=True)}
    for one in comparisons:
        if one.kind == "city":
            done[one.field] = _column(one, located(frame.get(one.field, absent), list(done.values())))
    return tuple(done[one.field] for one in comparisons)


def located(cells: "pd.Series[str]", columns: Sequence[Column]) -> "pd.Series[str]":
    """Return the city of each record: its own cell, else what another of its cells tells, the surest first."""
    for kind, part in LOCATING.items():
        for one in columns:
            if one.kind == kind and "." not in one.name:
                told = one.reading.parts[part].texts
                if (told != "").any():
                    place = pd.Series(np.r_[told, np.array([""], dtype=object)][one.codes], index=cells.index, dtype="str")
                    cells = cells.astype("str").fillna(place.replace("", pd.NA))
    return cells


def columns_of_few(cells: Mapping[str, Sequence[str | None]], size: int, comparisons: Sequence[Compared]) -> tuple[Column, ...]:
    """
    Return the compared columns of a handful of records: what `columns_of` gives, without a frame.

    Args:
        cells: Field -> a canonical text or None per record; a field that is not there is missing everywhere.
        size: Number of records.
    """
    absent: list[str | None] = [None] * size
    done = {one.field: _column_of_few(one, cells.get(one.field, absent)) for one in comparisons if one.kind != "city"}
    for one in comparisons:
        if one.kind == "city":
            done[one.field] = _column_of_few(one, _located_few(cells.get(one.field, absent), list(done.values())))
    return tuple(done[one.field] for one in comparisons)


def _located_few(cells: Sequence[str | None], columns: Sequence[Column]) -> list[str | None]:
    """Return what `located` gives."""
    out = list(cells)
    for kind, part in LOCATING.items():
        for one in columns:
            if one.kind == kind and "." not in one.name:
                told = [*one.reading.parts[part].tolist(), ""]
                out = [
                    cell if cell is not None else told[code] or None for cell, code in zip(out, one.codes.tolist(), strict=True)
                ]
    return out


def _column_of_few(one: Compared, cells: Sequence[str | None]) -> Column:
    family = FAMILIES.get(one.kind, things.TEXT)
    if not family.whole:
        reading = TYPES[one.kind].normal
        cells = [None if cell is None else reading(cell) or cell for cell in cells]
    return column_of_few(one.field, one.kind, one.levels, cells, family)


def _column(one: Compared, cells: "pd.Series[str]") -> Column:
    family = FAMILIES.get(one.kind, things.TEXT)
    form = None if family.whole else partial(normal_forms, kind=TYPES[one.kind])
    return column(one.field, one.kind, one.levels, cells, family, form=form)


def sampled(columns: Sequence[Column], rows: Numbers) -> tuple[Column, ...]:
    """Return the columns of some of the records, with the values that these hold; nothing is read again."""
    return tuple(_sampled(one, one.codes[rows]) for one in columns)


def _sampled(one: Column, codes: Codes) -> Column:
    mine, used = some_of(codes, len(one.equal))
    return replace(
        one,
        codes=mine,
        values=one.values[used],  # noqa: PD011 a column, not a frame
        reading=one.reading.of_some(used),
        coded={name: part[used] for name, part in one.coded.items()},
        equal=one.equal[used],
    )


def levels_of_pairs(columns: Sequence[Column], i: Numbers, j: Numbers, *, plain: bool = False) -> tuple[Levels, ...]:
    """
    Return per column the level of each pair of records; the same whichever record is named first.

    Args:
        plain: Each field tells its own; else a way to reach somebody tells nothing where names contradict each other.

    Cost: each pair of different values is compared once, however many pairs of records hold it.
    """
    of_values = side_by_side(lambda one: levels_of_values(one, one.codes[i], one.codes[j]), columns, rows=len(i))
    own = with_swapped(columns, of_values, i, j)
    if plain:
        return tuple(own)
    against, nameless = contradicted(columns, own), _nameless(columns, own)
    nowhere = np.zeros(len(against), dtype=bool)
    return tuple(
        _shared(one, levels, (nowhere if one.kind in DAYS else against) | (nameless if one.kind in NAMELESS else nowhere))
        for one, levels in zip(columns, own, strict=True)
    )


def levels_of_values(one: Column, a: Codes, b: Codes) -> Levels:
    """Return the level of each pair of values of a column, given by their codes; 0 where one is missing."""
    out = np.zeros(len(a), dtype=np.uint8)
    known = (a != NONE) & (b != NONE)
    same = known & (a == b)
    out[same] = one.equal[a[same]]
    at = np.flatnonzero(known & ~same)
    if len(at):
        out[at] = _levels_of_others(one, a[at], b[at])
    return out


def _levels_of_others(one: Column, a: Codes, b: Codes) -> Levels:
    compare = FAMILIES.get(one.kind, things.TEXT).compare
    low, high = np.minimum(a, b), np.maximum(a, b)
    if len(low) <= FEW or (len(low) >= MANY and mostly_different(low, high)):
        return compare(one, low, high)
    pairs, back = different(low, high)
    left, right = pairs.astype(np.int32).T
    return compare(one, left, right)[back]


def contradicted(columns: Sequence[Column], levels: Sequence[Levels]) -> Mask:
    """
    Say where the names contradict each other, and no registered number in common says that they need not.

    These are the names of companies; where there are none, the whole names of people.
    """
    against: Mask = np.zeros(len(levels[0]) if levels else 0, dtype=bool)
    proven = against.copy()
    firms = any(one.kind == "company_name" for one in columns)
    for one, found in zip(columns, levels, strict=True):
        if one.kind == "company_name":
            against |= one.among(CONTRADICTING)[found]
        if one.kind == "person_name" and not firms and "." not in one.name:
            against |= one.among(OTHER_PERSON)[found]
        if one.kind in REGISTERED:
            proven |= found == one.level("same")
    return against & ~proven


def _nameless(columns: Sequence[Column], levels: Sequence[Levels]) -> Mask:
    """Say where names are compared but no name of one side is told, and house and day do not both agree."""
    out: Mask = np.zeros(len(levels[0]) if levels else 0, dtype=bool)
    names = [found for one, found in zip(columns, levels, strict=True) if one.kind in NAMES and "." not in one.name]
    if not names:
        return out
    out = np.all([found == 0 for found in names], axis=0)
    found = list(zip(columns, levels, strict=True))
    house = _agree_in(found, frozenset({"address"}), out)
    return out & ~(house & _agree_in(found, DAYS, out))


def _agree_in(found: Sequence[tuple[Column, Levels]], kinds: frozenset[str], nowhere: Mask) -> Mask:
    """Say where a column of these types is the same."""
    out: Mask = np.zeros_like(nowhere)
    for one, levels in found:
        if one.kind in kinds:
            out |= levels == one.level("same")
    return out


def _shared(one: Column, levels: Levels, against: Mask) -> Levels:
    """Let what several may share tell nothing where the names say so, or where there are none."""
    if not one.has(SHARED):
        return levels
    agrees = (levels > 0) & (levels != one.level("else"))
    return np.where(against & agrees, np.uint8(one.level(SHARED)), levels)
