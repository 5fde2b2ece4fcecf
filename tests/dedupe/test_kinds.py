"""Kinds of pairs: what is built in, and what a project declares anew in rules/match.yaml."""

from pathlib import Path

import pytest

from crmetl.dedupe import match_rules
from crmetl.dedupe.compare.levels import LEVELS
from crmetl.dedupe.learn.kinds import KINDS, Kind
from crmetl.dedupe.rules import MatchRules
from crmetl.errors import ProjectError
from crmetl.project import read_project
from tests.project.golden import write_files

HEAD = "account:\n  comparisons: [name, phone]\n  kinds:\n"
BUILT_IN = {one.name: one for one in KINDS}


def declared(folder: Path, kinds: str) -> MatchRules:
    """Return how accounts are matched with these kinds."""
    return match_rules(read_project(write_files(folder, {"rules/match.yaml": HEAD + kinds}), env={}), "account")


def test_built_in_kinds_name_types_and_levels_that_exist() -> None:
    """A kind that named a level of no type would never be found, and nothing would say so."""
    for kind in KINDS:
        named = {*kind.own, *kind.tied, *kind.levels, *kind.differs, *kind.never, *(one for group in kind.asks for one in group)}
        assert named <= LEVELS.keys(), kind.name
        assert kind.apart | kind.whole <= kind.own, kind.name
        for one, levels in kind.levels.items():
            assert levels <= {level.name for level in LEVELS[one]}, (kind.name, one)


def test_a_kind_is_left_out_changed_or_added(tmp_path: Path) -> None:
    """The others stay as they are built in."""
    text = (
        "    switchboard: false\n"
        "    sister: {are: two, own: [company_name, phone], levels: {company_name: [sister]}, asks: [[company_name]]}\n"
        "    other_desk: {are: one, own: [phone], tied: [company_name], apart: [phone], asks: [[company_name], [phone, mobile]]}\n"
    )

    found = {one.name: one for one in declared(tmp_path, text).kinds}

    assert found.keys() == {*BUILT_IN, "other_desk"} - {"switchboard"}
    assert found["branch"] == BUILT_IN["branch"]
    assert found["sister"].own == {"company_name", "phone"} != BUILT_IN["sister"].own
    assert found["other_desk"] == Kind(
        "other_desk",
        same=True,
        own=frozenset({"phone"}),
        tied=frozenset({"company_name"}),
        apart=frozenset({"phone"}),
        asks=(("company_name",), ("phone", "mobile")),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("    swichboard: false\n", "no built-in kind swichboard"),
        ("    desk: {are: one, own: [fone]}\n", "account.desk has type fone"),
        ("    desk: {are: two, levels: {company_name: [sisters]}}\n", "level sisters, which company_name lacks"),
        ("    desk: {are: three}\n", "rules/match.yaml:4"),
    ],
)
def test_a_kind_that_means_nothing_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """What is wrong is named, with what may stand there."""
    with pytest.raises(ProjectError) as wrong:
        declared(tmp_path, text)

    assert told in "\n".join([wrong.value.line("en"), *(one.line("en") for one in wrong.value.problems)])
