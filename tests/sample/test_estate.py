"""The committed estate is what the script makes, and holds every trap as often as it promises."""

import csv
import io
import mailbox
import zipfile
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from crmetl.project import read_project
from sample_data.estate.build import build

FAMILIES = (
    "short_name", "bracket_width", "fullwidth_digits", "traditional", "inner_blanks", "wrong_char", "honorific", "plus86", "area_code",
    "two_phones", "phone_number_cell", "excel_serial", "cn_date", "wan_yuan", "yuan_sign", "placeholder", "deregistered", "two_owners",
    "return_line", "total_disagrees", "order_by_name", "mail_noise", "legal_form_abroad",
)  # fmt: skip
KINDS = ("branch", "same_brand_other_city", "one_char", "shared_switchboard", "one_boss", "namesake")
NOT_SAMPLES = ("estate", "__pycache__", "README.md", "make.py", "dirt.py", "__init__.py", "score.py")


def samples(folder: Path) -> dict[str, bytes]:
    """Return path -> bytes of the estate's files."""
    files = (one for one in folder.rglob("*") if one.is_file())
    inside = {one.relative_to(folder).as_posix(): one for one in files}
    return {name: one.read_bytes() for name, one in inside.items() if name.split("/")[0] not in NOT_SAMPLES}


