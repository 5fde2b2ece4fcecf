"""Which sheets of a workbook are read, and which tables of a sheet: those with the mapped columns; the others are told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain, islice
from typing import Protocol

from crmetl.extract.cells import text
from crmetl.extract.events import Aside, Event, FileFault, Hint
from crmetl.extract.segments import Segments
from crmetl.extract.sheet import Looked, Row, Sheet
from crmetl.extract.tables import deliver, look
from crmetl.faults import extract as faults

ENOUGH = 0.5
"""A table is read when it has this share of the mapped columns."""


class Book(Protocol):
    """An open workbook of some engine."""

    engine: str
    sheets: tuple[str, ...]
    hidden: tuple[str, ...]

    def rows(self, sheet: str) -> tuple[Iterator[Row], Sheet]:
        """Return the rows of a sheet from its first one, and where they stand."""

    def close(self) -> None:
        """Let the file go."""


@dataclass(frozen=True)
class _Passed:
    """A table that was not delivered: its sheet, first row, share of the mapped columns, places of its filled rows."""

    sheet: str
    start: int
    overlap: float
    places: tuple[str, ...]


def wanted(book: Book, pattern: str) -> tuple[str, ...]:
    """Return the sheets that a pattern means: the one of that very name, else visible ones that fit."""
    if pattern in book.sheets:
        return (pattern,)
    return tuple(one for one in book.sheets if one not in book.hidden and fnmatchcase(one, pattern))


def read_sheets(book: Book, hint: Hint) -> Iterator[Event]:
    """
    Tell the tables of the wanted sheets.

    Where no table has the mapped columns the one with most of them is read, so that mapping can say what is missing.

    Raises:
        SourceError: The pinned header is not there.
    """
    names = wanted(book, hint.table.sheet)
    passed: list[_Passed] = []
    read: set[str] = set()
    for name in book.sheets:
        if name in names:
            yield from _sheet(book, name, hint, passed, read)
        else:
            yield from _left_out(book, name)
    if not read and passed:
        best = max(passed, key=lambda one: one.overlap)
        passed = [one for one in passed if one.sheet != best.sheet]
        yield from _sheet(book, best.sheet, hint, passed, read, only=best.start)
    yield from _told(passed, read)


def _sheet(
    book: Book, name: str, hint: Hint, passed: list[_Passed], read: set[str], *, only: int | None = None
) -> Iterator[Event]:
    """Deliver the tables of a sheet that fit, or the one that begins at row `only`; the others are noted in `passed`."""
    rows, sheet = book.rows(name)
    for start, part in _tables(rows, hint):
        looked = look(part, sheet.below(start), hint)
        if start == only if only is not None else _fits(looked, hint):
            read.add(name)
            yield from deliver(looked, hint)
        else:
            passed.append(_Passed(name, start, looked.overlap(hint.known), _places(looked)))


def _tables(rows: Iterator[Row], hint: Hint) -> Iterator[tuple[int, Iterator[Row]]]:
    """Cut a sheet into its tables, unless all of it was asked for or the mapping says where the table ends."""
    return iter([(0, rows)]) if hint.whole or hint.table.last_row else iter(Segments(rows, hint.known))


def _fits(looked: Looked, hint: Hint) -> bool:
    if looked.header is None:
        return False
    return hint.table.header != "auto" or looked.overlap(hint.known) >= ENOUGH


def _told(passed: Sequence[_Passed], read: set[str]) -> Iterator[Event]:
    told: set[str] = set()
    for one in passed:
        if not one.places:
            continue
        if one.sheet in read:
            yield FileFault(faults.TABLE_SKIPPED, one.places[0])
        elif one.sheet not in told:
            yield FileFault(faults.SHEET_SKIPPED, one.sheet)
        told.add(one.sheet)
        yield Aside(one.places, "other_table_row" if one.sheet in read else "unmapped_sheet_row")


def _places(looked: Looked) -> tuple[str, ...]:
    rows = enumerate(chain(looked.head, looked.rest))
    return tuple(looked.sheet.place(at) for at, row in rows if any(map(text, row)))


def _left_out(book: Book, name: str) -> Iterator[Event]:
    hidden = name in book.hidden
    rows, sheet = book.rows(name)
    places = _places(Looked(sheet, tuple(islice(rows, 0)), rows, None))
    if places:
        yield Aside(places, "hidden_sheet_row" if hidden else "other_sheet_row")
    if hidden:
        yield FileFault(faults.SHEET_HIDDEN, name)
