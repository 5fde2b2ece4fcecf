"""Pairs for a person to decide, as values; and the workbook of them. Values stand in it: nobody can judge what is masked."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from crmetl.report import words
from crmetl.report.fixes import HIDDEN, as_written
from crmetl.report.xlsx import FORMULA_STARTS
from crmetl.text import Lang, Text

FORMAT = "crmetl.review/1"
DECISIONS = "crmetl.decisions/1"
Said = Literal["same", "different", "skip"]
SAID: dict[Said, Text] = {
    "same": Text("同一", "same"),
    "different": Text("不同", "different"),
    "skip": Text("跳过", "skip"),
}
"""What a person may write into the column of decisions."""


@dataclass(frozen=True)
class Side:
    """One record of a pair: `ref` is its rid, or `=key` of a CRM row; `place` where it is from."""

    ref: str
    place: str


@dataclass(frozen=True)
class Step:
    """One compared field: both values, the level found, and what it adds to the score that stood at `start`, in 1/1000 bit."""

    label: Text
    left: str | None
    right: str | None
    level: str
    mbit: int
    start: int


@dataclass(frozen=True)
class ReviewPair:
    """
    A pair to decide.

    Attributes:
        id: Number in this run, `P-001`.
        merged: The run has them as one; shown for a spot check.
        context: What is not compared but helps to judge: label and both values.
        prior, mbit, cut, review: 1/1000 bit.
        said: What somebody decided in an earlier import, and who.
    """

    id: str
    entity: str
    label: Text
    left: Side
    right: Side
    mbit: int
    cut: int
    prior: int
    steps: tuple[Step, ...]
    review: int | None = None
    merged: bool = False
    context: tuple[tuple[Text, str | None, str | None], ...] = ()
    said: tuple[str, str] | None = field(default=None)

    def key(self, run: str) -> str:
        """Return the id with its check digits, which bind it to its run and its two records."""
        return f"{self.id}-{checked(run, self.id, self.entity, self.left.ref, self.right.ref)}"


def checked(*parts: str) -> str:
    """
    Return eight hex digits that an altered id does not fit.

    >>> checked("20260918-213004-7c1e", "P-001", "account", "a", "b")
    '19f5e5f6'
    """
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:8]


def effect(pair: ReviewPair) -> Text:
    """Say what comes of "same", and of leaving it open."""
    left, right = (one.ref.startswith("=") for one in (pair.left, pair.right))
    if pair.merged:
        return Text(
            "判为不同：下次计划分成两条；不判断：仍为一条。", "If different: the next plan parts them; left open: they stay one."
        )
    if left and right:
        return Text(
            "判为同一：CRM 中后一条停用并入前一条，下级记录改挂；不判断：CRM 中仍是两条。",
            "If the same: of the two CRM rows one is retired into the other and its children move; left open: they stay two.",
        )
    if left or right:
        return Text(
            "判为同一：来源记录写入这条 CRM 记录；不判断：按新记录另建。",
            "If the same: the record goes into this CRM row; left open: it becomes a row of its own.",
        )
    return Text("判为同一：合并为一条写入；不判断：写成两条。", "If the same: one row is written; left open: two are.")


def because(pair: ReviewPair) -> Text:
    """Say the sum: where every pair starts, what each field adds, the score."""
    told = [
        (one.label, words.word(words.LEVELS, one.level), words.bits(one.mbit)) for one in pair.steps if one.level != "missing"
    ]
    start, end = words.bits(pair.prior), words.bits(pair.mbit)
    zh = "；".join([f"起点 {start}", *(f"{a.zh} {b.zh} {c}" for a, b, c in told)])
    en = "; ".join([f"start {start}", *(f"{a.en} {b.en} {c}" for a, b, c in told)])
    return Text(f"{zh} ＝ {end}", f"{en} = {end}")


OWN = {
    "id": Text("_id", "_id"),
    "pair": Text("编号", "Pair"),
    "decision": Text("判断", "Decision"),
    "by": Text("判断人", "Decided by"),
    "note": Text("理由", "Note"),
    "score": Text("分数（比特）", "Score (bits)"),
    "cut": Text("合并线", "Cut"),
    "state": Text("现状", "As planned"),
    "why": Text("依据", "Why"),
}
"""Columns before the values: role -> heading."""
REFS = {
    "left": Text("记录一", "Record 1"),
    "left_place": Text("出处一", "From 1"),
    "right": Text("记录二", "Record 2"),
    "right_place": Text("出处二", "From 2"),
}
"""Columns after the values."""
OPEN = ("decision", "by", "note")
"""Columns that a person fills in; the others are locked, without a password."""
WIDTHS = {"pair": 9, "decision": 10, "by": 12, "note": 24, "score": 9, "cut": 9, "state": 10, "why": 44, "left_place": 30}
STATES = {True: Text("已合并", "merged"), False: Text("分开", "apart")}

_ASKED = PatternFill("solid", fgColor="FFF6DD")
_DIFFERS = PatternFill("solid", fgColor="FDE9D0")
_TITLE = PatternFill("solid", fgColor="D9D9D9")


def write_review(path: Path, pairs: Sequence[ReviewPair], *, run: str, lang: Lang, sample: str = "") -> None:
    """
    Write the workbook, a sheet per entity and a row per pair, for its owner's eyes only (mode 0600), in one step.

    Args:
        path: Where to.
        pairs: In the order in which they are asked.
        run: What the pairs are of; the way back asks for it.
        lang: Of headings, words and sentences.
        sample: How the pairs were drawn, where they are a sample.
    """
    book = Workbook(write_only=True)
    facts: list[tuple[str, ...]] = [("format", FORMAT), ("run", run), *([("sample", sample)] if sample else [])]
    for entity in dict.fromkeys(one.entity for one in pairs):
        mine = [one for one in pairs if one.entity == entity]
        title = mine[0].label.read(lang)[:31]
        facts += _sheet(book, title, mine, run, lang)
    _about(book, lang, (*ABOUT[:1], SAMPLE, *ABOUT[1:]) if sample else ABOUT)
    hidden = book.create_sheet(HIDDEN)
    hidden.sheet_state = "hidden"
    for fact in facts:
        hidden.append([_cell(hidden, one) for one in fact])
    save_private(path, book)


def _sheet(book: Workbook, title: str, pairs: Sequence[ReviewPair], run: str, lang: Lang) -> Iterator[tuple[str, ...]]:
    """Write a sheet; yield what the hidden sheet tells of it."""
    labels = list(dict.fromkeys(label for one in pairs for label in _labels(one)))
    heads = _heads(labels, lang)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "D2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(pairs) + 1}"
    for at, (role, head) in enumerate(heads):
        column = sheet.column_dimensions[get_column_letter(at + 1)]
        column.width = WIDTHS.get(role, 26 if role in ("", "left", "right", "right_place") else max(len(head) * 2 + 2, 10))
        column.hidden = role == "id"
    offered = DataValidation(type="list", formula1=f'"{",".join(one.read(lang) for one in SAID.values())}"', allow_blank=True)
    offered.error = Text("请从列表中选", "choose from the list").read(lang)
    offered.add(f"C2:C{len(pairs) + 1}")
    sheet.data_validations.append(offered)
    sheet.protection.sheet = True
    for allowed in ("autoFilter", "formatColumns", "formatRows"):
        setattr(sheet.protection, allowed, False)
    sheet.append([_title(sheet, head) for _, head in heads])
    for one in pairs:
        sheet.append(list(_row(sheet, one, labels, run, lang)))
    yield "sheet", title, pairs[0].entity
    for role, head in heads:
        if role:
            yield "own", title, role, head


def _labels(pair: ReviewPair) -> list[Text]:
    return [*(label for label, *_ in pair.context), *(one.label for one in pair.steps)]


def _heads(labels: Iterable[Text], lang: Lang) -> list[tuple[str, str]]:
    values = [("", f"{one.read(lang)} {number}") for one in labels for number in (1, 2)]
    own, refs = ([(role, text.read(lang)) for role, text in table.items()] for table in (OWN, REFS))
    return [*own, *values, *refs]


def _row(sheet: Any, pair: ReviewPair, labels: Sequence[Text], run: str, lang: Lang) -> Iterator[Any]:
    said, by = pair.said or ("", "")
    word = SAID["same" if said == "same" else "different"].read(lang) if said else None
    texts = {"id": pair.key(run), "pair": pair.id, "decision": word, "by": by or None, "note": None}
    for role, text in texts.items():
        yield _cell(sheet, text, asked=role in OPEN)
    yield pair.mbit / 1000
    yield pair.cut / 1000
    yield _cell(sheet, STATES[pair.merged].read(lang))
    yield _cell(sheet, because(pair).read(lang))
    values = {label: (left, right) for label, left, right in pair.context}
    values |= {one.label: (one.left, one.right) for one in pair.steps}
    for label in labels:
        both = values.get(label, (None, None))
        differ = all(both) and both[0] != both[1]
        for value in both:
            yield _cell(sheet, value, differs=differ)
    for side in (pair.left, pair.right):
        yield _cell(sheet, shown_ref(side.ref))
        yield _cell(sheet, side.place)


def shown_ref(ref: str) -> str:
    """
    Say what a record is called: a CRM row by its key.

    >>> shown_ref("=K1"), shown_ref("ab12")
    ('CRM K1', 'ab12')
    """
    return f"CRM {ref[1:]}" if ref.startswith("=") else ref


def _cell(sheet: Any, value: str | None, *, asked: bool = False, differs: bool = False) -> Any:
    """Return a cell that is text and stays text: no number, date or formula is ever made of it."""
    text = as_written(value)
    made = WriteOnlyCell(sheet, value=text)
    made.number_format = "@"
    made.alignment = Alignment(vertical="top", wrap_text=True)
    if text is not None:
        made.data_type = "s"
        made.quotePrefix = text.startswith(FORMULA_STARTS)
    if asked:
        made.fill, made.protection = _ASKED, Protection(locked=False)
    if differs:
        made.fill = _DIFFERS
    return made


def _title(sheet: Any, head: str) -> Any:
    made = _cell(sheet, head)
    made.font, made.fill = Font(bold=True), _TITLE
    return made


def _about(book: Workbook, lang: Lang, told: Iterable[tuple[Text, Text]]) -> None:
    sheet = book.create_sheet(Text("说明", "About").read(lang))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 12, 90
    for word, text in told:
        sheet.append([_cell(sheet, word.read(lang)), _cell(sheet, text.read(lang))])


ABOUT = (
    (
        Text("保密", "Privacy"),
        Text(
            "本文件含个人信息，只给要判断的人，用完删除。",
            "This file holds personal data: give it only to those who decide, and delete it afterwards.",
        ),
    ),
    (
        Text("怎么填", "How"),
        Text(
            "每行是一对记录。在“判断”里选同一、不同或跳过；空着等于跳过。判断人与理由可不填。其余各列请勿改动。",
            "A row is a pair of records. Choose same, different or skip under Decision; empty means skip. Who decided and the "
            "note may stay empty. Leave the other columns as they are.",
        ),
    ),
    (
        Text("分数", "Score"),
        Text(
            "以比特计：每多 1 比特，是同一家的可能性翻一倍；到合并线即自动合并。橙色格是两边不同之处。",
            "In bits: each further bit doubles the odds that the two are one; at the cut they merge by themselves. Orange "
            "cells are where the two differ.",
        ),
    ),
    (
        Text("之后", "Then"),
        Text(
            "crmetl review import 本文件 --by 姓名；下一次 crmetl plan 照此执行，同样内容的一对不再问。",
            "crmetl review import THIS-FILE --by NAME; the next crmetl plan does as you said, and a pair of the same content is "
            "not asked about again.",
        ),
    ),
)


SAMPLE = (
    Text("抽样", "Sample"),
    Text(
        "这些配对是随机抽出的，次序也是随机的：多数一看便知，请每一对都标。“跳过”表示无法判断，不计入精确率与召回率。",
        "These pairs were drawn at random and stand in a random order: most are plain, and each of them counts. Skip means that "
        "nobody can tell; such a pair is left out of precision and recall.",
    ),
)


def save_private(path: Path, content: "Workbook | str") -> None:
    """Write a file that only its owner may read, in one step."""
    part = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        if isinstance(content, str):
            file.write(content.encode())
        else:
            content.save(file)
    part.replace(path)
