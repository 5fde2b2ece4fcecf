"""A small CRM with everything that makes loading hard: owners, children, circles, merges, consent, every write policy."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pandas as pd

from crmetl.batch import Batch, text_frame
from crmetl.diff import diff
from crmetl.load import Applied, apply
from crmetl.load.relations import RECORD, WALK
from crmetl.plan import Plan, Target
from crmetl.schema import Entity, Field, Schema
from crmetl.text import Text

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

SCHEMA = Schema(
    entities={
        "crm_user": Entity(label=Text("用户", "User"), unique=("login",), fields={"login": Field(type="id_code", required=True)}),
        "account": Entity(
            label=Text("客户", "Account"),
            table="kh_account",
            retire={"status": "inactive"},
            merge={"status": "merged", "merged_into": "$survivor"},
            fields={
                "name": Field(type="company_name", required=True, max=60),
                "city": Field(type="city", column="kh_city"),
                "phone": Field(type="phone", write="fill_blank"),
                "remark": Field(type="long_text", write="append"),
                "slogan": Field(type="text", write="longest"),
                "seen": Field(type="date", write="newest"),
                "origin": Field(type="text", write="keep"),
                "credit": Field(type="money"),
                "opt_out": Field(type="boolean", survive="strictest", default="no"),
                "met_at": Field(type="datetime"),
                "status": Field(type="choice", survive="strictest", default="active"),
                "owner": Field(type="owner", write="fill_blank"),
                "merged_into": Field(type="reference", to="account"),
                "main_contact": Field(type="reference", to="contact"),
                "score": Field(type="quantity", computed=True),
            },
        ),
        "contact": Entity(
            label=Text("联系人", "Contact"),
            fields={
                "account": Field(type="reference", to="account", column="account_id"),
                "full_name": Field(type="person_name"),
                "city": Field(type="city"),
            },
        ),
        "note": Entity(
            label=Text("备注", "Note"),
            identity="natural",
            unique=("account", "line"),
            fields={
                "account": Field(type="reference", to="account", required=True),
                "line": Field(type="text", required=True, max=80),
                "kind": Field(type="text"),
            },
        ),
    }
)

Rows = Mapping[str, Mapping[str, str | None]]
Estate = Mapping[str, Rows]


def batch(entity: str, rows: Rows) -> Batch:
    """Return records: rid -> cells; the key in system `east` is the rid in capitals, unless `_key` says otherwise."""
    names = sorted({name for cells in rows.values() for name in cells} | {"_key"})
    frame = pd.DataFrame(
        {
            name: pd.Series(
                [cells.get(name, rid.upper() if name == "_key" else None) for rid, cells in rows.items()], dtype="str"
            )
            for name in names
        }
    ).assign(_source="east", _row=[f"east.xlsx!S!{rid}" for rid in rows])
    return Batch(entity, frame.set_index(pd.Index(list(rows), dtype="str", name="rid")).astype("str"))


def keys_of(estate: Estate) -> pd.DataFrame:
    """Return the source keys of an estate, all of system `east`."""
    rows = [
        (entity, "east", cells.get("_key", rid.upper()), rid)
        for entity, own in estate.items()
        for rid, cells in own.items()
        if cells.get("_key", rid.upper())
    ]
    return pd.DataFrame(rows, columns=["entity", "system", "source_key", "rid"]).astype("str")


def frame_of(columns: Iterable[str], *rows: tuple[str | None, ...]) -> pd.DataFrame:
    """Return a text frame."""
    return pd.DataFrame(list(rows), columns=list(columns)).astype("str") if rows else text_frame(columns)


def merging(*pairs: tuple[str, str, str]) -> pd.DataFrame:
    """Return merges: (entity, loser, survivor)."""
    return frame_of(["entity", "loser", "survivor", "score_mbit"], *((*one, "12000") for one in pairs))


def retiring(*keys: tuple[str, str]) -> pd.DataFrame:
    """Return retirements: (entity, key)."""
    return frame_of(
        ["entity", "key", "rid", "because", "place"], *((entity, key, None, "deregistered", "x.csv!R1") for entity, key in keys)
    )


def propose(
    estate: Estate,
    target: Target,
    *,
    matched: Mapping[str, str] | None = None,
    merges: pd.DataFrame | None = None,
    retire: pd.DataFrame | None = None,
) -> Plan:
    """Return the plan of an estate."""
    records = {entity: batch(entity, rows) for entity, rows in estate.items() if rows}
    return diff(records, reader=target, schema=SCHEMA, keys=keys_of(estate), matched=matched, merges=merges, retire=retire)


def load(estate: Estate, target: Target, run: str = "r1") -> Applied:
    """Plan and apply an estate."""
    return apply(propose(estate, target), target=target, run=run, now=NOW)


def edit(target: Target, entity: str, key: str, **cells: str | None) -> None:
    """Do what a person does in the CRM."""
    with target.transaction():
        target.update(entity, pd.DataFrame({"key": [key], **{name: [value] for name, value in cells.items()}}).astype("str"))


def insert(target: Target, entity: str, key: str, **cells: str | None) -> str:
    """Add a row as a person does."""
    target.prepare()
    with target.transaction():
        target.insert(entity, pd.DataFrame({"key": [key], **{name: [value] for name, value in cells.items()}}).astype("str"))
    return key


def delete(target: Target, entity: str, key: str) -> None:
    """Remove a row as a person does."""
    with target.transaction():
        target.delete(entity, pd.DataFrame({"key": [key]}, dtype="str"))


def key_of(target: Target, entity: str, source_key: str) -> str:
    """Return the key that a source key was loaded as."""
    walk = target.crosswalk(entity)
    return str(walk.loc[walk["source_key"] == source_key, "key"].item())


def cell(target: Target, entity: str, key: str, column: str) -> str | None:
    """Return one cell, None for NULL."""
    value = target.read(entity, [key])[column].item()
    return None if pd.isna(value) else str(value)


def dump(target: Target) -> dict[str, list[tuple[str, ...]]]:
    """Return everything that a rollback gives back: all rows, the crosswalk and the last values."""
    tables = [*SCHEMA.entities, WALK, RECORD]
    return {name: sorted(target.select(name).fillna("∅").itertuples(index=False, name=None)) for name in tables}
