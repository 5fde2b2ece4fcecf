"""Given and family name in each other's column: two fields that only tell something together."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.dedupe.columns import NONE, Codes, Column, Levels, Mask, Numbers

SWAPPED = "swapped"
WEAK = ("else", "near")
"""Levels below a swap."""


def with_swapped(columns: Sequence[Column], levels: Sequence[Levels], i: Numbers, j: Numbers) -> list[Levels]:
    """
    Return the levels, `swapped` where one record has its names in the other order.

    Where only one of the two names is found in the other column, the given name's level tells it.

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
    told = at[first | second]
    out[given] = _put(out[given], told, g.level(SWAPPED))
    out[family] = _put(out[family], at[first & second], f.level(SWAPPED))
    return out


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
