"""Texts as codes: every different one once, equal texts equal codes; rows and pairs of codes as sorted numbers."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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
