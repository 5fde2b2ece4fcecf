"""The steward's workbook as it comes back: which row is which, what was changed, and everything that is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

from crmetl.clean import TYPES
from crmetl.clean.kind import Context
from crmetl.errors import UsageError
from crmetl.extract.answers import BLANK, Answer, read_answers
from crmetl.faults import Fault
from crmetl.report.fixes import ACTIONS, FORMAT, HIDDEN, OWN, as_written, checked_id
from crmetl.text import Lang, Text

HEAD_WITHIN = 20
"""Rows in which the heading row is looked for: somebody may have put a title above it."""
LONGEST_REASON = 120
"""Characters of a reason: it becomes the name of a rule in reports."""

Action = Literal["", "fix", "leave", "drop"]
WORDS: Mapping[str, Action] = {
    "": "",
    **{word.casefold(): name for name, (text, _) in ACTIONS.items() for word in (name, *text)},
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with the workbook at a place; a `note` does not keep it from being imported."""

    where: str
    what: Text
    next: Text | None = None
    severity: Literal["error", "note"] = "error"

    def line(self, lang: Lang) -> str:
        """Return one line for a person."""
        tail = ("；" if lang == "zh" else "; ") + self.next.read(lang) if self.next else ""
        front = Text("（提示）", "note: ").read(lang) if self.severity == "note" else ""
        return f"{self.where}: {front}{self.what.read(lang)}{tail}"

    def to_json(self, lang: Lang) -> dict[str, str | None]:
        """Return it as JSON."""
        following = self.next.read(lang) if self.next else None
        return {"severity": self.severity, "where": self.where, "message": self.what.read(lang), "next": following}


@dataclass(frozen=True)
class Given:
    """A row of the workbook: which source row it is, what is to become of it, and its cells by source column."""

    source: str
    rid_row: str
    where: str
    action: Action
    reason: str
    cells: Mapping[str, Answer]


@dataclass
class Book:
    """
    A workbook that came back.

    Attributes:
        run, plan: What its rows are of.
        rows: Those that could be read.
        problems: Of all sheets.
    """

    run: str
    plan: str
    rows: list[Given] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class _Sheet:
    """What the hidden sheet says of a sheet: its source, our headings by role, and the source's columns by heading."""

    source: str
    own: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)


def read_back(path: Path) -> Book:
    """
    Read a workbook that `crmetl fixes export` wrote and a person changed.

    Raises:
        UsageError: It is no such workbook.
        SourceError: It cannot be read.
    """
    sheets = read_answers(path)
    facts = [[one.text or "" for one in row] for row in sheets.get(HIDDEN, ())]
    about = {row[0]: row[1] for row in facts if len(row) == 2}
    if about.get("format") != FORMAT or "run" not in about:
        raise UsageError(
            Text("这不是 crmetl fixes export 写出的工作簿", "this is no workbook of `crmetl fixes export`"),
            where=str(path),
            next=Text(f"须保留隐藏的工作表 {HIDDEN}", f"its hidden sheet {HIDDEN} must stay"),
        )
    book = Book(about["run"], about.get("plan", ""))
    known = _known(facts)
    for title, rows in sheets.items():
        if title in known:
            _Reader(book, title, known[title]).read(rows)
        elif title != HIDDEN and any(one.text == OWN["id"].en for row in rows[:HEAD_WITHIN] for one in row):
            book.problems.append(_strange(title, [one for one in known if one not in sheets]))
    return book


def _known(facts: Sequence[Sequence[str]]) -> dict[str, _Sheet]:
    known: dict[str, _Sheet] = {}
    for kind, title, *rest in (row for row in facts if len(row) >= 3):
        if kind == "sheet":
            known[title] = _Sheet(rest[0])
        elif kind == "own":
            known[title].own[rest[0]] = rest[1]
        elif kind == "column":
            known[title].columns[rest[1].strip()] = rest[0]
    return known


def _strange(title: str, missing: Sequence[str]) -> Problem:
    was = Text(f"原名可能是 {missing[0]}", f"it may have been called {missing[0]}") if missing else None
    return Problem(
        title,
        Text("多出的工作表，或工作表改了名", "this sheet was added, or its name was changed"),
        was or Text("删去它", "delete it"),
    )


