"""From one version of the ledger to the next: an ordered list of steps that any database can take, and take again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Index, Table, inspect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler

from crmetl.load.relations import LEASE, META, OPERATIONS, RECORD, RUN, WALK
from crmetl.load.tables import COLLATION


@dataclass(frozen=True)
class Column:
    """
    A ledger table gains a column; older rows are NULL there.

    Attributes:
        table: Logical name, `crmetl_*`.
        name: Of the column, as the relation declares it now.
    """

    table: str
    name: str

    def take(self, connection: Connection, tables: Mapping[str, Table]) -> None:
        """Add the column, unless it is there."""
        table = tables[self.table]
        if self.name not in {one["name"] for one in inspect(connection).get_columns(table.name)}:
            connection.execute(_AddColumn(table, self.name))


@dataclass(frozen=True)
class Indexed:
    """A ledger table gains an index that its relation declares now."""

    table: str
    name: str

    def take(self, connection: Connection, tables: Mapping[str, Table]) -> None:
        """Make the index, unless it is there."""
        table = tables[self.table]
        if self.name not in {one["name"] for one in inspect(connection).get_indexes(table.name)}:
            connection.execute(CreateIndex(self._declared(table)))

    def _declared(self, table: Table) -> Index:
        return next(one for one in table.indexes if one.name == self.name)


@dataclass(frozen=True)
class Collated:
    """A ledger table of MariaDB compares texts by all their bytes, blanks at the end included; others always did."""

    table: str

    def take(self, connection: Connection, tables: Mapping[str, Table]) -> None:
        """Give the table the collation that is declared now."""
        if connection.dialect.name in ("mysql", "mariadb"):
            connection.execute(_Convert(tables[self.table]))


Step = Column | Indexed | Collated

UPGRADES: tuple[tuple[Step, ...], ...] = (
    (
        Column(RUN, "planned_by"),
        Column(RUN, "planned_at"),
        *(Collated(one) for one in (META, RUN, OPERATIONS, WALK, RECORD, LEASE)),
    ),
)
"""
The first entry leads from version 1 to 2, the next from 2 to 3, and so on. New tables need no step: `prepare` makes every
table that is missing. Steps only add, so that a program one version older can still read what it knows; each looks first
whether it was taken, for MariaDB commits every change of a table at once and a killed upgrade starts again.
"""


class _AddColumn(ExecutableDDLElement):
    """`ALTER TABLE … ADD COLUMN …`, which SQLAlchemy itself leaves to others."""

    def __init__(self, table: Table, name: str) -> None:
        self.table, self.column = table, table.c[name]


@compiles(_AddColumn)
def _add_column(element: _AddColumn, compiler: DDLCompiler, **_: object) -> str:
    table = compiler.preparer.format_table(element.table)
    return f"ALTER TABLE {table} ADD COLUMN {compiler.get_column_specification(element.column)}"


class _Convert(ExecutableDDLElement):
    """`ALTER TABLE … CONVERT TO …`, MariaDB's own."""

    def __init__(self, table: Table) -> None:
        self.table = table


@compiles(_Convert)
def _convert(element: _Convert, compiler: DDLCompiler, **_: object) -> str:
    table = compiler.preparer.format_table(element.table)
    return f"ALTER TABLE {table} CONVERT TO CHARACTER SET utf8mb4 COLLATE {COLLATION}"


def upgrade(
    connection: Connection, tables: Mapping[str, Table], *, since: int, path: Sequence[Sequence[Step]] = UPGRADES
) -> None:
    """
    Bring the ledger's tables from version `since` to the newest.

    Args:
        connection: In a transaction.
        tables: Logical name -> table as it should be.
        since: The version that the ledger says it has.
        path: Version by version, the steps to the next.
    """
    for steps in path[since - 1 :]:
        for step in steps:
            step.take(connection, tables)
