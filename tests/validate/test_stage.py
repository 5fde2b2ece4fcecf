"""What `validate` says of records."""

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from crmetl.batch import CUSTOM, Batch
from crmetl.errors import CrmetlError, ProjectError
from crmetl.schema import Schema
from crmetl.validate import checks, frames, retiring, validate, validate_one
from crmetl.validate.rules import ValidateRules
from tests.validate.conftest import project_of, small_schema

GOOD = {"name": "华东机械", "phone": "+862112345678", "code": "K1", "status": "active"}


def told(findings: pd.DataFrame) -> list[tuple[str, str, str]]:
    return [tuple(row) for row in findings[["rid", "column", "code"]].to_numpy().tolist()]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("name", None, "NAME_MISSING"),
        ("code", None, "REQUIRED_EMPTY"),
        ("name", "华东机械制造厂", "TEXT_TOO_LONG"),
        ("status", "暂停", "NOT_A_CHOICE"),
        ("since", "2023-02-30", "NOT_A_DATE"),
        ("since", "2023/02/03", "NOT_A_DATE"),
        ("seen_at", "2023-02-03T25:00", "NOT_A_TIME"),
        ("seen_at", "昨天", "NOT_A_TIME"),
        ("credit", "1,200", "NOT_A_NUMBER"),
        ("credit", "0.00001", "NUMBER_RANGE"),
        ("credit", "123456789012345", "NUMBER_RANGE"),
        ("vip", "true", "NOT_YES_NO"),
    ],
)
def test_bad_cell_holds_its_record_with_one_finding(records: Any, rules: Any, column: str, cell: str | None, code: str) -> None:
    """A cell that the CRM could not store holds its record, and is told once, with file, sheet and row."""
    batch = records("account", {"a": GOOD, "b": GOOD | {column: cell}})

    result = validate(batch, rules=rules())

    assert told(result.findings) == [("b", column, code)]
    assert result.findings["place"].tolist() == ["客户.xlsx!Sheet1!R3"]
    assert result.held.frame.index.tolist() == ["b"]
    assert result.kept.frame.index.tolist() == ["a"]


def test_good_cells_of_each_type_pass(records: Any, rules: Any) -> None:
    """Canonical values of every type go on without a finding, trailing zeros and zones included."""
    more = {"since": "2024-02-29", "seen_at": "2024-03-05T10:20:30+08:00", "credit": "-12.500000", "vip": "no"}
    batch = records("account", {"a": GOOD | more, "b": GOOD | {"seen_at": "2024-03-05"}})

    assert validate(batch, rules=rules()).findings.empty


def test_value_itself_is_never_in_a_finding(records: Any, rules: Any) -> None:
    """Findings name the place; what stands there is not repeated."""
    result = validate(records("account", {"a": GOOD | {"credit": "秘密"}}), rules=rules())

    assert "秘密" not in result.findings.to_csv()


def test_long_text_is_never_cut(records: Any, rules: Any) -> None:
    """A held record keeps its long text as it was."""
    result = validate(records("account", {"a": GOOD | {"name": "一二三四五六七"}}), rules=rules())

    assert result.held.frame["name"].tolist() == ["一二三四五六七"]


def test_future_date_is_noted_and_goes_on(records: Any, rules: Any) -> None:
    """A day after tomorrow is noted; tomorrow is still today somewhere."""
    rows = {"a": GOOD | {"since": "2024-05-02"}, "b": GOOD | {"since": "2024-05-03"}, "c": GOOD | {"seen_at": "2203-01-01T00:00"}}

    result = validate(records("account", rows), rules=rules())

    assert told(result.findings) == [("b", "since", "DATE_FUTURE"), ("c", "seen_at", "DATE_FUTURE")]
    assert len(result.kept) == 3


def test_required_field_without_a_column_fails_in_every_record(records: Any, rules: Any) -> None:
    """A mapping that forgot a required field does not slip through."""
    batch = records("account", {"a": {"name": "甲", "phone": "1"}, "b": {"name": "乙", "phone": "2"}})

    assert told(validate(batch, rules=rules()).findings) == [("a", "code", "REQUIRED_EMPTY"), ("b", "code", "REQUIRED_EMPTY")]


def test_empty_required_reference_is_left_to_link(records: Any, rules: Any) -> None:
    """Validation runs before link, so an unresolved parent is no fault yet."""
    assert validate(records("contact", {"a": {"full_name": "王芳", "account": None}}), rules=rules("contact")).findings.empty


def test_one_of_a_group_must_be_filled(records: Any, rules: Any) -> None:
    """A customer without any way to reach it is held; the group is named at the finding."""
    result = validate(records("account", {"a": GOOD | {"phone": None}}), rules=rules())

    assert told(result.findings) == [("a", "phone|email", "ONE_OF_EMPTY")]
    assert len(result.held) == 1


