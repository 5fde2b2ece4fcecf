"""Progress bars on stderr, for people at a terminal only."""

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from crmetl.flows.watch import LookAway, Watch

STAGES = {
    "map": ("读取与映射", "reading and mapping"),
    "records": ("查重与关联", "matching and linking"),
    "diff": ("比对", "comparing with the CRM"),
    "report": ("写报告", "writing reports"),
    "apply": ("写入", "writing"),
    "rollback": ("撤回", "taking back"),
    "profile": ("查看文件", "looking at the files"),
    "dedupe": ("查重", "matching"),
    "read": ("读取", "reading"),
    "cells": ("整理取值", "putting cells in order"),
    "learn": ("学习匹配模型", "learning how records compare"),
    "compare": ("比对候选记录", "comparing candidates"),
    "cluster": ("归组", "grouping"),
    "write": ("写出", "writing"),
}
PATIENCE = 1.0
"""Seconds before a bar appears; shorter work needs none."""


class Bars:
    """A bar per stage, drawn only once the work has taken a second."""

    def __init__(self, console: Console, lang: str) -> None:
        self.console = console
        self.lang = lang
        self.bar: Progress | None = None
        self.start: float | None = None
        self.label = ""
        self.rows = 0

    def begin(self, stage: str, what: str) -> None:
        """Begin a stage."""
        self.end()
        zh, en = STAGES.get(stage, (stage, stage))
        self.label = f"{zh if self.lang == 'zh' else en} {what}".strip()
        self.start, self.rows = self.start or time.monotonic(), 0
        self._draw()

    def advance(self, rows: int) -> None:
        """Count rows; draw once there has been time enough to wonder."""
        self.rows += rows
        self._draw()
        if self.bar is not None:
            self.bar.update(self.bar.task_ids[0], completed=self.rows)

    def _draw(self) -> None:
        if self.bar is None and self.start is not None and time.monotonic() - self.start > PATIENCE:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self.bar = Progress(*columns, console=self.console, transient=True)
            self.bar.start()
            self.bar.add_task(self.label, total=None)

    def end(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


def watcher(lang: str) -> Watch:
    """Return bars at a terminal; elsewhere nobody looks."""
    return Bars(Console(stderr=True), lang) if sys.stderr.isatty() else LookAway()
