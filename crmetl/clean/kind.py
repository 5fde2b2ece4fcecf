"""What a semantic type is, what it is told about its surroundings, and what it answers."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from crmetl.clean.garbled import LEADS, has_lost_characters, is_garbled, ungarble
from crmetl.clean.placeholder import is_placeholder
from crmetl.clean.script import TIDY_SIGNS, tidy
from crmetl.faults.clean import PLACEHOLDER, TEXT_GARBLED
from crmetl.faults.kind import Fault
from crmetl.text import Text

NOTHING: Mapping[str, str] = MappingProxyType({})


def _sound_signs() -> str:
    """Return the characters, as ranges of a pattern, that are tidy and no trace of a wrong encoding."""
    apart = sorted({*map(ord, LEADS), ord("锟")})
    ends = zip([0x4E00, *(code + 1 for code in apart)], [*apart, 0xA000], strict=True)
    return TIDY_SIGNS + "".join(f"{chr(first)}-{chr(end - 1)}" for first, end in ends if first < end)


_SIGNS = _sound_signs()
_SOUND: Final = re.compile(f"[{_SIGNS}]+(?: [{_SIGNS}]+)*")
"""Most cells: nothing to tidy, and nothing to repair."""
_NAMING: Final = frozenset({"company_name", "person_name", "given_name", "family_name", "address"})

Dtype = Literal["text", "date", "datetime", "decimal", "integer", "boolean"]
DateOrder = Literal["ymd", "mdy", "dmy"]
RowKind = Literal["country", "region", "city", "currency", "area"]
"""Types of neighbours; `area` is the city of the area code of the record's telephone numbers."""


@dataclass(frozen=True, eq=False)
class Context:
    """
    What is known about a column, and about the row where it matters.

    Attributes:
        country: ISO 3166-1 code; decides how a phone, a postcode or a place without a country is read.
        city: Of the row; gives the area code that a landline lacks.
        region: Of the row; decides between cities and counties of one name.
        currency: Of the column; `$` and `¥` are read as it.
        unit: Of the column (`万`); applies to numbers that bring none.
        decimal: The mark before the fraction, where the column has declared it.
        date_order: Of dates like 03/04/2024; without it such a date is ambiguous.
        choices: Source text -> canonical value; None where the column has no code table.
        unassigned: Login that gets records of unknown owners.
        placeholders: The project's own texts that mean nothing, in lower case.
    """

    country: str = "CN"
    city: str | None = None
    region: str | None = None
    currency: str | None = None
    unit: str | None = None
    decimal: Literal[".", ","] | None = None
    date_order: DateOrder | None = None
    choices: Mapping[str, str] | None = None
    unassigned: str | None = None
    placeholders: frozenset[str] = frozenset()


PLAIN = Context()
"""A Chinese column of which nothing else is known."""


class Cleaned(NamedTuple):
    """
    A value in its canonical form; a tuple, because one is made for every unique cell.

    Attributes:
        value: Canonical text; None where the cell said nothing.
        rules: Names of the rules that changed it, in their order; empty where it was canonical.
        also: Field of the same record -> value that this cell tells about it (`currency`, `salutation`, `region`).
        notes: Faults that go on with the value.
        lossy: The value tells less than the cell did (one phone of two); the cell's text is kept in `custom`.
        converted: How the number was read where reading it again would change it (`unit=万`).
    """

    value: str | None
    rules: tuple[str, ...] = ()
    also: Mapping[str, str] = NOTHING
    notes: tuple[Fault, ...] = ()
    lossy: bool = False
    converted: str | None = None


Read = Callable[[str, Context], Cleaned | Fault]


def reading(rule: Callable[[str], str | Fault], name: str) -> Read:
    """
    Return the reading of a type that one rule makes alone, whatever the context.

    >>> reading(str.upper, "upper")("a", PLAIN).value
    'A'
    """

    def read(raw: str, _context: Context) -> Cleaned | Fault:
        found = rule(raw)
        return found if isinstance(found, Fault) else Cleaned(found, () if found == raw else (name,))

    return read


def _same(value: str) -> str:
    return value


def _folded(value: str) -> str:
    return "".join(value.split()).casefold()


def _one(raw: str) -> tuple[str, ...]:
    return (raw,)


def _no_facts(_value: str) -> Mapping[str, str]:
    return NOTHING


