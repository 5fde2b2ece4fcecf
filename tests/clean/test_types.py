"""What the types know beyond reading a cell."""

import pytest
from email_validator import validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.clean import TYPES, Context, choices_of, company_parts, recognise_share
from crmetl.clean.divisions import DIVISIONS, locate
from crmetl.clean.email import COMMON
from crmetl.clean.numbers import _USUAL, _read_any, _usual
from crmetl.faults.kind import Fault


@given(text=st.from_regex(COMMON, fullmatch=True).filter(lambda text: len(text.partition("@")[0]) <= 64))
@settings(max_examples=100, deadline=None)
def test_the_fast_path_of_e_mail_equals_the_validator(text: str) -> None:
    """What the pattern accepts, email-validator accepts and leaves as it is."""
    assert text == validate_email(text, check_deliverability=False, test_environment=True).normalized


@given(text=st.from_regex(_USUAL, fullmatch=True), currency=st.sampled_from([None, "CNY", "EUR", "JPY"]))
@settings(max_examples=300, deadline=None)
def test_the_fast_path_of_amounts_equals_the_grammar(text: str, currency: str | None) -> None:
    """An amount of the usual form is the same number, currency and rule by both ways."""
    found = _USUAL.fullmatch(text)

    assert found
    assert _usual(text, found) == _read_any(text, Context(currency=currency))


@given(digits=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
@settings(max_examples=50, deadline=None)
def test_a_chinese_mobile_is_one_number_however_it_is_written(digits: str) -> None:
    """All usual ways of writing a mobile end in the same value."""
    written = [
        digits,
        f"{digits[:3]} {digits[3:7]} {digits[7:]}",
        f"+86 {digits[:3]}-{digits[3:7]}-{digits[7:]}",
        f"0086{digits}",
        f"{digits}.0",
    ]

    answers = [TYPES["phone"].parse(one) for one in written]
    assert 1 == len({one.code if isinstance(one, Fault) else one.value for one in answers})


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("company_name", "字节跳动（北京）有限公司", "字節跳動(北京)有限公司"),
        ("person_name", "張偉先生", "张伟"),
        ("person_name", "John Smith", "SMITH, John"),
        ("phone", "+862161234567;ext=8012", "+862161234567"),
        ("email", "Li.Na@huaxin.com", "li.na@huaxin.com"),
        ("city", "苏州市", "苏州"),
        ("city", "昆山市", "苏州市"),
        ("region", "广西壮族自治区", "广西"),
        ("address", "上海浦东张江路100号", "上海市浦东新区張江路 100号"),
        ("text", "華信 第１期", "华信第1期"),
    ],
)
def test_two_ways_of_writing_one_thing_have_one_normal_form(kind: str, one: str, other: str) -> None:
    """The normal form leaves out what does not tell things apart."""
    assert TYPES[kind].normal(one) == TYPES[kind].normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上海华信科技", "上海华欣科技"),
        ("上海华信科技有限公司", "上海华信科技有限公司北京分公司"),
        ("上海华信科技", "北京华信科技"),
    ],
)
def test_companies_that_look_alike_differ_in_their_first_keys(one: str, other: str) -> None:
    """Another brand, a branch and another city are other companies."""
    assert not set(TYPES["company_name"].keys(one)[:2]) & set(TYPES["company_name"].keys(other)[:2])


def test_short_and_full_name_of_a_company_share_a_key() -> None:
    """The name as people write it finds the name of the licence."""
    keys = TYPES["company_name"].keys

    assert set(keys("上海华信科技")) & set(keys("上海华信科技有限公司"))
    assert set(keys("字节跳动（北京）科技公司")) & set(keys("北京字节跳动科技有限公司"))


def test_the_english_name_of_a_chinese_firm_sounds_like_the_chinese_one() -> None:
    """Region, trade and the sound of the brand agree across languages."""
    english, chinese = company_parts("Xiamen Huaxin Electronics Co., Ltd."), company_parts("厦门华信电子有限公司")

    assert (english.region, english.trade, english.sound, english.form) == (
        chinese.region,
        chinese.trade,
        chinese.sound,
        chinese.form,
    )


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "+8613912345678", "139****5678"),
        ("phone", "139****5678", "139****5678"),
        ("phone", "+14155552671", "+14****71"),
        ("phone", "+8695588", "+86****88"),
        ("person_name", "周建宁", "周*宁"),
        ("email", "zhang@huaxin.com", "z***@huaxin.com"),
        ("uscc", "91110108551385082Q", "9111****2Q"),
        ("date_of_birth", "1980-05-03", "1980-**-**"),
        ("address", "上海市张江路1号", "上***"),
        ("money", "125000", "125000"),
    ],
)
def test_a_mask_hides_what_tells_a_person(kind: str, value: str, shown: str) -> None:
    """A report shows enough to recognise a value and not enough to use it."""
    assert shown == TYPES[kind].mask(value)


