"""A file of the project with its nodes: cross-checks point at places through it."""

from collections.abc import Iterable
from dataclasses import dataclass

from crmetl.errors import ProjectError
from crmetl.project.problem import Path, say, unknown, wrong
from crmetl.project.tree import Node
from crmetl.text import Text


@dataclass(frozen=True)
class Pin:
    """
    A file and its root node.

    Attributes:
        file: Relative to the project's folder, `/` between the parts.
        root: None stands for a file whose places are not known.
    """

    file: str
    root: Node

    def value(self, path: Path, expected: Text | Iterable[str], *, hide: bool = False) -> ProjectError:
        """Return the error of the value at `path`; its text is named unless `hide`."""
        real = self._real(path)
        node = self.root.nearest(real)
        return wrong(self.file, node, real, None if hide else node.text, expected)

    def key(self, path: Path, known: Text | Iterable[str]) -> ProjectError:
        """Return the error of a mapping key that must not stand there."""
        name = str(path[-1])
        above = self._real(path[:-1])
        node = self.root.nearest(above)
        return unknown(self.file, node.key(name) or node, above, name, known)

    def say(self, path: Path, what: Text, hint: Text) -> ProjectError:
        """Return an error with a sentence of its own about `path`."""
        real = self._real(path)
        return say(self.file, self.root.nearest(real), real, what, hint)

    def place(self, path: Path) -> str:
        """Return `file:line:column` of a key path; of the key where the last step is one."""
        above = self.root.nearest(path[:-1])
        node = above.key(str(path[-1])) or self.root.nearest(path)
        return f"{self.file}:{node.line}:{node.column}"

    def _real(self, path: Path) -> list[str | int]:
        real: list[str | int] = []
        node: Node | None = self.root
        for step in path:
            node = node.child(step) if node else None
            if node is None:
                break
            real.append(step)
        return real
