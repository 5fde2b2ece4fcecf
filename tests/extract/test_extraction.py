"""The source as a whole: ids, chunks, places, manifest."""

import hashlib
import json
import unicodedata
from pathlib import Path

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.batch import FINDING
from crmetl.extract import extract
from crmetl.extract.identity import Seen, row_ids
from tests.extract.conftest import Reading, source, write_workbook

CELL = st.one_of(st.none(), st.sampled_from(["a", "b", "启明", ""]))
TABLE = st.lists(st.tuples(CELL, CELL), min_size=1, max_size=12)


def table_of(rows: list[tuple[str | None, str | None]]) -> pa.Table:
    """Return rows of two columns."""
    return pa.table(
        {"x": pa.array([a for a, _ in rows], pa.large_string()), "y": pa.array([b for _, b in rows], pa.large_string())}
    )


@given(rows=TABLE, cut=st.integers(0, 12), seed=st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_row_ids_do_not_depend_on_order(rows: list[tuple[str | None, str | None]], cut: int, seed: object) -> None:
    """The ids of a source are the same set whatever the order of rows and wherever the chunks are cut; none comes twice."""
    shuffled = list(rows)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    seen = Seen()

    whole = row_ids("s", table_of(rows), Seen())
    parts = [row_ids("s", table_of(one), seen) for one in (shuffled[:cut], shuffled[cut:]) if one]

    assert whole.is_unique
    assert sorted(whole) == sorted(id_ for part in parts for id_ in part)


def test_row_id_knows_source_and_columns_only() -> None:
    """The id changes with source and content, not with a blank column more or the order of columns."""
    rows = table_of([("1", "2")])
    wider = pa.table({"y": rows["y"], "z": pa.nulls(1, pa.large_string()), "x": rows["x"]})

    assert row_ids("s", rows, Seen()).tolist() == row_ids("s", wider, Seen()).tolist()
    assert row_ids("s", rows, Seen()).tolist() != row_ids("t", rows, Seen()).tolist()
    assert row_ids("s", rows, Seen()).tolist() != row_ids("s", table_of([("2", "1")]), Seen()).tolist()


def test_inserted_line_moves_nobody(tmp_path: Path, read: Reading) -> None:
    """A line more in the file leaves the ids of all others as they were."""
    (tmp_path / "a.csv").write_text("名称,城市\n启明,杭州\n远航,宁波\n")
    before = read("a.csv").rows.index
    (tmp_path / "a.csv").write_text("名称,城市\n三江,苏州\n启明,杭州\n远航,宁波\n")

    assert read("a.csv").rows.index[1:].tolist() == before.tolist()


def test_identical_rows_of_two_files_are_two_rows(tmp_path: Path, read: Reading) -> None:
    """The same line in two monthly files is two rows with ids of their own."""
    for month in ("01", "02"):
        (tmp_path / f"{month}.csv").write_text("名称,城市\n启明,杭州\n")

    got = read("*.csv")

    assert got.rows.index.is_unique
    assert got.places() == ["01.csv!R2", "02.csv!R2"]


def test_chunks_are_bounded_and_of_one_layout(tmp_path: Path) -> None:
    """No chunk is longer than asked, small files share one, and files of other headers come in their own."""
    for number in range(5):
        (tmp_path / f"a{number}.csv").write_text(f"名称,城市\n启明{number},杭州\n远航{number},宁波\n")
    (tmp_path / "b.csv").write_text("名称,城市,电话\n三江,苏州,1\n")
    counted: list[int] = []

    extraction = extract(source("*.csv"), root=tmp_path, chunk=4, progress=counted.append)
    chunks = list(extraction.chunks())

    assert [len(one) for one in chunks] == [4, 4, 2, 1] == counted
    assert list(chunks[-1].columns) == ["名称", "城市", "电话", "_source", "_row"]
    assert extraction.columns == ("名称", "城市", "电话")
    assert all((one.dtypes.astype(str) == "str").all() and one.index.name == "id" for one in chunks)


def test_all_blank_column_is_text(tmp_path: Path, read: Reading) -> None:
    """A column without any value is text of NA."""
    (tmp_path / "a.csv").write_text("名称,备注\n启明,\n远航, \n")

    got = read("a.csv")

    assert got.rows["备注"].isna().all()
    assert str(got.rows["备注"].dtype) == "str"


def test_manifest_tells_each_file(tmp_path: Path, read: Reading) -> None:
    """The manifest holds path, sha256, size, encoding, header and what was set aside, and is JSON."""
    content = "客户表\n名称,城市\n启明,杭州\n".encode("gbk")
    (tmp_path / "客户").mkdir()
    (tmp_path / "客户" / "a.csv").write_bytes(content)

    entry = read("客户/*.csv").extraction.manifest[0]

    assert (entry.path, entry.sha256, entry.bytes) == ("客户/a.csv", hashlib.sha256(content).hexdigest(), len(content))
    assert (entry.encoding, entry.rows, entry.aside) == ("gb18030", 1, {"title_row": 1, "header_row": 1})
    assert json.loads(json.dumps(entry.to_json()))["tables"][0]["header"] == [2]


def test_every_filled_row_is_accounted_for(tmp_path: Path, read: Reading) -> None:
    """Rows delivered and rows set aside are all filled rows of the workbook."""
    rows: list[list[object]] = [
        ["清单"],
        ["名称", "城市", "金额"],
        ["启明", "杭州", 1],
        [None],
        ["远航", "宁波", 2],
        ["合计", None, 3],
    ]
    write_workbook(tmp_path / "a.xlsx", {"S": rows, "隐": [["x"], ["y"]]}, hidden=["隐"])

    got = read("a.xlsx")

    assert len(got.rows) + len(got.extraction.aside) == 5 + 2
    assert got.extraction.findings.columns.tolist() == list(FINDING)


def test_reading_again_starts_anew(tmp_path: Path) -> None:
    """Iterating the chunks twice gives the same rows and one account."""
    (tmp_path / "a.csv").write_text("名称,城市\n启明,杭州\n启明,杭州\n")
    extraction = extract(source("a.csv"), root=tmp_path)

    first, second = (pd.concat(extraction.chunks()) for _ in range(2))

    pd.testing.assert_frame_equal(first, second)
    assert len(extraction.manifest) == 1


def test_names_of_files_in_any_form(tmp_path: Path, read: Reading) -> None:
    """A name that macOS stored in decomposed characters is found; lock files of open workbooks are not."""
    (tmp_path / unicodedata.normalize("NFD", "Société.csv")).write_text("a,b\n1,2\n")
    (tmp_path / "~$Société.csv").write_text("x")

    assert read("Société.csv").places() == ["Société.csv!R2"]
    assert read("*.csv").places() == ["Société.csv!R2"]
    assert read(str(tmp_path / "*.csv")).places() == ["Société.csv!R2"]


def test_findings_are_there_with_their_chunk(tmp_path: Path) -> None:
    """A row's finding is known as soon as its chunk is."""
    (tmp_path / "a.csv").write_text("名称,城市\n启明,杭州\n远航\n三江,苏州\n")
    extraction = extract(source("a.csv"), root=tmp_path, chunk=2)

    first = next(extraction.chunks())

    assert extraction.findings["rid"].tolist() == [first.index[1]]
