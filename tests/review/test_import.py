"""Decisions that come back are taken in whole or not at all, hold from the next plan on, and are not asked again."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.review.firm import MERGING, ROWS, Firm, cells, fill, write_rows


def test_from_export_to_plan_and_never_again(firm: Firm) -> None:
    """One pair the same, one different: one row less is planned, nothing is doubtful, and planning again is the same plan."""
    path = fill(firm.export(), (2, "Decision", "same"), (3, "Decision", "different"), (3, "Note", "two firms of one family"))

    ran = firm.crmetl("review", "import", str(path), "--by", "王敏")

    assert {"imported": 2, "changed": 0, "unchanged": 0, "skipped": 0, "problems": []} == _counts(ran.json())
    first, second = firm.plan(), firm.plan()
    assert 3 == first["entities"]["account"]["create"]
    assert 0 == firm.doubtful()
    assert first["plan"] == second["plan"]
    assert {"王敏"} == set(firm.decisions()["by"])


def _counts(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in ("imported", "changed", "unchanged", "skipped", "problems")}


def test_next_months_export_under_other_keys_is_not_asked_again(firm: Firm) -> None:
    """The same two customers, other numbers, another order of rows: the content is known."""
    firm.crmetl("review", "import", str(fill(firm.export(), (2, "Decision", "different"), (3, "Decision", "different"))))
    write_rows(firm.folder, *(f"N{row[1:]}" for row in reversed(ROWS)))

    firm.plan()

    assert 0 == firm.doubtful()


def test_a_side_that_changed_is_asked_again(firm: Firm) -> None:
    """Another phone is new evidence."""
    firm.crmetl("review", "import", str(fill(firm.export(), (2, "Decision", "different"), (3, "Decision", "different"))))
    write_rows(firm.folder, ROWS[0].replace("61234567", "61239999"), *ROWS[1:])

    firm.plan()

    assert 1 == firm.doubtful()


def test_importing_twice_changes_nothing(firm: Firm) -> None:
    """Idempotent: who said it first keeps the credit."""
    path = fill(firm.export(), (2, "Decision", "same"), (3, "Decision", "skip"))
    firm.crmetl("review", "import", str(path), "--by", "A")
    before = firm.decisions()

    again = firm.crmetl("review", "import", str(path), "--by", "B")

    assert {"imported": 0, "changed": 0, "unchanged": 1, "skipped": 1, "problems": []} == _counts(again.json())
    pd.testing.assert_frame_equal(before, firm.decisions())


def test_a_second_thought_replaces_the_first(firm: Firm) -> None:
    """The newest word counts, and is counted as changed."""
    path = firm.export()
    firm.crmetl("review", "import", str(fill(path, (2, "Decision", "same"))))

    ran = firm.crmetl("review", "import", str(fill(path, (2, "Decision", "different"))))

    assert (0, 1) == (ran.json()["imported"], ran.json()["changed"])
    assert ["different"] == firm.decisions()["verdict"].tolist()
    firm.plan()
    assert 1 == firm.doubtful()


def test_a_filled_file_in_chinese_reads_the_same(firm: Firm) -> None:
    """同一、不同、跳过."""
    path = fill(firm.export(lang="zh"), (2, "判断", "同一"), (3, "判断", "跳过"), (2, "判断人", "李娜"))

    ran = firm.crmetl("review", "import", str(path), "--by", "别人")

    assert (1, 1) == (ran.json()["imported"], ran.json()["skipped"])
    assert ["李娜"] == firm.decisions()["by"].tolist()


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([(2, "Decision", "same"), (3, "Decision", "maybe")], "no decision"),
        ([(2, "Decision", "same"), (3, "_id", "P-777-00000000")], "no such pair"),
        ([(2, "Decision", "same"), (3, "_id", "P-002-00000000")], "altered"),
        ([(2, "Decision", "same"), (3, "Record 1", "0123456789abcdef01234567")], "altered"),
        ([(2, "Decision", "same"), (3, "Decision", '=IF(1,"same","")')], "formula"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_nothing_is_taken(
    firm: Firm, edits: list[tuple[int, str, object]], said: str
) -> None:
    """Sheet and row, exit 2, and not even the good row is imported."""
    ran = firm.crmetl("review", "import", str(fill(firm.export(), *edits)))

    (problem,) = ran.json()["problems"]
    assert 2 == ran.exit
    assert "Account!3" == problem["where"]
    assert said in problem["message"]
    assert firm.decisions().empty


def test_two_verdicts_for_one_pair_are_told(firm: Firm) -> None:
    """A copied row with another word contradicts the first."""
    path = firm.export()
    row = {head: cell.value for head, cell in cells(path)[0].items()}
    copied = [(4, head, value) for head, value in row.items()]

    ran = firm.crmetl("review", "import", str(fill(path, (2, "Decision", "same"), *copied, (4, "Decision", "different"))))

    (problem,) = ran.json()["problems"]
    assert ("Account!4", 2) == (problem["where"], ran.exit)
    assert "Account!2" in problem["message"]


def test_a_heading_that_is_gone_is_told(firm: Firm) -> None:
    """Once a sheet, not once a row."""
    path = fill(firm.export(), (1, "Decision", "Verdict"))

    (problem,) = firm.crmetl("review", "import", str(path)).json()["problems"]

    assert "Account!1" == problem["where"]


def test_a_run_that_is_gone_is_a_usage_error(firm: Firm) -> None:
    """The pairs of a removed run cannot be told from altered ones."""
    path = fill(firm.export(), (2, "Decision", "same"))
    shutil.rmtree(firm.folder / "runs")

    ran = firm.crmetl("review", "import", str(path))

    assert 2 == ran.exit
    assert "error" in ran.json()


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"format": "crmetl.decisions/1", "run": "x", "decisions": 3}']
)
def test_a_json_of_something_else_is_refused(firm: Firm, content: bytes) -> None:
    """Neither a crash nor a guess."""
    path = firm.folder / "decisions.json"
    path.write_bytes(content)

    assert 2 == firm.crmetl("review", "import", str(path)).exit


def test_another_workbook_is_refused(firm: Firm) -> None:
    """The report's own workbook is no review."""
    (report,) = (firm.folder / "runs").glob("*/report/report.xlsx")

    ran = firm.crmetl("review", "import", str(report))

    assert 2 == ran.exit
    assert "review export" in ran.json()["error"]["next"]


