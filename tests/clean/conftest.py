"""A small project and batches of a few records."""

from pathlib import Path

import pandas as pd
import pytest

from crmetl.batch import LINEAGE, Batch
from crmetl.clean import CleanRules, clean_rules
from crmetl.project import Column, Project, Source, Target, Values
from crmetl.schema.model import Entity, Field, Schema
from crmetl.text import Text

ACCOUNT = Entity(
    label=Text("客户", "Account"),
    fields={
        "name": Field(type="company_name"),
        "phone": Field(type="phone"),
        "email": Field(type="email"),
        "country": Field(type="country"),
        "region": Field(type="region"),
        "city": Field(type="city"),
        "address": Field(type="address"),
        "postcode": Field(type="postcode"),
        "uscc": Field(type="uscc"),
        "since": Field(type="date"),
        "status": Field(type="choice", choices="account_status", default="active"),
        "owner": Field(type="owner"),
        "remark": Field(type="long_text"),
    },
)
CONTACT = Entity(
    label=Text("联系人", "Contact"),
    fields={
        "account": Field(type="reference", to="account"),
        "full_name": Field(type="person_name"),
        "salutation": Field(type="text"),
        "mobile": Field(type="mobile"),
        "phone": Field(type="phone"),
    },
)
ORDER = Entity(
    label=Text("订单", "Order"),
    fields={
        "order_no": Field(type="id_code"),
        "account": Field(type="reference", to="account"),
        "ordered_on": Field(type="date"),
        "currency": Field(type="currency"),
        "total": Field(type="money"),
    },
)
USER = Entity(label=Text("用户", "User"), fields={"login": Field(type="id_code")})


def project(**changes: object) -> Project:
    """Return a project of accounts, contacts and orders."""
    told: dict[str, object] = {
        "root": Path(),
        "name": Text("样例", "sample"),
        "source_root": Path(),
        "runs": Path(),
        "target": Target(url="sqlite://"),
        "schema": Schema(entities={"crm_user": USER, "account": ACCOUNT, "contact": CONTACT, "sales_order": ORDER}),
        "sources": (),
        "values": Values(
            tables={"owners": {"张伟": "zhangwei"}, "account_status": {"正常": "active", "已注销": "deregistered"}},
            placeholders=("待核实",),
        ),
    }
    return Project(**{**told, **changes})


def source(**columns: Column) -> Source:
    """Return a source of the columns."""
    return Source(source="east", system="excel", reads=("east.xlsx",), columns=columns)


def batch(entity: str, *rows: dict[str, str | None]) -> Batch:
    """Return a batch of rows with rids r0, r1 ..."""
    index = pd.Index([f"r{n}" for n in range(len(rows))], dtype="str", name="rid")
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pd.Series([row.get(name) for row in rows], index=index, dtype="str") for name in names}
    lineage = {name: pd.Series([f"{name}{n}" for n in range(len(rows))], index=index, dtype="str") for name in LINEAGE}
    return Batch(entity, pd.DataFrame({**columns, **lineage}, index=index))


@pytest.fixture
def account() -> CleanRules:
    """Return the rules of accounts without a source."""
    return clean_rules(project(), "account", None)
