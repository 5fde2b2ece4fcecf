"""What is checked of an entity: the declarations of `schema.yaml` and the project, made ready for both paths."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from crmetl.errors import ProjectError
from crmetl.faults import Fault, Severity
from crmetl.project import Project
from crmetl.project.model import EntityFilter
from crmetl.schema import Entity, Field, SemanticName
from crmetl.text import Text

LINKED: tuple[SemanticName, ...] = ("reference", "owner")
"""Types that only `link` can fill; their emptiness is judged by `validate_links`."""


@dataclass(frozen=True)
class FieldRule:
    """
    One field's checks.

    Attributes:
        choices: Canonical values; None where anything goes.
        max: Longest text in characters; None: no limit.
    """

    name: str
    type: SemanticName
    required: bool = False
    max: int | None = None
    choices: frozenset[str] | None = None
    default: str | None = None


@dataclass(frozen=True, eq=False)
class ValidateRules:
    """
    All checks of one entity; told apart by identity, so that what is compiled from them can be remembered.

    Attributes:
        fields: In the order of the schema, without computed ones.
        references: Reference (and owner) field -> entity it refers to.
        severities: Fault code -> severity, where the project overrides the fault's own.
        today: Dates later than the day after it are in the future; the day is grace for branches east of the machine.
    """

    entity: str
    today: date
    fields: tuple[FieldRule, ...]
    one_of: tuple[tuple[str, ...], ...] = ()
    unique: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[EntityFilter, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)

    def severity(self, fault: Fault, rule: FieldRule | None = None) -> Severity:
        """Return how serious a fault is here; a required cell cannot be blanked, so `blank` holds its record."""
        found = self.severities.get(fault.code, fault.severity)
        return "hold" if found == "blank" and (rule is None or rule.required) else found


def validate_rules(project: Project, entity: str, today: date) -> ValidateRules:
    """
    Return the checks of one entity.

    Args:
        project: Schema, code tables, entity filters and severities are taken from it.
        entity: Name in `schema.yaml`.
        today: The day of the run.

    Raises:
        ProjectError: The entity or a field of one of its filters is not in the schema, or a filter would loosen consent.
    """
    declared = project.schema_.entities.get(entity)
    if declared is None:
        raise ProjectError(
            Text(f"schema.yaml 中没有实体 {entity!r}", f"schema.yaml has no entity {entity!r}"),
            next=Text(
                f"应为 {'、'.join(project.schema_.entities)} 之一", f"expected one of {', '.join(project.schema_.entities)}"
            ),
        )
    filters = project.filters.get(entity, ())
    for one in filters:
        _refuse_unknown(entity, declared, one)
        _refuse_loosening(entity, declared, one)
    return ValidateRules(
        entity=entity,
        today=today,
        fields=tuple(
            FieldRule(name, one.type, one.required, one.max, _choices(project, entity, name), one.default)
            for name, one in declared.fields.items()
            if not one.computed
        ),
        one_of=declared.one_of,
        unique=declared.unique if declared.identity == "crosswalk" else (),
        references=declared.references(),
        filters=filters,
        severities=project.severities,
    )


def retiring(project: Project, entity: str) -> frozenset[str]:
    """Return the names of the filters whose dropped records are also retired in the CRM where they are there."""
    return frozenset(one.rule for one in project.filters.get(entity, ()) if one.then == "retire")


def _choices(project: Project, entity: str, name: str) -> frozenset[str] | None:
    """Return the right-hand sides of the code table, and the values that declarations themselves write."""
    declared = project.schema_.entities[entity]
    table = project.values.tables.get(declared.fields[name].choices or "")
    if declared.fields[name].type != "choice" or table is None:
        return None
    written = [
        declared.fields[name].default,
        declared.retire.get(name),
        declared.merge.get(name),
        *(one.set.get(name) for one in project.filters.get(entity, ())),
    ]
    return frozenset(table.values()) | {one for one in written if one is not None}


def _refuse_unknown(entity: str, declared: Entity, one: EntityFilter) -> None:
    unknown = sorted((set(one.when) | set(one.set)) - set(declared.fields))
    if unknown:
        raise ProjectError(
            Text(
                f"过滤规则 {one.rule!r} 用到了不存在的字段 {unknown[0]!r}",
                f"filter {one.rule!r} names an unknown field {unknown[0]!r}",
            ),
            where=f"crmetl.yaml: filters.{entity}",
            next=Text(f"应为 {'、'.join(declared.fields)} 之一", f"expected one of {', '.join(declared.fields)}"),
        )


def _refuse_loosening(entity: str, declared: Entity, one: EntityFilter) -> None:
    """Consent and opt-outs are the yes-or-no fields whose strictest value survives; no filter may write them."""
    consents = sorted(name for name in one.set if _is_consent(declared.fields[name]))
    if consents:
        raise ProjectError(
            Text(
                f"过滤规则 {one.rule!r} 不能改写同意或退订字段 {consents[0]!r}",
                f"filter {one.rule!r} may not write the consent or opt-out field {consents[0]!r}",
            ),
            where=f"crmetl.yaml: filters.{entity}",
            next=Text("从 set 中去掉它；同意和退订只能由本人收紧", "take it out of `set`; only the person can change it"),
        )


def _is_consent(one: Field) -> bool:
    return one.type == "boolean" and one.survive == "strictest"
