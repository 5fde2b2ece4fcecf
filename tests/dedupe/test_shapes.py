"""Tables of unusual shape: nothing in, nothing filled in, one value, the same row again and again."""

from collections.abc import Sequence

import pandas as pd
import pytest

from crmetl.dedupe import dedupe_table

FIELDS = {"first name": "given_name", "last name": "family_name", "birth date": "date_of_birth", "phone": "phone"}
ROW = ("Anna", "Ellis", "1970-02-03", "(694) 705-1501")


def table(rows: Sequence[tuple[str | None, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(FIELDS), dtype="str")


def different(number: int, **same: str) -> pd.DataFrame:
    """Return rows that differ in their numbers, and in nothing that is named."""
    rows = [("Anna", f"E{number:06d}", "1970-02-03", f"{6_000_000_000 + 977 * one}") for one in range(number)]
    return table(rows).assign(**same)


def test_an_empty_table_comes_out_empty() -> None:
    """No rows give no rows, with the two columns."""
    found = dedupe_table(table([]), fields=FIELDS)

    assert [*FIELDS, "cluster_id", "is_survivor"] == list(found.frame.columns)
    assert {"records": 0, "clusters": 0, "links": 0} == {name: found.counts[name] for name in ("records", "clusters", "links")}


@pytest.mark.parametrize("rows", [[ROW], [(None, None, None, None)], [(None, None, None, None)] * 7])
def test_one_row_and_rows_of_blanks_are_records_of_their_own(rows: list[tuple[str | None, ...]]) -> None:
    """What says nothing is nobody's duplicate."""
    found = dedupe_table(table(rows), fields=FIELDS)

    assert list(range(1, len(rows) + 1)) == found.frame["cluster_id"].tolist()
    assert found.frame["is_survivor"].all()


@pytest.mark.parametrize("empty", FIELDS)
def test_a_column_of_blanks_changes_nothing(empty: str) -> None:
    """A field that nobody filled in is as one that is not there."""
    rows = table([ROW, ("Mark", "Doe", "1981-05-06", "(677) 304-0025"), ROW]).assign(**{empty: None}).astype("str")
    without = {name: kind for name, kind in FIELDS.items() if name != empty}

    both = [dedupe_table(rows, fields=one).frame["cluster_id"].tolist() for one in (FIELDS, without)]

    assert both[0] == both[1] == [1, 2, 1]


def test_ten_thousand_equal_rows_are_one_and_cost_no_pairs() -> None:
    """Copies are taken once, however many there are."""
    found = dedupe_table(table([ROW] * 10_000), fields=FIELDS)

    assert {1} == set(found.frame["cluster_id"])
    assert 1 == int(found.frame["is_survivor"].sum())
    assert 0 == found.counts["candidate_pairs"]
    assert 9_999 == found.counts["links"]


@pytest.mark.parametrize("columns", [("last name",), ("first name", "last name", "birth date")])
def test_one_value_in_all_rows_costs_pairs_that_grow_with_the_rows(columns: tuple[str, ...]) -> None:
    """A block of all rows is refined or walked through, never squared."""
    same = dict.fromkeys(columns, "Ellis") | ({"birth date": "1970-02-03"} if "birth date" in columns else {})

    few, many = (dedupe_table(different(number, **same), fields=FIELDS).counts["candidate_pairs"] for number in (1_000, 4_000))

    assert many <= 5 * few + 1_000
