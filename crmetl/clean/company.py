"""Company names: written for display, and parsed into region, brand, trade, legal form and branch."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from crmetl.clean.company_western import western_parts
from crmetl.clean.divisions import CITIES, COUNTIES, PROVINCES, region_prefix
from crmetl.clean.kind import SemanticType, reading, stars
from crmetl.clean.person import surname_of
from crmetl.clean.script import at_rest, fold, half_width, has_cjk, pinyin
from crmetl.clean.tables import lines, words
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
        branch: Name of the branch (`北京分公司`); "" for the firm itself. A firm and its branch are two.
        english: The name is written in Latin letters; compare its brand by `sound`.
    """

    region: str
    brand: str
    trade: str
    form: str
    branch: str
    english: bool

    @property
    def sound(self) -> str:
        """
        Return the brand as it sounds, without blanks.

        >>> company_parts("上海华信科技有限公司").sound == company_parts("Shanghai Huaxin Technology Co., Ltd.").sound
        True
        """
        return pinyin(self.brand.replace(" ", "").replace("'", ""))


_FORMS: Final = words("company_form")
_TRADES: Final = frozenset(lines("trade_words.txt"))
_BRACKET: Final = re.compile(r"[(（\[【〔{]([^()（）\[\]【】〔〕{}]*)[)）\]】〕}]")
_BRACKETS: Final = re.compile(r"[()（）\[\]【】〔〕{}<>《》「」『』]")
_NOISE: Final = re.compile(r"[\s·•.,，。、;；:：'’‘\"“”`~!！?？*#/\\|_—–-]+")
_NOTE: Final = re.compile(r"^(?:原|曾用名|旧|前身|已|现|注|备注|简称|老客户|新客户|暂|待)")
_TAIL_WORDS: Final = (
    "分公司|分行|支行|分店|分厂|分部|办事处|代表处|营业部|门市部|事业部|项目部|销售部|经营部|服务部|分院|分校|分中心"
)
_BRANCHES: Final = tuple(_TAIL_WORDS.split("|"))
_TAIL: Final = re.compile(
    rf"^(.+?(?:公司|集团|银行|厂|中心|研究院|事务所|医院|大学|合作社))((?:(?!公司).){{0,14}}?(?:{_TAIL_WORDS}))$"
)
_LOOSE_TAIL: Final = re.compile(r"^(.{2,}?)(第?[一二三四五六七八九十\d]*(?:分公司|分行|支行|分店|分厂|办事处|代表处))$")
_LETTER: Final = re.compile("[A-Za-z]")
_ENGLISH_TAIL: Final = re.compile(
    r"^(.*[\u4e00-\u9fff）)])[\s/|-]*[(（]?\s*[A-Za-z][A-Za-z&.,'() -]*"
    r"(?:co|ltd|limited|inc|corp|llc|group)\b[A-Za-z., ]*[)）]?$",
    re.IGNORECASE,
)


def _region_word(text: str) -> str:
    """Return the short name of a place that is all of `text`, or ""."""
    if text in ("中国", "中国大陆", "china"):
        return "中国"
    region, rest = region_prefix(text)
    return region if region and not rest else ""


def _brackets(text: str) -> tuple[str, str, str, str]:
    """Return text without its brackets, and the region, branch and form that stood in them."""
    region = branch = form = ""

    def settle(found: re.Match[str]) -> str:
        nonlocal region, branch, form
        inner = _NOISE.sub("", found[1])
        place = _region_word(inner)
        if place:
            region = region or place
        elif re.search(rf"(?:{_TAIL_WORDS})$", inner):
            branch = branch or inner
        elif inner in _FORMS:
            form = form or _FORMS[inner]
        elif not found.start() or (inner in _TRADES and not _NOTE.match(inner)):
            return inner
        return ""

    return _BRACKETS.sub("", _BRACKET.sub(settle, text)), region, branch, form


def _branch(text: str) -> tuple[str, str]:
    if text.endswith("分"):
        return _cut_short(text)
    if not text.endswith(_BRANCHES):
        return text, ""
    found = _TAIL.match(text)
    if found:
        return found[1], found[2]
    loose = _LOOSE_TAIL.match(text)
    if not loose:
        return text, ""
    head, tail = loose[1], loose[2]
    for n in range(min(8, len(head) - 2), 1, -1):
        if head[-n:] in CITIES or head[-n:] in PROVINCES or (head[-n:] in COUNTIES and head[-1] in "市区县旗"):
            return head[:-n], head[-n:] + tail
    return head, tail


