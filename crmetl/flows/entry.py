"""The entry check: is this customer already there? One record at a time, with the rules and the scores of the batch."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from crmetl.flows.opening import Opened, open_project
from crmetl.flows.verdict import BadField, BadFields, Candidate, IndexState, Readiness, Reason, Verdict
from crmetl.schema import Field
from crmetl.text import Text

__all__ = [
    "BadField",
    "BadFields",
    "Candidate",
    "Checker",
    "IndexState",
    "Readiness",
    "Reason",
    "Verdict",
    "open_check",
]


class Checker:
    """Answers for one project; safe to call from several threads, one check at a time."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def fields(self, entity: str) -> Mapping[str, Field]:
        """
        Return the fields that a record of this entity may name, evidence of its children (`contact.mobile`) included.

        Raises:
            BadFields: The project does not match this entity.
        """
        project = self._opened.project
        if entity not in project.match:
            text = Text(f"本项目不查重实体 {entity!r}", f"this project does not match {entity!r}")
            raise BadFields((BadField("entity", "unknown_entity", text),))
        known = project.schema_.entities
        own = {name: one for name, one in known[entity].fields.items() if not one.computed}
        told = [one.field for one in project.match[entity].comparisons if "." in one.field]
        return {**own, **{name: known[name.split(".")[0]].fields[name.split(".")[1]] for name in told}}

    def check(self, entity: str, record: Mapping[str, str], *, exclude: str | None = None) -> Verdict:
        """
        Say whether the CRM already holds a record; nothing is written anywhere.

        Args:
            exclude: Key of the record that is being edited: it is no duplicate of itself.

        Raises:
            BadFields: A field is unknown, not text, or beyond the limits.
        """
        unknown = [
            BadField(one, "unknown_field", Text(f"没有字段 {one!r}", f"there is no field {one!r}"))
            for one in record
            if one not in self.fields(entity)
        ]
        if unknown:
            raise BadFields(tuple(unknown))
        text = Text("查重索引尚未建立", "the match index has not been built")
        return Verdict("unknown", (Reason("index_missing", text),))

    def put(self, entity: str, key: str, record: Mapping[str, str]) -> None:
        """Take note that the CRM now holds this record under this key."""
        raise NotImplementedError

    def delete(self, entity: str, key: str) -> None:
        """Take note that the CRM no longer holds this record."""
        raise NotImplementedError

    def ready(self) -> Readiness:
        """Say whether checks can be answered now."""
        return Readiness(False, entities={entity: IndexState("missing") for entity in self._opened.project.match})


@contextmanager
def open_check(folder: Path) -> Iterator[Checker]:
    """
    Open a project for entry checks; the database's connection stays open.

    Raises:
        ProjectError: The project cannot be read.
    """
    yield Checker(open_project(folder))
