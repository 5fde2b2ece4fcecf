"""What link is told: the references of an entity, whose keys are whose, and what becomes of records that belong to nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

from crmetl.errors import ProjectError
from crmetl.faults import Fault, Severity
from crmetl.project import Project
from crmetl.schema import Entity, Schema
from crmetl.text import Text

Unlinked = Literal["hold", "drop", "keep"]


class Pair(NamedTuple):
    """A person and the organisation it belongs to, as two references of one entity."""

    person: str
    organisation: str
    via: str


@dataclass(frozen=True, eq=False)
class LinkRules:
    """
    How the references of one entity are found.

    Attributes:
        references: Reference field -> entity it refers to, without owners.
        owners: Field of type `owner` -> entity of the users, and the field of theirs that its cells name until they are
            linked (the login).
        required: References that must be found.
        pair: Contact and account of this entity, where it has both; `via` is the contact's own reference to the account.
        systems: Source -> the system that gave its keys.
        own: Evidence column -> own field that serves as this evidence (the address of a mail's party); finding nothing
            by it is no fault.
        unassigned: Login of the user who gets records of unknown owners.
        unlinked: Source -> what becomes of records that belong to nobody in spite of their evidence; `keep` where the
            source is not named.
        body: Field with the text of a message, whose signature may name the account.
        severities: Fault code -> severity, where the project overrides the fault's own.
    """

    entity: str
    references: Mapping[str, str]
    owners: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    pair: Pair | None = None
    systems: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    unassigned: str | None = None
    unlinked: Mapping[str, Unlinked] = field(default_factory=dict)
    body: str | None = None
    severities: Mapping[str, Severity] = field(default_factory=dict)

    def severity(self, fault: Fault, reference: str | None = None) -> Severity:
        """Return how serious a fault is; that an optional reference is not found is only noted."""
        default: Severity = fault.severity if reference is None or reference in self.required else "note"
        return self.severities.get(fault.code, default)


OWN: Mapping[str, Mapping[str, str]] = MappingProxyType({"activity_party": {"contact.email": "address"}})
"""Entity of the core schema (design, section 8) -> its fields that say who somebody is."""


def link_rules(project: Project, entity: str) -> LinkRules:
    """
    Return how the references of an entity are found.

    A mail or chat that leads to no known customer is dropped by name and counted; a record of a table is not: somebody
    entered it, so it is held when its reference is required and goes on unlinked otherwise.

    Args:
        project: Schema, sources and severities are taken from it.
        entity: Name in `schema.yaml`.

    Raises:
        ProjectError: The entity is not in the schema.
    """
    declared = project.schema_.entities.get(entity)
    if declared is None:
        raise ProjectError(Text(f"schema.yaml 中没有实体 {entity!r}", f"schema.yaml has no entity {entity!r}"))
    owners = {name: _users(project.schema_, one.to or "crm_user") for name, one in declared.fields.items() if one.type == "owner"}
    references = {name: to for name, to in declared.references().items() if name not in owners and name not in _merged(declared)}
    pair = pair_of(project.schema_, references)
    return LinkRules(
        entity=entity,
        references=references,
        owners=owners,
        required=frozenset(name for name in (*references, *owners) if declared.fields[name].required),
        pair=pair,
        systems={source.source: source.system for source in project.sources},
        own=OWN.get(entity, {}),
        unassigned=project.values.unassigned,
        unlinked={source.source: "drop" for source in project.sources if pair and source.format in ("mbox", "chat")},
        body=next((name for name, one in declared.fields.items() if pair and one.type == "long_text"), None),
        severities=project.severities,
    )


def pair_of(schema: Schema, references: Mapping[str, str]) -> Pair | None:
    """
    Return the references of an entity to a person and to that person's organisation.

    A person is an entity with a field of type `person_name` that refers to one with a field of type `company_name`.
    """
    for person, to in references.items():
        for via, above in _people(schema, to).items():
            for organisation, other in references.items():
                if other == above:
                    return Pair(person, organisation, via)
    return None


def person_of(schema: Schema, organisation: str) -> tuple[str, str] | None:
    """Return the entity of the people of an organisation, and their reference to it."""
    for name in schema.entities:
        for via, above in _people(schema, name).items():
            if above == organisation:
                return name, via
    return None


def _users(schema: Schema, entity: str) -> tuple[str, str]:
    """Return the entity of the users and its login: its first unique field."""
    unique = schema.entities[entity].unique if entity in schema.entities else ()
    return entity, unique[0] if unique else "login"


def _people(schema: Schema, entity: str) -> dict[str, str]:
    """Return the references of a person to organisations; none where the entity is no person."""
    declared = schema.entities.get(entity)
    if declared is None or not _has(declared, "person_name"):
        return {}
    above = {via: to for via, to in declared.references().items() if via not in _merged(declared)}
    return {via: to for via, to in above.items() if to in schema.entities and _has(schema.entities[to], "company_name")}


def _has(declared: Entity, kind: str) -> bool:
    return any(one.type == kind for one in declared.fields.values())


def _merged(declared: Entity) -> set[str]:
    """Return the fields that a merge writes; they are never evidence and never a parent."""
    return {name for name, value in declared.merge.items() if value == "$survivor"}
