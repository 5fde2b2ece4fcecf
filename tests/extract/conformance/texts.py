"""Delimited texts and archives of them."""

import gzip

from tests.extract.conformance.case import Case
from tests.extract.conformance.raw import zipped

ZH = [
    ["客户编号", "客户名称", "联系人", "地址"],
    ["K1", "杭州启明机电有限公司", "张三", "浙江省杭州市文三路1号"],
    ["K2", "宁波远航贸易有限公司", "李四", "宁波市海曙区"],
]
TW = [
    ["客戶編號", "客戶名稱", "聯絡人", "地址"],
    ["K1", "臺北啟明機電股份有限公司", "張三", "臺北市中山區中山北路1號"],
    ["K2", "高雄遠航股份有限公司", "李四", "高雄市"],
]
JA = [["顧客番号", "会社名", "担当者"], ["K1", "株式会社ひまわり", "田中太郎"], ["K2", "さくら商事", "山田"]]
KO = [["고객번호", "회사명", "담당자"], ["K1", "서울전자", "김철수"], ["K2", "부산상사", "이영희"]]
FR = [["Société", "Ville", "Téléphone"], ["Café Générale", "Besançon", "03 81"], ["Élan", "Orléans", "02 38"]]
RU = [["Клиент", "Город"], ["Ромашка", "Москва"], ["Берёза", "Казань"]]
PL = [["Nazwa", "Miasto"], ["Książka i Gęś", "Łódź"], ["Źródło", "Gdańsk"], ["Żółw", "Wrocław"]]


def csv_of(rows: list[list[str]], encoding: str, *, end: str = "\n", delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(row) + end for row in rows).encode(encoding)


def encoded() -> list[Case]:
    """Every encoding to the letter, named in the manifest."""
    told = [
        ("utf8", ZH, "utf-8", "utf-8"), ("utf8_bom", ZH, "utf-8-sig", "utf-8-sig"), ("utf16_le_bom", ZH, "utf-16", "utf-16"),
        ("utf16_be_no_bom", ZH, "utf-16-be", "utf-16-be"), ("utf32", ZH, "utf-32", "utf-32"), ("gbk", ZH, "gbk", "gb18030"),
        ("gb18030_four_bytes", [ZH[0], ["K1", "㑇𠀀有限公司", "张三", "杭州市"]], "gb18030", "gb18030"), ("big5", TW, "big5", "big5hkscs"),
        ("shift_jis", JA, "cp932", "cp932"), ("euc_jp", JA, "euc_jp", "euc_jis_2004"), ("euc_kr", KO, "euc_kr", "cp949"),
        ("cp1252", FR, "cp1252", "cp1252"), ("cp1251", RU, "cp1251", "cp1251"), ("cp1250", PL, "cp1250", "cp1250"),
    ]  # fmt: skip
    return [
        Case(f"encoding_{name}.csv", csv_of(rows, written), rows, manifest={"encoding": as_}, why="read to the letter, and named")
        for name, rows, written, as_ in told
    ]


AB = [["名称", "城市"], ["启明", "杭州"], ["远航", "宁波"]]


