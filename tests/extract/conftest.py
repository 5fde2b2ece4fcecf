"""Small real files, and one call that reads them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from crmetl.extract import Extraction, extract
from crmetl.extract.extraction import ASIDE
from crmetl.project.model import Source

Cells = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Read:
    """What a source gave."""

    rows: pd.DataFrame
    extraction: Extraction

    def values(self) -> list[list[str | None]]:
        """Return the cells without lineage, None for blank."""
        plain = self.rows.drop(columns=["_source", "_row"], errors="ignore")
        return [[None if pd.isna(cell) else cell for cell in row] for row in plain.to_numpy().tolist()]

    def places(self) -> list[str]:
        """Return the place of each row."""
        return self.rows["_row"].tolist() if len(self.rows.columns) else []

    def codes(self) -> list[str]:
        """Return the code of each finding."""
        return self.extraction.findings["code"].tolist()

    def aside(self) -> dict[str, list[str]]:
        """Return rule -> places of the rows set aside."""
        frame = self.extraction.aside
        assert tuple(frame.columns) == ASIDE
        return {str(rule): group["place"].tolist() for rule, group in frame.groupby("rule")}


Reading = Callable[..., Read]


def source(reads: Any, **more: Any) -> Source:
    """Return a source of one pattern."""
    return Source.model_validate({"source": "east", "system": "east", "reads": (reads,), "columns": {}, **more})


def read_all(root: Path, reads: Any, *, chunk: int = 20_000, **more: Any) -> Read:
    """Read all files of a pattern."""
    extraction = extract(source(reads, **more), root=root, chunk=chunk)
    frames = list(extraction.chunks())
    return Read(pd.concat(frames) if frames else pd.DataFrame(), extraction)


@pytest.fixture
def read(tmp_path: Path) -> Reading:
    """Read files below the test's folder."""
    return lambda reads, **more: read_all(tmp_path, reads, **more)


def write_workbook(
    path: Path,
    sheets: Mapping[str, Cells],
    *,
    merges: Sequence[tuple[int, int, int, int, str]] = (),
    hidden: Sequence[str] = (),
) -> None:
    """Write sheets of cells; merges (first row, first column, last row, last column, text) go to the first sheet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(i, j, cell)
                elif cell is not None:
                    sheet.write(i, j, cell)
        if name in hidden:
            sheet.hide()
    for top, left, bottom, right, text in merges:
        book.worksheets()[0].merge_range(top, left, bottom, right, text)
    book.close()
