"""The workbook of held rows: what a steward reads, mends and hands back. Values stand in it as the source has them."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from crmetl.report.workbook import WIDEST
from crmetl.report.xlsx import FORMULA_STARTS, LONGEST
from crmetl.text import Lang, Text

FORMAT = "crmetl.fixes/1"
HIDDEN = "_crmetl"
"""Sheet that says which run the rows are of, and which column is which."""
OWN = {
    "id": Text("_id", "_id"),
    "file": Text("文件", "File"),
    "sheet": Text("工作表", "Sheet"),
    "row": Text("行", "Row"),
    "columns": Text("哪些列", "Columns"),
    "problem": Text("问题", "What is wrong"),
    "fix": Text("怎么办", "What to do"),
    "waiting": Text("随之等待", "Waiting for it"),
    "action": Text("处理", "Action"),
    "reason": Text("理由", "Reason"),
}
"""Columns before the source's own: role -> heading."""
WIDTHS = {"file": 24, "sheet": 10, "row": 8, "columns": 18, "problem": 40, "fix": 40, "waiting": 10, "action": 10, "reason": 20}
Action = Literal["fix", "leave", "drop"]
ACTIONS: dict[Action, tuple[Text, Text]] = {
    "fix": (Text("修正", "fix"), Text("改好单元格即可，可不填", "correct the cells; may be left empty")),
    "leave": (Text("保留", "leave"), Text("暂不处理；先前的更正也撤回", "not now; an earlier correction is taken back")),
    "drop": (Text("剔除", "drop"), Text("不迁移这一行，须写理由", "leave this row out; a reason must be given")),
}
MOST = 1_000_000
"""Rows of a sheet; the file format ends at 1,048,576."""

_MARKED = PatternFill("solid", fgColor="FFE699")
_TITLE = PatternFill("solid", fgColor="D9D9D9")
_BAD_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True)
class Line:
    """
    A held source row.

    Attributes:
        rid_row: Its id.
        columns, problem, fix: What is wrong where, and what to do.
        waiting: Records that wait for it.
        cells: Its cells, in the order of the sheet's columns.
        marked: Positions of the cells that are wrong.
    """

    rid_row: str
    file: str
    sheet: str
    row: str
    columns: Text
    problem: Text
    fix: Text
    waiting: int
    cells: Sequence[str | None]
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Sheet:
    """The held rows of one source; `columns` are its headings."""

    source: str
    title: Text
    columns: Sequence[str]
    lines: Sequence[Line]


def checked_id(run: str, source: str, rid_row: str) -> str:
    """
    Return a row id with its check digits, which bind it to its run and source.

    >>> checked_id("20260918-213004-7c1e", "east", "42f5b080c18aab78870f240b")
    '42f5b080c18aab78870f240b-260051f3'
    """
    return f"{rid_row}-{hashlib.sha256(f'{run}|{source}|{rid_row}'.encode()).hexdigest()[:8]}"


def as_written(text: str | None) -> str | None:
    r"""
    Return a cell's text as the workbook can hold it.

    >>> as_written("a\x00b"), as_written("x" * 40_000)[-2:]
    ('ab', 'x…')
    """
    if text is None:
        return None
    bare = ILLEGAL_CHARACTERS_RE.sub("", text)
    return bare if len(bare) <= LONGEST else bare[: LONGEST - 1] + "…"


def write_fixes(path: Path, sheets: Sequence[Sheet], *, run: str, plan: str, project: str, lang: Lang) -> None:
    """
    Write the workbook, for its owner's eyes only (mode 0600), in one step.

    Args:
        path: Where to.
        sheets: A source each.
        run, plan, project: What the rows are of; the way back asks for them.
        lang: Of headings and sentences.
    """
    book = Workbook(write_only=True)
    facts: list[tuple[str, ...]] = [("format", FORMAT), ("run", run), ("plan", plan), ("project", project)]
    titles: set[str] = {HIDDEN.casefold()}
    for one in sheets:
        for start in range(0, max(len(one.lines), 1), MOST):
            title = _free(one.title.read(lang) or one.source, titles)
            part = replace(one, lines=one.lines[start : start + MOST])
            facts += _sheet(book, title, part, run=run, lang=lang)
    _about(book, _free(Text("说明", "About").read(lang), titles), lang)
    hidden = book.create_sheet(HIDDEN)
    hidden.sheet_state = "hidden"
    for fact in facts:
        hidden.append([_text(hidden, one) for one in fact])
    _save(book, path)