def shaped() -> list[Case]:
    """Delimiters, quotes, line ends, damage."""
    return [
        Case("utf16_le_no_bom.csv", csv_of([["name", "city"], ["Acme", "Bonn"], ["Beta", "Köln"]], "utf-16-le"),
             [["name", "city"], ["Acme", "Bonn"], ["Beta", "Köln"]], manifest={"encoding": "utf-16-le"}, why="UTF-16 is known by its NULs"),
        Case("sep_line.csv", "sep=;\n名称;城市\n启明, 一部;杭州\n远航, 二部;宁波\n".encode(), [AB[0], ["启明, 一部", "杭州"], ["远航, 二部", "宁波"]],
             aside={"header_row": 1, "title_row": 1}, why="Excel's own line names the delimiter"),
        Case("cr_only.csv", csv_of(AB, "utf-8", end="\r"), AB, why="old Macs end lines with CR"),
        Case("tabs.txt", csv_of(AB, "gbk", delimiter="\t"), AB, manifest={"encoding": "gb18030"}, why="tabs"),
        Case("pipes.dat", csv_of(AB, "utf-8", delimiter="|"), AB, why="pipes"),
        Case("decimal_commas.csv", b"Name;Umsatz\nA;1,5\nB;2,5\nC;3,25\n", [["Name", "Umsatz"], ["A", "1,5"], ["B", "2,5"], ["C", "3,25"]],
             why="a comma in numbers does not delimit"),
        Case("line_breaks.csv", '名称,地址\n启明,"杭州\n文三路"\n远航,"宁波\r\n海曙"\n'.encode(), [["名称", "地址"], ["启明", "杭州\n文三路"], ["远航", "宁波\r\n海曙"]],
             why="a line break in quotes is part of the cell"),
        Case("doubled_quotes.csv", '名称,备注\n启明,"他说""好""，就来"\n远航,"a,b"\n'.encode(), [["名称", "备注"], ["启明", '他说"好"，就来'], ["远航", "a,b"]],
             why="two quotation marks are one"),
        Case("inches.csv", '规格,数量\n"5 寸管,5\n"6 寸管,6\n7" 管,7\n'.encode(), [["规格", "数量"], ['"5 寸管', "5"], ['"6 寸管', "6"], ['7" 管', "7"]],
             why="inches are no quotation marks"),
        Case("nuls.csv", b"name,city\nAc\0me,Bonn\n" + b"Beta,Ulm\n" * 20, [["name", "city"], ["Acme", "Bonn"], *[["Beta", "Ulm"]] * 20],
             [("NUL_BYTES", "", None)], why="NUL bytes are left out and told"),
        Case("ragged.csv", "名称,城市,备注\n启明,杭州,好\n远航,宁波,一,二\n三江\n".encode(),
             [["名称", "城市", "备注"], ["启明", "杭州", "好"], ["远航", "宁波", "一,二"], ["三江", None, None]],
             [("ROW_RAGGED", "R3", None), ("ROW_SHORT", "R4", None)], why="rows of other lengths lose nothing and wait"),
        Case("preamble.csv", "客户导出\n导出日期：2024-03-05\n\n名称,城市,金额\n启明,杭州,12\n远航,宁波,3\n合计,,15\n制表：王芳,,\n".encode(),
             [["名称", "城市", "金额"], ["启明", "杭州", "12"], ["远航", "宁波", "3"]], [],
             {"title_row": 1, "note_row": 1, "header_row": 1, "total_row": 1, "footer_row": 1}, why="what is printed around the table is set aside"),
        Case("repeated_headings.csv", "名称,电话,电话,\n启明,1,2,x\n远航,3,4,y\n".encode(), [["名称", "电话", "电话_2", "#4"], ["启明", "1", "2", "x"], ["远航", "3", "4", "y"]],
             [("HEADER_REPEATED", "R1", "电话_2"), ("COLUMN_UNNAMED", "", "#4")], why="columns stay apart"),
        Case("damaged_utf8.csv", csv_of(ZH, "utf-8") + b"K3,\xe5\xff,x,y\n", [*ZH, ["K3", "��", "x", "y"]], [("CELL_UNDECODABLE", "R4", "客户名称")],
             manifest={"encoding": "utf-8"}, why="a few broken bytes do not make it another encoding"),
        Case("unclosed_quote.csv", '名称,城市\n"甲","杭州"\n"乙","宁波"\n"丙,苏州\n"丁","无锡"\n'.encode(),
             [["名称", "城市"], ["甲", "杭州"], ["乙", "宁波"], ['丙,苏州\n丁"', "无锡"]], [("QUOTE_UNCLOSED", "R4", "名称")], why="rows that ran into one wait"),
        Case("long_numbers.csv", "编号,身份证\n007,123456789012345678\n008,1e5\n".encode(), [["编号", "身份证"], ["007", "123456789012345678"], ["008", "1e5"]],
             why="text is not typed while reading"),
        Case("empty.csv", b"", [], [("FILE_EMPTY", "", None)], {}, why="nothing in, nothing out, and told"),
        Case("header_only.csv", "名称,城市\n".encode(), [["名称", "城市"]], why="a header alone is a table without rows"),
        Case("two_row_header.csv", "名称,联系方式,,状态\n,电话,邮箱,\n启明,010-1,a@b.example,正常\n远航,010-2,c@d.example,正常\n".encode(),
             [["名称", "联系方式/电话", "联系方式/邮箱", "状态"], ["启明", "010-1", "a@b.example", "正常"], ["远航", "010-2", "c@d.example", "正常"]],
             aside={"header_row": 2}, why="a header of two rows in a text that was a sheet"),
    ]  # fmt: skip


def packed() -> list[Case]:
    """Files in archives."""
    first, second = csv_of(AB, "gbk"), csv_of([AB[0], ["三江", "苏州"]], "utf-8")
    climbing = zipped({"../../etc/客户.csv": first, "b.csv": second})
    return [
        Case("packed.csv.gz", gzip.compress(first, mtime=0), AB, manifest={"encoding": "gb18030"}, why="gzip"),
        Case("packed.zip", zipped({"华东.csv": first, "华北/b.csv": second, "说明.pdf": b"%PDF-1.4"}), [*AB, ["三江", "苏州"]],
             [("MEMBER_SKIPPED", "说明.pdf", None)], {"header_row": 2}, why="tables in a zip are read, other files told"),
        Case("climbing.zip", climbing, [AB[0], ["三江", "苏州"]], [("MEMBER_SKIPPED", "../../etc/客户.csv", None)], why="a member never names a path here"),
        Case("cut.csv.gz", gzip.compress(first, mtime=0)[:-12], None, error="damaged", why="a gzip that ends too early"),
    ]  # fmt: skip


CASES = [*encoded(), *shaped(), *packed()]
