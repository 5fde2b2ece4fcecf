"""A workbook that came back from a person: every cell of every sheet, told apart by what the spreadsheet made of it."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

from crmetl.errors import CrmetlError, SourceError
from crmetl.extract.cells import CERTAIN, text
from crmetl.extract.container import guard_archive, guard_password, kind_of, unreadable
from crmetl.extract.limits import Limits
from crmetl.text import Text

Kind = Literal["text", "number", "long_number", "date", "formula", "error"]


@dataclass(frozen=True, slots=True)
class Answer:
    """
    One cell.

    Attributes:
        text: As `extract` writes it; None where it is blank.
        kind: What the spreadsheet took it for. A `long_number` has lost its last digits; a `formula` has no text.
    """

    text: str | None = None
    kind: Kind = "text"


BLANK = Answer()


def read_answers(path: Path, *, limits: Limits = Limits()) -> Mapping[str, Sequence[Sequence[Answer]]]:  # noqa: B008 a frozen value
    """
    Read all sheets of an `.xlsx` workbook, hidden ones too.

    Args:
        path: The file.
        limits: What it may cost.

    Returns:
        Title -> rows from row 1, each as long as it is filled; a row that is not there is empty.

    Raises:
        SourceError: It is no workbook of that kind, damaged, locked, or beyond a limit.
    """
    kind = kind_of(path)
    if kind == "ole":
        guard_password(path)
    if kind != "zip":
        raise SourceError(
            Text("这不是 .xlsx 工作簿", "this is no .xlsx workbook"),
            where=str(path),
            next=Text("在 Excel 或 LibreOffice 中打开，另存为 .xlsx", "open it in Excel or LibreOffice and save it as .xlsx"),
        )
    guard_archive(path, limits)
    try:
        return _sheets(path)
    except CrmetlError:
        raise
    except Exception as broken:  # noqa: BLE001 a parser may raise anything on a damaged file, and its message may hold cells
        raise unreadable(path, type(broken).__name__) from None


def _sheets(path: Path) -> dict[str, list[list[Answer]]]:
    import openpyxl  # noqa: PLC0415 slow to load, and needed for this one kind of file

    with warnings.catch_warnings():
        # What Excel adds of its own (extensions of validations, headers) is of no interest here.
        warnings.simplefilter("ignore", UserWarning)
        book = openpyxl.load_workbook(path, read_only=True)
        try:
            return {sheet.title: _rows(sheet) for sheet in book.worksheets}
        finally:
            book.close()


def _rows(sheet: Any) -> list[list[Answer]]:
    sheet.reset_dimensions()
    rows = [_trimmed([_answer(cell) for cell in row]) for row in sheet.iter_rows()]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _trimmed(row: list[Answer]) -> list[Answer]:
    filled = [at for at, one in enumerate(row) if one != BLANK]
    return row[: filled[-1] + 1] if filled else []


def _answer(cell: Any) -> Answer:
    value, kind = cell.value, getattr(cell, "data_type", "n")
    if kind == "f":
        return Answer(None, "formula")
    if kind == "e":
        return Answer(None, "error")
    written = text(value)
    if written is None:
        return BLANK
    if isinstance(value, (datetime, date, time, timedelta)):
        return Answer(written, "date")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Answer(written, "long_number" if abs(value) >= CERTAIN else "number")
    return Answer(written)
