"""Frequencies measured on the records themselves: what is common, or shared by several owners, tells less."""

from collections.abc import Sequence

import numpy as np

from crmetl.dedupe.compare.codes import NONE, Codes, Numbers
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.levels import Level
from crmetl.dedupe.model import PSEUDO, Frequency, prints_of
from crmetl.dedupe.scoring import counted

LEAN = 100
"""Declared records beside the measured ones where records are counted: a hundred names already tell which are common."""
_OWNER = ("company_name", "person_name", "given_name")
"""Whose name tells the owners of a number apart, in this order."""


def measure(columns: Sequence[Column], size: int) -> dict[str, dict[str, Frequency]]:
    """
    Return comparison -> counted level -> Frequency.

    Args:
        columns: Columns of records of different content, so that copies of one record make nothing frequent.
        size: Number of those records.
    """
    owner = _owners(columns, size)
    return {
        one.name: {level.name: _frequency(one, level, owner, size) for _, level in counted(one)}
        for one in columns
        if counted(one)
    }


def _owners(columns: Sequence[Column], size: int) -> Codes:
    """Return who each record is of, as a code; -1 where the name is missing."""
    for kind in _OWNER:
        for one in columns:
            if one.kind == kind and "." not in one.name:
                part = next(part for part in ("sound", "spelt") if part in one.coded)
                return per_record(one, one.coded[part])
    return np.full(size, NONE, dtype=np.int32)


def _frequency(one: Column, level: Level, owner: Codes, size: int) -> Frequency:
    basis = one.reading.bases[level.name]
    different = basis.different
    held = per_record(one, basis.codes).astype(np.int64)
    if level.counted == "owners":
        count = np.maximum(_distinct(held, _holder(one, level, owner), len(different)) - 1, 0)
    else:
        count = np.maximum(np.bincount(held[held != NONE], minlength=len(different)).astype(np.int64) - 1, 0)
    added = _added(count, level, size)
    rest = int(_added(np.zeros(1, dtype=np.int64), level, size)[0])
    tell = np.flatnonzero(added != rest)
    return Frequency(rest, dict(sorted(zip(prints_of(different[tell]), added[tell].tolist(), strict=True))))


def _holder(one: Column, level: Level, owner: Codes) -> Codes:
    """Return who holds the value: of a brand its trades, of a brand and trade the cities, else the names it stands beside."""
    if one.kind != "company_name":
        return owner
    part = "trade_head" if level.name == "short" else "seated"
    return per_record(one, one.coded[part])


def per_record(one: Column, part: Codes) -> Codes:
    """Return a part of each record's value, -1 where it has none."""
    out: Codes = np.r_[part, np.int32(NONE)].astype(np.int32)[one.codes]
    return out


def _distinct(held: Numbers, owner: Codes, size: int) -> Numbers:
    """Count the different owners of each value."""
    known = (held != NONE) & (owner != NONE)
    packed = np.sort(held[known] * (int(owner.max(initial=0)) + 1) + owner[known])
    once = packed[np.r_[True, packed[1:] != packed[:-1]]] if len(packed) else packed
    return np.bincount(once // (int(owner.max(initial=0)) + 1), minlength=size).astype(np.int64)


def _added(count: Numbers, level: Level, size: int) -> Numbers:
    """
    Return log2(declared share / measured share) in 1/1000 bit, the measured one leaning on declared records.

    Args:
        count: Other records, or other owners, that hold the value.
    """
    lean = PSEUDO if level.counted == "owners" else LEAN
    share = (count + lean * level.u) / (size + lean)
    if level.counted == "owners":
        share = np.maximum(share, level.u)
    bits = np.clip(np.log2(level.u / share), -level.loss, level.gain)
    return np.round(1000 * bits).astype(np.int64)
