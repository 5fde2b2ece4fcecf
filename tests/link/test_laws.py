"""Laws of link: never a first hit, whatever the order; nothing is lost."""

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.batch import Batch, stack
from crmetl.clean import TYPES
from crmetl.link import link, parent_index
from tests.link.conftest import Row, a_schema, batch_of, frame_of, keys_of, rules_of

NAMES = ["上海华信科技有限公司", "北京华信科技有限公司", "苏州东岭机械有限公司", "Acme Trading Ltd"]
PHONES = ["+862164001234", "+8651288880000", "+8613912345678"]
EMAILS = ["a@huaxin.com", "b@huaxin.com", "ann@gmail.com", "x@dongling.cn"]
KEYS = ["K1", "K2", "K3"]

ACCOUNT = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES),
        "phone": st.sampled_from([None, *PHONES]),
        "email": st.sampled_from([None, *EMAILS]),
        "key": st.sampled_from([None, *KEYS]),
    }
)
ORDER = st.fixed_dictionaries(
    {
        "account.key": st.sampled_from([None, None, *KEYS, "K9"]),
        "account.email": st.sampled_from([None, *EMAILS, "z@huaxin.com"]),
        "account.phone": st.sampled_from([None, *PHONES]),
        "account.name": st.sampled_from([None, *NAMES, "华信科技"]),
    }
)
ACCOUNTS, ORDERS = st.lists(ACCOUNT, max_size=6), st.lists(ORDER, max_size=5)


def parents_of(accounts: list[Any], order: list[int] | None = None) -> Any:
    rows = {f"a{number}": accounts[number] for number in (order or range(len(accounts)))}
    keys = keys_of(*(("erp", row["key"], f"@{rid}") for rid, row in rows.items() if row["key"]))
    golden = frame_of(rows) if rows else frame_of({"a": {"name": "甲"}})[:0]
    return {"account": parent_index("account", golden, existing=None, keys=keys, schema=a_schema())}


def orders_of(orders: list[Any]) -> Batch:
    rows: dict[str, Row] = {f"o{number}": row for number, row in enumerate(orders)}
    return batch_of("sales_order", rows, columns=["account", "account.key", "account.email", "account.phone", "account.name"])


def naive(order: dict[str, str | None], accounts: list[Any]) -> str | None:
    """Decide one order by hand: candidates of each kind in turn, kept where kinds agree; None where not exactly one is left."""
    kinds = [
        [n for n, one in enumerate(accounts) if one["key"] and one["key"] == order["account.key"]],
        [n for n, one in enumerate(accounts) if one["email"] and one["email"] == order["account.email"]],
        [n for n, one in enumerate(accounts) if one["phone"] and one["phone"] == order["account.phone"]],
        [n for n, one in enumerate(accounts) if one["name"] == order["account.name"]],
        [n for n, one in enumerate(accounts) if alike(one["name"], order["account.name"])],
        [n for n, one in enumerate(accounts) if same_domain(one["email"], order["account.email"])],
    ]
    left: list[int] = []
    for found in kinds:
        if len(left) != 1:
            left = [n for n in left if n in found] or left or found
    return f"@a{left[0]}" if len(left) == 1 else None


def alike(stored: str, asked: str | None) -> bool:
    one, other = TYPES["company_name"].facts(stored), TYPES["company_name"].facts(asked or "")
    same = all(one.get(part) == other.get(part) for part in ("brand", "trade", "branch"))
    return bool(asked) and same and ("region" not in other or one.get("region", other["region"]) == other["region"])


def same_domain(stored: str | None, asked: str | None) -> bool:
    domain = (asked or "@").split("@")[1]
    return bool(stored and domain and domain != "gmail.com" and stored.endswith("@" + domain))


