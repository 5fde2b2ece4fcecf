"""Regions, cities, addresses and postcodes."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from crmetl.clean.divisions import CITIES, COUNTIES, PROVINCES, Place, by_sound, locate, short_name
from crmetl.clean.kind import Cleaned, Context, SemanticType, stars
from crmetl.clean.phone import PHONE
from crmetl.clean.prose import text_normal
from crmetl.clean.script import at_rest, fold, half_width, has_cjk
from crmetl.clean.tables import words
from crmetl.faults.clean import CITY_UNKNOWN, PLACE_AMBIGUOUS, PLACE_CONFLICT, POSTCODE_PLACE, POSTCODE_SHAPE, REGION_UNKNOWN
from crmetl.faults.kind import Fault
from crmetl.text import Text

CHINESE: Final = frozenset({"CN", "HK", "MO", "TW"})


def _letters(raw: str) -> str:
    return re.sub(r"[^a-z]", "", re.sub(r"\b(?:city|shi|province|sheng|municipality)$", "", raw.lower().strip()))


@lru_cache(maxsize=8192)
def _sounding(raw: str) -> str:
    return by_sound().get(_letters(raw), "")


def _simple(raw: str) -> str:
    return "".join(fold(half_width(raw)).split())


def _read_region(raw: str, context: Context) -> Cleaned | Fault:
    if raw in PROVINCES and PROVINCES[raw][0].name == raw:
        return Cleaned(raw)
    if context.country not in CHINESE:
        return Cleaned(raw)
    if not has_cjk(raw):
        name = _sounding(raw)
        return Cleaned(name, ("region",)) if name in PROVINCES else REGION_UNKNOWN
    place = locate(_simple(raw))
    if not place.province or (place.rest and not place.county):
        return REGION_UNKNOWN
    also = {"city": place.city} if place.city and place.city != place.province else {}
    return Cleaned(place.province, ("region",), also)


def _read_city(raw: str, context: Context) -> Cleaned | Fault:
    if not context.region and raw in CITIES and CITIES[raw][0].name == raw and len(CITIES[raw]) == 1:
        return Cleaned(raw, (), {"region": CITIES[raw][0].province})
    if context.country not in CHINESE:
        return Cleaned(raw)
    if not has_cjk(raw):
        name = _sounding(raw)
        return Cleaned(name, ("city",), {"region": CITIES[name][0].province}) if name in CITIES else _unknown(raw)
    return _city_of(_simple(raw), raw, context.region or "")


def _unknown(raw: str) -> Fault:
    return PLACE_AMBIGUOUS if by_sound().get(_letters(raw)) == "" else CITY_UNKNOWN


def _city_of(text: str, raw: str, region: str) -> Cleaned | Fault:
    """Read a city, or the county that stands in its place; the row's region decides between several of one name."""
    province = PROVINCES[_simple(region)][0].name if _simple(region) in PROVINCES else ""
    named = CITIES.get(text, ())
    if len(named) > 1:
        named = tuple(one for one in named if one.province == province)
    if len(named) == 1:
        return _found(Place(named[0].province, named[0].name), raw, province)
    place = locate(province + text) if province and not locate(text).city else Place()
    place = place if place.city and not place.rest.startswith(text) else locate(text)
    if place.candidates:
        return PLACE_AMBIGUOUS
    if not place.city:
        bare = COUNTIES.get(text, ())
        bare = tuple(one for one in bare if one.province == province) or bare
        if len(bare) != 1:
            return PLACE_AMBIGUOUS if bare else CITY_UNKNOWN
        place = Place(bare[0].province, bare[0].city, bare[0].name)
    return _found(place, raw, province)


def _found(place: Place, raw: str, province: str) -> Cleaned:
    value = place.county if place.county.endswith("市") and not place.rest else place.city
    notes = (PLACE_CONFLICT,) if province and place.province != province else ()
    return Cleaned(value, () if value == raw else ("city",), {"region": place.province}, notes)


@lru_cache(maxsize=16384)
def region_normal(value: str) -> str:
    """
    Return a province's short name, or a foreign region in lower case.

    >>> region_normal("广西壮族自治区"), region_normal("广西"), region_normal("California")
    ('广西', '广西', 'california')
    """
    found = PROVINCES.get(_simple(value))
    return found[0].short if found else text_normal(value)


@lru_cache(maxsize=16384)
def city_normal(value: str) -> str:
    """
    Return the short name of the prefecture-level city, so that a county-level city equals the one above it.

    >>> city_normal("苏州市"), city_normal("苏州"), city_normal("昆山市"), city_normal("London")
    ('苏州', '苏州', '苏州', 'london')
    """
    name = locate(_simple(value)).city if has_cjk(value) else ""
    return short_name(name, "city") if name else text_normal(value)


def _city_facts(value: str) -> Mapping[str, str]:
    place = locate(_simple(value)) if has_cjk(value) else Place()
    return {key: text for key, text in (("region", place.province), ("city", place.city), ("county", place.county)) if text}


def _city_looks(text: str) -> bool:
    return 2 <= len(text) <= 12 and has_cjk(text) and isinstance(_read_city(text, Context()), Cleaned)


