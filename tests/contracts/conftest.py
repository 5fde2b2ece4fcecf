"""Every target there is: in memory, SQLite, and the servers whose URLs are given."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from crmetl.load import MemoryTarget, open_target
from crmetl.plan import Target
from tests.diff.crm import SCHEMA

SERVERS = {"postgresql": "CRMETL_TEST_POSTGRES", "mariadb": "CRMETL_TEST_MARIADB"}
NAME = f"crmetl_contract_{os.getpid()}"


@pytest.fixture(scope="session", params=["memory", "sqlite", *SERVERS])
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """The kind of target; a server's own database is made for the session and dropped after it."""
    name = str(request.param)
    if name not in SERVERS:
        yield name
        return
    server = os.environ.get(SERVERS[name])
    if not server:
        pytest.skip(f"{SERVERS[name]} is not set")
    yield name


def _own_database(server: str, stack: ExitStack) -> str:
    """Make an empty database on the server, and drop it when the stack closes."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")

    def run(sql: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(sql))

    run(f"DROP DATABASE IF EXISTS {NAME}")
    run(f"CREATE DATABASE {NAME}")
    stack.callback(engine.dispose)
    stack.callback(run, f"DROP DATABASE IF EXISTS {NAME}")
    return make_url(server).set(database=NAME).render_as_string(hide_password=False)


@pytest.fixture
def url(kind: str, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database of its own; empty text for the target in memory."""
    with ExitStack() as stack:
        if kind in SERVERS:
            yield _own_database(os.environ[SERVERS[kind]], stack)
        else:
            yield f"sqlite:///{tmp_path}/crm.db" if kind == "sqlite" else ""


@pytest.fixture
def reopen(url: str) -> Iterator[Callable[[], Target]]:
    """Open the same target again and again; what is in memory has only one way in."""
    memory = MemoryTarget(SCHEMA)
    with ExitStack() as stack:
        yield lambda: stack.enter_context(open_target(url, SCHEMA)) if url else memory


@pytest.fixture
def target(reopen: Callable[[], Target]) -> Target:
    """An open, empty target."""
    return reopen()
