"""The workbooks: typed, filtered, frozen, and nothing in them is ever run."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from crmetl.plan import Plan
from crmetl.quality import RunSummary
from crmetl.report import plan_workbook
from crmetl.report.plan_workbook import write_plan_workbook
from crmetl.report.write import write_reports
from crmetl.text import Text
from tests.quality.conftest import schema


def sheet(path: Path, name: str) -> list[list[Any]]:
    """Return the values of a sheet."""
    book = openpyxl.load_workbook(path)
    rows = [list(row) for row in book[name].iter_rows(values_only=True)]
    book.close()
    return rows


def test_the_report_workbook_has_all_sheets_frozen_and_filtered(folder: Path) -> None:
    """Every sheet has its head frozen and a filter over its whole width."""
    book = openpyxl.load_workbook(folder / "report.xlsx")

    assert book.sheetnames == ["概要", "来源", "对象", "问题", "字段", "闸门", "配对", "控制总数"]
    assert all(one.freeze_panes == "A2" and one.auto_filter.ref for one in book.worksheets)


def test_the_ledgers_are_numbers(folder: Path, summary: RunSummary) -> None:
    """Counts are numbers that a sheet can add up; amounts are exact texts."""
    entities = sheet(folder / "report.xlsx", "对象")
    minted = [row[1] for row in entities[1:]]

    assert minted == [one.minted for one in summary.entities]
    assert sheet(folder / "report.xlsx", "控制总数")[1][2] == summary.money[0].read


def test_findings_are_listed_with_fix_and_example(folder: Path, summary: RunSummary) -> None:
    """One line per code, entity, column and source, with what to do and where to look."""
    rows = sheet(folder / "report.xlsx", "问题")

    assert len(rows) - 1 == sum(len(stage.report.findings) for stage in summary.stages)
    assert rows[1][0] == "LINK_AMBIGUOUS"
    assert all(row[3] and row[8] for row in rows[1:])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_no_cell_is_a_formula(summary: RunSummary, plan: Plan, tmp_path: Path, start: str) -> None:
    """A value that looks like a formula is written as text, marked so that a program keeps it text."""
    evil = start + "HYPERLINK(1)"
    creates = {"account": plan.creates["account"].assign(name=evil)}
    bad = replace(summary, name=Text(evil, evil), sources=(replace(summary.sources[0], reads=evil), *summary.sources[1:]))

    write_reports(bad, replace(plan, creates=creates), tmp_path, schema=schema(), lang="en")

    seen = 0
    for name in ("report.xlsx", "plan.xlsx"):
        for one in openpyxl.load_workbook(tmp_path / name).worksheets:
            for cell in (cell for row in one.iter_rows() for cell in row):
                assert cell.data_type != "f"
                if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@", "\t")):
                    assert cell.quotePrefix
                    seen += 1
    assert seen > 3


def test_control_characters_and_endless_texts_are_written_as_far_as_a_cell_can(plan: Plan, tmp_path: Path) -> None:
    """What a cell of the format cannot hold is left out or cut with a mark; the file opens."""
    names = ["a\x00b\x07c", "长" * 40_000]
    creates = {"account": plan.creates["account"].head(2).assign(name=names)}

    write_plan_workbook(replace(plan, creates=creates), tmp_path / "p.xlsx", schema=schema(), lang="zh")

    shown = [row[1] for row in sheet(tmp_path / "p.xlsx", "新建 客户")[1:]]
    assert (shown[0], len(shown[1]), shown[1][-1]) == ("abc", 32_767, "…")


def test_the_plan_workbook_has_a_line_per_cell_conflict_and_new_row(folder: Path, plan: Plan) -> None:
    """Nothing of the plan is missing, and personal fields are masked."""
    changes = sheet(folder / "plan.xlsx", "改动")

    assert len(changes) - 1 == len(plan.cells)
    assert len(sheet(folder / "plan.xlsx", "冲突")) - 1 == len(plan.conflicts)
    assert len(sheet(folder / "plan.xlsx", "新建 联系人")) - 1 == len(plan.creates["contact"])
    assert [row[3] for row in changes[1:] if row[5] == "+8651265000009"] == []
    assert changes[1][0] == "合并"


def test_reveal_and_entity_choose_what_the_plan_workbook_holds(plan: Plan, tmp_path: Path) -> None:
    """One entity only, its values as they are."""
    write_plan_workbook(plan, tmp_path / "p.xlsx", schema=schema(), lang="en", reveal=True, entity="account")

    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert book.sheetnames == ["Changes", "Conflicts", "New Account", "About"]
    assert "+8651265000009" in [row[5] for row in sheet(tmp_path / "p.xlsx", "Changes")]


def test_a_plan_beyond_the_budget_says_where_the_rest_is(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workbook stops at its budget, riskiest first, and its last sheet counts what is listed and what there is."""
    monkeypatch.setattr(plan_workbook, "BUDGET", 40)

    write_plan_workbook(plan, tmp_path / "p.xlsx", schema=schema(), lang="en")

    about = sheet(tmp_path / "p.xlsx", "About")
    assert [row[1] for row in about[1:]] == [28, 4, 2, 3, 3]
    assert sum(row[2] for row in about[1:]) == len(plan.cells) + len(plan.conflicts) + sum(map(len, plan.creates.values()))
    assert "parquet" in about[3][3]


def test_an_empty_plan_gives_an_empty_workbook(tmp_path: Path) -> None:
    """Heads and nothing below."""
    write_plan_workbook(Plan({"account": pd.DataFrame()}), tmp_path / "p.xlsx", schema=schema(), lang="zh")

    assert len(sheet(tmp_path / "p.xlsx", "改动")) == 1
