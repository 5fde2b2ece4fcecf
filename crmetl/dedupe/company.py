"""How names of companies are read and compared: by their parts, never as raw text."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz

from crmetl.clean import CompanyParts, company_parts
from crmetl.clean.divisions import region_prefix
from crmetl.clean.person import surname_of
from crmetl.clean.tables import words
from crmetl.dedupe.columns import NONE, Codes, Column, Family, Levels, Mask, Reading, Texts, texts
from crmetl.dedupe.measures import agree, both, differ, different, scores, within
from crmetl.dedupe.place import city_of, province_of
from crmetl.dedupe.sound import syllables

FAR, NEAR, CLOSE, CONTAINED = 65, 80, 92, 95
"""Ratios of the sorted words of two Latin names; CONTAINED: of the words they have in common with each."""
LONG = 4
"""Characters from which a Chinese brand names a firm by itself; most have two or three and are shared."""
WORD = 6
"""Letters from which a Latin brand tells as much as a Chinese one with its trade."""
SHORT_FORM = "公司"
"""A name that ends so leaves the rest of its legal form out."""


def read_company(values: Texts) -> Reading:
    """Read region, brand, trade, legal form and branch, and how the brand sounds."""
    named = [company_parts(one) for one in values]
    script = ["la" if one.english else "zh" for one in named]
    brand = texts([n.brand if s == "zh" else _plain(n.brand).replace(" ", "") for n, s in zip(named, script, strict=True)])
    trade = texts([_trade(one.trade) for one in named])
    sound = texts([_heard(one) for one in named])
    head = [one.split(" ") for one in sound]
    city, seat = (
        texts([city_of(place) for place in places])
        for places in (["" if n.region == n.brand else n.region for n in named], [_seat(n.branch) for n in named])
    )
    office = [_office(one.branch) if one.branch else ("", "") for one in named]
    named_as = texts([f"{b} {t[:1]}" for b, t in zip(brand, trade, strict=True)])
    cores = [syllables(b + t) if s == "zh" else "" for b, t, s in zip(brand, trade, script, strict=True)]
    latin = [_plain(one.sound) for one in named]
    foreign = {one for one, s in zip(latin, script, strict=True) if s == "la"}
    worded = [_latin_words(n) if s == "la" else [] for n, s in zip(named, script, strict=True)]
    longest = [sorted(one, key=lambda word: (-len(word), word)) for one in worded]
    jumbled = texts(
        ["".join(sorted(b + t)) if s == "zh" or len(b) > 5 else "" for b, t, s in zip(brand, trade, script, strict=True)]
    )
    alias = [_heard(company_parts(one.alias)) if one.alias else "" for one in named]
    aliases = frozenset(alias)
    return Reading(
        parts={
            "brand": brand,
            "sound": sound,
            "latin": texts(latin),
            "core": texts([b + t for b, t in zip(brand, trade, strict=True)]),
            "jumbled": jumbled,
            "start": texts([(b + t)[:2] if s == "zh" else "" for b, t, s in zip(brand, trade, script, strict=True)]),
            "turned": texts(["".join(sorted(b)) if s == "zh" else "" for b, s in zip(brand, script, strict=True)]),
            "first": texts([one[:1] for one in brand]),
            "last": texts([one[-1:] for one in brand]),
            "generic": texts(["generic" if _is_generic(one) else "" for one in brand]),
            "trade": trade,
            "calling": texts([_calling(t, s) for t, s in zip(trade, script, strict=True)]),
            "trade_head": texts([one[:1] for one in trade]),
            "seated": texts([s or c for s, c in zip(seat, city, strict=True)]),
            "form": texts(["form" if one.form not in ("", SHORT_FORM) else "" for one in named]),
            "countries": texts([one.countries for one in named]),
            "branch": texts([one for one, _ in office]),
            "office": texts([one for _, one in office]),
            "alias": texts([one.alias for one in named]),
            "whole": texts([one.whole for one in named]),
            "city": city,
            "seat": seat,
            "province": texts(["" if one.region == one.brand else province_of(one.region) for one in named]),
            "script": texts(script),
            "words": texts([" ".join(sorted(one)) for one in worded]),
        },
        bases={"same": named_as, "trimmed": named_as, "short": brand},
        strong={
            "brand": sound,
            "named": texts([f"{x} {t}" if x and t else "" for x, t in zip(sound, trade, strict=True)]),
            "core": texts([" ".join(one.split(" ")[:3]) if one.count(" ") > 1 else "" for one in cores]),
            "jumbled": jumbled,
            "bare": texts(["" if t else " ".join(h[:2]) for h, t in zip(head, trade, strict=True)]),
            "latin": texts([one if one in foreign else "" for one in latin]),
            "alias": texts([a or (h if h in aliases else "") for a, h in zip(alias, sound, strict=True)]),
        },
        weak={
            "trade_first": texts([f"{t} {h[0][:5]}" if t else "" for t, h in zip(trade, head, strict=True)]),
            "trade_last": texts([f"{t} {h[-1]}" if t else "" for t, h in zip(trade, head, strict=True)]),
            "long_word": texts([one[0] if one else "" for one in longest]),
            "first_words": texts([" ".join(one[:2]) for one in worded]),
        },
        coarse={
            "next_word": texts([one[1] if len(one) > 1 else "" for one in longest]),
            "first_word": texts([one[0][:4] if one else "" for one in worded]),
            "brand_head": texts([f[:1] if s == "zh" else "" for f, s in zip(brand, script, strict=True)]),
            "brand_tail": texts([f[-1:] if s == "zh" else "" for f, s in zip(brand, script, strict=True)]),
            "trade": trade,
        },
    )


_TIDY = str.maketrans({"ß": "ss", "ø": "o", "æ": "a", "œ": "o", "ł": "l", "đ": "d", "'": ""})
_UMLAUT = re.compile("([aou])e(?![aeiou])")


_PLURAL = re.compile(r"(\w{4,}[^s\W])s\b")


@lru_cache(maxsize=131072)
def _plain(word: str) -> str:
    """
    Return Latin words without accents and endings of possession: "Müller", "Mueller" and "Muller" are one, "Oswin's" and "Oswin".

    >>> _plain("müller & söhne"), _plain("mueller & soehne"), _plain("muller"), _plain("st oswin's")
    ('muller & sohne', 'muller & sohne', 'muller', 'st oswin')
    """
    spread = word if word.isascii() else unicodedata.normalize("NFKD", word.translate(_TIDY))
    bare = "".join(one for one in spread if not unicodedata.combining(one)).replace("'", "")
    return _PLURAL.sub(r"\1", _UMLAUT.sub(r"\1", bare))


def _latin_words(named: CompanyParts) -> list[str]:
    """Return the words of a Latin name without its legal form."""
    return _plain(f"{named.region} {named.brand} {named.trade}").split()


_ALIKE = words("trade_alike")
_ALIKE_AT = re.compile("|".join(sorted(_ALIKE, key=len, reverse=True)))
_WEAK = re.compile("国际|工业|服务|制造|实业|系统|发展|管理|制品|设备|供应链|新")
"""Trades that names in Latin letters gain and lose."""
_COMMERCE = re.compile("商贸|进出口|批发|零售|贸易")


@lru_cache(maxsize=65536)
def _trade(trade: str) -> str:
    """
    Return a trade with words that mean the same written alike.

    >>> _trade("汽车零部件"), _trade("电子科技")
    ('汽车配件', '电子科技')
    """
    return _ALIKE_AT.sub(lambda found: _ALIKE[found[0]], trade)


def _calling(trade: str, script: str) -> str:
    """Return what of a trade another trade contradicts."""
    return trade if script == "zh" else _COMMERCE.sub("贸易", _WEAK.sub("", trade))


_GENERIC = frozenset(words("generic_brand"))


def _is_generic(brand: str) -> bool:
    """
    Say whether a brand names no firm: a surname as shops bear it, or a word that fits each of them.

    >>> [_is_generic(one) for one in ("张记", "老王", "便民", "恒曜")]
    [True, True, True, False]
    """
    if brand in _GENERIC:
        return True
    if len(brand) == 2 and brand[0] in "老小阿":
        return surname_of(f"{brand[1]}明") == brand[1]
    return 2 <= len(brand) <= 3 and brand[-1] in "记氏家" and surname_of(f"{brand[:-1]}明") == brand[:-1]


def _seat(branch: str) -> str:
    """
    Return the place in a branch's name, or "".

    >>> _seat("常州分公司"), _seat("")
    ('常州', '')
    """
    return region_prefix(branch)[0] if branch else ""


_KINDS = re.compile(
    r"(分公司|子公司)$|(办事处|代表处|联络处)$|((?:分|支)行)$|((?:分)?店)$|(分厂|厂区)$|(营业部|门市部|经营部|销售部|服务部)$"
    r"|(校区|院区|园区|大区|区域|站|分部|分)$"
)
_DIGITS = {one: str(n) for n, one in enumerate("零一二三四五六七八九")}


def _office(branch: str) -> tuple[str, str]:
    """
    Return what tells a branch from the other branches of its firm, its place, name or number, and what kind of branch it is.

    >>> _office("常州分公司"), _office("常州市分"), _office("洞头区办事处")
    (('常州', '0'), ('常州', ''), ('洞头', '1'))
    >>> _office("第12店") == _office("十二店"), _office("春熙路店"), _office("分公司")
    (True, ('春熙', '3'), ('分', '0'))
    """
    found = _KINDS.search(branch)
    rest = branch[: found.start()] if found else branch
    kind = str(found.lastindex - 1) if found and found.lastindex and found.lastindex < 7 else ""
    rest = rest[:-1] if len(rest) > 2 and rest[-1] in "市区县路街" else _numbered(rest)
    return rest or branch[:1], kind


def _numbered(text: str) -> str:
    """
    Return a number of a branch in digits, any other text as it is.

    >>> _numbered("第十二"), _numbered("二十"), _numbered("12"), _numbered("常州")
    ('12', '20', '12', '常州')
    """
    bare = text.removeprefix("第")
    if not bare or any(one not in "零一二三四五六七八九十0123456789" for one in bare):
        return text
    tens, ten, ones = bare.rpartition("十")
    number = (_DIGITS.get(tens, "1") if ten else "") + "".join(_DIGITS.get(one, one) for one in ones)
    return number + "0" if ten and not ones else number


def compare_company(column: Column, a: Codes, b: Codes) -> Levels:
    """Compare brands, then let trade, city and branch contradict."""
    part = column.coded
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    latin = column.reading.parts["script"].equals("la")
    mixed = latin[a] != latin[b]
    other_trade = _other_trade(column, a, b, latin)
    near = _near(column, a, b, latin, ~other_trade)
    for name, mask in _worded(column, a, b, latin[a] & latin[b]).items():
        out[mask] = column.level(name)
    for name in ("part", "edit", "sound"):
        out[near[name]] = column.level(name)
    brand, short = agree(part["brand"], a, b), _short(column, a, b)
    out[brand] = column.level("part")
    out[brand & short] = column.level("short")
    out[brand & agree(part["trade"], a, b)] = column.level("trimmed")
    out[brand & short & both(part["trade"], a, b)] = column.level("trimmed")
    out[brand & latin[a] & latin[b] & (part["calling"][a] == part["calling"][b])] = column.level("trimmed")
    for level, mask in _stripped(column, a, b, short).items():
        out[mask & ~brand] = column.level(level)
    swallowed = ~brand & _swallowed(column, a, b)
    out[swallowed] = column.level("trimmed")
    out[(part["generic"][a] >= 0) & (out != column.level("else"))] = column.level("part")
    out[brand & _full(column, a, b, latin)] = column.level("same")
    out[mixed] = column.level("other_script")
    out[mixed & (brand | agree(part["latin"], a, b))] = column.level("sound")
    alike = out != column.level("else")
    out[brand & (other_trade | _other_law(column, a, b))] = column.level("sister")
    out[alike & ~swallowed & _elsewhere(column, a, b)] = column.level("other_city")
    other = (part["branch"][a] != part["branch"][b]) | differ(part["office"], a, b)
    nick = brand & _named_after_city(column, a, b)
    out[nick & (out != column.level("sister"))] = column.level("short")
    out[alike & other & ~nick] = column.level("other_branch")
    for level, mask in _renamed(column, a, b).items():
        out[mask] = column.level(level)
    return out


def _renamed(column: Column, a: Codes, b: Codes) -> dict[str, Mask]:
    """Say where another name that one side tells of is the other side's name: brand and trade agree, or the brand alone."""
    out = {level: np.zeros(len(a), dtype=bool) for level in ("short", "trimmed")}
    alias, branch = column.coded["alias"], column.coded["branch"]
    for x, y in ((a, b), (b, a)):
        at = np.flatnonzero((alias[x] != NONE) & (branch[x] == branch[y]))
        names = [company_parts(one) for one in column.reading.parts["alias"].texts[x[at]].tolist()]
        others = [company_parts(one) for one in column.values[y[at]].tolist()]
        for k, former, one in zip(at.tolist(), names, others, strict=True):
            level = _told_of(former, one)
            if level:
                out[level][k] = True
    return out


