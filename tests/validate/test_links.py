"""Checks that need other records."""

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.batch import Batch
from crmetl.validate import cascade, case_before_first_order, duplicates, hold, order_totals, validate_links
from tests.validate.conftest import Row, batch_of, small_schema


def codes(findings: pd.DataFrame) -> list[tuple[str, str, str]]:
    return [tuple(row) for row in findings[["rid", "column", "code"]].to_numpy().tolist()]


class TestCascade:
    """Children share the fate of their parents."""

    def test_child_of_a_held_parent_waits(self, records: Any) -> None:
        """It is held at the reference, and its siblings go on."""
        batch = records("contact", {"c1": {"account": "@a1"}, "c2": {"account": "@a2"}, "c3": {"account": None}})

        result = cascade(batch, schema=small_schema(), held={"a1"}, dropped={})

        assert codes(result.findings) == [("c1", "account", "PARENT_HELD")]
        assert result.held.frame.index.tolist() == ["c1"]
        assert result.kept.frame.index.tolist() == ["c2", "c3"]

    def test_child_of_a_dropped_parent_is_dropped(self, records: Any) -> None:
        """Dropping wins over holding, for no correction brings the parent back."""
        batch = records("contact", {"c1": {"account": "@a1", "owner": "@u1"}})

        result = cascade(batch, schema=small_schema(), held={"u1"}, dropped={"a1": "deregistered"})

        assert result.dropped.to_dict() == {"c1": "parent_dropped"}
        assert result.findings.empty

    def test_grandchildren_of_one_entity_follow(self, records: Any) -> None:
        """A hierarchy within one entity is followed to its end, whatever the order of records."""
        rows = {"a3": {"parent": "@a2"}, "a2": {"parent": "@a1"}, "a1": {"parent": "@a0"}, "b": {"parent": None}}

        held = cascade(records("account", rows), schema=small_schema(), held={"a0"}, dropped=())
        dropped = cascade(records("account", rows), schema=small_schema(), held=(), dropped=["a0"])

        assert sorted(held.held.frame.index) == ["a1", "a2", "a3"]
        assert sorted(dropped.dropped.index) == ["a1", "a2", "a3"]

    def test_batch_without_reference_columns_goes_on(self, records: Any) -> None:
        """There is nothing to follow."""
        assert (
            len(cascade(records("contact", {"c": {"full_name": "王芳"}}), schema=small_schema(), held={"a"}, dropped=()).kept)
            == 1
        )

    def test_nothing_in_nothing_out(self, records: Any) -> None:
        """An empty batch stays empty."""
        batch = Batch("contact", records("contact", {"c": {"account": "@a"}}).frame[:0])

        assert len(cascade(batch, schema=small_schema(), held={"a"}, dropped={"b": "r"}).kept) == 0


class TestReferences:
    """References after link."""

    def test_empty_required_reference_holds(self, records: Any, rules: Any) -> None:
        """A contact that belongs to nobody is held; an owner may be empty."""
        result = validate_links(records("contact", {"c": {"account": None, "owner": None}}), rules=rules("contact"))

        assert codes(result.findings) == [("c", "account", "PARENT_MISSING")]

    def test_required_reference_without_a_column_holds(self, records: Any, rules: Any) -> None:
        """A mapping that gives no parent at all does not slip through."""
        assert len(validate_links(records("contact", {"c": {"full_name": "王芳"}}), rules=rules("contact")).held) == 1

    def test_reference_to_nothing_holds(self, records: Any, rules: Any) -> None:
        """An orphan is found where the flow says what exists."""
        batch = records("contact", {"c": {"account": "@a1"}, "d": {"account": "k9"}})

        result = validate_links(batch, rules=rules("contact"), known={"account": {"@a1", "k1"}})

        assert codes(result.findings) == [("d", "account", "PARENT_UNKNOWN")]


class TestUnique:
    """Values that must be unique."""

    def test_all_holders_of_a_repeated_value_are_held(self, records: Any, rules: Any) -> None:
        """None is preferred, and an empty value repeats nothing."""
        rows = {"u1": {"login": "li"}, "u2": {"login": "li"}, "u3": {"login": "wu"}, "u4": {"login": None}, "u5": {"login": None}}

        result = duplicates(records("crm_user", rows), rules=rules("crm_user"))

        assert codes(result.findings) == [("u1", "login", "NOT_UNIQUE"), ("u2", "login", "NOT_UNIQUE")]
        assert result.kept.frame.index.tolist() == ["u3", "u4", "u5"]

    def test_entity_without_unique_fields_passes(self, records: Any, rules: Any) -> None:
        """There is nothing to compare."""
        assert len(duplicates(records("account", {"a": {"name": "甲"}, "b": {"name": "甲"}}), rules=rules()).kept) == 2


