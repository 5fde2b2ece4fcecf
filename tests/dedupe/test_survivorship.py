"""Which value of each field survives a merge, by every rule: its choice, its ties, its reason, and whatever the order."""

import itertools
from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from crmetl.batch import KEY, PLACE, SOURCE
from crmetl.dedupe import Kept, MatchRules
from crmetl.dedupe.survivorship import standing, survive, survivors
from crmetl.report.words import SURVIVE
from crmetl.schema.model import Survive
from tests.dedupe.records import HENGTONG, OTHER_PHONE, PHONE, SHORT

RANKS = {"erp": 1, "east": 10, "event": 90}
Row = Mapping[str, str]


def records(rows: Sequence[Row]) -> pd.DataFrame:
    """Return records r1, r2 … of the columns that any row has; `source` is `east` where a row does not say."""
    index = pd.Index([f"r{n}" for n in range(1, len(rows) + 1)], dtype="str", name="rid")
    names = dict.fromkeys(name for row in rows for name in row if name != "source")
    lineage = {SOURCE: [row.get("source", "east") for row in rows], PLACE: "x!R1", KEY: None}
    return pd.DataFrame({**{name: [row.get(name) for row in rows] for name in names}, **lineage}, index=index).astype("str")


def golden(
    rows: Sequence[Row], kept: Mapping[str, Kept], *, order: Sequence[int] = (), modified: str | None = None
) -> tuple[dict[str, str | None], dict[str, str]]:
    """Return the golden record of rows that are all one, and column -> rule of its cells from elsewhere."""
    frame = records(rows)
    frame = frame.iloc[list(order)] if order else frame
    rules = MatchRules(
        "account", (), ranks=RANKS, survive=kept, modified=modified, as_of={"east": "2024-01-01", "event": "2024-05-01"}
    )
    standings = pd.Series(standing(frame, RANKS), index=frame.index)
    into = survivors(pd.Series(0, index=frame.index), standings)
    one, changes = survive(frame, into, standings, rules=rules)
    cells = {str(name): None if pd.isna(cell) else str(cell) for name, cell in one.iloc[0].items()}
    return cells, dict(zip(changes["column"], changes["rule"], strict=True))


def chosen(
    how: str, kind: str, values: Sequence[str], *, sources: Sequence[str] = ("erp", "event", "event", "event")
) -> str | None:
    """Return which of several values survives; the first is of the most trusted source."""
    rows = [{"f": value, "source": source} for value, source in zip(values, sources, strict=False)]
    return golden(rows, {"f": Kept(how, kind)})[0]["f"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "less", "more"),
    [
        ("address", "张江路100号恒曜科技大厦东塔三层整层", "上海市浦东新区张江路100号"),
        ("address", "上海市浦东新区张江路", "上海市浦东新区张江路1号"),
        ("address", "The Old Mill, Leeds Road", "12 High Street, York"),
        ("company_name", "上海恒曜贸易进出口业务", HENGTONG),
        ("company_name", "恒曜商务信息", "上海恒曜商务"),
        ("company_name", "Hengyao Trading International", "Hengyao Ltd"),
        ("person_name", "王总经理", "王芳"),
        ("person_name", "J. Smithers-Jones", "John Smith"),
        ("given_name", "J.", "Jo"),
        ("date_of_birth", "1985-01-01", "1985-03-02"),
        ("date", "1985", "1985-03-02"),
        ("datetime", "2024-05-01T00:00:00", "2024-05-01T09:30:00"),
        ("phone", "139****5678转8001", "+8613912345678"),
        ("phone", "61234567", PHONE),
        ("city", "上海", "上海市"),
        ("text", "short", "longer"),
    ],
)
def test_the_most_complete_value_tells_the_most_parts_of_its_type(kind: str, less: str, more: str) -> None:
    """Parts of the type count before length, and before the trust in the source."""
    assert chosen("complete", kind, [less, more]) == more
    assert chosen("complete", kind, [more, less]) == more


def test_equally_complete_values_go_by_length_then_by_standing() -> None:
    """Of two addresses of the same parts the longer one; of two of one length the more trusted source's."""
    assert chosen("complete", "address", ["上海市张江路1号", "上海市张江路100号"]) == "上海市张江路100号"
    assert chosen("complete", "address", ["上海市张江路1号", "上海市张衡路1号"]) == "上海市张江路1号"


