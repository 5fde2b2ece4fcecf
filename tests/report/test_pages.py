"""The pages: self-contained, bilingual, masked, escaped, and every number is in the JSON."""

import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crmetl.plan import Plan
from crmetl.quality import RunFacts, RunSummary, build_summary
from crmetl.quality.summary import Change, Decision, GateResult, Pair
from crmetl.report.write import write_reports
from crmetl.text import Lang, Text
from tests.quality.conftest import STARTED, project, schema

PAGES = ("index.html", "diff.html")
VOID = {"meta", "link", "br", "wbr", "input", "img"}


class Page(HTMLParser):
    """A page taken apart: tables as cells of text, languages, attributes, ids."""

    def __init__(self, text: str, lang: Lang) -> None:
        super().__init__()
        self.lang = lang
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self.said: dict[str, list[str]] = {"zh": [], "en": [], "": []}
        self.unclosed: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a tag; a tag that closes another one is wrong."""
        if self.open and self.open[-1][0] == tag:
            self.open.pop()
        elif tag not in VOID:
            self.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        """Note a text under the language it is said in."""
        if any(tag in ("style", "script") for tag, _ in self.open):
            return
        langs = [a["lang"] for _, a in self.open[1:] if a.get("lang")]
        key = {"zh-CN": "zh", "en": "en"}.get(langs[-1] or "", "") if langs else ""
        self.said[key].append(data)
        if self.cells and any(tag == "td" for tag, _ in self.open) and key in ("", self.lang):
            self.cells[-1] += data


@cache
def read(folder: Path, name: str, lang: Lang = "zh") -> Page:
    """Return a page taken apart."""
    return Page((folder / name).read_text("utf-8"), lang)


def all_numbers(value: Any) -> set[str]:
    """Return every number of a JSON value as a page writes it."""
    if isinstance(value, dict):
        return all_numbers([*value.values(), *value])
    if isinstance(value, list):
        return {number for one in value for number in all_numbers(one)}
    if isinstance(value, float):
        return {f"{value:,}", f"{value:.2%}", f"{value:,.1f}", f"{value:,.2f}", f"{value:,.0f}"}
    if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value):
        return {f"{float(value):,.2f}"}
    return {f"{value:,}" if isinstance(value, int) else str(value)}


@pytest.mark.parametrize("name", PAGES)
def test_every_number_of_a_table_is_in_the_json(folder: Path, document: dict[str, Any], name: str) -> None:
    """A number that a page shows in a table is found again in report.json; nothing is added up on the way."""
    known = all_numbers(document) | {"0"}
    shown = {cell.strip() for cell in read(folder, name).cells if re.fullmatch(r"\s*[\d,]+(\.\d+)?%?\s*", cell)}

    risks = {str(n) for n in range(101)} if name == "diff.html" else set()
    assert len(shown) > 10
    assert shown - known - risks == set()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_calls_nobody(folder: Path, name: str) -> None:
    """No address outside the folder, a policy that forbids all loading, and no link to a page that is not there."""
    text = (folder / name).read_text("utf-8")
    links = {a["href"] for tag, a in read(folder, name).attributes if a.get("href")}

    assert "http://" not in text
    assert "https://" not in text
    assert "default-src 'none'" in text
    assert not any(a.get("src") for _, a in read(folder, name).attributes)
    ids = {a["id"] for _, a in read(folder, name).attributes if a.get("id")}
    for link in filter(None, links):
        page, _, mark = link.partition("#")
        assert (folder / page).exists() if page else mark in ids


@pytest.mark.parametrize("name", PAGES)
def test_tags_are_closed_and_ids_are_single(folder: Path, name: str) -> None:
    """Every tag is closed in its order, and an id stands once."""
    page = read(folder, name)
    ids = [a["id"] for _, a in page.attributes if a.get("id")]

    assert (page.open, page.unclosed) == ([], [])
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_are_whole(folder: Path, name: str) -> None:
    """What is said in one language is said in the other, as often; no Chinese sentence hides in the English text."""
    page = read(folder, name)
    kinds = [a.get("lang") for tag, a in page.attributes if tag in ("span", "text") and a.get("class", "")]

    assert kinds.count("zh-CN") == kinds.count("en") > 100
    assert [text for text in page.said["en"] if re.search(r"[，。；：]", text)] == []
    assert [text for text in page.said["zh"] if re.fullmatch(r"[a-z ]{12,}", text)] == []


def test_personal_fields_are_masked(folder: Path) -> None:
    """No phone, mail address or person's name of the run stands on a page or in the JSON; company names do."""
    texts = [(folder / name).read_text("utf-8") for name in (*PAGES, "report.json")]

    for text in texts:
        assert re.search(r"\+?86138\d{8}|zhang\d+@|\+86512\d{6,}|6500\d{4}", text) is None
        assert "周晓梅" not in text
    assert "有限公司" in texts[0]


