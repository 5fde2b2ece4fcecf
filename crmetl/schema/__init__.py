"""The CRM schema as declared in `schema.yaml`: the one source of truth for tables, checks, match defaults and labels."""

from crmetl.schema.model import Entity, Field, Schema, SemanticName, WritePolicy

__all__ = ["Entity", "Field", "Schema", "SemanticName", "WritePolicy"]
