"""The statements of a target, written by SQLAlchemy once for each shape and run by the driver without its per-row work."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Executable,
    Float,
    Select,
    String,
    Table,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    extract,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy import Column as Declared
from sqlalchemy.engine import Dialect

from crmetl.load.relations import Relation

AT_ONCE = 10_000
"""Values in one condition: MariaDB writes them out in the statement, whose packet is 16 MB unless its owner says otherwise."""

VALUES = "values"
"""Name of the one parameter that holds all values of a condition."""

EQUAL = "equal"
"""Name of the parameter of a second condition."""


@dataclass(frozen=True)
class Statement:
    """Text for the driver, with its parameters by position."""

    sql: str
    places: tuple[str, ...]
    """Names of the parameters in their order."""


class Statements:
    """
    The statements of one kind of database.

    Args:
        dialect: Of the connection.
        relations: Logical name -> relation.
        tables: Logical name -> table.
    """

    def __init__(self, dialect: Dialect, relations: Mapping[str, Relation], tables: Mapping[str, Table]) -> None:
        style = "qmark" if dialect.name == "sqlite" else "format"
        kind: Any = type(dialect)
        self._dialect: Dialect = kind(paramstyle=style)
        self._relations, self._tables = relations, tables
        self.select = lru_cache(maxsize=None)(self._select)
        self.insert = lru_cache(maxsize=None)(self._insert)
        self.update = lru_cache(maxsize=None)(self._update)
        self.delete = lru_cache(maxsize=None)(self._delete)

    def _select(self, table: str, names: tuple[str, ...], where: str | None, equal: str | None, *, lock: bool) -> Statement:
        """Return a query of the rows whose column `where` is one of the values and whose column `equal` is one text."""
        query: Select[Any] = select(*(self._column(table, name) for name in names))
        if where is not None:
            query = query.where(self._one_of(self._column(table, where)))
        if equal is not None:
            query = query.where(self._column(table, equal) == bindparam(EQUAL, type_=String))
        return self._written(query.with_for_update() if lock else query)

    def _insert(self, table: str, names: tuple[str, ...]) -> Statement:
        """Return an insert of one row; parameters are called as the columns' places in `names`."""
        return self._written(insert(self._tables[table]).values(self._cells(table, names)))

    def _update(self, table: str, names: tuple[str, ...]) -> Statement:
        """
        Return an update of the row whose key columns, which are among `names`, fit.

        PostgreSQL takes all rows in one statement, each parameter the array of a column's cells: psycopg would send many
        single ones as a pipeline, after which the server (15) no longer ends a transaction that stays silent.
        """
        cells = self._arrays(table, names) if self.in_arrays else self._cells(table, names)
        keys = {self._column(table, name) for name in self._relations[table].keys}
        fits = and_(*(column == cell for column, cell in cells.items() if column in keys))
        sets = {column: cell for column, cell in cells.items() if column not in keys}
        return self._written(update(self._tables[table]).where(fits).values(sets))

    def _delete(self, table: str) -> Statement:
        """Return a removal of the rows with the same leading key columns whose last one is one of the values."""
        *leading, last = self._relations[table].keys
        cells = self._cells(table, tuple(leading))
        fits = [column == cell for column, cell in cells.items()]
        return self._written(delete(self._tables[table]).where(*fits, self._one_of(self._column(table, last))))

    def count(self, table: str) -> Statement:
        """Return the count of all rows."""
        return self._written(select(func.count()).select_from(self._tables[table]))

    def clock(self) -> Statement:
        """Return the database's own time, in seconds."""
        clocks: Mapping[str, Executable] = {
            "sqlite": select((func.julianday("now", type_=Float) - 2440587.5) * 86400.0),
            "postgresql": select(extract("epoch", func.clock_timestamp())),
        }
        # SQLAlchemy forgets the digits of SYSDATE
        now: Any = clocks.get(self._dialect.name, text("SELECT unix_timestamp(sysdate(6))"))
        return Statement(str(now.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True})), ())

    def condition(self, values: Sequence[str]) -> object:
        """Return the one parameter that holds all values of a condition."""
        return json.dumps(list(values)) if self._dialect.name == "sqlite" else list(values)

    def _one_of(self, column: Declared[Any]) -> ColumnElement[bool]:
        """Say that a column is one of many values: one parameter, however many there are."""
        name = self._dialect.name
        if name == "postgresql":
            return column == any_(bindparam(VALUES, type_=ARRAY(String)))
        if name == "sqlite":
            return column.in_(select(func.json_each(bindparam(VALUES)).table_valued("value").c.value))
        # PyMySQL writes a list out as `('a', 'b')`
        return column.bool_op("IN")(bindparam(VALUES, type_=String))

    def _cells(self, table: str, names: tuple[str, ...]) -> dict[Declared[Any], ColumnElement[Any]]:
        columns = [self._column(table, name) for name in names]
        return {column: bindparam(f"c{place}", type_=column.type) for place, column in enumerate(columns)}

    @property
    def in_arrays(self) -> bool:
        """Say whether an update takes the cells of a column as one array."""
        return self._dialect.name == "postgresql"

    def _arrays(self, table: str, names: tuple[str, ...]) -> dict[Declared[Any], ColumnElement[Any]]:
        """Return column -> its cell in a row of the arrays; a cast to a limited text would cut it off unsaid."""
        columns = [self._column(table, name) for name in names]
        marks = [f"c{place}" for place in range(len(names))]
        rows = (
            func.unnest(*(bindparam(one, type_=ARRAY(String)) for one in marks))
            .table_valued(*marks, name="given")
            .render_derived()
        )
        return {
            column: rows.c[mark] if isinstance(column.type, String) else cast(rows.c[mark], column.type)
            for column, mark in zip(columns, marks, strict=True)
        }

    def _column(self, table: str, name: str) -> Declared[Any]:
        return self._tables[table].c[self._relations[table].columns[name]]

    def _written(self, statement: Executable) -> Statement:
        compiled: Any = statement.compile(dialect=self._dialect)  # type: ignore[attr-defined]
        return Statement(str(compiled), tuple(compiled.positiontup or ()))
