"""Every target there is: in memory, SQLite, and the servers that answer (all of them must where CI=true)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from crmetl.load import MemoryTarget, open_target
from crmetl.load.relations import relations
from crmetl.plan import Target
from tests.contracts.servers import SERVERS, clear, demand, own_database
from tests.diff.crm import SCHEMA

KNOWN = frozenset(one.table for one in relations(SCHEMA).values())


@pytest.fixture(scope="session", params=["memory", "sqlite", *SERVERS])
def home(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The kind of target, and the URL of the database that the session has for itself on a server, dropped after it."""
    kind = str(request.param)
    if kind not in SERVERS:
        yield kind, ""
        return
    demand(kind)
    with own_database(kind) as url:
        yield kind, url


@pytest.fixture
def kind(home: tuple[str, str]) -> str:
    """The kind of target."""
    return home[0]


@pytest.fixture
def url(home: tuple[str, str], tmp_path: Path) -> str:
    """URL of a database without rows; empty text for the target in memory."""
    kind, server = home
    if kind in SERVERS:
        clear(server, KNOWN)
        return server
    return f"sqlite:///{tmp_path}/crm.db" if kind == "sqlite" else ""


@pytest.fixture
def bare_url(home: tuple[str, str], url: str) -> str:
    """URL of a database without tables; a target in memory has no such thing."""
    if not url:
        pytest.skip("a database only")
    if home[0] in SERVERS:
        clear(url, frozenset())
    return url


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
