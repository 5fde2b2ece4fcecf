"""Array measures shared by the comparisons; each text pair is scored once."""

from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from crmetl.dedupe.compare.codes import NONE, Codes, Keys, Mask, Numbers, Texts
from crmetl.dedupe.compare.ordering import in_key_order, starts_of

FEW_WORDS = 4
"""Times the pairs that there may be words, for a table of all words to be quicker than a sort."""
MOSTLY = 0.8
_MIX = np.uint64(0x9E3779B97F4A7C15)


def both(codes: Codes, a: Codes, b: Codes) -> Mask:
    """Say where both values have the part."""
    out: Mask = (codes[a] != NONE) & (codes[b] != NONE)
    return out


def agree(codes: Codes, a: Codes, b: Codes) -> Mask:
    """Say where both values have the part, and the same one."""
    out: Mask = (codes[a] == codes[b]) & (codes[a] != NONE)
    return out


def differ(codes: Codes, a: Codes, b: Codes) -> Mask:
    """Say where both values have the part, and not the same one."""
    out: Mask = (codes[a] != codes[b]) & both(codes, a, b)
    return out


def different(a: Codes, b: Codes) -> tuple[Numbers, Numbers]:
    """
    Return the different pairs of codes (two columns), and for each pair given its row among them.

    >>> pairs, back = different(np.array([1, 2, 1], dtype=np.int32), np.array([5, 5, 5], dtype=np.int32))
    >>> pairs.tolist(), back.tolist()
    ([[1, 5], [2, 5]], [0, 1, 0])
    """
    keys = _words(a, b)
    if len(keys) and int(keys.max()) < len(keys) * FEW_WORDS:
        return _by_table(keys, a, b)
    ordered, places = in_key_order(keys)
    starts = starts_of(ordered)
    back = np.empty(len(ordered), dtype=np.int64)
    back[places] = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(ordered))))
    at = places[starts]
    return np.stack([a[at], b[at]], axis=1).astype(np.int64), back


def _words(a: Codes, b: Codes) -> Keys:
    out: Keys = a.astype(np.uint64) * np.uint64(int(b.max(initial=0)) + 1) + b.astype(np.uint64)
    return out


def _by_table(keys: Keys, a: Codes, b: Codes) -> tuple[Numbers, Numbers]:
    at = np.full(int(keys.max()) + 1, NONE, dtype=np.int32)
    at[keys] = np.arange(len(keys), dtype=np.int32)
    held = np.flatnonzero(at != NONE)
    first = at[held]
    at[held] = np.arange(len(held), dtype=np.int32)
    return np.stack([a[first], b[first]], axis=1).astype(np.int64), at[keys].astype(np.int64)


def mostly_different(a: Codes, b: Codes) -> bool:
    """
    Say whether hardly a pair of codes comes twice, so that looking for the different ones costs more than it saves.

    Told from all pairs whose hash falls into one part of 64, copies of a pair alike.

    >>> mostly_different(np.arange(9_000), np.arange(9_000)), mostly_different(np.zeros(9_000), np.zeros(9_000))
    (True, False)
    """
    words = _words(a, b) * _MIX
    some = np.sort(words[words >> np.uint64(58) == 0])
    return len(some) > 0 and len(starts_of(some)) > MOSTLY * len(some)


def scores(scorer: Any, values: Texts, a: Codes, b: Codes, where: Mask | None = None) -> npt.NDArray[np.float32]:
    """Return the scorer's value of each pair; 0 outside `where`."""
    out = np.zeros(len(a), dtype=np.float32)
    at = np.arange(len(a)) if where is None else np.flatnonzero(where)
    if len(at):
        out[at] = process.cpdist(values[a[at]].tolist(), values[b[at]].tolist(), scorer=scorer, dtype=np.float32)
    return out


def jaro(values: Texts, a: Codes, b: Codes, where: Mask | None = None) -> npt.NDArray[np.float32]:
    """Return Jaro-Winkler similarities, 0 outside `where`."""
    return scores(JaroWinkler.normalized_similarity, values, a, b, where)


def within(limit: int, values: Texts, a: Codes, b: Codes, where: Mask) -> Mask:
    """Say where the texts are at most `limit` edits apart (a swap of neighbours is one), among the pairs of `where`."""
    return (scores(OSA.distance, values, a, b, where) <= limit) & where
