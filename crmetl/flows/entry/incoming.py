"""One record as another system gives it: its fields named, held to limits, cleaned and checked as a run would."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from crmetl.clean import CleanRules, clean_one, clean_rules
from crmetl.dedupe import MatchRules
from crmetl.faults import Fault
from crmetl.faults import validate as faults
from crmetl.flows.entry.verdict import BadField, BadFields
from crmetl.project import Project
from crmetl.schema import Field
from crmetl.text import Text
from crmetl.validate import ValidateRules, checked_one, validate_rules

FIELDS = 100
"""Fields of one record at most; the default schema's widest entity has 20."""
LENGTH = 4_000
"""Characters of one field at most; names and addresses are far below it, and cleaning costs grow with the text."""
CELLS_OF_OTHERS = (faults.NAME_MISSING, faults.REQUIRED_EMPTY, faults.ONE_OF_EMPTY)
"""What is missing of a contact tells nothing about the account that it is evidence for."""


@dataclass(frozen=True)
class Incoming:
    """
    A record ready to be compared.

    Attributes:
        cells: Compared column -> canonical text or None.
        parent: Key of the record inside whose children it is compared, or None.
        problems: What cleaning and validation find.
        dropped: An entity filter leaves such records out of a run.
    """

    cells: Mapping[str, str | None]
    parent: str | None
    problems: tuple[BadField, ...]
    dropped: bool = False


class Intake:
    """
    Takes records of one entity in.

    Args:
        project: Declarations.
        rules: Matching of the entity.
    """

    def __init__(self, project: Project, rules: MatchRules) -> None:
        self._project, self._rules, self.entity = project, rules, rules.entity
        self.fields = fields_of(project, self.entity)
        self._names = _names_of(project, self.fields, self.entity)
        self._clean: dict[str, CleanRules] = {}
        self._checks: tuple[date, dict[str, ValidateRules]] = (date.min, {})

    def take(self, record: Mapping[str, str], today: date) -> Incoming:
        """
        Clean and check one record.

        Raises:
            BadFields: A field is unknown, given twice, not text, or beyond the limits.
        """
        named = self._named(record)
        own = {name: text for name, text in named.items() if "." not in name}
        done = clean_one(
            {name: text for name, text in own.items() if self.fields[name].type != "reference"}, self._cleaning(self.entity)
        )
        references = {name: text.strip() or None for name, text in own.items() if self.fields[name].type == "reference"}
        checked = checked_one({**done.cells, **references}, self._checking(self.entity, today))
        cells = dict(done.cells if checked is None else checked.cells)
        found = [*((name, fault) for name, fault, _ in done.problems), *(() if checked is None else checked.problems)]
        for child in dict.fromkeys(name.split(".")[0] for name in named if "." in name):
            told, more = self._child(child, named, today)
            cells |= told
            found += more
        within = self._rules.within
        return Incoming(
            cells={one.field: cells.get(one.field) for one in self._rules.comparisons},
            parent=None if within is None else references.get(within),
            problems=tuple(BadField(name, fault.code, fault.text) for name, fault in dict.fromkeys(found)),
            dropped=checked is None,
        )

    def _child(self, child: str, named: Mapping[str, str], today: date) -> tuple[dict[str, str | None], list[tuple[str, Fault]]]:
        """Clean and check the cells of a child by the child's own rules."""
        head = f"{child}."
        done = clean_one(
            {name.removeprefix(head): text for name, text in named.items() if name.startswith(head)}, self._cleaning(child)
        )
        checked = checked_one(done.cells, self._checking(child, today))
        problems = [*((name, fault) for name, fault, _ in done.problems), *(() if checked is None else checked.problems)]
        cells = done.cells if checked is None else checked.cells
        told = [(head + name, fault) for name, fault in problems if fault not in CELLS_OF_OTHERS]
        return {head + name: cell for name, cell in cells.items()}, told

    def _cleaning(self, entity: str) -> CleanRules:
        if entity not in self._clean:
            self._clean[entity] = clean_rules(self._project, entity, None)
        return self._clean[entity]

    def _checking(self, entity: str, today: date) -> ValidateRules:
        if self._checks[0] != today:
            self._checks = (today, {})
        checks = self._checks[1]
        if entity not in checks:
            checks[entity] = validate_rules(self._project, entity, today)
        return checks[entity]

    def _named(self, record: Mapping[str, str]) -> dict[str, str]:
        """Return field -> text; fields may be given by their labels."""
        if len(record) > FIELDS:
            text = Text(f"字段过多，最多 {FIELDS} 个", f"too many fields, {FIELDS} at most")
            raise BadFields((BadField("record", "too_many_fields", text),))
        meant = {name: self._names.get(name) or self._names.get(name.strip().casefold()) for name in map(str, record)}
        times = Counter(meant.values())
        wrong = [bad for name, text in record.items() for bad in _wrong(str(name), text, meant[str(name)], times)]
        if wrong:
            raise BadFields(tuple(wrong))
        return {field: text for name, text in record.items() if (field := meant[name])}


