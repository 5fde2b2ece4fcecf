"""Row ids: from what the row says, never from where it stands."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.batch import rid_of

_TEXT = pa.large_string()
_CELL, _ROW, _SOURCE = (pa.scalar(mark, _TEXT) for mark in ("\x1f", "\x1e", "|"))
"""Unit and record separator of ASCII; a cell that holds one can at worst share an ordinal series with another row."""

Hashes = npt.NDArray[np.uint64]


def contents(table: pa.Table) -> pa.ChunkedArray:
    r"""
    Return the content of each row as one text: filled cells with their column, in the order of the column names.

    A blank column more, or another order of columns, does not change it.

    >>> contents(pa.table({"b": ["2", None], "a": ["1", "3"]})).to_pylist() == ["a\x1f1\x1eb\x1f2", "a\x1f3"]
    True
    """
    names = sorted(table.column_names)
    if not names:
        return pa.chunked_array([pa.array([""] * table.num_rows, _TEXT)])
    cells = [pc.binary_join_element_wise(pa.scalar(name, _TEXT), table[name].cast(_TEXT), _CELL) for name in names]
    return pc.binary_join_element_wise(*cells, _ROW, null_handling="skip")


class Seen:
    """
    The 64-bit hashes that came so far, in sorted runs: a look-up costs a few binary searches, a row costs eight bytes.

    Runs are merged when the newer one has grown to the size of the older one, so that n rows cost n log n.
    """

    def __init__(self) -> None:
        self._runs: list[Hashes] = []
        self._again: dict[int, int] = {}

    def ordinals(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        """
        Say how many rows of the same hash came before each.

        >>> seen = Seen()
        >>> [seen.ordinals(np.array(one, dtype=np.uint64)).tolist() for one in ([7, 8, 7], [7, 9])]
        [[0, 0, 1], [2, 0]]
        """
        within = pd.Series(hashes).groupby(hashes).cumcount().to_numpy(dtype=np.int64)
        before = self._known(hashes)
        repeated = np.flatnonzero(before | (within > 0))
        ordinals = np.zeros(len(hashes), dtype=np.int64)
        for at in repeated.tolist():
            one = int(hashes[at])
            self._again[one] = self._again.get(one, 0) + 1
            ordinals[at] = self._again[one]
        self._add(hashes[~before & (within == 0)])
        return ordinals

    def _known(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        known = np.zeros(len(hashes), dtype=bool)
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            known |= run[at] == hashes
        return known

    def _add(self, hashes: Hashes) -> None:
        if not len(hashes):
            return
        self._runs.append(np.sort(hashes))
        while len(self._runs) > 1 and len(self._runs[-1]) >= len(self._runs[-2]):
            newer, older = self._runs.pop(), self._runs.pop()
            self._runs.append(np.sort(np.concatenate([older, newer]), kind="stable"))


def row_ids(source: str, table: pa.Table, seen: Seen) -> "pd.Series[str]":
    """
    Return the id of each row: of its source and content, and of its ordinal among identical rows of the source.

    Args:
        source: Name of the source.
        table: Rows, lineage columns not among them.
        seen: Rows of this source that came before; remembers these.

    >>> rows = pa.table({"a": ["x", "y", "x"]})
    >>> row_ids("s", rows, Seen()).is_unique
    True
    """
    texts = pc.binary_join_element_wise(pa.scalar(source, _TEXT), contents(table), _SOURCE)
    ids = rid_of(pd.Series(texts.to_pylist(), dtype="object"))
    digits = np.frombuffer(bytes.fromhex("".join(ids.tolist())), dtype=np.uint8).reshape(-1, 12)
    hashes = np.ascontiguousarray(digits[:, :8]).view(">u8").ravel().astype(np.uint64)
    ordinals = pd.Series(seen.ordinals(hashes))
    again = ordinals > 0
    if not again.any():
        return ids
    later = rid_of(ids[again] + "|" + ordinals[again].astype("str"))
    return pd.concat([ids[~again], later]).sort_index()