@pytest.mark.parametrize(
    ("kind", "wrong", "right"),
    [
        ("uscc", "91110108551385082A", "91110108551385082Q"),
        ("tax_id", "91110108551385082A", "DE136695976"),
        ("id_code", "110105194912310021", "11010519491231002X"),
        ("phone", "61234567", PHONE),
        ("phone", "139****5678", PHONE),
        ("mobile", "13800000000", "+8613912345678"),
        ("email", "lina@huaxin", "lina@huaxin.com"),
        ("email", "lina.wang@example.com", "l@huaxin.com"),
        ("url", "https://example.com", "https://huaxin.com"),
        ("postcode", "2001200", "200120"),
        ("date", "2024-02-30", "2024-02-28"),
    ],
)
def test_a_value_that_proves_itself_survives_one_that_does_not(kind: str, wrong: str, right: str) -> None:
    """A check character, a number that can be dialled, a mailbox that can be: before the more trusted source's."""
    assert chosen("verified", kind, [wrong, right]) == right


def test_equally_proven_values_go_by_trust() -> None:
    """Two good numbers, and two names that nothing can prove: the more trusted source's."""
    assert chosen("verified", "phone", [PHONE, OTHER_PHONE]) == PHONE
    assert chosen("verified", "company_name", [SHORT, HENGTONG]) == SHORT


FLAGGED = {"email": Kept("verified", "email"), "email_verified": Kept("longest", "boolean")}


def test_a_value_that_its_record_calls_verified_comes_first() -> None:
    """What somebody verified is before what only looks right; the mark comes along with the value, and with its reason."""
    rows = [{"email": "a@huaxin.com", "source": "erp"}, {"email": "b@huaxin.com", "email_verified": "yes", "source": "event"}]

    cells, why = golden(rows, FLAGGED)

    assert (cells["email"], cells["email_verified"]) == ("b@huaxin.com", "yes")
    assert why == {"email": "survive:verified", "email_verified": "survive:flag"}


def test_a_mark_of_a_value_that_did_not_survive_is_not_given_to_another() -> None:
    """The mailbox of the trusted source survives by `first`: it is not verified because another one was."""
    rows = [
        {"email": "a@huaxin.com", "source": "erp"},
        {"email": "b@huaxin.com", "email_verified": "yes", "source": "event"},
        {"email": "A@huaxin.com", "email_verified": "no", "source": "event"},
    ]

    first = {**FLAGGED, "email": Kept("first", "email")}

    assert golden(rows, first)[0]["email_verified"] == "no"
    assert golden([*rows[:1], {**rows[2], "email_verified": "yes"}], first)[0]["email_verified"] == "yes"
    assert golden([rows[0], {"email": "b@huaxin.com", "source": "event"}], first)[0].get("email_verified") is None


def test_newest_goes_by_the_records_own_date_before_its_sources() -> None:
    """A record changed in June is newer than a file of May; one without its own date is as old as its file; zones count."""
    kept = {"f": Kept("newest", "text"), "changed": Kept("longest", "datetime")}
    rows = [
        {"f": "january", "changed": "2024-06-02T00:30:00+08:00", "source": "east"},
        {"f": "may", "source": "event"},
        {"f": "june", "changed": "2024-06-01T20:00:00", "source": "east"},
    ]

    assert golden(rows, kept, modified="changed")[0]["f"] == "june"
    assert golden(rows, kept, modified="changed")[0]["changed"] == "2024-06-01T20:00:00"
    assert golden(rows, kept)[0]["f"] == "may"
    assert golden(rows, kept, modified="absent")[0]["f"] == "may"


def test_a_record_of_no_date_is_never_the_newest_of_several() -> None:
    """The most trusted source says nothing of its date, and neither does a cell that is no date."""
    kept = {"f": Kept("newest", "text"), "changed": Kept("newest", "date")}
    rows = [{"f": "erp", "changed": "soon", "source": "erp"}, {"f": "east", "source": "east"}]

    assert golden(rows, kept, modified="changed")[0]["f"] == "east"
    assert golden(rows[:1] * 2, kept, modified="changed")[0]["f"] == "erp"


