"""The difference between the golden records and the target, as a frozen plan."""

from crmetl.diff.difference import diff

__all__ = ["diff"]
