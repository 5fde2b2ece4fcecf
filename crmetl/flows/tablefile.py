"""A table file as it comes, and as texts to compare."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crmetl.errors import SourceError
from crmetl.extract import Told, read_whole
from crmetl.flows.watch import Watch
from crmetl.text import Text

MADE = ("cluster_id", "is_survivor")
"""Columns that matching adds; a file that has them already gets them anew."""


@dataclass(frozen=True)
class TableFile:
    """
    A table.

    Attributes:
        table: Its rows and columns as they are in the file.
        no_data: Positions of rows that the reader knows for none (totals, headers printed again); they are not compared.
        told: What the reader tells of rows and of the file.
    """

    table: pa.Table
    no_data: "np.typing.NDArray[np.int64]"
    told: tuple[Told, ...] = ()

    @cached_property
    def texts(self) -> pd.DataFrame:
        """Return all rows as text, NA for blank."""
        frame: pd.DataFrame = pa.table({name: _text(self.table[name]) for name in self.table.column_names}).to_pandas()
        return frame.astype("str")

    @property
    def compared(self) -> pd.DataFrame:
        """Return the rows as text, those that are no data with nothing in them."""
        if not len(self.no_data):
            return self.texts
        hidden = np.zeros(len(self.texts), dtype=bool)
        hidden[self.no_data] = True
        return self.texts.mask(pd.Series(hidden, index=self.texts.index))

    def with_columns(self, made: Mapping[str, Any]) -> pa.Table:
        """Return the table with further columns; those that it has of these names give way."""
        table = self.table.drop_columns([name for name in made if name in self.table.column_names])
        for name, cells in made.items():
            table = table.append_column(name, pa.array(cells))
        return table

    def findings(self) -> list[dict[str, Any]]:
        """Return what is told as JSON has it."""
        return [{"code": one.code, "column": one.column, "rows": one.rows, "places": list(one.places)} for one in self.told]


def read_file(path: Path, *, watch: Watch) -> TableFile:
    """
    Read any table that `extract` reads, or a Parquet file; every row of it, in its order.

    Raises:
        SourceError: It is missing or unreadable.
    """
    if not path.exists():
        raise SourceError(Text("找不到这个文件", "no such file"), where=str(path))
    if path.suffix.lower() == ".parquet":
        return TableFile(_parquet(path), np.zeros(0, dtype=np.int64))
    whole = read_whole(path, progress=watch.advance)
    return TableFile(whole.table, whole.no_data, whole.told)


def _parquet(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except (pa.ArrowInvalid, OSError):
        raise SourceError(
            Text("不是可读的 Parquet 文件", "no readable Parquet file"),
            where=str(path),
            next=Text("重新导出后再运行", "export it again"),
        ) from None


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as text: whole numbers without a fraction, days without a time, as a sheet would show them."""
    if pa.types.is_large_string(column.type):
        return column
    if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
        return column.cast(pa.large_string())
    if pa.types.is_floating(column.type) or pa.types.is_temporal(column.type) or pa.types.is_nested(column.type):
        shown = [None if one is None or _is_nan(one) else _shown(one) for one in column.to_pylist()]
        return pa.chunked_array([pa.array(shown, pa.large_string())])
    return column.cast(pa.large_string())


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _shown(value: Any) -> str:
    written = str(value)
    return written.removesuffix(".0") if isinstance(value, float) else written.removesuffix(" 00:00:00")
