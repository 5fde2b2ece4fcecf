"""Look-ups for one record: an open connection that cannot write, few statements, no frame."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, Table, bindparam, inspect, select
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError

from crmetl.dedupe.faces import faces_of_one
from crmetl.load.connect import parse_url, reading_engine, sqlite_file, translated
from crmetl.load.index.keys import BLOCK, MARK, MatchIndex, read_index
from crmetl.load.index.rows import POINT, Shape
from crmetl.load.relations import MATCHINDEX, MATCHKEY, MATCHRECORD, relations
from crmetl.load.tables import tables
from crmetl.load.values import from_driver
from crmetl.plan.canonical import RULES
from crmetl.schema import Schema

OwnCells = Mapping[str, Mapping[str, str | None]]
Faces = dict[str, list[dict[str, str | None]]]

HITS = 3_000
"""Rows of keys that one look-up takes at most before it asks key by key: a phone of five thousand rows is not read whole."""
SIBLINGS = 300
"""Records of one parent that are compared at most."""


@dataclass(frozen=True)
class _Statement:
    """Text for the driver; its parameters' names in their order (None where they go by name), and those that never change."""

    sql: str
    places: tuple[str, ...] | None
    fixed: Mapping[str, object]


class Lookup:
    """
    An open connection to a target, for reading one record's candidates.

    Args:
        engine: Whose sessions the database keeps from writing.
        url: For messages, masked.
        schema: What the target holds.
    """

    def __init__(self, engine: Engine, url: URL, schema: Schema) -> None:
        self._url = url
        self._file = _file_of(url)
        self._relations = relations(schema)
        self._tables = tables(self._relations)
        with translated(url):
            self._connection: Connection = engine.connect()
            self.there = MATCHINDEX in inspect(self._connection).get_table_names()
            self._connection.rollback()
        self._write = lru_cache(maxsize=256)(self._written)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def stands(self) -> bool:
        """Say whether this still reads the database that the URL names: a SQLite file may have been replaced or removed."""
        return self._file == _file_of(self._url)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read within one transaction, and leave none open."""
        with translated(self._url):
            try:
                yield
            finally:
                if not self._connection.closed and not self._connection.invalidated:
                    with self._driven() as driver:
                        driver.rollback()

    def build_of(self, entity: str) -> int:
        """Return the number of the build in use, 0 where there is none."""
        rows = self._ask("build", {"entity": entity, "status": "ready"})
        return max((int(str(row[0])) for row in rows), default=0)

    def index(self, entity: str, build: int) -> MatchIndex | None:
        """Return a build."""
        names = list(self._relations[MATCHINDEX].kinds)
        rows = self._ask("index", {"entity": entity, "build": str(build)})
        return read_index(dict(zip(names, rows[0], strict=True))) if rows else None

    def hits(self, index: MatchIndex, hashes: Sequence[str]) -> dict[str, list[str]]:
        """
        Return hash -> keys of the rows that hold it; of a block above BLOCK rows, BLOCK + 1 keys.

        Blocks that were refined show MARK among their keys.
        """
        if not hashes:
            return {}
        fixed = {"entity": index.entity, "build": str(index.build)}
        rows = self._ask("hits", fixed, hashes)
        if len(rows) < HITS:
            return _grouped(rows)
        return {one: [str(row[0]) for row in self._ask("block", {**fixed, "hash": one})] for one in hashes}

    def rows(self, shape: Shape, keys: Sequence[str]) -> OwnCells:
        """Return the own compared cells of live CRM rows, as `matchrows.rows_of` gives them."""
        if not keys:
            return {}
        rows = self._rows(shape.entity, ("key", *shape.own, *([shape.into] if shape.into else [])), "key", keys)
        nothing = dict.fromkeys([*shape.own, *(column for child in shape.children for column in child.cells.values())])
        live = sorted((row for row in rows if shape.into is None or row[-1] is None), key=lambda row: str(row[0]))
        return {str(row[0]): {**nothing, **dict(zip(shape.own, row[1:], strict=False))} for row in live}

    def faces(self, shape: Shape, rows: OwnCells) -> Faces:
        """Return the faces of such rows, as `matchrows.faces` gives them."""
        told = self._evidence(shape, list(rows)) if rows else {}
        return {key: faces_of_one(cells, told.get(key, ())) for key, cells in rows.items()}

    def siblings(self, shape: Shape, parent: str) -> list[str]:
        """Return the keys of the records of one parent, SIBLINGS + 1 at most."""
        rows = self._ask("siblings", {"parent": parent}, about=(shape.entity, shape.within or "", str(SIBLINGS + 1)))
        return [str(row[0]) for row in rows]

    def holds(self, shape: Shape, parent: str) -> bool:
        """Say whether the parent is in the CRM."""
        references = self._relations[shape.entity].references
        return bool(self._rows(references[shape.within or ""], ("key",), "key", [parent]))

    def told(self, shape: Shape, keys: Sequence[str]) -> Faces:
        """Return records that another service told of and the CRM does not hold yet; never one that it holds (and merged)."""
        rows = [row for row in self._rows(MATCHRECORD, ("entity", "key", "cells"), "key", keys) if row[0] == shape.entity]
        if not rows:
            return {}
        there = {row[0] for row in self._rows(shape.entity, ("key",), "key", [str(row[1]) for row in rows])}
        return {str(row[1]): [json.loads(str(row[2]))] for row in rows if row[1] not in there}

    def _evidence(self, shape: Shape, keys: Sequence[str]) -> dict[str, list[dict[str, str | None]]]:
        told: dict[str, list[dict[str, str | None]]] = {}
        if shape.points:
            self._point(told, shape.entity, shape.points, {key: key for key in keys})
        for child in shape.children:
            columns = ("key", child.reference, *child.cells, *([child.into] if child.into else []))
            whose: dict[str, str] = {}
            for row in self._rows(child.entity, columns, child.reference, keys):
                if child.into is None or row[-1] is None:
                    whose[str(row[0])] = str(row[1])
                    told.setdefault(str(row[1]), []).append(dict(zip(child.cells.values(), row[2:], strict=False)))
            if child.points and whose:
                self._point(told, child.entity, child.points, whose)
        return told

    def _point(
        self, told: dict[str, list[dict[str, str | None]]], owner: str, points: Mapping[str, str], whose: Mapping[str, str]
    ) -> None:
        for key, kind, value in self._rows(POINT, (owner, "kind", "value"), owner, list(whose)):
            if kind in points and value is not None:
                told.setdefault(whose[str(key)], []).append({points[str(kind)]: value})

    def _rows(self, table: str, columns: tuple[str, ...], where: str, values: Sequence[str]) -> list[tuple[str | None, ...]]:
        kinds = [self._relations[table].kinds[name] for name in columns]
        found = self._ask("rows", {}, values, about=(table, where, *columns))
        plain = [kind not in RULES for kind in kinds]
        return [
            tuple(
                cell or None if easy and isinstance(cell, str) else canonical_cell(cell, kind)
                for cell, kind, easy in zip(row, kinds, plain, strict=True)
            )
            for row in found
        ]

    def _ask(
        self, question: str, fixed: Mapping[str, str], values: Sequence[str] = (), about: tuple[str, ...] = ()
    ) -> list[Sequence[Any]]:
        """Ask the driver itself: a statement of SQLAlchemy's costs more than SQLite needs to answer it."""
        size = 1
        while size < len(values):
            size *= 2
        padded = [*values, *([values[-1]] * (size - len(values)))] if values else []
        statement = self._write(question, about, len(padded))
        cells = {**statement.fixed, **fixed, **{f"v{number}": one for number, one in enumerate(padded)}}
        given: Any = cells if statement.places is None else tuple(cells[name] for name in statement.places)
        with self._driven() as driver:
            cursor = driver.cursor()
            cursor.execute(statement.sql, given)
            rows = list(cursor.fetchall())
            cursor.close()
        return rows

    @contextmanager
    def _driven(self) -> Iterator[Any]:
        """Give the driver's connection, and say its errors as SQLAlchemy would."""
        dialect: Any = self._connection.dialect
        driver: Any = self._connection.connection
        try:
            yield driver
        except dialect.dbapi.Error as error:
            lost = bool(dialect.is_disconnect(error, driver, None))
            if lost:
                self._connection.invalidate(error)
            raised = DBAPIError.instance(None, None, error, dialect.dbapi.Error, connection_invalidated=lost, dialect=dialect)
            raise raised from None

    def _written(self, question: str, about: tuple[str, ...], size: int) -> _Statement:
        compiled: Any = self._query(question, about, size).compile(dialect=self._connection.dialect)
        fixed = {name: one for name, one in compiled.params.items() if one is not None}
        return _Statement(str(compiled), tuple(compiled.positiontup) if compiled.positional else None, fixed)

    def _query(self, question: str, about: tuple[str, ...], size: int) -> Select[Any]:
        keys, builds = self._tables[MATCHKEY].c, self._tables[MATCHINDEX].c
        mine = (keys.entity == bindparam("entity")) & (keys.build == bindparam("build"))
        match question:
            case "build":
                return select(builds.build).where(builds.entity == bindparam("entity"), builds.status == bindparam("status"))
            case "index":
                every = [self._column(MATCHINDEX, name) for name in self._relations[MATCHINDEX].kinds]
                return select(*every).where(builds.entity == bindparam("entity"), builds.build == bindparam("build"))
            case "hits":
                return select(keys.hash, keys.key).where(mine, _one_of(keys.hash, size)).limit(HITS)
            case "block":
                return select(keys.key).where(mine, keys.hash == bindparam("hash")).limit(BLOCK + 2)
            case "siblings":
                entity, within, limit = about
                key, parent = self._column(entity, "key"), self._column(entity, within)
                return select(key).where(parent == bindparam("parent")).order_by(key).limit(int(limit))
            case _:
                table, where, *columns = about
                wanted = [self._column(table, name) for name in columns]
                return select(*wanted).where(_one_of(self._column(table, where), size))

    def _column(self, table: str, name: str) -> ColumnElement[Any]:
        found: Table = self._tables[table]
        return found.c[self._relations[table].columns[name]]


