"""One table into a file for people or programs: csv, xlsx or Parquet."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crmetl.text import Text

_AT_ONCE = 100_000
"""Rows of a csv file written at a time."""


def write_table(table: pd.DataFrame | pa.Table, path: Path) -> None:
    """
    Write a table in the format of the path's suffix, in one step.

    A workbook holds formula-looking texts as marked texts; a csv file holds every cell as it is, UTF-8 with a byte order
    mark, since a changed cell could not be read back.

    Args:
        table: Any columns; NA is left blank.
        path: Ending in .csv, .xlsx or .parquet.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    given = pa.Table.from_pandas(table, preserve_index=False) if isinstance(table, pd.DataFrame) else table
    if path.suffix.lower() == ".xlsx":
        from crmetl.report.workbook import Sheets  # noqa: PLC0415 a workbook's pages are slow to load, and most tables are csv

        sheets = Sheets("en")
        sheets.add(Text("Table", "Table"), [Text(name, name) for name in given.column_names], _rows(given))
        sheets.save(path)
        return
    if path.suffix.lower() == ".parquet":
        pq.write_table(given.replace_schema_metadata(), part)
    else:
        with part.open("wb") as file:
            file.write(b"\xef\xbb\xbf" + csv_lines([given.column_names]))
            for batch in given.to_batches(max_chunksize=_AT_ONCE):
                file.write(csv_of(batch))
    part.replace(path)


def _rows(table: pa.Table) -> Iterator[tuple[object, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def csv_lines(rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows as the csv module writes them."""
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode()


def csv_of(batch: pa.RecordBatch) -> bytes:
    r"""
    Return rows as the csv module writes them, whole columns at a time.

    >>> csv_of(pa.record_batch({"a": ["x,y", None], "b": [1, 2]}))
    b'"x,y",1\r\n,2\r\n'
    """
    plain = all(pa.types.is_integer(one.type) or _is_text(one.type) or pa.types.is_boolean(one.type) for one in batch.columns)
    if len(batch.columns) < 2 or not plain:
        return csv_lines([tuple(row.values()) for row in batch.to_pylist()])
    cells = [_quoted(column) for column in batch.columns]
    cells[-1] = _joined(cells[-1], "\r\n", between="")
    lines = _joined(*cells, between=",")
    _, _, letters = lines.buffers()
    return b"" if letters is None else letters.to_pybytes()[: pc.sum(pc.binary_length(lines)).as_py() or 0]


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _quoted(column: pa.Array) -> pa.Array:
    if pa.types.is_boolean(column.type):
        return pc.fill_null(pc.if_else(column, "True", "False"), "").cast(pa.large_string())
    cells = pc.fill_null(column.cast(pa.large_string()), "")
    if not _is_text(column.type):
        return cells
    special = pc.match_substring_regex(cells, '[",\r\n]')
    if not pc.any(special).as_py():
        return cells
    inside = pc.replace_substring(cells, '"', '""')
    return pc.if_else(special, _joined('"', inside, '"', between=""), cells)


def _joined(*parts: pa.Array | str, between: str) -> pa.Array:
    given = (pa.scalar(one, pa.large_string()) if isinstance(one, str) else one for one in (*parts, between))
    return pc.binary_join_element_wise(*given)
