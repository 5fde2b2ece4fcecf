"""The command line's one door: options everywhere, one line or one object for every end."""

import json

import pytest

from crmetl.cli import asked, entry
from crmetl.errors import PlanRefused


def error_of(text: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(text)["error"]
    return found


def test_options_hold_wherever_they_stand() -> None:
    """`--json` and `-p` may come before or after the command."""
    before, words = asked.hoist(["--json", "-p", "x", "plan"], {})
    after, same = asked.hoist(["plan", "-p=x", "--json"], {})

    assert before == after
    assert words == same == ["plan"]


def test_words_after_two_dashes_are_left_alone() -> None:
    """`--` ends our options."""
    options, words = asked.hoist(["explain", "--", "--json"], {})

    assert not options.json
    assert words == ["explain", "--", "--json"]


@pytest.mark.parametrize(
    ("line", "code"), [(["plan", "-p"], 2), (["plan", "--lang", "fr"], 2), (["plann"], 2), (["plan", "--nope"], 2)]
)
def test_a_wrong_line_says_so_and_leaves_with_2(line: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A usage error is one line on stderr and nothing on stdout."""
    assert entry.run(line) == code

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("crmetl: ")
    assert len(err.strip().splitlines()) == 1


def test_json_holds_also_when_it_fails(capsys: pytest.CaptureFixture[str], tmp_path: object) -> None:
    """A failure with --json is one object with code, exit, message, where and next."""
    assert entry.run(["plan", "-p", str(tmp_path), "--json", "--lang", "en"]) == 2

    found = error_of(capsys.readouterr().out)
    assert sorted(found) == ["code", "exit", "message", "next", "where"]
    assert found["code"] == "usage"


def test_a_bug_never_shows_what_it_was_about(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An unforeseen exception names its kind and place, and never its text, which may hold a cell."""

    def broken(words: list[str]) -> int:
        raise ValueError("13912345678")

    monkeypatch.setattr(entry, "_dispatch", broken)

    assert entry.run(["runs"]) == 70
    said = capsys.readouterr().err
    assert "13912345678" not in said
    assert "ValueError" in said


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (PlanRefused("stale"), 5),
        (MemoryError(), 8),
        (OSError(28, "full", "x"), 8),
        (PermissionError(13, "no", "x"), 8),
    ],
)
def test_every_end_has_its_code(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each kind of failure ends in the exit code of the contract and one line."""

    def fail(words: list[str]) -> int:
        raise error

    monkeypatch.setattr(entry, "_dispatch", fail)

    assert entry.run(["runs"]) == code
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


COMMANDS = [
    "init",
    "profile",
    "lint",
    "plan",
    "show",
    "approve",
    "apply",
    "run",
    "rollback",
    "runs",
    "report",
    "explain",
    "train",
    "evaluate",
    "dedupe",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_for_every_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` of each command shows a line that can be typed."""
    assert entry.run([command, "--help"]) == 0

    usage, *rest = capsys.readouterr().out.split("\n\n")
    assert command in usage
    assert f"crmetl {command}" in " ".join(" ".join(rest).split())
