"""The sample project in a folder of its own, as it comes or loaded."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands import Commanded, copied


@dataclass(frozen=True)
class Estate(Commanded):
    """A copy of the sample project that a test may damage."""

    @property
    def database(self) -> Path:
        """Return the CRM's file."""
        return self.folder / "crm.db"

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        """Rewrite one file of the project."""
        path = self.folder / name
        path.write_text(change(path.read_text("utf-8")), "utf-8")


@pytest.fixture
def estate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Estate:
    return Estate(copied(tmp_path), capsys)


FEW = {"crm_users.yaml", "overseas_customers.yaml", "north_customers.yaml"}


@pytest.fixture
def small(estate: Estate) -> Estate:
    """Three of the sample's sources, for what does not need all of them: users, a csv file and a workbook."""
    for path in (estate.folder / "mappings" / "sources").iterdir():
        if path.name not in FEW:
            path.unlink()
    return estate


@pytest.fixture
def loaded(loaded_sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Estate:
    """Return a copy of the loaded project, its CRM included."""
    shutil.copytree(loaded_sample, tmp_path, dirs_exist_ok=True)
    return Estate(tmp_path, capsys)
