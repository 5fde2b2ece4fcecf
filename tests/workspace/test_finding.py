"""Which run a word on the command line means."""

import json
from pathlib import Path

import pytest

from crmetl.errors import UsageError
from crmetl.workspace import find


def made(runs: Path, statuses: dict[str, str]) -> Path:
    """Make run folders: head of the name -> status."""
    for name, status in statuses.items():
        folder = runs / name
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps({"run": folder.name, "status": status}), "utf-8")
    return runs


RUNS = {
    "20260918-213004-7c1e": "applied",
    "20260919-090000-7c1e": "planned",
    "20260919-230000-7c1e-night": "applied",
    "20260919-230000-7c1e-waits": "planned",
}


def test_latest_is_never_a_night_s(tmp_path: Path) -> None:
    """What a person planned by day is what they sign in the morning, whatever a scheduler did in between."""
    runs = made(tmp_path, RUNS)

    assert "20260919-090000-7c1e" == find(runs, "latest").run
    assert "20260918-213004-7c1e" == find(runs, "latest", status=("applied", "partly")).run


def test_a_night_is_found_by_its_name(tmp_path: Path) -> None:
    """Whole, or by a head that no other run has."""
    runs = made(tmp_path, RUNS)

    assert "20260919-230000-7c1e-waits" == find(runs, "20260919-230000-7c1e-w").run
    with pytest.raises(UsageError):
        find(runs, "20260919-23")
