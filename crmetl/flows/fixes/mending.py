"""From what a steward wrote to corrections: what differs from the run's rows, and from what stands already."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from crmetl.batch import PLACE, SOURCE, stack
from crmetl.errors import UsageError
from crmetl.flows.fixes.corrections import CONFIRMED, CORRECTION, DROPPED, WHOLE, WITHDRAWN
from crmetl.flows.fixes.handed_back import Book, Given, Problem, unchanged, unusable
from crmetl.flows.fixes.held import Held, aims_of, keyed
from crmetl.project import Project, Source
from crmetl.text import Text
from crmetl.workspace import Workspace

Cells = Mapping[tuple[str, str], str]
"""(row id, column) -> text; "" is a blank cell."""


@dataclass
class Mending:
    """
    What a workbook asks for.

    Attributes:
        asked: Source -> row id -> column -> text, all of it, whether it stands already or not.
        corrected, dropped, confirmed, left, unchanged: Rows of the workbook, by what was done with them.
        copies: Further rows of the same key that are corrected along with a row.
        problems: What is wrong with the workbook; with an error among them nothing is imported.
    """

    asked: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    corrected: int = 0
    dropped: int = 0
    confirmed: int = 0
    left: int = 0
    unchanged: int = 0
    copies: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Say whether anything forbids the import."""
        return any(one.severity == "error" for one in self.problems)

    def rows(self) -> dict[str, set[str]]:
        """Return source -> ids of the rows that something is asked of."""
        return {source: set(rows) for source, rows in self.asked.items() if rows}

    def ask(self, source: str, row: str, cells: Mapping[str, str]) -> None:
        """Add cells of a row."""
        if cells:
            self.asked.setdefault(source, {}).setdefault(row, {}).update(cells)

    def frame(self) -> pd.DataFrame:
        """Return all that is asked for as columns CORRECTION."""
        cells = [
            (source, row, column, text)
            for source, rows in self.asked.items()
            for row, columns in rows.items()
            for column, text in columns.items()
        ]
        return pd.DataFrame(cells, columns=list(CORRECTION), dtype="str")


def refuse_other(book: Book, project: Project, path: str) -> Workspace:
    """
    Return the run that a workbook is of.

    Raises:
        UsageError: It is of another project, or of a run that is gone or was made anew.
    """
    workspace = Workspace(project.runs / book.run)
    note = workspace.noted("run") if "/" not in book.run and book.run not in ("", ".", "..") else None
    if note is None or note.get("plan") != book.plan:
        raise UsageError(
            Text(
                f"工作簿属于运行 {book.run}，本项目没有这次运行",
                f"the workbook is of run {book.run}, which this project does not have",
            ),
            where=path,
            next=Text("用 -p 指明它所属的项目", "name the project it belongs to with -p"),
        )
    return workspace


def mend(book: Book, project: Project, workspace: Workspace, held: Held, standing: Mapping[str, pd.DataFrame]) -> Mending:
    """
    Compare a workbook with the rows of its run, and say what it asks for.

    Args:
        book: As it came back.
        project: Sources and their keys.
        workspace: The run that it is of.
        held: What that run holds.
        standing: Source -> corrections of earlier workbooks; columns CORRECTION and more.
    """
    found = Mending(problems=list(book.problems))
    for source in project.sources:
        given = [one for one in book.rows if one.source == source.source]
        if given:
            rows = _rows(workspace, source.source, {one.rid_row for one in given})
            work = _Work(found, source, _texts(rows), _cells(standing.get(source.source)), _before(workspace, source.source))
            for one in given:
                work.settle(one)
            _copy(found, source, workspace, rows, set(held.roots()["row"]))
    known = {one.source for one in project.sources}
    strange = sorted({one.source for one in book.rows} - known)
    found.problems += [Problem(one, Text("项目中没有这个来源", "the project has no such source")) for one in strange]
    return found


def _rows(workspace: Workspace, source: str, wanted: set[str]) -> pd.DataFrame:
    parts = [rows[rows.index.isin(wanted)] for rows in workspace.parts(f"rows/{source}")]
    return pd.concat(parts) if parts else pd.DataFrame({SOURCE: [], PLACE: []}, dtype="str")


