"""
Workbooks written as what they are, XML in a zip (ECMA-376), a row at a time.

One style for a text that a spreadsheet program could read as a formula, one for heads, one for the rest; a library that
knows all others spends most of its time on them.
"""

import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Texts that a spreadsheet program would read as a formula, or a text import would (OWASP, CSV injection)."""
LONGEST = 32_767
"""Characters that a cell can hold (limit of the file format)."""

Row = Sequence[object]

_PLAIN, _HEAD, _QUOTED, _QUOTED_HEAD = range(4)
"""Places in the styles below."""
_AT_ONCE = 1 << 18
"""Characters of XML gathered before they are packed."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold."""
_UNNAMEABLE = re.compile(r"[\\*?:/\[\]]")
"""Characters that the name of a sheet cannot hold."""
_LONGEST_NAME = 31

_HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FONT = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
_STYLES: Final = (
    f'{_HEADER}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font>{_FONT}</font><font><b/>{_FONT}</font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4">'
    + "".join(
        f'<xf numFmtId="0" fontId="{font}" fillId="0" borderId="0" xfId="0" applyFont="1" quotePrefix="{quoted}"/>'
        for quoted in (0, 1)
        for font in (0, 1)
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Xlsx:
    """A workbook; its sheets go to a file without a name as they come, so that memory does not grow with the rows."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 closed by save
        self._zip = ZipFile(self._file, "w", ZIP_DEFLATED, compresslevel=3)
        self._names: list[str] = []

    def sheet(self, title: str, heads: Sequence[str], rows: Iterable[Row], widths: Sequence[float]) -> int:
        """
        Write a sheet: bold frozen heads, a filter, and the rows; texts stay texts, numbers are numbers.

        Args:
            title: Cut and changed where the format asks for it.
            heads: Of the columns.
            rows: Texts, numbers, booleans, or None for an empty cell.
            widths: Of the columns, in characters.

        Returns:
            The number of rows.
        """
        self._names.append(self._free(_UNNAMEABLE.sub("_", title)[:_LONGEST_NAME] or "-"))
        columns = [_letters(at) for at in range(max(len(heads), 1))]
        sized = "".join(f'<col min="{at}" max="{at}" width="{wide}" customWidth="1"/>' for at, wide in enumerate(widths, start=1))
        n = 1
        with self._zip.open(f"xl/worksheets/sheet{len(self._names)}.xml", "w") as out:
            out.write(
                f'{_HEADER}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
                'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
                f"{sized and f'<cols>{sized}</cols>'}<sheetData>".encode()
            )
            pieces, held = [_row(1, columns, heads, _HEAD)], 0
            for row in rows:
                n += 1
                pieces.append(text := _row(n, columns, row, _PLAIN))
                held += len(text)
                if held > _AT_ONCE:
                    out.write("".join(pieces).encode())
                    pieces, held = [], 0
            out.write(f'{"".join(pieces)}</sheetData><autoFilter ref="A1:{columns[-1]}{n}"/></worksheet>'.encode())
        return n - 1

    def save(self, path: Path) -> None:
        """Write the file in one step."""
        numbers = range(1, len(self._names) + 1)
        self._zip.writestr("xl/styles.xml", _STYLES)
        self._zip.writestr(
            "xl/workbook.xml",
            f'{_HEADER}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            + "".join(
                f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>'
                for at, name in zip(numbers, self._names, strict=True)
            )
            + "</sheets></workbook>",
        )
        parts = [(f"rId{at}", "worksheet", f"worksheets/sheet{at}.xml") for at in numbers]
        self._zip.writestr("xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles", "styles.xml")]))
        self._zip.writestr("_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")]))
        self._zip.writestr(
            "[Content_Types].xml",
            f'{_HEADER}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            + _override("workbook.xml", "sheet.main")
            + _override("styles.xml", "styles")
            + "".join(_override(f"worksheets/sheet{at}.xml", "worksheet") for at in numbers)
            + "</Types>",
        )
        self._zip.close()
        part = path.with_suffix(".part")
        with self._file as whole, part.open("wb") as out:
            whole.seek(0)
            shutil.copyfileobj(whole, out)
        part.replace(path)

    def _free(self, name: str) -> str:
        """Return a name that no sheet has yet, as programs see it, who do not tell case."""
        taken, found, number = {one.lower() for one in self._names}, name, 1
        while found.lower() in taken:
            found, number = f"{name[: _LONGEST_NAME - 3]}{number}", number + 1
        return found


def _row(number: int, columns: Sequence[str], values: Row, style: int) -> str:
    cells = [_cell(f"{column}{number}", value, style) for column, value in zip(columns, values, strict=True) if value is not None]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(at: str, value: object, style: int) -> str:
    """Return a cell; a text that looks like a formula is marked as text, so that nothing is ever run."""
    if isinstance(value, str):
        text = value if value.isprintable() else _UNWRITABLE.sub("", value)
        text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        style += _QUOTED if text.startswith(FORMULA_STARTS) else _PLAIN
        said = escape(text, {"\r": "&#13;"})
        return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'
    if isinstance(value, bool):
        return f'<c r="{at}" s="{style}" t="b"><v>{value:d}</v></c>'
    return f'<c r="{at}" s="{style}"><v>{value}</v></c>'


def _letters(at: int) -> str:
    """
    Return the letters of a column.

    >>> [_letters(at) for at in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    above, own = divmod(at, 26)
    return (_letters(above - 1) if above else "") + chr(ord("A") + own)


def _relations(parts: Iterable[tuple[str, str, str]]) -> str:
    told = "".join(f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for name, kind, to in parts)
    return f'{_HEADER}<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'


def _override(name: str, kind: str) -> str:
    return f'<Override PartName="/xl/{name}" ContentType="{_TYPE}.{kind}+xml"/>'
