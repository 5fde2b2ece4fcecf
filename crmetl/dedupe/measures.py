"""Array measures shared by the comparisons; each text pair is scored once."""

from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from crmetl.dedupe.columns import NONE, Codes, Mask, Numbers, Texts


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
    packed = (a.astype(np.int64) << 32) | b.astype(np.int64)
    order = np.argsort(packed)
    ordered = packed[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]] if len(ordered) else np.zeros(0, dtype=bool)
    back = np.empty(len(packed), dtype=np.int64)
    back[order] = np.cumsum(first) - 1
    once = ordered[first]
    return np.stack([once >> 32, once & 0xFFFFFFFF], axis=1), back


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
