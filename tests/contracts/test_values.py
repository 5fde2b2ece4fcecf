"""One value, every target: what is written is read back as the same text, or refused by name; never changed unsaid."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import inspect, text

from crmetl.load import MemoryTarget, apply, open_target, rollback
from crmetl.load.refusals import Refused
from crmetl.load.sql import SqlTarget
from crmetl.load.tables import COLLATION
from crmetl.plan import Target
from crmetl.schema import Entity, Field, Schema
from crmetl.text import Text
from tests.diff.crm import NOW, batch, edit, insert, keys_of

VALUES = [
    ("credit", "99999999999999.9999", "99999999999999.9999"),
    ("credit", "-99999999999999.9999", "-99999999999999.9999"),
    ("credit", "0.0001", "0.0001"),
    ("credit", "-0.0000", "0"),
    ("credit", "1.10", "1.1"),
    ("score", "0.000001", "0.000001"),
    ("seen", "1900-01-01", "1900-01-01"),
    ("seen", "9999-12-31", "9999-12-31"),
    ("seen", "2024-02-29", "2024-02-29"),
    ("met_at", "2024-03-31T01:30:00.123456Z", "2024-03-31T01:30:00.123456Z"),
    ("met_at", "2024-03-31T02:30:00+02:00", "2024-03-31T00:30:00Z"),
    ("met_at", "2024-10-27T02:30:00+01:00", "2024-10-27T01:30:00Z"),
    ("met_at", "1999-12-31T23:59:59.999999-05:00", "2000-01-01T04:59:59.999999Z"),
    ("opt_out", "yes", "yes"),
    ("opt_out", "no", "no"),
    ("city", "𠮷野家😀👨‍👩‍👧", "𠮷野家😀👨‍👩‍👧"),
    ("city", "㐀䶵鿿𪚥", "㐀䶵鿿𪚥"),
    ("city", "e\u0301 é", "e\u0301 é"),
    ("city", "blank behind  ", "blank behind  "),
    ("city", "tab\tline\nreturn\r\\.\n\\N \\", "tab\tline\nreturn\r\\.\n\\N \\"),
    ("city", "\x01\x1f\x7f\u200b\u2028", "\x01\x1f\x7f\u200b\u2028"),
    ("city", "'\"`%s :name ?", "'\"`%s :name ?"),
    ("city", "", None),
    ("remark", "长" * 100_000, "长" * 100_000),
    ("custom", '{"b":[1,{"二":"😀"}],"a":null}', '{"a":null,"b":[1,{"二":"😀"}]}'),
]


def stored(target: Target, column: str) -> str | None:
    value = target.read("account", ["k1"])[column].item()
    return None if pd.isna(value) else str(value)


def test_each_value_is_read_back_canonically(target: Target) -> None:
    """Inserted or updated, alone or in a statement of many; a blank is NULL."""
    for column, given, expected in VALUES:
        target.prepare()
        with target.transaction():
            target.insert("account", pd.DataFrame({"key": ["k1"], "name": ["甲"], column: [given]}, dtype="str"))
        assert (column, expected) == (column, stored(target, column))
        edit(target, "account", "k1", **{column: None})
        edit(target, "account", "k1", **{column: given})
        assert expected == stored(target, column)
        with target.transaction():
            target.delete("account", pd.DataFrame({"key": ["k1"]}, dtype="str"))


@pytest.mark.parametrize("way", ["insert", "update"])
def test_a_nul_character_is_refused_by_name(target: Target, way: str) -> None:
    """PostgreSQL cannot keep one; no target drops it or cuts the text off there."""
    insert(target, "account", "k1", name="甲")
    rows = pd.DataFrame({"key": ["k2" if way == "insert" else "k1"], "name": ["a\0b"]}, dtype="str")

    with pytest.raises(Refused) as refused, target.transaction():
        getattr(target, way)("account", rows)

    assert "nul" == refused.value.reason
    assert ["甲"] == target.read("account")["name"].tolist()


@pytest.mark.parametrize(
    "other", ["k1 ", "K1", "ｋ1", "k1\u0301", "k𠮷", "k😀"], ids=["blank", "case", "width", "accent", "ext-b", "emoji"]
)
def test_keys_are_told_apart_by_every_byte(target: Target, other: str) -> None:
    """No target folds case or width, or overlooks a blank at the end; each key finds its own row."""
    insert(target, "account", "k1", name="甲")
    insert(target, "account", other, name="乙")

    assert ["甲"] == target.read("account", ["k1"])["name"].tolist()
    assert ["乙"] == target.read("account", [other])["name"].tolist()
    edit(target, "account", other, city="丙")
    assert target.read("account", ["k1"])["city"].isna().all()


@pytest.mark.parametrize(("column", "value"), [("name", "长" * 61), ("credit", "999999999999999"), ("seen", "no date")])
def test_a_server_refuses_what_does_not_fit(home: tuple[str, str], target: Target, column: str, value: str) -> None:
    """Too long, too large or of another type: refused by name, never cut off; SQLite holds no lengths and no types."""
    if home[0] in ("memory", "sqlite"):
        pytest.skip("keeps any text")
    insert(target, "account", "k1", name="甲")

    with pytest.raises(Refused) as refused:
        edit(target, "account", "k1", **{column: value})

    assert "does_not_fit" == refused.value.reason


def test_the_collation_is_the_stated_one(home: tuple[str, str], target: Target) -> None:
    """Every text column that crmetl makes in MariaDB compares by bytes, whatever the database's own default."""
    if home[0] != "mariadb":
        pytest.skip("MariaDB only")
    target.prepare()
    assert isinstance(target, SqlTarget)
    query = text("SELECT DISTINCT collation_name FROM information_schema.columns WHERE table_schema = database()")

    found = {row[0] for row in target.connection.execute(query)}

    assert {COLLATION} == found - {None}


