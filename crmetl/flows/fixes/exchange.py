"""Held rows for a steward: out as a workbook, back as corrections, and the corrected rows run again alone."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from crmetl.errors import UsageError
from crmetl.flows.fixes.corrections import standing
from crmetl.flows.fixes.handed_back import read_back
from crmetl.flows.fixes.held import held_of
from crmetl.flows.fixes.mending import Mending, mend, refuse_other
from crmetl.flows.fixes.rerun import Fate, already_written, fate, rows_along
from crmetl.flows.fixes.sheets import sheets_of
from crmetl.flows.migrate import Planned, make_plan
from crmetl.flows.opening import now, open_project
from crmetl.flows.watch import Watch
from crmetl.project import Project, resolve_url
from crmetl.report import fixes as workbook
from crmetl.store import open_store
from crmetl.text import Lang, Text
from crmetl.workspace import Workspace, find, full_disk

FILE = "held-rows.xlsx"
LISTED = 20
"""Rows told on a terminal that are still held; the report and a new export have all."""


@dataclass(frozen=True)
class Exported:
    """
    The workbook of a run's held rows.

    Attributes:
        file: Where it is; None where nothing is held.
        rows: Source rows with a problem of their own.
        waiting: Records that wait for one of them.
    """

    run: str
    file: Path | None
    rows: int
    sources: dict[str, int]
    waiting: int

    def facts(self) -> dict[str, Any]:
        """Return the JSON of `crmetl fixes export`."""
        return {
            "run": self.run,
            "file": str(self.file) if self.file else None,
            "rows": self.rows,
            "sources": self.sources,
            "waiting": self.waiting,
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        if self.file is None:
            return [Text("没有保留的行。", "No row is held.").read(lang)]
        head = Text(
            "{n:,} 行待处理，{w:,} 条记录随之等待 → {file}", "Rows to mend: {n:,}; records that wait for them: {w:,} → {file}"
        ).fill(n=self.rows, w=self.waiting, file=self.file)
        tail = Text("改好后：crmetl fixes import {file} --by 姓名", "When done: crmetl fixes import {file} --by NAME").fill(
            file=self.file
        )
        return [head.read(lang), *(f"  {name}  {n:,}" for name, n in self.sources.items()), tail.read(lang)]


WARNING = Text(
    "注意：文件含个人信息的原值（仅本人可读，0600）；只交给处理的人，用完删除",
    "note: the file holds personal data as it is (readable by you only, 0600); give it only to who works on it, then delete it",
)


def export_held(folder: Path, run: str, *, out: Path | None, lang: Lang) -> Exported:
    """
    Write the held rows of a run as a workbook.

    Args:
        out: Where to; None: `held-rows.xlsx` in the run folder.

    Raises:
        UsageError: The run's rows are gone, or the file is there already: somebody may be working in it.
    """
    project = open_project(folder).project
    workspace = find(project.runs, run)
    note = refuse_purged(workspace)
    held = held_of(project, workspace)
    roots = held.roots()
    if not len(roots):
        return Exported(workspace.run, None, 0, {}, 0)
    path = out or workspace.path("fixes", FILE)
    _refuse_there(path)
    sheets = sheets_of(project, workspace, held)
    with full_disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        workbook.write_fixes(
            path, sheets, run=workspace.run, plan=str(note.get("plan", "")), project=project.name.read(lang), lang=lang
        )
    counts = {one.source: len(one.lines) for one in sheets}
    return Exported(workspace.run, path, sum(counts.values()), counts, len(held.waiting_rids()))


def refuse_purged(workspace: Workspace) -> dict[str, Any]:
    """
    Return run.json of a run whose rows are there.

    Raises:
        UsageError: They are not: purged, or the run was broken off.
    """
    note = workspace.noted("run") or {}
    if note.get("purged") or not (workspace.folder / "rows").exists():
        raise UsageError(
            Text("这次运行的行已不在", "the rows of this run are no longer there"),
            where=workspace.run,
            next=Text("crmetl plan 后导出新的运行", "run `crmetl plan`, and export that run"),
        )
    return note


def _refuse_there(path: Path) -> None:
    if path.exists():
        raise UsageError(
            Text("文件已存在，可能有人正在里面改", "the file is there already, and somebody may be working in it"),
            where=str(path),
            next=Text("先导入并删除它，或用 -o 另写一个", "import and delete it first, or write another with -o"),
        )


@dataclass(frozen=True)
class Imported:
    """
    What a workbook brought.

    Attributes:
        mending: What it asked for, and its problems.
        cells: Cells that are corrected now and were not before.
        planned: The plan with the corrections; None where nothing was asked for, or the workbook was refused.
        alone: The rows ran alone, against the CRM; else all rows did, for the run is not written yet.
        fate: What came of the held rows.
    """

    run: str
    mending: Mending
    cells: int = 0
    planned: Planned | None = None
    alone: bool = False
    fate: Fate | None = None

    @property
    def exit(self) -> int:
        """Return 2 where the workbook was refused, 1 where a gate is closed."""
        if self.mending.refused:
            return 2
        return 1 if self.planned and self.planned.status == "gated" else 0

    def facts(self, lang: Lang) -> dict[str, Any]:
        """Return the JSON of `crmetl fixes import`."""
        asked, fate_, plan = self.mending, self.fate, self.planned.facts() if self.planned else {}
        counts = ("corrected", "dropped", "confirmed", "left", "unchanged", "copies")
        return {
            "run": self.run,
            **{name: 0 if asked.refused else getattr(asked, name) for name in counts},
            "cells": self.cells,
            "freed": fate_.freed if fate_ else 0,
            "still_held": fate_.still_held if fate_ else 0,
            "stale": fate_.stale if fate_ else [],
            "held": [{"where": at, "code": code, "message": text.read(lang)} for at, code, text in fate_.told] if fate_ else [],
            "problems": [one.to_json(lang) for one in asked.problems],
            "scope": ("rows" if self.alone else "all") if self.planned else None,
            "planned": plan.get("run"),
            **{name: plan.get(name) for name in ("plan", "status", "entities", "gates", "report", "seconds")},
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        told = [one.line(lang) for one in sorted(self.mending.problems, key=lambda one: one.severity)]
        if self.mending.refused:
            wrong = sum(one.severity == "error" for one in self.mending.problems)
            head = Text("{n} 处问题，整个文件都没有导入：", "Nothing of the file was imported; problems: {n}").fill(n=wrong)
            return [head.read(lang), *(f"  {one}" for one in told)]
        done = Text(
            "更正 {c:,} 行（{k:,} 格），剔除 {d:,} 行，确认无误 {o:,} 行，未动 {u:,} 行。",
            "Rows corrected: {c:,} (new cells: {k:,}); dropped: {d:,}; confirmed: {o:,}; left as they are: {u:,}.",
        ).fill(c=self.mending.corrected, k=self.cells, d=self.mending.dropped, o=self.mending.confirmed, u=self._untouched())
        return [done.read(lang), *told, *self._along(lang), *(self._outcome(self.planned, self.fate, lang) if self.fate else [])]

    def _untouched(self) -> int:
        return self.mending.unchanged + self.mending.left

    def _along(self, lang: Lang) -> list[str]:
        text = Text("同一编号的另外 {n:,} 行一并更正。", "Corrected along with them, of the same key: {n:,}.")
        return [text.fill(n=self.mending.copies).read(lang)] if self.mending.copies else []

    def _outcome(self, planned: Planned | None, fate_: Fate, lang: Lang) -> list[str]:
        if planned is None:
            return []
        what = (
            Text("只重跑有关的行", "The rows concerned ran alone")
            if self.alone
            else Text("整批重新计划", "All rows were planned anew")
        )
        freed = Text("：放行 {f:,} 行，仍保留 {h:,} 行。", "; freed: {f:,}, still held: {h:,}.")
        lines = [what.read(lang) + freed.fill(f=fate_.freed, h=fate_.still_held).read(lang)]
        lines += [f"  {place}: {text.read(lang)}" for place, _, text in fate_.told[:LISTED]]
        if len(fate_.told) > LISTED:
            lines.append(Text("  … 另有 {n:,} 处", "  … and {n:,} more").fill(n=len(fate_.told) - LISTED).read(lang))
        stale = Text("来源已变，更正没有用上", "the source has changed; the correction is not applied").read(lang)
        return [*lines, *(f"  {place}: {stale}" for place in fate_.stale), *planned.lines(lang)]


def import_fixes(folder: Path, file: Path, *, by: str, watch: Watch, lang: Lang) -> Imported:
    """
    Take a steward's workbook in: all of it or, where anything in it is wrong, nothing.

    The corrections are remembered by source row and column, and every plan from now on applies them. Where the run is
    written, the rows concerned are planned alone against the CRM; where it is not, everything is planned anew.

    Args:
        by: Who made the corrections.

    Raises:
        UsageError: It is no workbook of `fixes export`, or of another project, or its run is gone.
        SourceError: It cannot be read.
    """
    project = open_project(folder).project
    book = read_back(file)
    workspace = refuse_other(book, project, str(file))
    refuse_purged(workspace)
    held, known = held_of(project, workspace), standing(project)
    asked = mend(book, project, workspace, held, known)
    if asked.refused or not asked.asked:
        return Imported(workspace.run, asked)
    wanted = asked.frame()
    cells = _remember(project, wanted, known, by)
    alone = already_written(project, workspace)
    only = rows_along(project, workspace, held, wanted) if alone else None
    planned = make_plan(folder, watch=watch, lang=lang, reveal=False, operator=by, only=only)
    planned.workspace.note("fixes", {"run": workspace.run, "scope": "rows" if alone else "all", "by": by})
    seen = fate(project, (workspace, held), planned.workspace, asked=asked.rows())
    return Imported(workspace.run, asked, cells, planned, alone, seen)


def _remember(project: Project, wanted: pd.DataFrame, known: dict[str, pd.DataFrame], by: str) -> int:
    """Remember the cells that do not stand yet; who said the same before keeps the credit. Return their number."""
    stands = {
        (source, row, column): value
        for source, said in known.items()
        for row, column, value in zip(said["rid_row"], said["column"], said["value"].fillna(""), strict=True)
    }
    cells = zip(wanted["source"], wanted["rid_row"], wanted["column"], wanted["value"], strict=True)
    news = pd.Series([stands.get((s, row, c)) != value for s, row, c, value in cells], index=wanted.index, dtype=bool)
    with open_store(resolve_url(project.store, project, os.environ)) as store:
        return store.correct(wanted[news], by=by, at=now().isoformat(timespec="seconds")) if news.any() else 0