def from_page(firm: Firm, *words: str) -> Path:
    """What the page exports once its buttons were pressed: its own attributes, and the words."""
    workbook = [{head: cell.value for head, cell in row.items()} for row in cells(firm.export())]
    run = next((firm.folder / "runs").iterdir()).name
    decisions = [
        {
            "pair": row["Pair"],
            "key": row["_id"],
            "left": row["Record 1"],
            "right": row["Record 2"],
            "decision": word,
            "reason": None,
        }
        for row, word in zip(workbook, words, strict=True)
    ]
    path = firm.folder / "decisions.json"
    told = {"format": "crmetl.decisions/1", "run": run, "plan": "", "by": "周宁", "decisions": decisions}
    path.write_text(json.dumps(told), "utf-8")
    return path


def test_decisions_of_the_page_are_taken_in(firm: Firm) -> None:
    """The name on the page counts before the one on the command line."""
    ran = firm.crmetl("review", "import", str(from_page(firm, "same", "skip")), "--by", "B")

    assert (1, 1) == (ran.json()["imported"], ran.json()["skipped"])
    assert ["周宁"] == firm.decisions()["by"].tolist()


def test_a_broken_entry_of_the_page_is_told_with_its_number(firm: Firm) -> None:
    """`decisions[1]`, and nothing is taken."""
    path = from_page(firm, "same", "same")
    told = json.loads(path.read_text("utf-8"))
    del told["decisions"][1]["key"]
    path.write_text(json.dumps(told), "utf-8")

    ran = firm.crmetl("review", "import", str(path))

    assert ["decisions[1]"] == [one["where"] for one in ran.json()["problems"]]
    assert firm.decisions().empty


def test_a_merge_that_a_person_parts_is_planned_as_two(firm: Firm) -> None:
    """With --all a merged pair can be called different before anything is written."""
    firm.match(MERGING)
    assert 2 == firm.plan()["entities"]["account"]["create"]

    firm.crmetl("review", "import", str(fill(firm.export("all.xlsx", "--all"), (2, "Decision", "different"))))

    assert 3 == firm.plan()["entities"]["account"]["create"]


def test_crm_rows_that_a_person_calls_one_are_merged(firm: Firm) -> None:
    """The project merges no CRM rows by itself; a person's word is enough for the one pair."""
    assert 0 == firm.crmetl("run").exit
    firm.match(MERGING.replace("existing: merge", "existing: review"))
    assert 0 == firm.plan()["entities"]["account"]["merge"]

    firm.crmetl("review", "import", str(fill(firm.export(), (2, "Decision", "same"))))

    assert 1 == firm.plan()["entities"]["account"]["merge"]
    assert 1 == firm.doubtful()


def test_a_merge_that_was_taken_back_is_never_proposed_again(firm: Firm) -> None:
    """Merged by evidence, rolled back by a person: the next plan neither merges nor asks, and says who decided."""
    assert 0 == firm.crmetl("run").exit
    firm.match(MERGING)
    merged = firm.crmetl("run").json()
    assert 2 == merged["entities"]["account"]["merge"]

    assert 0 == firm.crmetl("rollback", merged["run"]).exit

    said = firm.decisions()
    assert ["different"] * 2 == said["verdict"].tolist()
    assert said["why"].str.startswith("rolled back by ").all()
    assert 0 == firm.plan()["entities"]["account"]["merge"]
    assert 0 == firm.doubtful()


def test_taking_a_migration_back_says_nothing_of_its_pairs(firm: Firm) -> None:
    """Source records that were absorbed into each other are not called different by a rollback of the whole."""
    firm.match(MERGING)
    loaded = firm.crmetl("run").json()

    assert 0 == firm.crmetl("rollback", loaded["run"]).exit

    assert firm.decisions().empty
    assert loaded["entities"]["account"]["create"] == firm.plan()["entities"]["account"]["create"]


def test_a_person_reads_what_happened(firm: Firm) -> None:
    """Numbers, then the next step; a refused file as lines with places."""
    path = fill(firm.export(), (2, "Decision", "same"), (3, "Decision", "maybe"))

    refused = firm.said("review", "import", str(path))
    taken = firm.said("review", "import", str(fill(path, (3, "Decision", None))), lang="zh")

    assert "Account!3: this word is no decision; write one of same, different, skip" in refused.out
    assert "新判断 1 对" in taken.out
    assert "crmetl plan" in taken.out
