"""The facts of a sheet of an xlsx, from a quick look through its XML; cells are parsed only where something stands out."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from crmetl.extract.workbook.facts import NONE, At, Facts, is_padded

_PIECE = 1 << 20
_TAG = re.compile(rb"<(?:\w+:)?(row|c|col)\b([^>]*)>")
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb'\br="(\d{1,7})"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_COLUMNS = re.compile(rb'\bm(in|ax)="(\d{1,5})"')
_STYLE = re.compile(rb'\bs="(\d{1,6})"')
_FORMULA = re.compile(
    rb"\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v\s*>\s*</(?:\w+:)?v>)"
)
"""A formula with nothing behind it, or with an empty value."""
_BROKEN = (KeyError, ET.ParseError, zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _targets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return sheet -> member, by the workbook's relations; also of the strict form, whose namespaces differ."""
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 expat here refuses entity expansion attacks
    links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 as above
    targets = {one.get("Id", ""): one.get("Target", "") for one in links}
    out: dict[str, str] = {}
    for one in book.iter():
        if _local(one.tag) == "sheet":
            place = next((value for name, value in one.items() if _local(name) == "id" and "}" in name), "")
            target = targets.get(place, "")
            out[one.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return out


def _padded_styles(archive: zipfile.ZipFile) -> dict[bytes, str]:
    """Return number of a cell style -> its format, of those that show numbers as codes."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    xml = archive.read("xl/styles.xml")
    if b"formatCode" not in xml:
        return {}
    root = ET.fromstring(xml)  # noqa: S314 as above
    codes = {one.get("numFmtId"): one.get("formatCode", "") for one in root.iter() if _local(one.tag) == "numFmt"}
    cells = next((one for one in root if _local(one.tag) == "cellXfs"), ())
    used = [(str(at).encode(), codes.get(one.get("numFmtId"), "")) for at, one in enumerate(cells)]
    return {at: code for at, code in used if is_padded(code)}


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield the XML in pieces that end with a row."""
    with archive.open(part) as xml:
        tail = b""
        while piece := xml.read(_PIECE):
            text = tail + piece
            cut = text.rfind(b"row>") + 4
            if cut < 4:
                tail = text
                continue
            yield text[:cut]
            tail = text[cut:]
        yield tail


class _Found:
    """What adds up over the pieces; where cells are not numbered they are counted."""

    def __init__(self, styles: dict[bytes, str]) -> None:
        self.styles = styles
        self.errors: set[At] = set()
        self.uncached: set[At] = set()
        self.rows: set[int] = set()
        self.columns: set[int] = set()
        self.padded: dict[At, str] = {}
        self._row, self._column = -1, -1
        self._count = False
        # Plain texts: a search for one is many times as fast as for a pattern, and all of the sheet is searched.
        self._marks = (b't="e"', b'hidden="', *(b' s="%s"' % one for one in styles))

    def look(self, text: bytes) -> None:
        """Take in a piece."""
        self._count = self._count or self._uncounted(text)
        if not self._count and not _formula(text) and not any(mark in text for mark in self._marks):
            return
        for tag in _TAG.finditer(text):
            self._take(tag[1], tag[2], text, tag.end())

    def _uncounted(self, text: bytes) -> bool:
        first = re.search(rb"<(?:\w+:)?(?:c|row)(?:>|\s[^>]*>)", text)
        return first is not None and b' r="' not in first.group()

    def _take(self, kind: bytes, attributes: bytes, text: bytes, end: int) -> None:
        if kind == b"col":
            if _HIDDEN.search(attributes):
                bounds = {which: int(number) for which, number in _COLUMNS.findall(attributes)}
                # Columns are hidden to the last of a sheet where a person hides "all the rest".
                self.columns.update(range(bounds.get(b"in", 1) - 1, min(bounds.get(b"ax", 1), 16_384)))
        elif kind == b"row":
            numbered = _ROW.search(attributes)
            self._row, self._column = int(numbered[1]) - 1 if numbered else self._row + 1, -1
            if _HIDDEN.search(attributes):
                self.rows.add(self._row)
        else:
            self._cell(attributes, text, end)

    def _cell(self, attributes: bytes, text: bytes, end: int) -> None:
        if place := _CELL.search(attributes):
            self._row, self._column = int(place[2]) - 1, _column(place[1])
        else:
            self._column += 1
        at = self._row, self._column
        if b't="e"' in attributes:
            self.errors.add(at)
        elif not attributes.endswith(b"/") and b't="str"' not in attributes and _FORMULA.match(text, end):
            self.uncached.add(at)
        if self.styles and (style := _STYLE.search(attributes)) and style[1] in self.styles:
            self.padded[at] = self.styles[style[1]]

    def facts(self) -> Facts:
        """Return what was found."""
        return Facts(
            frozenset(self.errors), frozenset(self.uncached), frozenset(self.rows), frozenset(self.columns), dict(self.padded)
        )


def _formula(text: bytes) -> bool:
    # The letter alone is rare in a sheet, and found ten times as fast as the start of a tag.
    return b"f" in text and any(mark in text for mark in (b"<f", b":f>", b":f "))


def _column(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number - 1


def xlsx_facts(path: Path, sheet: str) -> Facts:
    """
    Return the facts of one sheet.

    Only xlsx and xlsm tell; other formats give none. A part that cannot be found gives none as well: calamine has read the
    sheet by then, and its word on damage counts.
    """
    if not zipfile.is_zipfile(path):
        return NONE
    try:
        with zipfile.ZipFile(path) as archive:
            part = _targets(archive).get(sheet)
            if not part:
                return NONE
            found = _Found(_padded_styles(archive))
            for piece in _pieces(archive, part):
                found.look(piece)
            return found.facts()
    except _BROKEN:
        return NONE