def _texts(rows: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return row id -> column -> text, "" for blank."""
    plain = rows.drop(columns=[SOURCE, PLACE]).fillna("")
    names = [str(one) for one in plain.columns]
    return {
        str(row): dict(zip(names, cells, strict=True)) for row, cells in zip(plain.index, plain.to_numpy().tolist(), strict=True)
    }


def _cells(said: pd.DataFrame | None) -> dict[tuple[str, str], str]:
    if said is None or not len(said):
        return {}
    return dict(zip(zip(said["rid_row"], said["column"], strict=True), said["value"].fillna(""), strict=True))


def _before(workspace: Workspace, source: str) -> dict[tuple[str, str], str]:
    """Return what the source itself has in cells that were corrected in the run."""
    parts = [one[one["source"] == source] for one in workspace.parts("corrected")]
    whole = stack(parts, ["rid_row", "column", "before"])
    return dict(zip(zip(whole["rid_row"], whole["column"], strict=True), whole["before"].fillna(""), strict=True))


@dataclass
class _Work:
    """The rows of one source."""

    found: Mending
    source: Source
    rows: Mapping[str, Mapping[str, str]]
    standing: Cells
    before: Cells

    def settle(self, one: Given) -> None:
        """Say what a row of the workbook asks for."""
        was = self.rows.get(one.rid_row)
        if was is None:
            gone = Text("运行中没有这一行", "the run has no such row")
            self.found.problems.append(Problem(one.where, gone, Text("重新导出", "export again")))
            return
        changed = dict(self._changed(one, was))
        if one.action == "drop":
            self.found.dropped += 1
            self._ask(one.rid_row, {WHOLE: DROPPED + one.reason})
        elif one.action == "leave":
            self._leave(one, changed)
        elif changed:
            self.found.corrected += 1
            self._ask(one.rid_row, {**self._undropped(one.rid_row), **changed})
        elif one.action == "fix":
            self.found.confirmed += 1
            shown = {column: was.get(column, "") for column in self._stood(one.rid_row)}
            self._ask(one.rid_row, {**shown, WHOLE: CONFIRMED})
        else:
            self.found.unchanged += 1

    def _ask(self, row: str, cells: Mapping[str, str]) -> None:
        self.found.ask(self.source.source, row, cells)

    def _changed(self, one: Given, was: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield the columns that a person changed; complain of cells that cannot be taken."""
        for column, cell in one.cells.items():
            text = was.get(column) or None
            if cell.kind not in ("formula", "error") and unchanged(cell, text):
                continue
            why = unusable(cell, text)
            if why is None:
                yield column, cell.text or ""
            elif one.action != "drop":
                what = Text(f"{column} {why.zh}", f"{column} {why.en}")
                self.found.problems.append(Problem(one.where, what, Text("以文字重新填写", "write it as text")))

    def _leave(self, one: Given, changed: Mapping[str, str]) -> None:
        """Take earlier corrections of the row back."""
        if changed:
            told = Text("选了“保留”，却改了单元格", "is to be left, but cells of it were changed")
            choose = Text("选“修正”，或把单元格改回去", "choose `fix`, or put the cells back")
            self.found.problems.append(Problem(one.where, told, choose))
            return
        self.found.left += 1
        was = self.rows[one.rid_row]
        back = {column: self.before.get((one.rid_row, column), was.get(column, "")) for column in self._stood(one.rid_row)}
        verdict = {WHOLE: WITHDRAWN} if self.standing.get((one.rid_row, WHOLE)) else {}
        self._ask(one.rid_row, {**back, **verdict})

    def _stood(self, row: str) -> list[str]:
        return [column for at, column in self.standing if at == row and column != WHOLE]

    def _undropped(self, row: str) -> dict[str, str]:
        return {WHOLE: WITHDRAWN} if self.standing.get((row, WHOLE), "").startswith(DROPPED) else {}


def _copy(found: Mending, source: Source, workspace: Workspace, rows: pd.DataFrame, troubled: set[str]) -> None:
    """
    Correct the same cell on further rows of the same record.

    A customer on two lines, an order whose head stands on each of its lines: the workbook shows the record once, so a cell
    that belongs to it is corrected on every row of its key that says the same and has no problem of its own.
    """
    asked = {row: cells for row, cells in found.asked.get(source.source, {}).items() if WHOLE not in cells}
    mine = rows[rows.index.isin(list(asked))]
    keys = {entity: key.dropna() for entity, key in keyed(source, mine).items()}
    wanted = {entity: set(key) for entity, key in keys.items() if len(key)}
    if not wanted:
        return
    own = _own_columns(source)
    for part in workspace.parts(f"rows/{source.source}"):
        others = part[~part.index.isin(troubled | set(asked))]
        for entity, key in keyed(source, others).items():
            near = key[key.isin(wanted.get(entity, set()))]
            for row, text in near.items():
                for twin in keys[entity].index[keys[entity] == text]:
                    _copy_cells(found, source, (str(row), str(twin)), (others, mine), own.get(entity, ()))


def _copy_cells(
    found: Mending, source: Source, pair: tuple[str, str], frames: tuple[pd.DataFrame, pd.DataFrame], own: Sequence[str]
) -> None:
    row, twin = pair
    here, there = frames[0].loc[row], frames[1].loc[twin]
    asked = found.asked[source.source][twin]
    same = {c: text for c, text in asked.items() if c in own and c in here and pd.notna(here[c]) and here[c] == there[c]}
    found.copies += bool(same)
    found.ask(source.source, row, same)


def _own_columns(source: Source) -> dict[str, list[str]]:
    """Return entity with a key -> the columns that go to it and to nothing else, its key left out."""
    made = {entity: set(one.key) for entity, one in source.entities.items() if one.key}
    aims = aims_of(source)
    return {
        entity: [name for name, many in aims.items() if many and name not in key and {one.entity for one in many} == {entity}]
        for entity, key in made.items()
    }
