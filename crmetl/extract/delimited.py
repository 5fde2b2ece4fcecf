"""Delimited text: streamed, whatever its encoding, delimiter and damage."""

import re
from collections.abc import Iterator
from pathlib import Path

from crmetl.extract.container import kind_of
from crmetl.extract.dialect import detect_dialect
from crmetl.extract.encoding import Encoding, detect, pieces
from crmetl.extract.events import Event, FileFault, Hint, Opened
from crmetl.extract.limits import Limits
from crmetl.extract.records import Records, pieces_of
from crmetl.extract.sheet import Sheet
from crmetl.extract.tables import deliver, look
from crmetl.faults import extract as faults

_SAMPLE = 1 << 16
_LINES = re.compile(r"\r\n|\r|\n")


def _sample(path: Path, encoding: Encoding) -> str:
    with path.open(encoding=encoding.name, errors="replace", newline="") as file:
        text = file.read(_SAMPLE).replace("\0", "")
    ends = [one.end() for one in _LINES.finditer(text)]
    return text[: ends[-1]] if ends and len(text) == _SAMPLE else text


def _odd_quotes(path: Path, encoding: Encoding) -> bool:
    if encoding.name.startswith(("utf-16", "utf-32")):
        return sum(text.count('"') for text in pieces_of(path, encoding)) % 2 == 1
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
    records = Records(path, encoding, dialect, limits)
    yield from deliver(look(records, sheet, hint, records.blocks), hint)
