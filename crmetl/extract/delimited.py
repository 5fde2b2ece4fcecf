"""Delimited text: streamed, whatever its encoding, delimiter and damage."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from crmetl.errors import SourceError
from crmetl.extract.container import kind_of
from crmetl.extract.dialect import Dialect, detect_dialect
from crmetl.extract.encoding import Encoding, detect, pieces
from crmetl.extract.events import Event, FileFault, Hint, Opened
from crmetl.extract.limits import Limits
from crmetl.extract.sheet import Row, Sheet
from crmetl.extract.tables import deliver, look
from crmetl.faults import extract as faults
from crmetl.text import Text

_SAMPLE = 1 << 16
_LINES = re.compile(r"\r\n|\r|\n")


def _lines(path: Path, encoding: Encoding) -> Iterator[str]:
    """Yield the lines with their ends; a lone CR ends a line as well."""
    with path.open(encoding=encoding.name, errors="replace", newline="") as file:
        yield from (line.replace("\0", "") for line in file) if encoding.nuls else file


def _sample(path: Path, encoding: Encoding) -> str:
    with path.open(encoding=encoding.name, errors="replace", newline="") as file:
        text = file.read(_SAMPLE).replace("\0", "")
    ends = [one.end() for one in _LINES.finditer(text)]
    return text[: ends[-1]] if ends and len(text) == _SAMPLE else text


def _rows(path: Path, encoding: Encoding, dialect: Dialect, limits: Limits) -> Iterator[Row]:
    csv.field_size_limit(limits.cell_chars)
    try:
        yield from dialect.rows(_lines(path, encoding))
    except csv.Error:
        raise SourceError(
            Text(
                f"有一格超过 {limits.cell_chars:,} 个字符，多半是引号没有闭合",
                f"a cell is longer than {limits.cell_chars:,} characters; most likely a quotation mark is never closed",
            ),
            where=str(path),
            next=Text("改正引号，或调高选项 cell_chars", "mend the quotation mark, or raise the option cell_chars"),
        ) from None


def _odd_quotes(path: Path, encoding: Encoding) -> bool:
    if encoding.name.startswith(("utf-16", "utf-32")):
        return sum(line.count('"') for line in _lines(path, encoding)) % 2 == 1
    # In every other encoding that is read here the byte of a quotation mark is never part of another character.
    return sum(piece.count(b'"') for piece in pieces(path)) % 2 == 1


def read_delimited(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """
    Read a delimited text file.

    Row numbers are those a spreadsheet shows: records, blank ones included, so that a line break inside quotes counts once.

    Raises:
        SourceError: It is no text, or a cell is beyond the limit.
    """
    if kind_of(path) == "empty":
        yield Opened("csv")
        yield FileFault(faults.FILE_EMPTY)
        return
    encoding = detect(path, hint.table.encoding)
    yield Opened("csv", encoding.name, encoding.score, encoding.runner_up)
    if encoding.doubtful:
        yield FileFault(faults.ENCODING_DOUBTFUL)
    if encoding.nuls:
        yield FileFault(faults.NUL_BYTES)
    dialect = detect_dialect(_sample(path, encoding), hint.table.delimiter)
    unclosed = dialect.quoted and _odd_quotes(path, encoding)
    sheet = Sheet(delimiter=dialect.delimiter, broken=encoding.broken, unclosed=unclosed)
    yield from deliver(look(_rows(path, encoding, dialect, limits), sheet, hint), hint)
