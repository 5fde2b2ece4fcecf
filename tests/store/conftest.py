"""A store in every database there is; a server that does not answer is skipped by its name."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

SERVERS = {
    "postgresql": ("CRMETL_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"),
    "mariadb": ("CRMETL_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306"),
}
NAME = f"crmetl_store_{os.getpid()}"


def _own_database(kind: str, stack: ExitStack) -> str:
    """Make an empty database on the server, and drop it when the stack closes."""
    variable, usual = SERVERS[kind]
    server = os.environ.get(variable, usual)
    limits = {"connect_timeout": 3}
    engine = create_engine(server, isolation_level="AUTOCOMMIT", connect_args=limits)

    def run(sql: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(sql))

    try:
        run(f"DROP DATABASE IF EXISTS {NAME}")
    except SQLAlchemyError:
        pytest.skip(f"{kind} does not answer; {variable} says where it is")
    run(f"CREATE DATABASE {NAME}")
    stack.callback(engine.dispose)
    stack.callback(run, f"DROP DATABASE IF EXISTS {NAME}")
    return make_url(server).set(database=NAME).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", *SERVERS])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a store that nobody has made yet."""
    with ExitStack() as stack:
        kind = str(request.param)
        yield _own_database(kind, stack) if kind in SERVERS else f"sqlite:///{tmp_path}/.crmetl/store.db"
