"""Reading a project: short forms, what is kept as text, and every refusal with its line and column."""

from pathlib import Path
from typing import cast

import pytest

from crmetl.errors import MachineError, ProjectError
from crmetl.project import Column, Made, read_project
from crmetl.project.model import Project
from crmetl.project.settings import Settings
from crmetl.project.tree import parse
from crmetl.text import Text

from .golden import CASES, case_of, project_with, refused, write_files

NAMES = sorted(one.stem for one in CASES.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_file_is_refused_with_places_and_sentences(name: str, tmp_path: Path) -> None:
    """Each case is refused with exactly the lines written beside it, in English and Chinese."""
    case = case_of(name)

    problems = refused(case["file"], case["text"], tmp_path)

    assert [one.line("en") for one in problems] == case["en"]
    assert [one.line("zh") for one in problems] == case["zh"]


def test_every_problem_has_a_place_and_a_next_step() -> None:
    """No refusal leaves the reader searching: file, line and column, and what to do."""
    lines = [line for name in NAMES for line in cast("list[str]", case_of(name)["en"])]

    assert all(line.split(": ")[0].count(":") == 2 for line in lines)
    assert all("; " in line for line in lines)


def test_a_password_is_in_no_message(tmp_path: Path) -> None:
    """A literal password is refused without being repeated."""
    case = case_of("literal_password")

    problems = refused(case["file"], case["text"], tmp_path)

    assert "topsecret" in case["text"]
    assert not any("topsecret" in one.line(lang) for one in problems for lang in ("en", "zh"))


def test_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    """One reading tells the errors of every file, in the order of files and lines."""
    folder = write_files(
        tmp_path, {"sources/a.yaml": "source: a\n", "sources/b.yaml": "source: [\n", "rules/match.yaml": "x: {}\n"}
    )

    with pytest.raises(ProjectError) as refused_:
        read_project(folder, env={})

    places = [one.where for one in refused_.value.problems]
    assert places == [
        "rules/match.yaml:1:1", "rules/match.yaml:1:4", "sources/a.yaml:1:1", "sources/a.yaml:1:1", "sources/a.yaml:1:1", "sources/b.yaml:2:1",
    ]  # fmt: skip
    assert refused_.value.where == places[0]


def test_short_forms_are_written_out(tmp_path: Path) -> None:
    """A text stands for a list of one, a plain label for both languages, a column's text for its target."""
    project = project_with(
        tmp_path,
        "label: 客户表\nkey: 编号\ncolumns: {名称: account.name, 电话: {to: [account.phone]}, 备注: null}\ntable: {header: 3}",
    )

    source = project.sources[0]
    assert source.reads == ("a.csv",)
    assert source.label == Text("客户表", "客户表")
    assert source.entities == {"account": Made(key=("编号",))}
    assert source.columns == {
        "名称": Column(to=("account.name",)),
        "电话": Column(to=("account.phone",)),
        "备注": Column(),
    }
    assert source.table.header == (3,)


def test_the_key_of_a_source_joins_what_else_is_said_of_its_first_entity(tmp_path: Path) -> None:
    """`key` and `entities` of the same entity go together."""
    project = project_with(tmp_path, "key: [a, b]\nentities: {account: {on_repeat: first}}\ncolumns: {c: account.name}")

    assert project.sources[0].entities == {"account": Made(key=("a", "b"), on_repeat="first")}


def test_scalars_stay_what_was_written(tmp_path: Path) -> None:
    """`NO` is Norway, 0012 a number with its zeros, yes a text where a text is meant."""
    project = project_with(
        tmp_path,
        "columns: {0012: account.name, NO: {to: account.phone, required: yes}}\nset: {account.status: no, account.since: 2024-01-01}",
    )

    source = project.sources[0]
    assert list(source.columns) == ["0012", "NO"]
    assert source.columns["NO"].required
    assert source.set == {"account.status": "no", "account.since": "2024-01-01"}


def test_columns_know_their_place(tmp_path: Path) -> None:
    """Messages after reading can still point at a line."""
    project = project_with(tmp_path, "columns:\n  名称: account.name\n  城市: {}\nentities:\n  account: {key: 号}")

    assert project.sources[0].file == "sources/case.yaml"
    assert project.sources[0].places == {
        "columns": "sources/case.yaml:4:1",
        "columns.名称": "sources/case.yaml:5:3",
        "columns.城市": "sources/case.yaml:6:3",
        "entities": "sources/case.yaml:7:1",
        "entities.account": "sources/case.yaml:8:3",
    }


def test_paths_start_at_the_project_and_may_name_variables(tmp_path: Path) -> None:
    """`source_root` and `runs` are relative to the folder of crmetl.yaml; `${NAME}` is read from the environment."""
    settings = "name: x\nsource_root: ../files\nruns: ${RUNS}/crm\ntarget: 'sqlite://'\n"
    folder = write_files(tmp_path / "p", {"crmetl.yaml": settings})

    project = read_project(folder, env={"RUNS": "/var/runs"})

    assert (project.source_root, project.runs) == (tmp_path / "files", Path("/var/runs/crm"))
    with pytest.raises(ProjectError, match="RUNS is not set"):
        read_project(folder, env={})


def test_rules_may_be_left_out(tmp_path: Path) -> None:
    """A project without match rules and mappings is a project; without a schema it is none."""
    folder = write_files(tmp_path, {})

    assert read_project(folder, env={}).match == {}
    (folder / "schema.yaml").unlink()
    with pytest.raises(ProjectError) as lacking:
        read_project(folder, env={})
    assert lacking.value.where == "schema.yaml"


def test_code_tables_may_be_left_out(tmp_path: Path) -> None:
    """Without `rules/values.yaml` there are no tables, and a field that names one is refused."""
    folder = write_files(tmp_path, {})
    (folder / "rules" / "values.yaml").unlink()

    with pytest.raises(ProjectError, match="account_status"):
        read_project(folder, env={})


def test_a_folder_without_a_project_names_what_to_run(tmp_path: Path) -> None:
    """The next step is to make one, or to name the one that lies beside."""
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "crmetl.yaml").write_text("", encoding="utf-8")

    with pytest.raises(ProjectError) as here:
        read_project(tmp_path, env={})
    with pytest.raises(ProjectError) as nowhere:
        read_project(tmp_path / "absent", env={})

    assert f"-p {tmp_path / 'mappings'}" in here.value.line("en")
    assert nowhere.value.line("en").endswith("make one with `crmetl init DIR`, or name its folder with -p")


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    """The second is told where the first is."""
    text = "source: a\nsystem: s\nreads: x\ncolumns: {}\n"

    with pytest.raises(ProjectError, match=r"sources/b.yaml:1:9: source is also the name of the source in sources/a.yaml"):
        read_project(write_files(tmp_path, {"sources/a.yaml": text, "sources/b.yaml": text}), env={})


