"""Words of Chinese company names: trades, legal forms, and places, each looked up by where it ends."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from crmetl.clean.divisions import CITIES, COUNTIES, PROVINCES, region_prefix
from crmetl.clean.tables import lines, words

FORMS: Final = words("company_form")
TRADES: Final = frozenset(lines("trade_words.txt"))
_OF_A_PLACE: Final = ("大学", "大厦", "大酒店", "大饭店", "大剧院")
NOISE: Final = re.compile(r"[\s·•.,，。、;；:：'’‘\"“”`~!！?？*#/\\|_—–-]+")


def _lengths(words: Iterable[str]) -> Mapping[str, tuple[int, ...]]:
    """Return the last character of words -> the lengths that words so ending have, longest first."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for word in words:
        found[word[-1]].add(len(word))
    return {tail: tuple(sorted(lengths, reverse=True)) for tail, lengths in found.items()}


_FORM_LENGTHS: Final = _lengths(FORMS)
_TRADE_LENGTHS: Final = _lengths(TRADES)


def form_of(text: str) -> tuple[str, str]:
    """
    Part a name from the legal form at its end; the name keeps at least two characters.

    >>> form_of("华信科技有限责任公司"), form_of("华信科技有限公"), form_of("华信")
    (('华信科技', '有限公司'), ('华信科技', '有限公司'), ('华信', ''))
    """
    for n in _FORM_LENGTHS.get(text[-1:], ()):
        if n <= len(text) - 2 and text[-n:] in FORMS:
            return text[:-n], FORMS[text[-n:]]
    return text, ""


def trade_of(text: str) -> tuple[str, str]:
    """
    Strip trade words from the right, the longest first; the brand keeps at least two characters.

    >>> trade_of("华信电子科技"), trade_of("华信")
    (('华信', '电子科技'), ('华信', ''))
    """
    brand = text
    while True:
        lengths = _TRADE_LENGTHS.get(brand[-1:], ())
        n = next((n for n in lengths if 1 < n <= len(brand) - 2 and brand[-n:] in TRADES), 0)
        if not n:
            return brand, text[len(brand) :]
        brand = brand[:-n]


def only_trade(text: str) -> bool:
    """
    Say whether nothing but trade words stand here, or an institution that is called by its place, so that the place is the brand.

    >>> only_trade("包装材料"), only_trade("大学"), only_trade("大地包装")
    (True, True, False)
    """
    brand, _ = trade_of(text)
    return len(brand) < 2 or brand in TRADES or brand.startswith(_OF_A_PLACE)


def region_word(text: str) -> str:
    """
    Return the short name of a place that is all of `text`, or "".

    >>> region_word("上海市"), region_word("苏州工业园区"), region_word("路桥建设")
    ('上海', '苏州', '')
    """
    if text in ("中国", "中国大陆", "china"):
        return "中国"
    region, rest = region_prefix(text)
    return region if region and not rest else ""


def place_last(text: str, least: int) -> str:
    """
    Return the place that a text ends with and that leaves at least `least` characters before it, or "".

    >>> place_last("华信食品沈阳", 2), place_last("华信食品龙湾区", 2), place_last("华信食品", 2)
    ('沈阳', '龙湾区', '')
    """
    for n in range(min(8, len(text) - least), 1, -1):
        tail = text[-n:]
        if tail in CITIES or tail in PROVINCES or (tail in COUNTIES and tail[-1] in "市区县旗"):
            return tail
    return ""
