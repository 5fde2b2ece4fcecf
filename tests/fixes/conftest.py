"""The shop, planned only and loaded once; tests copy it."""

import shutil
from pathlib import Path

import pytest

from crmetl.cli import entry
from tests.fixes.shop import Shop, build


def _ran(folder: Path, command: str) -> Path:
    assert entry.run([command, "-p", str(build(folder) / "mappings"), "--json"]) == 0
    return folder


@pytest.fixture(scope="session")
def loaded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _ran(tmp_path_factory.mktemp("loaded-shop"), "run")


@pytest.fixture(scope="session")
def planned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _ran(tmp_path_factory.mktemp("planned-shop"), "plan")


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
