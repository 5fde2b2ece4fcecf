"""What a readable project leaves open."""

import json
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmetl.errors import ProjectError
from crmetl.project import Column, Source, drop_undecided, lint, problems_of, undecided
from crmetl.project.tree import parse

from .golden import project_with, refused

MAPPING = """
columns:
  名称: {to: account.name, check: true}
  等级: {}
  旧编码: {drop: unused}
entities: {account: {key: 编号, when: {类型: 客户}}}
"""


def test_a_draft_and_an_open_column_are_warnings(tmp_path: Path) -> None:
    """Without the files, drafts and undecided columns are told with their lines."""
    problems = lint(project_with(tmp_path, MAPPING))

    assert [(one.severity, one.where) for one in problems] == [
        ("warning", "sources/case.yaml:6:3"),
        ("warning", "sources/case.yaml:7:3"),
    ]


def test_headers_show_what_is_undecided_and_what_is_gone(tmp_path: Path) -> None:
    """A column of the files that nobody decided on is a warning; a key that they lack is an error, with what it may be now."""
    project = project_with(tmp_path, MAPPING)

    problems = lint(project, {"case": ("客户编号", "名称", "类型", "新")})

    lines = [(one.severity, one.line("en")) for one in problems if "drafted" not in one.what.en]
    assert lines == [
        (
            "warning",
            "sources/case.yaml:5:1: column '客户编号' of source case is not decided; say where it goes (`to`), or why it is left out (`drop`)",
        ),
        (
            "warning",
            "sources/case.yaml:5:1: column '新' of source case is not decided; say where it goes (`to`), or why it is left out (`drop`)",
        ),
        (
            "warning",
            "sources/case.yaml:7:3: column '等级' of source case is not decided; say where it goes (`to`), or why it is left out (`drop`)",
        ),
        (
            "warning",
            "sources/case.yaml:7:3: no file of source case has the column '等级'; write the name that the files have, or remove it from the mapping",
        ),
        ("error", "sources/case.yaml:9:12: no file of source case has the column '编号'; did you mean '客户编号'?"),
    ]


def test_a_required_column_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """The source could not run."""
    project = project_with(tmp_path, "columns: {名称: {to: account.name, required: true}, 电话: account.phone}")

    problems = lint(project, {"case": ("电话",)})

    assert [one.severity for one in problems] == ["error"]


def test_required_fields_that_nothing_fills(tmp_path: Path) -> None:
    """A record that lacks a required field on every row would be held every time."""
    project = project_with(tmp_path, "columns: {电话: account.phone, 发件人: {to: activity_party.address, split: parties}}")

    problems = lint(project)

    assert [one.what.en for one in problems] == ["nothing fills account.name, which is required"]


def test_constants_outside_their_code_table(tmp_path: Path) -> None:
    """A constant of a choice field is one of its choices, or a value that the schema itself gives."""
    settings_ = """
name: x
source_root: .
target: 'sqlite://'
filters: {account: [{rule: a, when: {status: [actve, inactive]}, then: inactive, set: {status: inactive}}]}
"""
    project = project_with(tmp_path, "columns: {名称: account.name}\nset: {account.status: gone}", settings=settings_)

    problems = lint(project)

    assert [one.line("en") for one in problems] == [
        "crmetl.yaml: 'actve' of account.status is not in its code table; add it to account_status in rules/values.yaml, or write 'active'",
        "sources/case.yaml: 'gone' of account.status is not in its code table; add it to account_status in rules/values.yaml",
    ]


def test_a_sound_project_has_no_problems(tmp_path: Path) -> None:
    """Nothing is told where nothing is open."""
    project = project_with(tmp_path, "columns: {名称: account.name}")

    assert lint(project, {"case": ("名称",)}) == ()


def test_problems_are_plain_json(tmp_path: Path) -> None:
    """Refusals of the reader and warnings have one form."""
    problems = refused("sources/a.yaml", "source: a\n", tmp_path)

    told = [one.to_json("zh") for one in problems_of(ProjectError("x", problems=problems))]

    assert json.loads(json.dumps(told))[0] == {
        "severity": "error", "where": "sources/a.yaml:1:1", "message": "缺少“system”", "next": "补上 system:",
    }  # fmt: skip


def test_undecided_columns_keep_the_order_of_the_file() -> None:
    """Columns of the files come first, then those that only the mapping names."""
    source = Source(
        source="s", system="s", reads=("x",), columns={"a": Column(to=("account.name",)), "b": Column(), "c": Column()}
    )

    assert undecided(source, ["z", "c", "a"]) == ("z", "c", "b")


def test_dropping_keeps_comments_and_order() -> None:
    """Only the dropped columns change."""
    text = "# top\nsource: s\ncolumns:\n  名称: {to: account.name} # why\n  2021: {}\n# end\nset:\n  account.source: 'NO'\n"

    dropped = drop_undecided(text, ["2021", "新: 列"], "not asked for")

    node, problems = parse(dropped, "s")
    assert node is not None and not problems  # noqa: PT018 one fact: it reads
    assert node.plain()["columns"] == {
        "名称": {"to": "account.name"}, "2021": {"drop": "not asked for"}, "新: 列": {"drop": "not asked for"},
    }  # fmt: skip
    assert [one in dropped for one in ("# top", "# why", "# end", "'NO'")] == [True] * 4


def test_dropping_in_a_mapping_without_columns() -> None:
    """`columns:` is made where it is missing or empty."""
    for text in ("source: s\n", "source: s\ncolumns:\n", "source: s\ncolumns: {}\n"):
        node, _ = parse(drop_undecided(text, ["a"], "x"), "s")

        assert node is not None
        assert node.plain()["columns"] == {"a": {"drop": "x"}}


NAME = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x9FFF, exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co")),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(names=st.lists(NAME, unique=True, max_size=5), reason=NAME)
@example(names=["0"], reason="?0")
def test_what_was_dropped_reads_back(names: list[str], reason: str) -> None:
    """Whatever a column is called, its drop reads back under the same name."""
    node, problems = parse(drop_undecided("source: s\ncolumns:\n  a b: account.name\n", names, reason), "s")

    assert node is not None
    assert problems == []
    assert node.plain()["columns"] == {"a b": "account.name"} | {name: {"drop": reason} for name in names}