def truth(root: Path, name: str) -> list[dict[str, str]]:
    """Return the lines of a committed truth file."""
    with (root / f"sample_data/truth/{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def lines_of(path: Path, encoding: str) -> list[list[str]]:
    """Return the cells of a text table, line by line as a person counts."""
    with path.open(encoding=encoding, newline="") as lines:
        return list(csv.reader(lines))


def unpacked(raw: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook, or the bytes of any other file: machines may compress differently."""
    if not raw.startswith(b"PK"):
        return {"": raw}
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def test_committed_files_are_what_the_script_makes(root: Path, made: Path) -> None:
    """The committed estate has not been edited by hand, and is what the script makes today."""
    committed, fresh = samples(root / "sample_data"), samples(made)

    assert sorted(committed) == sorted(fresh)
    assert [name for name in fresh if unpacked(fresh[name]) != unpacked(committed[name])] == []


def test_same_seed_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    """Nothing of the clock or the machine is in the files, not even in the workbooks; another seed is another estate."""
    build(tmp_path / "again", 150, 2024)
    build(tmp_path / "other", 150, 7)

    assert samples(tmp_path / "again") == samples(made)
    assert samples(tmp_path / "other") != samples(made)


def test_the_estate_is_small(root: Path) -> None:
    """The committed files stay under two megabytes."""
    assert sum(map(len, samples(root / "sample_data").values())) < 2_000_000


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_of_dirt_occurs(root: Path, family: str) -> None:
    """Every family of dirt stands in at least three rows."""
    rows = {(one["file"], one["sheet"], one["row"]) for one in truth(root, "dirt") if one["family"] == family}

    assert len(rows) >= 3


@pytest.mark.parametrize("kind", KINDS)
def test_each_look_alike_occurs(root: Path, kind: str) -> None:
    """Every kind of look-alike occurs at least twice, between two different ids that stand in the files."""
    pairs = [one for one in truth(root, "lookalikes") if one["kind"] == kind]
    known = {one["true_id"] for one in truth(root, "customers")}

    assert len(pairs) >= 2
    assert all(one["left"] != one["right"] and {one["left"], one["right"]} <= known for one in pairs)


def test_customers_and_contacts_are_as_many_as_promised(root: Path) -> None:
    """150 customers and 220 contacts, each in some row."""
    ids = {(one["entity"], one["true_id"]) for one in truth(root, "customers")}

    assert Counter(entity for entity, _ in ids) == {"account": 150, "contact": 220}


def test_a_deregistered_customer_is_more_than_a_row(root: Path) -> None:
    """At least three customers are deregistered."""
    dead = {(one["file"], one["sheet"], one["row"]) for one in truth(root, "dirt") if one["family"] == "deregistered"}
    customers = {
        one["true_id"]
        for one in truth(root, "customers")
        if (one["file"], one["sheet"], one["row"]) in dead and one["entity"] == "account"
    }

    assert len(customers) >= 3


def test_truth_names_the_row_as_a_person_counts(root: Path) -> None:
    """The name in the row that the truth points to belongs to the row: numbers of workbooks and text files count from 1."""
    folder = root / "sample_data"
    overseas = lines_of(folder / "客户/overseas_customers.csv", "utf-8-sig")
    north = CalamineWorkbook.from_path(str(folder / "客户/北方客户.xlsx")).get_sheet_by_name("客户").to_python()
    names: dict[str, set[str]] = defaultdict(set)
    for one in truth(root, "customers"):
        if one["file"].endswith("overseas_customers.csv") and one["entity"] == "contact":
            names[one["true_id"]].add(overseas[int(one["row"]) - 1][2])
    last = max(int(one["row"]) for one in truth(root, "customers") if one["file"].endswith("北方客户.xlsx"))

    assert all(len(one) == 1 for one in names.values())
    assert last == len(north)


def test_order_totals_are_the_sum_of_their_lines(root: Path) -> None:
    """The true total is what an accountant adds up from the lines, whatever their notation."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines_of(root / "sample_data/订单/订单明细.csv", "gb18030"):
        if line and line[0].startswith("SO"):
            totals[line[0]] += plain(line[9])

    assert {one["order_no"]: Decimal(one["total"]) for one in truth(root, "orders")} == dict(totals)


def plain(text: str) -> Decimal:
    """Read an amount, by rules of this test's own."""
    times = 10_000 if "万" in text else 1
    minus = -1 if text.startswith(("-", "－", "(")) else 1
    return Decimal("".join(one for one in text if one in "0123456789.")) * times * minus


def test_printed_totals_disagree_where_the_truth_says_so(root: Path) -> None:
    """`agrees` is told by the two totals."""
    orders = truth(root, "orders")

    assert all((one["total"] == one["printed"]) == (one["agrees"] == "yes") for one in orders)


def test_every_mail_has_its_truth(root: Path) -> None:
    """Each mail of the box is in the truth once, and every kind of mail is there."""
    box = mailbox.mbox(root / "sample_data/邮件/sales.mbox", create=False)
    ids = [str(mail["Message-ID"]) for mail in box]
    box.close()
    known = truth(root, "mails")

    assert ids == [one["message_id"] for one in known]
    assert len(ids) >= 24
    assert {one["kind"] for one in known} == {
        "inquiry",
        "reply",
        "forward",
        "auto_reply",
        "newsletter",
        "bounce",
        "spam",
        "internal",
    }
    assert any(one["attachments"] != "0" for one in known)


@pytest.mark.parametrize("charset", [b"utf-8", b"gbk", b"gb2312", b"gb18030"])
def test_mails_come_in_many_character_sets(root: Path, charset: bytes) -> None:
    """Encoded words and bodies of each character set are in the box."""
    raw = (root / "sample_data/邮件/sales.mbox").read_bytes()

    assert b"charset=" + charset in raw
    assert b"=?" + charset + b"?" in raw


def test_the_project_reads_and_names_columns_that_exist(root: Path) -> None:
    """Every column that a mapping of a table names stands in the header of its file."""
    project = read_project(root / "mappings", env={})
    tables = [one for one in project.sources if one.format == "table"]
    texts = {one.source: header_texts(root / "sample_data", str(one.reads[0])) for one in tables}

    missing = {
        (one.source, part) for one in tables for name in one.columns for part in name.split("/") if part not in texts[one.source]
    }
    assert missing == set()


def header_texts(folder: Path, pattern: str) -> set[str]:
    """Return all texts of the first five lines of a source's first file."""
    path = min(folder.glob(pattern))
    if path.suffix == ".xlsx":
        book = CalamineWorkbook.from_path(str(path))
        lines = book.get_sheet_by_name(book.sheet_names[0]).to_python()[:5]
        return {str(cell) for line in lines for cell in line}
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") or path.name == "用户.csv" else "gb18030")
    return {cell for line in csv.reader(text.splitlines()[:5]) for cell in line}


def test_code_tables_know_every_value_of_the_sources(root: Path) -> None:
    """Of the sellers in the lists, only the stranger is unknown; every canonical value stands for itself."""
    tables = read_project(root / "mappings", env={}).values.tables
    north = CalamineWorkbook.from_path(str(root / "sample_data/客户/北方客户.xlsx")).get_sheet_by_name("客户").to_python()
    sellers = {str(line[11]) for line in north[1:] if line[11]}

    assert sellers - set(tables["owners"]) <= {"周倩"}
    assert all(table.get(value) == value for name, table in tables.items() for value in table.values())
