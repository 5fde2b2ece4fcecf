"""
The records of a delimited text: one by one as the csv module reads them, or thousands at once by pyarrow.

Both know the same rules of quotation. What pyarrow made of a piece of text is taken where it is proved that the piece ends
with a record: a last record put behind it comes out as it is, which no open quotation mark would let it. Else, and wherever
line ends or a delimiter are unusual, the piece goes through the csv module; the cells are the same
(`tests/extract/test_records.py`).
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from crmetl.errors import SourceError
from crmetl.extract.block import block_of, level
from crmetl.extract.cells import blanked, texts
from crmetl.extract.dialect import DELIMITERS, Dialect
from crmetl.extract.encoding import Encoding
from crmetl.extract.events import RowFault
from crmetl.extract.limits import Limits
from crmetl.extract.sheet import Block, Row
from crmetl.text import Text

_PIECE = 1 << 20
_LAST = "\0"
"""A cell of the record that proves the end of a piece; a text that holds the character itself is read the careful way."""


def pieces_of(path: Path, encoding: Encoding) -> Iterator[str]:
    """Yield the text of a file a megabyte at a time, freed of NULs; all pieces but the last end with a line."""
    with path.open(encoding=encoding.name, errors="replace", newline="") as file:
        rest = ""
        while more := file.read(_PIECE):
            text = rest + more
            # A CR at the very end may be the first half of a line end.
            cut = max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1
            rest = text[cut:]
            if cut:
                yield text[:cut].replace("\0", "") if encoding.nuls else text[:cut]
        if rest:
            yield rest.replace("\0", "") if encoding.nuls else rest


class _Lines:
    """Lines with their ends, of a text that comes in pieces; a lone CR ends a line as well."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._text = io.StringIO()
        self._length = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline()
        while not line:
            self.put(next(self._texts))
            line = self._text.readline()
        return line

    def put(self, text: str) -> None:
        """Have a text read next; the one before it is done with."""
        self._text, self._length = io.StringIO(text, newline=""), len(text)

    def left(self) -> str:
        """Return the lines that are left of a piece, or else the next piece; "" at the end."""
        return self._text.read() or next(self._texts, "")

    def inside(self) -> bool:
        """Say whether lines are left of a piece."""
        return self._text.tell() < self._length


class Records:
    """The records of a text file, once: iterate over rows of cells, then ask for `blocks` of the rest."""

    def __init__(self, path: Path, encoding: Encoding, dialect: Dialect, limits: Limits) -> None:
        csv.field_size_limit(limits.cell_chars)
        self._path, self._dialect, self._limits = path, dialect, limits
        self._lines = _Lines(pieces_of(path, encoding))
        self._reader = dialect.rows(self._lines)

    def __iter__(self) -> "Records":
        """Return itself: an iterator."""
        return self

    def __next__(self) -> Row:
        """
        Return the next record.

        Raises:
            SourceError: A cell is beyond the limit.
        """
        try:
            return next(self._reader)
        except csv.Error:
            raise SourceError(
                Text(
                    f"有一格超过 {self._limits.cell_chars:,} 个字符，多半是引号没有闭合",
                    f"a cell is longer than {self._limits.cell_chars:,} characters; most likely a quotation mark is never closed",
                ),
                where=str(self._path),
                next=Text("改正引号，或调高选项 cell_chars", "mend the quotation mark, or raise the option cell_chars"),
            ) from None

    def blocks(self, first: Sequence[Row], width: int, most: int) -> Iterator[Block]:
        """
        Yield the rows in blocks of exactly `most`, the last one of what is left.

        Args:
            first: Rows that were read already and come first.
            width: Cells of the header; every row is brought to it.
            most: Rows of a block.
        """
        waiting = [block_of(first, width, self._dialect.delimiter)] if first else []
        for part in self._parts(width):
            waiting.append(part)
            while sum(map(len, waiting)) >= most:
                full, rest = _cut(_joined(waiting), most)
                waiting = [rest] if len(rest) else []
                yield full
        if waiting:
            yield _joined(waiting)

    def _parts(self, width: int) -> Iterator[Block]:
        while text := self._lines.left():
            block = at_once(text, self._dialect, width, self._limits.cell_chars)
            if block is None:
                self._lines.put(text)
                block = block_of([next(self), *self._rows_inside()], width, self._dialect.delimiter)
            yield block

    def _rows_inside(self) -> Iterator[Row]:
        """Yield the records that begin in this piece; the last one may end in another."""
        while self._lines.inside():
            yield next(self)


