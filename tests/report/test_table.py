"""One table into a file: every format reads back, and no cell of a workbook runs."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from crmetl.flows.table import read_table
from crmetl.flows.watch import LookAway
from crmetl.report.table import write_table

TABLE = pd.DataFrame({"name": ["张伟", None, "=1+1"], "note": ["a,b", "line\nbreak", "x"]}, dtype="str")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_a_written_table_reads_back(suffix: str, tmp_path: Path) -> None:
    """What was written is what is read, in each format."""
    path = tmp_path / f"out{suffix}"

    write_table(TABLE, path)

    assert TABLE.fillna("-").to_dict("list") == read_table(path, watch=LookAway()).fillna("-").to_dict("list")


def test_a_formula_in_a_cell_stays_text(tmp_path: Path) -> None:
    """A cell that begins with an equals sign is marked as text in a workbook."""
    write_table(TABLE, tmp_path / "out.xlsx")

    cell = openpyxl.load_workbook(tmp_path / "out.xlsx")["Table"]["A4"]

    assert (cell.data_type, cell.quotePrefix) == ("s", True)
