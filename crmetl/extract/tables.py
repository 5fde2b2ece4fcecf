"""From rows of cells to delivered rows: the header, then block after block. Sheets and text files share it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from crmetl.errors import SourceError
from crmetl.extract.aside import Printed
from crmetl.extract.block import blocks_of, deliver_block
from crmetl.extract.cells import text
from crmetl.extract.events import Aside, Event, FileFault, Hint
from crmetl.extract.header import Cells, Header, find_header
from crmetl.extract.manifest import TableEntry
from crmetl.extract.sheet import Account, Looked, Many, Row, Sheet, letters
from crmetl.extract.workbook.facts import spans
from crmetl.faults import extract as faults
from crmetl.text import Text

HEAD = 80
"""Rows read before the header is decided."""
SURE = 0.6
"""Below it the header is told as doubtful."""


def look(rows: Iterator[Row], sheet: Sheet, hint: Hint, many: Many | None = None) -> Looked:
    """Read the first rows and find the header in them; `many` gives those after them as blocks."""
    pinned = None if hint.table.header == "auto" else tuple(row - sheet.top for row in hint.table.header)
    after: Iterator[Row] = iter(())
    if hint.table.last_row is not None:
        rows, after, many = islice(rows, max(0, hint.table.last_row - sheet.top + 1)), rows, None
    head = list(islice(rows, max(HEAD, *(row + 1 for row in pinned)) if pinned else HEAD))
    merges = [one for one in sheet.merges if one[0][0] < len(head)]
    found = find_header([[text(cell) for cell in row] for row in head], merges=merges, known=hint.known, pinned=pinned)
    if found and sheet.delimiter:
        # A text row has as many columns as its header has cells, however long other rows are.
        found = replace(found, names=found.names[: max(map(len, head[found.first : found.last + 1]))])
    return Looked(sheet, head, rows, found, many, after)


def passed_over(looked: Looked, rule: str) -> Iterator[Event]:
    """Set every filled row of the table aside under one rule."""
    filled = (at for at, row in enumerate(chain(looked.head, looked.rest)) if any(map(text, row)))
    places = tuple(looked.sheet.place(at) for at in filled)
    if places:
        yield Aside(places, rule)


def deliver(looked: Looked, hint: Hint) -> Iterator[Event]:
    """
    Tell the rows of the table, block by block, then the table itself.

    Raises:
        SourceError: The pinned header is not there.
    """
    header, sheet = looked.header, looked.sheet
    if header is None and hint.table.header != "auto" and looked.head:
        raise _no_header(sheet.name)
    if header is None:
        yield FileFault(faults.FILE_EMPTY, sheet.name)
        yield from passed_over(looked, "no_header_row")
        return
    above = [[text(cell) for cell in row] for row in looked.head[: header.last + 1]]
    yield from _above(above, header, sheet)
    labels = sheet.labels(header.names)
    yield from _header_faults(header, labels, sheet)
    yield from _hidden(header, labels, sheet)
    named = dict.fromkeys(label for label, name in zip(labels, header.names, strict=True) if name)
    account = Account(_printed(above, header), header.names, named, header.last)
    start, first, width = header.last + 1, looked.head[header.last + 1 :], len(header.names)
    blocks = looked.many(first, width, hint.chunk) if looked.many else blocks_of(chain(first, looked.rest), width, hint.chunk)
    for block in blocks:
        yield from deliver_block(block, start, sheet, account, whole=hint.whole)
        start += len(block)
    yield from _below(looked, start)
    yield _entry(header, sheet, account)


def _below(looked: Looked, start: int) -> Iterator[Event]:
    """Set the rows below the last one of a pinned table aside."""
    places = tuple(looked.sheet.place(start + at) for at, row in enumerate(looked.after) if any(map(text, row)))
    if places:
        yield Aside(places, "below_table_row")


def _no_header(sheet: str) -> SourceError:
    return SourceError(
        Text("映射 table.header 写明的表头行不存在", "the header rows that table.header of the mapping pins are not there"),
        where=sheet,
        next=Text("改正映射中的 table.header，或写 auto", "correct table.header in the mapping, or write `auto`"),
    )


def _entry(header: Header, sheet: Sheet, account: Account) -> TableEntry:
    first = f"{letters(sheet.left)}{sheet.top + header.first}"
    last = f"{letters(sheet.left + len(header.names) - 1)}{sheet.top + account.last}"
    rows = tuple(range(sheet.top + header.first, sheet.top + header.last + 1))
    return TableEntry(
        sheet.name, rows, f"{first}:{last}", header.confidence, tuple(account.columns), account.rows, account.filled
    )


def _above(above: Sequence[Cells], header: Header, sheet: Sheet) -> Iterator[Event]:
    """Set the rows above the header aside, title before notes, and the header itself."""
    titled = False
    for at, row in enumerate(above):
        filled = [cell for cell in row if cell]
        if at >= header.first:
            rule = "header_row"
        elif len(set(filled)) == 1 and not titled and ":" not in filled[0] and "：" not in filled[0]:
            rule, titled = "title_row", True
        else:
            rule = "note_row"
        if filled:
            yield Aside((sheet.place(at),), rule)


def _printed(above: Sequence[Cells], header: Header) -> Printed:
    stripped = [tuple(cell.strip() for cell in row if cell) for row in above]
    return Printed(
        frozenset(one for one in stripped[: header.first] if one), tuple(one for one in stripped[header.first :] if one)
    )


def _hidden(header: Header, labels: Sequence[str], sheet: Sheet) -> Iterator[Event]:
    """Tell what a person does not see: it is read, since a filter that was left on hides rows that are wanted."""
    for first, last in spans(row for row in sheet.facts.hidden_rows if row > header.last):
        place = sheet.place(first)
        yield FileFault(faults.ROW_HIDDEN, place if first == last else f"{place}-R{sheet.top + last}")
    for column in sorted(sheet.facts.hidden_columns):
        if column < len(labels) and header.names[column]:
            yield FileFault(faults.COLUMN_HIDDEN, sheet.name, labels[column])


def _header_faults(header: Header, labels: Sequence[str], sheet: Sheet) -> Iterator[Event]:
    place = sheet.place(header.last)
    if header.confidence < SURE:
        yield FileFault(faults.HEADER_DOUBTFUL, place)
    for label, name in zip(labels, header.names, strict=True):
        if name and label != name:
            yield FileFault(faults.HEADER_REPEATED, place, label)
