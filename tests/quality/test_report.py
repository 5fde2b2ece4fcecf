"""A quality report counts what a stage said, and adds up over chunks."""

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.batch import KEY, PLACE, SOURCE, Batch, StageResult, keep_all, no_rids, stack, text_frame
from crmetl.errors import LineageError
from crmetl.faults import clean as clean_faults
from crmetl.faults import validate as validate_faults
from crmetl.quality import QualityReport, summarise, summarise_findings
from crmetl.quality.rows import SAMPLES, Flow

FATES = ("kept", "held", "absorbed", "dropped")


def batch(*rows: tuple[str, str | None, str | None], entity: str = "account") -> Batch:
    """Return records (source, phone, since)."""
    frame = pd.DataFrame(
        rows, columns=[SOURCE, "phone", "since"], index=pd.Index([f"r{n}" for n in range(len(rows))], name="rid")
    )
    places = pd.Series([f"a.csv!R{n + 2}" for n in range(len(rows))], index=frame.index, dtype="str")
    return Batch(entity, frame.assign(**{PLACE: places, KEY: places}).astype("str"))


def verdict(came: Batch, fates: list[str]) -> StageResult:
    """Return a result in which each record has the fate of its place in the list; kept and held ones have findings."""
    fate = pd.Series(fates, index=came.frame.index, dtype="str")
    gone = {name: fate[fate == name] for name in FATES}
    return StageResult(
        came.take(fate == "kept"),
        came.take(fate == "held"),
        absorbed=gone["absorbed"].rename("into") if len(gone["absorbed"]) else no_rids("into"),
        dropped=gone["dropped"].rename("rule") if len(gone["dropped"]) else no_rids("rule"),
        findings=stack(
            [
                came.findings(fate == "held", "phone", clean_faults.PHONE_SHAPE, "hold"),
                came.findings(fate == "kept", "phone", validate_faults.NOT_UNIQUE, "note"),
            ],
            ("rid", "entity", "source", "place", "column", "code", "severity"),
        ),
    )


def test_every_outcome_is_counted_by_source() -> None:
    """Records are counted per entity and source, under the outcome the stage gave them."""
    came = batch(("east", "1", None), ("east", "2", None), ("cards", "3", None), ("cards", "4", None))

    report = summarise("validate", came, verdict(came, ["kept", "held", "absorbed", "dropped"]))

    assert report.flow == (
        Flow("account", "cards", came=2, absorbed=1, dropped=1),
        Flow("account", "east", came=2, kept=1, held=1),
    )
    assert [(one.source, one.rule, one.n) for one in report.dropped] == [("cards", "dropped", 1)]
    assert (report.count("came"), report.count("held", "account"), report.count("held", "contact")) == (4, 1, 0)


record = st.tuples(
    st.sampled_from(["east", "cards"]), st.none() | st.just("1"), st.none() | st.sampled_from(["2024-03-05", "2025-01-01"])
)


@given(st.lists(st.tuples(record, st.sampled_from(FATES)), max_size=12), st.integers(0, 12), st.integers(0, 12))
@settings(max_examples=50, deadline=None)
def test_reports_of_chunks_add_up_to_the_report_of_the_whole(
    said: list[tuple[tuple[str, str | None, str | None], str]], one: int, two: int
) -> None:
    """However a batch is cut, the sum of the reports is the report of the whole; the zero changes nothing."""
    came, fates = batch(*(row for row, _ in said)), [fate for _, fate in said]
    cuts = [0, *sorted((min(one, len(said)), min(two, len(said)))), len(said)]
    parts = []
    for start, end in pairwise(cuts):
        part = Batch("account", came.frame.iloc[start:end])
        parts.append(summarise("s", part, verdict(part, fates[start:end])))

    whole = summarise("s", came, verdict(came, fates))

    assert parts[0] + (parts[1] + parts[2]) == (parts[0] + parts[1]) + parts[2] == whole
    assert QualityReport("s") + whole == whole == whole + QualityReport("s")


def test_a_report_holds_places_and_never_values() -> None:
    """Of a finding the report keeps five places and the whole number, and nothing of any cell."""
    came = batch(*[("east", f"secret-{n}", None) for n in range(9)])

    report = summarise("validate", came, verdict(came, ["held"] * 9))

    assert [(one.code, one.n, len(one.samples)) for one in report.findings] == [("PHONE_SHAPE", 9, SAMPLES)]
    assert report.findings[0].samples[0].place == "a.csv!R2"
    assert "secret" not in repr(report)


def test_only_filled_cells_are_invalid() -> None:
    """A finding at an empty cell does not make a value invalid; there is none."""
    came = batch(("east", "1", None), ("east", None, None))

    report = summarise("clean", came, verdict(came, ["held", "held"]))

    phone = next(one for one in report.cells if one.column == "phone")
    assert (phone.filled, phone.filled_kept, phone.invalid, phone.invalid_kept) == (1, 0, 1, 0)


def test_contradictions_count_records_once() -> None:
    """A record that contradicts others is counted once per column, and once for any column."""
    came = batch(("east", "1", None), ("east", "2", None))
    result = verdict(came, ["kept", "dropped"])
    twice = StageResult(
        result.kept, result.held, dropped=result.dropped, findings=pd.concat([result.findings] * 2, ignore_index=True)
    )

    report = summarise("validate", came, twice)

    assert [(one.column, one.n, one.n_kept) for one in report.contradicted] == [("", 1, 1), ("phone", 1, 1)]


def test_months_of_dates_that_go_on_are_counted() -> None:
    """Dates are counted by month, those of records that go on only; other columns are no dates."""
    came = batch(("east", "1", "2024-03-05"), ("east", "2", "2024-03-09"), ("east", "3", "2025-01-01"))

    report = summarise("clean", came, verdict(came, ["kept", "kept", "held"]))

    assert [(one.column, one.month, one.n) for one in report.dated] == [("since", "2024-03", 2)]


def test_empty_in_empty_out() -> None:
    """A stage without records has a report of nothing, which still adds."""
    came = batch()

    assert summarise("clean", came, keep_all(came)) == QualityReport("clean")


def test_a_column_of_nothing_counts_as_empty() -> None:
    """A column that is NA throughout is there, with no filled cell."""
    came = batch(("east", None, None))

    report = summarise("clean", came, keep_all(came))

    assert [(one.column, one.filled) for one in report.cells] == [("phone", 0), ("since", 0)]


def test_lost_records_are_our_bug() -> None:
    """A report whose outcomes do not make up what came is refused."""
    came = batch(("east", "1", None), ("east", "2", None))
    lost = StageResult(
        came.take(pd.Series([True, False], index=came.frame.index)), came.take(pd.Series([False, False], index=came.frame.index))
    )

    with pytest.raises(LineageError):
        summarise("clean", came, lost)


def test_findings_of_files_are_counted_too() -> None:
    """Findings that belong to no record, of files and sets, have a report of their own, which adds to the stage's."""
    findings = text_frame(("rid", "entity", "source", "place", "column", "code", "severity"))
    findings = pd.concat(
        [findings, pd.DataFrame([{"source": "east", "place": "a.csv", "code": "FILE_EMPTY", "severity": "note"}])]
    )

    report = summarise_findings("extract", findings) + summarise_findings("extract", findings)

    assert [(one.code, one.source, one.entity, one.n) for one in report.findings] == [("FILE_EMPTY", "east", "", 2)]
