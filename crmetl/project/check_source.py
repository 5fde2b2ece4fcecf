"""Cross-checks of `sources/*.yaml` against the schema and the code tables."""

import re
from collections.abc import Iterator

from crmetl.errors import ProjectError
from crmetl.project.aim import Aim, aim_of, evidence_fields
from crmetl.project.model import Column, Database, Source, Values
from crmetl.project.pin import Pin
from crmetl.project.problem import Path
from crmetl.project.secret import REFERENCE, url_faults
from crmetl.schema import Schema
from crmetl.text import Text

SOURCE_NAME = re.compile(r"[^\s|/!\\][^|/!\\]*")
PHONES = ("phone", "mobile")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def check_source(source: Source, schema: Schema, values: Values | None, pin: Pin) -> Iterator[ProjectError]:
    """Yield everything in a mapping that contradicts itself, the schema or the code tables."""
    if not SOURCE_NAME.fullmatch(source.source):
        yield pin.value(["source"], Text("来源名称不能含 | / ! \\", "a source name holds none of | / ! \\"))
    if not source.reads:
        yield pin.say(["reads"], Text("为空", "is empty"), Text("写上文件名或通配符", "name a file or a glob"))
    if source.as_of is not None and not DATE.fullmatch(source.as_of):
        yield pin.value(["as_of"], Text("应为日期，如 2024-03-31", "expected a date such as 2024-03-31"))
    yield from _secrets(source, pin)
    for name, column in source.columns.items():
        yield from _column(name, column, schema, values, pin)
    for target in source.set:
        yield from _target(target, ["set", target], schema, pin, key=True)
    for entity in source.entities:
        if entity not in schema.entities:
            yield pin.key(["entities", entity], schema.entities)
    yield from _agree(source, pin)


def _secrets(source: Source, pin: Pin) -> Iterator[ProjectError]:
    """Yield what is wrong with databases and passwords."""
    for at, one in enumerate(source.reads):
        if isinstance(one, Database):
            yield from _database(one, ["reads", at], pin)
    if source.table.password is not None and not REFERENCE.fullmatch(source.table.password):
        yield pin.say(
            ["table", "password"],
            Text("含有明文密码", "holds a literal password"),
            Text("改用 ${环境变量}", "refer to it as ${VARIABLE}"),
        )


def _database(one: Database, at: Path, pin: Pin) -> Iterator[ProjectError]:
    for what, hint in url_faults(one.url):
        yield pin.say([*at, "url"], what, hint)
    if (one.table is None) == (one.query is None):
        yield pin.say(
            at, Text("应写 table 或 query 其一", "needs one of `table` and `query`"), Text("写上表名", "name the table")
        )


def _column(name: str, column: Column, schema: Schema, values: Values | None, pin: Pin) -> Iterator[ProjectError]:
    at: list[str | int] = ["columns", name]
    if column.to and column.drop is not None:
        hint = Text("保留 to 或 drop 其一", "keep one of `to` and `drop`")
        yield pin.say(at, Text("既有 to 又有 drop", "has both `to` and `drop`"), hint)
    if column.drop is not None and not column.drop.strip():
        yield pin.say(
            [*at, "drop"], Text("没有写理由", "gives no reason"), Text("写明为何不要这一列", "say why the column is left out")
        )
    for index, target in enumerate(column.to):
        yield from _target(target, [*at, "to", index], schema, pin)
    if column.values is not None and values is not None and column.values not in values.tables:
        yield pin.value([*at, "values"], values.tables)
    aims = [aim for aim in (aim_of(one) for one in column.to) if aim and _exists(aim, schema)]
    if column.split == "phones" and len(aims) == len(column.to):
        yield from _phones(aims, at, schema, pin)
    if column.split == "parties" and len(aims) == len(column.to):
        yield from _parties(aims, at, schema, pin)


def _exists(aim: Aim, schema: Schema) -> bool:
    return aim.entity in schema.entities and aim.field in schema.entities[aim.entity].fields


def _target(target: str, at: Path, schema: Schema, pin: Pin, *, key: bool = False) -> Iterator[ProjectError]:
    """Yield what is wrong with one `entity.field`; `key`: the target is itself a mapping key."""
    aim = aim_of(target)
    known = _known(aim, schema)
    if aim is None or known:
        yield pin.key(at, known or _SHAPE) if key else pin.value(at, known or _ASK)
        return
    field = schema.entities[aim.entity].fields[aim.field]
    if aim.evidence is None and field.type == "reference":
        usable = [f"{target}.{one}" for one in evidence_fields(schema, aim.entity, aim.field)]
        yield pin.key(at, usable) if key else pin.value(at, usable)


_SHAPE = ("entity.field",)
_ASK = Text("应为 实体.字段，或 实体.引用.字段", "expected entity.field, or entity.reference.field")


def _known(aim: Aim | None, schema: Schema) -> list[str]:
    """Return the right targets near a wrong one; nothing where it is right."""
    if aim is None:
        return []
    if aim.entity not in schema.entities:
        having = [f"{one}.{aim.field}" for one, entity in schema.entities.items() if aim.field in entity.fields]
        return having or [f"{one}.{field}" for one, entity in schema.entities.items() for field in entity.fields]
    entity = schema.entities[aim.entity]
    if aim.field not in entity.fields:
        return [f"{aim.entity}.{one}" for one in entity.fields]
    if aim.evidence is None:
        return []
    references = entity.references()
    if aim.field not in references:
        return [f"{aim.entity}.{one}.{aim.evidence}" for one in references] or [f"{aim.entity}.{aim.field}"]
    fields = evidence_fields(schema, aim.entity, aim.field)
    return [] if aim.evidence in fields else [f"{aim.entity}.{aim.field}.{one}" for one in fields]


def _phones(aims: list[Aim], at: Path, schema: Schema, pin: Pin) -> Iterator[ProjectError]:
    fields = [schema.entities[one.entity].fields[one.field].type for one in aims]
    if not aims or not all(one in PHONES for one in fields) or any(one.evidence for one in aims):
        hint = Text("to 应为 phone 或 mobile 类型的字段", "`to` names fields of type phone or mobile")
        yield pin.say([*at, "split"], Text("是 phones，但目标不是电话", "is phones, but a target is no phone"), hint)


def _parties(aims: list[Aim], at: Path, schema: Schema, pin: Pin) -> Iterator[ProjectError]:
    names = {one.entity for one in aims}
    fits = len(names) == 1 and {"role", "address"} <= set(schema.entities[aims[0].entity].fields)
    if not fits or aims[0].field != "address" or aims[0].evidence:
        hint = Text("写成 to: activity_party.address", "write `to: activity_party.address`")
        yield pin.say(
            [*at, "split"], Text("是 parties，但目标不是往来方地址", "is parties, but the target is no party's address"), hint
        )


def _agree(source: Source, pin: Pin) -> Iterator[ProjectError]:
    """Yield columns that fill one field and read it differently: cleaning is declared per field."""
    first: dict[str, tuple[str, Column]] = {}
    for name, column in source.columns.items():
        for target in column.to:
            before, other = first.setdefault(target, (name, column))
            for word in ("values", "currency", "unit", "decimal", "date_order"):
                if getattr(other, word) != getattr(column, word):
                    what = Text(
                        f"与“{before}”填同一字段 {target}，但 {word} 不同", f"and '{before}' fill {target} but differ in `{word}`"
                    )
                    yield pin.say(["columns", name], what, Text(f"两列写相同的 {word}", f"give both columns the same `{word}`"))
