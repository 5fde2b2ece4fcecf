"""Files written byte by byte, as libraries would not write them."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_REL = "http://purl.oclc.org/ooxml/officeDocument/relationships"
STAMP = (2024, 3, 5, 0, 0, 0)


def zipped(members: Mapping[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of members, the same bytes at every making."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name, STAMP)
            member.compress_type = method
            archive.writestr(member, content)
    return out.getvalue()


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def letter(column: int) -> str:
    return chr(65 + column)


def inline(rows: Sequence[Sequence[object]], *, first: int = 1, numbered: bool = True) -> str:
    """Return rows of an xlsx sheet with texts inside the cells."""
    out = []
    for i, row in enumerate(rows):
        cells = []
        for j, cell in enumerate(row):
            at = f' r="{letter(j)}{first + i}"' if numbered else ""
            if isinstance(cell, str) and cell.startswith("<"):
                cells.append(cell.replace("@", at))
            elif isinstance(cell, str):
                cells.append(f'<c{at} t="inlineStr"><is><t>{escaped(cell)}</t></is></c>')
            elif cell is not None:
                cells.append(f"<c{at}><v>{cell}</v></c>")
        mark = f' r="{first + i}"' if numbered else ""
        out.append(f"<row{mark}>{''.join(cells)}</row>")
    return "".join(out)


def xlsx(
    *sheets: tuple[str, str],
    before: str = "",
    after: str = "",
    styles: str = "",
    strict: bool = False,
    date1904: bool = False,
    more: Mapping[str, str | bytes] | None = None,
    states: Mapping[str, str] | None = None,
) -> bytes:
    """Return a workbook of (name, rows in XML)."""
    main, rel = (STRICT, STRICT_REL) if strict else (MAIN, REL)
    listed = "".join(
        f'<sheet name="{escaped(name)}" sheetId="{at}" r:id="rId{at}"{(states or {}).get(name, "")}/>'
        for at, (name, _) in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{rel}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{head}<Types xmlns="{package}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{kinds}.worksheet+xml"/>'
            for at in range(1, len(sheets) + 1)
        )
        + "</Types>",
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook xmlns="{main}" xmlns:r="{rel}"'
        + (' conformance="strict"' if strict else "")
        + ("><workbookPr date1904='1'/>" if date1904 else "><workbookPr/>")
        + f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}/relationships">{links}'
        f'<Relationship Id="rId99" Type="{rel}/styles" Target="styles.xml"/></Relationships>',
    }
    for at, (_, rows) in enumerate(sheets, 1):
        members[f"xl/worksheets/sheet{at}.xml"] = (
            f'{head}<worksheet xmlns="{main}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
        )
    members["xl/styles.xml"] = f'{head}<styleSheet xmlns="{main}">{styles or styled()}</styleSheet>'
    return zipped({**members, **(more or {})})


def styled(*codes: str) -> str:
    """Return cell styles 1, 2, … of these number formats."""
    formats = "".join(f'<numFmt numFmtId="{164 + at}" formatCode="{escaped(code)}"/>' for at, code in enumerate(codes))
    cells = "".join(f'<xf numFmtId="{164 + at}" applyNumberFormat="1"/>' for at in range(len(codes)))
    return (
        f'<numFmts count="{len(codes)}">{formats}</numFmts><cellXfs count="{len(codes) + 1}"><xf numFmtId="0"/>{cells}</cellXfs>'
    )


OFFICE = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def odf_cell(cell: object) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str) and cell.startswith("<"):
        return cell
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
    if isinstance(cell, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escaped(cell)}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'


def odf_table(name: str, rows: Sequence[Sequence[object]], *, style: str = "", columns: str = "") -> str:
    body = "".join(f"<table:table-row>{''.join(map(odf_cell, row))}</table:table-row>" for row in rows)
    return f'<table:table table:name="{name}"{style}>{columns}{body}</table:table>'


def odf_content(tables: str, *, styles: str = "", kind: str = "document-content", doctype: str = "") -> str:
    flat = ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet"' if kind == "document" else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}<office:{kind} {OFFICE}{flat} office:version="1.2">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:{kind}>"
    )


def ods(tables: str, *, styles: str = "", more: Mapping[str, str] | None = None) -> bytes:
    """Return an OpenDocument workbook."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return zipped(
        {"mimetype": kind, "content.xml": odf_content(tables, styles=styles), "META-INF/manifest.xml": manifest, **(more or {})}
    )


