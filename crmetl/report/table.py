"""One table into a file for people or programs: csv, xlsx or Parquet."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crmetl.report.workbook import Sheets
from crmetl.text import Text


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """
    Write a table in the format of the path's suffix, in one step.

    A workbook holds formula-looking texts as marked texts; a csv file holds every cell as it is, UTF-8 with a byte order
    mark, since a changed cell could not be read back.

    Args:
        frame: Any columns; NA is left blank.
        path: Ending in .csv, .xlsx or .parquet.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    if path.suffix.lower() == ".xlsx":
        sheets = Sheets("en")
        sheets.add(Text("Table", "Table"), [Text(name, name) for name in map(str, frame.columns)], _rows(frame))
        sheets.save(path)
        return
    if path.suffix.lower() == ".parquet":
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), part)
    else:
        with part.open("w", encoding="utf-8-sig", newline="") as lines:
            out = csv.writer(lines)
            out.writerow(frame.columns)
            out.writerows(_rows(frame))
    part.replace(path)


def _rows(frame: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    columns = [frame[name].astype("object").where(frame[name].notna(), None).tolist() for name in frame.columns]
    return zip(*columns, strict=True)
