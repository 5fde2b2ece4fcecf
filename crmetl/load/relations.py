"""The tables of a target as values: entities from the schema, and the ledger's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crmetl.batch import CUSTOM
from crmetl.schema import Schema

VERSION = "2"
"""Version of the ledger's tables; `prepare` upgrades older ones (`crmetl.load.upgrades`) and refuses newer ones."""

LONG = "long"
"""Kind of a ledger column that holds JSON of any length."""


@dataclass(frozen=True)
class Relation:
    """
    One table.

    Attributes:
        name: Logical name: the entity's, or `crmetl_*`.
        table: Physical name.
        keys: Logical names of the primary key.
        kinds: Logical column -> semantic type, `custom`, `key`, `text`, or LONG.
        columns: Logical column -> physical column.
        lengths: Longest text, where it is limited.
        required: Columns that must be filled.
        references: Column -> entity.
        indexed: Groups of columns with an index.
    """

    name: str
    table: str
    keys: tuple[str, ...]
    kinds: Mapping[str, str]
    columns: Mapping[str, str]
    lengths: Mapping[str, int] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    references: Mapping[str, str] = field(default_factory=dict)
    indexed: tuple[tuple[str, ...], ...] = ()


def _own(
    name: str, keys: tuple[str, ...], columns: Mapping[str, str | int], indexed: tuple[tuple[str, ...], ...] = ()
) -> Relation:
    """Return a ledger table: column -> length of its text, or LONG."""
    return Relation(
        name=name,
        table=name,
        keys=keys,
        kinds={one: LONG if size == LONG else "text" for one, size in columns.items()},
        columns={one: one for one in columns},
        lengths={one: size for one, size in columns.items() if isinstance(size, int)},
        required=frozenset(keys),
        indexed=indexed,
    )


META = "crmetl_meta"
RUN = "crmetl_run"
OPERATIONS = "crmetl_operation"
WALK = "crmetl_crosswalk"
RECORD = "crmetl_record"
LEASE = "crmetl_lease"
MATCHKEY = "crmetl_matchkey"
MATCHINDEX = "crmetl_matchindex"
MATCHRECORD = "crmetl_matchrecord"

LEDGER: dict[str, Relation] = {
    one.name: one
    for one in (
        _own(META, ("name",), {"name": 40, "value": 40}),
        _own(
            RUN,
            ("run",),
            {
                "run": 80,
                "plan": 64,
                "status": 20,
                "approved_by": 120,
                "approved_role": 120,
                "approved_at": 40,
                "planned_by": 120,
                "planned_at": 40,
                "started_at": 40,
                "finished_at": 40,
                "written": LONG,
            },
        ),
        _own(
            OPERATIONS,
            ("run", "seq"),
            {"run": 80, "seq": 10, "kind": 20, "entity": 80, "rows": 12, "undone": 5, "image": LONG},
        ),
        _own(
            WALK,
            ("entity", "system", "source_key"),
            {"entity": 80, "system": 80, "source_key": 400, "key": 64, "run": 80},
        ),
        _own(RECORD, ("entity", "key"), {"entity": 80, "key": 64, "hashes": LONG, "run": 80}),
        _own(LEASE, ("name",), {"name": 40, "holder": 80, "host": 120, "pid": 20, "fence": 20, "until": 40}),
        _own(
            MATCHKEY,
            ("entity", "build", "hash", "key"),
            {"entity": 80, "build": 10, "hash": 16, "key": 64},
            indexed=(("key",),),
        ),
        _own(
            MATCHINDEX,
            ("entity", "build"),
            {
                "entity": 80,
                "build": 10,
                "status": 12,
                "version": 64,
                "project": 64,
                "rows": 12,
                "built_at": 40,
                "fields": LONG,
                "rules": LONG,
                "model": LONG,
            },
        ),
        _own(MATCHRECORD, ("entity", "key"), {"entity": 80, "key": 64, "cells": LONG, "noted_at": 40}),
    )
}
"""
`crmetl_run`: one row a run, who planned and who approved it. `crmetl_operation`: one row a committed batch, its
before-images packed in `image`. `crmetl_crosswalk`: source key -> target key. `crmetl_record`: hashes of the last loaded
values. `crmetl_lease`: who may write now.
`crmetl_matchindex`, `crmetl_matchkey`, `crmetl_matchrecord`: what the entry check finds records by
(`matchkeys`).
"""


def relations(schema: Schema) -> dict[str, Relation]:
    """Return all tables of a target, parents first, the ledger's last."""
    return {**{name: _entity(schema, name) for name in schema.order()}, **LEDGER}


def _entity(schema: Schema, name: str) -> Relation:
    entity, order = schema.entities[name], schema.order()
    references = {one: to for one, to in entity.references().items() if to in schema.entities}
    late = {one for one, to in references.items() if order.index(to) >= order.index(name)}
    return Relation(
        name=name,
        table=entity.table or name,
        keys=("key",),
        kinds={"key": "key", **{one: field.type for one, field in entity.fields.items()}, CUSTOM: CUSTOM},
        columns={"key": entity.key, **{one: field.column or one for one, field in entity.fields.items()}, CUSTOM: CUSTOM},
        lengths={one: field.max for one, field in entity.fields.items() if field.max},
        required=frozenset({"key"} | {one for one, field in entity.fields.items() if field.required and one not in late}),
        references=references,
        indexed=(*((one,) for one in references), *([entity.unique] if len(entity.unique) > 1 else [])),
    )
