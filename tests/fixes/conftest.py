"""The shop, planned only and loaded once; tests copy it."""

import shutil
from pathlib import Path

import pytest

from crmetl.cli import entry
from tests.conftest import Once
from tests.fixes.shop import Shop, build


def _ran(folder: Path, command: str) -> None:
    assert entry.run([command, "-p", str(build(folder) / "mappings"), "--json"]) == 0


@pytest.fixture(scope="session")
def loaded_folder(once: Once) -> Path:
    return once("loaded-shop", lambda folder: _ran(folder, "run"))


@pytest.fixture(scope="session")
def planned_folder(once: Once) -> Path:
    return once("planned-shop", lambda folder: _ran(folder, "plan"))


@pytest.fixture
def shop(loaded_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    """Return a shop whose CRM is loaded."""
    shutil.copytree(loaded_folder, tmp_path, dirs_exist_ok=True)
    return Shop(tmp_path, capsys)


@pytest.fixture
def fresh(planned_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    """Return a shop that is planned and not loaded."""
    shutil.copytree(planned_folder, tmp_path, dirs_exist_ok=True)
    return Shop(tmp_path, capsys)