def test_reveal_shows_them_and_says_so(summary: RunSummary, plan: Plan, tmp_path: Path) -> None:
    """With reveal the values stand there, and the page warns."""
    write_reports(summary, plan, tmp_path, schema=schema(), lang="zh", reveal=True)

    assert "+865126500000" in (tmp_path / "diff.html").read_text("utf-8")
    assert "未脱敏" in (tmp_path / "index.html").read_text("utf-8")


def test_values_are_escaped_everywhere(summary: RunSummary, plan: Plan, tmp_path: Path) -> None:
    """A company called <script> is text: in names, samples, labels, files, places and conflicts."""
    evil = "<script>alert(1)</script>\"'&"
    pair = Pair("account", evil, evil, -500, (), evil, evil + "x")
    source = replace(summary.sources[0], label=Text(evil, evil), reads=evil)
    bad = replace(
        summary,
        name=Text(evil, evil),
        operator=evil,
        sources=(source, *summary.sources[1:]),
        matching=(replace(summary.matching[0], doubtful=(pair,), nearest=(pair,)),),
        worst=(replace(summary.worst[0], samples=(Change(evil, evil),)),),
        manifest=({"source": evil, "path": evil, "hidden": [evil]},),
    )
    creates = {"account": plan.creates["account"].assign(name=evil)}
    conflicts = plan.conflicts.assign(source_value=evil, place=evil, column="name")
    planned = replace(plan, creates=creates, conflicts=conflicts, cells=plan.cells.assign(after=evil, column="name"))

    write_reports(bad, planned, tmp_path, schema=schema(), lang="en", names={"account:A-10000": evil})

    for name in PAGES:
        text = (tmp_path / name).read_text("utf-8")
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert Page(text, "en").unclosed == []


def test_an_empty_run_has_whole_pages(tmp_path: Path) -> None:
    """A run that read nothing and changes nothing says so, in both languages, without a form to sign."""
    empty = build_summary(RunFacts(project(), "r", "p" * 64, STARTED, STARTED, status="nothing"))

    write_reports(empty, Plan({}), tmp_path, schema=schema(), lang="en")

    index, diff = ((tmp_path / name).read_text("utf-8") for name in PAGES)
    assert "没有变化。" in index
    assert "Nothing changes." in index
    assert "No row was read." in index
    assert 'id="signform"' not in diff
    assert "nothing to sign" in diff


def test_a_gated_run_lists_closed_gates_and_cannot_be_signed(gated: RunSummary, plan: Plan, tmp_path: Path) -> None:
    """The closed gates stand first, with both numbers; the form is gone."""
    write_reports(gated, plan, tmp_path, schema=schema(), lang="zh")

    index, diff = ((tmp_path / name).read_text("utf-8") for name in PAGES)
    assert "还不能上线：3 道闸门关闭。" in index
    assert index.index("41 / 860 = 4.77% &gt; 限额 0.10%") < index.index('class="todo"')
    assert 'id="signform"' not in diff
    assert "8 / 240 = 3.33%" in diff
    assert "crmetl approve" not in diff


def test_a_run_that_can_be_signed_has_its_command_and_whole_plan_id(folder: Path, summary: RunSummary) -> None:
    """The form names the plan to its last digit and the command that signs it."""
    diff = (folder / "diff.html").read_text("utf-8")

    assert summary.plan in diff
    assert f"crmetl approve {summary.run} --by" in diff
    assert "签字后，CRM 将发生 729 项变更。" in diff


@pytest.mark.parametrize(
    ("status", "zh"), [("applied", "已写入 CRM。"), ("partly", "部分写入 CRM。"), ("rolled_back", "已撤回。")]
)
def test_a_written_run_asks_for_nothing(summary: RunSummary, plan: Plan, tmp_path: Path, status: str, zh: str) -> None:
    """Once written or taken back, the pages say so and ask for no decision."""
    done = replace(summary, status=status)  # type: ignore[arg-type]

    write_reports(done, plan, tmp_path, schema=schema(), lang="zh")

    index, diff = ((tmp_path / name).read_text("utf-8") for name in PAGES)
    assert zh in index
    assert 'id="todo"' not in index
    assert 'id="signform"' not in diff


def test_nothing_open_is_ready_without_a_condition(summary: RunSummary, plan: Plan, tmp_path: Path) -> None:
    """Gates open and nothing to decide: ready to go live, full stop; one thing is told in the singular."""
    write_reports(replace(summary, decisions=()), plan, tmp_path, schema=schema(), lang="en")
    one = replace(summary, decisions=(Decision("undecided", 1),))

    assert "<h1>" in (text := (tmp_path / "index.html").read_text("utf-8"))
    assert "Ready to go live.<" in text
    write_reports(one, plan, tmp_path, schema=schema(), lang="en")
    assert "once 1 thing is decided" in (tmp_path / "index.html").read_text("utf-8")


