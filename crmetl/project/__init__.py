"""A project: a folder of YAML, read strictly into frozen models with a content fingerprint."""

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
    "Project",
    "RowFilter",
    "Source",
    "TableHint",
    "Target",
    "Values",
    "When",
    "read_project",
    "resolve_url",
]
