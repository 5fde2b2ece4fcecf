"""Delimited text: encodings, delimiters, damage."""

from pathlib import Path

import pytest

from crmetl.errors import SourceError
from crmetl.extract import Limits, extract
from tests.extract.conftest import Reading, source

ZH = "客户编号,客户名称,联系人,地址\nK1,杭州启明机电有限公司,张三,浙江省杭州市文三路1号\nK2,宁波远航,李四,宁波市\n"
ENCODINGS = {
    "utf-8": (ZH, "utf-8"),
    "utf-8-sig": (ZH, "utf-8-sig"),
    "utf-16": (ZH, "utf-16"),
    "utf-16-le": (ZH, "utf-16-le"),
    "utf-16-be": (ZH, "utf-16-be"),
    "utf-32": (ZH, "utf-32"),
    "gbk": (ZH, "gb18030"),
    "gb18030": (ZH.replace("李四", "㑇𠀀"), "gb18030"),
    "big5": (
        "客戶編號,客戶名稱,聯絡人,地址\nK1,臺北啟明機電股份有限公司,張三,臺北市中山區中山北路1號\nK2,高雄遠航,李四,高雄市\n",
        "big5hkscs",
    ),
    "cp932": ("顧客番号,会社名,担当者\nK1,株式会社ひまわり,田中太郎\nK2,さくら商事,山田\n", "cp932"),
    "euc_jp": ("顧客番号,会社名,担当者\nK1,株式会社ひまわり,田中太郎\nK2,さくら商事,山田\n", "euc_jis_2004"),
    "euc_kr": ("고객번호,회사명,담당자\nK1,서울전자,김철수\nK2,부산상사,이영희\n", "cp949"),
    "cp1252": ("Société,Ville\nCafé Générale,Besançon\nÉlan,Orléans\n", "cp1252"),
    "cp1251": ("Клиент,Город\nРомашка,Москва\nБерёза,Казань\n", "cp1251"),
}


@pytest.mark.parametrize("written", ENCODINGS)
def test_every_encoding_reads_back(written: str, tmp_path: Path, read: Reading) -> None:
    """A file in any encoding that a company dealing from China meets is read to the letter, and the manifest names it."""
    text, told = ENCODINGS[written]
    (tmp_path / "a.csv").write_bytes(text.encode(written))

    got = read("a.csv")

    assert got.values() == [line.split(",") for line in text.strip().split("\n")[1:]]
    assert got.extraction.manifest[0].encoding == told


def test_gb2312_is_read_as_its_superset(tmp_path: Path, read: Reading) -> None:
    """A pinned GB2312 reads characters that only GB18030 has."""
    (tmp_path / "a.csv").write_bytes("姓名\n镕\n".encode("gbk"))

    assert read("a.csv", table={"encoding": "gb2312"}).values() == [["镕"]]


def test_unknown_pinned_encoding_is_refused(tmp_path: Path, read: Reading) -> None:
    """A pinned encoding that does not exist is an error about the mapping."""
    (tmp_path / "a.csv").write_text("a\n1\n")

    with pytest.raises(SourceError, match=r"table\.encoding"):
        read("a.csv", table={"encoding": "gbk-9"})


def test_damaged_utf8_stays_utf8_and_its_rows_wait(tmp_path: Path, read: Reading) -> None:
    """A few broken bytes do not turn a UTF-8 file into gibberish of another encoding; the row that holds them waits."""
    damaged = ZH.encode() + b"K3,\xe5\xff,x,y\n"
    (tmp_path / "a.csv").write_bytes(damaged)

    got = read("a.csv")

    assert got.extraction.manifest[0].encoding == "utf-8"
    assert got.codes() == ["CELL_UNDECODABLE"]
    assert got.extraction.held() == {got.rows.index[2]}


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiter_is_found(delimiter: str, tmp_path: Path, read: Reading) -> None:
    """The delimiter is the one that gives rows of one length, also where another stands in the cells."""
    rows = [["名称", "金额", "城市"], ["启明", "1.5", "杭州"], ["远航", "2.5", "宁波"]]
    (tmp_path / "a.csv").write_text("\n".join(delimiter.join(row) for row in rows))

    assert read("a.csv").values() == rows[1:]


