"""What of a company's name is compared: its parts, written so that what means the same reads the same."""

import re
import unicodedata
from functools import lru_cache

from crmetl.clean import CompanyParts, company_parts
from crmetl.clean.divisions import region_prefix
from crmetl.clean.person import surname_of
from crmetl.clean.tables import words
from crmetl.dedupe.compare.codes import Texts, texts
from crmetl.dedupe.compare.place import city_of, province_of
from crmetl.dedupe.compare.reading import Reading
from crmetl.dedupe.compare.sound import is_pinyin, syllables

SHORT_FORM = "公司"
"""A name that ends so leaves the rest of its legal form out."""


def read_company(values: Texts) -> Reading:
    """Read region, brand, trade, legal form and branch, and how the brand sounds."""
    named = [company_parts(one) for one in values]
    script = ["la" if one.english else "zh" for one in named]
    brand = texts([n.brand if s == "zh" else _plain(n.brand).replace(" ", "") for n, s in zip(named, script, strict=True)])
    trade = texts([_trade(one.trade) for one in named])
    sound = texts([heard(one) for one in named])
    head = [one.split(" ") for one in sound]
    city, seat = (
        texts([city_of(place) for place in places]) for places in ([_placed(n) for n in named], [_seat(n.branch) for n in named])
    )
    office = [_office(one.branch) if one.branch else ("", "") for one in named]
    named_as = texts([f"{b} {t[:1]}" for b, t in zip(brand, trade, strict=True)])
    cores = [syllables(b + t) if s == "zh" else "" for b, t, s in zip(brand, trade, script, strict=True)]
    latin = texts([_plain(one.sound) for one in named])
    worded = [_latin_words(n) if s == "la" else [] for n, s in zip(named, script, strict=True)]
    longest = [sorted(one, key=lambda word: (-len(word), word)) for one in worded]
    jumbled = texts(
        ["".join(sorted(b + t)) if s == "zh" or len(b) > 5 else "" for b, t, s in zip(brand, trade, script, strict=True)]
    )
    alias = [heard(company_parts(one.alias)) if one.alias else "" for one in named]
    return Reading(
        parts={
            "brand": brand,
            "sound": sound,
            "latin": latin,
            "core": texts([b + t for b, t in zip(brand, trade, strict=True)]),
            "spelt": texts(["spelt" if s == "la" and is_pinyin(one) else "" for one, s in zip(latin, script, strict=True)]),
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
            "latin": latin,
            "alias": texts([a or h for a, h in zip(alias, sound, strict=True)]),
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
        telling={"latin": texts([s if s == "la" else "" for s in script]), "alias": texts(alias)},
    )


def _placed(named: CompanyParts) -> str:
    """
    Return the place that sets a firm apart from others of its name.

    "(中国)" tells no town of a Chinese firm; of a group abroad, the arms in China and in Shanghai are two.

    >>> _placed(company_parts("华信科技（中国）有限公司")), _placed(company_parts("Acme (China) Ltd"))
    ('', '中国')
    """
    nowhere = named.region == named.brand or (named.region == "中国" and not named.english)
    return "" if nowhere else named.region


_TIDY = str.maketrans({"ß": "ss", "ø": "o", "æ": "a", "œ": "o", "ł": "l", "đ": "d", "'": ""})
_UMLAUT = re.compile("([aou])e(?![aeiou])")
_PLURAL = re.compile(r"\b(\w{4,}[^s\W])s\b")


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


def heard(named: CompanyParts) -> str:
    """Return how a brand sounds: syllables of a Chinese one, the sorted words of a Latin one."""
    return " ".join(sorted(_plain(named.brand).split())) if named.english else syllables(named.brand)