def fields_of(project: Project, entity: str) -> dict[str, Field]:
    """
    Return the fields that a record of this entity may name, evidence of its children (`contact.mobile`) included.

    Raises:
        BadFields: The project does not match this entity.
    """
    if entity not in project.match:
        known = list(project.match)
        text = Text(f"实体应为 {'、'.join(known)} 之一", f"the entity must be one of {', '.join(known)}")
        raise BadFields((BadField("entity", "unknown_entity", text),))
    known_entities = project.schema_.entities
    own = {name: one for name, one in known_entities[entity].fields.items() if not one.computed}
    told = [one.field.split(".") for one in project.match[entity].comparisons if "." in one.field]
    return {**own, **{f"{child}.{name}": known_entities[child].fields[name] for child, name in told}}


def _names_of(project: Project, fields: Mapping[str, Field], entity: str) -> dict[str, str]:
    """Return what a field may be called -> field: its name, else a label that is one field's alone."""
    called: dict[str, set[str]] = {}
    for name, one in fields.items():
        for label in _labels(project, entity, name, one):
            called.setdefault(label.strip().casefold(), set()).add(name)
    labels = {label: next(iter(names)) for label, names in called.items() if len(names) == 1}
    return {**labels, **{name: name for name in fields}, **{f"{entity}.{name}": name for name in fields if "." not in name}}


def _labels(project: Project, entity: str, name: str, one: Field) -> Iterator[str]:
    if one.label is None:
        return
    child = name.split(".", maxsplit=1)[0] if "." in name else None
    if child is None:
        yield from one.label
        yield one.label.zh.removeprefix(project.schema_.entities[entity].label.zh) or one.label.zh  # 客户名称, 名称
        return
    head = project.schema_.entities[child].label
    yield from (f"{head.zh}{one.label.zh}", f"{head.zh}.{one.label.zh}", f"{head.en} {one.label.en}", f"{head.en}.{one.label.en}")


def _wrong(name: str, text: object, field: str | None, times: Mapping[str | None, int]) -> Iterator[BadField]:
    shown = name[:80] if name.isprintable() else "?"
    if field is None:
        yield BadField(shown, "unknown_field", Text(f"没有字段 {shown}", f"there is no field {shown}"))
        return
    if times[field] > 1:
        yield BadField(shown, "twice", Text(f"字段 {field} 给了两次", f"{field} is given twice"))
    if not isinstance(text, str):
        yield BadField(shown, "not_text", Text(f"{field} 不是文本", f"{field} is not text"))
    elif len(text) > LENGTH:
        yield BadField(
            shown, "too_long", Text(f"{field} 超过 {LENGTH:,} 个字符", f"{field} is longer than {LENGTH:,} characters")
        )
    elif any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\t\n\r" for one in text):
        yield BadField(shown, "control_characters", Text(f"{field} 含有控制字符", f"{field} holds control characters"))
