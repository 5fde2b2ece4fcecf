"""Every golden case maps as its file says."""

import json
from pathlib import Path

import pytest

from .golden import CASES, outcome

NAMES = sorted(one.name for one in CASES.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_rows_become_the_expected_records(name: str, tmp_path: Path) -> None:
    """The rows of a case become exactly the records, held and dropped rows and findings written beside them."""
    expected = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))

    assert outcome(CASES / name, tmp_path) == expected


def test_there_are_cases() -> None:
    """An empty folder would pass everything."""
    assert len(NAMES) >= 20
