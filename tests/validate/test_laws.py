"""Laws: findings equal a naive row-by-row checker's; one at a time equals the chunk; nothing is lost."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.batch import Batch, stack
from crmetl.validate import validate, validate_one, validate_rules
from tests.validate.conftest import TODAY, Row, batch_of, project_of

CELLS: dict[str, list[str | None]] = {
    "name": [None, "甲", "一二三四五六", "一二三四五六七"],
    "phone": [None, "12", "1" * 15],
    "email": [None, "a@b.cn"],
    "code": [None, "K1"],
    "status": [None, "active", "deregistered", "inactive", "merged", "Active", "nan"],
    "since": [None, "2024-02-29", "2023-02-29", "2024-5-1", "2024-05-02", "2024-05-03", "9999-12-31", "２０２４-01-01"],
    "seen_at": [
        None,
        "2024-02-29",
        "2024-02-29T10:00",
        "2024-02-29 10:00:00.5Z",
        "2024-02-30T10:00",
        "2024-05-09T10:00+08:00",
        "x",
    ],
    "credit": [None, "0", "-1.5", "1.50000", "1.00001", "00099999999999999", "999999999999999", "1e3", "NaN", "１２"],
    "vip": [None, "yes", "no", "Yes"],
    "parent": [None, "@a", "k1"],
}
ROWS = st.lists(st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()}), max_size=8)
FILTERS = [
    {},
    {"account": ({"rule": "gone", "when": {"status": "deregistered"}, "then": "inactive", "set": {"status": "inactive"}},)},
    {"account": ({"rule": "gone", "when": {"status": ["deregistered", "merged"], "vip": "yes"}, "then": "drop"},)},
]
SEVERITIES = st.dictionaries(
    st.sampled_from(["TEXT_TOO_LONG", "NOT_A_DATE", "NOT_A_NUMBER", "NOT_A_CHOICE", "NAME_MISSING", "DATE_FUTURE"]),
    st.sampled_from(["note", "blank", "hold"]),
    max_size=3,
)


def naive(row: dict[str, str | None]) -> list[tuple[str, str]]:  # noqa: C901 naive on purpose: one check below the other
    """Check one row by hand, with other means than the library's; default severities, no filters."""
    row = row | {"status": row["status"] or "active"}
    found = []
    if row["name"] is None:
        found.append(("name", "NAME_MISSING"))
    elif len(row["name"]) > 6:
        found.append(("name", "TEXT_TOO_LONG"))
    if len(row["phone"] or "") > 14:
        found.append(("phone", "TEXT_TOO_LONG"))
    if row["code"] is None:
        found.append(("code", "REQUIRED_EMPTY"))
    if row["status"] not in {"active", "deregistered", "inactive"}:
        found.append(("status", "NOT_A_CHOICE"))
    found += naive_day("since", row["since"], "NOT_A_DATE", r"\d{4}-\d\d-\d\d")
    found += naive_day(
        "seen_at", row["seen_at"], "NOT_A_TIME", r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?"
    )
    if row["credit"] is not None:
        if not re.fullmatch(r"-?\d+(\.\d+)?", row["credit"], re.ASCII):
            found.append(("credit", "NOT_A_NUMBER"))
        elif abs(number := Decimal(row["credit"])) >= 10**14 or number != round(number, 4):
            found.append(("credit", "NUMBER_RANGE"))
    if row["vip"] not in {None, "yes", "no"}:
        found.append(("vip", "NOT_YES_NO"))
    if row["phone"] is None and row["email"] is None:
        found.append(("phone|email", "ONE_OF_EMPTY"))
    return found


def naive_day(name: str, text: str | None, code: str, shape: str) -> list[tuple[str, str]]:
    if text is None:
        return []
    try:
        good = re.fullmatch(shape, text, re.ASCII) and datetime.fromisoformat(text)
    except ValueError:
        good = None
    if not good:
        return [(name, code)]
    return [(name, "DATE_FUTURE")] if (good.date() - TODAY).days > 1 else []


def named(rows: list[Row]) -> Batch:
    return batch_of("account", {f"r{number}": row for number, row in enumerate(rows)}, list(CELLS))


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_findings_equal_a_naive_checkers(rows: list[Any]) -> None:
    """Every failing cell is told exactly once, with its rid; nothing else is told."""
    result = validate(named(rows), rules=validate_rules(project_of(), "account", TODAY))

    expected = sorted((f"r{number}", *one) for number, row in enumerate(rows) for one in naive(row))
    assert sorted(map(tuple, result.findings[["rid", "column", "code"]].to_numpy().tolist())) == expected
    held = {rid for rid, _, code in expected if code != "DATE_FUTURE"}
    assert set(result.held.frame.index) == held


@settings(max_examples=50, deadline=None)
@given(ROWS, st.sampled_from(FILTERS), SEVERITIES)
def test_one_at_a_time_gives_the_codes_of_the_chunk(rows: list[Any], filters: Any, severities: dict[str, str]) -> None:
    """The path without frames finds the same codes, whatever filters and severities a project declares."""
    rules = validate_rules(project_of(filters=filters, severities=severities), "account", TODAY)

    findings = validate(named(rows), rules=rules).findings

    for number, row in enumerate(rows):
        assert sorted(findings.loc[findings["rid"].eq(f"r{number}"), "code"]) == sorted(validate_one(row, rules))


@settings(max_examples=30, deadline=None)
@given(ROWS, st.sampled_from(FILTERS), SEVERITIES, st.integers(0, 8))
def test_chunks_give_what_the_whole_gives(rows: list[Any], filters: Any, severities: dict[str, str], cut: int) -> None:
    """Where a chunk ends is of no account; findings are the same and no record is lost or doubled."""
    rules = validate_rules(project_of(filters=filters, severities=severities), "account", TODAY)
    batch = named(rows)

    whole = validate(batch, rules=rules)
    parts = [validate(Batch("account", some), rules=rules) for some in (batch.frame[:cut], batch.frame[cut:])]

    order = ["rid", "column", "code"]
    chunked = stack([one.findings for one in parts], whole.findings.columns).sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(whole.findings.sort_values(order, ignore_index=True), chunked)
    assert sorted(whole.held.frame.index) == sorted(rid for one in parts for rid in one.held.frame.index)
    assert sorted(whole.dropped.index) == sorted(rid for one in parts for rid in one.dropped.index)


@settings(max_examples=30, deadline=None)
@given(ROWS, SEVERITIES)
def test_kept_records_pass_a_second_time_unchanged(rows: list[Any], severities: dict[str, str]) -> None:
    """Validation is idempotent: what it kept it keeps, and changes nothing more."""
    rules = validate_rules(project_of(severities=severities), "account", TODAY)
    kept = validate(named(rows), rules=rules).kept

    again = validate(kept, rules=rules)

    pd.testing.assert_frame_equal(kept.frame, again.kept.frame)
    assert again.changes.empty
