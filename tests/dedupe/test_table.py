"""Any table by itself."""

import pandas as pd
import pytest

from crmetl.dedupe import dedupe_table, infer_fields
from crmetl.errors import UsageError

PEOPLE = pd.DataFrame(
    {
        "rec_id": ["1", "2", "3", "4"],
        "given_name": ["Catherine", "Mark", "Katherine", "Anna"],
        "surname": ["McCarthy", "Ellis", "McCarthy", "Ellis"],
        "date_of_birth": ["1956-04-09", "1970-01-13", "1956-04-09", "1988-11-02"],
        "suburb": ["Leeds", "York", "Leeds", None],
    }
).astype("str")


def test_rows_keep_their_order_and_clusters_count_from_one() -> None:
    """OUT is the table with `cluster_id` in the order of first rows and one survivor a cluster."""
    found = dedupe_table(PEOPLE)

    assert found.frame["cluster_id"].tolist() == [1, 2, 1, 3]
    assert found.frame["is_survivor"].tolist() == [True, True, False, True]
    assert found.frame[list(PEOPLE.columns)].equals(PEOPLE)
    assert found.counts == {
        "records": 4,
        "clusters": 3,
        "duplicates": 1,
        "candidate_pairs": found.counts["candidate_pairs"],
        "links": 1,
        "cut": 0.0,
    }
    assert found.pairs[["left", "right", "verdict"]].to_numpy().tolist() == [[0, 2, "merge"]]


def test_the_order_of_rows_does_not_decide_who_is_one() -> None:
    """A reversed table has the same clusters."""
    back = dedupe_table(PEOPLE.iloc[::-1])

    assert back.frame["cluster_id"].tolist() == [1, 2, 3, 2]


def test_types_are_inferred_from_headers_then_contents() -> None:
    """Headers in both languages, then contents; columns that number the rows are left out."""
    frame = pd.DataFrame(
        {
            "id": ["1", "2", "3"],
            "客户名称": ["恒曜贸易", "澜川机械", "沐槿食品"],
            "手机": ["13912340001", "13912340002", "13912340003"],
            "x": ["a@heng.example", "b@heng.example", "c@heng.example"],
            "y": ["1", "2", "3"],
            "z": [None, None, None],
        }
    ).astype("str")

    assert infer_fields(frame) == {"客户名称": "company_name", "手机": "mobile", "x": "email"}
    assert infer_fields(PEOPLE) == {
        "given_name": "given_name",
        "surname": "family_name",
        "date_of_birth": "date_of_birth",
        "suburb": "city",
    }


def test_fields_and_cut_can_be_given() -> None:
    """Named columns are compared as told; a higher cut joins less."""
    fields = {"surname": "family_name", "date_of_birth": "date_of_birth"}

    assert dedupe_table(PEOPLE, fields=fields, cut=60).counts["duplicates"] == 0


def test_what_cannot_be_compared_is_a_usage_error() -> None:
    """An unknown column, an unknown type, or nothing to compare is told at once."""
    for fields in ({"nobody": "text"}, {"surname": "jaro"}, {}):
        with pytest.raises(UsageError):
            dedupe_table(PEOPLE, fields=fields)


def test_empty_one_row_and_all_null_tables() -> None:
    """Nothing in, nothing found."""
    for frame in (
        PEOPLE.iloc[:0],
        PEOPLE.iloc[:1],
        PEOPLE.assign(surname=None, given_name=None, date_of_birth=None, suburb=None).astype("str"),
    ):
        found = dedupe_table(frame, fields={"surname": "family_name", "given_name": "given_name"})

        assert found.counts["clusters"] == found.counts["records"] == len(frame)


def test_a_table_without_duplicates_gives_none() -> None:
    """Five hundred different people with skewed names stay different."""
    given = ["john", "mary", "anna", "mark", "lucy"]
    family = ["smith", "jones", "brown", "ellis", "mccarthy"]
    rows = [(given[n % 5], family[(n // 5) % 5], f"19{40 + n % 50}-{n % 12 + 1:02d}-{n % 27 + 1:02d}") for n in range(500)]
    frame = pd.DataFrame(rows, columns=["first_name", "last_name", "birth_date"]).drop_duplicates().astype("str")

    assert dedupe_table(frame).counts["duplicates"] == 0