def _told_of(alias: CompanyParts, named: CompanyParts) -> str:
    """
    Return the level of a name that another record tells of as its own.

    >>> firm = company_parts("杭州荻通运输有限公司")
    >>> [_told_of(company_parts(one), firm) for one in ("荻通运输", "荻通", "上海荻通运输")]
    ['trimmed', 'short', '']
    """
    places = [province_of(one.region) for one in (alias, named) if one.region not in ("", one.brand)]
    if _heard(alias) != _heard(named) or len(set(places)) > 1 or not _shortened(alias.trade, named.trade):
        return ""
    return "trimmed" if alias.trade and named.trade else "short"


def _heard(named: CompanyParts) -> str:
    """Return how a brand sounds: syllables of a Chinese one, the sorted words of a Latin one."""
    return " ".join(sorted(_plain(named.brand).split())) if named.english else syllables(named.brand)


def _worded(column: Column, a: Codes, b: Codes, where: Mask) -> dict[str, Mask]:
    """Say how Latin names are alike by their words, the loosest first."""
    words = column.reading.parts["words"].texts
    order = scores(fuzz.ratio, words, a, b, where)
    contained = scores(fuzz.token_set_ratio, words, a, b, where & (order >= FAR))
    return {
        "far": order >= FAR,
        "words": contained >= CONTAINED,
        "near": order >= NEAR,
        "close": order >= CLOSE,
    }


