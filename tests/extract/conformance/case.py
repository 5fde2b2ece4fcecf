"""One trap: a file, and what is to come of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Cells = Sequence[Sequence[str | None]]


@dataclass(frozen=True)
class Case:
    """
    A file and its promise.

    Attributes:
        name: Of the file.
        content: Its bytes.
        cells: Header, then the rows below it; None where the file is refused.
        findings: (code, place below the file, column).
        aside: Rule -> physical rows not delivered.
        manifest: What the manifest says; keys that are not here are not compared.
        table: What the mapping pins.
        mapped: Columns that the mapping names.
        error: Words of the message where the file is refused.
        env: Environment variables that the mapping refers to.
    """

    name: str
    content: bytes
    cells: Cells | None
    findings: Sequence[tuple[str, str, str | None]] = ()
    aside: Mapping[str, int] = field(default_factory=lambda: {"header_row": 1})
    manifest: Mapping[str, Any] = field(default_factory=dict)
    table: Mapping[str, Any] = field(default_factory=dict)
    mapped: Sequence[str] = ()
    error: str | None = None
    why: str = ""

    def promise(self) -> dict[str, Any]:
        """Return what is written beside the file."""
        if self.error is not None:
            return {"why": self.why, "table": dict(self.table), "error": self.error}
        return {
            "why": self.why,
            "table": dict(self.table),
            "mapped": list(self.mapped),
            "cells": [list(row) for row in self.cells or ()],
            "findings": [list(one) for one in self.findings],
            "aside": dict(self.aside),
            "manifest": dict(self.manifest),
        }
