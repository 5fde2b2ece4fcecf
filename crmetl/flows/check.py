"""Lint: every problem of a project, in one go, with the headers that its files really have."""

import os
from pathlib import Path

from crmetl.errors import ProjectError, SourceError
from crmetl.extract import extract
from crmetl.project import Problem, Project, Source, drop_undecided, lint, problems_of, read_project, undecided
from crmetl.workspace import full_disk


def check(folder: Path) -> tuple[Problem, ...]:
    """Return every problem of the project; its files are opened for their headers, and a missing one is a problem too."""
    try:
        project = read_project(folder, env=os.environ)
    except ProjectError as error:
        return problems_of(error)
    headers, missing = _headers(project)
    return (*lint(project, headers), *missing)


def settle_undecided(folder: Path, reason: str) -> dict[str, tuple[str, ...]]:
    """
    Write into each mapping that its undecided columns are left out, and why; return source -> columns.

    Raises:
        ProjectError: The project cannot be read.
    """
    project = read_project(folder, env=os.environ)
    headers, _ = _headers(project)
    settled: dict[str, tuple[str, ...]] = {}
    for source in project.sources:
        columns = undecided(source, headers.get(source.source, ()))
        if columns:
            path = folder / source.file
            text = drop_undecided(path.read_text("utf-8"), columns, reason)
            with full_disk(path):
                path.write_text(text, "utf-8")
            settled[source.source] = columns
    return settled


def _headers(project: Project) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    headers: dict[str, tuple[str, ...]] = {}
    missing = []
    for source in project.sources:
        try:
            headers[source.source] = _columns(project, source)
        except SourceError as error:
            where = error.where or source.file
            missing.append(Problem("error", where, error.what, error.next or error.what))
    return headers, missing


def _columns(project: Project, source: Source) -> tuple[str, ...]:
    extraction = extract(source, root=project.source_root, chunk=project.chunk)
    for _ in extraction.chunks():
        pass
    return extraction.columns
