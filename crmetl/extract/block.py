"""A block of rows below the header: brought to one length, sorted into rows and rows set aside, with its faults."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from crmetl.extract.aside import set_aside
from crmetl.extract.cells import CERTAIN, texts, truncated
from crmetl.extract.events import Aside, Event, FileFault, RowFault, Rows
from crmetl.extract.header import Merge
from crmetl.extract.sheet import Account, Block, Row, Sheet
from crmetl.extract.workbook.facts import At
from crmetl.extract.workbook.facts import padded as as_padded
from crmetl.faults import Fault
from crmetl.faults import extract as faults

Faults = list[RowFault]


def block_of(rows: Sequence[Row], width: int, delimiter: str = "") -> Block:
    """
    Return rows as columns.

    Args:
        rows: Not empty.
        width: Columns of the header; a workbook's rows may be longer.
        delimiter: Of a text file, whose rows are brought to that width.
    """
    levelled, found = level(rows, width, delimiter) if delimiter else (rows, [])
    cells: list[Sequence[object]] = list(zip(*levelled, strict=True))
    cells += [(None,) * len(rows)] * (width - len(cells))
    return Block([texts(column) for column in cells], found, () if delimiter else cells)


def blocks_of(rows: Iterator[Row], width: int, most: int) -> Iterator[Block]:
    """Yield blocks of at most `most` rows of a workbook."""
    while block := list(islice(rows, most)):
        yield block_of(block, width)


def deliver_block(block: Block, start: int, sheet: Sheet, account: Account, *, whole: bool = False) -> Iterator[Event]:
    """
    Tell the rows of one block.

    Args:
        block: Not empty.
        start: Number of its first row below the first row of the sheet.
        sheet: Where it stands.
        account: Of the table; what this block adds is added.
        whole: Deliver the rows that are no data too.
    """
    arrays, found = _as_shown(block, start, sheet.facts.padded), [*block.faults]
    names = [*account.names, *[None] * (len(arrays) - len(account.names))]
    labels = sheet.labels(names)
    aside = set_aside(arrays, account.printed)
    yield from _set_aside(aside, start, sheet)
    kept: Sequence[int] = [at for at in range(len(block)) if at not in aside] if aside and not whole else range(len(block))
    if not kept:
        return
    found += _cell_faults(block, labels, start, sheet)
    arrays = _filled_down(arrays, start, sheet, account)
    unnamed = [
        label for label, name, array in zip(labels, names, arrays, strict=True) if not name and array.null_count < len(array)
    ]
    yield from (FileFault(faults.COLUMN_UNNAMED, sheet.name, label) for label in unnamed if label not in account.columns)
    account.columns.update(dict.fromkeys(unnamed))
    account.rows, account.last = account.rows + len(kept), start + kept[-1]
    shown = [(label, array) for label, name, array in zip(labels, names, arrays, strict=True) if name or label in unnamed]
    no_data = tuple(sorted(at for at, rule in aside.items() if rule != "blank_row")) if whole else ()
    yield _rows(shown, kept, sheet.places_of(start, kept), found, no_data)


def _rows(
    shown: list[tuple[str, pa.Array]], kept: Sequence[int], places: Sequence[str], found: Faults, no_data: tuple[int, ...]
) -> Rows:
    table = pa.table(dict(shown))
    position = {at: new for new, at in enumerate(kept)} if found else {}
    told = tuple(RowFault(position[one.at], one.fault, one.column) for one in found if one.at in position)
    return Rows(table if len(kept) == table.num_rows else table.take(pa.array(kept)), places, told, no_data=no_data)


def _set_aside(aside: dict[int, str], start: int, sheet: Sheet) -> Iterator[Event]:
    by_rule: dict[str, list[str]] = {}
    for at, rule in aside.items():
        by_rule.setdefault(rule, []).append(sheet.place(start + at))
    yield from (Aside(tuple(places), rule) for rule, places in by_rule.items() if rule != "blank_row")


def _cell_faults(block: Block, labels: Sequence[str], start: int, sheet: Sheet) -> Faults:
    # A text file writes all digits; only a workbook stores numbers.
    arrays = block.columns
    found = [RowFault(at, faults.NUMBER_TRUNCATED, labels[i]) for i, column in enumerate(block.cells) for at in truncated(column)]
    told = ((faults.CELL_ERROR, sheet.facts.errors), (faults.FORMULA_UNCACHED, sheet.facts.uncached))
    for fault, cells in told:
        inside = (one for one in sorted(cells) if start <= one[0] < start + len(block) and one[1] < len(labels))
        found += [RowFault(row - start, fault, labels[column]) for row, column in inside]
    if sheet.broken:
        found += _holding(arrays, labels, "\ufffd", faults.CELL_UNDECODABLE)
    if sheet.unclosed:
        found += _holding(arrays, labels, "\n", faults.QUOTE_UNCLOSED)
    return found


def _as_shown(block: Block, start: int, padded: Mapping[At, str]) -> list[pa.Array]:
    """Write whole numbers with the zeros that their format shows."""
    changed: dict[int, list[str | None]] = {}
    for (row, column), code in padded.items():
        if start <= row < start + len(block) and column < len(block.cells):
            value = block.cells[column][row - start]
            if type(value) in (float, int) and 0 <= float(str(value)) < CERTAIN and float(str(value)).is_integer():
                changed.setdefault(column, block.columns[column].to_pylist())[row - start] = as_padded(
                    int(float(str(value))), code
                )
    return [pa.array(changed[at], pa.large_string()) if at in changed else one for at, one in enumerate(block.columns)]


def _holding(arrays: Sequence[pa.Array], labels: Sequence[str], mark: str, fault: Fault) -> Faults:
    """Report the cells that hold a mark."""
    hits = [(i, pc.indices_nonzero(pc.fill_null(pc.match_substring(array, mark), False))) for i, array in enumerate(arrays)]
    return [RowFault(at, fault, labels[i]) for i, places in hits for at in places.to_pylist()]


def level(block: Sequence[Row], width: int, delimiter: str) -> tuple[Sequence[Row], Faults]:
    """
    Bring the rows of a text file to one length.

    Blank cells at the end of a long row are cut; filled ones are joined to the last column, so that nothing is lost, and
    the row waits. A short row is filled up and waits too: it is usually half of a row with a stray line break.
    """
    if set(map(len, block)) == {width}:
        return block, []
    out: list[Row] = []
    found: Faults = []
    for at, row in enumerate(block):
        if len(row) > width and any(row[width:]):
            out.append([*row[: width - 1], delimiter.join(row[width - 1 :])])
            found.append(RowFault(at, faults.ROW_RAGGED))
        else:
            out.append([*row[:width], *[None] * (width - len(row))])
            if 0 < len(row) < width:
                found.append(RowFault(at, faults.ROW_SHORT))
    return out, found


def _filled_down(arrays: list[pa.Array], start: int, sheet: Sheet, account: Account) -> list[pa.Array]:
    """Give every row of a vertically merged range its value."""
    end = start + len(arrays[0])
    by_column: dict[int, list[Merge]] = {}
    for merge in sheet.merges:
        (top, left), (bottom, _) = merge
        if (
            top < bottom
            and start <= bottom
            and top < end
            and left < len(arrays)
            and (top >= start or (top, left) in account.carried)
        ):
            by_column.setdefault(left, []).append(merge)
    out = list(arrays)
    for left, ranges in by_column.items():
        cells = arrays[left].to_pylist()
        for (top, _), (bottom, _) in ranges:
            account.carried[top, left] = value = cells[top - start] if top >= start else account.carried[top, left]
            span = range(max(top + 1, start) - start, min(bottom + 1, end) - start)
            for at in span:
                cells[at] = value
            account.filled += len(span) if value else 0
        out[left] = pa.array(cells, pa.large_string())
    return out