def stars(value: str) -> str:
    """
    Hide all but the first character.

    >>> stars("南京西路100号")
    '南***'
    """
    return value[:1] + "***"


@dataclass(frozen=True)
class SemanticType:
    """
    All that is known of a kind of value; nobody outside this room knows more.

    Attributes:
        name: One of `SEMANTIC_NAMES`.
        label: For people.
        dtype: What the canonical text can be turned into.
        personal: Masked in reports unless a field says otherwise.
        read: Reads a tidied, non-empty cell that is no placeholder; `parse` calls it.
        normal: Canonical value -> form for comparison; equal forms mean the same thing.
        mask: Canonical value -> what a report may show.
        split: Cell -> the cells it holds.
        facts: Canonical value -> what follows from it (`kind`, `domain`, `surname`).
        looks_like: Whether a cell could be of this type; for finding the type of a column.
        free: Running text, whose punctuation and line breaks stay.
        row: Types of fields of the same record that a cell is read by; they are cleaned before it.
        tells: Fields of the same record that a cell may fill where they are empty (`Cleaned.also`).
    """

    name: str
    label: Text
    read: Read = field(repr=False)
    dtype: Dtype = "text"
    personal: bool = False
    normal: Callable[[str], str] = field(default=_folded, repr=False)
    match: Callable[[str], tuple[str, ...]] | None = field(default=None, repr=False)
    mask: Callable[[str], str] = field(default=_same, repr=False)
    split: Callable[[str], tuple[str, ...]] = field(default=_one, repr=False)
    facts: Callable[[str], Mapping[str, str]] = field(default=_no_facts, repr=False)
    recognise: Callable[[str], bool] | None = field(default=None, repr=False)
    free: bool = False
    row: tuple[RowKind, ...] = ()
    tells: tuple[str, ...] = ()

    def parse(self, raw: str, context: Context = PLAIN) -> Cleaned | Fault:
        """
        Return the canonical form of a cell, or what is wrong with it; never raises.

        Args:
            raw: The cell's text.
            context: What is known of its column and row.
        """
        if _SOUND.fullmatch(raw):
            return self._read_tidy(raw, context)
        mended = ungarble(raw)
        text = tidy(mended, free=self.free)
        while (further := ungarble(text)) != text:  # a sign that tidying took off had hidden it
            mended, text = further, tidy(further, free=self.free)
        if not text:
            return Cleaned(None, ("blank",))
        found = self._read_tidy(text, context)
        if isinstance(found, Fault) or found.value is None:
            return found
        if found.value != text and ungarble(found.value) != found.value:
            return self.parse(found.value, context)
        notes = (*found.notes, TEXT_GARBLED) if is_garbled(text) else found.notes
        first = (("ungarble",) if mended != raw else ()) + (("tidy",) if text != mended else ())
        return found._replace(rules=(*first, *found.rules) if found.value != raw else (), notes=notes)

    def _read_tidy(self, text: str, context: Context) -> Cleaned | Fault:
        if is_placeholder(text, self.name, context.placeholders) and (
            context.choices is None or not (context.choices.keys() & {text, text.casefold()})
        ):
            return Cleaned(None, ("placeholder",), notes=(PLACEHOLDER,))
        found = self.read(text, context)
        if "?" in text and self.name in _NAMING and has_lost_characters(text) and isinstance(found, Cleaned):
            return found._replace(notes=(*found.notes, TEXT_GARBLED))
        return found

    def keys(self, value: str) -> tuple[str, ...]:
        """Return the keys by which a canonical value is found again, the most telling first; never empty texts."""
        found = self.match(value) if self.match else (self.normal(value),)
        return tuple(dict.fromkeys(key for key in found if key))

    def looks_like(self, raw: str) -> bool:
        """Say whether a cell could be of this type."""
        text = tidy(raw)
        if not text:
            return False
        return self.recognise(text) if self.recognise else not isinstance(self.read(text, PLAIN), Fault)


def recognise_share(kind: SemanticType, values: Iterable[str]) -> float:
    """
    Return the share of cells that could be of a type; 0 where there are none.

    Args:
        kind: The type.
        values: Cells without NA; unique ones will do.
    """
    answers = [kind.looks_like(value) for value in values]
    return sum(answers) / len(answers) if answers else 0.0
