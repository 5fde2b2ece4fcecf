"""Tables and queries of databases: one consistent read, in bounded memory, from a session that cannot write."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine, Executable, MetaData, Table, create_engine, event, exc, select, text, type_coerce
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool
from sqlalchemy.types import NullType

from crmetl.errors import SourceError
from crmetl.extract.cells import texts
from crmetl.extract.events import Event, Hint, Opened, RowFault, Rows
from crmetl.extract.header import unique
from crmetl.extract.manifest import TableEntry
from crmetl.extract.sheet import LINEAGE, Places
from crmetl.faults import extract as faults
from crmetl.text import Text

SECONDS_TO_WAIT = 10
"""How long a server may take to answer."""
_SESSION: dict[str, dict[str, Any]] = {
    "postgresql": {
        "options": "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read",
        "connect_timeout": SECONDS_TO_WAIT,
    },
    "mysql": {
        "init_command": "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        "connect_timeout": SECONDS_TO_WAIT,
    },
}
"""Dialect -> how a session is opened that sees one state of the data and may not write."""
_SESSION["mariadb"] = _SESSION["mysql"]


def read_database(url: str, table: str | None, query: str | None, hint: Hint, root: Path) -> Iterator[Event]:
    """
    Read a table, in the order of its primary key, or a query as it stands.

    Rows are counted from 1 in that order (`kh#12`): a key would be a value.

    Args:
        url: With its secrets; told nowhere.
        table: Name, with its schema before a dot where it needs one.
        query: A SELECT.
        hint: Of it only the size of a chunk counts.
        root: A relative SQLite path is below it.

    Raises:
        SourceError: The database cannot be reached or read, or the table is not there.
    """
    address = _address(url, root)
    name = table or "query"
    try:
        engine = _engine(address)
        with (
            engine.connect() as connection,
            _streamed(connection, _asked(connection, table, query), hint.chunk) as (names, parts),
        ):
            yield Opened(f"{engine.dialect.name} (SQLAlchemy {version('SQLAlchemy')})")
            labels = unique(names, LINEAGE)
            count = 0
            for rows in parts:
                yield _rows(labels, rows, name, count)
                count += len(rows)
            yield TableEntry(name, (), "", 1.0, tuple(labels), count)
    except exc.NoSuchTableError:
        raise _refused(address, Text(f"没有表 {name}", f"there is no table {name}")) from None
    except (exc.SQLAlchemyError, ImportError, OSError) as failed:
        # The message of a driver may hold values and the password.
        kind = type(failed).__name__
        raise _refused(address, Text(f"数据库无法读取（{kind}）", f"the database cannot be read ({kind})")) from None


def _address(url: str, root: Path) -> URL:
    try:
        address = make_url(url)
    except exc.ArgumentError:
        raise SourceError(
            Text("不是数据库地址", "this is no database URL"),
            next=Text("写成 sqlite:///erp.db，或 ${ERP_URL}", "write sqlite:///erp.db, or ${ERP_URL}"),
        ) from None
    file = address.database
    if address.get_backend_name() != "sqlite" or not file or file == ":memory:" or file.startswith("file:"):
        return address
    path = root / file
    if not path.is_file():
        # SQLite would make an empty database of that name.
        raise SourceError(
            Text("没有这个数据库文件", "there is no such database file"),
            where=file,
            next=Text("检查映射中 reads 的 url", "check the url under `reads` of the mapping"),
        )
    return address.set(database=str(path))


def shown(url: str) -> str:
    """
    Return a URL as people are told it.

    >>> shown("postgresql://crm:secret@db/erp")
    'postgresql://crm:***@db/erp'
    """
    try:
        return make_url(url).render_as_string(hide_password=True)
    except exc.ArgumentError:
        return "database"


def _engine(address: URL) -> Engine:
    engine = create_engine(address, poolclass=NullPool, connect_args=_SESSION.get(address.get_backend_name(), {}))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA query_only = ON"))
    return engine


def _asked(connection: Connection, table: str | None, query: str | None) -> Executable:
    if query:
        # A colon in a query is no parameter of ours.
        return text(query.replace(":", r"\:"))
    schema, _, name = (table or "").rpartition(".")
    found = Table(name, MetaData(), schema=schema or None, autoload_with=connection)
    # As the driver gives them: SQLAlchemy would make SQLite's exact numbers floats on the way to decimals.
    plain = [type_coerce(column, NullType()).label(column.name) for column in found.columns]
    return select(*plain).order_by(*(found.primary_key.columns or found.columns))


@contextmanager
def _streamed(
    connection: Connection, asked: Executable, chunk: int
) -> Iterator[tuple[list[str], Iterator[Sequence[Sequence[object]]]]]:
    result = connection.execution_options(stream_results=True, yield_per=chunk).execute(asked)
    try:
        yield list(result.keys()), (list(part) for part in result.partitions(chunk))
    finally:
        result.close()
        connection.rollback()


def _rows(labels: Sequence[str], rows: Sequence[Sequence[object]], name: str, before: int) -> Rows:
    found: list[RowFault] = []
    columns: list[pa.Array] = []
    for label, cells in zip(labels, zip(*rows, strict=True), strict=True):
        plain = [_plain(cell) for cell in cells]
        found += [
            RowFault(at, faults.CELL_UNDECODABLE, label)
            for at, cell in enumerate(plain)
            if type(cell) is str and "\ufffd" in cell
        ]
        columns.append(texts([str(cell) if type(cell) is int else cell for cell in plain]))
    table = pa.table(dict(zip(labels, columns, strict=True)))
    return Rows(table, Places(f"{name}#", range(before + 1, before + 1 + len(rows))), tuple(found))


def _plain(cell: object) -> object:
    """Return a cell of a kind that is written as text: exact numbers without exponent, bytes as UTF-8, documents as JSON."""
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, (bytes, bytearray, memoryview)):
        return bytes(cell).decode("utf-8", "replace")
    if isinstance(cell, (dict, list)):
        return json.dumps(cell, ensure_ascii=False)
    return cell


def _refused(address: URL, what: Text) -> SourceError:
    return SourceError(
        what,
        where=address.render_as_string(hide_password=True),
        next=Text(
            "检查映射中 reads 的 url、表名与权限；只需要读权限",
            "check url and table under `reads` of the mapping, and the user's rights: reading is enough",
        ),
    )
