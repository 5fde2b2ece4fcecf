"""Gates, scores, control totals and risk: every number has its computation."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.batch import stack
from crmetl.project.model import Gate
from crmetl.quality import RunFacts, SourceFacts, build_summary, cell_risk, gates, money_lines, money_of, risk, scores
from crmetl.quality.facts import MONEY
from tests.quality.conftest import Estate, plan_of, schema


@pytest.mark.parametrize(
    ("declared", "value", "why"),
    [
        ({"measure": "held_share"}, 41 / 860, "41 / 860 = 4.77% > limit 1.00%"),
        ({"measure": "held_share", "entity": "account"}, 8 / 240, "8 / 240 = 3.33% > limit 1.00%"),
        ({"measure": "held_share", "stage": "link"}, 33 / 846, "33 / 846 = 3.90% > limit 1.00%"),
        ({"measure": "held_share", "stage": "map"}, 3 / 766, "3 / 766 = 0.39% ≤ limit 1.00%"),
        ({"measure": "dropped_share", "stage": "map"}, 13 / 766, "13 / 766 = 1.70% > limit 1.00%"),
        ({"measure": "held_share", "stage": "nowhere"}, 0, "0 / 0 = 0.00% ≤ limit 1.00%"),
        ({"measure": "held"}, 41, "41 > limit 0.01"),
        ({"measure": "dropped", "entity": "account"}, 6, "6 > limit 0.01"),
        ({"measure": "findings", "code": "PHONE_SHAPE"}, 10, "10 > limit 0.01"),
        ({"measure": "findings", "code": "PHONE_SHAPE", "stage": "link"}, 0, "0 ≤ limit 0.01"),
        ({"measure": "conflict"}, 4, "4 > limit 0.01"),
        ({"measure": "undecided"}, 0, "0 ≤ limit 0.01"),
        ({"measure": "money_difference"}, 0, "0.00 ≤ limit 0.01"),
    ],
)
def test_each_measure_says_which_number_stands_against_which_limit(
    facts: RunFacts, declared: dict[str, str], value: float, why: str
) -> None:
    """A gate tells value, limit and verdict, in one sentence with both numbers."""
    gate = Gate.model_validate({"name": "g", "limit": 0.01, **declared})

    (result,) = gates((gate,), facts)

    assert result.value == pytest.approx(value)
    assert (result.why.en, result.passed) == (why, value <= 0.01)


def test_a_gate_at_its_limit_passes(facts: RunFacts) -> None:
    """The limit is the largest value that passes."""
    gate = Gate(name="g", measure="held", limit=41)

    assert gates((gate,), facts)[0].passed


def test_a_gate_remembers_the_run_before(facts: RunFacts) -> None:
    """Where there was a run before, its value is beside this one's."""
    gate = Gate(name="held", measure="held_share", limit=0.001)
    before = build_summary(replace(facts, project=facts.project.model_copy(update={"gates": (gate,)})))

    (result,) = gates((gate,), replace(facts, last=before, entities=[]))

    assert result.last == pytest.approx(41 / 860)
    assert (result.last_passed, result.value) == (False, 0)


def test_a_gate_without_a_label_is_called_by_what_it_measures(facts: RunFacts) -> None:
    """The label names measure, entity, code and stage, in both languages."""
    gate = Gate(name="g", measure="findings", entity="account", code="PHONE_SHAPE", stage="clean", limit=0)

    assert gates((gate,), facts)[0].label == ("问题数（客户，PHONE_SHAPE，clean）", "Findings (Account, PHONE_SHAPE, clean)")


def test_lost_money_closes_its_gate(facts: RunFacts) -> None:
    """An amount that was read and is in no way out is the difference, to the cent, with its sign."""
    lost = pd.DataFrame([("sales_order", "CNY", "2024", "read", "0.01")], columns=list(MONEY))
    gate = Gate(name="g", measure="money_difference", limit=0)

    (result,) = gates((gate,), replace(facts, money=stack([facts.money, lost], MONEY)))

    assert (result.value, result.passed) == (0.01, False)


amounts = st.decimals("-999999999", "999999999", places=4, allow_nan=False)


@given(
    st.lists(
        st.tuples(amounts, st.sampled_from(["crm", "held", "absorbed", "dropped"]), st.sampled_from(["CNY", "USD"])), max_size=8
    )
)
@settings(max_examples=60, deadline=None)
def test_money_adds_up_exactly(orders: list[tuple[Decimal, str, str]]) -> None:
    """Whatever becomes of the orders, read minus all ways out is 0, as exact decimals."""
    frame = pd.DataFrame(
        {"total": [str(a) for a, _, _ in orders], "currency": [c for _, _, c in orders], "way": [w for _, w, _ in orders]}
    ).astype("str")

    lines = money_lines(
        stack([money_of(frame, "read"), *(money_of(part, str(way)) for way, part in frame.groupby("way"))], MONEY)
    )

    assert all(Decimal(line.difference) == 0 for line in lines)
    assert sum(Decimal(line.read) for line in lines) == sum(a for a, _, _ in orders)


