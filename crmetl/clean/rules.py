"""What the stage is told: each column's type and context, made from the project and the source's mapping."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from crmetl.clean.choice import choices_of
from crmetl.clean.kind import Context, SemanticType
from crmetl.clean.registry import TYPES
from crmetl.faults.kind import Severity
from crmetl.project import Column, Project, Source
from crmetl.schema import Field

NO_COLUMN: Final = Column()


@dataclass(frozen=True, eq=False)
class ColumnRule:
    """
    How one column of a batch is read.

    Attributes:
        type: Its semantic type.
        context: What is known of the whole column.
        evidence: The column tells of a parent (`account.name`): faults in it never hold the record.
    """

    type: SemanticType
    context: Context
    evidence: bool = False


@dataclass(frozen=True, eq=False)
class CleanRules:
    """
    The rules of one entity of one source.

    Attributes:
        entity: Name in `schema.yaml`.
        columns: Column of the batch (`phone`, `account.phone`) -> how it is read; others stay untouched.
        severities: Fault code -> severity, where the project overrides the fault's own.
    """

    entity: str
    columns: Mapping[str, ColumnRule]
    severities: Mapping[str, Severity]


def clean_rules(project: Project, entity: str, source: Source | None) -> CleanRules:
    """
    Return the rules of an entity.

    Args:
        project: Gives schema, code tables, placeholders, country and severities.
        entity: Name in `schema.yaml`.
        source: Gives currency, unit, date order, decimal mark and code table of its columns; None for records of no source.
    """
    hints = dict(_hints(entity, source)) if source else {}
    placeholders = frozenset(text.strip().casefold() for text in project.values.placeholders)
    own_currency = source.set.get(f"{entity}.currency") if source else None

    def rule(path: str, one: Field, *, evidence: bool) -> ColumnRule:
        hint = hints.get(path, NO_COLUMN)
        context = Context(
            country=project.country,
            currency=hint.currency or (own_currency if one.type == "money" else None),
            unit=hint.unit,
            decimal=hint.decimal,
            date_order=hint.date_order,
            choices=_choices(project, one, hint),
            unassigned=project.values.unassigned if one.type == "owner" else None,
            placeholders=placeholders,
        )
        return ColumnRule(TYPES[one.type], context, evidence)

    declared = project.schema_.entities[entity]
    columns = {name: rule(name, one, evidence=False) for name, one in declared.fields.items() if one.type != "reference"}
    for reference, parent in declared.references().items():
        for name, one in project.schema_.entities[parent].fields.items() if parent in project.schema_.entities else ():
            if one.type not in ("reference", "owner") and name != "key":
                columns[f"{reference}.{name}"] = rule(f"{reference}.{name}", one, evidence=True)
    return CleanRules(entity, columns, project.severities)


def _hints(entity: str, source: Source) -> Iterator[tuple[str, Column]]:
    """Yield the path below the entity and the mapping of its column; of several columns the first one counts."""
    for column in reversed(tuple(source.columns.values())):
        for target in column.to:
            head, _, path = target.partition(".")
            if head == entity:
                yield path, column


def _choices(project: Project, one: Field, hint: Column) -> Mapping[str, str] | None:
    tables = project.values.tables
    name = hint.values or one.choices or ("owners" if one.type == "owner" else None)
    if name is None or name not in tables or one.type not in ("choice", "owner"):
        return None
    choices = dict(choices_of(tables[name]))
    if one.choices and one.choices != name:
        choices = dict(choices_of(tables.get(one.choices, {}))) | choices
    if one.default and one.type == "choice":
        choices.setdefault(one.default, one.default)
    if project.values.unassigned and one.type == "owner":
        choices.setdefault(project.values.unassigned, project.values.unassigned)
    return choices
