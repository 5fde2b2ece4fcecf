"""A project in a folder of its own, and commands run on it as a user would."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from crmetl.cli import entry

ROOT = Path(__file__).parents[1]


def copied(folder: Path) -> Path:
    """Copy the sample project: its declarations and its files, without the generator."""
    for name in ("mappings", "sample_data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.py", "__pycache__", "truth"))
    return folder


@dataclass(frozen=True)
class Ran:
    """What a command said, and how it ended."""

    exit: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        """Return the one object of stdout."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def screen(self) -> str:
        """Return all that stood on the screen."""
        return self.out + self.err


@dataclass(frozen=True)
class Commanded:
    """A copy of a project that a test may work on, and damage."""

    folder: Path
    capture: pytest.CaptureFixture[str] = field(repr=False)

    def crmetl(self, *words: str, lang: str = "en") -> Ran:
        """Run one command on this copy, as JSON."""
        return self.said(*words, "--json", lang=lang)

    def said(self, *words: str, lang: str = "en") -> Ran:
        """Run one command on this copy, for a person."""
        self.capture.readouterr()
        code = entry.run([*words, "-p", str(self.folder / "mappings"), "--lang", lang])
        return Ran(code, *self.capture.readouterr())
