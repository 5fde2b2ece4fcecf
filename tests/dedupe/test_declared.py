"""Small tables: declared weights, declared look-alikes."""

import pandas as pd
import pytest

from crmetl.dedupe import choose_fields, dedupe_table
from crmetl.dedupe.compare.levels import MISSING
from crmetl.dedupe.explain import explain
from crmetl.dedupe.onerecord import compare_one, weighed
from crmetl.dedupe.rules import Compared, MatchRules
from crmetl.dedupe.scoring import ALIKE

PEOPLE = {"first": "given_name", "last": "family_name", "born": "date_of_birth", "mail": "email", "street": "address"}
PERSON = {"name": "person_name", "born": "date_of_birth", "street": "address", "mobile": "mobile"}
FIRM = {"name": "company_name", "code": "uscc"}
VALID = "91310115MA1K35X12A"


def clusters(rows: list[dict[str, str]], fields: dict[str, str]) -> list[int]:
    """Return the cluster of each row."""
    frame = pd.DataFrame(rows).reindex(columns=list(fields)).astype("str")
    found: list[int] = dedupe_table(frame, fields=fields).frame["cluster_id"].tolist()
    return found


def test_a_couple_with_one_mailbox_stays_two_people() -> None:
    """A household shares family name and mailbox; a given name of its own parts its members, a nickname does not."""
    mail = {"last": "Halworth", "mail": "halworths@mail.example"}
    rows = [{"first": "Peter", **mail}, {"first": "Pete", **mail}, {"first": "Jane", **mail}]

    assert [1, 1, 2] == clusters(rows, PEOPLE)


def test_twins_stay_two_people() -> None:
    """One birth date, house and family name are what twins have."""
    home = {"last": "Brookfeld", "born": "1999-04-01", "street": "5 Kirk Way", "mail": "brookfelds@mail.example"}

    assert [1, 2] == clusters([{"first": "Emma", **home}, {"first": "Olivia", **home}], PEOPLE)


def test_a_full_name_is_read_by_given_and_family_name() -> None:
    """The alphabet does not decide which word is the family name."""
    home = {"street": "5 Kirk Way, York", "born": "1981-02-03"}

    assert [1, 1, 2] == clusters(
        [{"name": "Bob Brackenfield", **home}, {"name": "Robert Brackenfield", **home}, {"name": "Zoe Brackenfield", **home}],
        PERSON,
    )


def test_a_chinese_name_written_given_name_first_is_the_same() -> None:
    """Exports of Western programs write the given name first."""
    mobile = {"mobile": "13711223344"}

    assert [1, 1] == clusters([{"name": "欧阳 菲", **mobile}, {"name": "菲 欧阳", **mobile}], PERSON)


@pytest.mark.parametrize(
    "row", [{"born": "1987-04-12"}, {"street": "云栖路9号"}, {"name": "N/A", "born": "1987-04-12"}], ids=["day", "house", "dummy"]
)
def test_a_day_or_a_house_alone_joins_nobody_without_a_name(row: dict[str, str]) -> None:
    """Every day has its births and every house its people; somebody is named elsewhere in the table."""
    assert [1, 2, 3] == clusters([row, row | {"mobile": "13711223344"}, {"name": "柯若霜"}], PERSON)


def test_house_and_day_together_join() -> None:
    """Two births of one day in one house are one person, twins aside."""
    row = {"born": "1987-04-12", "street": "云栖路9号"}

    assert [1, 1, 2] == clusters([row, row | {"mobile": "13711223344"}, {"name": "柯若霜"}], PERSON)


@pytest.mark.parametrize(
    ("code", "same"),
    [
        (VALID.lower(), True),
        ("91310115ma1k35x12g", True),
        ("MA1K35X12", True),
        ("91440300MA5FX0000X", True),
        ("91310115MA1H7T3W5D", False),
    ],
    ids=["case", "slip", "organisation", "unproven", "other"],
)
def test_only_two_valid_codes_forbid_a_merge(code: str, same: bool) -> None:  # noqa: FBT001 a fact of the case
    """A code that fails its check was mistyped: it proves nothing against the name."""
    rows = [{"name": "上海恒通贸易有限公司", "code": VALID}, {"name": "上海恒通贸易有限公司", "code": code}]

    assert same == (clusters(rows, FIRM) == [1, 1])


def test_one_record_without_a_name_scores_as_the_batch() -> None:
    """The quick path reads names too where a house or a day is to be told in their light."""
    rules = MatchRules("person", tuple(Compared(*one) for one in PERSON.items()))
    model = dedupe_table(pd.DataFrame([{"name": "柯若霜"}]).reindex(columns=list(PERSON)).astype("str"), fields=PERSON).model
    record, row = {"born": "1987-04-12"}, {"name": "柯若霜", "born": "1987-04-12"}

    one = compare_one(record, {"K": [row]}, weighed(rules, model))[0]

    assert explain(record, row, MatchRules("person", rules.comparisons, model=model)).score == one.score
    assert model.prior >= one.score


def test_look_alikes_are_told_of() -> None:
    """What they take away stands in the sum, by its kind."""
    fields = tuple(Compared(*one) for one in PEOPLE.items())
    model = dedupe_table(pd.DataFrame([{"first": "A"}]).reindex(columns=list(PEOPLE)).astype("str"), fields=PEOPLE).model
    mail = {"last": "Halworth", "mail": "halworths@mail.example"}

    told = explain({"first": "Peter", **mail}, {"first": "Jane", **mail}, MatchRules("person", fields, model=model))

    assert "household" == next(one.level for one in told.parts if one.field == ALIKE)
    assert told.score == told.prior + sum(one.mbit for one in told.parts if one.level != MISSING)


def test_copies_of_one_row_are_compared_by_what_never_differs() -> None:
    """A table of one row many times over has no column that differs; all of them tell."""
    frame = pd.DataFrame([{"客户名称": "上海恒曜贸易有限公司", "手机": "13711223344"}] * 1_000, dtype="str")
    chosen = choose_fields(frame)

    assert {"客户名称": "company_name", "手机": "mobile"} == dict(chosen.fields)
    assert {1} == set(dedupe_table(frame, fields=chosen.fields).frame["cluster_id"])
