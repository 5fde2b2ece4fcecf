"""The database servers that tests may use: where they are, whether they answer, and an empty database on them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import pytest
from sqlalchemy import Connection, create_engine, delete, exc, inspect, table
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from crmetl.load.relations import META

SECONDS = 5
"""How long a server may take to answer."""


@dataclass(frozen=True)
class Server:
    """A kind of database server, the variable that may name another one, and how to start one."""

    variable: str
    usual: str
    start: str

    @property
    def url(self) -> URL:
        """Where it is; its database is the one to connect to first."""
        return make_url(os.environ.get(self.variable) or self.usual)


SERVERS = {
    "postgresql": Server(
        "CRMETL_TEST_POSTGRES",
        "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
        "docker run -d -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres:15",
    ),
    "mariadb": Server(
        "CRMETL_TEST_MARIADB",
        "mysql+pymysql://root@127.0.0.1:3306",
        "docker run -d -p 3306:3306 -e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 mariadb:10.11",
    ),
}


def demand(kind: str) -> None:
    """Skip a test, naming the server, where that does not answer; fail it where CI=true, for there they must."""
    if answers(kind):
        return
    server = SERVERS[kind]
    line = f"{kind} at {server.url.render_as_string(hide_password=True)} does not answer"
    how = f"start one with `{server.start}`, or name another in {server.variable}"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{line}, and CI=true asks for it; {how}", pytrace=False)
    pytest.skip(f"{line}; {how}")


def answers(kind: str) -> bool:
    """Say whether the server of a kind answers."""
    return _answers(SERVERS[kind].url)


@cache
def _answers(url: URL) -> bool:
    try:
        with _connected(url):
            return True
    except (exc.SQLAlchemyError, ImportError):
        return False


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args={"connect_timeout": SECONDS})
    with engine.connect() as connection:
        yield connection


@contextmanager
def own_database(kind: str) -> Iterator[str]:
    """Make an empty database on a server and give its URL; drop it afterwards. No two processes share one."""
    server = SERVERS[kind].url
    name = f"crmetl_test_{os.getpid()}_{os.urandom(4).hex()}"
    forced = " WITH (FORCE)" if kind == "postgresql" else ""
    with _connected(server) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with _connected(server) as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}{forced}")


def clear(url: str, known: frozenset[str]) -> None:
    """
    Empty the tables that are `known`, but for the ledger's version, and drop all others.

    Several times cheaper than a database of one's own.
    """
    with _connected(make_url(url)) as connection:
        there = inspect(connection).get_table_names()
        odd = [one for one in there if one not in known]
        postgres = connection.dialect.name == "postgresql"
        connection.exec_driver_sql("SET session_replication_role = replica" if postgres else "SET foreign_key_checks = 0")
        if odd:
            quoted = ", ".join(map(connection.dialect.identifier_preparer.quote_identifier, odd)).replace("%", "%%")
            connection.exec_driver_sql(f"DROP TABLE {quoted}{' CASCADE' if postgres else ''}")
        for name in (set(there) & known) - {META}:
            connection.execute(delete(table(name)))


def names(url: str) -> set[str]:
    """Return the tables of a database."""
    with _connected(make_url(url)) as connection:
        return set(inspect(connection).get_table_names())