@settings(max_examples=30, deadline=None)
@given(ACCOUNTS, ORDERS)
def test_an_order_is_linked_exactly_where_a_naive_reader_finds_one_account(accounts: list[Any], orders: list[Any]) -> None:
    """Linked to the one account that is left, held where several are left or none; never the first of several."""
    result = link(orders_of(orders), rules=rules_of("sales_order"), parents=parents_of(accounts), absorbed={})

    expected = {f"o{number}": naive(order, accounts) for number, order in enumerate(orders)}
    blank = {f"o{number}" for number, order in enumerate(orders) if not any(order.values())}
    assert dict(result.kept.frame["account"].dropna().items()) == {rid: ref for rid, ref in expected.items() if ref}
    assert set(result.held.frame.index) == {rid for rid, ref in expected.items() if not ref} - blank


@settings(max_examples=15, deadline=None)
@given(ACCOUNTS, ORDERS, st.randoms(use_true_random=False), st.integers(0, 5))
def test_order_of_records_and_chunks_is_of_no_account(accounts: list[Any], orders: list[Any], dice: Any, cut: int) -> None:
    """Shuffled accounts and cut chunks give the same links and findings, and no record is lost."""
    order = list(range(len(accounts)))
    dice.shuffle(order)
    batch, rules = orders_of(orders), rules_of("sales_order")

    whole = link(batch, rules=rules, parents=parents_of(accounts), absorbed={})
    shuffled = parents_of(accounts, order)
    parts = [
        link(Batch("sales_order", some), rules=rules, parents=shuffled, absorbed={})
        for some in (batch.frame[cut:], batch.frame[:cut])
    ]

    by = ["rid", "column", "code"]
    findings = stack([one.findings for one in parts], whole.findings.columns).sort_values(by, ignore_index=True)
    pd.testing.assert_frame_equal(whole.findings.sort_values(by, ignore_index=True), findings)
    kept = pd.concat([one.kept.frame for one in parts]).sort_index()
    pd.testing.assert_frame_equal(whole.kept.frame.sort_index(), kept)


PERSON = st.fixed_dictionaries(
    {
        "account": st.sampled_from([None, "@a0", "@a1"]),
        "full_name": st.sampled_from(["王芳", "李强"]),
        "mobile": st.sampled_from([None, *PHONES]),
        "email": st.sampled_from([None, *EMAILS]),
    }
)
MAIL = st.fixed_dictionaries(
    {
        "contact.email": st.lists(st.sampled_from([*EMAILS, "new@huaxin.com", "?"]), max_size=3).map(
            lambda some: ";".join(some) or None
        ),
        "contact.mobile": st.sampled_from([None, *PHONES]),
        "contact.full_name": st.sampled_from([None, "王芳"]),
        "account.name": st.sampled_from([None, *NAMES]),
    }
)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(ACCOUNT, min_size=2, max_size=4),
    st.lists(PERSON, max_size=4),
    st.lists(MAIL, max_size=4),
    st.sampled_from(["mails", "visits"]),
)
def test_mails_are_conserved_and_linked_only_by_evidence(
    accounts: list[Any], people: list[Any], mails: list[Any], source: str
) -> None:
    """Each mail is kept, held or dropped once; a linked contact shares an address, number or name with the mail."""
    rows = {f"c{number}": row for number, row in enumerate(people)}
    golden = frame_of(rows) if rows else frame_of({"c": {"account": "@a0"}})[:0]
    parents = parents_of(accounts) | {
        "contact": parent_index("contact", golden, existing=None, keys=keys_of(), schema=a_schema())
    }
    sent = {f"m{number}": row for number, row in enumerate(mails)}
    batch = batch_of("activity", sent, source=source, columns=["account", "contact", "contact.email"])

    result = link(batch, rules=rules_of("activity"), parents=parents, absorbed={})

    assert result.dropped.empty or source == "mails"
    for rid, ref in result.kept.frame["contact"].dropna().items():
        mail, person = sent[str(rid)], rows[ref[1:]]
        shared = person["email"] in (mail["contact.email"] or "").split(";") or person["mobile"] == mail["contact.mobile"]
        assert shared or person["full_name"] == mail["contact.full_name"]
    if source == "mails":
        assert result.kept.frame[["account", "contact"]].notna().any(axis=1).all()
