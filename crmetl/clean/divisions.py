"""The table of China's administrative divisions, and the reading of places from the front of a text."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from crmetl.clean.tables import rows, words

_PEOPLES = sorted(words("people"), key=len, reverse=True)
"""Peoples whose names stand in the names of autonomous divisions."""
_AUTONOMOUS = ("自治区", "自治州", "自治县", "自治旗")
_PLAIN_SUFFIX = {
    "province": ("特别行政区", "自治区", "省", "市"),
    "city": ("特别行政区", "自治州", "地区", "市", "盟", "县", "林区"),
    "county": ("自治县", "林区", "新区", "市", "区", "县", "旗"),
}
_SHORT_FIXED = {
    "内蒙古自治区": "内蒙古",
    "东乡族自治县": "东乡",
    "鄂温克族自治旗": "鄂温克",
    "积石山保安族东乡族撒拉族自治县": "积石山",
}


@dataclass(frozen=True)
class Division:
    """A division: official name, short name, level, and the names above it."""

    code: str
    name: str
    short: str
    level: str
    province: str
    city: str = ""


@dataclass(frozen=True)
class Place:
    """
    What a text says about where.

    Attributes:
        province, city, county: Official names; empty where the text does not tell, or could mean several.
        rest: The text behind the place.
        candidates: Official names of what an ambiguous place could be.
        renamed: The text used a name of former days.
    """

    province: str = ""
    city: str = ""
    county: str = ""
    rest: str = ""
    candidates: tuple[str, ...] = ()
    renamed: bool = False


def short_name(name: str, level: str) -> str:
    """
    Return a division's name without its rank.

    >>> short_name("苏州市", "city"), short_name("广西壮族自治区", "province"), short_name("红河哈尼族彝族自治州", "city")
    ('苏州', '广西', '红河')
    """
    if name in _SHORT_FIXED:
        return _SHORT_FIXED[name]
    if name.endswith(_AUTONOMOUS):
        return _without_peoples(name[:-3])
    for suffix in _PLAIN_SUFFIX[level]:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


def _without_peoples(name: str) -> str:
    for people in _PEOPLES:
        if name.endswith(people) and len(name) - len(people) >= 2:
            return _without_peoples(name[: -len(people)])
    return name


def _divisions() -> Iterator[Division]:
    table = rows("divisions.csv")
    names = {row["code"]: row["name"] for row in table}
    for row in table:
        code, name, level = row["code"], row["name"], row["level"]
        city = names[row["parent"]] if level == "county" else name if level == "city" else ""
        yield Division(code, name, short_name(name, level), level, names[code[:2]], city)


DIVISIONS: Final[tuple[Division, ...]] = tuple(_divisions())


def _by_name(level: str) -> Mapping[str, tuple[Division, ...]]:
    found: defaultdict[str, list[Division]] = defaultdict(list)
    for one in DIVISIONS:
        if one.level == level:
            for name in {one.name, one.short, *((one.short + "市",) if level == "county" and one.name.endswith("区") else ())}:
                found[name].append(one)
    return {name: tuple(ones) for name, ones in found.items()}


PROVINCES = _by_name("province")
CITIES = _by_name("city")
COUNTIES = _by_name("county")
MUNICIPALITIES: Final = frozenset({"北京市", "上海市", "天津市", "重庆市", "香港特别行政区", "澳门特别行政区"})


def _renamed() -> tuple[Mapping[str, tuple[Division, ...]], Mapping[str, tuple[Division, ...]]]:
    cities: dict[str, tuple[Division, ...]] = {}
    counties: defaultdict[str, list[Division]] = defaultdict(list)
    for row in rows("division_changes.csv"):
        new = Division("", row["new_county"], row["new_county"], "county", row["new_province"], row["new_city"])
        if not row["county"]:
            cities[row["city"]] = (replace(new, name=row["new_city"], level="city"),)
            cities[short_name(row["city"], "city")] = cities[row["city"]]
        else:
            counties[row["county"]].append(new)
            bare = short_name(row["county"], "county")
            if bare != row["county"] and bare not in COUNTIES:
                counties[bare].append(new)
    return cities, {name: tuple(dict.fromkeys(ones)) for name, ones in counties.items()}


OLD_CITIES, OLD_COUNTIES = _renamed()


def _lengths(names: Iterable[str]) -> Mapping[str, tuple[int, ...]]:
    """Return the first two characters of names -> the lengths that names so beginning have, longest first."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for name in names:
        found[name[:2]].add(len(name))
    return {head: tuple(sorted(lengths, reverse=True)) for head, lengths in found.items()}


