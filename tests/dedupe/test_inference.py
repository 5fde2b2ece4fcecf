"""Which columns of a table are compared, and as what: tables as they are published and exported."""

from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmetl.clean.headings import HEADINGS
from crmetl.clean.naming import named
from crmetl.dedupe import LeftOut, choose_fields, dedupe_table, infer_fields
from crmetl.dedupe.compare.levels import LEVELS
from crmetl.dedupe.infer.inference import REASONS
from crmetl.dedupe.infer.roles import CATEGORY, FITS, ORDER, TYPE_OF
from tests.commands import Commanded

ROWS = 240
GIVEN = ("Anna", "Mark", "Lucy", "Robert", "Mary", "William", "Clara", "Hugo", "Susan", "Peter", "Nora")
FAMILY = (
    "Smith",
    "McCarthy",
    "Ellis",
    "Brown",
    "van der Berg",
    "O'Neill",
    "Okafor",
    "Lee-Jones",
    "Novak",
    "Meyer",
    "Hall",
    "Ito",
    "Dale",
)
ROADS = ("High Street", "Mill Lane", "Station Road", "Park Avenue", "Church Walk", "Elm Drive", "Queensway")
TOWNS = ("Leeds", "York", "Hull", "Wells")
SHOPS = (
    "Art's Delicatessen", "Campanile", "Chinois on Main", "Hotel Bel-Air", "Citrus", "Grill on the Alley", "L'Orangerie", "The Palm",
    "Le Chardonnay", "Spago", "21 Club", "Café Bizou", "Valentino",
)  # fmt: skip
FIRMS = (
    "恒曜贸易有限公司", "澜川机械厂", "沐槿食品", "华信科技（上海）有限公司", "老王五金店", "启明物流中心", "远航进出口有限公司",
    "张伟", "李娜",
)  # fmt: skip

Cells = Sequence[str | None]


def numbers(low: int, high: int, seed: int = 1) -> list[int]:
    """Return a number for each row."""
    return [int(one) for one in np.random.default_rng(seed).integers(low, high, ROWS)]


def some(values: Sequence[str | None], seed: int = 1) -> list[str | None]:
    """Return one of the values for each row."""
    return [values[at] for at in numbers(0, len(values), seed)]


def table(**columns: Cells) -> pd.DataFrame:
    """Return text columns; keys are headings, `__` stands for a blank."""
    return pd.DataFrame({name.replace("__", " "): list(cells) for name, cells in columns.items()}, dtype="str")


def constant(value: str | None) -> list[str | None]:
    """Return the same for each row."""
    return [value] * ROWS


