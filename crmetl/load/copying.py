"""PostgreSQL's COPY: new rows as one stream of text instead of a statement each."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
"""What COPY's text format writes with a backslash (PostgreSQL manual, COPY, "Text Format"); the backslash first."""


def copy_text(cells: Sequence["pd.Series[str]"]) -> bytes:
    r"""
    Return rows in COPY's text format.

    Args:
        cells: A column each, of the same length; text or NA.

    >>> copy_text([pd.Series(["a\tb", None]), pd.Series(["1", "2"])])
    b'a\\tb\t1\n\\N\t2\n'
    """
    if not cells or not len(cells[0]):
        return b""
    lines = pc.binary_join_element_wise(*(_escaped(one) for one in cells), _scalar("\t"))
    return ("\n".join(lines.to_pylist()) + "\n").encode()


def _escaped(cells: "pd.Series[str]") -> pa.Array:
    texts = pa.array(cells.astype("str"), pa.large_string())
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    for sign, written in ESCAPES:
        if pc.any(pc.match_substring(texts, sign)).as_py():
            texts = pc.replace_substring(texts, sign, written)
    return pc.fill_null(texts, _scalar("\\N"))


def _scalar(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())


def copy_in(cursor: Any, table: str, columns: Sequence[str], rows: bytes) -> None:
    """
    Add rows.

    Args:
        cursor: Of psycopg, in a transaction.
        table, columns: Physical names.
        rows: From `copy_text`, cells in the order of `columns`.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as stream:
        stream.write(rows)
