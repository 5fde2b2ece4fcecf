"""Several tables below each other on one sheet: where one ends and the next begins."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from crmetl.extract.cells import text
from crmetl.extract.header import Cells, is_label, named
from crmetl.extract.sheet import Row

_AHEAD = 12
"""Rows looked at behind a gap: blank ones, a title, a header, and rows below it."""
_ABOVE = 20
_CLEAR = 2
"""Columns in which a heading must stand out; one where a title or other columns speak for a new table as well."""


class Segments:
    """
    The tables of a sheet, one after the other: iterate, and take all rows of one before the next is asked for.

    Args:
        rows: Of the sheet.
        known: Columns that the mapping names.
    """

    def __init__(self, rows: Iterator[Row], known: frozenset[str]) -> None:
        self._rows, self._known = rows, known
        self._ahead: deque[Row] = deque()
        self._start = self._at = 0
        self._more = True

    def __iter__(self) -> Iterator[tuple[int, Iterator[Row]]]:
        """Yield first row (from 0) and rows of each table; the blank rows between two belong to the first."""
        while self._more:
            self._more, self._start = False, self._at
            yield self._start, self._table()

    def _table(self) -> Iterator[Row]:
        above: deque[Row] = deque(maxlen=_ABOVE)
        while (row := self._next()) is not None:
            yield row
            if any(row) or any(cell not in (None, "") for cell in row):
                above.append(row)
                continue
            if above and self._begins(above):
                self._more = True
                return

    def _next(self) -> Row | None:
        row = self._ahead.popleft() if self._ahead else next(self._rows, None)
        self._at += row is not None
        return row

    def _begins(self, above: Sequence[Row]) -> bool:
        """Say whether the row behind a blank one begins a table."""
        self._ahead.extend(islice(self._rows, _AHEAD - len(self._ahead)))
        return begins_table([_texts(row) for row in self._ahead], [_texts(row) for row in above], self._known)


def _texts(row: Row) -> Cells:
    return [text(cell) for cell in row]


def begins_table(below: Sequence[Cells], above: Sequence[Cells], known: frozenset[str]) -> bool:
    """
    Say whether rows behind a gap are a new table with a header of its own.

    Args:
        below: Rows behind the blank one.
        above: The last filled rows before it.
        known: Columns that the mapping names; a row with half of them is a header.

    A table of texts alone, without a title, under another of the same columns is not told from more rows of that one.

    >>> above = [["启明", "杭州", "12"], ["远航", "宁波", "3"]]
    >>> begins_table([["订单号", "日期", "数量"], ["D1", "2024-03-05", "7"]], above, frozenset())
    True
    >>> begins_table([["三江", "苏州", "5"], ["四海", "南京", "8"]], above, frozenset())
    False
    """
    if not below or not any(below[0]) or not _is_table(above):
        return False
    titled = len(_filled(below[0])) == 1
    rest = [row for row in below[1:] if any(row)] if titled else below
    if len(rest) < 2 or not _is_header(rest[0]):
        return False
    names = {named(rest[0][at]) for at in _filled(rest[0])}
    if any(names <= {named(cell) for cell in row if cell} for row in above):
        return False
    if known and len(known & names) * 2 >= len(known):
        return True
    rows = _until_blank(rest[1:])
    if not rows:
        return False
    clear = sum(_stands_out(rows, at) for at in _filled(rest[0]))
    other = _columns(rows) != _columns(above) and _columns(rows) <= set(_filled(rest[0]))
    return clear >= _CLEAR or (titled and (clear > 0 or other)) or (clear > 0 and other)


def _is_table(rows: Sequence[Cells]) -> bool:
    """Say whether rows are a header and more, and no notes above the first table (`客户：启明`)."""
    wide = [row for row in rows if len(_filled(row)) > 1]
    notes = any(cell.rstrip().endswith((":", "：")) for row in rows for cell in row if cell)
    return len(wide) > 1 and not notes


def _filled(row: Cells) -> list[int]:
    return [at for at, cell in enumerate(row) if cell]


def _is_header(row: Cells) -> bool:
    cells = [cell for cell in row if cell]
    return len(cells) > 1 and len(set(cells)) == len(cells) and all(map(is_label, cells))


def _until_blank(rows: Sequence[Cells]) -> list[Cells]:
    end = next((at for at, row in enumerate(rows) if not any(row)), len(rows))
    return list(rows[:end])


def _columns(rows: Sequence[Cells]) -> set[int]:
    """Return the columns that most rows fill."""
    return {at for at in range(max(map(len, rows))) if sum(bool(_cell(row, at)) for row in rows) * 2 > len(rows)}


def _cell(row: Cells, at: int) -> str | None:
    return row[at] if at < len(row) else None


def _stands_out(rows: Sequence[Cells], at: int) -> bool:
    """Say whether a heading stands over values (numbers, dates, amounts)."""
    cells = [cell for row in rows if (cell := _cell(row, at))]
    return bool(cells) and sum(not is_label(cell) for cell in cells) > 0.6 * len(cells)