def _swallowed(column: Column, a: Codes, b: Codes) -> Mask:
    """Say where what one name seems to have as its place is the head of the other's brand (泰兴美阀门, 太原泰兴美阀门)."""
    core, whole = column.coded["core"], column.coded["whole"]
    out: Mask = ((core[a] == whole[b]) & (core[a] >= 0)) | ((core[b] == whole[a]) & (core[b] >= 0))
    return out


def _named_after_city(column: Column, a: Codes, b: Codes) -> Mask:
    """Say where one is a branch and the other, without a legal form, is the brand with the branch's city (华信常州)."""
    branch, city, seat, form = (column.coded[name] for name in ("branch", "city", "seat", "form"))

    def after(x: Codes, y: Codes) -> Mask:
        out: Mask = (branch[x] >= 0) & (branch[y] < 0) & (form[y] < 0) & (seat[x] >= 0) & (seat[x] == city[y])
        return out

    return after(a, b) | after(b, a)


def _near(column: Column, a: Codes, b: Codes, latin: Mask, fits: Mask) -> dict[str, Mask]:
    """Say which brands that differ are near each other, and how."""
    part = column.coded
    share = agree(part["first"], a, b) | agree(part["last"], a, b)
    brands, cores = column.reading.parts["brand"].texts, column.reading.parts["core"].texts
    slip = (within(1, brands, a, b, share) & fits) | within(1, cores, a, b, share)
    slip |= agree(part["jumbled"], a, b) | (agree(part["turned"], a, b) & fits)
    words = latin[a] & latin[b]
    slip |= words & (scores(fuzz.ratio, column.reading.parts["sound"].texts, a, b, words) >= 90)
    contained = share & fits & (scores(fuzz.partial_ratio, brands, a, b, share) >= 99.9)
    return {"part": contained, "edit": slip, "sound": fits & agree(part["sound"], a, b)}


