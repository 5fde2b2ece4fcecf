"""How names of companies are read and compared: by their parts, never as raw text."""

import re
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz

from crmetl.clean import CompanyParts, company_parts
from crmetl.clean.divisions import region_prefix
from crmetl.dedupe.columns import Codes, Column, Family, Levels, Mask, Reading, Texts, texts
from crmetl.dedupe.measures import agree, both, differ, different, scores, within
from crmetl.dedupe.place import city_of, province_of
from crmetl.dedupe.sound import syllables

FAR, NEAR, CLOSE, CONTAINED = 65, 80, 92, 95
"""Ratios of the sorted words of two Latin names; CONTAINED: of the words they have in common with each."""
SHORT_FORM = "公司"
"""A name that ends so leaves the rest of its legal form out."""


def read_company(values: Texts) -> Reading:
    """Read region, brand, trade, legal form and branch, and how the brand sounds."""
    named = [company_parts(one) for one in values]
    brand, trade = (texts([getattr(one, part) for one in named]) for part in ("brand", "trade"))
    script = ["la" if one.english else "zh" for one in named]
    sound = texts([syllables(b) if s == "zh" else " ".join(sorted(b.split())) for b, s in zip(brand, script, strict=True)])
    head = [one.split(" ") for one in sound]
    city, seat = (
        texts([city_of(place) for place in places]) for places in ([n.region for n in named], [_seat(n.branch) for n in named])
    )
    named_as = texts([f"{b} {t[:1]}" for b, t in zip(brand, trade, strict=True)])
    cores = [syllables(b + t) if s == "zh" else "" for b, t, s in zip(brand, trade, script, strict=True)]
    foreign = {one.sound for one, s in zip(named, script, strict=True) if s == "la"}
    worded = [_latin_words(n) if s == "la" else [] for n, s in zip(named, script, strict=True)]
    longest = [sorted(one, key=lambda word: (-len(word), word)) for one in worded]
    jumbled = texts(["".join(sorted(b + t)) if s == "zh" else "" for b, t, s in zip(brand, trade, script, strict=True)])
    return Reading(
        parts={
            "brand": brand,
            "sound": sound,
            "latin": texts([one.sound for one in named]),
            "core": texts([b + t for b, t in zip(brand, trade, strict=True)]),
            "jumbled": jumbled,
            "start": texts([(b + t)[:2] if s == "zh" else "" for b, t, s in zip(brand, trade, script, strict=True)]),
            "first": texts([one[:1] for one in brand]),
            "last": texts([one[-1:] for one in brand]),
            "trade": trade,
            "trade_head": texts([one[:1] for one in trade]),
            "seated": texts([s or c for s, c in zip(seat, city, strict=True)]),
            "form": texts(["form" if one.form not in ("", SHORT_FORM) else "" for one in named]),
            "branch": texts([_office(one.branch) for one in named]),
            "whole": texts(
                [n.region + n.brand + n.trade if s == "zh" and n.region else "" for n, s in zip(named, script, strict=True)]
            ),
            "city": city,
            "seat": seat,
            "province": texts([province_of(one.region) for one in named]),
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
            "latin": texts([one.sound if one.sound in foreign else "" for one in named]),
        },
        weak={
            "trade_first": texts([f"{t} {h[0]}" if t else "" for t, h in zip(trade, head, strict=True)]),
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


_FORMS = """
saint st; school sch; center ctr cntr centre; medical med; department dept; international intl; national natl;
association assn assoc; services svc svcs service; manufacturing mfg; university univ; hospital hosp; building bldg;
company co; and n; brothers bros; elementary elem; community comm; street str; junior jr; senior sr; restaurant rest rstrnt;
pharmacy pharm; technology tech technologies; systems sys system; engineering eng; group grp; management mgmt; number no nr
"""
_LONG = {form: group.split()[0] for group in _FORMS.split(";") for form in group.split()}
"""Short forms of words in Latin names -> the word."""


def _latin_words(named: CompanyParts) -> list[str]:
    """Return the words of a Latin name without its legal form, short forms written out."""
    return [_LONG.get(one, one) for one in f"{named.region} {named.brand} {named.trade}".replace("'", "").split()]


def _seat(branch: str) -> str:
    """
    Return the place in a branch's name, or "".

    >>> _seat("常州分公司"), _seat("")
    ('常州', '')
    """
    return region_prefix(branch)[0] if branch else ""


def _office(branch: str) -> str:
    """
    Return what tells a branch from the other branches of its firm: its place, or else its name without what every branch has.

    >>> _office("常州分公司"), _office("常州市分"), _office("洞头区分公司"), _office("第二分公司"), _office("分公司")
    ('常州', '常州', '洞头', '第二', '分')
    """
    rest = re.sub(r"(?:分公司|办事处|代表处|营业部|分行|支行|分店|分厂|分部|分)$", "", branch)
    return re.sub(r"[市区县]$", "", rest) or branch[:1]


def compare_company(column: Column, a: Codes, b: Codes) -> Levels:
    """Compare brands, then let trade, city and branch contradict."""
    part = column.coded
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    latin = (column.reading.parts["script"] == "la").astype(bool)
    mixed = latin[a] != latin[b]
    near = _near(column, a, b, latin)
    for name, mask in _worded(column, a, b, latin[a] & latin[b]).items():
        out[mask] = column.level(name)
    for name in ("part", "edit", "sound"):
        out[near[name]] = column.level(name)
    brand = agree(part["brand"], a, b)
    out[brand] = column.level("part")
    out[brand & _short(column, a, b)] = column.level("short")
    out[brand & agree(part["trade"], a, b)] = column.level("trimmed")
    out[brand & _short(column, a, b) & both(part["trade"], a, b)] = column.level("trimmed")
    for level, mask in _stripped(column, a, b).items():
        out[mask & ~brand] = column.level(level)
    out[~brand & _swallowed(column, a, b)] = column.level("trimmed")
    out[brand & _full(column, a, b)] = column.level("same")
    out[mixed] = column.level("other_script")
    out[mixed & (brand | agree(part["latin"], a, b))] = column.level("sound")
    alike = out != column.level("else")
    out[brand & _other_trade(column, a, b)] = column.level("sister")
    out[alike & _elsewhere(column, a, b)] = column.level("other_city")
    other = part["branch"][a] != part["branch"][b]
    nick = brand & _named_after_city(column, a, b)
    out[nick & (out != column.level("sister"))] = column.level("short")
    out[alike & other & ~nick] = column.level("other_branch")
    return out


def _worded(column: Column, a: Codes, b: Codes, where: Mask) -> dict[str, Mask]:
    """Say how Latin names are alike by their words, the loosest first."""
    words = column.reading.parts["words"]
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


def _near(column: Column, a: Codes, b: Codes, latin: Mask) -> dict[str, Mask]:
    """Say which brands that differ are near each other, and how."""
    part = column.coded
    fits = ~_other_trade(column, a, b)
    share = agree(part["first"], a, b) | agree(part["last"], a, b)
    brands, cores = column.reading.parts["brand"], column.reading.parts["core"]
    slip = (within(1, brands, a, b, share) & fits) | within(1, cores, a, b, share)
    slip |= agree(part["jumbled"], a, b)
    words = latin[a] & latin[b]
    slip |= words & (scores(fuzz.token_sort_ratio, brands, a, b, words) >= 90)
    contained = share & fits & (scores(fuzz.partial_ratio, brands, a, b, share) >= 99.9)
    return {"part": contained, "edit": slip, "sound": fits & agree(part["sound"], a, b)}


def _stripped(column: Column, a: Codes, b: Codes) -> dict[str, Mask]:
    """
    Say where one side, without a legal form, is the other with words left out, wherever a parser puts the end of the brand.

    A short name of brand and trade words is `trimmed`; of the brand alone, `short` when what follows it is long enough
    to be a trade (two characters and more).
    """
    out = {level: np.zeros(len(a), dtype=bool) for level in ("short", "trimmed")}
    at = np.flatnonzero(agree(column.coded["start"], a, b) & _short(column, a, b))
    cores, brands, forms = (column.reading.parts[name] for name in ("core", "brand", "form"))
    for k, x, y in zip(at.tolist(), a[at].tolist(), b[at].tolist(), strict=True):
        short, full = (x, y) if (len(cores[x]), forms[x] != "") <= (len(cores[y]), forms[y] != "") else (y, x)
        if not forms[short] and _shortened(cores[short], cores[full]):
            out["trimmed"][k] = len(cores[short]) > 3
            out["short"][k] = len(cores[short]) <= 3 and len(brands[full]) >= len(cores[short]) + 2
    return out


def _other_trade(column: Column, a: Codes, b: Codes) -> Mask:
    """Say where both name a trade, and neither trade is short for the other."""
    trade = column.coded["trade"]
    out = differ(trade, a, b)
    at = np.flatnonzero(out)
    names = dict(zip(trade.tolist(), column.reading.parts["trade"].tolist(), strict=True))
    pairs, back = different(trade[a[at]], trade[b[at]])
    other = np.array([not _shortened(names[x], names[y]) for x, y in pairs.tolist()], dtype=bool)
    out[at] = other[back]
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


def _full(column: Column, a: Codes, b: Codes) -> Mask:
    """
    Say where trades are equal and both names are complete, or name the same place.

    Source: one registry does not give a second firm the same brand and trade (Rules on Enterprise Name Registration, 2021).
    """
    part = column.coded
    placed = (part["province"][a] >= 0) == (part["province"][b] >= 0)
    whole: Mask = both(part["form"], a, b) & placed
    out: Mask = (part["trade"][a] == part["trade"][b]) & (whole | (agree(part["city"], a, b) & (part["trade"][a] >= 0)))
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
    """A short name that equals itself is a short name still."""
    parts = reading.parts
    telling = zip(parts["trade"], parts["form"], parts["script"], parts["brand"], strict=True)
    return [
        "same" if form or (script == "la" and " " in brand) else "trimmed" if trade else "short"
        for trade, form, script, brand in telling
    ]


COMPANY = Family(read_company, compare_company, equal_company, whole=True)
