"""The sample project, run once per module in a folder of its own."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from crmetl.cli import entry
from tests.commands import Commanded

ROOT = Path(__file__).parents[2]


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


def copied(folder: Path) -> Path:
    """Copy the sample project: its declarations and its files, without the generator."""
    for name in ("mappings", "sample_data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.py", "__pycache__", "truth"))
    return folder


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


@pytest.fixture(scope="module")
def loaded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sample project whose CRM was loaded once; tests copy it."""
    folder = copied(tmp_path_factory.mktemp("loaded"))
    assert entry.run(["run", "-p", str(folder / "mappings"), "--json"]) == 0
    return folder


@pytest.fixture
def loaded(loaded_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Estate:
    """Return a copy of the loaded project, its CRM included."""
    shutil.copytree(loaded_folder, tmp_path, dirs_exist_ok=True)
    return Estate(tmp_path, capsys)