@pytest.mark.parametrize(
    ("kind", "value", "facts"),
    [
        ("phone", "+8651287654321", {"kind": "landline", "area": "0512", "city": "苏州市", "country": "CN"}),
        ("phone", "+864008208820", {"kind": "switchboard", "country": "CN"}),
        ("phone", "+442079460958", {"kind": "foreign", "country": "GB"}),
        ("phone", "139****5678", {"kind": "masked"}),
        ("phone", "61234567", {"kind": "landline"}),
        ("email", "sales@huaxin.com", {"domain": "huaxin.com", "role": "yes"}),
        ("email", "li@qq.com", {"domain": "qq.com", "free": "yes"}),
        ("person_name", "欧阳建国", {"surname": "欧阳", "given": "建国"}),
        ("person_name", "John Smith Jr", {"surname": "Smith", "given": "John"}),
        ("person_name", "Madonna", {}),
        ("city", "昆山市", {"region": "江苏省", "city": "苏州市", "county": "昆山市"}),
        ("uscc", "91110108551385082Q", {"organisation": "551385082", "province": "北京市", "city": "北京市"}),
        ("uscc", "9131000", {}),
        ("url", "http://www.huaxin.com/a", {"domain": "huaxin.com"}),
        ("country", "DE", {"zh": "德国", "en": "Germany"}),
        ("address", "12 High St, London", {}),
    ],
)
def test_facts_follow_from_a_value(kind: str, value: str, facts: dict[str, str]) -> None:
    """A value tells what follows from it, and no more."""
    assert facts == dict(TYPES[kind].facts(value))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("phone", ["021-61234567", "400-820-8820", "13912345678"]),
        ("mobile", ["13912345678", "139 1234 5679"]),
        ("email", ["li@huaxin.com", "wang@qq.com"]),
        ("company_name", ["上海华信科技有限公司", "Acme Ltd", "华信五金经营部"]),
        ("person_name", ["张伟", "李 娜", "John Smith"]),
        ("date", ["2024/3/5", "5-Mar-24", "20240305"]),
        ("datetime", ["2024-03-05 10:00", "2024/3/5 9:30:00"]),
        ("money", ["¥1,234.50", "12.50", "3万元"]),
        ("uscc", ["91110108551385082Q"]),
        ("address", ["上海市张江路100号", "12 High Street, London"]),
        ("city", ["上海", "苏州市"]),
        ("region", ["江苏省", "广东"]),
        ("url", ["www.huaxin.com", "https://acme.de/x"]),
        ("country", ["中国", "UK"]),
        ("postcode", ["200040", "SW1A 1AA"]),
        ("percent", ["12%", "3.5 %"]),
        ("id_code", ["K0012", "2024-001"]),
    ],
)
def test_a_column_is_recognised_by_its_cells(kind: str, values: list[str]) -> None:
    """All cells of a clean column could be of its type, and a remark could not."""
    assert 1.0 == recognise_share(TYPES[kind], values)
    assert 0.0 == recognise_share(TYPES[kind], ["客户说下周再联系一次"])


def test_no_cells_are_recognised_as_nothing() -> None:
    """The share of no cells is 0."""
    assert 0.0 == recognise_share(TYPES["phone"], [])


def test_free_text_is_split_into_nothing_but_phones_and_addresses_are() -> None:
    """Only types of which a cell may hold several are split."""
    assert ("a; b",) == TYPES["text"].split("a; b")
    assert ("021-61234567", "13912345678") == TYPES["phone"].split("021-61234567 / 13912345678")
    assert ("a@huaxin.com", "b@huaxin.com") == TYPES["email"].split("a@huaxin.com; b@huaxin.com")


def test_a_choice_is_looked_up_without_regard_to_width_and_script() -> None:
    """Source text in any width, case or script finds its canonical value."""
    context = Context(choices=choices_of({"已注销": "deregistered"}))

    assert all(
        not isinstance(TYPES["choice"].parse(raw, context), Fault) for raw in ("已注销", "已註銷", " 已 注 销 ", "Deregistered")
    )


@pytest.mark.parametrize("division", [one for one in DIVISIONS if one.level == "city"][::17], ids=lambda one: one.name)
def test_every_city_is_found_by_its_province_and_name(division: object) -> None:
    """Province and city in front of a street are read as themselves."""
    name, province = division.name, division.province  # type: ignore[attr-defined]
    place = locate(f"{province}{name}人民路1号")

    assert (province, name) == (place.province, place.city)
