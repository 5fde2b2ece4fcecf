"""Mapping: source rows become records of the CRM's entities, as the project's YAML says."""

from crmetl.mapping.repeats import Repeats, repeats
from crmetl.mapping.rows import ROW_RULES, Mapped, map_rows
from crmetl.mapping.rules import MapRules, map_rules

__all__ = ["ROW_RULES", "MapRules", "Mapped", "Repeats", "map_rows", "map_rules", "repeats"]