def fods(tables: str, *, styles: str = "", doctype: str = "") -> bytes:
    """Return a flat OpenDocument workbook."""
    return odf_content(tables, styles=styles, kind="document", doctype=doctype).encode()


def xml2003(*sheets: str, styles: str = "", encoding: str = "UTF-8", doctype: str = "") -> bytes:
    """Return a workbook of Excel 2003 as XML."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n{doctype}<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f"<Styles>{styles}</Styles>{''.join(sheets)}</Workbook>"
    )
    return text.encode("gbk" if encoding == "GB2312" else encoding)


def xml_sheet(name: str, rows: str, *, columns: str = "", state: str = "") -> str:
    options = (
        f'<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>{state}</Visible></WorksheetOptions>'
        if state
        else ""
    )
    return f'<Worksheet ss:Name="{name}"><Table>{columns}{rows}</Table>{options}</Worksheet>'


def xml_row(*cells: object, more: str = "") -> str:
    out = []
    for cell in cells:
        if isinstance(cell, str) and cell.startswith("<"):
            out.append(cell)
        elif cell is None:
            out.append("<Cell/>")
        else:
            kind = "String" if isinstance(cell, str) else "Number"
            out.append(f'<Cell><Data ss:Type="{kind}">{escaped(str(cell))}</Data></Cell>')
    return f"<Row{more}>{''.join(out)}</Row>"


def dbf(
    fields: Sequence[tuple[str, str, int, int]],
    records: Sequence[tuple[bytes, ...]],
    *,
    encoding: str = "gbk",
    language: int = 0,
    version: int = 3,
    deleted: Sequence[int] = (),
    count: int | None = None,
) -> bytes:
    """Return a dBase table; records are bytes as they stand."""
    width = 1 + sum(size for _, _, size, _ in fields)
    first = 32 + 32 * len(fields) + 1
    head = struct.pack("<BBBBIHH", version, 124, 3, 5, len(records) if count is None else count, first, width) + bytes(17)
    head += bytes([language]) + bytes(2)
    columns = b"".join(
        name.encode(encoding).ljust(11, b"\0") + kind.encode() + bytes(4) + bytes([size % 256, places if kind != "C" else size >> 8])
        + bytes(14)
        for name, kind, size, places in fields
    )  # fmt: skip
    rows = b"".join(
        (b"*" if at in deleted else b" ")
        + b"".join(cell.ljust(size)[:size] for cell, (_, _, size, _) in zip(record, fields, strict=True))
        for at, record in enumerate(records)
    )
    return head + columns + b"\r" + rows + b"\x1a"


def _record(kind: int, content: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(content), b""
    while True:
        low, size = size & 0x7F, size >> 7
        length += bytes([low | (0x80 if size else 0)])
        if not size:
            return number + length + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(rows: Sequence[Sequence[object]], *, sheet: str = "S") -> bytes:
    """Return a binary workbook: texts, numbers, and `#N/A` where a cell is an Exception."""
    cells = b""
    for i, row in enumerate(rows):
        cells += _record(0, struct.pack("<II", i, 0) + bytes(9))
        for j, cell in enumerate(row):
            at = struct.pack("<II", j, 0)
            if isinstance(cell, str):
                cells += _record(6, at + _wide(cell))
            elif isinstance(cell, Exception):
                cells += _record(3, at + b"\x2a")
            elif cell is not None:
                cells += _record(5, at + struct.pack("<d", float(str(cell))))
    last = struct.pack("<IIII", 0, max(0, len(rows) - 1), 0, max(map(len, rows)) - 1)
    page = _record(129) + _record(148, last) + _record(145) + cells + _record(146) + _record(130)
    book = (
        _record(131)
        + _record(143)
        + _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide(sheet))
        + _record(144)
        + _record(132)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    return zipped(
        {
            "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="bin" '
            'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>',
            "_rels/.rels": f'<?xml version="1.0"?><Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{REL}/officeDocument" Target="xl/workbook.bin"/></Relationships>',
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": f'<?xml version="1.0"?><Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{REL}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>',
            "xl/worksheets/sheet1.bin": page,
        }
    )
