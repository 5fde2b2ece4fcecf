"""Company names: written for display, and parsed into region, brand, trade, legal form and branch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from crmetl.clean.company_branch import BRACKETS, brackets, branch_of, seats, whole_office
from crmetl.clean.company_western import FORMS as WESTERN_FORMS
from crmetl.clean.company_western import TRADES as WESTERN_TRADES
from crmetl.clean.company_western import western_parts
from crmetl.clean.company_words import NOISE, form_of, only_trade, place_last, region_word, trade_of
from crmetl.clean.divisions import CITIES, region_prefix
from crmetl.clean.kind import SemanticType, reading, stars
from crmetl.clean.person import surname_of
from crmetl.clean.script import at_rest, fold, half_width, has_cjk, pinyin
from crmetl.text import Text


@dataclass(frozen=True, slots=True)
class CompanyParts:
    """
    What a company's name is made of.

    Attributes:
        region: Short name of the city, or of the province where the name tells no more (`上海`); "" where it tells none.
        brand: What tells the company from others of its trade; simplified characters, or words in lower case.
        trade: Words of what it does, in their order, in Chinese also for English names; "" where it names none.
        form: Legal form in its usual Chinese words (`有限公司`, `股份有限公司`, `集团`, `厂`); `公司` is a short form.
        branch: Name of the branch (`北京分公司`, `春熙店`); "" for the firm itself. A firm and its branch are two.
        alias: Another name that it tells of, as written: a former, a present or a trading name; "" where it tells none.
        whole: Place, brand and trade as they stand, where a place stands in front: it may be the head of the brand instead.
        countries: Of a name in Latin letters, the countries whose law knows its legal form (`AT CH DE`); "" where many do.
        english: The name is written in Latin letters; compare its brand by `sound`.
    """

    region: str
    brand: str
    trade: str
    form: str
    branch: str
    alias: str = field(default="", repr=False)
    whole: str = field(default="", repr=False)
    countries: str = field(default="", repr=False)
    english: bool = False

    @property
    def sound(self) -> str:
        """
        Return the brand as it sounds, without blanks.

        >>> company_parts("上海华信科技有限公司").sound == company_parts("Shanghai Huaxin Technology Co., Ltd.").sound
        True
        """
        return pinyin(self.brand.replace(" ", "").replace("'", ""))


_LETTER: Final = re.compile("[A-Za-z]")
_TWO_SCRIPTS: Final = (
    re.compile(r"^(?P<zh>.*[\u4e00-\u9fff）)])[\s/|-]*[(（]?\s*(?P<la>[A-Za-z][A-Za-z&.,'() -]+)[)）]?$"),
    re.compile(r"^(?P<la>[A-Za-z][A-Za-z&.,'() -]+?)[\s/|-]*[(（]?\s*(?P<zh>[\u4e00-\u9fff]{4}.*?)[)）]?$"),
)


def _chinese_of(name: str) -> str:
    """
    Return the Chinese name of a cell that holds the English one, too.

    >>> _chinese_of("华信科技有限公司 Huaxin Tech Co., Ltd"), _chinese_of("华信贸易Huaxin Trading"), _chinese_of("华信ERP")
    ('华信科技有限公司', '华信贸易', '华信ERP')
    """
    for shape in _TWO_SCRIPTS:
        found = shape.match(name)
        if found and len(words := found["la"].casefold().split()) > 1 and any(_word(one) for one in words[1:]):
            return found["zh"]
    return name


def _word(token: str) -> bool:
    bare = token.strip("().,")
    return bare in WESTERN_FORMS or bare in WESTERN_TRADES


def _region_last(text: str) -> tuple[str, str]:
    """Return text and the city named at its very end (华信科技上海有限公司)."""
    if text.endswith("中国") and len(text) >= 4:
        return text[:-2], "中国"
    for n in (4, 3, 2):
        if len(text) - n >= 4 and text[-n:] in CITIES and text[-n - 1] not in "新老大小":
            return text[:-n], CITIES[text[-n:]][0].short
    place = region_word(text[-2:]) if len(text) > 5 and trade_of(text[:-2])[1] else ""
    return (text[:-2], place) if place else (text, "")


_TYPED_WRONG: Final = re.compile(r"(?<=有限)公[^司]$|(?<=公)司{2,}$")
"""The last character of a legal form as scanners and narrow cells leave it (`有限公可`, `公司司`)."""


def _mended(text: str) -> str:
    """
    Return a name without blanks, with the end of its legal form or its branch as it should be.

    >>> _mended("华信科技 有限公可"), _mended("华信印务南京分公"), _mended("华信萧山区营业部分")
    ('华信科技有限公司', '华信印务南京分公司', '华信萧山区营业部')
    """
    text = whole_office(NOISE.sub("", text))
    if text.endswith("有") and trade_of(text[:-1])[1]:
        return text[:-1]
    found = _TYPED_WRONG.search(text)
    return text[: found.start()] + ("公司" if found[0][0] == "公" else "司") if found else text


def _a_place_only(text: str, rest: str) -> bool:
    """
    Say whether what stands before the rest is a place and can be no brand, as it bears the word for a city.

    >>> _a_place_only("嘉兴市健康五金", "健康五金"), _a_place_only("瑞金包装", "包装")
    (True, False)
    """
    return text[: -len(rest)].endswith(("市", "省")) and len(rest) > 3


@lru_cache(maxsize=131072)
def _chinese(name: str, city: str) -> CompanyParts:
    told = brackets(_chinese_of(name) if _LETTER.search(name) else name)
    mended = _mended(told.text)
    text, tail = branch_of(mended, sited=bool(told.region))
    text, form = form_of(text)
    region, behind = told.region, told.behind
    if tail and not behind and not tail.endswith("分") and (region_word(tail) or place_last(tail, 0) == tail):
        behind, tail = tail, ""
    prefix, rest = region_prefix(text, city)
    if prefix and (len(rest) < 2 or (only_trade(rest) and not _a_place_only(text, rest))):
        region, rest = region or (prefix if text.startswith(prefix) and len(rest) != 1 else ""), text
    elif prefix:
        region = prefix if prefix != "中国" or not region else region
    else:
        rest, last = _region_last(rest)
        region = region or last
    region, seat = seats(region, behind)
    brand, trade = trade_of(rest)
    whole = "" if rest == text else text
    form = told.form if told.form == "集团" else form or told.form
    return CompanyParts(region, brand, trade, form, tail or told.branch or seat, told.alias, whole)


@lru_cache(maxsize=131072)
def company_parts(name: str, city: str | None = None) -> CompanyParts:
    """
    Parse a company's name.

    Args:
        name: As written; any width, brackets, Chinese or Western.
        city: Official name of the company's city, where known (`上海市`).

    Returns:
        The parts; `brand` is never empty for a name that holds a letter.
    Cost: Some 10 µs for a Chinese name; equal names are remembered.

    >>> company_parts("北京字节跳动科技有限公司")
    CompanyParts(region='北京', brand='字节跳动', trade='科技', form='有限公司', branch='', english=False)
    >>> company_parts("字节跳动（北京）科技公司")
    CompanyParts(region='北京', brand='字节跳动', trade='科技', form='公司', branch='', english=False)
    >>> company_parts("上海华信科技有限公司北京分公司").branch, company_parts("瑞金包装").brand
    ('北京分公司', '瑞金')
    >>> company_parts("上海华信科技有限公司（原上海华鑫科技）").alias, company_parts("华信超市（春熙店）").branch
    ('上海华鑫科技', '春熙店')
    >>> company_parts("Xiamen Huaxin Electronics Co., Ltd.")
    CompanyParts(region='厦门', brand='huaxin', trade='电子', form='有限公司', branch='', english=True)
    """
    text = fold(half_width(name)).casefold()
    if has_cjk(text):
        return _chinese(text, city or "")
    one = western_parts(text)
    return CompanyParts(one.region, one.brand, one.trade, one.form, one.branch, one.alias, countries=one.countries, english=True)


_CJK_GAP: Final = re.compile(
    r"(?<=[\u3400-\u9fff（）])\s+(?=[\u3400-\u9fff（）A-Za-z0-9])|(?<=[A-Za-z0-9])\s+(?=[\u3400-\u9fff（）])"
)
_OPEN: Final = re.compile(r"\s*[(\[［【〔{｛]\s*")
_CLOSE: Final = re.compile(r"\s*[)\]］】〕}｝]\s*")
_TIGHT: Final = re.compile(r"(?<=[A-Za-z0-9])(?=\()|(?<=\))(?=[A-Za-z0-9])")
_LEAST_HEAD: Final = 4
_NUMBERED: Final = re.compile(r"^\d{1,3}[.、．]\s*(?=[\u4e00-\u9fff])")
_EDGE: Final = " 。，,；;：:、\"'“”‘’*"
_PLAIN: Final = re.compile(r"[\u4e00-\u9fff]+(?:（[\u4e00-\u9fff]+）[\u4e00-\u9fff]*)?")


def company_display(raw: str) -> str:
    """
    Write a company's name as its licence does: Chinese brackets in a Chinese name, no blanks between Chinese characters.

    >>> company_display("字节跳动( 北京 )科技 有限公司。"), company_display("Acme (China) Co.,Ltd")
    ('字节跳动（北京）科技有限公司', 'Acme (China) Co.,Ltd')
    """
    return raw if _PLAIN.fullmatch(raw) else at_rest(_displayed, raw)


def _displayed(raw: str) -> str:
    text = raw.strip(_EDGE)
    if has_cjk(text):
        text = _CLOSE.sub("）", _OPEN.sub("（", text))
        text = _joined(_NUMBERED.sub("", text)).strip(_EDGE)
    else:
        text = _TIGHT.sub(" ", half_width(text))
    return text or raw


def _joined(text: str) -> str:
    """Take out blanks between Chinese characters, but for the one before a person's name (`鹏舟包装 杨璐佳`)."""
    head, _, tail = text.rpartition(" ")
    trade = trade_of(f"##{tail}")[1] or form_of(f"##{tail}")[1]
    person = len(head) >= _LEAST_HEAD and len(tail) in (2, 3) and bool(surname_of(tail)) and not trade
    return f"{_CJK_GAP.sub('', head)} {tail}" if person else _CJK_GAP.sub("", text)


