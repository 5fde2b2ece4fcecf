"""Decisions that came back from a person: all of a file is taken in, or, where anything in it is wrong, nothing."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from crmetl.dedupe import DECISION
from crmetl.errors import MachineError, SourceError, UsageError
from crmetl.extract.answers import Answer, read_answers
from crmetl.flows.fixes.handed_back import Problem
from crmetl.flows.opening import now, open_project
from crmetl.flows.review.pairs import Asked, asked_of
from crmetl.flows.review.sample import Drawing, measured_of, sample_of
from crmetl.flows.show import note_measured
from crmetl.project import Project, resolve_url
from crmetl.quality.measured import Measured
from crmetl.report.fixes import HIDDEN
from crmetl.report.measured import measured_lines
from crmetl.report.review import DECISIONS, FORMAT, SAID, Said, shown_ref
from crmetl.store import open_store
from crmetl.text import Lang, Text
from crmetl.workspace import find

LISTED = 20
"""Problems told on a terminal; the JSON has all."""
LARGEST = 50_000_000
"""Bytes of a file of decisions; ten thousand of them take four million."""
LONGEST = {"by": 120, "note": 2_000}
"""Characters: as long as the store keeps a name, and as a reason may be."""

WORDS: dict[str, Said] = {
    **{word.casefold(): said for said, text in SAID.items() for word in (said, *text)},
    "match": "same",
    "no_match": "different",
    "later": "skip",
    "同一家": "same",
    "以后再说": "skip",
    "": "skip",
}
"""What may stand for a decision, in either language."""


@dataclass(frozen=True)
class Line:
    """One pair as it came back; `where` is `sheet!row`, or the place in the JSON."""

    where: str
    key: str
    left: str
    right: str
    word: str
    by: str
    note: str


@dataclass(frozen=True)
class Given:
    """A file that came back: the run it is of, its pairs, what is wrong with cells that are no text; the sample that it is."""

    run: str
    lines: Sequence[Line]
    problems: Sequence[Problem] = ()
    sample: Drawing | None = None


@dataclass(frozen=True)
class Imported:
    """
    What a file brought.

    Attributes:
        new, changed, unchanged: Pairs decided for the first time, otherwise than before, and as before.
        skipped: Pairs that were left open.
        problems: Why nothing was imported.
        measured: What a labelled sample says of the matching; None where the file is none.
    """

    run: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    problems: Sequence[Problem] = field(default=())
    measured: Measured | None = None

    @property
    def exit(self) -> int:
        """Return 2 where the file was refused."""
        return 2 if self.problems else 0

    def facts(self, lang: Lang) -> dict[str, Any]:
        """Return the JSON of `crmetl review import`."""
        return {
            "run": self.run,
            "imported": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "problems": [one.to_json(lang) for one in self.problems],
            "measured": None if self.measured is None else dict(self.measured.facts()),
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        if self.problems:
            head = Text("{n} 处问题，整个文件都没有导入：", "{n} problems; nothing of the file was imported:")
            more = Text("  … 另有 {n:,} 处", "  … and {n:,} more").fill(n=len(self.problems) - LISTED)
            told = [f"  {one.line(lang)}" for one in self.problems[:LISTED]]
            rest = [more.read(lang)] if len(self.problems) > LISTED else []
            return [head.fill(n=len(self.problems)).read(lang), *told, *rest]
        done = Text(
            "新判断 {n:,} 对，改判 {c:,} 对，与先前相同 {u:,} 对，跳过 {s:,} 对。",
            "{n:,} pairs decided, {c:,} decided otherwise than before, {u:,} as before, {s:,} left open.",
        ).fill(n=self.new, c=self.changed, u=self.unchanged, s=self.skipped)
        following = Text("下一步：crmetl plan，判断随之生效", "Next: crmetl plan carries them out")
        said = [] if self.measured is None else [one.read(lang) for one in measured_lines(self.measured)]
        return [done.read(lang), *said, *([following.read(lang)] if self.new or self.changed else [])]


def import_decisions(folder: Path, file: Path, *, by: str, lang: Lang) -> Imported:
    """
    Remember what a person decided; the next plan carries it out. A sample also measures the run, whose reports then say so.

    Args:
        file: A workbook of `review export` or `review sample`, or the JSON that their page exports.
        by: Who decided, where the file does not say.
        lang: Of reports that do not say what they were written in.

    Raises:
        UsageError: It is neither of the two, or its run is gone.
        SourceError: It cannot be read.
    """
    project = open_project(folder).project
    given = _from_json(file) if file.suffix.lower() == ".json" else _from_workbook(file)
    workspace = find(project.runs, given.run)
    asked = asked_of(project, workspace, {}) if given.sample is None else sample_of(project, workspace, {}, given.sample)
    checked = _Checked(asked, given, by)
    if checked.problems:
        return Imported(workspace.run, problems=checked.problems)
    new, changed, unchanged = _remember(project, checked.frame())
    measured = None if given.sample is None else measured_of(workspace, given.sample, asked, checked.said)
    if measured is not None:
        note_measured(workspace, project.schema_, measured, lang=lang)
    return Imported(workspace.run, new, changed, unchanged, checked.skipped, measured=measured)


def _remember(project: Project, said: pd.DataFrame) -> tuple[int, int, int]:
    """Keep what is new; who said the same before keeps the credit. Return the numbers of new, changed and unchanged ones."""
    with open_store(resolve_url(project.store, project, os.environ)) as store:
        known = pd.concat([store.decisions(entity) for entity in project.match], ignore_index=True)
        keys = ["entity", "left", "right"]
        both = said.merge(known[[*keys, "verdict", "why"]], how="left", on=keys, suffixes=("", "_before"))
        before = both["verdict_before"].notna()
        same = (both["verdict"] == both["verdict_before"]) & (both["why"].isna() | (both["why"] == both["why_before"]))
        at = now().isoformat(timespec="seconds")
        for by, rows in both[~same].groupby("by"):
            store.decide(rows[list(DECISION)], by=str(by), at=at)
    return int((~before).sum()), int((before & ~same).sum()), int(same.sum())


class _Checked:
    """The pairs of a file against those of its run; every problem is found, not just the first."""

    def __init__(self, asked: Asked, given: Given, by: str) -> None:
        self._asked, self._by = asked, by
        self._pairs = {one.id: one for one in asked.pairs}
        self.problems: list[Problem] = list(given.problems)
        self.skipped = 0
        self.said: dict[str, Said] = {}
        self._rows: dict[tuple[str, str, str], tuple[str, str | None, str, str]] = {}
        for line in given.lines:
            self._take(line)

    def frame(self) -> pd.DataFrame:
        """Return columns DECISION and `by`, a row per decided content."""
        rows = [(*key, verdict, note, by) for key, (verdict, note, by, _) in self._rows.items()]
        return pd.DataFrame(rows, columns=[*DECISION, "by"], dtype="str")

    def _take(self, line: Line) -> None:
        said = WORDS.get(line.word.strip().casefold())
        found = self._found(line)
        if said is None:
            zh, en = "、".join(one.zh for one in SAID.values()), ", ".join(one.en for one in SAID.values())
            self._note(
                line,
                Text("判断一栏不认识这个词", "this word is no decision"),
                Text(f"填：{zh}", f"write one of {en}"),
            )
        elif found is not None and said == "skip":
            self.skipped += 1
        elif found is not None:
            self._decide(line, found, said)

    def _found(self, line: Line) -> str | None:
        """Return the pair that a line is about, if it is one of this run and nobody altered its ids."""
        ident = line.key.rpartition("-")[0]
        pair = self._pairs.get(ident)
        again = Text("从原文件恢复编号，或重新导出", "restore the ids from the file as exported, or export again")
        if pair is None:
            self._note(line, Text("这次运行没有这一对", "the run has no such pair"), again)
            return None
        if line.key != pair.key(self._asked.run) or (line.left, line.right) != (pair.left.ref, pair.right.ref):
            self._note(line, Text("编号被改动过", "the ids of this pair were altered"), again)
            return None
        return ident

    def _decide(self, line: Line, ident: str, said: Said) -> None:
        pair = self._pairs[ident]
        left, right = sorted(self._asked.prints[ident])
        by = line.by.strip() or self._by
        if not left or not right:
            self._note(line, Text("这一对没有可记住的内容", "a record of this pair has no content to remember it by"))
            return
        if len(by) > LONGEST["by"] or len(line.note) > LONGEST["note"]:
            self._note(line, Text("姓名或理由过长", "the name or the note is too long"))
            return
        before = self._rows.get((pair.entity, left, right))
        if before is not None and before[0] != said:
            what = Text(
                f"与 {before[3]} 矛盾：同一对（或内容相同的一对）判断不同",
                f"contradicts {before[3]}, which is about the same content",
            )
            self._note(line, what, Text("改成一致，或其中一处写跳过", "make them agree, or skip one"))
            return
        self.said[ident] = said
        self._rows[pair.entity, left, right] = (said, line.note.strip() or None, by, line.where)

    def _note(self, line: Line, what: Text, following: Text | None = None) -> None:
        self.problems.append(Problem(line.where, what, following))


def _from_workbook(file: Path) -> Given:
    sheets = read_answers(file)
    told = [[one.text or "" for one in row] for row in sheets.get(HIDDEN, ())]
    facts = {row[0]: row[1] for row in told if len(row) == 2}
    if facts.get("format") != FORMAT or not facts.get("run"):
        raise _no_export(file)
    heads = {(row[1], row[2]): row[3] for row in told if len(row) == 4 and row[0] == "own"}
    lines: list[Line] = []
    problems: list[Problem] = []
    for title in [row[1] for row in told if len(row) == 3 and row[0] == "sheet"]:
        wanted = {role: head for (of, role), head in heads.items() if of == title}
        found = list(_rows(title, sheets.get(title, ()), wanted))
        lines += [one for one in found if isinstance(one, Line)]
        problems += [one for one in found if isinstance(one, Problem)]
    return Given(facts["run"], lines, problems, Drawing.read(facts.get("sample")))


def _rows(title: str, rows: Sequence[Sequence[Answer]], heads: Mapping[str, str]) -> Iterator[Line | Problem]:
    """Yield the pairs of a sheet; one that lacks a column is told once."""
    top = [one.text for one in rows[0]] if rows else []
    missing = [heads.get(role, role) for role in ROLES if heads.get(role) not in top]
    if missing:
        names = ", ".join(missing)
        again = Text("恢复表头，或重新导出", "restore the headings, or export again")
        yield Problem(f"{title}!1", Text(f"缺少列：{names}", f"columns are missing: {names}"), again)
        return
    at = {role: top.index(heads[role]) for role in ROLES}
    for number, row in enumerate(rows[1:], 2):
        cells = {role: row[place] if place < len(row) else Answer() for role, place in at.items()}
        where = f"{title}!{number}"
        if any(one.kind == "formula" for one in cells.values()):
            yield Problem(where, Text("公式不是答案", "a formula is no answer"), Text("写成文字", "write it as text"))
            continue
        text = {role: one.text or "" for role, one in cells.items()}
        if any(text.values()):
            yield Line(where, text["id"], _ref(text["left"]), _ref(text["right"]), text["decision"], text["by"], text["note"])


ROLES = ("id", "decision", "by", "note", "left", "right")


def _ref(shown: str) -> str:
    """Return the reference that `shown_ref` shows."""
    head = shown_ref("=")
    return "=" + shown.removeprefix(head) if shown.startswith(head) else shown


def _from_json(file: Path) -> Given:
    try:
        if file.stat().st_size > LARGEST:
            raise _no_export(file)
        told = json.loads(file.read_bytes())
    except OSError as error:
        raise _unreadable(file, error) from error
    except ValueError as error:
        raise _no_export(file) from error
    if not isinstance(told, dict) or told.get("format") != DECISIONS or not isinstance(told.get("run"), str):
        raise _no_export(file)
    listed = told.get("decisions")
    if not isinstance(listed, list):
        raise _no_export(file)
    by = told.get("by") if isinstance(told.get("by"), str) else ""
    lines: list[Line] = []
    problems: list[Problem] = []
    for number, one in enumerate(listed):
        where = f"decisions[{number}]"
        if isinstance(one, dict) and all(isinstance(one.get(name), str) for name in ("key", "left", "right", "decision")):
            said = [one.get("by") or by or "", one.get("reason") or ""]
            lines.append(Line(where, one["key"], one["left"], one["right"], one["decision"], str(said[0]), str(said[1])))
        else:
            what = Text("缺 key、left、right 或 decision", "lacks key, left, right or decision")
            problems.append(Problem(where, what))
    return Given(told["run"], lines, problems, Drawing.read(told.get("sample")))


def _no_export(file: Path) -> UsageError:
    return UsageError(
        Text(
            "这不是 review export 的工作簿，也不是其网页导出的判断",
            "this is neither a workbook of `review export` nor its page's JSON",
        ),
        where=str(file),
        next=Text("crmetl review export RUN 重新导出", "export again with `crmetl review export RUN`"),
    )


def _unreadable(file: Path, error: OSError) -> SourceError | MachineError:
    if isinstance(error, PermissionError):
        return MachineError(Text("没有读取权限", "no permission to read"), where=str(file))
    return SourceError(Text("文件读不到", "the file cannot be read"), where=str(file), next=Text("检查路径", "check the path"))