ODD = Schema(
    entities={
        "order": Entity(
            label=Text("订单", "Order"),
            table="order",
            key="key",
            fields={
                "group_of": Field(type="text", column="group"),
                "select": Field(type="money", column="Select"),
                "name": Field(type="company_name", column='客户"名称`'),
                "share": Field(type="percent", column="share % of"),
            },
        ),
        "line": Entity(
            label=Text("明细", "Line"),
            table="订单 Line",
            key="编号",
            fields={"order": Field(type="reference", to="order", column="ORDER"), "text": Field(type="text", column="it's")},
        ),
    }
)
"""Names that must be quoted: reserved words, capitals, blanks, quotes, a percent sign, Chinese."""


@pytest.fixture
def odd(home: tuple[str, str], url: str, request: pytest.FixtureRequest) -> Iterator[Target]:
    if not url:
        yield MemoryTarget(ODD)
        return
    with open_target(str(request.getfixturevalue("bare_url")), ODD) as target:
        yield target


def test_physical_names_are_the_schemas_whatever_they_are(odd: Target) -> None:
    """Tables, columns and keys with such names are made, written, updated, read, counted and emptied."""
    from crmetl.diff import diff  # noqa: PLC0415 only this test plans over another schema

    estate: dict[str, Any] = {
        "order": {"o1": {"group_of": "甲", "select": "1.5", "name": "公司", "share": "0.25"}},
        "line": {"l1": {"order": "@o1", "text": "x"}, "l2": {"order": "@o1", "text": "y"}},
    }

    def plan() -> Any:
        return diff({name: batch(name, rows) for name, rows in estate.items()}, reader=odd, schema=ODD, keys=keys_of(estate))

    apply(plan(), target=odd, run="r1", now=NOW)
    assert {"order": 1, "line": 2} == odd.counts()
    assert plan().empty()
    estate["order"]["o1"] = {**estate["order"]["o1"], "select": "2", "name": "新"}
    apply(plan(), target=odd, run="r2", now=NOW)
    assert [("2", "新", "0.25")] == list(odd.read("order")[["select", "name", "share"]].itertuples(index=False, name=None))
    if isinstance(odd, SqlTarget):
        assert {"order", "订单 Line"} <= set(inspect(odd.connection).get_table_names())
        odd.connection.rollback()
    for run in ("r2", "r1"):
        rollback(run, target=odd, now=NOW)
    assert {"order": 0, "line": 0} == odd.counts()