def company_normal(value: str) -> str:
    """
    Return the whole name in its form for comparison.

    >>> company_normal("臺灣華信（上海）有限公司")
    '台湾华信上海有限公司'
    """
    return NOISE.sub("", BRACKETS.sub("", fold(half_width(value)).casefold())) or value


def company_keys(value: str) -> tuple[str, ...]:
    """
    Return the whole name; region, brand, trade and branch; brand and trade.

    >>> company_keys("上海华信科技有限公司")
    ('上海华信科技有限公司', '上海|华信|科技|', '华信|科技|')
    """
    parts = company_parts(value)
    return (
        company_normal(value),
        f"{parts.region}|{parts.brand}|{parts.trade}|{parts.branch}",
        f"{parts.brand}|{parts.trade}|{parts.branch}",
    )


def _facts(value: str) -> Mapping[str, str]:
    parts = company_parts(value)
    return {
        key: text
        for key, text in (
            ("region", parts.region),
            ("brand", parts.brand),
            ("trade", parts.trade),
            ("form", parts.form),
            ("branch", parts.branch),
            ("alias", parts.alias),
        )
        if text
    }


_LOOKS: Final = re.compile(
    r"(?:公司|集团|厂|店|商行|经营部|门市部|事务所|中心|研究院|银行|医院|合作社|工作室)[)）]?$|\b(?:co|ltd|inc|llc|gmbh|corp|limited|plc|group|s\.?a|ag|pty)\b\.?",
    re.IGNORECASE,
)


def _looks(text: str) -> bool:
    return 3 < len(text) < 80 and _LOOKS.search(text) is not None


COMPANY_NAME = SemanticType(
    "company_name", Text("公司名称", "Company name"), reading(company_display, "company_display"),
    normal=company_normal, match=company_keys, mask=stars, facts=_facts,
    recognise=_looks,
)  # fmt: skip