def test_decimal_commas_do_not_delimit(tmp_path: Path, read: Reading) -> None:
    """In a semicolon file with decimal commas the semicolon delimits."""
    (tmp_path / "a.csv").write_text("Name;Umsatz;Ort\nA;1,5;Bonn\nB;2,5;Ulm\n")

    assert read("a.csv").values() == [["A", "1,5", "Bonn"], ["B", "2,5", "Ulm"]]


def test_excel_sep_line_speaks(tmp_path: Path, read: Reading) -> None:
    """The line `sep=;` names the delimiter and is set aside."""
    (tmp_path / "a.csv").write_text("sep=;\nName;Ort\nA, B;Bonn\nC, D;Ulm\n")

    got = read("a.csv")

    assert got.values() == [["A, B", "Bonn"], ["C, D", "Ulm"]]
    assert sum(map(len, got.aside().values())) == 2


def test_pinned_delimiter_is_used(tmp_path: Path, read: Reading) -> None:
    """A delimiter that the mapping pins is used, whatever the file looks like."""
    (tmp_path / "a.csv").write_text("名称^城市\n启明^杭州\n")

    assert read("a.csv", table={"delimiter": "^"}).values() == [["启明", "杭州"]]


def test_inches_are_no_quotation_marks(tmp_path: Path, read: Reading) -> None:
    """A quotation mark that stands for inches at the start of cells does not swallow rows."""
    lines = ["规格,数量", *(f'"{n} 寸管,{n}' for n in range(3)), '5" 管,3', '6" 管,4']
    (tmp_path / "a.csv").write_text("\n".join(lines))

    assert [row[1] for row in read("a.csv").values()] == ["0", "1", "2", "3", "4"]


def test_line_breaks_in_quotes_count_one_row(tmp_path: Path, read: Reading) -> None:
    """A cell with line breaks is one cell, and places count rows as a spreadsheet shows them."""
    (tmp_path / "a.csv").write_text('名称,地址\n启明,"杭州\n文三路"\n\n远航,宁波\n')

    got = read("a.csv")

    assert got.values() == [["启明", "杭州\n文三路"], ["远航", "宁波"]]
    assert got.places() == ["a.csv!R2", "a.csv!R4"]


def test_lines_may_end_with_cr(tmp_path: Path, read: Reading) -> None:
    """Lines that end with a lone CR, as old Macs wrote them, are lines."""
    (tmp_path / "a.csv").write_bytes("名称,城市\r启明,杭州\r远航,宁波\r".encode())

    assert read("a.csv").values() == [["启明", "杭州"], ["远航", "宁波"]]


def test_preamble_and_totals_are_set_aside(tmp_path: Path, read: Reading) -> None:
    """Title, notes, header, total and footer are no rows; each is set aside by its rule and place."""
    (tmp_path / "a.csv").write_text(
        "订单导出\n导出日期：2024-03-05\n\n订单号,客户,金额,备注\nD1,启明,12.5,急\nD2,远航,3,缓\n合计,,15.5,\n制表：王芳,,,\n"
    )

    got = read("a.csv")

    assert got.places() == ["a.csv!R5", "a.csv!R6"]
    assert got.aside() == {
        "title_row": ["a.csv!R1"],
        "note_row": ["a.csv!R2"],
        "header_row": ["a.csv!R4"],
        "total_row": ["a.csv!R7"],
        "footer_row": ["a.csv!R8"],
    }


def test_company_called_total_stays(tmp_path: Path, read: Reading) -> None:
    """A row whose first cell is `Total` is a total only where numbers alone follow."""
    (tmp_path / "a.csv").write_text("Name,City,Revenue\nAcme,Bonn,5\nTotal,Paris,7\nTotal,,12\n")

    got = read("a.csv")

    assert got.values() == [["Acme", "Bonn", "5"], ["Total", "Paris", "7"]]
    assert got.aside()["total_row"] == ["a.csv!R4"]