def _region_looks(text: str) -> bool:
    return _simple(text) in PROVINCES


_GAP: Final = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff0-9])|(?<=[0-9])\s+(?=[\u3400-\u9fff])")
_BREAK: Final = re.compile(r"\s*[\r\n]+\s*")
_POSTCODE_LABEL: Final = re.compile(r"[\s,，;；(（]*(?:邮编|邮政编码|邮码|P\.?C\.?)[:：\s]*(\d{6})[)）]?$", re.IGNORECASE)
_CODE_ENDS: Final = frozenset("0123456789)）")
_PLAIN: Final = re.compile(r"(?!.{0,4}地址)[\u4e00-\u9fff0-9A-Za-z#-]+")
_ADDRESS_LABEL: Final = re.compile(r"^(?:详细|公司|联系|收货|通讯|注册|办公)?地址[:：]\s*")
_EDGE: Final = " ,，。;；、"


def address_display(raw: str) -> str:
    r"""
    Write an address on one line, without a label and without blanks between Chinese characters and numbers.

    >>> address_display("地址：上海市 浦东新区 张江路 100 号，"), address_display("12 High St,\n London")
    ('上海市浦东新区张江路100号', '12 High St, London')
    """
    return at_rest(_displayed, raw)


def _displayed(raw: str) -> str:
    text = _ADDRESS_LABEL.sub("", _BREAK.sub(" ", raw)).strip(_EDGE)
    return (_GAP.sub("", text) if has_cjk(text) else text) or raw


def _read_address(raw: str, context: Context) -> Cleaned | Fault:
    plain = _PLAIN.fullmatch(raw) is not None
    value, postcode = raw if plain else address_display(raw), ""
    found = _POSTCODE_LABEL.search(value) if value[-1] in _CODE_ENDS else None
    if found and found.start():
        value, postcode = value[: found.start()], found[1]
    also: dict[str, str] = {}
    notes: tuple[Fault, ...] = ()
    if has_cjk(value) and context.country in CHINESE:
        # Such a text has no width to settle and no blanks, so that `_simple` would only fold it.
        place = locate(fold(value) if plain else _simple(value), context.city or "")
        notes = (PLACE_AMBIGUOUS,) if place.candidates else ()
        also = {key: text for key, text in (("region", place.province), ("city", place.city), ("postcode", postcode)) if text}
    return Cleaned(value, () if value == raw else ("address_display",), also, notes)


_SEVERAL: Final = frozenset(name for name, ones in COUNTIES.items() if len(ones) > 1 and name[-1] in "市区县旗")
_LENGTHS: Final = sorted({len(name) for name in _SEVERAL})
_HEADS: Final = frozenset(name[:2] for name in _SEVERAL)


def could_be_several(address: str) -> bool:
    """
    Say whether an address begins with a county that stands in several cities.

    >>> could_be_several("鼓楼区中山路1号"), could_be_several("南京市鼓楼区中山路1号")
    (True, False)
    """
    return address[:2] in _HEADS and any(address[:length] in _SEVERAL for length in _LENGTHS)


def city_by_phone(address: str, phones: Iterable[str | None]) -> str:
    """
    Return the city of the first area code among numbers, where the address needs it; else "".

    >>> city_by_phone("鼓楼区中山路1号", ["13912345678", "025-83123456"]), city_by_phone("中山路1号", ["025-83123456"])
    ('南京市', '')
    """
    if not could_be_several(address):
        return ""
    read = (PHONE.parse(one) for one in phones if one)
    return next((city for one in read if isinstance(one, Cleaned) and (city := PHONE.facts(one.value or "").get("city"))), "")


_ROAD: Final = re.compile(
    r"([\u4e00-\u9fffA-Za-z0-9]{1,12}?(?:路|街|大道|道|巷|弄|胡同|村|镇))(?:.*?(\d+(?:-\d+)?)\s*[号弄幢栋座#])?"
)


@lru_cache(maxsize=65536)
def address_facts(value: str) -> Mapping[str, str]:
    """
    Return `region`, `city`, `county`, `road` and `number` as far as an address tells them.

    >>> address_facts("上海市浦东新区张江路100号3楼")
    {'region': '上海市', 'city': '上海市', 'county': '浦东新区', 'road': '张江路', 'number': '100'}
    """
    if not has_cjk(value):
        return {}
    place = locate(_simple(value))
    road = _ROAD.search(place.rest)
    found = (
        ("region", place.province),
        ("city", place.city),
        ("county", place.county),
        ("road", road[1] if road else ""),
        ("number", (road[2] or "") if road else ""),
    )
    return {key: text for key, text in found if text}


@lru_cache(maxsize=65536)
def address_normal(value: str) -> str:
    """
    Return an address in its form for comparison: province and city official, simplified, no blanks or marks.

    >>> address_normal("上海浦东张江路100号") == address_normal("上海市浦东新区張江路 100号")
    True
    """
    if not has_cjk(value):
        return re.sub(r"[\W_]+", " ", half_width(value).casefold()).strip() or value
    text = re.sub(r"[\W_]+", "", _simple(value)) or value
    place = locate(text)
    return f"{place.city or place.province}{place.county}{place.rest}" or text


