"""What common values hold, read of whole columns at once; what comes out is what the families read one by one."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.clean.email import FREE
from crmetl.dedupe.compare.codes import FEW, Texts, codes_in
from crmetl.dedupe.compare.reading import Part, Reading

Columns = Mapping[str, Callable[[], pa.Array]]
_NOTHING = pa.scalar("", pa.large_string())
_BLANK = pa.scalar(" ", pa.large_string())


class AtOnce(NamedTuple):
    """
    How values of a common shape are read at once.

    Attributes:
        plain: Says which values have the shape.
        parts: The values -> name of a part or key -> its texts, each worked out when it is asked for.
    """

    plain: Callable[[pa.Array], pa.Array]
    parts: Callable[[pa.Array], Columns]


def read(values: Texts, one_by_one: Callable[[Texts], Reading], how: AtOnce) -> Reading:
    """
    Return what a family reads, values of the common shape at once.

    Args:
        values: Few are read one by one.
        one_by_one: Reads values of every shape.
    """
    if len(values) <= FEW:
        return one_by_one(values)
    given = pa.array(values, pa.large_string())
    left = pc.invert(how.plain(given))
    others = one_by_one(values[left.to_numpy(zero_copy_only=False)])
    quick = how.parts(given)
    made: dict[str, Part] = {}

    def parts_of(kind: str) -> dict[str, Texts | Part]:
        return {name: _part(f"{kind} {name}", name, slow) for name, slow in getattr(others, kind).items()}

    def _part(place: str, name: str, slow: Texts | Part) -> Part:
        make = quick[place] if place in quick else quick[name]
        key = place if place in quick else name
        return made.setdefault(key, Part(lambda: pc.replace_with_mask(make(), left, pa.array(list(slow), pa.large_string()))))

    return Reading(*(parts_of(kind) for kind in ("parts", "bases", "strong", "weak", "coarse")))


def cut(values: pa.Array, start: int, stop: int | None = None, least: int = 0) -> pa.Array:
    """
    Return a slice of each text of ASCII, "" where it is shorter than `least`.

    >>> cut(pa.array(["12345678", "123"], pa.large_string()), -4, least=4).to_pylist()
    ['5678', '']
    """
    out = pc.utf8_slice_codeunits(values, start, stop)
    return out if not least else pc.if_else(pc.greater_equal(pc.binary_length(values), least), out, _NOTHING)


def joined(*parts: pa.Array | str, between: str = "") -> pa.Array:
    """Return texts put together, row by row."""
    return pc.binary_join_element_wise(*(_scalar(one) for one in parts), _scalar(between))


def _scalar(one: pa.Array | str) -> pa.Array | pa.Scalar:
    return pa.scalar(one, pa.large_string()) if isinstance(one, str) else one


def nothing(values: pa.Array) -> pa.Array:
    """Return "" for each."""
    return pa.array([""], pa.large_string()).take(pa.array(np.zeros(len(values), dtype=np.int64)))


def _numbers(values: pa.Array) -> Columns:
    digits = pc.utf8_ltrim(values, "+")
    length = pc.binary_length(digits)

    def bare() -> pa.Array:
        return pc.if_else(pc.and_(pc.greater_equal(length, 7), pc.less_equal(length, 8)), "bare", "").cast(pa.large_string())

    return {
        "masked": lambda: joined(cut(digits, -11, -8, least=11), cut(digits, -4, least=11)),
        "hidden": lambda: nothing(values),
        "city": lambda: nothing(values),
        "head": lambda: cut(digits, 0, -5),
        "tail": lambda: cut(digits, -5),
        "bare": bare,
        "seven": lambda: cut(digits, -7, least=7),
        "eight": lambda: cut(digits, -8, least=8),
        "same": lambda: values,
        "number": lambda: digits,
        "subscriber": lambda: cut(digits, -7, least=7),
        "number_head": lambda: cut(digits, 0, -4, least=7),
        "number_end": lambda: cut(digits, -4, least=7),
    }


NUMBERS = AtOnce(
    lambda values: pc.match_substring_regex(values, r"^\+?(?:[0-79][0-9]{4,}|8[0-57-9][0-9]{3,}|861[3-9][0-9]{9})$"), _numbers
)
"""Digits alone, but for landlines of China, whose city is told by their area code."""


def _mailboxes(values: pa.Array) -> Columns:
    local = pc.replace_substring_regex(values, "@.*$", "")
    domain = pc.replace_substring_regex(values, "^.*@", "")
    known = cut(local, 0, least=4)

    def own() -> pa.Array:
        free = pc.is_in(pc.ascii_lower(domain), value_set=pa.array(sorted(FREE), pa.large_string()))
        return pc.if_else(free, _NOTHING, pc.ascii_lower(domain))

    return {
        "local": lambda: known,
        "domain": lambda: domain,
        "own": own,
        "bases domain": own,
        "strong domain": own,
        "head": lambda: cut(local, 0, 2),
        "start": lambda: cut(known, 0, 2),
        "end": lambda: cut(known, -4),
        "same": lambda: values,
        "email": lambda: values,
        "mail_head": lambda: cut(known, 0, 5),
    }


MAILBOXES = AtOnce(lambda values: pc.match_substring_regex(values, r"^[!-?A-~]+@[!-?A-~]+$"), _mailboxes)


class Lines:
    """
    Western address lines in normal form, whose words are single blanks apart.

    Args:
        values: Lines.
        short: A word -> its usual short form.
    """

    def __init__(self, values: pa.Array, short: Callable[[str], str]) -> None:
        self._values, self._short = values, short

    @cached_property
    def _words(self) -> pa.Array:
        split = pc.split_pattern(self._values, " ")
        words = pc.dictionary_encode(split.values)
        shown = pa.array([self._short(one) for one in words.dictionary.to_pylist()], pa.large_string())
        return pa.ListArray.from_arrays(split.offsets, shown.take(words.indices))

    @cached_property
    def line(self) -> pa.Array:
        """Return the lines with their words in short form."""
        return pc.binary_join(self._words, _BLANK)

    @cached_property
    def _spot(self) -> pa.Array:
        road = r"(?P<road>[a-z][a-z ]*?[a-z]|[0-9]+(?:st|nd|rd|th)[a-z ]*)"
        return pc.extract_regex(self.line, rf"(?:^| )(?P<number>[0-9]+)[a-z]? {road}(?:$| [0-9])")

    def field(self, name: str) -> pa.Array:
        """Return `number` or `road`, "" where the line tells none."""
        return pc.fill_null(pc.struct_field(self._spot, name), "").cast(pa.large_string())

    def first_words(self, number: int) -> pa.Array:
        """Return the first words of each line in the order of the alphabet."""
        offsets = self._words.offsets.to_numpy()
        words = pc.dictionary_encode(self._words.values)
        order = pc.sort_indices(words.dictionary).to_numpy()
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        line = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        flat = np.sort(line * (len(order) + 1) + rank[codes_in(words)])
        first = (np.arange(len(flat)) - offsets[:-1][line]) < number
        counts = np.minimum(np.diff(offsets), number)
        ordered = words.dictionary.take(pa.array(order)).take(pa.array((flat % (len(order) + 1))[first]))
        lists = pa.ListArray.from_arrays(pa.array(np.r_[0, np.cumsum(counts)], pa.int32()), ordered)
        return pc.binary_join(lists, _BLANK)


def lines_of(short: Callable[[str], str], units: Sequence[str]) -> AtOnce:
    """Return how address lines of letters and digits are read; those with one of the words for a unit are read one by one."""

    def plain(values: pa.Array) -> pa.Array:
        shaped = pc.match_substring_regex(values, "^[0-9a-z]+(?: [0-9a-z]+)*$")
        return pc.and_not(shaped, pc.match_substring_regex(values, f" (?:{'|'.join(units)})(?: |[0-9]|$)"))

    def parts(values: pa.Array) -> Columns:
        lines = Lines(values, short)

        def spot() -> pa.Array:
            road, number = lines.field("road"), lines.field("number")
            return pc.if_else(pc.greater(pc.binary_length(road), 0), joined(road, number, between=" "), _NOTHING)

        def base() -> pa.Array:
            return _or(spot(), lines.line)

        return {
            "road": lambda: lines.field("road"),
            "number": lambda: lines.field("number"),
            "spot": spot,
            "line": lambda: lines.line,
            "head": lambda: cut(lines.line, 0, 3, least=3),
            "city": lambda: nothing(values),
            "same": base,
            "road_head": lambda: cut(_or(lines.field("road"), lines.line), 0, 5),
            "words": lambda: lines.first_words(3),
        }

    return AtOnce(plain, parts)


def _or(first: pa.Array, second: pa.Array) -> pa.Array:
    return pc.if_else(pc.greater(pc.binary_length(first), 0), first, second)
