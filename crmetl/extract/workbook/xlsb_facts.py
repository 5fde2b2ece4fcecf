"""
The facts of a sheet of a binary workbook (xlsb), read from its records.

Source: [MS-XLSB], sections 2.1.4 (records) and 2.4.
"""

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from crmetl.extract.workbook.facts import NONE, At, Facts, is_padded

_ROW, _ERROR, _FORMULA_ERROR, _COLUMN = 0, 3, 11, 60
_NUMBERS = (2, 5, 9)
"""RK, real, and a formula's number."""
_BUNDLE, _FORMAT, _XF, _STYLES, _STYLES_END = 156, 44, 47, 617, 618


def _records(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content: the kind takes one byte or two, the length up to four of seven bits."""
    at, end = 0, len(raw)
    while at < end:
        kind = raw[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (raw[at] << 7)
            at += 1
        length = 0
        for shift in (0, 7, 14, 21):
            one = raw[at]
            at += 1
            length |= (one & 0x7F) << shift
            if not one & 0x80:
                break
        yield kind, raw[at : at + length]
        at += length


def _text(raw: bytes, at: int) -> tuple[str, int]:
    count = struct.unpack_from("<I", raw, at)[0]
    return raw[at + 4 : at + 4 + 2 * count].decode("utf-16-le"), at + 4 + 2 * count


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    links = ET.fromstring(archive.read("xl/_rels/workbook.bin.rels"))  # noqa: S314 expat here refuses entity expansion attacks
    targets = {one.get("Id"): one.get("Target", "") for one in links}
    for kind, raw in _records(archive.read("xl/workbook.bin")):
        if kind == _BUNDLE:
            link, at = _text(raw, 8)
            if _text(raw, at)[0] == sheet:
                target = targets.get(link, "")
                return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _padded_styles(archive: zipfile.ZipFile) -> dict[int, str]:
    if "xl/styles.bin" not in archive.namelist():
        return {}
    codes: dict[int, str] = {}
    styles: list[int] = []
    inside = False
    for kind, raw in _records(archive.read("xl/styles.bin")):
        if kind == _FORMAT:
            codes[struct.unpack_from("<H", raw)[0]] = _text(raw, 2)[0]
        elif kind in (_STYLES, _STYLES_END):
            inside = kind == _STYLES
        elif kind == _XF and inside:
            styles.append(struct.unpack_from("<H", raw, 2)[0])
    used = ((at, codes.get(number, "")) for at, number in enumerate(styles))
    return {at: code for at, code in used if is_padded(code)}


def xlsb_facts(path: Path, sheet: str) -> Facts:
    """Return the facts of one sheet; none where its records cannot be followed."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part(archive, sheet)
            return _facts(archive.read(part), _padded_styles(archive)) if part else NONE
    except Exception:  # noqa: BLE001 calamine has read the sheet by then, and its word on damage counts
        return NONE


def _facts(page: bytes, styles: dict[int, str]) -> Facts:
    errors: set[At] = set()
    rows: set[int] = set()
    columns: set[int] = set()
    padded: dict[At, str] = {}
    row = -1
    for kind, raw in _records(page):
        if kind == _ROW:
            row = struct.unpack_from("<I", raw)[0]
            if raw[11] & 0x10:
                rows.add(row)
        elif kind in (_ERROR, _FORMULA_ERROR):
            errors.add((row, struct.unpack_from("<I", raw)[0]))
        elif kind == _COLUMN and raw[16] & 1:
            first, last = struct.unpack_from("<II", raw)
            columns.update(range(first, min(last, 16_383) + 1))
        elif styles and kind in _NUMBERS:
            column, style = struct.unpack_from("<II", raw)
            if style & 0xFFFFFF in styles:
                padded[row, column] = styles[style & 0xFFFFFF]
    return Facts(frozenset(errors), frozenset(), frozenset(rows), frozenset(columns), padded)
