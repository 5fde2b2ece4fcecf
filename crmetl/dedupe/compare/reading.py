"""What was read out of the values of a field: the parts that are compared, and the keys that it is found by."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.dedupe.compare.codes import NONE, Codes, Mask, Numbers, Texts, coded, codes_in, some_of, texts


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
