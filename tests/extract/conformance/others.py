"""dBase, OpenDocument, SpreadsheetML, HTML, xlsb."""

import struct
from datetime import date

from tests.extract.conformance import raw
from tests.extract.conformance.case import Case, Cells

AB: Cells = [["名称", "城市"], ["启明", "杭州"], ["远航", "宁波"]]
FIELDS = [("KHMC", "C", 20, 0), ("JE", "N", 10, 2), ("RQ", "D", 8, 0), ("YX", "L", 1, 0)]
RECORDS = [
    ("启明机电".encode("gbk"), b"     12.50", b"20240305", b"T"),
    ("远航贸易".encode("gbk"), b"   1234.00", b"        ", b"F"),
]
DBF_CELLS: list[list[str | None]] = [
    ["KHMC", "JE", "RQ", "YX"],
    ["启明机电", "12.50", "2024-03-05", "TRUE"],
    ["远航贸易", "1234.00", None, "FALSE"],
]
FOX = [("KH", "I", 4, 0), ("SJ", "T", 8, 0), ("JE", "Y", 8, 4), ("BL", "B", 8, 2), ("MC", "C", 8, 0)]
FOX_RECORD = (
    struct.pack("<i", 417),
    struct.pack("<II", 2460375, 52930000),
    struct.pack("<q", 123456),
    struct.pack("<d", 0.5),
    "启明".encode("gbk"),
)


def dbase() -> list[Case]:
    """Tables of dBase and FoxPro."""
    return [
        Case("dbase_gbk.dbf", raw.dbf(FIELDS, RECORDS, language=0x7A), DBF_CELLS, manifest={"encoding": "gb18030", "engine": "dbf"}, why="the language driver says GBK"),
        Case("dbase_silent.dbf", raw.dbf(FIELDS, RECORDS * 4), [*DBF_CELLS, *DBF_CELLS[1:] * 3], manifest={"encoding": "gb18030"}, why="no language driver: the texts tell"),
        Case("dbase_deleted.dbf", raw.dbf(FIELDS, RECORDS, language=0x7A, deleted=[0]), [DBF_CELLS[0], DBF_CELLS[2]], [], {"header_row": 1, "deleted_record": 1}, why="deleted records are set aside"),
        Case("dbase_chinese_names.dbf", raw.dbf([("客户名称", "C", 10, 0), ("城市", "C", 10, 0)], [("启明".encode("gbk"), "杭州".encode("gbk"))], language=0x7A), [["客户名称", "城市"], ["启明", "杭州"]], why="columns named in Chinese"),
        Case("dbase_count_lies.dbf", raw.dbf(FIELDS, RECORDS, language=0x7A, count=90), DBF_CELLS, why="the header counts more records than there are"),
        Case("foxpro_types.dbf", raw.dbf(FOX, [FOX_RECORD], language=0x7A, version=0x30), [["KH", "SJ", "JE", "BL", "MC"], ["417", "2024-03-05T14:42:10", "12.3456", "0.5", "启明"]], why="binary columns of FoxPro"),
        Case("dbase_under_csv.csv", raw.dbf(FIELDS, RECORDS, language=0x7A), DBF_CELLS, why="the suffix is a claim only"),
    ]  # fmt: skip


ERROR = '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
UNCACHED = '<table:table-cell table:formula="of:=1+1"/>'
HIDING = '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
WIDE = '<table:table-cell office:value-type="float" office:value="7" table:number-columns-repeated="16384"/>'
ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'


