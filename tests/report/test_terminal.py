"""What the commands print."""

from dataclasses import replace
from pathlib import Path

import pytest

from crmetl.plan import Plan
from crmetl.quality import RunFacts, RunSummary, build_summary
from crmetl.report.terminal import LISTED, show_lines, terminal_summary, width
from crmetl.text import Lang
from tests.quality.conftest import STARTED, project, schema


def test_a_run_in_a_dozen_lines(summary: RunSummary) -> None:
    """Verdict, rows, records per entity, what becomes of the CRM, what is open, gates, and where the report is."""
    text = "\n".join(terminal_summary(summary, "zh", report=Path("runs/r/report/index.html")))

    assert text.startswith("可以上线；签字前有 4 件事要定。")
    for said in (
        "读入 766 行：映射 750，保留 3，剔除 13",
        "将新建 151 个客户、249 个联系人",
        "将更新 24 个客户",
        "将合并或停用 2 个客户",
        "26 对疑似重复",
        "✓ 5 道闸门通过",
    ):
        assert said in text
    assert text.endswith("报告：runs/r/report/index.html")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_columns_stand_below_each_other(summary: RunSummary, lang: Lang) -> None:
    """Chinese characters take two columns, and the numbers are aligned all the same."""
    lines = terminal_summary(summary, lang)
    ledger = lines[3:8]

    assert len({width(line) for line in ledger if line}) == 1


def test_closed_gates_are_named_with_both_numbers(gated: RunSummary) -> None:
    """Which number passed which limit."""
    assert "✗ gate closed: Held accounts, share, 8 / 240 = 3.33% > limit 0.10%" in terminal_summary(gated, "en")


def test_a_run_that_changes_nothing_says_so() -> None:
    """A second run over the same sources plans nothing and says it."""
    empty = build_summary(RunFacts(project(), "r", "p", STARTED, STARTED, status="nothing"))

    assert "The CRM would not change at all." in terminal_summary(empty, "en")


def test_a_written_run_speaks_of_what_was_done(summary: RunSummary) -> None:
    """After apply the lines are in the past, and what still waits for a person is told all the same."""
    lines = terminal_summary(replace(summary, status="applied"), "zh")

    assert lines[0] == "已写入 CRM。"
    assert "已更新 24 个客户" in lines
    assert any("26 对疑似重复" in line for line in lines)


def test_show_lists_the_riskiest_first_and_masked(plan: Plan, summary: RunSummary) -> None:
    """Risk, kind, record, fields before and after, place; personal fields masked unless asked for."""
    lines = show_lines(plan, summary, schema=schema(), lang="zh")
    open_ = show_lines(plan, summary, schema=schema(), lang="en", reveal=True)

    assert lines[0].startswith(" 80 ∪ 合并 客户  A-10775 → A-10482")
    assert not any("+8651265000009" in line for line in lines)
    assert any("Phone +8651265000001 → +8651265000009" in line for line in open_)
    assert len(lines) == LISTED + 1
    assert lines[-1].startswith("……另有")


def test_show_of_one_entity(plan: Plan, summary: RunSummary) -> None:
    """Only the entity that was asked for; without changes it says so."""
    lines = show_lines(plan, summary, schema=schema(), lang="zh", entity="contact")

    assert all("新建 联系人" in line for line in lines[:-1])
    assert show_lines(plan, summary, schema=schema(), lang="en", entity="activity") == ["No changes."]


def test_the_reasons_for_holding_are_told(summary: RunSummary) -> None:
    """The most frequent reasons stand below the number of held records, with their codes."""
    lines = terminal_summary(summary, "en")

    assert any(line.endswith("8 (NAME_MISSING)") for line in lines)
