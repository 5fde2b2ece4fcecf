"""Cross-checks of `schema.yaml`, `rules/match.yaml` and `crmetl.yaml`: every name that is used exists."""

import math
import re
from collections.abc import Collection, Iterator, Mapping

from crmetl.errors import ProjectError
from crmetl.faults import CATALOGUE
from crmetl.project.model import EntityFilter, Gate, MatchSpec, Values
from crmetl.project.pin import Pin
from crmetl.project.problem import nearest
from crmetl.schema import Entity, Field, Schema
from crmetl.schema.model import SEMANTIC_NAMES
from crmetl.text import Text

NAME = re.compile(r"[a-z][a-z0-9_]*")
TAKEN = ("custom", "group", "key", "rid")
"""Names that batches, plans and targets use for their own columns."""

STAGES = ("extract", "map", "clean", "validate", "dedupe", "link", "validate_links", "diff")

_NAME_SHAPE = Text(
    "名称只能用小写字母、数字和下划线，以字母开头", "a name is lower-case letters, digits and _, and begins with a letter"
)


def check_schema(schema: Schema, values: Values | None, pin: Pin) -> Iterator[ProjectError]:
    """Yield each wrong name of the schema: references, code tables (unless they are unknown), unique and retire fields."""
    for name, entity in schema.entities.items():
        at: list[str | int] = ["entities", name]
        if not NAME.fullmatch(name):
            yield pin.say(at, Text("不是合法名称", "is not a name"), _NAME_SHAPE)
        for field, one in entity.fields.items():
            below: list[str | int] = [*at, "fields", field]
            yield from _name(field, below, pin)
            yield from _refers(one, below, schema, pin)
            yield from _choices(one, below, values, pin)
        yield from _own_fields(entity, at, pin)


def _name(name: str, at: list[str | int], pin: Pin) -> Iterator[ProjectError]:
    if not NAME.fullmatch(name) or name in TAKEN:
        hint = Text(f"{_NAME_SHAPE.zh}，不能是 {'、'.join(TAKEN)}", f"{_NAME_SHAPE.en}, and none of {', '.join(TAKEN)}")
        yield pin.say(at, Text("不是合法名称", "is not a name"), hint)


def _refers(one: Field, at: list[str | int], schema: Schema, pin: Pin) -> Iterator[ProjectError]:
    if one.type == "reference" and one.to is None:
        yield pin.say(
            at, Text("是引用，但没有说明指向哪个实体", "is a reference without `to`"), Text("补上 to: 实体名", "add `to: entity`")
        )
    if one.to is not None and one.to not in schema.entities:
        yield pin.value([*at, "to"], schema.entities)
    if one.type == "owner" and one.to is None and "crm_user" not in schema.entities:
        yield pin.say(
            at,
            Text("是负责人，但没有实体 crm_user", "is an owner, but there is no entity crm_user"),
            Text("补上 to: 实体名", "add `to: entity`"),
        )


def _choices(one: Field, at: list[str | int], values: Values | None, pin: Pin) -> Iterator[ProjectError]:
    if one.type == "choice" and one.choices is None:
        yield pin.say(
            at,
            Text("是选项，但没有代码表", "is a choice without a code table"),
            Text("补上 choices: 代码表名", "add `choices: table`"),
        )
    if one.choices is not None and values is not None and one.choices not in values.tables:
        yield pin.value([*at, "choices"], values.tables)


def _own_fields(entity: Entity, at: list[str | int], pin: Pin) -> Iterator[ProjectError]:
    named: list[tuple[list[str | int], str]] = [(["unique", index], field) for index, field in enumerate(entity.unique)]
    named += [(["modified"], entity.modified)] if entity.modified is not None else []
    for place, field in named:
        if field not in entity.fields:
            yield pin.value([*at, *place], entity.fields)
    for part, written in (("retire", entity.retire), ("merge", entity.merge)):
        for field in written:
            if field not in entity.fields:
                yield pin.key([*at, part, field], entity.fields)
    for group, fields in enumerate(entity.one_of):
        for index, field in enumerate(fields):
            if field not in entity.fields:
                yield pin.value([*at, "one_of", group, index], entity.fields)
    if entity.identity == "natural" and not entity.unique:
        hint = Text("补上 unique: [字段…]", "add `unique: [field, …]`")
        yield pin.say(at, Text("以自身字段为标识，但没有 unique", "has natural identity but no `unique`"), hint)


