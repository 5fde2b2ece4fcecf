"""How names of companies are read and compared: by their parts, never as raw text."""

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz

from crmetl.clean import CompanyParts, company_parts
from crmetl.dedupe.compare.codes import NONE, Codes, Levels, Mask
from crmetl.dedupe.compare.columns import Column, Family
from crmetl.dedupe.compare.company_read import heard, read_company
from crmetl.dedupe.compare.measures import agree, both, differ, different, scores, within
from crmetl.dedupe.compare.place import province_of
from crmetl.dedupe.compare.reading import Reading

FAR, NEAR, CLOSE, CONTAINED = 65, 80, 92, 95
"""Ratios of the sorted words of two Latin names; CONTAINED: of the words they have in common with each."""
OTHERWISE = 50
"""Ratio of the letters of two brands below which the one is not the pinyin of the other, whatever slips there are; a name that
follows the sound of a foreign one (美的, Midea) reaches 60."""
LONG = 4
"""Characters from which a Chinese brand names a firm by itself; most have two or three and are shared."""
WORD = 6
"""Letters from which a Latin brand tells as much as a Chinese one with its trade."""


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
    heard_so = mixed & agree(part["latin"], a, b)
    out[mixed & (brand | heard_so)] = column.level("sound")
    out[_spelt_otherwise(column, a, b, mixed & ~heard_so)] = column.level("else")
    alike = out != column.level("else")
    out[(brand & (other_trade | _other_law(column, a, b))) | (heard_so & other_trade)] = column.level("sister")
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
    if heard(alias) != heard(named) or len(set(places)) > 1 or not _shortened(alias.trade, named.trade):
        return ""
    return "trimmed" if alias.trade and named.trade else "short"


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


def _spelt_otherwise(column: Column, a: Codes, b: Codes, where: Mask) -> Mask:
    """
    Say where a brand in Latin letters is the pinyin of another brand than the Chinese one.

    One that no pinyin spells (Siemens) may stand beside any Chinese name.
    """
    spelt = column.reading.parts["spelt"].equals("spelt")
    at = where & (spelt[a] | spelt[b])
    out: Mask = at & (scores(fuzz.ratio, column.reading.parts["latin"].texts, a, b, at) < OTHERWISE)
    return out


def _named_after_city(column: Column, a: Codes, b: Codes) -> Mask:
    """
    Say where one is a branch and the other, without a legal form, is the brand with the branch's city (华信常州).

    Where the firm sits in that city itself, the brand with the city is the firm, unless it names the branch's own place
    (华信常熟, in the city of Suzhou).
    """
    branch, city, seat, form = (column.coded[name] for name in ("branch", "city", "seat", "form"))
    places = column.reading.parts["branch"].texts

    def after(x: Codes, y: Codes) -> Mask:
        out: Mask = (branch[x] >= 0) & (branch[y] < 0) & (form[y] < 0) & (seat[x] >= 0) & (seat[x] == city[y])
        at = np.flatnonzero(out & (seat[x] == city[x]))
        told = zip(places[x[at]].tolist(), column.values[y[at]].tolist(), strict=True)
        out[at] = np.array([place in name for place, name in told], dtype=bool)
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
        less, full = (x, y) if (len(cores[x]), forms[x] != "") <= (len(cores[y]), forms[y] != "") else (y, x)
        if not forms[less] and _shortened(cores[less], cores[full]):
            out["trimmed"][k] = len(cores[less]) > 3
            out["short"][k] = len(cores[less]) <= 3 and len(brands[full]) >= len(cores[less]) + 2
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