def canonical_cell(cell: object, kind: str) -> str | None:
    """
    Return what `values.from_driver` gives for one cell.

    >>> from datetime import date
    >>> canonical_cell("a", "text"), canonical_cell("", "text"), canonical_cell(date(2024, 3, 5), "date")
    ('a', None, '2024-03-05')
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, str) and kind not in RULES:
        return cell
    found = from_driver([cell], kind)[0]
    return found if isinstance(found, str) else None


def _one_of(column: ColumnElement[Any], size: int) -> ColumnElement[bool]:
    return column.in_([bindparam(f"v{number}") for number in range(size)])


def _grouped(rows: Sequence[Sequence[Any]]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for hashed, key in rows:
        out.setdefault(str(hashed), []).append(str(key))
    return out


def is_large(keys: Sequence[str]) -> bool:
    """Say whether a block was cut short or refined: what it shows is not all that it holds."""
    return len(keys) > BLOCK or MARK in keys


def _file_of(url: URL) -> tuple[int, int] | None:
    """Return which file a SQLite URL names now; an open connection goes on with the one it was opened with."""
    path = sqlite_file(url)
    if path is None or not path.exists():
        return None
    found = path.stat()
    return found.st_dev, found.st_ino


def open_lookup(url: str, schema: Schema) -> Lookup | None:
    """
    Open a target for look-ups; None where it is a SQLite file that does not exist yet.

    Raises:
        TargetError: It does not answer.
    """
    where = parse_url(url)
    path = sqlite_file(where)
    if path is not None and not path.exists():
        return None
    return Lookup(reading_engine(where), where, schema)
