"""Tables and queries of databases."""

import sqlite3
from pathlib import Path

import pytest

from crmetl.errors import SourceError
from crmetl.extract import extract
from tests.extract.conftest import Reading, source


@pytest.fixture
def erp(tmp_path: Path) -> Path:
    """Return a SQLite database of customers."""
    with sqlite3.connect(tmp_path / "erp.db") as made:
        made.execute("CREATE TABLE kh (id INTEGER PRIMARY KEY, 名称 TEXT, 金额 NUMERIC, 备注 BLOB)")
        rows = [(3, "远航", 1.5, None), (1, "启明", 123456789012345678, "好".encode()), (2, "三江", None, b"\xff")]
        made.executemany("INSERT INTO kh VALUES (?, ?, ?, ?)", rows)
    made.close()
    return tmp_path / "erp.db"


def test_table_comes_in_the_order_of_its_key(erp: Path, read: Reading) -> None:
    """Every row, exact numbers, bytes as text; what cannot be decoded waits; the manifest says what was read."""
    got = read({"url": "sqlite:///erp.db", "table": "kh"})

    assert got.values() == [["1", "启明", "123456789012345678", "好"], ["2", "三江", None, "�"], ["3", "远航", "1.5", None]]
    assert got.places() == ["database!kh#1", "database!kh#2", "database!kh#3"]
    assert got.codes() == ["CELL_UNDECODABLE"]
    entry = got.extraction.manifest[0]
    assert (entry.path, entry.rows, entry.engine.split()[0]) == ("database", 3, "sqlite")


def test_query_is_taken_as_it_stands(erp: Path, read: Reading) -> None:
    """A query gives its columns; a colon in it is no parameter."""
    got = read({"url": "sqlite:///erp.db", "query": "SELECT id AS 编号, '09:30' AS 时间 FROM kh WHERE id > 1 ORDER BY id DESC"})

    assert (got.extraction.columns, got.values()) == (("编号", "时间"), [["3", "09:30"], ["2", "09:30"]])


def test_rows_come_in_chunks(erp: Path) -> None:
    """No chunk is larger than asked."""
    one = source({"url": "sqlite:///erp.db", "table": "kh"})

    assert [len(chunk) for chunk in extract(one, root=erp.parent, chunk=2).chunks()] == [2, 1]


def test_nothing_is_written(erp: Path, read: Reading) -> None:
    """A query that would write is refused by the session."""
    with pytest.raises(SourceError, match="OperationalError"):
        read({"url": "sqlite:///erp.db", "query": "DELETE FROM kh RETURNING id"})

    assert len(read({"url": "sqlite:///erp.db", "table": "kh"}).rows) == 3


@pytest.mark.parametrize(
    ("url", "table", "words"),
    [
        ("sqlite:///none.db", "kh", "no such database file"),
        ("sqlite:///erp.db", "none", "no table none"),
        ("what", "kh", "no database URL"),
        ("postgresql+psycopg://u:geheim@127.0.0.1:9/erp", "kh", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_one_line(url: str, table: str, words: str, erp: Path, read: Reading) -> None:
    """A database that is not there is an error with what to check, never with the password; no file is made by looking."""
    with pytest.raises(SourceError, match=words) as refused:
        read({"url": url, "table": table})

    assert "geheim" not in str(refused.value)
    assert not (erp.parent / "none.db").exists()


def test_optional_database_goes_on(erp: Path, read: Reading) -> None:
    """A database of an optional source that cannot be read is a finding."""
    got = read({"url": "sqlite:///none.db", "table": "kh"}, optional=True)

    assert got.codes() == ["FILE_UNREADABLE"]


def test_secrets_come_from_the_environment(erp: Path, read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL refers to variables."""
    monkeypatch.setenv("ERP_URL", f"sqlite:///{erp}")

    assert len(read({"url": "${ERP_URL}", "table": "kh"}).rows) == 3