def test_a_source_that_is_said_to_hold_everybody_once_is_there(tmp_path: Path) -> None:
    """A misspelt name would guard nobody; sources that are wrong themselves are no measure."""
    rules = "account:\n  comparisons: [name]\n  one_to_one: [erp, epr]\n"
    text = "source: erp\nsystem: s\nreads: x\ncolumns: {}\n"

    with pytest.raises(ProjectError) as wrong:
        read_project(write_files(tmp_path / "a", {"rules/match.yaml": rules, "sources/erp.yaml": text}), env={})
    with pytest.raises(ProjectError) as broken:
        read_project(write_files(tmp_path / "b", {"rules/match.yaml": rules, "sources/erp.yaml": "source: [\n"}), env={})

    assert ["rules/match.yaml:3:21"] == [one.where for one in wrong.value.problems]
    assert "did you mean 'erp'?" in wrong.value.line("en")
    assert {"sources/erp.yaml"} == {str(one.where).partition(":")[0] for one in broken.value.problems}


def test_guards_of_clusters_have_defaults_and_limits(tmp_path: Path) -> None:
    """A cluster of one content, or a CRM row that takes in nothing, is no declaration; one source may stand without a list."""
    text = "source: erp\nsystem: s\nreads: x\ncolumns: {}\n"
    files = {"rules/match.yaml": "account: {comparisons: [name], one_to_one: erp}\n", "sources/erp.yaml": text}
    low = {"rules/match.yaml": "account: {comparisons: [name], most_in_cluster: 1, most_growth: 0}\n"}

    spec = read_project(write_files(tmp_path / "a", files), env={}).match["account"]
    with pytest.raises(ProjectError) as wrong:
        read_project(write_files(tmp_path / "b", low), env={})

    assert (50, 20, ("erp",), False) == (spec.most_in_cluster, spec.most_growth, spec.one_to_one, spec.among_existing)
    assert 2 == len(wrong.value.problems)


def test_files_that_nobody_would_read_are_refused(tmp_path: Path) -> None:
    """A misspelt file is not passed over in silence; trained models stand beside the rules."""
    more = {"rules/macth.yaml": "", "sources/a.yml": "", "rules/model-account.yaml": "", "notes.txt": ""}

    with pytest.raises(ProjectError) as stray:
        read_project(write_files(tmp_path, more), env={})

    assert [one.where for one in stray.value.problems] == ["rules/macth.yaml", "sources/a.yml"]
    assert "did you mean 'rules/match.yaml'?" in stray.value.line("en")


def test_a_file_that_is_not_utf_8_is_refused_at_its_byte(tmp_path: Path) -> None:
    """GBK saved by an old editor: line and column of the first wrong byte."""
    folder = write_files(tmp_path, {})
    (folder / "schema.yaml").write_bytes(b"entities:\n  a: \xbf\xcd\n")

    with pytest.raises(ProjectError, match=r"schema.yaml:2:6: this is not UTF-8; save it as UTF-8"):
        read_project(folder, env={})


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    """Files saved by Notepad are read."""
    folder = write_files(tmp_path, {})
    (folder / "crmetl.yaml").write_bytes(b"\xef\xbb\xbf" + (folder / "crmetl.yaml").read_bytes())

    assert read_project(folder, env={}).name == Text("x", "x")


def test_control_characters_are_refused() -> None:
    """An invisible character is told with its line."""
    node, problems = parse("a: 1\nb: \x07\n", "x.yaml")

    assert node is None
    assert [one.where for one in problems] == ["x.yaml:2:1"]


def test_an_unreadable_file_is_the_machines_fault(tmp_path: Path) -> None:
    """A folder where a file should be is no wrong declaration."""
    folder = write_files(tmp_path, {})
    (folder / "schema.yaml").unlink()
    (folder / "schema.yaml").mkdir()

    with pytest.raises(MachineError):
        read_project(folder, env={})


def test_settings_are_a_part_of_the_project() -> None:
    """Each key of crmetl.yaml is an attribute of the project, so that none is read and lost."""
    read_elsewhere = {"root", "schema_", "sources", "match", "values", "declared_paths", "fingerprint"}

    assert set(Project.model_fields) - read_elsewhere == set(Settings.model_fields)