def _stripped(column: Column, a: Codes, b: Codes, short: Mask) -> dict[str, Mask]:
    """
    Say where one side, without a legal form, is the other with words left out, wherever a parser puts the end of the brand.

    A short name of brand and trade words is `trimmed`; of the brand alone, `short` when what follows it is long enough
    to be a trade (two characters and more).
    """
    out = {level: np.zeros(len(a), dtype=bool) for level in ("short", "trimmed")}
    at = np.flatnonzero(agree(column.coded["start"], a, b) & short)
    cores, brands, forms = (column.reading.parts[name].texts for name in ("core", "brand", "form"))
    for k, x, y in zip(at.tolist(), a[at].tolist(), b[at].tolist(), strict=True):
        short, full = (x, y) if (len(cores[x]), forms[x] != "") <= (len(cores[y]), forms[y] != "") else (y, x)
        if not forms[short] and _shortened(cores[short], cores[full]):
            out["trimmed"][k] = len(cores[short]) > 3
            out["short"][k] = len(cores[short]) <= 3 and len(brands[full]) >= len(cores[short]) + 2
    return out


def _other_trade(column: Column, a: Codes, b: Codes, latin: Mask) -> Mask:
    """Say where both name a trade, and neither is short for the other; of Latin names, where they have no word in common."""
    trade = column.coded["calling"]
    out = differ(trade, a, b)
    at = np.flatnonzero(out)
    names = dict(zip(trade.tolist(), column.reading.parts["calling"].tolist(), strict=True))
    for loose in (False, True):
        some = at[(latin[a[at]] | latin[b[at]]) == loose]
        pairs, back = different(trade[a[some]], trade[b[some]])
        fits = [not set(names[x]).isdisjoint(names[y]) if loose else _shortened(names[x], names[y]) for x, y in pairs.tolist()]
        out[some] = ~np.array(fits, dtype=bool)[back]
    return out


