"""Short names of companies: which of the known firms a clerk may have meant, and which never."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from crmetl.clean import TYPES, company_parts

_SHORT_FORMS = ("", "公司")
"""Legal forms of a name that is not written out."""
_TELLING = 4
"""Characters from which a Chinese brand names a company by itself; most have two or three and are shared."""


@dataclass(frozen=True, slots=True)
class Firm:
    """
    What a company's name tells of it; "" where it tells nothing.

    Attributes:
        region: Short name of its city or province.
        whole: The name is written out with its legal form.
    """

    region: str
    brand: str
    trade: str
    branch: str
    whole: bool


def firm(name: str, city: str = "") -> Firm:
    """
    Return what a name tells.

    Args:
        name: Canonical company name.
        city: Where the record says the company is; stands in for a place that the name does not tell, but not for a
            branch, which is elsewhere.

    >>> firm("华信科技", "上海市")
    Firm(region='上海', brand='华信', trade='科技', branch='', whole=False)
    """
    parts = company_parts(name)
    region = parts.region or (TYPES["city"].normal(city) if city and not parts.branch else "")
    return Firm(region, parts.brand, parts.trade, parts.branch, whole=parts.form not in _SHORT_FORMS)


def readings(asked: Firm) -> Iterator[Firm]:
    """
    Yield how a short name may be read, the longest brand first: the trade of `迈暖宇纺机` is in no list of words.

    >>> [(one.brand, one.trade) for one in readings(firm("迈暖宇纺机"))]
    [('迈暖宇纺机', ''), ('迈暖宇纺', '机'), ('迈暖宇', '纺机'), ('迈暖', '宇纺机')]
    """
    yield asked
    if not asked.whole and not asked.brand.isascii():
        for length in range(len(asked.brand) - 1, 1, -1):
            yield replace(asked, brand=asked.brand[:length], trade=asked.brand[length:] + asked.trade)


def may_be(asked: Firm, known: Firm) -> bool:
    """
    Say whether a name may stand for a known firm of the same brand.

    Never for the same brand in another place, and never for another trade. A short name may shorten the trade; two names
    that are both written out must agree in it. A short brand alone names nobody: trade or place must
    agree, too. A firm and its
    branch are two, but a branch may be written short, as brand, trade and town.

    >>> may_be(firm("泓彦化工"), firm("无锡泓彦精细化工有限公司")), may_be(firm("浙江泓彦化工"), firm("无锡泓彦化工有限公司"))
    (True, False)
    >>> may_be(firm("穗凌测控常州"), firm("穗凌测控常州分公司")), may_be(firm("上海华信科技公司"), firm("华信科技北京分公司"))
    (True, False)
    >>> may_be(firm("泓彦化工有限公司"), firm("泓彦精细化工有限公司")), may_be(firm("泓彦"), firm("泓彦化工"))
    (False, False)
    >>> may_be(firm("泓彦精细化工有限公司"), firm("泓彦化工")), may_be(firm("泓彦精细化工"), firm("泓彦化工有限公司"))
    (True, False)
    """
    if asked.branch != known.branch:
        short = not asked.branch and not asked.whole and asked.region and known.branch.startswith(asked.region)
        return bool(short) and _same_trade(asked, known)
    if not _same_place(asked.region, known.region):
        return False
    if asked.trade and known.trade:
        return _same_trade(asked, known)
    return bool(asked.region and known.region) or (not asked.brand.isascii() and len(asked.brand) >= _TELLING)


def _same_trade(asked: Firm, known: Firm) -> bool:
    shorter = not asked.whole and _shortens(asked.trade, known.trade)
    written_out = asked.whole and not known.whole and _shortens(known.trade, asked.trade)
    return asked.trade == known.trade or shorter or written_out


def _shortens(short: str, long: str) -> bool:
    """Say whether the letters of one text stand in the other, in their order (`纺机`, `纺织机械`)."""
    rest = iter(long)
    return bool(short) and all(letter in rest for letter in short)


def _same_place(one: str, other: str) -> bool:
    return one == other or not one or not other or _province(one) == other or _province(other) == one


@lru_cache(maxsize=4096)
def _province(city: str) -> str:
    """Return the short name of the province of a city's short name; "" where the table does not know it."""
    region = TYPES["city"].facts(f"{city}市").get("region")
    return TYPES["region"].normal(region) if region else ""
