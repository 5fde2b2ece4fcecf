"""Held rows for a steward: out as a workbook, back as corrections, and the corrected rows run again alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmetl.errors import UsageError
from crmetl.flows.held import held_of
from crmetl.flows.held_sheets import sheets_of
from crmetl.flows.opening import open_project
from crmetl.report import fixes as workbook
from crmetl.text import Lang, Text
from crmetl.workspace import Workspace, find, full_disk

FILE = "held-rows.xlsx"


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
            "{n:,} 行待处理，{w:,} 条记录随之等待 → {file}", "{n:,} rows to mend, {w:,} records wait for them → {file}"
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