ORDERS: dict[str, Row] = {
    "o1": {"total": "0.30", "currency": "CNY"},
    "o2": {"total": "5"},
    "o3": {"total": None},
    "o4": {"total": "7"},
}
LINES: dict[str, Row] = {
    "l1": {"sales_order": "@o1", "amount": "0.10", "currency": "CNY"},
    "l2": {"sales_order": "@o1", "amount": "0.20", "currency": "CNY"},
    "l3": {"sales_order": "@o2", "amount": "6"},
    "l4": {"sales_order": "@o2", "amount": "-0.5"},
    "l5": {"sales_order": "@o3", "amount": "1"},
    "l6": {"sales_order": None, "amount": "1"},
    "l7": {"sales_order": "@o2", "amount": "很多"},
}


class TestTotals:
    """An order against its lines."""

    def test_differing_total_is_noted_to_the_cent(self) -> None:
        """0.10 + 0.20 is 0.30; returns count with their sign; orders without total or lines are not judged."""
        found = order_totals(batch_of("sales_order", ORDERS), batch_of("order_line", LINES))

        assert codes(found) == [("o2", "total", "TOTAL_DIFFERS")]
        assert found["severity"].tolist() == ["note"]

    def test_other_currency_is_not_summed(self) -> None:
        """Money of two currencies is not added up; the reader is told why there is no check."""
        lines: dict[str, Row] = {"l1": {"sales_order": "@o1", "amount": "9", "currency": "USD"}}

        found = order_totals(batch_of("sales_order", ORDERS), batch_of("order_line", lines))

        assert codes(found) == [("o1", "currency", "LINE_CURRENCY")]

    def test_project_may_hold_orders_whose_total_differs(self, rules: Any) -> None:
        """With severity `hold` the findings part the orders."""
        orders = batch_of("sales_order", ORDERS)
        found = order_totals(orders, batch_of("order_line", LINES), rules=rules(severities={"TOTAL_DIFFERS": "hold"}))

        assert hold(orders, found).held.frame.index.tolist() == ["o2"]

    def test_no_lines_no_findings(self) -> None:
        """Empty frames and frames without the columns are quiet."""
        assert order_totals(batch_of("sales_order", {}), batch_of("order_line", {})).empty
        assert order_totals(batch_of("sales_order", {"o": {"x": "1"}}), batch_of("order_line", {"l": {"x": "1"}})).empty

    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.decimals("-99", "99", places=4), min_size=1, max_size=8))
    def test_order_of_lines_is_of_no_account(self, amounts: list[Any]) -> None:
        """A total that is the exact sum never differs, in whatever order the lines come."""
        orders = batch_of("sales_order", {"o": {"total": f"{sum(amounts):f}"}})
        lines: dict[str, Row] = {f"l{n}": {"sales_order": "@o", "amount": f"{one:f}"} for n, one in enumerate(reversed(amounts))}

        assert order_totals(orders, batch_of("order_line", lines)).empty


def test_case_before_the_first_order_is_noted() -> None:
    """A complaint older than its customer's first order looks wrong; customers without orders are not judged."""
    cases: dict[str, Row] = {
        "s1": {"account": "@a", "opened_on": "2020-01-01"},
        "s2": {"account": "@a", "opened_on": "2022-01-01"},
        "s3": {"account": "@b", "opened_on": "2020-01-01"},
        "s4": {"account": None, "opened_on": None},
    }
    orders: dict[str, Row] = {
        "o1": {"account": "@a", "ordered_on": "2021-06-01"},
        "o2": {"account": "@a", "ordered_on": "2023-01-01"},
    }

    found = case_before_first_order(batch_of("crm_case", cases), batch_of("sales_order", orders))

    assert codes(found) == [("s1", "opened_on", "CASE_BEFORE_ORDER")]
    assert case_before_first_order(batch_of("crm_case", {}), batch_of("sales_order", {})).empty