@dataclass
class _Reader:
    """Reads one sheet into the book."""

    book: Book
    title: str
    known: _Sheet

    def read(self, rows: Sequence[Sequence[Answer]]) -> None:
        """Take its rows and its problems."""
        at = next((n for n, row in enumerate(rows[:HEAD_WITHIN]) if self._is_head(row)), None)
        if at is None:
            told = Text("找不到表头行（含 _id 的那一行）", "the heading row (the one with _id) is not there")
            self._complain(None, told, Text("撤销改动或重新导出", "undo the change, or export again"))
            return
        roles, columns = self._headings(rows[at], at)
        seen: dict[str, Given] = {}
        for number, row in enumerate(rows[at + 1 :], start=at + 2):
            for given in self._row(row, number, roles, columns):
                if given.rid_row not in seen:
                    seen[given.rid_row] = given
                elif _says(given) != _says(seen[given.rid_row]):
                    told = Text(
                        f"与 {seen[given.rid_row].where} 是同一行，内容却不同",
                        f"is the same row as {seen[given.rid_row].where} and says otherwise",
                    )
                    self._complain(number, told, Text("只留一行", "keep one of them"))
        self.book.rows += seen.values()

    def _is_head(self, row: Sequence[Answer]) -> bool:
        return any(one.text == self.known.own["id"] for one in row)

    def _complain(self, row: int | None, what: Text, next_: Text | None = None, *, note: bool = False) -> None:
        where = self.title if row is None else f"{self.title}!R{row}"
        self.book.problems.append(Problem(where, what, next_, "note" if note else "error"))

    def _headings(self, row: Sequence[Answer], at: int) -> tuple[dict[str, int], dict[str, int]]:
        """Return the place of our own columns by role, and of the source's by name."""
        places: dict[str, int] = {}
        for n, one in enumerate(row):
            head = (one.text or "").strip()
            if head and head in places:
                self._complain(
                    at + 1,
                    Text(f"表头 {head} 出现两次", f"the heading {head} stands twice"),
                    Text("删去多出的列", "delete the column that is too many"),
                )
            elif head:
                places[head] = n
        wanted = {*self.known.columns, *(self.known.own[role] for role in ("id", "action", "reason"))}
        for head in sorted(wanted - set(places)):
            self._complain(
                at + 1,
                Text(f"表头 {head} 不见了", f"the heading {head} is gone"),
                Text("改回原名；删掉的列请恢复", "give the column its name back, or put it back"),
            )
        for head in sorted(set(places) - wanted - set(self.known.own.values())):
            self._complain(at + 1, Text(f"新增的列 {head} 不会读入", f"the added column {head} is not read"), note=True)
        roles = {role: places[head] for role, head in self.known.own.items() if head in places}
        return roles, {name: places[head] for head, name in self.known.columns.items() if head in places}

    def _row(self, row: Sequence[Answer], number: int, roles: Mapping[str, int], columns: Mapping[str, int]) -> Iterator[Given]:
        if not row:
            return
        rid = self._rid(_at(row, roles.get("id")), number)
        action = self._action(_at(row, roles.get("action")), number)
        reason = " ".join((_at(row, roles.get("reason")).text or "").split())
        if rid is None or action is None:
            return
        if action == "drop" and not reason:
            self._complain(
                number,
                Text("剔除须写理由", "a row that is dropped needs a reason"),
                Text("填写“理由”一列", "fill in the column Reason"),
            )
            return
        if len(reason) > LONGEST_REASON:
            self._complain(
                number, Text(f"理由超过 {LONGEST_REASON} 字", f"the reason is longer than {LONGEST_REASON} characters")
            )
            return
        cells = {name: _at(row, at) for name, at in columns.items()}
        yield Given(self.known.source, rid, f"{self.title}!R{number}", action, reason, cells)

    def _rid(self, cell: Answer, number: int) -> str | None:
        if cell.text is None:
            told = Text("这一行没有编号，是新插入的行", "this row has no id: it was inserted")
            self._complain(number, told, Text("删去它；新的数据请加到来源里", "delete it; new data belongs into the source"))
            return None
        rid, _, _ = cell.text.rpartition("-")
        if checked_id(self.book.run, self.known.source, rid) != cell.text:
            told = Text("这一行的编号被改动过", "the id of this row was altered")
            self._complain(
                number, told, Text("从导出的原件恢复 _id 一列", "restore the column _id from the workbook as it was exported")
            )
            return None
        return rid

    def _action(self, cell: Answer, number: int) -> Action | None:
        found = WORDS.get((cell.text or "").strip().casefold())
        if found is None:
            words = Text("、".join(one.zh for one, _ in ACTIONS.values()), ", ".join(one.en for one, _ in ACTIONS.values()))
            self._complain(
                number, Text("“处理”一列的内容无法识别", "what stands in the column Action is none of its words"), words
            )
        return found


def _at(row: Sequence[Answer], at: int | None) -> Answer:
    return row[at] if at is not None and at < len(row) else BLANK


def _says(one: Given) -> tuple[Any, ...]:
    return one.action, one.reason, tuple(sorted((name, cell.text, cell.kind) for name, cell in one.cells.items()))


def unchanged(cell: Answer, was: str | None) -> bool:
    """
    Say whether a cell says what the source row says.

    What a spreadsheet does by itself is no change: `007` shown as the number 7, `2018.12.4` turned into a date, other line
    breaks, blanks around a text.

    >>> unchanged(Answer("7", "number"), "007"), unchanged(Answer("2018-12-04", "date"), "2018.12.4")
    (True, True)
    >>> unchanged(Answer("7"), "007"), unchanged(Answer(None), "x")
    (False, False)
    """
    written = as_written(was)
    if cell.text is None or written is None:
        return (cell.text or "").strip() == (written or "").strip()
    if _plain(cell.text) == _plain(written):
        return True
    if cell.kind == "number":
        return _number(cell.text) == _number(written) is not None
    if cell.kind == "long_number":
        there = _number(written)
        return there is not None and f"{there:.14e}" == f"{Decimal(cell.text):.14e}"  # a spreadsheet keeps 15 digits
    return cell.kind == "date" and cell.text == _date(written, "datetime" if "T" in cell.text else "date")


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_\n", "\n").strip()


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None


def _date(text: str, kind: Literal["date", "datetime"]) -> str | None:
    found = TYPES[kind].parse(text, Context())
    return None if isinstance(found, Fault) else found.value


def unusable(cell: Answer, was: str | None) -> Text | None:
    """Return why a changed cell cannot be taken, or None."""
    if cell.kind == "formula":
        return Text("是公式", "is a formula")
    if cell.kind == "error":
        return Text("是公式错误", "is a formula error")
    if cell.kind == "long_number":
        return Text("是超过 15 位的数字，末几位已丢失", "is a number of more than 15 digits, whose last digits are lost")
    if was is not None and as_written(was) != was:
        return Text("原文太长或含控制符，工作簿装不下，请在来源中改", "is too long for a workbook; correct it in the source")
    return None
