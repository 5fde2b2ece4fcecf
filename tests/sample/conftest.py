"""The estate is no installed package: the repository's root is put on the path, and one small estate is made for all."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the default estate, made anew."""
    from sample_data.estate.build import build  # noqa: PLC0415 only importable once the root is on the path

    out = tmp_path_factory.mktemp("estate")
    build(out, 150, 2024)
    return out
