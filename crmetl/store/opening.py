"""Opening a store: looking into one never makes it, the first thing to remember does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmetl.errors import TargetError
from crmetl.load.connect import masked, parse_url, sqlite_file
from crmetl.store.store import Store
from crmetl.text import Text
from crmetl.workspace import full_disk

IGNORED = "# What crmetl remembers here is about people; it does not belong in version control.\n*\n"


@contextmanager
def open_store(url: str) -> Iterator[Store]:
    """
    Open what a project remembers.

    Each method is a transaction of its own, so that several people and a night run may share a store.

    Args:
        url: SQLAlchemy URL, its secrets filled in: a SQLite file (made with the first thing that is remembered, for the
            owner's eyes only, mode 0600), PostgreSQL or MariaDB.

    Raises:
        TargetError: It is no URL of a database, or one that forgets.
    """
    where = parse_url(url)
    path = sqlite_file(where)
    if path is None and where.get_backend_name() == "sqlite":
        raise TargetError(
            Text("存储库不能放在内存中", "a store in memory would forget"),
            where=masked(where),
            next=Text("写成 sqlite:///.crmetl/store.db", "write sqlite:///.crmetl/store.db"),
        )
    yield Store(where, lambda: None if path is None else _make_file(path))


def _make_file(path: Path) -> None:
    """Make the file that only its owner may read; SQLite gives its journal the same permissions."""
    with full_disk(path):
        if not path.parent.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            (path.parent / ".gitignore").write_text(IGNORED, "utf-8")
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
