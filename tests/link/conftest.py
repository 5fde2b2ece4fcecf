"""An invented company's customers, and a way to write a chunk of records."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
import pytest

from crmetl.batch import KEY, PLACE, SOURCE, Batch
from crmetl.link import LinkRules, ParentIndex, link_rules, parent_index
from crmetl.project import Project, Values
from crmetl.project.model import Column, Source, Target
from crmetl.schema import Entity, Field, Schema
from crmetl.text import Text

Row: TypeAlias = Mapping[str, str | None]
Parents: TypeAlias = dict[str, ParentIndex]


def batch_of(entity: str, rows: Mapping[str, Row], *, source: str = "erp", columns: Sequence[str] = ()) -> Batch:
    """Return records of one invented source: rid -> column -> text."""
    named = list(dict.fromkeys([*columns, *(name for row in rows.values() for name in row)]))
    cells = {name: pd.Series([row.get(name) for row in rows.values()], dtype="str") for name in named}
    lineage = {
        SOURCE: pd.Series([source] * len(rows), dtype="str"),
        PLACE: pd.Series([f"订单.csv!R{number + 2}" for number in range(len(rows))], dtype="str"),
        KEY: pd.Series([None] * len(rows), dtype="str"),
    }
    frame = pd.DataFrame({**lineage, **cells}, index=range(len(rows)))
    return Batch(entity, frame.set_index(pd.Index(list(rows), dtype="str", name="rid")))


def frame_of(rows: Mapping[str, Row], name: str = "rid") -> pd.DataFrame:
    """Return rows: id -> field -> text."""
    columns = list(dict.fromkeys(one for row in rows.values() for one in row))
    cells = {one: pd.Series([row.get(one) for row in rows.values()], dtype="str") for one in columns}
    return pd.DataFrame(cells, index=range(len(rows))).set_index(pd.Index(list(rows), dtype="str", name=name))


def keys_of(*lines: tuple[str, str, str]) -> pd.DataFrame:
    """Return source keys: (system, key, reference)."""
    return pd.DataFrame(list(lines), columns=["system", "source_key", "ref"], dtype="str")


def a_schema() -> Schema:
    """Return users, accounts, contacts, orders, lines, activities and parties, much as the default schema has them."""
    merge = {"status": "merged", "merged_into": "$survivor"}
    account = {
        "name": Field(type="company_name", required=True),
        "uscc": Field(type="uscc"),
        "phone": Field(type="phone"),
        "email": Field(type="email"),
        "city": Field(type="city"),
        "status": Field(type="text"),
        "owner": Field(type="owner"),
        "merged_into": Field(type="reference", to="account"),
    }
    contact = {
        "account": Field(type="reference", to="account"),
        "full_name": Field(type="person_name"),
        "mobile": Field(type="mobile"),
        "phone": Field(type="phone"),
        "email": Field(type="email"),
    }
    both = {"account": Field(type="reference", to="account"), "contact": Field(type="reference", to="contact")}
    to_account = Field(type="reference", to="account", required=True)
    entities = {
        "crm_user": {"login": Field(type="id_code", required=True), "full_name": Field(type="person_name")},
        "account": account,
        "contact": contact,
        "sales_order": {"order_no": Field(type="id_code"), "account": to_account, "owner": Field(type="owner")},
        "order_line": {"sales_order": Field(type="reference", to="sales_order", required=True), "amount": Field(type="money")},
        "activity": {"kind": Field(type="text"), "body": Field(type="long_text"), **both},
        "activity_party": {
            "activity": Field(type="reference", to="activity", required=True),
            "address": Field(type="text"),
            "contact": Field(type="reference", to="contact"),
        },
        "crm_case": {"account": to_account, "contact": Field(type="reference", to="contact")},
    }
    unique = {"crm_user": ("login",)}
    return Schema(
        entities={
            name: Entity(
                label=Text(name, name), fields=fields, unique=unique.get(name, ()), merge=merge if name == "account" else {}
            )
            for name, fields in entities.items()
        }
    )


def a_project(**more: Any) -> Project:
    """Return a project with a sales system, a mailbox and a visit log."""
    column = {"x": Column(to=("activity.kind",))}
    sources = (
        Source(source="erp", system="erp", reads=("订单.csv",), columns=column),
        Source(source="mails", system="mail", reads=("邮件.mbox",), format="mbox", columns=column),
        Source(source="visits", system="visits", reads=("拜访.xlsx",), columns=column),
    )
    declared: dict[str, Any] = {
        "root": Path("p"),
        "name": Text("样例", "Sample"),
        "source_root": Path("s"),
        "runs": Path("r"),
        "target": Target(url="sqlite://"),
        "schema": a_schema(),
        "sources": sources,
        "values": Values(),
    }
    return Project.model_validate(declared | more)


def rules_of(entity: str, **more: Any) -> LinkRules:
    """Return the rules of an entity of `a_project`."""
    return link_rules(a_project(**more), entity)


ACCOUNTS: dict[str, Row] = {
    "hx": {"name": "上海华信科技有限公司", "phone": "+862164001234", "email": "info@huaxin.com", "city": "上海市"},
    "hxbj": {"name": "北京华信科技有限公司", "phone": "+861064001234", "city": "北京市"},
    "dl": {"name": "苏州东岭机械有限公司", "phone": "+8651288880000", "city": "苏州市"},
    "dlf": {"name": "苏州东岭贸易有限公司", "phone": "+8651288880000", "city": "苏州市"},
    "acme": {"name": "Acme Trading Ltd", "email": "sales@acme.co.uk"},
}
CONTACTS: dict[str, Row] = {
    "wang": {"account": "@hx", "full_name": "王芳", "mobile": "+8613912345678", "email": "wangfang@huaxin.com"},
    "li": {"account": "@hx", "full_name": "李强", "email": "liqiang@huaxin.com"},
    "li2": {"account": "@dl", "full_name": "李强", "email": "lq@dongling.cn", "mobile": "+8613800001111"},
    "boss": {"account": "@dl", "full_name": "陈东", "mobile": "+8613700002222"},
    "boss2": {"account": "@dlf", "full_name": "陈东", "mobile": "+8613700002222"},
    "free": {"account": "@acme", "full_name": "Ann Lee", "email": "ann@gmail.com"},
}


@pytest.fixture
def parents() -> Parents:
    """Return the customers, with their keys in the sales system."""
    schema = a_schema()
    users = frame_of({"u1": {"login": "zhangwei"}, "u2": {"login": "lina"}})
    keys = keys_of(("erp", "K1", "@hx"), ("erp", "K2", "@hxbj"), ("erp", "K3", "@dl"), ("old", "K1", "@acme"))
    return {
        "crm_user": parent_index("crm_user", users, existing=None, keys=keys_of(), schema=schema),
        "account": parent_index("account", frame_of(ACCOUNTS), existing=None, keys=keys, schema=schema),
        "contact": parent_index("contact", frame_of(CONTACTS), existing=None, keys=keys_of(), schema=schema),
    }
