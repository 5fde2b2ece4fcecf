"""What was written is what is read."""

import csv
import sqlite3
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.extract.conformance import raw
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


Rows = list[list[str | None]]


def by_openpyxl(path: Path, rows: Rows) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for i, row in enumerate(rows, 1):
        for j, cell in enumerate(row, 1):
            if cell is not None:
                sheet.cell(i, j, cell).data_type = "s"
    book.save(path)


def by_page(path: Path, rows: Rows) -> None:
    cells = "".join(f"<tr>{''.join(f'<td>{raw.escaped(cell or str())}</td>' for cell in row)}</tr>" for row in rows)
    path.write_text(f'<html><meta charset="utf-8"><table>{cells}</table></html>', encoding="utf-8")


def by_database(path: Path, rows: Rows) -> None:
    with sqlite3.connect(path) as made:
        made.execute(f"CREATE TABLE t ({', '.join(f'{name} TEXT' for name in rows[0])})")
        made.executemany("INSERT INTO t VALUES (?, ?, ?)", rows[1:])
    made.close()


WRITERS: dict[str, Callable[[Path, Rows], object]] = {
    "x.xlsx": by_openpyxl,
    "o.ods": lambda path, rows: path.write_bytes(raw.ods(raw.odf_table("S", rows))),
    "m.xml": lambda path, rows: path.write_bytes(raw.xml2003(raw.xml_sheet("S", "".join(raw.xml_row(*row) for row in rows)))),
    "h.xls": by_page,
    "d.db": by_database,
}
"""Five writers beside csv and xlsxwriter; a `<` at the start of a cell means raw XML to ours, so it is kept off."""
PLAIN = st.text(LETTER, min_size=1, max_size=12).map(str.strip).filter(lambda text: bool(text) and not text.startswith("<"))


@given(rows=st.lists(st.tuples(st.none() | PLAIN, st.none() | PLAIN), max_size=5), name=st.sampled_from(sorted(WRITERS)))
@settings(max_examples=100, deadline=None)
def test_every_writer_reads_back(rows: list[tuple[str | None, str | None]], name: str) -> None:
    """Any table of text, by whichever writer, reads back to the letter; a page makes one blank of several."""
    table: Rows = [list(HEADINGS), *([f"K{at:03d}", *row] for at, row in enumerate(rows))]
    table = [[cell and " ".join(cell.split()) for cell in row] for row in table]
    with TemporaryDirectory() as folder:
        WRITERS[name](Path(folder) / name, table)

        database = name.endswith(".db")
        reads = {"url": f"sqlite:///{name}", "table": "t"} if database else name
        got = read_all(Path(folder), reads, table={"header": (1,)})

    assert got.values() == table[1:]


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
