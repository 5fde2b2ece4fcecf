"""A project: a folder of YAML, read strictly into frozen models with a content fingerprint."""

from crmetl.project.model import (
    Column,
    Comparison,
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

__all__ = [
    "Column",
    "Comparison",
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
]