def at_once(text: str, dialect: Dialect, width: int, most: int) -> Block | None:
    """
    Read whole records.

    Args:
        text: Begins with a record.
        dialect: How cells stand in a line.
        width: Cells of the header; records of other lengths are brought to it, and told of.
        most: Longest cell in characters.

    Returns:
        None where it is not proved that the csv module would read the same rows.
    """
    if dialect.delimiter not in DELIMITERS or _LAST in text or text.count("\r") != text.count("\r\n"):
        return None
    ragged: list[tuple[int, str]] = []

    def keep(row: pacsv.InvalidRow) -> str:
        ragged.append((row.number - 1, row.text))
        return "skip"

    end = "" if text.endswith("\n") else "\n"
    raw = f"{text}{end}{dialect.delimiter.join([_LAST] * width)}\n".encode()
    names = [str(at) for at in range(width)]
    try:
        table = pacsv.read_csv(
            pa.py_buffer(raw),
            read_options=pacsv.ReadOptions(use_threads=False, block_size=len(raw) + 1, column_names=names),
            parse_options=pacsv.ParseOptions(
                delimiter=dialect.delimiter, quote_char='"' if dialect.quoted else False, double_quote=dialect.quoted,
                newlines_in_values=dialect.quoted, ignore_empty_lines=False, invalid_row_handler=keep,
            ),
            convert_options=pacsv.ConvertOptions(
                check_utf8=False, column_types=dict.fromkeys(names, pa.large_string()), null_values=[""],
                strings_can_be_null=True, quoted_strings_can_be_null=True,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        return None
    count = table.num_rows - 1
    columns = [column.combine_chunks() for column in table.columns]
    if count < 0 or any(column[count].as_py() != _LAST for column in columns):
        return None
    columns = [column.slice(0, count) for column in columns]
    if len(text) > most and any((pc.max(pc.utf8_length(column)).as_py() or 0) > most for column in columns):
        return None
    block = Block([blanked(column) for column in columns])
    return _with_ragged(block, ragged, dialect, width) if ragged else block


def _with_ragged(block: Block, ragged: Sequence[tuple[int, str]], dialect: Dialect, width: int) -> Block:
    """Put the records of other lengths where they stood."""
    rows, found = level([next(dialect.rows(io.StringIO(text, newline=""))) for _, text in ragged], width, dialect.delimiter)
    places = np.array([place for place, _ in ragged])
    order = np.empty(len(block) + len(rows), dtype=np.int64)
    others = np.ones(len(order), dtype=bool)
    others[places] = False
    order[others], order[places] = np.arange(len(block)), len(block) + np.arange(len(rows))
    odd = [texts(column) for column in zip(*rows, strict=True)]
    columns = [pa.concat_arrays([one, other]).take(pa.array(order)) for one, other in zip(block.columns, odd, strict=True)]
    return Block(columns, [RowFault(int(places[one.at]), one.fault, one.column) for one in found])


def _joined(blocks: Sequence[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    found: list[RowFault] = []
    start = 0
    for block in blocks:
        found += [RowFault(start + one.at, one.fault, one.column) for one in block.faults]
        start += len(block)
    columns = zip(*(block.columns for block in blocks), strict=True)
    return Block([pa.concat_arrays(list(column)) for column in columns], found)


def _cut(block: Block, at: int) -> tuple[Block, Block]:
    """Return the first `at` rows, and the others."""
    first = [one for one in block.faults if one.at < at]
    later = [RowFault(one.at - at, one.fault, one.column) for one in block.faults if one.at >= at]
    return Block([one.slice(0, at) for one in block.columns], first), Block([one.slice(at) for one in block.columns], later)
