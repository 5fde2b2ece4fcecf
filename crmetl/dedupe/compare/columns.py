"""A compared field as arrays: every different value once, each record a code into them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.dedupe.compare.levels import Level

Texts = npt.NDArray[np.object_]
Codes = npt.NDArray[np.int32]
Levels = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NONE = -1
"""Code of a missing value."""
FEW = 512
"""Up to so many texts a dictionary is quicker than pandas, which matters where one record is compared with a handful."""


def texts(values: Sequence[str]) -> Texts:
    """Return the texts as an object array, also where there are none."""
    out = np.empty(len(values), dtype=object)
    out[:] = list(values)
    return out


def coded(values: Texts) -> Codes:
    """
    Return a code per text, equal texts equal codes; -1 for the empty text.

    >>> coded(texts(["b", "", "a", "b"])).tolist()
    [0, -1, 1, 0]
    """
    if len(values) <= FEW:
        seen: dict[str, int] = {"": NONE}
        return np.array([seen.setdefault(one, len(seen) - 1) for one in values.tolist()], dtype=np.int32)
    known = values != ""
    out = np.full(len(values), NONE, dtype=np.int32)
    if known.any():
        out[known] = pd.factorize(values[known])[0]
    return out


def hashed(kind: str, values: Texts) -> Keys:
    """Return a blocking key per text, 0 for the empty text; the same text under another kind is another key."""
    out = pd.util.hash_array(values, hash_key=f"crmetl-{kind}"[:16].ljust(16, "-"), categorize=False)
    return np.where(values == "", np.uint64(0), out | np.uint64(1))


def some_of(codes: Codes, size: int) -> tuple[Codes, Numbers]:
    """
    Return codes numbered anew without those that do not occur, and the ones that do.

    Args:
        size: How many different codes there were.

    >>> [one.tolist() for one in some_of(np.array([4, -1, 2, 4], dtype=np.int32), 5)]
    [[1, -1, 0, 1], [2, 4]]
    """
    held = np.zeros(size + 1, dtype=bool)
    held[codes] = True
    used = np.flatnonzero(held[:-1])
    place = np.full(size + 1, NONE, dtype=np.int32)
    place[used] = np.arange(len(used), dtype=np.int32)
    return place[codes], used


def encoded(cells: "pd.Series[str]") -> pa.DictionaryArray:
    """
    Return cells as codes into their different texts; cells that are so already stay as they are.

    >>> encoded(pd.Series(["b", None, "b"], dtype="str")).indices.to_pylist()
    [0, None, 0]
    """
    given = pa.array(cells) if isinstance(cells.dtype, pd.ArrowDtype) else pa.array(cells.astype("str"), pa.large_string())
    whole = given.combine_chunks() if isinstance(given, pa.ChunkedArray) else given
    out: pa.DictionaryArray = whole if pa.types.is_dictionary(whole.type) else pc.dictionary_encode(whole)
    return out


def packed(parts: Sequence[Numbers]) -> list[Numbers]:
    """
    Return columns of whole numbers as few ones: rows are equal, or in order, in these as they are in all columns.

    >>> [one.tolist() for one in packed([np.array([0, 1]), np.array([-1, 5])])]
    [[0, 13]]
    """
    out: list[Numbers] = []
    room = 0
    for one in parts:
        if not len(one):
            return [one]
        low = int(one.min())
        size = int(one.max()) - low + 1
        if out and size <= room:
            out[-1] = out[-1] * size + (one - low)
            room //= size
        else:
            out.append(one - low)
            room = (1 << 62) // size
    return out


def same_rows(parts: Sequence[Numbers]) -> Numbers:
    """
    Return a number per row, equal where all columns are.

    >>> same_rows([np.array([3, 1, 3]), np.array([0, 0, 0])]).tolist()
    [1, 0, 1]
    """
    words = packed(parts)
    order = np.lexsort(words[::-1])
    out = np.zeros(len(order), dtype=np.int64)
    if len(order):
        differs = np.logical_or.reduce([one[order][1:] != one[order][:-1] for one in words])
        out[order] = np.r_[0, np.cumsum(differs)]
    return out


class Part:
    """
    What is read out of each value, one text per value, "" for none: as texts or as codes, each made when it is asked for.

    >>> part = Part(lambda: pa.array(["b", "", "b"], pa.large_string()))
    >>> part.codes.tolist(), part.different.tolist(), part[np.array([2, 1])].tolist()
    ([0, -1, 0], ['b'], ['b', ''])
    """

    def __init__(self, given: "Texts | Callable[[], pa.Array] | tuple[Codes, Texts | pa.Array]") -> None:
        self._given = given
        if isinstance(given, np.ndarray):
            self.texts = given  # no need to ask the cached property, whose lock costs more than it does

    @property
    def plain(self) -> bool:
        """Say whether the texts are there already."""
        return isinstance(self._given, np.ndarray)

    @cached_property
    def texts(self) -> Texts:
        """Return the texts."""
        if isinstance(self._given, np.ndarray):
            return self._given
        out: Texts = np.append(self.different, texts([""]))[self.codes]
        return out

    @cached_property
    def _encoded(self) -> "tuple[Codes, Texts | pa.Array]":
        if isinstance(self._given, np.ndarray):
            codes = coded(self._given)
            different = texts([""] * (int(codes.max(initial=NONE)) + 1))
            different[codes[codes != NONE]] = self._given[codes != NONE]
            return codes, different
        if isinstance(self._given, tuple):
            return self._given
        found = pc.dictionary_encode(self._given())
        empty = pc.index(found.dictionary, pa.scalar("", pa.large_string())).as_py()
        codes, words = codes_in(found), found.dictionary
        if empty < 0:
            return codes, words
        codes = np.where(codes == empty, np.int32(NONE), codes - (codes > empty)).astype(np.int32)
        return codes, words.take(pa.array(np.delete(np.arange(len(words)), empty)))

    @property
    def codes(self) -> Codes:
        """Return a code per value, equal texts equal codes; -1 for none."""
        return self._encoded[0]

    @cached_property
    def different(self) -> Texts:
        """Return the text of each code; most keys are never asked for it, and a million texts of Python take 60 MB."""
        found = self._encoded[1]
        out: Texts = found if isinstance(found, np.ndarray) else found.to_numpy(zero_copy_only=False)
        return out

    def of_some(self, at: Numbers) -> "Part":
        """
        Return the part of some values.

        >>> some = Part(texts(["b", "", "a"])).of_some(np.array([1, 2]))
        >>> some.tolist(), some.codes.tolist(), some.different.tolist()
        (['', 'a'], [-1, 0], ['a'])
        """
        found = self._encoded[1]
        codes, used = some_of(self.codes[at], len(found))
        return Part((codes, found[used] if isinstance(found, np.ndarray) else found.take(pa.array(used))))

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self._given) if isinstance(self._given, np.ndarray) else len(self.codes)

    def __getitem__(self, at: Codes | Numbers | Mask) -> Texts:
        """Return the texts of some values."""
        return self.texts[at]

    def __iter__(self) -> Iterator[str]:
        """Yield the texts."""
        return iter(self.texts.tolist())

    def tolist(self) -> list[str]:
        """Return the texts."""
        out: list[str] = self.texts.tolist()
        return out

    def one(self, at: int) -> str:
        """Return the text of a value."""
        return str(self.texts[at])

    def equals(self, text: str) -> Mask:
        """Say which values have this text."""
        out: Mask = (self.texts == text).astype(bool)
        return out


@dataclass(frozen=True)
class Reading:
    """
    What a family of types reads out of its values, a text per value, "" for none.

    Attributes:
        parts: What the comparison needs.
        bases: Counted level -> the text whose frequency counts there.
        strong: Blocking keys that stand alone.
        weak: Blocking keys that stand with another field's.
        coarse: Keys that tell little alone; three fields' together may tell enough.
        telling: Key -> a text where the value tells it, "" where it is only known by it: a name that tells of a former name
            and all names that sound so. Two records that only are known by such a key are no candidates for it.
    """

    parts: Mapping[str, Texts | Part] = field(default_factory=dict)
    bases: Mapping[str, Texts | Part] = field(default_factory=dict)
    strong: Mapping[str, Texts | Part] = field(default_factory=dict)
    weak: Mapping[str, Texts | Part] = field(default_factory=dict)
    coarse: Mapping[str, Texts | Part] = field(default_factory=dict)
    telling: Mapping[str, Texts | Part] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """A `Reading` as a column keeps it."""

    parts: Mapping[str, Part]
    bases: Mapping[str, Part]
    strong: Mapping[str, Part]
    weak: Mapping[str, Part]
    coarse: Mapping[str, Part]
    telling: Mapping[str, Part]

    @classmethod
    def of(cls, reading: Reading) -> "Read":
        """Wrap what was read; texts that stand at several places are one part."""
        seen: dict[int, Part] = {}

        def kept(texts: Mapping[str, Texts | Part]) -> dict[str, Part]:
            return {name: seen.setdefault(id(one), one if isinstance(one, Part) else Part(one)) for name, one in texts.items()}

        kinds = (reading.parts, reading.bases, reading.strong, reading.weak, reading.coarse, reading.telling)
        return cls(*(kept(one) for one in kinds))

    def of_some(self, at: Numbers) -> "Read":
        """Return what was read out of some values."""
        seen: dict[int, Part] = {}

        def of(one: Part) -> Part:
            if id(one) not in seen:
                seen[id(one)] = one.of_some(at)
            return seen[id(one)]

        def kept(parts: Mapping[str, Part]) -> dict[str, Part]:
            return {name: of(one) for name, one in parts.items()}

        return Read(*(kept(one) for one in (self.parts, self.bases, self.strong, self.weak, self.coarse, self.telling)))


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


def codes_in(cells: pa.DictionaryArray) -> Codes:
    """Return the code of each cell, NONE where it is missing."""
    codes: Codes = cells.indices.fill_null(NONE).to_numpy(zero_copy_only=False)
    return codes


def in_text_order(cells: pa.DictionaryArray, form: Callable[[pa.Array], pa.Array] | None = None) -> pa.DictionaryArray:
    """
    Return cells by the forms of their texts, the dictionary in text order.

    Args:
        form: Different texts -> the form of each, null where it says nothing.

    >>> in_text_order(encoded(pd.Series(["B", None, "a"], dtype="str")), pc.utf8_lower).dictionary.to_pylist()
    ['a', 'b']
    """
    forms = cells.dictionary if form is None else form(cells.dictionary)
    if _ascending(forms):
        return pa.DictionaryArray.from_arrays(cells.indices, forms)
    different = pc.dictionary_encode(forms)
    order = pc.sort_indices(different.dictionary)
    rank = np.full(len(different.dictionary) + 1, NONE, dtype=np.int32)
    rank[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    codes = np.r_[rank[codes_in(different)], np.int32(NONE)][codes_in(cells)]
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes == NONE), different.dictionary.take(order))


def _ascending(values: pa.Array) -> bool:
    return (
        values.null_count == 0 and bool(pc.all(pc.less(values[:-1], values[1:])).as_py())
        if len(values) > 1
        else not values.null_count
    )


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
