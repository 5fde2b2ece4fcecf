"""What was written is what is read."""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.extract.conftest import read_all, write_workbook

LETTER = st.characters(
    blacklist_categories=("Cs", "Cc", "Zl", "Zp"), blacklist_characters="\ufeff\ufffd\ufffe\uffff\x1c\x1d\x1e\x1f\x85"
)
TEXT = st.text(LETTER, min_size=1, max_size=12).filter(lambda text: bool(text.strip()))
CELL = st.one_of(st.none(), TEXT, st.integers(-(10**14), 10**14).map(str))
HEADINGS = ["甲", "乙", "丙"]


@st.composite
def tables(draw: st.DrawFn) -> list[list[str | None]]:
    """Draw rows whose first cell is a code, so that no row is blank or looks like a total."""
    rows = draw(st.lists(st.tuples(CELL, CELL), max_size=6))
    return [[f"K{number:03d}", *row] for number, row in enumerate(rows)]


@given(
    rows=tables(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    delimiter=st.sampled_from([",", "\t", ";"]),
)
@settings(max_examples=60, deadline=None)
def test_csv_reads_back(rows: list[list[str | None]], encoding: str, delimiter: str) -> None:
    """Any table of text, written by the csv module, reads back to the letter."""
    with TemporaryDirectory() as folder:
        with (Path(folder) / "a.csv").open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([HEADINGS, *rows])

        got = read_all(Path(folder), "a.csv", table={"header": (1,), "encoding": encoding, "delimiter": delimiter})

    assert got.values() == rows


@given(rows=tables())
@settings(max_examples=50, deadline=None)
def test_workbook_reads_back(rows: list[list[str | None]]) -> None:
    """Any table of text, written by xlsxwriter, reads back to the letter."""
    with TemporaryDirectory() as folder:
        write_workbook(Path(folder) / "a.xlsx", {"S": [HEADINGS, *rows]})

        got = read_all(Path(folder), "a.xlsx", table={"header": (1,)})

    assert got.values() == rows


@given(numbers=st.lists(st.one_of(st.integers(-(10**14), 10**14), st.floats(-1e9, 1e9, allow_nan=False)), min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_numbers_read_back(numbers: list[float]) -> None:
    """A number in a workbook is told with all the digits that the file holds."""
    with TemporaryDirectory() as folder:
        rows: list[list[object]] = [["编号", "数"], *([f"K{n}", number] for n, number in enumerate(numbers))]
        write_workbook(Path(folder) / "a.xlsx", {"S": rows})

        got = read_all(Path(folder), "a.xlsx", table={"header": (1,)})

    # xlsxwriter writes 16 significant digits.
    assert [float(row[1] or "nan") for row in got.values()] == [float(f"{number:.16G}") for number in numbers]