def open_document() -> list[Case]:
    """Workbooks of LibreOffice and WPS."""
    table = raw.odf_table("客户", [["名称", "金额", "日期"], ["启明", 417.0, date(2024, 3, 5)], ["远航", 0.1, None]])
    cells: Cells = [["名称", "金额", "日期"], ["启明", "417", "2024-03-05"], ["远航", "0.1", None]]
    return [
        Case("plain.ods", raw.ods(table), cells, why="values, not what is shown"),
        Case("plain.fods", raw.fods(table), cells, manifest={"engine": "fods"}, why="flat XML"),
        Case("errors.ods", raw.ods(raw.odf_table("客户", [["名称", "金额"], ["启明", ERROR], ["远航", UNCACHED], ["三江", 5]])),
             [["名称", "金额"], ["启明", None], ["远航", None], ["三江", "5"]], [("CELL_ERROR", "客户!R2", "金额"), ("FORMULA_UNCACHED", "客户!R3", "金额")], why="an error is no blank"),
        Case("hidden_sheet.ods", raw.ods(raw.odf_table("客户", AB) + raw.odf_table("旧表", AB, style=' table:style-name="ta2"'), styles=HIDING), AB,
             [("SHEET_HIDDEN", "旧表", None)], {"header_row": 1, "hidden_sheet_row": 3}, {"hidden": ["旧表"]}, why="a hidden sheet is left out and told"),
        Case("repeated.ods", raw.ods('<table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>名称</text:p></table:table-cell>'
             '<table:table-cell office:value-type="string"><text:p>城市</text:p></table:table-cell></table:table-row><table:table-row table:number-rows-repeated="2">'
             '<table:table-cell office:value-type="string" table:number-columns-repeated="2"><text:p>启明</text:p></table:table-cell></table:table-row>'
             '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'),
             [["名称", "城市"], ["启明", "启明"], ["启明", "启明"]], why="repeated cells are cells, repeated blanks are none"),
        Case("bomb.fods", raw.fods(f'<table:table table:name="S"><table:table-row table:number-rows-repeated="1048576">{WIDE}</table:table-row></table:table>'), None,
             error="option cells", why="a kilobyte that means sixteen thousand million cells"),
        Case("entities.fods", raw.fods(table, doctype=ENTITY), None, error="damaged", why="entities are refused"),
        Case("spaces.fods", raw.fods(raw.odf_table("S", [["名称", "备注"], ["启明", '<table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b</text:p><text:p>c</text:p></table:table-cell>']])),
             [["名称", "备注"], ["启明", "a  b\nc"]], why="blanks and paragraphs of a cell"),
    ]  # fmt: skip


def excel_2003() -> list[Case]:
    """SpreadsheetML."""
    padded = '<Style ss:ID="s1"><NumberFormat ss:Format="00000"/></Style>'
    rows = [
        raw.xml_row("编号", "名称", "日期", "金额"),
        raw.xml_row('<Cell ss:StyleID="s1"><Data ss:Type="Number">417</Data></Cell>', "启明", '<Cell><Data ss:Type="DateTime">2024-03-05T00:00:00.000</Data></Cell>', 12.5),
        raw.xml_row(8, '<Cell ss:Index="4"><Data ss:Type="Error">#N/A</Data></Cell>'),
        raw.xml_row(9, "远航", '<Cell ss:Formula="=1+1"/>', more=' ss:Index="6"'),
    ]  # fmt: skip
    cells: Cells = [
        ["编号", "名称", "日期", "金额"],
        ["00417", "启明", "2024-03-05", "12.5"],
        ["8", None, None, None],
        ["9", "远航", None, None],
    ]
    found = [("CELL_ERROR", "客户!R3", "金额"), ("FORMULA_UNCACHED", "客户!R6", "日期")]
    merged = [
        raw.xml_row("区域", "名称"), raw.xml_row('<Cell ss:MergeDown="1"><Data ss:Type="String">华东</Data></Cell>', "启明"),
        raw.xml_row('<Cell ss:Index="2"><Data ss:Type="String">远航</Data></Cell>'),
    ]  # fmt: skip
    two = [
        raw.xml_sheet("客户", "".join(raw.xml_row(*row) for row in AB)),
        raw.xml_sheet("旧", raw.xml_row("x"), state="SheetHidden"),
    ]
    return [
        Case("excel2003.xml", raw.xml2003(raw.xml_sheet("客户", "".join(rows)), styles=padded), cells, found, manifest={"engine": "spreadsheetml"}, why="indexes, formats, errors of SpreadsheetML"),
        Case("excel2003_gbk.xls", raw.xml2003(*two, encoding="GB2312"), AB, [("SHEET_HIDDEN", "旧", None)], {"header_row": 1, "hidden_sheet_row": 1}, why="in GBK, under .xls"),
        Case("excel2003_merged.xls", raw.xml2003(raw.xml_sheet("S", "".join(merged))), [["区域", "名称"], ["华东", "启明"], ["华东", "远航"]], why="merged downwards"),
        Case("excel2003_entities.xls", raw.xml2003(raw.xml_sheet("S", "".join(merged)), doctype=ENTITY), None, error="damaged", why="entities are refused"),
    ]  # fmt: skip


