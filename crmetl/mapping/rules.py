"""What `map_rows` needs to know of one source, worked out once from the project."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from crmetl.clean import Context, clean_rules
from crmetl.clean.rules import ColumnRule
from crmetl.faults.kind import Fault, Severity
from crmetl.faults.mapping import KEY_REPEATED
from crmetl.project.aim import Aim, aim_of
from crmetl.project.decided import column_decisions
from crmetl.project.model import Column, Made, Project, RowFilter, Source, When
from crmetl.schema import Entity, Schema

POINT = "contact_point"
"""Entity that takes phones for which a record has no field; it has the fields `kind` and `value`."""

SPELT = frozenset(
    {"boolean", "choice", "country", "currency", "date", "datetime", "money", "owner", "percent", "quantity"},
)
"""Types whose values are written in many ways and are cheap to read."""


@dataclass(frozen=True)
class EntityRules:
    """
    How one entity is made from a row.

    Attributes:
        entity: Its name.
        columns: Columns of its batch before the lineage: all fields, then evidence.
        cells: Column of the batch -> source columns, the first that is filled wins.
        constants: Field -> text.
        key: Source columns of its key.
        on_repeat: See `Made`.
        when: Rows that make it.
        parents: Reference -> entity that the same row makes.
        relation: It only ties others together (a campaign's member), so that its references alone make it.
    """

    entity: str
    columns: tuple[str, ...]
    cells: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str]
    key: tuple[str, ...] = ()
    on_repeat: Literal["hold", "first"] = "hold"
    when: When = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    relation: bool = False


@dataclass(frozen=True)
class Phones:
    """A column of several numbers, the (entity, field, type) it fills, in their order, and what is known for reading it."""

    column: str
    targets: tuple[tuple[str, str, str], ...]
    context: Context


@dataclass(frozen=True)
class Parties:
    """A column of `Name <address>; …`; `reference` is the party's field for the record it took part in."""

    column: str
    entity: str
    reference: str | None
    owner: str | None


@dataclass(frozen=True)
class MapRules:
    """
    A source's mapping, ready to run.

    Attributes:
        source: Its name; part of every rid.
        entities: Parents first.
        phones, parties: Columns whose cells are split.
        points: Owner entity -> reference of `contact_point` to it; empty where the schema has no such entity.
        columns: Every column the mapping knows -> whether it is decided.
        read: Those whose text goes somewhere: mapped, keys, and undecided ones; not what is dropped.
        required: Column -> entities it is required for.
        filters: Rows left out by name.
        severities: The project's own severities.
        child_columns: Entity -> columns, of those that splitting makes.
        forms: Entity -> column -> how it is read; of those whose spellings are many and values few, so that copies of a
            repeated key are compared by what they say (`人民币` is `CNY`).
    """

    source: str
    entities: tuple[EntityRules, ...]
    phones: tuple[Phones, ...]
    parties: tuple[Parties, ...]
    points: Mapping[str, str]
    columns: Mapping[str, bool]
    read: tuple[str, ...]
    required: Mapping[str, tuple[str, ...]]
    filters: tuple[RowFilter, ...]
    on_new_column: Literal["evolve", "hold", "stop"]
    severities: Mapping[str, Severity]
    child_columns: Mapping[str, tuple[str, ...]]
    forms: Mapping[str, Mapping[str, ColumnRule]]

    @property
    def undecided(self) -> tuple[str, ...]:
        """Return the columns that the mapping names without a decision."""
        return tuple(name for name, decided in self.columns.items() if not decided)

    @property
    def grain(self) -> str:
        """Return the entity that a row is about: the first that is not a header repeated on several rows; "" for none."""
        names = [one.entity for one in sorted(self.entities, key=lambda one: one.on_repeat == "first") if one.cells]
        return next(iter(names), "")

    def of(self, entity: str) -> EntityRules | None:
        """Return how an entity is made; None where only splitting makes it."""
        return next((one for one in self.entities if one.entity == entity), None)

    def references(self, entity: str) -> dict[str, str]:
        """Return reference -> entity made from the same row, for records that are mapped or split off."""
        made = self.of(entity)
        found = dict(made.parents) if made else {}
        if entity == POINT:
            found |= {field: owner for owner, field in self.points.items() if self.of(owner)}
        found |= {one.reference: one.owner for one in self.parties if one.entity == entity and one.reference and one.owner}
        return found

    def repeatable(self, entity: str) -> bool:
        """Say whether several rows can give the same rid: by a key, its own or its parent's, or by constants."""
        made = self.of(entity)
        if made and (made.key or not (made.cells or made.relation)):
            return True
        return entity in self.child_columns and any(one.key for one in self.entities)

    def referred_by_key(self, entity: str) -> bool:
        """Say whether a record that can repeat refers to this entity, whose own rid is new on every row."""
        return any(self.repeatable(one.entity) and entity in one.parents.values() for one in self.entities)

    def waits_on_repeat(self, entity: str) -> bool:
        """Say whether differing copies of one key wait for a person."""
        made = self.of(entity)
        return made is not None and bool(made.key) and made.on_repeat == "hold" and self.severity(KEY_REPEATED) == "hold"

    def severity(self, fault: Fault) -> Severity:
        """Return the severity of a fault in this project."""
        return self.severities.get(fault.code, fault.severity)


def map_rules(project: Project, source: Source) -> MapRules:
    """
    Work out how the rows of a source become records.

    Args:
        project: Read and checked.
        source: One of its sources.
    """
    schema = project.schema_
    aims = {name: _aims(column) for name, column in source.columns.items()}
    made = [one for one in schema.order() if one in _made(source, aims)]
    parties = _parties(source, aims, schema, made)
    points = _points(schema) if POINT in schema.entities else {}
    extra = [*(one.entity for one in parties), *([POINT] if points else [])]
    return MapRules(
        source=source.source,
        entities=tuple(_entity(one, schema, source, aims, made) for one in made),
        phones=tuple(_phones(name, aims[name], project, source) for name, one in source.columns.items() if one.split == "phones"),
        parties=parties,
        points=points,
        columns=column_decisions(source),
        read=_read(source),
        required=_required(source, aims),
        filters=source.rows,
        on_new_column=source.on_new_column,
        severities=project.severities,
        child_columns={one: tuple(schema.entities[one].fields) for one in extra},
        forms={one: _forms(project, one, source) for one in made},
    )


def _aims(column: Column) -> tuple[Aim, ...]:
    return tuple(aim for aim in map(aim_of, column.to) if aim)


def _made(source: Source, aims: Mapping[str, tuple[Aim, ...]]) -> set[str]:
    """Return the entities that a row makes as such; parties are made by splitting only."""
    plain = {aim.entity for name, many in aims.items() if source.columns[name].split != "parties" for aim in many}
    return plain | set(source.entities) | {target.split(".")[0] for target in source.set}


def _entity(name: str, schema: Schema, source: Source, aims: Mapping[str, tuple[Aim, ...]], made: Iterable[str]) -> EntityRules:
    declared = schema.entities[name]
    cells: dict[str, tuple[str, ...]] = {}
    for header, many in aims.items():
        for aim in many:
            if aim.entity == name and source.columns[header].split != "parties":
                cells[aim.column] = (*cells.get(aim.column, ()), header)
    constants = {target.split(".", 1)[1]: text for target, text in source.set.items() if target.split(".")[0] == name}
    evidence = dict.fromkeys(one for one in (*cells, *constants) if "." in one)
    how = source.entities.get(name, Made())
    return EntityRules(
        entity=name,
        columns=(*declared.fields, *evidence),
        cells=cells,
        constants=constants,
        key=how.key,
        on_repeat=how.on_repeat,
        when=how.when,
        parents=_same_row(declared, name, made),
        relation=bool(declared.unique) and set(declared.unique) <= set(declared.references()),
    )


def _same_row(declared: Entity, name: str, made: Iterable[str]) -> dict[str, str]:
    here = set(made) - {name}
    return {field: one.to for field, one in declared.fields.items() if one.type == "reference" and one.to in here and one.to}


def _phones(header: str, aims: tuple[Aim, ...], project: Project, source: Source) -> Phones:
    read = clean_rules(project, aims[0].entity, source).columns[aims[0].field]
    types = project.schema_.entities
    return Phones(header, tuple((one.entity, one.field, types[one.entity].fields[one.field].type) for one in aims), read.context)


def _forms(project: Project, entity: str, source: Source) -> dict[str, ColumnRule]:
    return {name: one for name, one in clean_rules(project, entity, source).columns.items() if one.type.name in SPELT}


def _parties(source: Source, aims: Mapping[str, tuple[Aim, ...]], schema: Schema, made: Iterable[str]) -> tuple[Parties, ...]:
    here = set(made)
    found = []
    for header, column in source.columns.items():
        if column.split == "parties" and aims[header]:
            entity = aims[header][0].entity
            parents = {ref: to for ref, to in schema.entities[entity].references().items() if to in here}
            needed = [ref for ref in parents if schema.entities[entity].fields[ref].required]
            reference = next(iter([*needed, *parents]), None)
            found.append(Parties(header, entity, reference, parents.get(reference or "")))
    return tuple(found)


def _points(schema: Schema) -> dict[str, str]:
    fields = schema.entities[POINT].fields
    if not {"kind", "value"} <= set(fields):
        return {}
    return {one.to: name for name, one in fields.items() if one.type == "reference" and one.to}


def _read(source: Source) -> tuple[str, ...]:
    mapped = [name for name, one in source.columns.items() if one.drop is None]
    return tuple(dict.fromkeys([*mapped, *(name for one in source.entities.values() for name in one.key)]))


def _required(source: Source, aims: Mapping[str, tuple[Aim, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(aim.entity for aim in aims[name]) for name, one in source.columns.items() if one.required}