def test_defaults_fill_empty_cells_and_are_told(records: Any, rules: Any) -> None:
    """An empty cell, or a field without a column, gets the schema's default as a change."""
    batch = records("account", {"a": GOOD | {"status": None}, "b": GOOD})
    bare = Batch("account", batch.frame.drop(columns="status"))

    one, two = validate(batch, rules=rules()), validate(bare, rules=rules())

    assert one.kept.frame["status"].tolist() == two.kept.frame["status"].tolist() == ["active", "active"]
    assert one.changes[["rid", "column", "after", "rule"]].to_numpy().tolist() == [["a", "status", "active", "default"]]
    assert len(two.changes) == 2


def test_project_may_make_a_fault_lighter(records: Any, rules: Any) -> None:
    """A severity of the project wins over the fault's own."""
    made = rules(severities={"TEXT_TOO_LONG": "note"})

    result = validate(records("account", {"a": GOOD | {"name": "一二三四五六七"}}), rules=made)

    assert len(result.kept) == 1
    assert result.findings["severity"].tolist() == ["note"]


def test_blanked_cell_goes_on_empty_with_its_text_beside_it(records: Any, rules: Any) -> None:
    """Severity `blank` empties the cell, keeps its text in `custom`, and tells the change."""
    rows = {"a": GOOD | {"since": "某日", CUSTOM: '{"区域":"北"}'}, "b": GOOD}

    result = validate(records("account", rows), rules=rules(severities={"NOT_A_DATE": "blank"}))

    assert result.kept.frame["since"].isna().all()
    assert json.loads(result.kept.frame[CUSTOM]["a"]) == {"区域": "北", "origin": {"since": "某日"}}
    assert result.kept.frame[CUSTOM].isna().tolist() == [False, True]
    assert result.changes[["rid", "column", "before", "rule"]].to_numpy().tolist() == [["a", "since", "某日", "NOT_A_DATE"]]


def test_required_cell_is_held_rather_than_blanked(records: Any, rules: Any) -> None:
    """A required cell cannot be emptied, so `blank` holds its record."""
    made = rules(severities={"TEXT_TOO_LONG": "blank"})

    assert len(validate(records("account", {"a": GOOD | {"name": "一二三四五六七"}}), rules=made).held) == 1


def test_blanking_the_last_way_to_reach_holds(records: Any, rules: Any) -> None:
    """A group whose only cell was blanked is empty."""
    made, row = rules(severities={"TEXT_TOO_LONG": "blank"}), GOOD | {"phone": "1" * 15}

    assert validate(records("account", {"a": row}), rules=made).findings["code"].tolist() == ["TEXT_TOO_LONG", "ONE_OF_EMPTY"]
    assert validate_one(row, made) == ("TEXT_TOO_LONG", "ONE_OF_EMPTY")


def test_gravest_finding_of_a_cell_is_the_one_told(records: Any, rules: Any) -> None:
    """A cell with several faults is told once, by the one that decides what happens to it."""
    made = rules(severities={"NAME_MISSING": "note", "NOT_A_NUMBER": "note"})

    result = validate(records("account", {"a": GOOD | {"credit": "x" * 9, "name": None}}), rules=made)

    assert told(result.findings) == [("a", "name", "NAME_MISSING"), ("a", "credit", "NOT_A_NUMBER")]


class TestFilters:
    """Entity filters."""

    def test_inactive_keeps_and_sets(self, records: Any, rules: Any, deregistered: Callable[..., Any]) -> None:
        """A deregistered customer stays as inactive, as a change that carries the filter's name."""
        batch = records("account", {"a": GOOD, "b": GOOD | {"status": "deregistered"}})

        result = validate(batch, rules=rules(filters=deregistered("inactive", status="inactive")))

        assert result.kept.frame["status"].tolist() == ["active", "inactive"]
        assert result.changes[["rid", "before", "after", "rule"]].to_numpy().tolist() == [
            ["b", "deregistered", "inactive", "deregistered"]
        ]

    def test_a_field_that_already_has_the_value_is_no_change(self, records: Any, rules: Any, deregistered: Any) -> None:
        """A filter that sets what stands there tells nothing."""
        batch = records("account", {"b": GOOD | {"status": "deregistered", "vip": "no"}})

        result = validate(batch, rules=rules(filters=deregistered("inactive", vip="no")))

        assert result.changes.empty

    def test_a_set_field_without_a_column_is_made(self, records: Any, rules: Any, deregistered: Any) -> None:
        """A filter may fill a field that no source has."""
        result = validate(
            records("account", {"b": GOOD | {"status": "deregistered"}}), rules=rules(filters=deregistered("inactive", vip="no"))
        )

        assert result.kept.frame["vip"].tolist() == ["no"]

    @pytest.mark.parametrize("then", ["drop", "retire"])
    def test_dropped_records_are_not_checked(self, records: Any, rules: Any, deregistered: Any, then: str) -> None:
        """Nobody is asked to correct a record that is left out."""
        batch = records("account", {"a": GOOD, "b": {"status": "deregistered", "credit": "?"}})

        result = validate(batch, rules=rules(filters=deregistered(then)))

        assert result.dropped.to_dict() == {"b": "deregistered"}
        assert result.findings.empty
        assert result.changes.empty

    def test_a_field_that_is_not_there_never_fits(self, records: Any, rules: Any) -> None:
        """A filter on a field without a column leaves all records alone."""
        made = rules(filters={"account": ({"rule": "vips", "when": {"vip": ["yes", "no"]}, "then": "drop"},)})

        assert validate(records("account", {"a": GOOD}), rules=made).dropped.empty

    def test_two_filters_count_a_record_once(self, records: Any, rules: Any) -> None:
        """The first rule that leaves a record out is the one it is counted under."""
        made = rules(
            filters={
                "account": (
                    {"rule": "first", "when": {"code": "K1"}, "then": "drop"},
                    {"rule": "second", "when": {"status": "active"}, "then": "retire"},
                )
            }
        )

        assert validate(records("account", {"a": GOOD}), rules=made).dropped.to_dict() == {"a": "first"}


