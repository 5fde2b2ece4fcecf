"""A database behind the ports, through SQLAlchemy: SQLite here, any other that it speaks to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import pandas as pd
from sqlalchemy import Connection, Engine, exc, func, inspect, select
from sqlalchemy.engine import URL

from crmetl.batch import text_frame
from crmetl.errors import TargetError
from crmetl.load.connect import WRITES, masked, translated
from crmetl.load.copying import copy_in, copy_text
from crmetl.load.lease import lease
from crmetl.load.reading import Reading
from crmetl.load.refusals import Refused
from crmetl.load.relations import LEDGER, META, RUN, VERSION, relations
from crmetl.load.retry import patiently
from crmetl.load.statements import AT_ONCE, EQUAL, VALUES, Statement, Statements
from crmetl.load.tables import tables
from crmetl.load.upgrades import upgrade
from crmetl.load.values import from_driver, in_utc, refuse_nul, to_driver
from crmetl.plan import among
from crmetl.schema import Schema
from crmetl.text import Text

T = TypeVar("T")

MANY = 20_000
"""From this many values on, the column is read whole and filtered here, which is cheaper than so many look-ups."""

MAKING = 7_205_759_403_792
"""Number of PostgreSQL's advisory lock (and, as text, name of MariaDB's) under which tables are made: any that is ours."""


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
        self._old: dict[str, set[str]] | None = None
        self._connection = self._connect(engine)
        self._statements = Statements(self._connection.dialect, self._relations, self._tables)
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

    @property
    def _driver(self) -> Any:
        """The driver's own connection."""
        return self._connection.connection

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def prepare(self) -> tuple[str, ...]:
        """
        Make the tables that are missing, and bring an older ledger to this program's version; return the made ones.

        Raises:
            TargetError: The ledger is newer than this program, or the database forbids it.
            LeaseHeld: The ledger must be upgraded, and another run writes.
        """
        version = self._version()
        missing = [name for name, one in self._relations.items() if one.table not in self._there]
        if missing:
            self._make(missing)
        if version != int(VERSION):
            self._to_newest(1 if version is None and RUN not in missing else version)
        return tuple(missing)

    def _make(self, missing: Sequence[str]) -> None:
        """Make tables, one program at a time: two that start together would both find them missing."""
        wanted = [self._tables[name] for name in missing]
        with self.transaction(), self._alone():
            wanted[0].metadata.create_all(self._connection, tables=wanted)
        self._there |= {one.name for one in wanted}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other programs from making tables meanwhile; SQLite's write lock does so anyway."""
        lock = {"postgresql": func.pg_advisory_xact_lock(MAKING), "sqlite": func.changes()}
        self._connection.execute(select(lock.get(self.dialect, func.get_lock(str(MAKING), 60))))
        try:
            yield
        finally:
            if self.dialect not in lock:
                self._connection.execute(select(func.release_lock(str(MAKING))))

    def _version(self) -> int | None:
        """
        Return the ledger's version, None where it has none yet.

        Raises:
            TargetError: It is newer than this program.
        """
        found = self.select(META, ["value"], where=("name", ["version"]))["value"].tolist()
        if found and int(found[0]) > int(VERSION):
            raise TargetError(
                Text(
                    f"目标中的台账是第 {found[0]} 版，由更新版本的 crmetl 写成；本程序只认到第 {VERSION} 版",
                    f"the ledger in the target has version {found[0]}, written by a newer crmetl; this one knows {VERSION}",
                ),
                where=masked(self._url),
                next=Text("升级 crmetl 后再运行", "upgrade crmetl, then run again"),
            )
        return int(found[0]) if found else None

    def _to_newest(self, since: int | None) -> None:
        """
        Write the version into a new ledger; upgrade an older one under the lease, in a transaction where the database can.

        A ledger that has tables and no version was left by a program that was killed while it made them.
        """
        if since is not None:
            with lease(self, "upgrade"), self.transaction(), self._alone():
                upgrade(self._connection, self._tables, since=since)
        row = pd.DataFrame({"name": ["version"], "value": [VERSION]}, dtype="str")
        try:
            with self.transaction():
                known = self.select(META, ["name"], where=("name", ["version"]), lock=True)
                (self.update if len(known) else self.insert)(META, row)
        except Refused:
            self._version()  # another program has entered it just now
        self._old = {}

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
        also: tuple[str, str] | None = None,
        lock: bool = False,
    ) -> pd.DataFrame:
        """
        Return rows, those only whose column `where[0]` is one of `where[1]` and whose column `also[0]` is `also[1]`.

        Outside a transaction none stays open.
        """
        relation, wanted = self._relations[table], list(columns or self._relations[table].kinds)
        if relation.table not in self._there or (where is not None and not len(where[1])):
            return text_frame(wanted)
        if where is not None and len(where[1]) > MANY:
            only = None if also is None else (also[0], [also[1]])
            whole = self.select(table, list(dict.fromkeys([*wanted, where[0]])), where=only, lock=lock)
            return whole.loc[among(whole[where[0]], set(where[1])), wanted].reset_index(drop=True)
        known = [name for name in wanted if self._has(table, name)]
        read = partial(self._fetch, table, known, also=also, lock=lock)
        rows = self._ask(lambda: [row for part in _parts(where) for row in read(part)])
        cells = zip(*rows, strict=True) if rows else [()] * len(known)
        found = {name: from_driver(one, relation.kinds[name]) for name, one in zip(known, cells, strict=True)}
        return pd.DataFrame(found).reindex(columns=wanted).astype("str") if len(known) < len(wanted) else pd.DataFrame(found)

    def _has(self, table: str, column: str) -> bool:
        """Say whether a table has a column: an older ledger that is only read lacks the newest ones."""
        if table not in LEDGER or table == META:
            return True
        if self._old is None:
            self._old = {} if self._version() == int(VERSION) else self._ledger_columns()
        return column in self._old.get(table, {column})

    def _ledger_columns(self) -> dict[str, set[str]]:
        there = [name for name in LEDGER if name in self._there]
        return self._ask(lambda: {name: {one["name"] for one in inspect(self._connection).get_columns(name)} for name in there})

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
        self,
        table: str,
        wanted: list[str],
        where: tuple[str, Sequence[str]] | None,
        *,
        also: tuple[str, str] | None,
        lock: bool,
    ) -> list[tuple[object, ...]]:
        """Read as the driver gives it: SQLAlchemy would look at each cell, and `values` does so a column at a time."""
        column, values = where or (None, ())
        equal = None if also is None else also[0]
        query = self._statements.select(table, tuple(wanted), column, equal, lock=lock and self._writing)
        given = {VALUES: self._statements.condition(values), EQUAL: None if also is None else also[1]}
        result = self._connection.exec_driver_sql(query.sql, tuple(given[place] for place in query.places))
        rows = [] if result.cursor is None else list(result.cursor.fetchall())
        result.close()
        return rows

    def counts(self) -> dict[str, int]:
        """Return entity -> number of rows."""
        there = {name for name in self._schema.entities if self._relations[name].table in self._there}
        return {name: self._count(name) if name in there else 0 for name in self._schema.entities}

    def _count(self, table: str) -> int:
        query = self._statements.count(table).sql
        return self._ask(lambda: int(self._connection.exec_driver_sql(query).scalar_one()))

    def insert(self, table: str, rows: pd.DataFrame) -> None:
        """Add rows; columns that are not given are NULL."""
        if self.dialect == "postgresql":
            self._copy(table, rows)
            return
        names = tuple(map(str, rows.columns))
        self._run(self._statements.insert(table, names), self._cells(table, rows))

    def _copy(self, table: str, rows: pd.DataFrame) -> None:
        """Stream rows into PostgreSQL."""
        self._may_write(rows)
        if not len(rows):
            return
        relation, driver = self._relations[table], self._driver
        columns = [relation.columns[str(name)] for name in rows.columns]
        cells = [in_utc(rows[name]) if relation.kinds[str(name)] == "datetime" else rows[name] for name in rows.columns]
        errors: Any = self._connection.dialect.loaded_dbapi.Error
        with translated(self._url), driver.cursor() as cursor:
            try:
                copy_in(cursor, relation.table, columns, copy_text(cells))
            except errors as error:
                raise exc.DBAPIError.instance("COPY", None, error, errors, dialect=self._connection.dialect) from None

    def update(self, table: str, rows: pd.DataFrame) -> None:
        """Set columns of the rows whose keys fit."""
        statement = self._statements.update(table, tuple(map(str, rows.columns)))
        if not self._statements.in_arrays:
            self._run(statement, self._cells(table, rows))
            return
        for start in range(0, len(rows), AT_ONCE):
            cells = self._cells(table, rows.iloc[start : start + AT_ONCE])
            self._run(statement, {place: [column] for place, column in cells.items()})

    def delete(self, table: str, rows: pd.DataFrame) -> None:
        """Remove rows."""
        *leading, last = self._relations[table].keys
        parts = rows.groupby(leading, sort=False) if leading and len(rows) else [((), rows)]
        for known, own in parts:
            cells = {f"c{place}": [one] for place, one in enumerate(known)}
            for _, values in filter(None, _parts((last, own[last].tolist()))):
                self._run(self._statements.delete(table), {**cells, VALUES: [self._statements.condition(values)]})

    def _cells(self, table: str, rows: pd.DataFrame) -> dict[str, list[Any]]:
        """Return place of a column -> its cells as the driver takes them."""
        self._may_write(rows)
        kinds = self._relations[table].kinds
        return {f"c{at}": to_driver(rows[name], kinds[str(name)], self.dialect) for at, name in enumerate(rows.columns)}

    def _may_write(self, rows: pd.DataFrame) -> None:
        """
        Refuse what no target takes.

        Raises:
            TargetError: No transaction is open.
            Refused: A text holds U+0000.
        """
        if not self._writing:
            raise TargetError(Text("写入必须在事务中", "writes belong in a transaction"), where=masked(self._url))
        refuse_nul(rows)

    def _run(self, statement: Statement, cells: Mapping[str, list[Any]]) -> None:
        """Run one statement for all rows, without SQLAlchemy's per-row work."""
        rows = list(zip(*(cells[place] for place in statement.places), strict=True))
        if rows:
            with translated(self._url):
                self._connection.exec_driver_sql(statement.sql, rows)

    def clock(self) -> float:
        """Return the database's time, in seconds."""
        question = self._statements.clock().sql
        return self._ask(lambda: float(self._connection.exec_driver_sql(question).scalar_one()))


def _parts(where: tuple[str, Sequence[str]] | None) -> list[tuple[str, Sequence[str]] | None]:
    """Split the values of a condition into as many as one statement takes."""
    if where is None:
        return [None]
    values = list(dict.fromkeys(where[1]))
    return [(where[0], values[start : start + AT_ONCE]) for start in range(0, len(values), AT_ONCE)]