def address_keys(value: str) -> tuple[str, ...]:
    """
    Return the whole address; and road, number and city.

    >>> address_keys("上海浦东张江路100号")[1]
    '张江路|100|上海市'
    """
    facts = address_facts(value)
    road = f"{facts['road']}|{facts['number']}|{facts.get('city', '')}" if "road" in facts and "number" in facts else ""
    return address_normal(value), road


def _address_looks(text: str) -> bool:
    if has_cjk(text):
        return 6 <= len(text) <= 120 and _ROAD.search(text) is not None and bool(re.search(r"\d|[区市县]", text))
    return (
        re.search(
            r"\d+\s+[A-Z][a-z]+.*\b(?:st|street|rd|road|ave|avenue|lane|blvd|drive|dr|way|straße|strasse|rue)\b",
            text,
            re.IGNORECASE,
        )
        is not None
    )


_POSTCODES: Final = {code: re.compile(shape, re.ASCII) for code, shape in words("postcode_shape").items()}
"""Universal Postal Union, postal addressing systems in member countries."""
_CHINESE_POSTCODE: Final = re.compile(r"[0-8]\d{5}", re.ASCII)
_GAPS: Final = {"GB": -3, "CA": 3, "NL": 4, "SE": 3}
_ZEROS: Final = frozenset({"US", "DE", "FR", "IT", "ES", "KR"})
"""Countries of five digits, some of whose postcodes begin with 0."""


def postcode(raw: str, country: str = "CN") -> str | Fault:
    """
    Write a postcode as its country does; a zero that a spreadsheet ate is put back where no other digit can be missing.

    >>> postcode("200040.0"), postcode("sw1a1aa", "GB"), postcode("2138", "US")
    ('200040', 'SW1A 1AA', '02138')
    >>> postcode("12").code, postcode("10000").code
    ('POSTCODE_SHAPE', 'POSTCODE_SHAPE')
    """
    text = re.sub(r"\.0+$", "", half_width(raw).strip()).upper()
    shape = _POSTCODES.get(country)
    if shape is None:
        return text or POSTCODE_SHAPE
    bare = re.sub(r"[\s\u2010-\u2015]+", "", text).removeprefix("邮编").strip(":：")
    if country in _ZEROS and bare.isdigit() and bare.isascii() and len(bare) == 4:
        bare = "0" + bare
    bare = bare.replace("-", "") if country in _GAPS else bare
    if country in _GAPS and len(bare) > 4:
        bare = f"{bare[: _GAPS[country]]} {bare[_GAPS[country] :]}"
    if country in ("JP", "BR") and bare.isdigit():
        bare = f"{bare[:3]}-{bare[3:]}" if country == "JP" else f"{bare[:5]}-{bare[5:]}"
    return bare if shape.fullmatch(bare) and bare.isascii() else POSTCODE_SHAPE


_PREFIX: Final = {name: frozenset(found.split()) for name, found in words("postcode_of_region").items()}
"""Short name of a province -> first two digits of its postcodes (State Post Bureau)."""


def _read_postcode(raw: str, context: Context) -> Cleaned | Fault:
    if context.country != "CN":
        found = postcode(raw, context.country)
        return found if isinstance(found, Fault) else Cleaned(found, () if found == raw else ("postcode",))
    value = raw if _CHINESE_POSTCODE.fullmatch(raw) else postcode(raw)
    heads = _PREFIX.get(region_normal(context.region)) if context.region else None
    if isinstance(value, Fault):
        bare = re.sub(r"\.0+$", "", raw)
        if not heads or not re.fullmatch(r"[1-7]\d{4}", bare, re.ASCII) or "0" + bare[0] not in heads:
            return value
        value = "0" + bare  # only provinces in the north have postcodes that begin with 0
    return Cleaned(
        value, () if value == raw else ("postcode",), notes=(POSTCODE_PLACE,) if heads and value[:2] not in heads else ()
    )


def _postcode_looks(text: str) -> bool:
    return re.fullmatch(r"[0-8]\d{5}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", text, re.ASCII) is not None


REGION = SemanticType(
    "region",
    Text("省份", "Region"),
    _read_region,
    normal=region_normal,
    recognise=_region_looks,
    row=("country",),
    tells=("city",),
)
CITY = SemanticType(
    "city",
    Text("城市", "City"),
    _read_city,
    normal=city_normal,
    facts=_city_facts,
    recognise=_city_looks,
    row=("country", "region"),
    tells=("region",),
)
ADDRESS = SemanticType(
    "address", Text("地址", "Address"), _read_address, personal=True, normal=address_normal, match=address_keys, mask=stars,
    facts=address_facts, recognise=_address_looks,
    row=("country", "city", "area"),
    tells=("region", "city", "postcode"),
)  # fmt: skip
POSTCODE = SemanticType(
    "postcode", Text("邮编", "Postcode"), _read_postcode, normal=text_normal, recognise=_postcode_looks, row=("country", "region")
)
