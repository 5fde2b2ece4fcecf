"""A compared field as arrays: every different value once, each record a code into them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from crmetl.dedupe.compare.codes import FEW, NONE, Codes, Levels, Mask, Texts, coded, codes_in, encoded, in_text_order, texts
from crmetl.dedupe.compare.levels import Level
from crmetl.dedupe.compare.reading import Part, Read, Reading


@dataclass(frozen=True)
class Column:
    """
    One compared field of all records.

    Attributes:
        name: The comparison's field.
        levels: The levels of its type; level 0 of a pair is `missing`, level k is `levels[k - 1]`.
        codes: Record -> value, -1 where it is missing.
        values: The different normal forms, in text order, so that codes do not depend on the order of records.
        coded: Part -> code per value.
        equal: Level of two records that hold the same value, per value.
    """

    name: str
    kind: str
    levels: tuple[Level, ...]
    codes: Codes
    values: Texts
    reading: Read
    coded: Mapping[str, Codes]
    equal: Levels

    def level(self, name: str) -> int:
        """Return the number of a level."""
        return 1 + [one.name for one in self.levels].index(name)

    def has(self, name: str) -> bool:
        """Say whether the type has this level."""
        return any(one.name == name for one in self.levels)

    def among(self, names: Collection[str]) -> Mask:
        """Say of each level number whether it is one of these levels."""
        return np.array([False, *(one.name in names for one in self.levels)])


Compare = Callable[[Column, Codes, Codes], Levels]
"""Levels of pairs of *different* values, given by their codes; symmetric."""


@dataclass(frozen=True)
class Family:
    """
    Semantic types that are read and compared alike.

    Attributes:
        read: Values (normal forms) -> Reading.
        compare: Levels of pairs of different values.
        equal: Level name of a value compared with itself; None: the first level always.
        whole: Reads the canonical value, since its normal form has lost what the comparison needs.
    """

    read: Callable[[Texts], Reading]
    compare: Compare
    equal: Callable[[Reading], Sequence[str]] | None = None
    whole: bool = False


def column(
    name: str,
    kind: str,
    levels: tuple[Level, ...],
    cells: "pd.Series[str]",
    family: Family,
    *,
    form: Callable[[pa.Array], pa.Array] | None = None,
) -> Column:
    """
    Return the column of these cells.

    Args:
        cells: Texts or NA, one per record.
        form: Normal forms of different texts. None: the cells are compared as they stand.
    """
    read = in_text_order(encoded(cells), form)
    codes = codes_in(read)
    return column_of(name, kind, levels, codes=codes, different=read.dictionary.to_numpy(zero_copy_only=False), family=family)


def column_of_few(name: str, kind: str, levels: tuple[Level, ...], cells: Sequence[str | None], family: Family) -> Column:
    """Return the column of a handful of cells: what `column` gives, without a frame."""
    values = sorted({one for one in cells if one is not None})
    place: dict[str | None, int] = {one: number for number, one in enumerate(values)}
    codes = np.array([place.get(one, NONE) for one in cells], dtype=np.int32)
    return column_of(name, kind, levels, codes=codes, different=texts(values), family=family)


def column_of(name: str, kind: str, levels: tuple[Level, ...], *, codes: Codes, different: Texts, family: Family) -> Column:
    """Return the column of records that hold `different[codes]`."""
    read = family.read(different)
    reading = Read.of(read)
    first = np.ones(len(different), dtype=np.uint8)
    if family.equal is not None:
        order = {one.name: number for number, one in enumerate(levels, start=1)}
        first = np.array([order[one] for one in family.equal(read)], dtype=np.uint8)
    return Column(
        name=name,
        kind=kind,
        levels=levels,
        codes=codes,
        values=different,
        reading=reading,
        coded=_Coded(reading.parts) if len(different) <= FEW else _coded(reading.parts),
        equal=first,
    )


class _Coded(Mapping[str, Codes]):
    """The parts of a few values as codes, made when a comparison asks for one: a record that is only looked up needs none."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts

    @cached_property
    def _all(self) -> dict[str, Codes]:
        return _coded(self._parts)

    def __getitem__(self, name: str) -> Codes:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)


def _coded(parts: Mapping[str, Part]) -> dict[str, Codes]:
    """Return the parts as codes; those that are texts already have one vocabulary, so that they compare with each other."""
    if not parts:
        return {}
    out = {name: one.codes for name, one in parts.items() if not one.plain}
    plain = {name: one.texts for name, one in parts.items() if one.plain}
    if plain:
        codes = coded(np.concatenate(list(plain.values())))
        out.update(zip(plain, codes.reshape(len(plain), len(codes) // len(plain)), strict=True))
    return out
