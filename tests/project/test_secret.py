"""Secrets by reference only."""

from pathlib import Path

import pytest

from crmetl.errors import ProjectError
from crmetl.project import Project, Target, resolve_url
from crmetl.project.secret import literal_password

from .golden import project_with


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project in a folder of its own."""
    return project_with(tmp_path)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("${CRM_URL}", "mysql://crm:p@db/crm"),
        ("postgresql://crm:${PW}@db/crm", "postgresql://crm:a%2Fb%40c@db/crm"),
        ("postgresql://db/crm", "postgresql://db/crm"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite:////var/crm.db", "sqlite:////var/crm.db"),
        ("sqlite:///file:crm?mode=memory&uri=true", "sqlite:///file:crm?mode=memory&uri=true"),
    ],
)
def test_a_url_is_filled_at_the_moment_of_use(project: Project, url: str, expected: str) -> None:
    """A whole reference is taken as it is; a part of a URL is percent-encoded."""
    env = {"CRM_URL": "mysql://crm:p@db/crm", "PW": "a/b@c"}

    assert resolve_url(Target(url=url), project, env) == expected


def test_relative_sqlite_paths_start_at_the_project(project: Project) -> None:
    """The working directory does not matter."""
    url = resolve_url(Target(url="sqlite:///../crm.db?timeout=5"), project, {})

    assert url == f"sqlite:///{project.root.parent}/crm.db?timeout=5"


def test_a_secret_file_holds_the_url(project: Project) -> None:
    """`file:` is read relative to the project; without the file the next step is named."""
    (project.root / "crm.secret").write_text("mysql://crm:p@db/crm\n", encoding="utf-8")

    assert resolve_url(Target(url="file:crm.secret"), project, {}) == "mysql://crm:p@db/crm"
    with pytest.raises(ProjectError, match="cannot be read"):
        resolve_url(Target(url="file:absent"), project, {})


def test_a_missing_variable_is_named(project: Project) -> None:
    """The message tells which variable to set."""
    with pytest.raises(ProjectError, match="export CRM_URL="):
        resolve_url(Target(url="${CRM_URL}"), project, {"CRM_URL": ""})


@pytest.mark.parametrize(
    ("url", "literal"),
    [
        ("postgresql+psycopg://crm:x@db/crm", True),
        ("postgresql://db/crm?password=x", True),
        ("postgresql://db/crm?password=${PW}&pwd=", False),
        ("postgresql://crm@db/crm", False),
        ("mysql://crm:${PW}@db/crm", False),
        ("mysql://crm:${PW}x@db/crm", True),
    ],
)
def test_literal_passwords_are_seen(url: str, *, literal: bool) -> None:
    """Only a reference may stand where a password stands."""
    assert literal_password(url) is literal
