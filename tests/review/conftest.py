"""The firm, planned once; tests copy it."""

import shutil
from pathlib import Path

import pytest

from crmetl.cli import entry
from tests.conftest import Once
from tests.review.firm import Firm, build


@pytest.fixture(scope="session")
def planned_folder(once: Once) -> Path:
    def plan(folder: Path) -> None:
        assert 0 == entry.run(["plan", "-p", str(build(folder) / "mappings"), "--json"])

    return once("planned-firm", plan)


@pytest.fixture
def firm(planned_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Firm:
    """Return a firm that is planned and not loaded."""
    shutil.copytree(planned_folder, tmp_path, dirs_exist_ok=True)
    return Firm(tmp_path, capsys)