def test_the_page_opens_in_the_language_that_was_asked_for(summary: RunSummary, plan: Plan, tmp_path: Path) -> None:
    """`--lang en` gives pages that are English before any script runs."""
    write_reports(summary, plan, tmp_path, schema=schema(), lang="en")

    assert '<html lang="en" data-lang="en">' in (tmp_path / "index.html").read_text("utf-8")


def test_the_last_run_stands_beside_the_gates(summary: RunSummary, plan: Plan, tmp_path: Path) -> None:
    """Where a gate was closed last time, the page says so."""
    gate = GateResult("held", Text("占比", "share"), "held_share", 0.01, 0.02, True, Text("y", "y"), 0.5, False)

    write_reports(replace(summary, gates=(gate,)), plan, tmp_path, schema=schema(), lang="en")

    assert "50.00%" in (tmp_path / "index.html").read_text("utf-8")


def test_a_large_plan_shows_the_riskiest_of_every_kind(summary: RunSummary, plan: Plan, tmp_path: Path) -> None:
    """Beyond 500 changes the page keeps the riskiest, some of each kind, and says where the rest is."""
    write_reports(summary, plan, tmp_path, schema=schema(), lang="zh")

    kinds = re.findall(r'data-kind="(\w+)"', (tmp_path / "diff.html").read_text("utf-8"))
    risks = [int(one) for one in re.findall(r'data-risk="(\d+)"', (tmp_path / "diff.html").read_text("utf-8"))]
    assert set(kinds) == {"create", "update", "merge", "conflict"}
    assert len(kinds) < len(plan.operations)
    assert risks == sorted(risks, reverse=True)


def test_the_json_is_masked_and_whole(document: dict[str, Any], summary: RunSummary) -> None:
    """report.json tells format, verdict, totals, ledgers and findings by code."""
    assert document["format"] == "crmetl.report/1"
    assert document["verdict"] == ["可以上线；签字前有 4 件事要定。", "Ready to go live, once 4 things are decided."]
    assert document["totals"]["created"] == summary.total("created")
    assert document["rows"] == {"read": 766, "mapped": 750, "held": 3, "dropped": 13}
    assert {one["code"] for one in document["findings"]} >= {"LINK_AMBIGUOUS", "PHONE_SHAPE"}
    assert json.dumps(document)


def test_unknown_codes_fields_and_rules_stand_for_themselves(summary: RunSummary, plan: Plan, tmp_path: Path) -> None:
    """A report of a newer or older catalogue still renders: what has no text is shown by its name."""
    stage = summary.stages[2]
    found = replace(stage.report.findings[0], code="FROM_TOMORROW", entity="ghost", column="spirit", source="attic")
    odd = replace(summary, stages=(replace(stage, report=replace(stage.report, stage="haunt", findings=(found,))),), money=())
    strange = replace(
        plan, conflicts=plan.conflicts.assign(entity="ghost", column="spirit"), operations=plan.operations.iloc[:0], creates={}
    )

    write_reports(odd, strange, tmp_path, schema=schema(), lang="en")

    index, diff = ((tmp_path / name).read_text("utf-8") for name in PAGES)
    assert all(word in index for word in ("FROM_TOMORROW", "spirit", "attic", "haunt"))
    assert "spirit" in diff
    assert "0757" not in diff


def test_custom_fields_of_a_change_are_hidden(summary: RunSummary, plan: Plan, tmp_path: Path) -> None:
    """What has no column may hold anything, so it is masked whole."""
    cells = plan.cells.assign(column="custom", before=None, after='{"mobile":"13912345678"}').astype("str")

    write_reports(summary, replace(plan, cells=cells), tmp_path, schema=schema(), lang="zh")

    diff = (tmp_path / "diff.html").read_text("utf-8")
    assert "13912345678" not in diff
    assert "自定义字段" in diff
    assert pd.notna(cells["after"]).all()


def test_references_are_told_by_name(summary: RunSummary, plan: Plan, tmp_path: Path) -> None:
    """A reference to a new record, or to a CRM row whose name is known, is shown as that name, masked as the name is."""
    account = plan.creates["account"]
    contact = plan.creates["contact"].assign(
        account=[f"@{account['rid'].iloc[0]}", *["A-1"] * (len(plan.creates["contact"]) - 1)]
    )

    known = replace(plan, creates={"account": account, "contact": contact})
    write_reports(summary, known, tmp_path, schema=schema(), lang="zh", names={"account:A-1": "越涯自动化工程有限公司"})

    diff = (tmp_path / "diff.html").read_text("utf-8")
    assert f'所属客户</span><span class="en" lang="en">Account</span></span> <span class="now">{account["name"].iloc[0]}' in diff
    assert '<span class="now">越涯自动化工程有限公司</span>' in diff
