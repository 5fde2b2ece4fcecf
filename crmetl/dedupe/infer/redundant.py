"""Columns that follow from others: a fact must not be counted twice, since the score adds the weights of independent fields."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import numpy as np

from crmetl.clean.script import has_cjk
from crmetl.dedupe.compare.codes import NONE, Numbers
from crmetl.dedupe.infer.contents import Contents

Dropped = Mapping[str, tuple[str, tuple[str, ...]]]
"""Column -> code of the reason, and the columns that it follows from."""

FEWEST = 5
"""Rows with all cells filled that must speak for a dependence; a smaller table is taken as it stands."""
MOST_ROWS = 0.5
"""Share of rows in which a whole name is made of its parts: slips part them, and names have more than two parts."""
MADE = 0.8
"""The same of an address line: that a city's name is also a road's is no dependence."""
EQUAL = 0.95
BOTH_WAYS = 0.99
RARER = 0.9
"""Share that must hold without the most frequent pair of values, which alone would make two nearly constant columns one."""
PER_VALUE = 4
"""Rows per value from which on a code and its name are told from two columns that differ in nearly every row."""

LOOKED = 500
"""Rows held against a dependence, at most; its share is then right to some 4 points (binomial, 95 %)."""

_WORD = re.compile(r"[^\W_]+")
PLACES = ("city", "region", "postcode", "district", "country")


def redundant(roles: Mapping[str, str], contents: Mapping[str, Contents]) -> Dropped:
    """
    Return the columns to be left out because others say the same.

    Args:
        roles: Column -> what it holds, of the columns that would be compared; those named first are kept of two equal ones.
        contents: Column -> its sample.

    >>> import pandas as pd
    >>> from crmetl.dedupe.infer.contents import contents_of
    >>> people = [("Ann", "Lee", "Ann Lee"), ("Bob", "Ross", "Bob Ross"), ("Cy", "Young", "Cy Young")] * 2
    >>> frame = pd.DataFrame(people, columns=["first", "last", "whole"], dtype="str")
    >>> redundant({"first": "given_name", "last": "family_name", "whole": "person_name"}, contents_of(frame))
    {'whole': ('made_of', ('first', 'last'))}
    """
    out: dict[str, tuple[str, tuple[str, ...]]] = {}
    for find in (_names, _equal, _addresses, _house_numbers, _ages, _domains, _codes):
        left = {name: role for name, role in roles.items() if name not in out}
        out |= find(left, contents)
    return out


def _of(roles: Mapping[str, str], *wanted: str) -> list[str]:
    return [name for name, role in roles.items() if role in wanted]


def _both(contents: Mapping[str, Contents], names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the rows of the sample in which all of these columns say something, `LOOKED` of them at most."""
    rows = [row for row in zip(*(contents[name].texts for name in names), strict=True) if None not in row]
    return cast("list[tuple[str, ...]]", rows[:: max(1, -(-len(rows) // LOOKED))])


def _holds(rows: Sequence[Sequence[str]], says: Callable[[Sequence[str]], bool], share: float) -> bool:
    return len(rows) >= FEWEST and sum(map(says, rows)) >= share * len(rows)


def _bare(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))


def _words(text: str) -> set[str]:
    """Return the words of a text; of a Chinese one, its characters."""
    return set(_bare(text)) if has_cjk(text) else set(_WORD.findall(text.casefold()))


def _equal(roles: Mapping[str, str], contents: Mapping[str, Contents]) -> Dropped:
    """Find columns that say the same in nearly all rows; a column that is rarely filled is held against those rows alone."""
    out: dict[str, tuple[str, tuple[str, ...]]] = {}
    names = list(roles)
    codes = _codes_of([contents[name].texts for name in names])
    for at, later in enumerate(names):
        for number, first in enumerate(names[:at]):
            both = (codes[at] >= 0) & (codes[number] >= 0)
            same = int(((codes[at] == codes[number]) & both).sum())
            if first not in out and both.sum() >= FEWEST and same >= EQUAL * both.sum():
                fuller = contents[later].filled > 1.05 * contents[first].filled
                drop, keep = (first, later) if fuller else (later, first)
                out[drop] = ("same_as", (keep,))
                break
    return out


def _codes_of(columns: Sequence[Sequence[str | None]]) -> list[Numbers]:
    """Return the columns as codes of one vocabulary, equal words equal codes; -1 for nothing said."""
    seen: dict[str, int] = {"": NONE}
    return [
        np.array([NONE if one is None else seen.setdefault(_bare(one), len(seen)) for one in texts], dtype=np.int64)
        for texts in columns
    ]


def _names(roles: Mapping[str, str], contents: Mapping[str, Contents]) -> Dropped:
    """Find whole names made of name columns, and name columns that a whole name holds where the other part is missing."""
    given, family = _of(roles, "given_name"), _of(roles, "family_name")
    wholes = _of(roles, "person_name", "full_name")
    out: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name in wholes:
        parts = [given[0], family[0]] if given and family else []
        if parts and _holds(_both(contents, [name, *parts]), _made_of, MOST_ROWS):
            out[name] = ("made_of", tuple(parts))
    kept = [name for name in wholes if name not in out]
    for name in kept if not (given and family) else ():
        for part in (*given, *family, *_of(roles, "middle_name")):
            if part not in out and _holds(_both(contents, [name, part]), _made_of, MOST_ROWS):
                out[part] = ("part_of", (name,))
    for one, other in ((a, b) for a in kept for b in kept if a != b):
        if one not in out and other not in out and _holds(_both(contents, [one, other]), _made_of, MADE):
            out[other] = ("part_of", (one,))
    return out


def _made_of(cells: Sequence[str]) -> bool:
    whole, *parts = (_words(one) for one in cells)
    return bool(whole) and all(part and part <= whole for part in parts)


def _addresses(roles: Mapping[str, str], contents: Mapping[str, Contents]) -> Dropped:
    """Find lines of the whole address beside a column of the street, where a city or postcode stands in a column too."""
    lines, places = _of(roles, "address"), _of(roles, *PLACES)
    out: dict[str, tuple[str, tuple[str, ...]]] = {}
    for line in lines:
        for street in (one for one in lines if one != line and one not in out):
            made = [one for one in places if _holds(_both(contents, [line, street, one]), _made_of, MADE)]
            if made:
                out[line] = ("made_of", (street, *made))
                break
    return out


def _house_numbers(roles: Mapping[str, str], contents: Mapping[str, Contents]) -> Dropped:
    return {
        name: ("part_of", (line,))
        for name in _of(roles, "house_number")
        for line in _of(roles, "address")
        if _holds(_both(contents, [line, name]), _made_of, MADE)
    }


def _ages(roles: Mapping[str, str], contents: Mapping[str, Contents]) -> Dropped:
    """Find ages and years of birth beside the birth date, wherever both are filled in."""
    return {
        name: ("follows_from", (born,))
        for born in _of(roles, "date_of_birth")[:1]
        for name in _of(roles, "age", "birth_year")
        if len(_both(contents, [born, name])) >= FEWEST
    }


def _domains(roles: Mapping[str, str], contents: Mapping[str, Contents]) -> Dropped:
    return {
        name: ("follows_from", (mail,))
        for mail in _of(roles, "email")
        for name in roles
        if roles[name] in ("url", "category", "text")
        and _holds(
            _both(contents, [mail, name]),
            lambda cells: cells[0].casefold().rpartition("@")[2] == cells[1].casefold().lstrip("@"),
            EQUAL,
        )
    }


def _codes(roles: Mapping[str, str], contents: Mapping[str, Contents]) -> Dropped:
    """Find two columns of which each tells the other (a state's code and its name); the one of the more telling type is kept."""
    order = ("city", "region", "country", "birth_place", "district", "category", "text")
    names = sorted(_of(roles, *order), key=lambda name: order.index(roles[name]))
    codes = _codes_of([contents[name].texts[:: max(1, len(contents[name].texts) // LOOKED)] for name in names])
    out: dict[str, tuple[str, tuple[str, ...]]] = {}
    for at, later in enumerate(names):
        for number, first in enumerate(names[:at]):
            if first not in out and later not in out and _each_other(codes[number], codes[at]):
                out[later] = ("same_as", (first,))
    return out


def _each_other(first: Numbers, later: Numbers) -> bool:
    both = (first >= 0) & (later >= 0)
    rows = int(both.sum())
    size = int(later.max(initial=0)) + 1
    keys, times = np.unique(first[both] * size + later[both], return_counts=True)
    different = max(len(np.unique(keys // size)), len(np.unique(keys % size)))
    too_many = len(keys) - different > 2 * (1 - BOTH_WAYS) * rows
    if different < 2 or rows < PER_VALUE * different or too_many:
        return False
    pairs = dict(zip(zip((keys // size).tolist(), (keys % size).tolist(), strict=True), times.tolist(), strict=True))
    rarer = dict(pairs)
    rarer.pop(max(pairs, key=lambda pair: pairs[pair]))
    return (
        min(_told(pairs, side) for side in (0, 1)) >= BOTH_WAYS
        and sum(rarer.values()) >= FEWEST
        and min(_told(rarer, side) for side in (0, 1)) >= RARER
    )


def _told(pairs: Mapping[tuple[int, int], int], side: int) -> float:
    """Return the share of rows in which one side has the value that goes most often with the other's."""
    most: dict[int, int] = {}
    for pair, number in pairs.items():
        most[pair[side]] = max(most.get(pair[side], 0), number)
    return sum(most.values()) / max(sum(pairs.values()), 1)
