"""A database behind the ports, through SQLAlchemy: SQLite here, any other that it speaks to."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import pandas as pd
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.engine import URL

from crmetl.batch import text_frame
from crmetl.errors import TargetError
from crmetl.load.connect import WRITES, masked, translated
from crmetl.load.reading import Reading
from crmetl.load.relations import META, VERSION, relations
from crmetl.load.retry import patiently
from crmetl.load.tables import tables
from crmetl.load.values import from_driver, to_driver
from crmetl.plan import among
from crmetl.schema import Schema
from crmetl.text import Text

T = TypeVar("T")

AT_ONCE = 10_000 if sqlite3.sqlite_version_info >= (3, 32) else 900
"""Values in one `IN (…)`: SQLite before 3.32 takes 999 parameters (its limits, item 9), the others tens of thousands."""

MANY = 20_000
"""From this many values on, the column is read whole and filtered here, which is cheaper than so many look-ups."""

CLOCKS = {
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "mysql": "SELECT unix_timestamp(sysdate(6))",
}
"""Dialect -> how the database says the time, in seconds."""


class SqlTarget(Reading):
    """
    An open database; `crmetl.load.open_target` and `open_reader` make and close it.

    Args:
        engine: Of the right kind: one that cannot write for a reader.
        url: For messages, masked.
        schema: What the target holds.
    """

    def __init__(self, engine: Engine, url: URL, schema: Schema) -> None:
        self._url = url
        self._schema = schema
        self._relations = relations(schema)
        self._tables = tables(self._relations)
        self._connection = self._connect(engine)
        self._writing = False
        with translated(url):
            self._there = set(inspect(self._connection).get_table_names())
            self._connection.rollback()

    def _connect(self, engine: Engine) -> Connection:
        with translated(self._url):
            return engine.connect()

    @property
    def schema(self) -> Schema:
        """The schema that the target holds."""
        return self._schema

    @property
    def dialect(self) -> str:
        """The kind of database."""
        return self._connection.dialect.name

    @property
    def connection(self) -> Connection:
        """The one connection, for what a single kind of database alone can be asked."""
        return self._connection

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def prepare(self) -> tuple[str, ...]:
        """Make the tables that are missing; return the made ones."""
        missing = [name for name, one in self._relations.items() if one.table not in self._there]
        if missing:
            wanted = [self._tables[name] for name in missing]
            with self.transaction():
                wanted[0].metadata.create_all(self._connection, tables=wanted)
            self._there |= {one.name for one in wanted}
        self._version()
        return tuple(missing)

    def _version(self) -> None:
        """Write the ledger's version into a new ledger; refuse one that is newer than this program."""
        found = self.select(META, ["value"], where=("name", ["version"]))["value"].tolist()
        if not found:
            with self.transaction():
                self.insert(META, pd.DataFrame({"name": ["version"], "value": [VERSION]}, dtype="str"))
        elif int(found[0]) > int(VERSION):
            raise TargetError(
                Text("目标中的台账由更新版本的 crmetl 写成", "the ledger in the target was written by a newer crmetl"),
                where=masked(self._url),
                next=Text("升级 crmetl 后再运行", "upgrade crmetl, then run again"),
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self._connection.execution_options(**{WRITES: True})
        try:
            with translated(self._url), self._connection.begin():
                self._writing = True
                yield
        finally:
            self._writing = False
            self._connection.execution_options(**{WRITES: False})

    def select(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        where: tuple[str, Sequence[str]] | None = None,
        lock: bool = False,
    ) -> pd.DataFrame:
        """Return rows, those only whose column `where[0]` is one of `where[1]`; outside a transaction none stays open."""
        relation, wanted = self._relations[table], list(columns or self._relations[table].kinds)
        if relation.table not in self._there or (where is not None and not len(where[1])):
            return text_frame(wanted)
        if where is not None and len(where[1]) > MANY:
            whole = self.select(table, list(dict.fromkeys([*wanted, where[0]])), lock=lock)
            return whole.loc[among(whole[where[0]], set(where[1])), wanted].reset_index(drop=True)
        rows = self._ask(lambda: [row for part in _parts(where) for row in self._fetch(table, wanted, part, lock=lock)])
        cells = zip(*rows, strict=True) if rows else [()] * len(wanted)
        return pd.DataFrame({name: from_driver(one, relation.kinds[name]) for name, one in zip(wanted, cells, strict=True)})

    def _ask(self, question: Callable[[], T]) -> T:
        """Read; outside of a transaction patiently, and without leaving one open."""
        if self._writing:
            with translated(self._url):
                return question()

        def once() -> T:
            with translated(self._url):
                try:
                    return question()
                finally:
                    self._connection.rollback()

        return patiently(once)

    def _fetch(
        self, table: str, wanted: list[str], where: tuple[str, Sequence[str]] | None, *, lock: bool
    ) -> list[tuple[object, ...]]:
        """Read as the driver gives it: SQLAlchemy would look at each cell, and `values` does so a column at a time."""
        columns = self._relations[table].columns
        sql = f"SELECT {', '.join(self._quoted(columns[name]) for name in wanted)} FROM {self._table(table)}"  # noqa: S608 names are the schema's
        if where is not None:
            sql += f" WHERE {self._quoted(columns[where[0]])} IN ({', '.join([self._mark] * len(where[1]))})"
        if lock and self._writing and self.dialect != "sqlite":
            sql += " FOR UPDATE"
        result = self._connection.exec_driver_sql(sql, tuple(where[1]) if where else ())
        rows = [] if result.cursor is None else list(result.cursor.fetchall())
        result.close()
        return rows

    def counts(self) -> dict[str, int]:
        """Return entity -> number of rows."""
        there = {name for name in self._schema.entities if self._relations[name].table in self._there}
        return {name: self._count(name) if name in there else 0 for name in self._schema.entities}

    def _count(self, table: str) -> int:
        query = f"SELECT count(*) FROM {self._table(table)}"  # noqa: S608 the name is the schema's
        return self._ask(lambda: int(self._connection.exec_driver_sql(query).scalar_one()))

    def insert(self, table: str, rows: pd.DataFrame) -> None:
        """Add rows; columns that are not given are NULL."""
        names = self._names(table, rows)
        marks = ", ".join([self._mark] * len(rows.columns))
        sql = f"INSERT INTO {self._table(table)} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 names are the schema's
        self._run(sql, table, rows)

    def update(self, table: str, rows: pd.DataFrame) -> None:
        """Set columns of the rows whose keys fit."""
        keys = self._relations[table].keys
        ordered = rows[[*(name for name in rows.columns if name not in keys), *keys]]
        names = self._names(table, ordered)
        sets = ", ".join(f"{name} = {self._mark}" for name in names[: -len(keys)])
        fits = self._fits(names[-len(keys) :])
        self._run(f"UPDATE {self._table(table)} SET {sets} WHERE {fits}", table, ordered)  # noqa: S608 names are the schema's

    def delete(self, table: str, rows: pd.DataFrame) -> None:
        """Remove rows."""
        keys = rows[list(self._relations[table].keys)]
        fits = self._fits(self._names(table, keys))
        self._run(f"DELETE FROM {self._table(table)} WHERE {fits}", table, keys)  # noqa: S608 names are the schema's

    def _fits(self, names: Sequence[str]) -> str:
        return " AND ".join(f"{name} = {self._mark}" for name in names)

    @property
    def _mark(self) -> str:
        return "?" if self._connection.dialect.paramstyle == "qmark" else "%s"

    def _table(self, table: str) -> str:
        return self._quoted(self._relations[table].table)

    def _names(self, table: str, rows: pd.DataFrame) -> list[str]:
        return [self._quoted(self._relations[table].columns[str(name)]) for name in rows.columns]

    def _quoted(self, name: str) -> str:
        """Quote an identifier; a percent sign is doubled where the driver reads it as a mark."""
        quoted = self._connection.dialect.identifier_preparer.quote_identifier(name)
        return quoted if self._mark == "?" else quoted.replace("%", "%%")

    def _run(self, sql: str, table: str, rows: pd.DataFrame) -> None:
        """Run one statement for all rows, without SQLAlchemy's per-row work."""
        if not self._writing:
            raise TargetError(Text("写入必须在事务中", "writes belong in a transaction"), where=masked(self._url))
        if not len(rows):
            return
        kinds = self._relations[table].kinds
        cells = [to_driver(rows[name], kinds[str(name)], self.dialect) for name in rows.columns]
        with translated(self._url):
            self._connection.exec_driver_sql(sql, list(zip(*cells, strict=True)))

    def clock(self) -> float:
        """Return the database's time, in seconds."""
        question = CLOCKS.get(self.dialect, CLOCKS["mysql"])
        return self._ask(lambda: float(self._connection.exec_driver_sql(question).scalar_one()))


def _parts(where: tuple[str, Sequence[str]] | None) -> list[tuple[str, Sequence[str]] | None]:
    """Split the values of a condition into as many as one statement takes."""
    if where is None:
        return [None]
    values = list(dict.fromkeys(where[1]))
    return [(where[0], values[start : start + AT_ONCE]) for start in range(0, len(values), AT_ONCE)]