def _cut_short(text: str) -> tuple[str, str]:
    """
    Return a name and the branch that a narrow cell cut short.

    >>> _cut_short("华信食品沈阳分"), _cut_short("华信十分")
    (('华信食品', '沈阳分'), ('华信十分', ''))
    """
    head = text[:-1]
    for n in range(min(8, len(head) - 2), 1, -1):
        if head[-n:] in CITIES or head[-n:] in PROVINCES:
            return head[:-n], f"{head[-n:]}分"
    return text, ""


def _lengths(words: Iterable[str]) -> Mapping[str, tuple[int, ...]]:
    """Return the last character of words -> the lengths that words so ending have, longest first."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for word in words:
        found[word[-1]].add(len(word))
    return {tail: tuple(sorted(lengths, reverse=True)) for tail, lengths in found.items()}


_FORM_LENGTHS: Final = _lengths(_FORMS)
_TRADE_LENGTHS: Final = _lengths(_TRADES)


def _form(text: str) -> tuple[str, str]:
    for n in _FORM_LENGTHS.get(text[-1:], ()):
        if n <= len(text) - 2 and text[-n:] in _FORMS:
            return text[:-n], _FORMS[text[-n:]]
    return text, ""


def _trade(text: str) -> tuple[str, str]:
    """Strip trade words from the right, the longest first; the brand keeps at least two characters."""
    brand = text
    while True:
        lengths = _TRADE_LENGTHS.get(brand[-1:], ())
        n = next((n for n in lengths if 1 < n <= len(brand) - 2 and brand[-n:] in _TRADES), 0)
        if not n:
            return brand, text[len(brand) :]
        brand = brand[:-n]


def _only_trade(text: str) -> bool:
    brand, _ = _trade(text)
    return len(brand) < 2 or brand in _TRADES or (len(brand) < 4 and brand[:1] == "大")


def _region_last(text: str) -> tuple[str, str]:
    """Return text and the city named at its very end (华信科技上海有限公司)."""
    if text.endswith("中国") and len(text) >= 4:
        return text[:-2], "中国"
    for n in (4, 3, 2):
        if len(text) - n >= 4 and text[-n:] in CITIES and text[-n - 1] not in "新老大小":
            return text[:-n], CITIES[text[-n:]][0].short
    return text, ""


@lru_cache(maxsize=131072)
def _chinese(name: str, city: str) -> CompanyParts:
    english = _ENGLISH_TAIL.match(name) if _LETTER.search(name) else None
    text, region, branch, form = _brackets(english[1] if english else name)
    text, tail = _branch(_NOISE.sub("", text))
    text, found = _form(text)
    prefix, rest = region_prefix(text, city)
    if prefix and (_only_trade(rest) or len(rest) < 2):
        region, rest = region or (prefix if text.startswith(prefix) else ""), text
    elif prefix:
        region = prefix if prefix != "中国" or not region else region
    else:
        rest, last = _region_last(rest)
        region = region or last
    brand, trade = _trade(rest)
    return CompanyParts(region, brand, trade, form if form == "集团" else found or form, tail or branch, english=False)


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
    >>> company_parts("Xiamen Huaxin Electronics Co., Ltd.")
    CompanyParts(region='厦门', brand='huaxin', trade='电子', form='有限公司', branch='', english=True)
    """
    text = fold(half_width(name)).casefold()
    if has_cjk(text):
        return _chinese(text, city or "")
    region, brand, trade, form, branch = western_parts(text)
    return CompanyParts(region, brand, trade, form, branch, english=True)


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
    trade = _trade(f"##{tail}")[1] or _form(f"##{tail}")[1]
    person = len(head) >= _LEAST_HEAD and len(tail) in (2, 3) and bool(surname_of(tail)) and not trade
    return f"{_CJK_GAP.sub('', head)} {tail}" if person else _CJK_GAP.sub("", text)


def company_normal(value: str) -> str:
    """
    Return the whole name in its form for comparison.

    >>> company_normal("臺灣華信（上海）有限公司")
    '台湾华信上海有限公司'
    """
    return _NOISE.sub("", _BRACKETS.sub("", fold(half_width(value)).casefold())) or value


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
