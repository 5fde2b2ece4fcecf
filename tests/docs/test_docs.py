"""What is documented exists, and what exists is documented."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from crmetl.clean import page as rules
from crmetl.cli.app import app
from crmetl.faults.page import page
from crmetl.text import Lang

ROOT = Path(__file__).parents[2]


def _commands(group: Any, *above: str) -> Iterator[str]:
    """Give every command of a group, and the group itself where it does something."""
    for name, one in group.commands.items():
        if not hasattr(one, "commands") or one.invoke_without_command:
            yield " ".join([*above, name])
        yield from _commands(one, *above, name) if hasattr(one, "commands") else ()


COMMANDS = list(_commands(get_command(app)))
OURS = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]


@pytest.mark.parametrize(("lang", "name"), [("en", "faults.md"), ("zh", "faults.zh-CN.md")])
def test_the_fault_catalogue_is_the_code_s(lang: Lang, name: str) -> None:
    """The page of faults is what `make docs` writes from the faults."""
    assert (ROOT / "docs" / name).read_text("utf-8") == page(lang)


@pytest.mark.parametrize(("lang", "name"), [("en", "rules.md"), ("zh", "rules.zh-CN.md")])
def test_the_catalogue_of_rules_is_the_code_s(lang: Lang, name: str) -> None:
    """The page of cleaning rules is what `make docs` writes from the rules."""
    assert (ROOT / "docs" / name).read_text("utf-8") == rules.page(lang)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_s_json_is_documented(command: str) -> None:
    """docs/json.md has a row for each command."""
    assert f"| `{command}` |" in (ROOT / "docs" / "json.md").read_text("utf-8")


def test_no_page_names_a_command_that_is_not_there() -> None:
    """Every `crmetl word` of our pages is a command."""
    known = {command.split()[0] for command in COMMANDS}
    named = {word for path in OURS for word in re.findall(r"`(?:\$ )?crmetl ([a-z]+)", path.read_text("utf-8"))}

    assert named - known == set()


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_links_between_our_pages_lead_somewhere(path: Path) -> None:
    """A relative link of a page points to a file of the repository."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text("utf-8"))

    assert [link for link in links if not (path.parent / link).exists()] == []