def test_amounts_that_cannot_be_read_are_left_out_on_both_sides() -> None:
    """A text that is no number is no amount; a missing currency or date has a line of its own."""
    frame = pd.DataFrame({"total": ["约3万", "NaN", None, "5"], "currency": [None] * 4}).astype("str")

    assert money_of(frame, "read").values.tolist() == [["sales_order", "", "", "read", "5.00"]]  # noqa: PD011 a list of rows is compared
    assert money_lines(money_of(frame.iloc[:0], "read")) == ()


def score(facts: RunFacts, entity: str, field: str, dimension: str) -> tuple[float | None, float | None]:
    """Return one score before and after."""
    found = scores(facts.reports, schema=schema(), doubts={"account": 5}, today=date(2026, 9, 18))
    one = next(s for s in found if (s.entity, s.field, s.dimension) == (entity, field, dimension))
    return one.before, one.after


def test_completeness_is_filled_over_records(facts: RunFacts, estate: Estate) -> None:
    """Before: cells filled as they came; after: cells filled in what the last stage kept."""
    kept = estate.final["contact"].frame

    assert score(facts, "contact", "mobile", "completeness") == (75.0, round(100 * kept["mobile"].notna().mean(), 1))


def test_validity_is_the_share_of_filled_cells_without_fault(facts: RunFacts) -> None:
    """10 of 192 phones were no phones; what goes on is valid."""
    assert score(facts, "account", "phone", "validity") == (round(100 * (1 - 10 / 192), 1), 100.0)


def test_uniqueness_counts_absorbed_before_and_doubtful_after(facts: RunFacts) -> None:
    """Before: absorbed of those that reached matching; after: doubtful pairs of survivors. It does not apply to orders."""
    assert score(facts, "account", "", "uniqueness") == (round(100 * (1 - 28 / 226), 1), round(100 * (1 - 5 / 198), 1))
    assert score(facts, "sales_order", "", "uniqueness") == (None, None)
    assert score(facts, "account", "name", "uniqueness") == (None, None)


def test_consistency_counts_records_that_contradict(facts: RunFacts) -> None:
    """25 totals differ and 17 orders fit several customers; the first go on with a note, the others wait."""
    assert score(facts, "sales_order", "", "consistency") == (round(100 * (1 - 42 / 320), 1), round(100 * (1 - 25 / 303), 1))


def test_timeliness_is_for_dates_only(facts: RunFacts, estate: Estate) -> None:
    """A date counts as current for 24 months; fields without dates have no such score."""
    days = estate.final["sales_order"].frame["ordered_on"].str.slice(0, 7)
    current = days.between("2024-09", "2026-09").mean()

    assert score(facts, "sales_order", "ordered_on", "timeliness")[1] == round(100 * current, 1)
    assert score(facts, "contact", "email", "timeliness") == (None, None)


def test_risk_is_highest_where_two_customers_become_one(estate: Estate) -> None:
    """A merge is riskier than any update, an update than a new record; children and doubt add to it."""
    plan = plan_of(estate)
    doubtful = frozenset([str(plan.operations["rid"].iloc[0])])

    plain = risk(plan.operations, cells=plan.cells, children=plan.children, schema=schema())
    doubted = risk(plan.operations, cells=plan.cells, children=plan.children, schema=schema(), doubtful=doubtful)

    by_kind = plain.groupby(plan.operations["kind"])
    assert by_kind.min()["merge"] > by_kind.max()["update"] > by_kind.max()["create"]
    assert by_kind.max()["merge"] == 80
    assert doubted.iloc[0] - plain.iloc[0] == 20
    assert plain.between(0, 100).all()


def test_filling_a_blank_is_less_risky_than_replacing_or_emptying() -> None:
    """The size of a change counts: blank filled, value replaced, value emptied."""
    cells = pd.DataFrame(
        [("account", "phone", None, "1"), ("account", "phone", "1", "2"), ("account", "phone", "1", None)],
        columns=["entity", "column", "before", "after"],
    ).astype("str")

    assert cell_risk(cells, schema=schema(), kind="update").tolist() == [35, 50, 60]
    assert risk(plan_rows(), cells=cells.assign(key="k").iloc[:0], children=pd.DataFrame({"group": []}), schema=schema()).empty


def plan_rows() -> pd.DataFrame:
    """Return no operations."""
    return pd.DataFrame({"group": [], "kind": [], "entity": [], "key": [], "rid": []}).astype("str")


def test_undecided_columns_are_a_gate_of_their_own(facts: RunFacts) -> None:
    """Columns without a destination are counted by the flow and measured like anything else."""
    gate = Gate(name="g", measure="undecided", limit=0)

    assert not gates((gate,), replace(facts, undecided=1, sources=[SourceFacts("east", 1, 0)]))[0].passed