def check_match(
    match: Mapping[str, MatchSpec], schema: Schema, sources: Collection[str] | None, pin: Pin
) -> Iterator[ProjectError]:
    """Yield each comparison, veto and parent that names no field, and each name of no source (unless they are unknown)."""
    for name, spec in match.items():
        entity = schema.entities.get(name)
        if entity is None:
            yield pin.key([name], schema.entities)
            continue
        known = comparable(schema, name)
        for index, one in enumerate(spec.comparisons):
            if one.field not in known:
                yield pin.value([name, "comparisons", index, "field"], known)
            if one.type is not None and one.type not in SEMANTIC_NAMES:
                yield pin.value([name, "comparisons", index, "type"], SEMANTIC_NAMES)
        for index, veto in enumerate(spec.vetoes):
            if veto not in entity.fields:
                yield pin.value([name, "vetoes", index], entity.fields)
        references = [field for field, one in entity.fields.items() if one.type == "reference"]
        if spec.within is not None and spec.within not in references:
            yield pin.value([name, "within"], references)
        strange = [] if sources is None else [one for one in enumerate(spec.one_to_one) if one[1] not in sources]
        yield from (pin.value([name, "one_to_one", index], sources or ()) for index, _ in strange)


def comparable(schema: Schema, entity: str) -> tuple[str, ...]:
    """
    Return what dedupe may compare: the entity's own fields, and `child.field` of entities that refer to it.

    >>> from crmetl.schema import Entity, Field
    >>> account = Entity(label=Text("客户", "Account"), fields={"name": Field()})
    >>> fields = {"account": Field(type="reference", to="account"), "mobile": Field()}
    >>> contact = Entity(label=Text("联系人", "Contact"), fields=fields)
    >>> comparable(Schema(entities={"account": account, "contact": contact}), "account")
    ('name', 'contact.account', 'contact.mobile')
    """
    children = dict.fromkeys(child for child, _ in schema.children(entity) if child != entity)
    below = [f"{child}.{field}" for child in children for field in schema.entities[child].fields]
    return (*schema.entities[entity].fields, *below)


def check_gates(gates: tuple[Gate, ...], schema: Schema, pin: Pin) -> Iterator[ProjectError]:
    """Yield each gate of an unknown entity, stage or code, and each limit that is no number."""
    for index, gate in enumerate(gates):
        at: list[str | int] = ["gates", index]
        if gate.entity is not None and gate.entity not in schema.entities:
            yield pin.value([*at, "entity"], schema.entities)
        if gate.stage is not None and gate.stage not in STAGES:
            yield pin.value([*at, "stage"], STAGES)
        if gate.code is not None and gate.code not in CATALOGUE:
            yield pin.value([*at, "code"], _fault_code(gate.code))
        if not math.isfinite(gate.limit) or gate.limit < 0:
            yield pin.value([*at, "limit"], Text("应为不小于 0 的数字", "expected a number of at least 0"))


def _fault_code(got: str) -> Text:
    close = nearest(got, CATALOGUE)
    return Text(
        "应为问题目录中的代码" + (f"（是否想写“{close}”？）" if close else ""),
        "expected a code of the fault catalogue" + (f" (did you mean '{close}'?)" if close else ""),
    )


def check_filters(filters: Mapping[str, tuple[EntityFilter, ...]], schema: Schema, pin: Pin) -> Iterator[ProjectError]:
    """Yield each entity and field that a filter names and the schema has not."""
    for name, many in filters.items():
        if name not in schema.entities:
            yield pin.key(["filters", name], schema.entities)
            continue
        fields = schema.entities[name].fields
        for index, one in enumerate(many):
            for part, named in (("when", one.when), ("set", one.set)):
                for field in named:
                    if field not in fields:
                        yield pin.key(["filters", name, index, part, field], fields)


def check_severities(severities: Mapping[str, str], pin: Pin) -> Iterator[ProjectError]:
    """Yield each fault code that is not in the catalogue."""
    for code in severities:
        if code not in CATALOGUE:
            yield pin.key(["severities", code], _fault_code(code))
