"""A target in memory: the same promises as a database, for trials, tests and as the empty CRM of a first plan."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pandas as pd

from crmetl.batch import text_frame
from crmetl.load.reading import Reading
from crmetl.load.refusals import Refused
from crmetl.load.relations import META, VERSION, Relation, relations
from crmetl.load.values import refuse_nul
from crmetl.plan import canonical
from crmetl.schema import Schema

Row = dict[str, str | None]
Rows = dict[tuple[str | None, ...], Row]


class MemoryTarget(Reading):
    """Rows in dictionaries; keys, required fields and references are held as a database holds them."""

    def __init__(self, schema: Schema) -> None:
        self._relations = relations(schema)
        self._schema = schema
        self._rows: dict[str, Rows] = {}
        self._before: dict[str, Rows] | None = None

    @property
    def schema(self) -> Schema:
        """The schema that the target holds."""
        return self._schema

    def prepare(self) -> tuple[str, ...]:
        """Make the tables that are missing; return the made ones."""
        made = tuple(name for name in self._relations if name not in self._rows)
        self._rows.update({name: {} for name in made})
        self._rows[META].setdefault(("version",), {"name": "version", "value": VERSION})
        return made

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        kept = {name: dict(rows) for name, rows in self._rows.items()}
        try:
            yield
        except BaseException:
            self._rows = kept
            raise

    def select(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        where: tuple[str, Sequence[str]] | None = None,
        also: tuple[str, str] | None = None,
        lock: bool = False,  # noqa: ARG002 of the port; nobody else is here
    ) -> pd.DataFrame:
        """Return rows, those only whose column `where[0]` is one of `where[1]` and whose `also[0]` is `also[1]`."""
        wanted = list(columns or self._relations[table].kinds)
        rows = [row for row in self._fitting(table, where) if also is None or row.get(also[0]) == also[1]]
        if not rows:
            return text_frame(wanted)
        return pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype="str") for name in wanted})

    def _fitting(self, table: str, where: tuple[str, Sequence[str]] | None) -> list[Row]:
        rows = self._rows.get(table, {})
        if where is None:
            return list(rows.values())
        column, values = where
        if self._relations[table].keys == (column,):
            return [rows[(value,)] for value in dict.fromkeys(values) if (value,) in rows]
        wanted = set(values)
        return [row for row in rows.values() if row.get(column) in wanted]

    def insert(self, table: str, rows: pd.DataFrame) -> None:
        """Add rows; columns that are not given are NULL."""
        relation, held = self._relations[table], self._rows[table]
        for row in _rows_of(rows, relation):
            key = tuple(row.get(name) for name in relation.keys)
            if key in held:
                raise Refused("unique")
            held[key] = row
            self._check(relation, row)

    def update(self, table: str, rows: pd.DataFrame) -> None:
        """Set columns of the rows whose keys fit."""
        relation, held = self._relations[table], self._rows[table]
        for row in _rows_of(rows, relation):
            key = tuple(row.get(name) for name in relation.keys)
            if key in held:
                held[key] = {**held[key], **row}
                self._check(relation, held[key])

    def delete(self, table: str, rows: pd.DataFrame) -> None:
        """Remove rows; one that others refer to is refused."""
        relation, held = self._relations[table], self._rows[table]
        gone = {tuple(row.get(name) for name in relation.keys) for row in _rows_of(rows, relation)}
        for child, one in self._relations.items():
            for column, to in one.references.items():
                if to == table and any(
                    (row.get(column),) in gone
                    for key, row in self._rows.get(child, {}).items()
                    if child != table or key not in gone
                ):
                    raise Refused("foreign_key")
        self._rows[table] = {key: row for key, row in held.items() if key not in gone}

    def _check(self, relation: Relation, row: Row) -> None:
        if any(row.get(name) is None for name in relation.required):
            raise Refused("not_null")
        for column, to in relation.references.items():
            value = row.get(column)
            if value is not None and (value,) not in self._rows[to]:
                raise Refused("foreign_key")

    def clock(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()


def _rows_of(rows: pd.DataFrame, relation: Relation) -> list[Row]:
    """
    Return canonical rows.

    Raises:
        Refused: A text holds U+0000.
    """
    refuse_nul(rows)
    typed = {str(name): canonical(rows[name], relation.kinds[str(name)]) for name in rows.columns}
    cells = [one.astype("object").where(one.notna(), None).tolist() for one in typed.values()]
    return [dict(zip(typed, row, strict=True)) for row in zip(*cells, strict=True)]
