"""Mapping: source rows become records of the CRM's entities, as the project's YAML says."""

from crmetl.mapping.draft import draft
from crmetl.mapping.repeats import Repeats, repeats
from crmetl.mapping.rows import ROW_RULES, Mapped, map_rows
from crmetl.mapping.rules import MapRules, map_rules
from crmetl.mapping.scaffold import scaffold

__all__ = ["ROW_RULES", "MapRules", "Mapped", "Repeats", "draft", "map_rows", "map_rules", "repeats", "scaffold"]
