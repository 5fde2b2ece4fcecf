"""Invented records and a small project."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
import pytest

from crmetl.batch import KEY, PLACE, SOURCE, Batch
from crmetl.project import Project, Values
from crmetl.project.model import EntityFilter, Target
from crmetl.schema import Entity, Field, Schema
from crmetl.text import Text
from crmetl.validate import ValidateRules, validate_rules

Row: TypeAlias = Mapping[str, str | None]
Records: TypeAlias = Callable[[str, Mapping[str, Row]], Batch]
Rules: TypeAlias = Callable[..., ValidateRules]

TODAY = date(2024, 5, 1)


def batch_of(entity: str, rows: Mapping[str, Row], columns: Sequence[str] = ()) -> Batch:
    """Return records of one invented sheet: rid -> field -> text."""
    named = list(dict.fromkeys([*columns, *(name for row in rows.values() for name in row)]))
    frame = pd.DataFrame(
        {name: pd.Series([row.get(name) for row in rows.values()], dtype="str") for name in named},
        index=range(len(rows)),
    )
    lineage = {
        SOURCE: pd.Series(["east"] * len(rows), dtype="str"),
        PLACE: pd.Series([f"客户.xlsx!Sheet1!R{number + 2}" for number in range(len(rows))], dtype="str"),
        KEY: pd.Series([None] * len(rows), dtype="str"),
    }
    return Batch(entity, frame.assign(**lineage).set_index(pd.Index(list(rows), dtype="str", name="rid")))


def small_schema() -> Schema:
    """Return a schema that has a field of each checked kind."""
    account = Entity(
        label=Text("客户", "Account"),
        retire={"status": "inactive"},
        one_of=(("phone", "email"),),
        fields={
            "name": Field(type="company_name", required=True, max=6),
            "phone": Field(type="phone", max=14),
            "email": Field(type="email"),
            "code": Field(type="id_code", required=True),
            "status": Field(type="choice", choices="account_status", default="active"),
            "since": Field(type="date"),
            "seen_at": Field(type="datetime"),
            "credit": Field(type="money"),
            "vip": Field(type="boolean"),
            "opted_out": Field(type="boolean", survive="strictest"),
            "parent": Field(type="reference", to="account"),
            "score": Field(type="quantity", computed=True, required=True),
        },
    )
    user = Entity(label=Text("用户", "User"), unique=("login",), fields={"login": Field(type="id_code", required=True)})
    contact = Entity(
        label=Text("联系人", "Contact"),
        fields={
            "account": Field(type="reference", to="account", required=True),
            "owner": Field(type="owner"),
            "full_name": Field(type="person_name"),
        },
    )
    return Schema(entities={"crm_user": user, "account": account, "contact": contact})


def project_of(**more: Any) -> Project:
    """Return a project of `small_schema`."""
    values = Values(tables={"account_status": {"正常": "active", "已注销": "deregistered"}})
    declared: dict[str, Any] = {
        "root": Path("p"),
        "name": Text("样例", "Sample"),
        "source_root": Path("s"),
        "runs": Path("r"),
        "target": Target(url="sqlite://"),
        "schema": small_schema(),
        "sources": (),
        "values": values,
    }
    return Project.model_validate(declared | more)


@pytest.fixture
def records() -> Records:
    return batch_of


@pytest.fixture
def rules() -> Rules:
    def made(entity: str = "account", **more: Any) -> ValidateRules:
        return validate_rules(project_of(**more), entity, TODAY)

    return made


@pytest.fixture
def deregistered() -> Callable[..., dict[str, tuple[EntityFilter, ...]]]:
    def made(then: str, **written: str) -> dict[str, tuple[EntityFilter, ...]]:
        one = EntityFilter.model_validate(
            {"rule": "deregistered", "when": {"status": "deregistered"}, "then": then, "set": written}
        )
        return {"account": (one,)}

    return made
