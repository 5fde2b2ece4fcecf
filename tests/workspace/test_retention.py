"""Run folders past their time: what may go, what never goes, and that a purged run can still be listed and taken back."""

import json
import os
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer

from crmetl.cli import entry
from tests.fixes.shop import Shop, build

LONG_AGO = datetime.now(UTC) - timedelta(days=200)


@pytest.fixture(scope="module")
def ran_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("ran"))
    assert entry.run(["run", "-p", str(folder / "mappings"), "--json"]) == 0
    return folder


@pytest.fixture
def shop(ran_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    """Return a shop with one run."""
    shutil.copytree(ran_folder, tmp_path, dirs_exist_ok=True)
    keep = "keep: {days: 90, runs: 1}\n"
    settings = tmp_path / "mappings" / "crmetl.yaml"
    settings.write_text(settings.read_text("utf-8") + keep, "utf-8")
    return Shop(tmp_path, capsys)


def runs(shop: Shop) -> Path:
    return shop.folder / "runs"


def only(shop: Shop) -> Path:
    """Return the folder of the one real run."""
    return next(one for one in runs(shop).iterdir() if (one / "plan").exists())


def aged(folder: Path, at: datetime = LONG_AGO) -> Path:
    """Make a run folder old, in what it says and in its files."""
    note = folder / "run.json"
    if note.exists():
        facts = json.loads(note.read_bytes())
        note.write_text(json.dumps({**facts, "started": at.isoformat()}), "utf-8")
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (at.timestamp(), at.timestamp()), follow_symlinks=False)
    return folder


def made(shop: Shop, name: str, status: str | None, at: datetime = LONG_AGO) -> Path:
    """Make a run folder with a file in it."""
    folder = runs(shop) / name
    (folder / "rows").mkdir(parents=True)
    (folder / "rows" / "0000.parquet").write_bytes(b"x" * 1000)
    if status is not None:
        facts = {"run": name, "status": status, "plan": "ab" * 32, "started": at.isoformat(), "seconds": 1.0}
        (folder / "run.json").write_text(json.dumps(facts), "utf-8")
    return aged(folder, at)


@pytest.mark.parametrize("status", ["planned", "gated", "nothing", "applied", "rolled_back", None])
def test_old_runs_go(shop: Shop, status: str | None) -> None:
    """Whatever became of it, a run past its days loses its files; one that never ended goes whole."""
    old = made(shop, "20250101-000000-aaaa", status)

    done = shop.crmetl("runs", "purge", "--yes").json()

    assert done == {"purged": [old.name], "kept": 1, "freed_mb": 0.001, "dry_run": False}
    assert [one.name for one in old.iterdir()] == ["run.json"] if status else not old.exists()


@pytest.mark.parametrize("status", ["approved", "partly"])
def test_what_is_not_finished_stays(shop: Shop, status: str) -> None:
    """A plan that is signed and not written, and an apply that can be resumed, are never purged."""
    old = made(shop, "20250101-000000-aaaa", status)

    done = shop.crmetl("runs", "purge", "--yes", "--older-than", "0").json()

    assert done["purged"] == []
    assert (old / "rows").exists()


def test_a_night_goes_like_any_run_and_what_it_left_for_a_person_stays(shop: Shop) -> None:
    """The written half of a night is past its time one day; the half that waits is still somebody's work."""
    night, waits = made(shop, "20250101-000000-aaaa-night", "applied"), made(shop, "20250101-000000-aaaa-waits", "planned")
    note = waits / "run.json"
    note.write_text(json.dumps({**json.loads(note.read_bytes()), "kind": "waiting"}), "utf-8")
    aged(waits)

    done = shop.crmetl("runs", "purge", "--yes").json()

    assert done["purged"] == [night.name]
    assert (waits / "rows").exists()


def test_a_run_that_may_be_going_on_stays(shop: Shop) -> None:
    """A folder without an end in which something was just written is somebody's work."""
    going = made(shop, "20250101-000000-aaaa", None)
    (going / "rows" / "0001.parquet").write_bytes(b"x")

    assert shop.crmetl("runs", "purge", "--yes", "--older-than", "0").json()["purged"] == []
    assert (going / "rows").exists()


def test_young_runs_and_the_newest_stay(shop: Shop) -> None:
    """Days and the number of newest runs are the project's; `--older-than` changes the days, never the number."""
    made(shop, "20250101-000000-aaaa", "applied")
    young = made(shop, "20250102-000000-aaaa", "applied", datetime.now(UTC) - timedelta(days=30))
    aged(only(shop))

    assert shop.crmetl("runs", "purge", "--dry-run").json()["purged"] == ["20250101-000000-aaaa"]
    assert shop.crmetl("runs", "purge", "--dry-run", "--older-than", "20").json()["purged"] == [
        young.name,
        "20250101-000000-aaaa",
    ]


def test_a_look_removes_nothing(shop: Shop) -> None:
    """`--dry-run` says what would go."""
    old = made(shop, "20250101-000000-aaaa", "applied")

    said = shop.said("runs", "purge", "--dry-run").screen

    assert "would go" in said
    assert old.name in said
    assert (old / "rows").exists()