def test_the_most_frequent_value_is_counted_whatever_its_spelling() -> None:
    """Three spellings of one city outvote two of another; the most trusted spelling of the winner stays."""
    values = ["杭州市", "苏州", "苏州市", "苏州", "杭州市"]
    assert chosen("frequent", "city", values[:3]) == "苏州"
    assert chosen("frequent", "city", values[1:], sources=("erp", "event", "event", "event")) == "苏州"


@pytest.mark.parametrize("others", get_args(Survive))
def test_consent_takes_the_strictest_whatever_holds_for_other_fields(others: str) -> None:
    """An opt-out stands at `no` until somebody says yes; a consent whose default is yes ends where one record says no."""
    rows = [
        {"opt_out": "no", "consent": "yes", "f": "a", "source": "erp"},
        {"opt_out": "yes", "consent": "no", "f": "b", "source": "event"},
        {"opt_out": "no", "consent": "yes", "f": "a", "source": "event"},
    ]
    kept = {
        "opt_out": Kept("strictest", "boolean"),
        "consent": Kept("strictest", "boolean", "yes"),
        "f": Kept(others, "text"),  # type: ignore[arg-type]
    }

    cells, why = golden(rows, kept)

    assert (cells["opt_out"], cells["consent"]) == ("yes", "no")
    assert why["opt_out"] == "survive:strictest"


def test_strictest_of_choices_ends_before_it_goes_on() -> None:
    """Ended before unknown words, and these before the default of the field."""
    of = {"s": Kept("strictest", "choice", "granted")}
    assert golden([{"s": "granted", "source": "erp"}, {"s": "denied", "source": "event"}], of)[0]["s"] == "denied"
    assert golden([{"s": "denied", "source": "erp"}, {"s": "withdrawn", "source": "event"}], of)[0]["s"] == "withdrawn"


@pytest.mark.parametrize("how", get_args(Survive))
def test_a_missing_value_never_wins(how: str) -> None:
    """The most trusted and newest record says nothing; the value of another fills the field, with its reason."""
    rows = [{"g": "x", "source": "erp"}, {"f": "known", "source": "east"}]

    cells, why = golden(rows, {"f": Kept(how, "text")})  # type: ignore[arg-type]

    assert cells["f"] == "known"
    assert why == {"f": f"survive:{how}"}


@pytest.mark.parametrize("how", get_args(Survive))
def test_the_golden_record_does_not_depend_on_the_order_of_records(how: str) -> None:
    """All orders of four records, ties among them, give one golden record."""
    kinds = {"name": "company_name", "address": "address", "phone": "phone", "email": "email", "born": "date_of_birth"}
    kept = {name: Kept(how, kind) for name, kind in kinds.items()}  # type: ignore[arg-type]
    kept["email_verified"], kept["changed"] = Kept("first", "boolean"), Kept("newest", "date")
    rows = [
        {"name": HENGTONG, "address": "上海市张江路1号", "phone": PHONE, "email": "a@huaxin.com", "source": "east"},
        {"name": SHORT, "address": "上海市张衡路1号", "phone": OTHER_PHONE, "email": "b@huaxin.com", "email_verified": "yes"},
        {"name": "恒曜商贸", "phone": "61234567", "born": "1985-01-01", "changed": "2024-05-01", "email": "c@example.com"},
        {"name": "恒耀商贸", "phone": OTHER_PHONE, "born": "1985-03-02", "changed": "2024-05-01", "email_verified": "no"},
    ]

    told = [golden(rows, kept, order=order, modified="changed") for order in itertools.permutations(range(4))]

    assert all(one == told[0] for one in told)


def test_every_rule_has_words_for_people() -> None:
    """No report shows a program's name for a rule."""
    assert {*get_args(Survive), "union", "flag"} == SURVIVE.keys()


def test_the_survivor_of_each_cluster_has_its_own_values() -> None:
    """Two clusters at once do not mix."""
    frame = records([{"f": "a"}, {"f": "bb"}, {"f": "cc"}, {"f": "d"}])
    standings = pd.Series(standing(frame, RANKS), index=frame.index)
    into = survivors(pd.Series(np.array([0, 0, 1, 1]), index=frame.index), standings)

    one, changes = survive(frame, into, standings, rules=MatchRules("account", (), survive={"f": Kept("complete", "text")}))

    assert one["f"].to_numpy().tolist() == ["bb", "cc"]
    assert changes[["rid", "before", "after"]].to_numpy().tolist() == [[one.index[0], "a", "bb"]]
    assert SOURCE in one.columns