def _sheet(book: Workbook, title: str, one: Sheet, *, run: str, lang: Lang) -> Iterator[tuple[str, ...]]:
    """Write a sheet; yield what the hidden sheet tells of it."""
    heads = headings(one.columns, lang)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(one.lines) + 1}"
    for at, (role, head) in enumerate(heads):
        column = sheet.column_dimensions[get_column_letter(at + 1)]
        column.width = WIDTHS.get(role, min(max(len(head) * 2 + 4, 14), WIDEST))
        column.hidden = role == "id"
    _offer_actions(sheet, heads, len(one.lines), lang)
    sheet.append([_title(sheet, head) for _, head in heads])
    for line in one.lines:
        own = _own(line, run, one.source, lang)
        texts = [_text(sheet, value, wrap=True) for value in own]
        sheet.append([*texts, *(_text(sheet, value, marked=at in line.marked) for at, value in enumerate(line.cells))])
    yield "sheet", title, one.source
    for role, head in heads:
        yield ("own", title, role, head) if role else ("column", title, head, as_written(head) or "")


def headings(columns: Sequence[str], lang: Lang) -> list[tuple[str, str]]:
    """
    Return role and heading of every column; our own give way where the source has a column of that name.

    >>> [head for _, head in headings(["姓名", "理由"], "zh")][-3:]
    ['理由*', '姓名', '理由']
    """
    taken, own = set(columns), []
    for role, text in OWN.items():
        head = text.read(lang)
        while head in taken:
            head += "*"
        taken.add(head)
        own.append((role, head))
    return [*own, *(("", one) for one in columns)]


def _own(line: Line, run: str, source: str, lang: Lang) -> list[str | None]:
    waiting = str(line.waiting) if line.waiting else None
    said = (line.columns.read(lang), line.problem.read(lang), line.fix.read(lang))
    return [checked_id(run, source, line.rid_row), line.file, line.sheet, line.row, *said, waiting, None, None]


def _offer_actions(sheet: Any, heads: Sequence[tuple[str, str]], lines: int, lang: Lang) -> None:
    """Let the action be chosen from a list."""
    at = get_column_letter([role for role, _ in heads].index("action") + 1)
    words = ",".join(word.read(lang) for word, _ in ACTIONS.values())
    offered = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True)
    offered.add(f"{at}2:{at}{max(lines + 1, 2)}")
    sheet.data_validations.append(offered)


def _about(book: Workbook, title: str, lang: Lang) -> None:
    sheet = book.create_sheet(title)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 12, 90
    for word, told in ABOUT:
        sheet.append([_text(sheet, word.read(lang)), _text(sheet, told.read(lang), wrap=True)])


ABOUT = (
    (
        Text("保密", "Privacy"),
        Text(
            "本文件含个人信息，只给要处理它的人，用完删除。",
            "This file holds personal data: give it only to those who work on it.",
        ),
    ),
    (
        Text("怎么改", "How"),
        Text(
            "在右边来源自己的列里直接改；标色的格就是问题所在。可以排序、筛选、删去不处理的行；不要改表头，不要新增行。",
            "Correct the source's own columns on the right; coloured cells are those in question. You may sort, filter and "
            "delete rows; keep the headings, and add no rows.",
        ),
    ),
    (
        Text("处理", "Action"),
        Text(
            "；".join(f"{word.zh}：{told.zh}" for word, told in ACTIONS.values()) + "。",
            "; ".join(f"{word.en}: {told.en}" for word, told in ACTIONS.values()) + ".",
        ),
    ),
    (
        Text("随之等待", "Waiting"),
        Text(
            "这一行改好后会一起放行的记录数，例如客户的联系人与订单。",
            "How many records go on together with this row, such as a customer's contacts and orders.",
        ),
    ),
    (Text("交回", "Hand back"), Text("crmetl fixes import 本文件 --by 姓名", "crmetl fixes import THIS-FILE --by NAME")),
)


def _text(sheet: Any, value: str | None, *, marked: bool = False, wrap: bool = False) -> Any:
    """Return a cell that is text and stays text: no number, date or formula is ever made of it."""
    text = as_written(value)
    made = WriteOnlyCell(sheet, value=text)
    made.number_format = "@"
    if text is not None:
        made.data_type = "s"
        made.quotePrefix = text.startswith(FORMULA_STARTS)
    if marked:
        made.fill = _MARKED
    if wrap:
        made.alignment = Alignment(vertical="top", wrap_text=True)
    return made


def _title(sheet: Any, head: str) -> Any:
    made = _text(sheet, head)
    made.font, made.fill = Font(bold=True), _TITLE
    return made


def _free(title: str, taken: set[str]) -> str:
    """Return a title of a sheet that is allowed and not taken yet."""
    bare = title.translate(_BAD_TITLE).strip()[:31] or "_"
    free, number = bare, 2
    while free.casefold() in taken:
        free, number = f"{bare[:26]} ({number})", number + 1
    taken.add(free.casefold())
    return free


def _save(book: Workbook, path: Path) -> None:
    part = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        book.save(file)
    part.replace(path)
