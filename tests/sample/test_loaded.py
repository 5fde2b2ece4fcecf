"""A run's folder and database become the frames of the scorer."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from sample_data.estate.loaded import frames_of

TABLES = """
CREATE TABLE crmetl_crosswalk (entity, system, source_key, key);
CREATE TABLE activity (id, account_id, message_id);
CREATE TABLE sales_order (id, order_no, account_id, total);
CREATE TABLE order_line (sales_order_id, amount);
CREATE TABLE crm_case (case_no, account_id);
INSERT INTO crmetl_crosswalk VALUES ('account', 'east', 'K1', 'a1'), ('account', 'north', 'K1', 'a2'), ('account', 'north', 'K2', 'a1'),
  ('account', 'fair', 'rid:r4', 'a1'), ('activity', 'chat', 'rid:r5', 'v1');
INSERT INTO activity VALUES ('v1', 'a2', NULL), ('v2', 'a1', '<m@x.example>');
INSERT INTO sales_order VALUES ('o1', 'SO1', 'a1', '30.1'), ('o2', 'SO2', 'a2', '5');
INSERT INTO order_line VALUES ('o1', '10.05'), ('o1', '20.05');
INSERT INTO crm_case VALUES ('TS1', NULL);
"""


KEYS = {
    "account": [
        ("east", "K1", "r1"),
        ("north", "K1", "r2"),
        ("north", "K2", "r3"),
        ("fair", "rid:r4", "r4"),
        ("east", "K9", "r6"),
    ],
    "activity": [("chat", "rid:r5", "r5")],
}
MAPPED = {
    "east/account": {"r1": "e!R1", "r6": "e!R2"},
    "north/account": {"r2": "n!R1", "r3": "n!R2"},
    "fair/account": {"r4": "f!R1"},
    "chat/activity": {"r5": "c!R1"},
}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a folder with a run and the database `crm.db` beside it."""
    for name, places in MAPPED.items():
        (tmp_path / "map" / name).mkdir(parents=True)
        index = pd.Index(list(places), name="rid", dtype="str")
        pd.DataFrame({"_row": list(places.values())}, index=index, dtype="str").to_parquet(tmp_path / f"map/{name}/0000.parquet")
    for entity, lines in KEYS.items():
        (tmp_path / "keys" / entity).mkdir(parents=True)
        frame = pd.DataFrame(lines, columns=["system", "source_key", "rid"], dtype="str")
        frame.to_parquet(tmp_path / f"keys/{entity}/0000.parquet")
    with closing(sqlite3.connect(tmp_path / "crm.db")) as base:
        base.executescript(TABLES)
    return tmp_path


def test_rows_end_in_the_record_of_their_own_system(run: Path) -> None:
    """K1 of the East and K1 of the North are two customers; a row without number is found by its record id; K9 is held."""
    rows = frames_of(run, run / "crm.db")["rows"].set_index("place")["key"]

    assert rows.dropna().to_dict() == {"e!R1": "a1", "n!R1": "a2", "n!R2": "a1", "f!R1": "a1"}
    assert rows.isna().to_dict()["e!R2"]


def test_lines_are_added_up_exactly(run: Path) -> None:
    """10.05 and 20.05 are 30.10; an order without lines has none."""
    orders = frames_of(run, run / "crm.db")["orders"].set_index("order_no")["lines"]

    assert orders.to_dict() == {"SO1": "30.10", "SO2": "0"}


def test_mails_and_chats_are_told_apart(run: Path) -> None:
    """A mail has a message id; a chat message is found by its place."""
    found = frames_of(run, run / "crm.db")

    assert found["mails"].to_numpy().tolist() == [["<m@x.example>", "a1"]]
    assert found["chats"].to_numpy().tolist() == [["c!R1", "a2"]]
