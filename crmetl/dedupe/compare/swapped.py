"""Given and family name in each other's column: two fields that only tell something together."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from crmetl.dedupe.compare.codes import NONE, Codes, Levels, Mask, Numbers
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.nicknames import NICKNAMES
from crmetl.dedupe.compare.people import NEAR

SWAPPED = "swapped"
WEAK = ("else", "near")
"""Levels below a swap."""


def with_swapped(columns: Sequence[Column], levels: Sequence[Levels], i: Numbers, j: Numbers) -> list[Levels]:
    """
    Return the levels, `swapped` where one record has its names in the other order.

    One name in the other column is a swap where the two that are left are alike, too (one was typed wrong, or is another form).
    Where they are not, the family name tells it alone: a wife beside her husband whose names were swapped shows the same.

    Args:
        levels: Per column, the level of each pair.
        i, j: The pairs' records.
    """
    out = list(levels)
    given, family = _first(columns, "given_name"), _first(columns, "family_name")
    if given is None or family is None:
        return out
    g, f = columns[given], columns[family]
    weak = _weak(g, out[given]) & _weak(f, out[family])
    at = np.flatnonzero(weak)
    if not len(at):
        return out
    as_family, own = _as_family(g, f)
    one, two = i[at], j[at]
    first = _agree(as_family[g.codes[one]], own[f.codes[two]])
    second = _agree(own[f.codes[one]], as_family[g.codes[two]])
    whole = first & second
    left, right = np.where(first, two, one), np.where(first, one, two)
    half = np.flatnonzero(first ^ second)
    whole[half] = _alike(g, f, left[half], right[half])
    out[given] = _put(out[given], at[whole], g.level(SWAPPED))
    out[family] = _put(out[family], at[first | second], f.level(SWAPPED))
    return out


def _alike(given: Column, family: Column, left: Numbers, right: Numbers) -> Mask:
    """Say where the given name of one record is nearly the family name of another, its initial or another form of it."""
    names, others = (one.reading.parts["spelt"].texts[one.codes[at]].tolist() for one, at in ((given, left), (family, right)))
    near = process.cpdist(names, others, scorer=JaroWinkler.normalized_similarity, dtype=np.float32) >= NEAR
    out: Mask = near | np.array([_short(*pair) for pair in zip(names, others, strict=True)], dtype=bool)
    return out


def _short(name: str, other: str) -> bool:
    """
    Say whether two names are forms of one, or one is the initial of the other.

    >>> _short("bill", "william"), _short("w", "william"), _short("will", "walt")
    (True, True, False)
    """
    initial = min(len(name), len(other)) == 1 and name[:1] == other[:1]
    return initial or NICKNAMES.get(name, name) == NICKNAMES.get(other, other)


def _first(columns: Sequence[Column], kind: str) -> int | None:
    """Return the first column of a type; a middle name is a given name that stands behind it."""
    return next((number for number, one in enumerate(columns) if one.kind == kind), None)


def _weak(one: Column, levels: Levels) -> Mask:
    return np.isin(levels, [one.level(name) for name in WEAK])


def _as_family(given: Column, family: Column) -> tuple[Codes, Codes]:
    """Return per value of the given and of the family name a code of its spelling, the same vocabulary; -1 for no value."""
    theirs, own = given.reading.parts["spelt"], family.reading.parts["spelt"]
    found = pc.index_in(pa.array(theirs.different, pa.large_string()), value_set=pa.array(own.different, pa.large_string()))
    places = np.append(found.fill_null(NONE).to_numpy(zero_copy_only=False), NONE).astype(np.int32)
    return np.append(places[theirs.codes], np.int32(NONE)), np.append(own.codes, np.int32(NONE))


def _agree(a: Codes, b: Codes) -> Mask:
    out: Mask = (a == b) & (a != NONE)
    return out


def _put(levels: Levels, at: Numbers, level: int) -> Levels:
    out = levels.copy()
    out[at] = level
    return out