_LENGTHS = {id(table): _lengths(table) for table in (PROVINCES, CITIES, COUNTIES, OLD_CITIES, OLD_COUNTIES)}


def _longest(text: str, table: Mapping[str, tuple[Division, ...]]) -> str:
    """Return the longest name of a table that the text begins with; most texts are settled by their first two characters."""
    for n in _LENGTHS[id(table)].get(text[:2], ()):
        if text[:n] in table:
            return text[:n]
    return ""


_STREET_NEXT = re.compile(r"[东西南北中一二三四五]{0,2}(?:路|街|大道|巷|弄|胡同|村|镇|乡|大厦|广场)")
"""南京路 is a street of Shanghai, not the city of Nanjing."""
_NO_COUNTY = frozenset("区门桥寺站口")
"""朝阳门 and 海淀桥 are places in the city, not counties."""
_LEAD = re.compile(r"^(?:中国|中华人民共和国)?[\s,，/\\|-]*")


def _after(text: str, name: str) -> str:
    return text[len(name) :].lstrip(" ,，/\\|-·")


@lru_cache(maxsize=65536)
def locate(text: str, city: str = "") -> Place:
    """
    Read province, city and county from the front of a text; an ambiguous name is never guessed.

    Args:
        text: Tidied and folded to simplified characters.
        city: What is known from elsewhere (the row's city), an official name; it decides between candidates.

    >>> place = locate("江苏苏州工业园区星湖街328号")
    >>> place.province, place.city, place.rest
    ('江苏省', '苏州市', '工业园区星湖街328号')
    >>> locate("鼓楼区").city, len(locate("鼓楼区").candidates) > 1, locate("鼓楼区", "南京市").county
    ('', True, '鼓楼区')
    >>> locate("北京市宣武区广安门").county, locate("南京西路100号").city
    ('西城区', '')
    """
    rest = _LEAD.sub("", text, count=1) if text[:1] in "中 ,/-" else text
    province, rest = _province(rest)
    found, rest, renamed = _city(rest, province)
    province = province or (_province_of(found) if found else "")
    known = found or (province if province in MUNICIPALITIES else "") or city
    county = _county(rest, province, known, given=bool(found or province))
    if county is None:
        return Place(province, found or (province if province in MUNICIPALITIES else ""), "", rest, (), renamed)
    name, options, old = county
    if len(options) == 1:
        one = options[0]
        return Place(one.province, one.city, one.name, _after(rest, name), (), renamed or old)
    labels = tuple(f"{one.province}{one.city}{one.name}" for one in options)
    return Place(province, found, "", rest, labels, renamed)


def _province(text: str) -> tuple[str, str]:
    name = _longest(text, PROVINCES)
    if not name:
        return "", text
    official = PROVINCES[name][0].name
    bare = name == PROVINCES[name][0].short
    if bare and _STREET_NEXT.match(text[len(name) :]):
        return "", text
    if name == "吉林" and text[2:3] == "市":
        return "吉林省", text
    rest = _after(text, name)
    return official, rest[1:] if bare and rest[:1] == "省" else rest


def _city(text: str, province: str) -> tuple[str, str, bool]:
    for table, old in ((CITIES, False), (OLD_CITIES, True)):
        name = _longest(text, table)
        if not name:
            continue
        fits = [one for one in table[name] if not province or one.province == province]
        tail = text[len(name) :]
        bare = not name.endswith(("市", "州", "盟", "地区", "县", "特别行政区"))
        if len(fits) == 1 and not (bare and _STREET_NEXT.match(tail)) and not (bare and tail.startswith(("区", "县"))):
            return fits[0].name, _after(text, name), old
    return (province, text, False) if province in MUNICIPALITIES and _repeats(text, province) else ("", text, False)


@lru_cache(maxsize=1024)
def _province_of(city: str) -> str:
    return next(one.province for one in CITIES[city] if one.name == city)


def _repeats(text: str, province: str) -> bool:
    return text.startswith(province)


