"""The difference between the golden records and the target, as a frozen plan."""

from crmetl.diff.difference import diff, diff_into

__all__ = ["diff", "diff_into"]
