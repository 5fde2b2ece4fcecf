"""The files of a project to start from."""

from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from crmetl.mapping.write import word

FILES = ("crmetl.yaml", "schema.yaml", "rules/match.yaml", "rules/values.yaml", "sources/example.yaml")
"""All of a new project; packaged with `crmetl.project`."""


@cache
def packaged(name: str) -> str:
    """Return a packaged file of the default project."""
    return files("crmetl.project").joinpath("default", *PurePosixPath(name).parts).read_text(encoding="utf-8")


def scaffold(*, source_root: str | None = None, sources: dict[str, str] | None = None) -> dict[str, str]:
    """
    Return the files of a new project: path below its folder -> text.

    Args:
        source_root: Where the legacy files are, absolute or relative to the project's folder.
        sources: Name -> drafted mapping; they take the place of the example.

    >>> sorted(scaffold(sources={"east": "source: east"}))
    ['crmetl.yaml', 'rules/match.yaml', 'rules/values.yaml', 'schema.yaml', 'sources/east.yaml']
    """
    project = {name: packaged(name) for name in FILES if sources is None or not name.startswith("sources/")}
    if source_root is not None:
        default = "source_root: ../source "
        project["crmetl.yaml"] = project["crmetl.yaml"].replace(default, f"source_root: {word(source_root)} ")
    return project | {f"sources/{name}.yaml": text for name, text in (sources or {}).items()}
