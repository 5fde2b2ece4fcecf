"""One table file, matched: no row of it is lost, and all that its reader has to tell is told."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.flows.table import TableDone, dedupe_file, read_table
from crmetl.flows.watch import LookAway
from tests.commands import Commanded

CELLS = st.one_of(st.none(), st.sampled_from(["Anna", "Mark", "O'Neil, Sean", 'the "Duke"', "王芳", "line\nbreak", " "]))
TABLES = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12)
NAMES = ["first name", "last name", "city"]


def matched(file: Path, suffix: str = ".csv", fields: str = "") -> tuple[TableDone, pd.DataFrame]:
    out = file.with_name("matched" + suffix)
    done = dedupe_file(file, out=out, fields=fields, pairs=None, watch=LookAway())
    return done, read_table(out, watch=LookAway())


def written(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8", newline="")
    return path


@settings(max_examples=30, deadline=None)
@given(rows=TABLES)
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_every_row_comes_out_in_its_place(
    suffix: str, rows: list[tuple[str | None, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As many rows as went in, in their order, whatever is in them; a row of blanks is a record of its own."""
    folder = tmp_path_factory.mktemp("law")
    frame = pd.DataFrame(rows, columns=NAMES, dtype="str")
    path = folder / f"table{suffix}"
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_parquet(path)
    blank = frame.isna() | (frame == " ")

    done, out = matched(path, suffix, "first name=given_name,last name=family_name,city=city")

    assert done.facts["records"] == len(out) == len(frame)
    assert out[NAMES].mask(blank).fillna("").to_numpy().tolist() == frame.mask(blank).fillna("").to_numpy().tolist()
    alone = out.loc[blank.all(axis=1), "cluster_id"]
    assert not out["cluster_id"].duplicated(keep=False)[alone.index].any()


def test_blank_lines_in_the_middle_are_rows_and_those_at_the_end_are_none(tmp_path: Path) -> None:
    """A line of delimiters is a row wherever it stands; an empty line only where another row follows."""
    path = written(tmp_path, "first name,last name\r\nAnna,Ellis\r\n\r\n,\r\nAnna,Ellis\r\n,\r\n\r\n\r\n")

    _, out = matched(path)

    assert out["first name"].fillna("-").tolist() == ["Anna", "-", "-", "Anna", "-"]
    assert out["cluster_id"].astype(int).tolist()[1:3] == [2, 3]


def test_rows_that_are_no_data_stay_and_are_told_with_their_numbers(tmp_path: Path) -> None:
    """A title above the header, a header printed again and a total: told; those below the header stay in OUT, each alone."""
    text = "客户清单,,\n客户名称,电话,金额\n恒曜贸易,13912340001,5\n客户名称,电话,金额\n恒曜贸易,13912340001,7\n合计,,12\n"

    done, out = matched(written(tmp_path, text))

    assert out["客户名称"].tolist() == ["恒曜贸易", "客户名称", "恒曜贸易", "合计"]
    assert out["cluster_id"].astype(int).tolist() == [1, 2, 1, 3]
    assert {one["code"]: one["places"] for one in done.facts["findings"]} == {
        "title_row": ["R1"],
        "repeated_header": ["R4"],
        "total_row": ["R6"],
    }


def test_broken_lines_are_told(tmp_path: Path) -> None:
    """Rows with too few or too many cells stay, and are told as rows of their number."""
    done, out = matched(written(tmp_path, "first name,last name,city\nAnna,Ellis\nMark,Doe,Leeds,x\nMark,Doe,York\nAnna\n"))

    assert len(out) == 4
    assert {(one["code"], *one["places"]) for one in done.facts["findings"]} == {
        ("ROW_SHORT", "R2", "R5"),
        ("ROW_RAGGED", "R3"),
    }


def test_the_command_tells_findings_on_stderr_and_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A person reads a sentence with the row numbers, a program finds them under `findings`."""
    path = written(tmp_path, "first name,last name,city\nAnna,Ellis\nMark,Doe,Leeds\n")
    here = Commanded(tmp_path, capsys)
    words = ("dedupe", str(path), "-o", str(tmp_path / "out.csv"))

    assert "fewer cells than the header; the missing ones are blank R2" in here.said(*words).err
    assert [{"code": "ROW_SHORT", "column": None, "rows": 1, "places": ["R2"]}] == here.crmetl(*words).json()["findings"]


def test_a_workbook_keeps_its_rows(tmp_path: Path) -> None:
    """Blank rows between the rows of a sheet stay; a workbook goes out as it came in."""
    frame = pd.DataFrame([["Anna", "Ellis"], [None, None], ["Anna", "Ellis"]], columns=NAMES[:2])
    frame.to_excel(tmp_path / "table.xlsx", index=False)

    done, out = matched(tmp_path / "table.xlsx", ".xlsx")

    assert done.facts["records"] == 3
    assert out[NAMES[:2]].fillna("-").to_numpy().tolist() == frame.fillna("-").to_numpy().tolist()


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    """Numbers and dates of a Parquet file are compared as a sheet would show them, and come out as they were."""
    table = pa.table(
        {
            "name": ["Anna Ellis", "Anna Ellis", "Mark Doe"],
            "birth date": [date(1970, 2, 3), date(1970, 2, 3), None],
            "score": [1.5, None, 2.0],
            "number": [7, 8, 9],
        }
    )
    pq.write_table(table, tmp_path / "table.parquet")
    done = dedupe_file(tmp_path / "table.parquet", out=tmp_path / "o.parquet", fields="", pairs=None, watch=LookAway())

    out = pq.read_table(tmp_path / "o.parquet")

    assert table.equals(out.select(table.column_names))
    assert out["cluster_id"].to_pylist() == [1, 1, 2]
    assert done.facts["fields"]["birth date"] == "date_of_birth"


def test_each_step_is_told(tmp_path: Path) -> None:
    """Whoever watches sees which step of a long matching is under way."""

    @dataclass
    class Told(LookAway):
        steps: list[str] = field(default_factory=list)

        def begin(self, stage: str, what: str) -> None:
            assert what in ("table.csv", "o.csv")
            self.steps.append(stage)

    path, watch = written(tmp_path, "first name,last name\nAnna,Ellis\nMark,Doe\n"), Told()

    dedupe_file(path, out=tmp_path / "o.csv", fields="", pairs=None, watch=watch)

    assert ["read", "dedupe", "cells", "learn", "compare", "cluster", "write"] == watch.steps


def test_a_table_of_headings_alone_comes_out_as_such(tmp_path: Path) -> None:
    """Empty in, empty out: no row is no reason to refuse a table."""
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("first_name,last_name\n", encoding="utf-8")

    done = dedupe_file(source, out=out, fields="", pairs=None, watch=LookAway())

    assert done.facts["records"] == 0
    assert out.read_text(encoding="utf-8-sig").splitlines() == ["first_name,last_name,cluster_id,is_survivor"]