def test_without_a_terminal_it_wants_yes(shop: Shop) -> None:
    """Nobody is asked where nobody is: without `--yes` nothing goes."""
    old = made(shop, "20250101-000000-aaaa", "applied")

    refused = shop.crmetl("runs", "purge")

    assert refused.exit == 2
    assert "--yes" in refused.json()["error"]["next"]
    assert (old / "rows").exists()


def test_at_a_terminal_no_means_no(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who says no has interrupted; one who says yes has not."""
    old = made(shop, "20250101-000000-aaaa", "applied")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)

    def no(*_: object, **__: object) -> None:
        raise typer.Abort

    monkeypatch.setattr("typer.confirm", no)
    shop.said("runs", "purge")
    assert (old / "rows").exists()

    monkeypatch.setattr("typer.confirm", lambda *_, **__: True)
    shop.said("runs", "purge")
    assert not (old / "rows").exists()


def test_links_are_never_followed(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A link inside a run goes, what it points to stays; a run that is a link itself is left alone; hard links free nothing."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "dear.txt").write_text("keep me", "utf-8")
    (outside / "20250103-000000-aaaa").mkdir()
    old = made(shop, "20250101-000000-aaaa", "applied")
    (old / "out").symlink_to(outside)
    (old / "rows" / "hard.parquet").hardlink_to(outside / "dear.txt")
    (runs(shop) / "20250103-000000-aaaa").symlink_to(outside / "20250103-000000-aaaa")
    aged(old)

    done = shop.crmetl("runs", "purge", "--yes").json()

    assert (done["purged"], done["freed_mb"]) == ([old.name], 0.001)
    assert (outside / "dear.txt").read_text("utf-8") == "keep me"
    assert (outside / "20250103-000000-aaaa").exists()
    assert (runs(shop) / "20250103-000000-aaaa").is_symlink()


def test_only_run_folders_are_touched(shop: Shop) -> None:
    """A folder that no run made, and a file beside the runs, are none of ours."""
    made(shop, "my own notes", None)
    (runs(shop) / "readme.txt").write_text("x", "utf-8")

    shop.crmetl("runs", "purge", "--yes", "--older-than", "0")

    assert (runs(shop) / "my own notes" / "rows").exists()
    assert (runs(shop) / "readme.txt").exists()


def test_a_purge_that_was_broken_off_is_finished(shop: Shop) -> None:
    """The tombstone is written first, so what is left over is known, and goes with the next purge."""
    old = made(shop, "20250101-000000-aaaa", "applied")
    facts = json.loads((old / "run.json").read_bytes())
    (old / "run.json").write_text(json.dumps({**facts, "purged": "2025-06-01T00:00:00+00:00"}), "utf-8")

    done = shop.crmetl("runs", "purge", "--yes").json()

    assert done["purged"] == [old.name]
    assert [one.name for one in old.iterdir()] == ["run.json"]
    assert shop.crmetl("runs", "purge", "--yes").json()["purged"] == []


def test_a_purged_run_is_listed_and_tells_who_and_what(shop: Shop) -> None:
    """The tombstone keeps status, plan and counts, and no value of any record."""
    run = aged(only(shop))
    made(shop, "29990101-000000-aaaa", "nothing")

    assert shop.crmetl("runs", "purge", "--yes").json()["purged"] == [run.name]

    listed = {one["run"]: one for one in shop.crmetl("runs").json()["runs"]}[run.name]
    stone = (run / "run.json").read_text("utf-8")
    assert (listed["status"], listed["purged"]) == ("applied", True)
    assert json.loads(stone)["entities"]["account"]["create"] == 1
    assert json.loads(stone)["purged_by"]
    assert not any(value in stone for value in ("启明", "周明", "13955523401"))
    assert "files purged" in shop.said("runs").screen


def test_a_purged_run_can_be_taken_back(shop: Shop) -> None:
    """Rollback works from the ledger: the CRM is as before, although the run's files are gone."""
    run = aged(only(shop))
    made(shop, "29990101-000000-aaaa", "nothing")
    assert shop.crmetl("runs", "purge", "--yes").json()["purged"] == [run.name]

    done = shop.crmetl("rollback", run.name)

    assert done.exit == 0
    assert (done.json()["status"], done.json()["reversed"]["account"]["create"]) == ("rolled_back", 1)
    with sqlite3.connect(shop.folder / "crm.db") as crm:
        assert crm.execute("select count(*) from account").fetchone() == (0,)
    crm.close()
    assert {one["run"]: one["status"] for one in shop.crmetl("runs").json()["runs"]}[run.name] == "rolled_back"


@pytest.mark.parametrize("command", [("show",), ("approve", "--by", "M. Wang"), ("apply",), ("report",), ("fixes", "export")])
def test_what_needs_the_files_says_so(shop: Shop, command: tuple[str, ...]) -> None:
    """Commands that need the files of a purged run refuse it in one line."""
    run = aged(only(shop))
    made(shop, "29990101-000000-aaaa", "nothing")
    shop.crmetl("runs", "purge", "--yes")
    words = [*command[:2], run.name] if command[0] == "fixes" else [command[0], run.name, *command[1:]]

    refused = shop.crmetl(*words)

    assert refused.exit in (2, 5)
    assert "gone" in refused.json()["error"]["message"] or "no longer" in refused.json()["error"]["message"]
    assert run.name in str(refused.json()["error"]["where"])
