"""The tables of a store, and how an older store becomes one of today."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table
from sqlalchemy.schema import CreateTable

from crmetl.dedupe.cluster.decided import DECISION
from crmetl.load.tables import LONGTEXT, MARIADB

__all__ = ["CORRECTION", "DECISION", "UPGRADES", "VERSION"]

CORRECTION = ("source", "rid_row", "column", "value")
"""Columns of corrections: a cell of a source row as a person wrote it; NA empties the cell."""

METADATA = MetaData()


def _table(name: str, *columns: "Column[Any]") -> "Table[Any]":
    options: dict[str, Any] = dict(MARIADB)
    return Table(name, METADATA, *columns, **options)


def _key(name: str, length: int) -> "Column[Any]":
    return Column(name, String(length), primary_key=True)


def _said() -> tuple["Column[Any]", ...]:
    return Column("by", String(120), nullable=False), Column("at", String(40), nullable=False)


META = _table("crmetl_store", _key("name", 40), Column("version", Integer, nullable=False))
DECISIONS = _table(
    "crmetl_decision",
    _key("entity", 80),
    _key("left", 64),
    _key("right", 64),
    Column("verdict", String(20), nullable=False),
    Column("why", LONGTEXT),
    *_said(),
)
CORRECTIONS = _table(
    "crmetl_correction", _key("source", 120), _key("rid_row", 64), _key("column", 500), Column("value", LONGTEXT), *_said()
)
TEXTS = _table("crmetl_text", _key("name", 200), Column("content", LONGTEXT, nullable=False))
SEEN = _table("crmetl_seen", _key("entity", 80), _key("key", 64), Column("hash", String(64), nullable=False))
"""The keys stay below the 3,072 bytes that InnoDB takes for an index, at four bytes a character."""


def _first(connection: Connection) -> None:
    for table in METADATA.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))


UPGRADES: tuple[Callable[[Connection], None], ...] = (_first,)
"""Step `n` makes version `n + 1` of a store of version `n`; a store that is not there has version 0."""

VERSION = len(UPGRADES)
