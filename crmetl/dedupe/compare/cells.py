"""Cells of a table in the form in which they are compared, each different one once; and rows in the order of their cells."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.clean import TYPES, Context
from crmetl.clean.arrays import NOWHERE, comparable
from crmetl.dedupe.compare.atwork import side_by_side
from crmetl.dedupe.compare.codes import Numbers, codes_in, encoded, in_text_order, packed

HAN = r"\p{Han}"
SOME = 0.01
"""Share of different cells with a Chinese character from which on a table is read as a Chinese one."""


def comparable_cells(frame: pd.DataFrame, fields: Mapping[str, str]) -> pd.DataFrame:
    """
    Return the compared columns of a table, each cell as it is compared, dictionary-encoded, the dictionaries in text order.

    Args:
        frame: Text columns, cells as they are in the file.
        fields: Column -> semantic type.

    >>> frame = pd.DataFrame({"born": ["1970-02-03", "3 Feb 1970", None]}, dtype="str")
    >>> comparable_cells(frame, {"born": "date_of_birth"})["born"].astype("str").tolist()
    ['1970-02-03', '1970-02-03', nan]
    """
    cells = {name: encoded(frame[name]) for name in fields}
    context = Context(country=_country(list(fields), list(cells.values())))

    def read(name: str, kind: str) -> "pd.Series[str]":
        found = in_text_order(cells[name], lambda different: comparable(different, TYPES[kind], context))
        return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([found])))

    done = side_by_side(lambda field: read(*field), fields.items(), rows=len(frame))
    return pd.DataFrame(dict(zip(fields, done, strict=True)))


def _country(headings: Sequence[str], cells: Sequence[pa.DictionaryArray]) -> str:
    """Return in which country's ways numbers, postcodes and places are read: China's where there is Chinese in the table."""
    if pc.any(pc.match_substring_regex(pa.array(headings, pa.large_string()), HAN)).as_py():
        return "CN"
    chinese = sum(pc.sum(pc.match_substring_regex(one.dictionary, HAN)).as_py() or 0 for one in cells)
    return "CN" if chinese > SOME * sum(len(one.dictionary) for one in cells) else NOWHERE


def in_order(cells: pd.DataFrame) -> Numbers:
    """
    Return the rows in the order of their cells: by the first column, then by the next; a missing cell first, equal rows as they
    come.

    >>> in_order(comparable_cells(pd.DataFrame({"a": ["y", "x", "y", None]}, dtype="str"), {"a": "text"})).tolist()
    [3, 1, 0, 2]
    """
    words = packed([codes_in(encoded(cells[name])).astype(np.int64) for name in cells.columns])
    out: Numbers = np.lexsort(words[::-1]) if words else np.arange(len(cells))
    return out