PAGE = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><style>td {{x}}</style></head><body>{}</body></html>'
GRID = "<table border=1><tr><th>客户编号</th><th>客户名称</th><th>电话</th></tr><tr><td>0012</td><td>启明&amp;远航</td><td>0571-<br>8888</td></tr><tr><td>0013<td>三江<td>&nbsp;</tr></table>"
GRID_CELLS: Cells = [["客户编号", "客户名称", "电话"], ["0012", "启明&远航", "0571-\n8888"], ["0013", "三江", None]]
SPANS = "<table><tr><td rowspan=2>名称</td><td colspan=2>联系方式</td></tr><tr><td>电话</td><td>邮箱</td></tr><tr><td rowspan=2>启明</td><td>010-1</td><td>a@b.example</td></tr><tr><td>010-2</td><td></td></tr></table>"


def pages() -> list[Case]:
    """HTML under the name of a workbook."""
    nested = f"<table><tr><td>客户一览表</td></tr><tr><td>{GRID}</td></tr></table>"
    return [
        Case("erp_gbk.xls", PAGE.format(GRID).encode("gbk"), GRID_CELLS, manifest={"encoding": None, "engine": "html gb18030"}, why="the usual export of a Chinese ERP"),
        Case("page_lies.xls", PAGE.format(GRID).encode("utf-8"), GRID_CELLS, manifest={"engine": "html utf-8"}, why="the page says GB2312 and is UTF-8"),
        Case("page_spans.xls", PAGE.format(SPANS).encode("gbk"), [["名称", "联系方式/电话", "联系方式/邮箱"], ["启明", "010-1", "a@b.example"], ["启明", "010-2", None]],
             aside={"header_row": 2}, why="spans are merged cells"),
        Case("page_nested.xls", PAGE.format(nested).encode("gbk"), GRID_CELLS, [("SHEET_SKIPPED", "Table 1", None)], {"header_row": 1, "unmapped_sheet_row": 1},
             mapped=["客户编号", "客户名称", "电话"], why="a table that lays out the page is not the table"),
        Case("page_numbers.xls", b'<table xmlns:x="urn:x"><tr><td>code</td><td>sum</td></tr><tr><td>a</td><td x:num="12345678.9">1.23E+07</td></tr></table>',
             [["code", "sum"], ["a", "12345678.9"]], why="Excel's own pages keep the number beside what is shown"),
    ]  # fmt: skip


def binary() -> list[Case]:
    """The binary form of xlsx."""
    rows: list[list[object]] = [["名称", "金额"], ["启明", 417.0], ["远航", ValueError()]]
    return [
        Case(
            "errors.xlsb",
            raw.xlsb(rows),
            [["名称", "金额"], ["启明", "417"], ["远航", None]],
            [("CELL_ERROR", "S!R3", "金额")],
            why="an error is no blank",
        )
    ]


CASES = [*dbase(), *open_document(), *excel_2003(), *pages(), *binary()]
