"""The summary of a run adds up, travels as JSON, and says what is open."""

from dataclasses import replace

import pytest

from crmetl.errors import LineageError
from crmetl.quality import EntityFacts, RunFacts, RunSummary, SourceFacts, build_summary
from crmetl.quality.views import by_code, severity_totals
from tests.quality.conftest import GATES, STARTED, Estate, facts_of, project


def test_a_summary_survives_its_json(facts: RunFacts) -> None:
    """What is written is read back the same, laws checked again."""
    summary = build_summary(facts)

    assert RunSummary.from_json(summary.to_json()) == summary


def test_ledgers_add_up(facts: RunFacts) -> None:
    """Rows read and records minted are the sums of their ways out."""
    summary = build_summary(facts)

    assert summary.rows("read") == summary.rows("mapped") + summary.rows("held") + summary.rows("left_out")
    assert summary.total("minted") == sum(
        summary.total(name) for name in ("created", "updated", "unchanged", "absorbed", "held", "dropped", "conflict")
    )


def test_a_lost_record_stops_the_summary(facts: RunFacts) -> None:
    """An entity whose outcomes do not make up the minted records is our bug, and so is a source."""
    one = facts.entities[0]

    with pytest.raises(LineageError, match="account"):
        build_summary(replace(facts, entities=[replace(one, minted=one.minted + 1)]))


def test_a_lost_row_stops_the_summary(facts: RunFacts) -> None:
    """A source whose rows are not mapped, held or dropped does not pass, also when it comes from JSON."""
    text = build_summary(replace(facts, sources=[SourceFacts("east", 10, 2, {"total_row": 1})])).to_json()

    with pytest.raises(LineageError, match="east"):
        RunSummary.from_json(text.replace('"read": 13', '"read": 14'))


def test_a_closed_gate_makes_a_gated_run(estate: Estate) -> None:
    """One gate above its limit, and the run is gated; the decision is listed first."""
    strict = [gate.model_copy(update={"limit": 0.001}) for gate in GATES]

    summary = build_summary(facts_of(estate, *strict))

    assert summary.status == "gated"
    assert summary.decisions[0].kind == "gates"
    assert [one.name for one in summary.closed()] == ["held", "accounts", "conflicts"]


def test_open_decisions_are_listed_with_their_numbers(facts: RunFacts) -> None:
    """Doubtful pairs, conflicts, held records and held rows wait for a person."""
    summary = build_summary(replace(facts, undecided=2, project=project()))

    assert {one.kind: one.n for one in summary.decisions} == {
        "undecided": 2,
        "doubtful": sum(one.doubts for one in summary.matching),
        "conflicts": 4,
        "held": 41,
        "held_rows": 3,
    }


def test_crm_after_is_now_plus_created_minus_retired(facts: RunFacts) -> None:
    """Retired rows leave the count of live rows; nothing else does."""
    account = build_summary(facts).entities[0]

    assert account.crm_after == account.crm_before + account.created - account.retired


def test_filters_tell_what_they_caught_also_when_it_is_nothing(facts: RunFacts) -> None:
    """Each declared filter of sources and entities is listed with its number."""
    quiet = build_summary(replace(facts, sources=[], reports={}))

    assert [(one.where, one.rule, one.n) for one in build_summary(facts).filtered] == [
        ("east", "test_row", 3),
        ("account", "deregistered", 6),
    ]
    assert [one.n for one in quiet.filtered] == [0, 0]


def test_a_run_of_nothing_is_a_summary_too() -> None:
    """Without sources, records and gates everything is 0 and nothing is open."""
    summary = build_summary(RunFacts(project(), "r", "p", STARTED, STARTED))

    assert (summary.operations(), summary.total("minted"), summary.decisions, summary.scores) == (0, 0, (), ())


def test_an_unknown_source_stands_for_itself(facts: RunFacts) -> None:
    """A source that the project no longer declares keeps its name, and so does an entity."""
    summary = build_summary(replace(facts, sources=[SourceFacts("old", 1, 0)], entities=[EntityFacts("ghost", 0)]))

    assert (summary.sources[0].label.zh, summary.entities[0].label.en) == ("old", "ghost")


def test_findings_come_by_code_holds_first(facts: RunFacts) -> None:
    """All stages' findings of one code are one line; holds before blanks before notes; sums are kept."""
    summary = build_summary(facts)
    lines = by_code(summary)

    assert [line.severity for line in lines] == sorted((line.severity for line in lines), key=["hold", "blank", "note"].index)
    assert sum(severity_totals(lines).values()) == sum(f.n for stage in summary.stages for f in stage.report.findings)
    assert lines[0].code == "LINK_AMBIGUOUS"
    assert lines[0].by == {"sales_order": 17, "contact": 16}


def test_worst_columns_come_worst_first_with_codes_and_samples(facts: RunFacts) -> None:
    """Columns with the most invalid cells lead; each names its faults and shows what cleaning made of it."""
    worst = build_summary(facts).worst

    assert (worst[0].source, worst[0].column, worst[0].invalid) == ("orders", "total", 19)
    assert [one.invalid for one in worst] == sorted((one.invalid for one in worst), reverse=True)
    assert worst[0].codes == ("MONEY_SHAPE",)
    assert worst[0].samples[0].after is None


def test_matching_is_told_per_entity(facts: RunFacts) -> None:
    """Pairs are counted by whole bits; merges nearest the cut and the likeliest doubtful pairs come first."""
    account = build_summary(facts).matching[0]

    assert (
        sum(one.pairs for one in account.bins)
        == account.merged + account.doubts
        == len(facts.pairs[facts.pairs["entity"] == "account"])
    )
    assert list(account.nearest) == sorted(account.nearest, key=lambda pair: pair.mbit)
    assert [pair.mbit for pair in account.doubtful] == sorted((pair.mbit for pair in account.doubtful), reverse=True)
    assert account.nearest[0].evidence[1].mbit == 9700
    assert account.largest == 3
