"""Engines: one for reading that cannot write, one for writing; and the database's refusals in our words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from crmetl.errors import MachineError, TargetError
from crmetl.load.refusals import Reason, Refused, Transient
from crmetl.text import Text

WRITES = "crmetl_writes"
"""Execution option of a connection that is about to write."""

SECONDS_TO_WAIT = 5
"""How long SQLite waits for another writer before it says 'locked', and how long a server may take to answer a connect."""

READ_ONLY = {
    "postgresql": {"options": "-c default_transaction_read_only=on", "connect_timeout": SECONDS_TO_WAIT},
    "mysql": {"init_command": "SET SESSION TRANSACTION READ ONLY", "connect_timeout": SECONDS_TO_WAIT},
}
"""Dialect -> connect arguments by which the database itself refuses every write of the session."""

CACHE = 64_000
"""
KiB of pages that SQLite keeps while we write, instead of 2,000: keys come in no order, so that each batch touches pages all
over the file.
"""

LOCK_WAIT = 20
"""Seconds that a server lets us wait for a row that somebody else has locked, before it says busy."""

IDLE = 60
"""
Seconds after which a server ends a transaction in which we say nothing: a writer that was stopped half-way (a frozen
machine) keeps its locks no longer than its lease, and finds its transaction rolled back when it wakes.
"""

ENDED = frozenset({"25P03", "57P01", "57P05", "2006", "2013", "0"})
"""Codes of a connection that the server has ended (`0` is PyMySQL's, of one that it closed itself)."""

REASONS: dict[str, Reason] = {
    "23502": "not_null",
    "23503": "foreign_key",
    "23505": "unique",
    "23514": "check",
    "SQLITE_CONSTRAINT_NOTNULL": "not_null",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "foreign_key",
    "SQLITE_CONSTRAINT_PRIMARYKEY": "unique",
    "SQLITE_CONSTRAINT_UNIQUE": "unique",
    "SQLITE_CONSTRAINT_CHECK": "check",
    "1048": "not_null",
    "1364": "not_null",
    "1451": "foreign_key",
    "1452": "foreign_key",
    "1062": "unique",
    "4025": "check",
    "1264": "does_not_fit",
    "1292": "does_not_fit",
    "1366": "does_not_fit",
    "1406": "does_not_fit",
}
"""SQLSTATE (PostgreSQL, appendix A), SQLite's extended result codes, MariaDB's error numbers."""

BUSY = frozenset({"40001", "40P01", "55P03", "1205", "1213", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_BUSY_SNAPSHOT"})
"""Codes after which the same transaction may work: locked, deadlock, not serialisable."""


def parse_url(url: str) -> URL:
    """
    Return the URL.

    Raises:
        TargetError: It is none.
    """
    try:
        return make_url(url)
    except exc.ArgumentError as error:
        raise TargetError(
            Text("目标数据库的地址无法理解", "the target's URL cannot be understood"),
            next=Text("应形如 sqlite:///crm.db", "it looks like sqlite:///crm.db or postgresql+psycopg://user@host/db"),
        ) from error


def masked(url: URL) -> str:
    """
    Return a URL for messages, without its password.

    >>> masked(parse_url("postgresql+psycopg://crm:secret@db/sales"))
    'postgresql+psycopg://crm:***@db/sales'

    A SQLite file below the working folder is named from there, as the person who reads it would.
    """
    path = sqlite_file(url)
    if path is not None and path.is_absolute() and path.is_relative_to(Path.cwd()):
        url = url.set(database=path.relative_to(Path.cwd()).as_posix())
    return url.render_as_string(hide_password=True)


def sqlite_file(url: URL) -> Path | None:
    """Return the file of a SQLite URL; None for another database, or one in memory."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database.removeprefix("file:").partition("?")[0])


def reading_engine(url: URL) -> Engine:
    """Return an engine whose sessions the database itself keeps from writing."""
    path = sqlite_file(url)
    if path is not None:
        location = f"{path.resolve().as_uri()}?mode=ro"

        def connect() -> sqlite3.Connection:
            # The entry check answers from several threads, one at a time.
            return sqlite3.connect(location, uri=True, timeout=SECONDS_TO_WAIT, check_same_thread=False)

        return create_engine("sqlite://", creator=connect, poolclass=NullPool)
    return _engine(url, dict(READ_ONLY.get(url.get_backend_name(), {})))


def writing_engine(url: URL) -> Engine:
    """Return an engine for the one writer; SQLite takes its write lock at the start of each transaction."""
    if url.get_backend_name() != "sqlite":
        engine = _engine(url, {"connect_timeout": SECONDS_TO_WAIT})
        event.listen(engine, "connect", _bounded)
        return engine
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": SECONDS_TO_WAIT})
    event.listen(engine, "connect", _own_transactions)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """Take SQLite's write lock at once where something will be written, so that two writers never deadlock half-way."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")


def _engine(url: URL, arguments: dict[str, Any]) -> Engine:
    try:
        return create_engine(url, poolclass=NullPool, connect_args=arguments)
    except (ImportError, exc.NoSuchModuleError) as error:
        raise TargetError(
            Text("没有这种数据库的驱动", "there is no driver for this kind of database"),
            where=masked(url),
            next=Text(
                "可用：sqlite、postgresql+psycopg、mysql+pymysql", "known are sqlite, postgresql+psycopg and mysql+pymysql"
            ),
        ) from error


def _bounded(connection: Any, _: object) -> None:
    """Set how long a server lets us wait for locks, and lets others wait for ours."""
    settings = {
        "psycopg": (f"SET lock_timeout = '{LOCK_WAIT}s'", f"SET idle_in_transaction_session_timeout = '{IDLE}s'"),
        "pymysql": (
            f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT}, SESSION lock_wait_timeout = {LOCK_WAIT}",
            f"SET SESSION idle_transaction_timeout = {IDLE}",
        ),
    }
    with connection.cursor() as cursor:
        for setting in settings.get(type(connection).__module__.partition(".")[0], ()):
            cursor.execute(setting)
    connection.commit()


def _own_transactions(connection: sqlite3.Connection, _: object) -> None:
    """Leave BEGIN to us and hold references; the journal's kind is the owner's choice and stays as it is."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA cache_size=-{CACHE}")


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """
    Say a database's error in our words; values that its message may hold go nowhere.

    Raises:
        Refused: It does not take what was written.
        Transient: It was busy.
        MachineError: Its disk is full.
        TargetError: Anything else.
    """
    try:
        yield
    except exc.DBAPIError as error:
        code = _code(error)
        if code in BUSY or "database is locked" in str(error.orig):
            raise Transient(code) from None
        if code in REASONS or isinstance(error, exc.IntegrityError):
            raise Refused(REASONS.get(code, "refused")) from None
        if isinstance(error, exc.DataError):
            raise Refused("does_not_fit") from None
        if _full(code):
            raise MachineError(
                Text("数据库所在磁盘已满", "the database's disk is full"),
                where=masked(url),
                next=Text("腾出空间后重跑 crmetl apply，会接着写", "free some space and run `crmetl apply` again; it goes on"),
            ) from None
        raise _away(url, code, connecting=error.connection_invalidated or "connect" in type(error.orig).__name__) from None
    except exc.SQLAlchemyError as error:
        raise _away(url, type(error).__name__, connecting=False) from None


def _code(error: exc.DBAPIError) -> str:
    """Return the database's own code: MariaDB's number (its SQLSTATE 23000 stands for several), SQLSTATE, SQLite's name."""
    orig = error.orig
    first = orig.args[0] if orig is not None and orig.args else ""
    if isinstance(first, int):
        return str(first)
    named = getattr(orig, "sqlstate", None) or getattr(orig, "sqlite_errorname", None)
    return str(named or type(orig).__name__)


def _full(code: str) -> bool:
    """53100 is PostgreSQL's disk_full, 1021 and 1114 are MariaDB's."""
    return code in ("SQLITE_FULL", "53100", "1021", "1114")


def _away(url: URL, code: str, *, connecting: bool) -> TargetError:
    what = (
        Text("连接目标数据库失败", "the target database does not answer")
        if connecting or code in ("OperationalError", "SQLITE_CANTOPEN", "2003", "1045")
        else Text("目标数据库报错", "the target database reports an error")
    )
    return TargetError(
        what.fill() if not code else Text(f"{what.zh}（{code}）", f"{what.en} ({code})"),
        where=masked(url),
        next=Text(
            "检查地址、账号与服务是否可用，再重跑同一命令",
            "check the address, the account and that it runs, then run the same command again",
        ),
    )
