"""The run is the same whatever the number of processes that make it."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crmetl.workspace import read_frame
from tests.cli.conftest import Estate
from tests.commands import copied


@pytest.fixture(params=[60, 20_000])
def estate(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Estate:
    """Return four sources of the sample, read in chunks of the size asked for."""
    made = Estate(copied(tmp_path), capsys)
    for path in (made.folder / "mappings" / "sources").iterdir():
        if path.name not in {"crm_users.yaml", "overseas_customers.yaml", "complaints.yaml", "service_chat.yaml"}:
            path.unlink()
    made.edit("mappings/crmetl.yaml", lambda text: f"chunk: {request.param}\n{text}")
    return made


def frames(run: Path) -> dict[str, pd.DataFrame]:
    """Return every frame of a run folder by its place."""
    return {str(path.relative_to(run)): read_frame(path) for path in sorted(run.rglob("*.parquet"))}


def planned(estate: Estate, monkeypatch: pytest.MonkeyPatch, jobs: str) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    monkeypatch.setenv("CRMETL_JOBS", jobs)
    facts = estate.crmetl("plan").json()
    return facts, frames(estate.folder / "runs" / str(facts["run"]))


def test_two_processes_make_the_same_run_as_one(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plan, counts, and every frame of the run folder under the same name: nothing tells how many worked at it."""
    one, alone = planned(estate, monkeypatch, "1")
    two, shared = planned(estate, monkeypatch, "2")

    assert two["plan"] == one["plan"]
    assert two["entities"] == one["entities"]
    assert list(shared) == list(alone)
    assert any(name.startswith("valid/") for name in shared)
    for name, frame in alone.items():
        pd.testing.assert_frame_equal(shared[name], frame, obj=name)


def test_a_missing_source_is_told_by_its_class_from_a_worker(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code of a source that is not there does not depend on who looked for it."""
    monkeypatch.setenv("CRMETL_JOBS", "2")
    next((estate.folder / "sample_data" / "聊天").iterdir()).unlink()

    ended = estate.crmetl("plan")

    assert ended.exit == 3
    assert ended.json()["error"]["code"] == "source"