def _other_law(column: Column, a: Codes, b: Codes) -> Mask:
    """Say where no country's law knows both legal forms (GmbH, Ltd): two firms of one group."""
    law = column.coded["countries"]
    out = differ(law, a, b)
    at = np.flatnonzero(out)
    names = dict(zip(law.tolist(), column.reading.parts["countries"].tolist(), strict=True))
    pairs, back = different(law[a[at]], law[b[at]])
    out[at] = np.array([set(names[x].split()).isdisjoint(names[y].split()) for x, y in pairs.tolist()], dtype=bool)[back]
    return out


def _shortened(left: str, right: str) -> bool:
    """
    Say whether one trade is the other with words left out.

    >>> _shortened("电子", "电子科技"), _shortened("机电", "机械电子"), _shortened("贸易", "科技")
    (True, True, False)
    """
    short, full = sorted((left, right), key=len)
    rest = iter(full)
    return all(one in rest for one in short)


def _full(column: Column, a: Codes, b: Codes, latin: Mask) -> Mask:
    """
    Say where trades are equal and both names are complete, or name the same place.

    A Chinese name without a place is complete only where its brand is long: others leave the place out for short.

    Source: one registry does not give a second firm the same brand and trade (Rules on Enterprise Name Registration, 2021).
    """
    part, sure = column.coded, latin | _sure(column)
    placed = (part["province"][a] >= 0) == (part["province"][b] >= 0)
    whole: Mask = both(part["form"], a, b) & placed & sure[a] & sure[b]
    out: Mask = (part["trade"][a] == part["trade"][b]) & (whole | (agree(part["city"], a, b) & (part["trade"][a] >= 0)))
    return out


def _sure(column: Column) -> Mask:
    """Say which Chinese names have a place, or a brand so long that there is hardly another of it."""
    long = np.array([len(one) >= LONG for one in column.reading.parts["brand"].texts.tolist()], dtype=bool)
    out: Mask = long | (column.coded["province"] >= 0)
    return out


def _short(column: Column, a: Codes, b: Codes) -> Mask:
    """Say where one side leaves the legal form out, so that what else it leaves out is short, not different."""
    form = column.coded["form"]
    return ~both(form, a, b)


def _elsewhere(column: Column, a: Codes, b: Codes) -> Mask:
    """Say where the names stand for different cities, or for different provinces where a city is not told."""
    city, province = column.coded["city"], column.coded["province"]
    return differ(city, a, b) | differ(province, a, b)


def equal_company(reading: Reading) -> Sequence[str]:
    """A short name that equals itself is a short name still, and one that fits many firms tells little."""
    parts = reading.parts
    told = zip(*(parts[name] for name in ("script", "form", "brand", "trade", "city", "province", "generic")), strict=True)
    out = []
    for script, form, brand, trade, city, province, generic in told:
        named = bool(trade) or (script == "la" and len(brand) >= WORD)
        whole = script == "la" or province or len(brand) >= LONG
        sure = (form and whole) or (script == "zh" and city and trade)
        out.append("same" if sure else "part" if generic else "trimmed" if named else "short")
    return out


COMPANY = Family(read_company, compare_company, equal_company, whole=True)