DATES = [f"{a}-{b:02d}-{c:02d}" for a, b, c in zip(numbers(1930, 2004, 2), numbers(1, 13, 3), numbers(1, 29, 4), strict=True)]
STREETS = [f"{n} {road}" for n, road in zip(numbers(1, 300, 5), some(ROADS, 6), strict=True)]
FIRST, LAST = some(GIVEN, 7), some(FAMILY, 8)
WHOLE = [f"{a} {b}" for a, b in zip(FIRST, LAST, strict=True)]
PHONES = [f"({a}) 555-{b:04d}" for a, b in zip(numbers(201, 900, 9), numbers(0, 9999, 10), strict=True)]
MOBILES = [f"139{n:08d}" for n in numbers(0, 10**8, 11)]
TWICE = [str(1_000_000 + 7919 * (n // 2)) for n in range(ROWS)]

VOTERS = table(
    voter_reg_num=TWICE,
    first_name=FIRST,
    midl_name=some(("A", "Lee", "J", None, "Marie"), 12),
    last_name=LAST,
    street=STREETS,
    res_city=some(TOWNS, 13),
    zip=some(("27215", "27217", "27253"), 14),
    phone=PHONES,
    age=[str(one) for one in numbers(18, 99, 15)],
    gender=some(("M", "F", "U"), 16),
    birth_place=some(("NC", "VA", "SC", "NY"), 17),
)
HISTORIC = table(
    unique_id=[f"Q{n // 3}-{n % 3}" for n in range(ROWS)],
    cluster=[f"Q{n // 3}" for n in range(ROWS)],
    full_name=WHOLE,
    first_and_surname=WHOLE,
    first_name=FIRST,
    surname=LAST,
    dob=DATES,
    birth_place=some((*TOWNS, "Bath", "Truro"), 18),
    postcode_fake=some(("LS1 3AB", "YO1 7HH", "SW1A 1AA", "HU1 2PQ"), 19),
    gender=some(("male", "female"), 20),
    occupation=some(("politician", "writer", "painter", None), 21),
)
RESTAURANTS = table(
    name=some(SHOPS, 22),
    addr=STREETS,
    city=some(("los angeles", "new york", "w. hollywood"), 23),
    phone=[
        f"{a}/{b}-{c:04d}" for a, b, c in zip(numbers(201, 900, 24), numbers(200, 999, 25), numbers(0, 9999, 26), strict=True)
    ],
    type=some(("american", "french (new)", "pizza"), 27),
)
SITES = table(
    Id=[str(n) for n in range(ROWS)],
    Source=some(("a.csv", "b.csv"), 28),
    Site__name=[
        f"{a} {b}"
        for a, b in zip(
            some(("Rainbow Daycare", "Little Angels", "Howard Area", "Salvation Army - Temple")),
            some(("I", "II", "North")),
            strict=True,
        )
    ],
    Address=STREETS,
    Zip=some(("60612", "60644", None), 29),
    Phone=[str(one) for one in numbers(2_000_000, 9_999_999, 30)],
    Fax=constant(None),
    Program__Name=some(("Head Start", "Child Care", None), 31),
)
WORDS = ("query", "learning", "database", "optimal", "distributed", "the", "of", "mining", "for")
PAPERS = table(
    id=[f"conf/x/{n}" for n in range(ROWS)],
    title=[" ".join(str(one) for one in islice(cycle(some(WORDS, 32 + n)), 8)) for n in range(ROWS)],
    authors=[f"{a}, {b}" for a, b in zip(WHOLE, some(FAMILY, 33), strict=True)],
    venue=some(("SIGMOD", "VLDB", "ICDE"), 34),
    year=[str(one) for one in numbers(1990, 2005, 35)],
)
REGISTER = table(
    CompanyNumber=[f"0{one}" for one in TWICE],
    CompanyName=[
        f"{a} {b}" for a, b in zip(some(("ACME", "BOLT", "KITE")), some(("LIMITED", "TRADING LTD", "(UK) PLC"), 36), strict=True)
    ],
    AddressLine1=STREETS,
    PostTown=some(TOWNS, 37),
    PostCode=some(("LS1 3AB", "YO1 7HH", "HU1 2PQ"), 38),
    CompanyCategory=some(("Private Limited", "PLC"), 39),
    CompanyStatus=some(("Active", "Liquidation"), 40),
    CountryOfOrigin=constant("United Kingdom"),
    IncorporationDate=some(("11/09/2012", "03/02/1999", "21/12/1987"), 41),
    VATNumber=[f"GB9{one}" for one in TWICE],
)
PROVINCES = some(("广东省", "江苏省", "浙江省"), 42)
CODES = {"广东省": "440000", "江苏省": "320000", "浙江省": "330000"}
ERP = table(
    客户编号=[f"C{n:05d}" for n in range(ROWS)],
    客户名称=[
        f"{name}{n}" if name and len(name) > 2 else name for name, n in zip(some(FIRMS, 43), numbers(1, 40, 44), strict=True)
    ],
    联系人=some(("张伟", "王芳", "李经理", "陈小姐", "欧阳建国"), 45),
    手机=MOBILES,
    电话=[f"0512-{one:08d}" for one in numbers(10**7, 10**8, 46)],
    邮箱=[f"u{one}@mail.example" for one in numbers(0, 9999, 47)],
    地址=[f"人民路{one}号" for one in numbers(1, 999, 48)],
    省=PROVINCES,
    市=some(("苏州市", "广州市", "杭州市", "宁波市"), 49),
    区=some(("天河区", "西湖区", "吴中区"), 50),
    统一社会信用代码=some(("91110108551385082Q", "91330106MA27XL7J3C", None), 51),
    业务员=some(("赵六", "钱七"), 52),
    备注=some(("老客户，付款快", "需要回访", None), 53),
    创建时间=some(("2024-03-05 12:00:00", "2024-03-06 09:30:00"), 54),
    省份代码=[CODES[str(one)] for one in PROVINCES],
)
PEOPLE_ZH = table(
    姓名=some(("张伟", "王芳", "欧阳建国", "李娜"), 55),
    手机号=[f"138****{one:04d}" for one in numbers(0, 9999, 56)],
    联系电话=MOBILES,
    通讯地址=[f"上海市人民路{one}号" for one in numbers(1, 999, 57)],
    所在城市=some(("上海", "杭州", "北京"), 58),
    邮编=some(("200040", "310000", "100000"), 59),
    证件号码=[f"3101011980{one:08d}" for one in numbers(10**6, 10**8, 60)],
)
FEBRL = table(
    rec_id=[f"rec-{n}-org" for n in range(ROWS)],
    given_name=FIRST,
    surname=LAST,
    street_number=[str(one) for one in numbers(1, 300, 61)],
    address_1=some(ROADS, 62),
    address_2=some(("Rosedale", "Villa 3", "The Meadows", None), 63),
    suburb=some(TOWNS, 64),
    postcode=some(("2119", "3165", "4223"), 65),
    state=some(("nsw", "vic", "qld"), 66),
    date_of_birth=[one.replace("-", "") for one in DATES],
    soc_sec_id=[str(one) for one in numbers(10**6, 10**7, 67)],
)


@pytest.mark.parametrize(
    ("frame", "fields", "left_out"),
    [
        (
            VOTERS,
            {
                "voter_reg_num": "id_code", "first_name": "given_name", "last_name": "family_name", "street": "address",
                "res_city": "city", "zip": "postcode", "phone": "phone", "age": CATEGORY, "gender": CATEGORY,
                "midl_name": "given_name", "birth_place": "city",
            },
            {},
        ),
        (
            HISTORIC,
            {
                "first_name": "given_name", "surname": "family_name", "dob": "date_of_birth", "postcode_fake": "postcode",
                "gender": CATEGORY, "occupation": CATEGORY, "birth_place": "city",
            },
            {"unique_id": "row_number", "cluster": "bookkeeping", "full_name": "made_of", "first_and_surname": "made_of"},
        ),
        (RESTAURANTS, {"name": "company_name", "addr": "address", "city": "city", "phone": "phone", "type": CATEGORY}, {}),
        (
            SITES,
            {"Site name": "company_name", "Address": "address", "Zip": "postcode", "Phone": "phone", "Program Name": CATEGORY},
            {"Id": "row_number", "Source": "bookkeeping", "Fax": "empty"},
        ),
        (PAPERS, {"title": "text", "authors": "text", "venue": CATEGORY, "year": CATEGORY}, {"id": "row_number"}),
        (
            REGISTER,
            {
                "CompanyNumber": "id_code", "CompanyName": "company_name", "AddressLine1": "address", "PostTown": "city",
                "PostCode": "postcode", "CompanyCategory": CATEGORY, "IncorporationDate": "date", "VATNumber": "tax_id",
            },
            {"CompanyStatus": "bookkeeping", "CountryOfOrigin": "constant"},
        ),
        (
            ERP,
            {
                "客户名称": "company_name", "联系人": "person_name", "手机": "mobile", "电话": "phone", "邮箱": "email",
                "地址": "address", "省": "region", "市": "city", "区": CATEGORY, "统一社会信用代码": "uscc",
            },
            {
                "客户编号": "row_number", "业务员": "bookkeeping", "备注": "notes", "创建时间": "bookkeeping",
                "省份代码": "same_as",
            },
        ),
        (
            PEOPLE_ZH,
            {
                "姓名": "person_name", "手机号": "mobile", "联系电话": "phone", "通讯地址": "address", "所在城市": "city",
                "邮编": "postcode", "证件号码": "id_code",
            },
            {},
        ),
        (
            FEBRL,
            {
                "given_name": "given_name", "surname": "family_name", "street_number": "text", "address_1": "address",
                "address_2": "address", "suburb": "city", "postcode": "postcode", "state": "region",
                "date_of_birth": "date_of_birth", "soc_sec_id": "id_code",
            },
            {"rec_id": "row_number"},
        ),
    ],
    ids=["voters", "historic", "restaurants", "sites", "papers", "register", "erp", "people_zh", "febrl"],
)  # fmt: skip
def test_tables_as_they_are_published(frame: pd.DataFrame, fields: Mapping[str, str], left_out: Mapping[str, str]) -> None:
    """Each column is compared as what it is, or left out for a reason; a middle name and a birth place stand behind their like."""
    found = choose_fields(frame)

    assert dict(found.fields) == fields
    assert list(found.fields) == list(fields)
    assert found.facts()["left_out"] == left_out


@pytest.mark.parametrize(
    ("heading", "cells", "kind"),
    [
        ("fname", FIRST, "given_name"),
        ("lname", LAST, "family_name"),
        ("sname", LAST, "family_name"),
        ("midname", some(("A", "Lee")), "given_name"),
        ("st", some(("NSW", "VIC")), "region"),
        ("st", STREETS, "address"),
        ("plz", some(("10115", "80331")), "postcode"),
        ("ph", PHONES, "phone"),
        ("mob", PHONES, "mobile"),
        ("e-mail", [f"u{n}@mail.example" for n in range(ROWS)], "email"),
        ("bday", DATES, "date_of_birth"),
        ("dob_year", [one[:4] for one in DATES], CATEGORY),
        ("Surname.1", LAST, "family_name"),
        ("SocialSecurityNumber", [str(one) for one in numbers(10**8, 10**9)], "id_code"),
        ("member no", TWICE, "id_code"),
        ("birth_place", some(TOWNS), "city"),
        ("Site name", [f"{a} {b}" for a, b in zip(some(SHOPS), numbers(1, 99), strict=True)], "company_name"),
        ("mail_address", STREETS, "address"),
        ("job title", some(("Buyer", "Owner", "Clerk")), CATEGORY),
        ("phone", [f"Tel: {one}" for one in PHONES], "phone"),
        ("手机", [f"{one}，{one[:-1]}0" for one in MOBILES], "mobile"),
        ("website", [f"firm{n}.example" for n in range(ROWS)], "url"),
        ("dob", [str(one) for one in numbers(12_000, 38_000)], "date_of_birth"),
        ("统一社会信用代码", [f"9133010{one:011d}" for one in numbers(0, 10**9)], "uscc"),
        ("marital status", some(("single", "married")), CATEGORY),
        ("县", some(("桐庐县", "淳安县")), CATEGORY),
        ("联系人电话", MOBILES, "phone"),
        ("身份证地址", [f"上海市人民路{one}号" for one in numbers(1, 999)], "address"),
        ("c1", DATES, "date"),
        ("c2", PHONES, "phone"),
        ("c3", FIRST, "given_name"),
    ],
)
def test_heading_and_contents_decide_together(heading: str, cells: Cells, kind: str) -> None:
    """What a heading says holds where the cells bear it out; where they do not, or it says nothing, they decide."""
    assert infer_fields(table(**{heading: cells})) == {heading: kind}


@pytest.mark.parametrize(
    ("heading", "cells", "code"),
    [
        ("customer_id", TWICE, "row_number"),
        ("member no", [str(n * 7919) for n in range(ROWS)], "row_number"),
        ("c1", [str(one) for one in np.random.default_rng(5).permutation(ROWS).tolist()], "row_number"),
        ("c2", [f"{n:08x}-0000-4000-8000-{n:012x}" for n in range(ROWS)], "row_number"),
        ("household_id", [f"H{n // 3}" for n in range(ROWS)], "code"),
        ("company_id", [f"F{n // 3}" for n in range(ROWS)], "code"),
        ("address_id", [str(n // 2 * 7919) for n in range(ROWS)], "code"),
        ("is_match", some(("0", "1")), "bookkeeping"),
        ("label", some(("0", "1")), "bookkeeping"),
        ("created_at", DATES, "bookkeeping"),
        ("order date", DATES, "moment"),
        ("amount", [f"{one}.50" for one in numbers(1, 999)], "measure"),
        ("remarks", some(("pays late", "calls often")), "notes"),
        ("description", [f"{one} " * 40 for one in WHOLE], "notes"),
        ("country", constant("Wales"), "constant"),
        ("segment", ["A", *constant(None)[1:]], "rare"),
        ("surname_soundex", some(("S530", "M263")), "derived"),
    ],
)
def test_columns_that_tell_of_nobody_are_left_out(heading: str, cells: Cells, code: str) -> None:
    """Numbers of rows, keeping of books, amounts and running text are not compared, and the reason is told."""
    assert choose_fields(table(**{heading: cells})).left_out == {heading: LeftOut(code)}


@pytest.mark.parametrize(
    ("frame", "left_out"),
    [
        (table(firstName=FIRST, name=WHOLE), {"firstName": LeftOut("part_of", ("name",))}),
        (table(first_name=FIRST, last_name=LAST, name=WHOLE), {"name": LeftOut("made_of", ("first_name", "last_name"))}),
        (table(surname=LAST, name=FIRST), {}),
        (
            table(
                street=STREETS, town=some(TOWNS, 3), address=[f"{a}, {b}" for a, b in zip(STREETS, some(TOWNS, 3), strict=True)]
            ),
            {"address": LeftOut("made_of", ("street", "town"))},
        ),
        (
            table(address=STREETS, house_number=[one.split()[0] for one in STREETS]),
            {"house_number": LeftOut("part_of", ("address",))},
        ),
        (table(dob=DATES, age=[str(2024 - int(one[:4])) for one in DATES]), {"age": LeftOut("follows_from", ("dob",))}),
        (
            table(
                email=[f"u{n}@firm{n % 9}.example" for n in range(ROWS)],
                mail__domain=[f"firm{n % 9}.example" for n in range(ROWS)],
            ),
            {"mail domain": LeftOut("follows_from", ("email",))},
        ),
        (table(phone=PHONES, fax=PHONES), {"fax": LeftOut("same_as", ("phone",))}),
        (
            table(sex=some(("F", "M")), gender=["female" if one == "F" else "male" for one in some(("F", "M"))]),
            {"gender": LeftOut("same_as", ("sex",))},
        ),
        (table(sex=some(("F", "M"), 1), party=some(("DEM", "REP"), 2)), {}),
        (
            table(
                tel=PHONES,
                mobile=MOBILES,
                email=[f"a{n}@x.example" for n in range(ROWS)],
                email__2=[f"b{n}@y.example" for n in range(ROWS)],
            ),
            {},
        ),
    ],
)
def test_what_follows_from_others_is_left_out(frame: pd.DataFrame, left_out: Mapping[str, LeftOut]) -> None:
    """A fact counts once; two phones or two mailboxes are two facts."""
    assert choose_fields(frame).left_out == left_out


def test_one_person_under_several_rows_is_no_dependence() -> None:
    """Phone and mailbox go together where rows are duplicates of each other; both stay."""
    twice = [n // 2 for n in range(ROWS)]
    frame = table(tel=[PHONES[n] for n in twice], email=[f"u{n}@mail.example" for n in twice], town=[TOWNS[n % 4] for n in twice])

    assert set(choose_fields(frame).fields) == {"tel", "email", "town"}


def test_names_of_people_and_of_organisations() -> None:
    """Names are told by what they hold, in both scripts; a few firms among people are a column of customers."""
    assert named(name for name in WHOLE) == "person_name"
    assert named(SHOPS) == "company_name"
    assert named(FIRMS) == "company_name"
    assert named(["张伟", "王芳", "欧阳建国", "司马相如"]) == "person_name"
    assert (
        named(["Portable speaker with remote control in black SX-200", "Wireless headphones over ear noise cancelling HX5"])
        == "text"
    )
    assert infer_fields(table(客户名称=some(("张伟", "王芳", "李强")))) == {"客户名称": "person_name"}
    assert infer_fields(table(联系人=some(FIRMS[:7]))) == {"联系人": "company_name"}


def test_what_is_asked_for_goes_before_what_is_found() -> None:
    """A type given for a column that was left out is taken; `none` leaves one out, and says that this was asked."""
    found = choose_fields(HISTORIC).overridden({"full_name": "person_name", "gender": "none", "nobody": "none"})

    assert found.fields["full_name"] == "person_name"
    assert found.left_out["gender"] == LeftOut("asked")
    assert "full_name" not in found.left_out
    assert "nobody" not in found.left_out


def test_every_column_is_compared_or_left_out_with_a_reason_that_names_no_value() -> None:
    """Nothing is passed over in silence; a reason reads in both languages and names columns only."""
    for frame in (VOTERS, HISTORIC, SITES, ERP, FEBRL):
        found = choose_fields(frame)

        assert {*found.fields, *found.left_out} == set(frame.columns)
        assert not set(found.fields) & set(found.left_out)
    assert choose_fields(HISTORIC).left_out["full_name"].because == ("由 first_name、surname 组成", "made of first_name, surname")


def test_small_and_empty_tables_are_taken_as_they_stand() -> None:
    """Two rows prove no dependence and no constant; a table without rows has no columns to compare."""
    two = table(first_name=["Ann", "Ann"], last_name=["Lee", "Lee"], email=["a@x.example", "a@x.example"])

    assert set(infer_fields(two)) == {"first_name", "last_name", "email"}
    assert dedupe_table(two).counts["clusters"] == 1
    assert infer_fields(VOTERS.iloc[:0]) == {}
    assert choose_fields(pd.DataFrame()).fields == {}


def test_a_long_table_is_judged_by_a_spread_sample() -> None:
    """What stands in a few rows of a long table is found, and a number is unique only where none of it comes again."""
    rows = 6_000
    frame = pd.DataFrame(
        {
            "mail": [f"u{n}@x.example" if n % 200 == 7 else None for n in range(rows)],
            "member no": [f"M{n % (rows - 600)}" for n in range(rows)],
            "staff no": [f"S{n}" for n in range(rows)],
        },
        dtype="str",
    )

    found = choose_fields(frame)

    assert dict(found.fields) == {"mail": "email", "member no": "id_code"}
    assert found.left_out == {"staff no": LeftOut("row_number")}


def test_the_command_tells_of_each_column_in_both_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the screen its type, or the reason in a line of its own; in JSON the type, or the code of the reason; never a value."""
    frame = table(id=[str(n) for n in range(ROWS)], fname=FIRST, lname=LAST, whole_name=WHOLE, notes=WHOLE)
    frame.to_csv(tmp_path / "in.csv", index=False)
    here = Commanded(tmp_path, capsys)
    words = ("dedupe", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "--fields", "id=none")

    told = here.crmetl(*words).json()
    en, zh = (here.said(*words, lang=lang).screen for lang in ("en", "zh"))

    assert told["fields"] == {"fname": "given_name", "lname": "family_name"}
    assert told["left_out"] == {"whole_name": "made_of", "notes": "notes", "id": "asked"}
    assert "compared by: fname=given_name, lname=family_name" in en
    assert "left out whole_name: made of fname, lname" in en
    assert "不比较 whole_name：由 fname、lname 组成" in zh
    assert not any(name in en + zh for name in (*GIVEN, *FAMILY))


def test_headings_roles_types_and_reasons_fit_together() -> None:
    """Each heading has its test of contents, each type its levels, each reason its sentence and its place in the docs."""
    docs = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")

    assert set(ORDER) == set(HEADINGS) == set(FITS)
    assert set(TYPE_OF.values()) <= set(LEVELS)
    assert all(f"| `{code}` |" in docs for code in REASONS)