def _county(text: str, province: str, city: str, *, given: bool) -> tuple[str, tuple[Division, ...], bool] | None:
    """Return name, options, whether the name is old; bare names count only where the place above is known."""
    for table, old in ((COUNTIES, False), (OLD_COUNTIES, True)):
        name = _longest(text, table)
        if not name:
            continue
        options = table[name]
        bare = name[-1] not in "市区县旗"
        tail = text[len(name) :]
        if bare and (not (given or city) or tail[:1] in _NO_COUNTY or _STREET_NEXT.match(tail)):
            continue
        raised = bare and tail[:1] == "县"  # 江宁县 before it became 江宁区
        if raised and name + "县" in OLD_COUNTIES:
            continue
        within = tuple(one for one in options if (not city or one.city == city) and (not province or one.province == province))
        if within:
            return name + "县" * raised, within, old or raised
        if bare or (given and city):
            continue
        options = tuple(one for one in options if not province or one.province == province)
        if options:
            return name, options, old
    return None


def city_of(text: str) -> str:
    """
    Return the official city that a text names by itself, or "".

    >>> city_of("苏州"), city_of("昆山市"), city_of("上海"), city_of("鼓楼区"), city_of("江苏省")
    ('苏州市', '苏州市', '上海市', '', '')
    """
    place = locate(text)
    return place.city


@lru_cache(maxsize=1)
def by_sound() -> Mapping[str, str]:
    """
    Return how a province or city is spelt in Latin letters -> its official name; "" where several share the spelling.

    >>> by_sound()["xiamen"], by_sound()["chongqing"], by_sound()["suzhou"]
    ('厦门市', '重庆市', '')
    """
    from pypinyin import lazy_pinyin  # noqa: PLC0415 its dictionary is slow to load, and places are seldom spelt in Latin letters

    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in DIVISIONS:
        if one.level in ("city", "province"):
            found["".join(lazy_pinyin(one.short))].add(one.name)
    return {sound: next(iter(names)) if len(names) == 1 else "" for sound, names in found.items()} | dict(words("place_in_latin"))


_ZONE = re.compile(r"^(?:经济技术|高新技术产业|高新|经济|工业|保税)?(?:开发区|园区|新区|高新区|保税区|自贸区)")
BRANDS_TOO = frozenset(words("brand_and_city"))
"""Cities without districts whose bare names are as often brands."""


def _is_county_city(one: Division) -> bool:
    return one.level == "county" and one.name.endswith("市") and one.short not in CITIES and one.short not in BRANDS_TOO


_COUNTY_CITIES = {one.short: one for one in DIVISIONS if _is_county_city(one) and len(COUNTIES[one.short]) == 1}


def region_prefix(text: str, city: str = "") -> tuple[str, str]:
    """
    Part the place at the front of a company's name from the rest; streets do not occur there.

    Args:
        text: Folded, without blanks.
        city: Official city of the company, where known; it lets a district's bare name count.

    Returns:
        Short name of the city (of the province where there is no more), and the rest.

    >>> region_prefix("上海路桥建设"), region_prefix("江苏省昆山市华信电子")
    (('上海', '路桥建设'), ('苏州', '华信电子'))
    >>> region_prefix("昆山华信电子"), region_prefix("华信电子")
    (('苏州', '华信电子'), ('', '华信电子'))
    """
    region, rest = ("中国", text[2:]) if text.startswith("中国") and len(text) > 3 else ("", text)
    name = _longest(rest, PROVINCES)
    if name:
        region, rest = PROVINCES[name][0].short, rest[len(name) :]
    province = PROVINCES[name][0].name if name else ""
    name = _longest(rest, CITIES)
    fits = [one for one in CITIES.get(name, ()) if not province or one.province == province]
    if fits and (province or name not in BRANDS_TOO):
        region, rest, city = fits[0].short, rest[len(name) :], fits[0].name
    name = _longest(rest, COUNTIES)
    options = [
        one for one in COUNTIES.get(name, ()) if (not city or one.city == city) and (not province or one.province == province)
    ]
    full = name[-1:] in ("市", "区", "县", "旗") and len(name) > 2
    if len(options) == 1 and (full or name in _COUNTY_CITIES):
        region, rest = short_name(options[0].city, "city"), rest[len(name) :]
    return region, _ZONE.sub("", rest) if region else rest