def test_ragged_rows_wait_and_lose_nothing(tmp_path: Path, read: Reading) -> None:
    """A row with surplus cells keeps them in its last column, a short one is filled up; both wait."""
    (tmp_path / "a.csv").write_text("名称,城市,备注\n启明,杭州,好\n远航,宁波,一,二\n三江\n四海,苏州,好,,\n")

    got = read("a.csv")

    assert got.values()[1:] == [["远航", "宁波", "一,二"], ["三江", None, None], ["四海", "苏州", "好"]]
    assert got.codes() == ["ROW_RAGGED", "ROW_SHORT"]
    assert got.extraction.held() == set(got.rows.index[1:3])


def test_project_may_let_short_rows_go_on(tmp_path: Path) -> None:
    """A project that knows its exporter gives ROW_SHORT another severity, and the row does not wait."""
    (tmp_path / "a.csv").write_text("名称,城市\n启明,杭州\n远航\n")

    extraction = extract(source("a.csv"), root=tmp_path, severities={"ROW_SHORT": "note"})
    list(extraction.chunks())

    assert extraction.findings["severity"].tolist() == ["note"]
    assert not extraction.held()


def test_repeated_and_missing_headings(tmp_path: Path, read: Reading) -> None:
    """A repeated heading is numbered, a filled column without one is named by its place; a blank one is left out."""
    (tmp_path / "a.csv").write_text("名称,电话,电话,,\n启明,1,2,x,\n远航,3,4,,\n")

    got = read("a.csv")

    assert got.extraction.columns == ("名称", "电话", "电话_2", "#4")
    assert got.codes() == ["HEADER_REPEATED", "COLUMN_UNNAMED"]


def test_nul_bytes_are_taken_out(tmp_path: Path, read: Reading) -> None:
    """NUL bytes in a text are left out, and said."""
    (tmp_path / "a.csv").write_bytes(b"name,city\nAc\0me,Bonn\n" + b"Beta,Ulm\n" * 20)

    got = read("a.csv")

    assert got.values()[0] == ["Acme", "Bonn"]
    assert got.codes() == ["NUL_BYTES"]


def test_unclosed_quote_is_told(tmp_path: Path, read: Reading) -> None:
    """A row that an unclosed quotation mark made swallow others waits with the reason."""
    (tmp_path / "a.csv").write_text('名称,城市\n"甲","杭州"\n"乙","宁波"\n"丙,苏州\n"丁","无锡"\n"戊","常州"\n')

    got = read("a.csv")

    assert "QUOTE_UNCLOSED" in got.codes()
    assert got.extraction.held()


def test_endless_cell_names_the_option(tmp_path: Path) -> None:
    """A cell beyond the limit is an error that names the option."""
    (tmp_path / "a.csv").write_text('名称,城市\n"甲","杭州"\n"' + "乙" * 5_000)

    with pytest.raises(SourceError, match="cell_chars"):
        list(extract(source("a.csv"), root=tmp_path, limits=Limits(cell_chars=1_000)).chunks())


@pytest.mark.parametrize("content", ["", "\n\n", "  ,  \n , \n"])
def test_empty_files_give_nothing(content: str, tmp_path: Path, read: Reading) -> None:
    """An empty file gives no rows and says so."""
    (tmp_path / "a.csv").write_text(content)

    got = read("a.csv")

    assert len(got.rows) == 0
    assert got.codes() == ["FILE_EMPTY"]


def test_table_without_rows_has_its_columns(tmp_path: Path, read: Reading) -> None:
    """A header alone is a table of no rows."""
    (tmp_path / "a.csv").write_text("名称,城市\n")

    got = read("a.csv")

    assert (len(got.rows), got.extraction.columns, got.codes()) == (0, ("名称", "城市"), [])


def test_text_of_numbers_stays_as_it_is(tmp_path: Path, read: Reading) -> None:
    """Nothing is typed while reading: zeros in front, long codes and odd numbers stay text."""
    (tmp_path / "a.csv").write_text("编号,身份证,数\n007,123456789012345678,1e5\n008,000000000000000001,１２\n")

    assert read("a.csv").values() == [["007", "123456789012345678", "1e5"], ["008", "000000000000000001", "１２"]]
