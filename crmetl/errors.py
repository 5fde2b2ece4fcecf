"""Errors of the program and its surroundings; faults of the data are findings (`crmetl.faults`) and are never raised."""

from typing import ClassVar

from crmetl.text import Lang, Text


class CrmetlError(Exception):
    """
    What went wrong, where, and what to do next; never a cell's value.

    Attributes:
        what: The sentence for people.
        where: `file:line:column`, a path, a masked URL or a run; None when it is nowhere in particular.
        next: What to run or change now.
        exit: Exit code of the command line (design, section 9).
        code: Stable word for scripts.
    """

    exit: ClassVar[int] = 70
    code: ClassVar[str] = "internal"

    def __init__(self, what: Text | str, *, where: str | None = None, next: Text | str | None = None) -> None:  # noqa: A002 the JSON key of the contract
        self.what = what if isinstance(what, Text) else Text(what, what)
        self.where = where
        self.next = next if isinstance(next, Text) or next is None else Text(next, next)
        super().__init__(self.line("en"))

    def line(self, lang: Lang) -> str:
        """
        Return what, where and next on one line.

        >>> ProjectError("unknown key 'colums'", where="a.yaml:3:1", next="did you mean 'columns'?").line("en")
        "a.yaml:3:1: unknown key 'colums'; did you mean 'columns'?"
        """
        head = f"{self.where}: " if self.where else ""
        tail = ("；" if lang == "zh" else "; ") + self.next.read(lang) if self.next else ""
        return head + self.what.read(lang) + tail


class ProjectError(CrmetlError):
    """The project's YAML is wrong; `problems` holds every one found, this error's own sentence is the first."""

    exit = 2
    code = "project"

    def __init__(
        self,
        what: Text | str,
        *,
        where: str | None = None,
        next: Text | str | None = None,  # noqa: A002 the JSON key of the contract
        problems: "tuple[ProjectError, ...]" = (),
    ) -> None:
        super().__init__(what, where=where, next=next)
        self.problems = problems or (self,)


class UsageError(CrmetlError):
    """The command was called with something it cannot use."""

    exit = 2
    code = "usage"


class SourceError(CrmetlError):
    """A required source is missing or unreadable."""

    exit = 3
    code = "source"


class TargetError(CrmetlError):
    """The target database is out of reach, or does not fit the schema."""

    exit = 4
    code = "target"


class PlanRefused(CrmetlError):
    """A plan is not approved, was altered, or is stale; nothing was written."""

    exit = 5
    code = "plan"


class LeaseHeld(CrmetlError):
    """Another run writes to the target now."""

    exit = 6
    code = "lease"


class MachineError(CrmetlError):
    """The disk is full, memory is short, or a permission is missing."""

    exit = 8
    code = "machine"


class LineageError(CrmetlError):
    """A stage lost or doubled a record: our bug, found before anything is written."""

    exit = 70
    code = "lineage"