def test_retiring_names_the_filters_whose_records_leave_the_crm(rules: Any, deregistered: Any) -> None:
    """Only `retire` filters are listed, so that the flow retires their records where they are there."""
    assert retiring(project_of(filters=deregistered("retire")), "account") == {"deregistered"}
    assert retiring(project_of(filters=deregistered("drop")), "account") == set()


class TestRefusedDeclarations:
    """Projects that `validate_rules` does not accept."""

    def test_unknown_entity(self, rules: Any) -> None:
        """An entity that the schema does not know is a project error that lists those it knows."""
        with pytest.raises(ProjectError, match="expected one of crm_user, account, contact"):
            rules("lead")

    def test_filter_on_an_unknown_field(self, rules: Any) -> None:
        """A filter may only name fields of its entity."""
        with pytest.raises(ProjectError, match="'stage'"):
            rules(filters={"account": ({"rule": "r", "when": {"stage": "x"}, "then": "drop"},)})

    def test_filter_that_writes_an_opt_out(self, rules: Any) -> None:
        """No filter may touch consent: a yes-or-no field whose strictest value survives."""
        with pytest.raises(ProjectError, match="opted_out"):
            rules(filters={"account": ({"rule": "r", "when": {"vip": "yes"}, "then": "inactive", "set": {"opted_out": "no"}},)})


def test_choice_without_a_code_table_takes_anything(records: Any, rules: Any) -> None:
    """A table that the project does not declare is for `lint` to name; no record is held for it."""
    batch = records("account", {"a": GOOD | {"status": "随便"}})

    assert validate(batch, rules=rules(values={})).findings.empty


def test_no_records_in_no_records_out(records: Any, rules: Any) -> None:
    """An empty chunk gives an empty result with the same columns."""
    batch = Batch("account", records("account", {"a": GOOD}).frame[:0])

    result = validate(batch, rules=rules())

    assert result.kept.frame.columns.tolist() == batch.frame.columns.tolist()
    assert [len(one) for one in (result.kept, result.held, result.dropped, result.findings, result.changes)] == [0] * 5


def test_all_empty_column_of_another_dtype_keeps_its_row_ids(records: Any, rules: Any) -> None:
    """A column that arrives as numbers or objects is checked as text, cell by cell, and not as a whole."""
    batch = records("account", {"a": GOOD, "b": GOOD})
    odd = Batch("account", batch.frame.assign(name=pd.Series([None, None], dtype="object", index=batch.frame.index), credit=7.0))

    assert told(validate(odd, rules=rules()).findings) == [("a", "name", "NAME_MISSING"), ("b", "name", "NAME_MISSING")]


def test_check_that_cannot_run_is_our_bug_and_not_silence(records: Any, rules: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library tells of a crashed check as one failure without row ids; that ends the run instead of passing for a finding."""

    def crash(_: "pd.Series[str]") -> "pd.Series[bool]":
        raise ValueError

    made: ValidateRules = rules()
    broken = tuple(
        (rule, tuple(checks.CellCheck(one.fault, one.one, crash) for one in some)) for rule, some in checks.compiled(made)
    )
    monkeypatch.setattr(frames, "compiled", lambda _: broken)

    with pytest.raises(CrmetlError, match="could not run"):
        validate(records("account", {"a": GOOD}), rules=made)


def test_only_crosswalk_entities_are_checked_for_repeats(rules: Any) -> None:
    """Natural identity takes `unique` as its key: equal records are then one record."""
    schema = small_schema()
    natural = schema.entities["crm_user"].model_copy(update={"identity": "natural"})

    assert rules("crm_user").unique == ("login",)
    assert rules("crm_user", schema=Schema(entities={"crm_user": natural})).unique == ()
