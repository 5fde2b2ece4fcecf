"""
The facts of a sheet of an old workbook (BIFF8), read from its records.

Source: [MS-XLS], sections 2.4 (records) and 2.5.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from crmetl.extract.workbook.facts import NONE, At, Facts, is_padded

_BOUNDSHEET, _FORMAT, _XF, _EOF = 0x85, 0x41E, 0xE0, 0x0A
_ROW, _COLINFO, _BOOLERR, _FORMULA, _MULRK = 0x208, 0x7D, 0x205, 0x06, 0xBD
_NUMBERS = (0x203, 0x27E)
"""NUMBER and RK."""


def _stream(path: Path) -> bytes:
    from xlrd.compdoc import CompDoc  # noqa: PLC0415 only old workbooks need it

    class _Silent:
        def write(self, _: str) -> int:
            return 0

    document = CompDoc(path.read_bytes(), logfile=_Silent())
    memory, base, length = document.locate_named_stream("Workbook")
    return bytes(memory[base : base + length]) if memory else b""


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content of each record to the end of its part."""
    end = len(stream) - 4
    while 0 <= at <= end:
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _EOF:
            return
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _name(raw: bytes) -> str:
    """Return a text whose length is one byte."""
    count, wide = raw[0], raw[1] & 1
    return raw[2 : 2 + 2 * count].decode("utf-16-le") if wide else raw[2 : 2 + count].decode("latin-1")


def _globals(stream: bytes) -> tuple[dict[str, int], dict[int, str]]:
    """Return sheet -> where it begins, and cell style -> its format where that shows numbers as codes."""
    sheets: dict[str, int] = {}
    codes: dict[int, str] = {}
    styles: list[int] = []
    for kind, raw in _records(stream, 0):
        if kind == _BOUNDSHEET:
            sheets[_name(raw[6:])] = struct.unpack_from("<I", raw)[0]
        elif kind == _FORMAT:
            number, count, wide = struct.unpack_from("<HHB", raw)
            codes[number] = raw[5 : 5 + 2 * count].decode("utf-16-le") if wide & 1 else raw[5 : 5 + count].decode("latin-1")
        elif kind == _XF:
            styles.append(struct.unpack_from("<H", raw, 2)[0])
    used = ((at, codes.get(number, "")) for at, number in enumerate(styles))
    return sheets, {at: code for at, code in used if is_padded(code)}


def xls_facts(path: Path, sheet: str) -> Facts:
    """Return the facts of one sheet; none where the file is older than BIFF8, or its records cannot be followed."""
    try:
        stream = _stream(path)
        sheets, styles = _globals(stream)
        return _facts(stream, sheets[sheet], styles) if sheet in sheets else NONE
    except Exception:  # noqa: BLE001 calamine has read the sheet by then, and its word on damage counts
        return NONE


def _facts(stream: bytes, start: int, styles: dict[int, str]) -> Facts:
    errors: set[At] = set()
    rows: set[int] = set()
    columns: set[int] = set()
    padded: dict[At, str] = {}
    for kind, raw in _records(stream, start):
        if (kind == _BOOLERR and raw[7]) or (kind == _FORMULA and raw[6] == 2 and raw[12:14] == b"\xff\xff"):
            row, column = struct.unpack_from("<HH", raw)
            errors.add((row, column))
        elif kind == _ROW and struct.unpack_from("<H", raw, 12)[0] & 0x20:
            rows.add(struct.unpack_from("<H", raw)[0])
        elif kind == _COLINFO and raw[8] & 1:
            first, last = struct.unpack_from("<HH", raw)
            columns.update(range(first, last + 1))
        elif styles and kind in _NUMBERS:
            row, column, style = struct.unpack_from("<HHH", raw)
            if style in styles:
                padded[row, column] = styles[style]
        elif styles and kind == _MULRK:
            padded.update(_many(raw, styles))
    return Facts(frozenset(errors), frozenset(), frozenset(rows), frozenset(columns), padded)


def _many(raw: bytes, styles: dict[int, str]) -> Iterator[tuple[At, str]]:
    """Yield the styled cells of a run of numbers in one row."""
    row, first = struct.unpack_from("<HH", raw)
    for turn in range((len(raw) - 6) // 6):
        style = struct.unpack_from("<H", raw, 4 + 6 * turn)[0]
        if style in styles:
            yield (row, first + turn), styles[style]
