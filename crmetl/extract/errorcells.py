"""Which cells of an xlsx are formula errors: calamine reads them as blank, and a blank hides that something is wrong."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*\bt="e"[^>]*>')
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_MARK = b't="e"'
_PIECE = 1 << 20


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the member that holds a sheet, by the workbook's relations."""
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 expat here refuses entity expansion attacks
    ids = {one.get("name"): one.get(_REL) for one in book.iter(f"{_MAIN}sheet")}
    links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 as above
    targets = {one.get("Id"): one.get("Target") for one in links}
    target = targets.get(ids.get(sheet))
    return (target.lstrip("/") if target.startswith("/") else f"xl/{target}") if target else None


def _column(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number - 1


def _places(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int]]:
    with archive.open(part) as xml:
        tail = b""
        while piece := xml.read(_PIECE):
            text = tail + piece
            if _MARK in text:
                for tag in _CELL.finditer(text):
                    if place := _PLACE.search(tag.group()):
                        yield int(place[2]) - 1, _column(place[1])
            tail = text[text.rfind(b"<") :]


def error_cells(path: Path, sheet: str) -> frozenset[tuple[int, int]]:
    """
    Return (row, column), from 0, of the error cells of one sheet.

    Only xlsx and xlsm tell; other formats give none. A part that cannot be found gives none as well: calamine has read the
    sheet by then, and its word on damage counts.
    """
    if not zipfile.is_zipfile(path):
        return frozenset()
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part(archive, sheet)
            return frozenset(_places(archive, part)) if part else frozenset()
    except (KeyError, ET.ParseError, zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError):
        return frozenset()
