"""What all tests share: the folders that one process makes for all, and which tests are not measured."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from crmetl.cli import entry
from tests.commands import copied
from tests.contracts.servers import SERVERS

Once: TypeAlias = Callable[[str, Callable[[Path], object]], Path]

HERE = Path(__file__).parent
TWICE = {HERE / "nightly", HERE / "entry", HERE / "contracts" / "test_target.py", HERE / "contracts" / "test_processes.py"}
"""Where a test on a server goes the way that it goes on SQLite; what differs in `load` the other contracts measure."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Take the trace off tests that go ways which others have gone.

    Python is nearly twice as slow while coverage is measured. The examples of a heavy law go through stages that are tried
    by hand elsewhere; they fail as they would, they are only not counted.
    """
    for item in items:
        case = getattr(item, "callspec", None)
        on_server = case is not None and not SERVERS.keys().isdisjoint(map(str, case.params.values()))
        if (on_server and not TWICE.isdisjoint((item.path, item.path.parent))) or item.get_closest_marker("heavy"):
            item.add_marker("no_cover")


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Return a maker of named folders: whichever process asks first makes it, the others wait for it. Tests copy it."""
    own = tmp_path_factory.getbasetemp()
    base = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, begun = base / f"once-{name}", base / f"begun-{name}-{os.getpid()}"
        with (base / f"lock-{name}").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                begun.mkdir()
                make(begun)
                begun.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def loaded_sample(once: Once) -> Path:
    """Return the sample project, whose CRM was loaded once."""

    def load(folder: Path) -> None:
        assert entry.run(["run", "-p", str(copied(folder) / "mappings"), "--json"]) == 0

    return once("loaded-sample", load)
