"""A project: a folder of YAML, read strictly into frozen models with a content fingerprint."""

from crmetl.project.decided import drop_undecided, undecided
from crmetl.project.lint import Problem, lint, problems_of
from crmetl.project.model import (
    Column,
    Comparison,
    EntityFilter,
    Gate,
    Made,
    MatchSpec,
    Project,
    RowFilter,
    Source,
    TableHint,
    Target,
    Values,
    When,
)
from crmetl.project.read import read_project
from crmetl.project.secret import resolve_url

__all__ = [
    "Column",
    "Comparison",
    "EntityFilter",
    "Gate",
    "Made",
    "MatchSpec",
    "Problem",
    "Project",
    "RowFilter",
    "Source",
    "TableHint",
    "Target",
    "Values",
    "When",
    "drop_undecided",
    "lint",
    "problems_of",
    "read_project",
    "resolve_url",
    "undecided",
]
