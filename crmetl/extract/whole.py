"""One table file as a whole: every row below its header, and all that its reader has to tell about it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crmetl.extract.bounded.pool import begin
from crmetl.extract.events import Aside, FileFault, Hint, Opened, Rows
from crmetl.extract.limits import Limits
from crmetl.extract.manifest import TableEntry

CHUNK = 100_000
_TAIL = 1 << 16
_LINE_END = re.compile(rb"\r\n|\r|\n")
_NUMBERED = re.compile(r"(.*?)(\d+)")


@dataclass(frozen=True)
class Told:
    """
    What the reader tells about rows or about the file.

    Attributes:
        code: Code of a fault, or the rule by which rows are no data (`total_row`, `title_row`).
        rows: How many rows it is about; 0 where it is about the file.
        places: Where they stand, neighbours as one: `R12`, `R15-R40`, `Sheet1!R3`.
    """

    code: str
    column: str | None
    rows: int
    places: tuple[str, ...]


@dataclass(frozen=True)
class WholeTable:
    """
    A table file.

    Attributes:
        table: `large_string` columns under the file's headers, null for blank; every row below the header in its order, blank
            ones included. Blank lines at the end of a file are no rows.
        no_data: Positions of the rows that the reader knows for none: totals, headers printed again, footers.
        told: What there is to tell, in the order of the file.
    """

    table: pa.Table
    no_data: npt.NDArray[np.int64]
    told: tuple[Told, ...]


def read_whole(path: Path, *, limits: Limits | None = None, progress: Callable[[int], None] | None = None) -> WholeTable:
    """
    Read a workbook or a delimited text.

    Args:
        progress: Called with the number of rows that have just come.

    Raises:
        SourceError: It cannot be read.
        MachineError: It may not be opened.
    """
    gathered = _Gathered(path)
    hint = Hint(chunk=CHUNK, name=path.stem, whole=True)
    for event in begin("table", path, hint, limits or Limits(), path.name):
        match event:
            case Opened():
                gathered.text = event.engine == "csv"
            case Rows():
                gathered.add(event)
                if progress:
                    progress(event.table.num_rows)
            case Aside() if event.rule != "header_row":
                gathered.tell(event.rule, None, event.places)
            case FileFault():
                gathered.tell(event.fault.code, event.column, (event.place,) if event.place else ())
            case TableEntry():
                gathered.close(event.columns)
    return gathered.whole()


class _Gathered:
    """What adds up while a file is read."""

    def __init__(self, path: Path) -> None:
        self.text = False
        self._path = path
        self._rows: list[Rows] = []
        self._tables: list[pa.Table] = []
        self._no_data: list[int] = []
        self._count = 0
        self._told: dict[tuple[str, str | None], list[str]] = {}

    def tell(self, code: str, column: str | None, places: Sequence[str]) -> None:
        self._told.setdefault((code, column), []).extend(places)

    def add(self, rows: Rows) -> None:
        for fault in rows.faults:
            self.tell(fault.fault.code, fault.column, (rows.places[fault.at],))
        self._rows.append(rows)

    def close(self, columns: Sequence[str]) -> None:
        """End a table of the file: its last rows are looked at, blank ones are none."""
        names = pa.schema([(name, pa.large_string()) for name in columns])
        table = pa.concat_tables([names.empty_table(), *(one.table for one in self._rows)], promote_options="default")
        blank = min(blank_at_end(table), _blank_lines(self._path)) if self.text else blank_at_end(table)
        start = self._count
        for one in self._rows:
            self._no_data += [start + at for at in one.no_data]
            start += one.table.num_rows
        self._tables.append(table.slice(0, table.num_rows - blank))
        self._count += table.num_rows - blank
        self._rows = []

    def whole(self) -> WholeTable:
        table = pa.concat_tables(self._tables, promote_options="default") if self._tables else pa.table({})
        told = tuple(_told(code, column, places) for (code, column), places in self._told.items())
        return WholeTable(table, np.array(self._no_data, dtype=np.int64), told)


def _told(code: str, column: str | None, places: Sequence[str]) -> Told:
    rows = [one for one in places if _NUMBERED.fullmatch(one)]
    return Told(code, column, len(rows), tuple(spans(places)))


def spans(places: Sequence[str]) -> Iterator[str]:
    """
    Yield places with neighbours as one.

    >>> list(spans(["R3", "R4", "R5", "R9", "East!R10", "East"]))
    ['R3-R5', 'R9', 'East!R10', 'East']
    """
    front, first, last = "", 0, -1
    for place in places:
        found = _NUMBERED.fullmatch(place)
        if found and found[1] == front and int(found[2]) == last + 1:
            last += 1
            continue
        if last >= 0:
            yield _span(front, first, last)
        front, first, last = (found[1], int(found[2]), int(found[2])) if found else ("", 0, -1)
        if not found:
            yield place
    if last >= 0:
        yield _span(front, first, last)


def _span(front: str, first: int, last: int) -> str:
    return f"{front}{first}" if first == last else f"{front}{first}-{front.rpartition('!')[2]}{last}"


def blank_at_end(table: pa.Table) -> int:
    """
    Return how many of the last rows hold nothing.

    >>> blank_at_end(pa.table({"a": ["x", None, None], "b": [None, "y", None]}))
    1
    """
    last = -1
    for column in table.columns:
        filled = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False)) if column.null_count else [table.num_rows - 1]
        last = max(last, int(filled[-1]) if len(filled) else -1)
    return int(table.num_rows) - 1 - last


def _blank_lines(path: Path) -> int:
    """Return the number of lines at the end of a text file in which nothing stands, not even a delimiter."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        tail = file.read().replace(b"\0", b"")
    rest = tail[len(tail.rstrip(b" \t\r\n")) :]
    ends = [one.end() for one in _LINE_END.finditer(rest)]
    return max(0, len(ends) - 1 + (bool(ends) and ends[-1] < len(rest)))
