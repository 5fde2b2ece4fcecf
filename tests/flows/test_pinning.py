"""A model that a plan learnt by itself is pinned when the plan is applied, and used unchanged from then on."""

from pathlib import Path

from crmetl.dedupe import Model
from crmetl.flows.opening import model_file, pin, pinned, scored_with
from crmetl.project import read_project
from crmetl.workspace import create
from tests.project.golden import write_files

LEARNT = Model("account", weights={"name": {"same": 11_000}}, learnt=True)


def test_the_first_model_is_pinned_and_no_later_one_takes_its_place(tmp_path: Path) -> None:
    """What a person trained, or an earlier plan pinned, stays."""
    project = read_project(write_files(tmp_path / "p", {"rules/match.yaml": "account: {comparisons: [name]}\n"}), env={})
    first, second = (create(tmp_path / "runs", name) for name in ("20260101-000000-aaaaaa", "20260102-000000-bbbbbb"))
    scored_with(first, "account").write_text(LEARNT.to_json(), "utf-8")
    scored_with(second, "account").write_text(Model("account", prior=-9_000, learnt=True).to_json(), "utf-8")

    assert pin(project, first) == ("account",)
    assert pin(project, second) == ()
    assert pinned(project) == {"account": LEARNT}


def test_a_run_that_learnt_nothing_pins_nothing(tmp_path: Path) -> None:
    """Declared weights are no model of these records."""
    project = read_project(write_files(tmp_path / "p", {"rules/match.yaml": "account: {comparisons: [name]}\n"}), env={})

    declared, nothing = (create(tmp_path / "runs", name) for name in ("20260101-000000-aaaaaa", "20260102-000000-bbbbbb"))
    scored_with(declared, "account").write_text(Model("account").to_json(), "utf-8")

    assert pin(project, declared) == pin(project, nothing) == ()
    assert not model_file(project, "account").exists()
