"""Characters: width, invisible ones, traditional forms, sound."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

from crmetl.clean.tables import words

_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_SPACES = dict.fromkeys((0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_BREAKS = {0x000B: "\n", 0x000C: "\n", 0x0085: "\n", 0x2028: "\n", 0x2029: "\n"}
_SMALL = str.maketrans(
    {**_WIDE, **_SPACES, **_BREAKS, 0xFF0D: "-", 0xFF20: "@", 0xFF0E: ".", 0xFF05: "%", 0xFF0B: "+", 0xFF0F: "/"}
)

INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    "|(?<![\u0600-\u06ff\u0900-\u0dff])\u200c"
    "|(?<![\u0900-\u0dff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d"
)
"""Control, format and byte-order characters; joiners stay where a script or an emoji needs them."""

_COMPATIBLE = re.compile("[\u2e80-\u2fd5\uf900-\ufaff\uff61-\uff9f\U0002f800-\U0002fa1f]+")
"""Radicals and compatibility ideographs that look like ordinary ones and compare unequal; half-width kana."""

TIDY_SIGNS = "!-~\u2014\u2018-\u201d\u2026\u3001\u3002\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f"
_TIDY = f"[{TIDY_SIGNS}\u4e00-\u9fff]+"
_PLAIN = re.compile(f"{_TIDY}(?: {_TIDY})*")
"""Printable ASCII, common ideographs and Chinese marks with single blanks: tidy as they are."""
_BLANKS = re.compile(r"[ \t\r\n]+")
_LINE = re.compile(r"[ \t]*\r?\n[ \t]*|\r")
_MANY_LINES = re.compile(r"\n{3,}")
_RUN = re.compile(r"[ \t]+")
CJK = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")


def has_cjk(text: str) -> bool:
    """
    Say whether a text holds a Chinese character.

    >>> has_cjk("TCL 集团"), has_cjk("Acme")
    (True, False)
    """
    return CJK.search(text) is not None


def unwidth(text: str) -> str:
    """
    Write wide letters and digits, wide blanks and look-alike ideographs in their usual form; ①, ㎡ and Chinese marks stay.

    Source: Unicode Standard Annex 15 (NFKC), restricted to characters where the change loses nothing.

    >>> unwidth("ＡＢＣ１２３\u3000①期，㎡")
    'ABC123 ①期，㎡'
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text).translate(_SMALL)
    return _COMPATIBLE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def visible(text: str) -> str:
    """
    Take out characters that nobody can see.

    >>> visible("上海\u200b华信\ufeff")
    '上海华信'
    """
    return INVISIBLE.sub("", text)


def one_line(text: str) -> str:
    r"""
    Put a cell on one line with single blanks.

    >>> one_line(" 上海\n 华信 ")
    '上海 华信'
    """
    return _BLANKS.sub(" ", text).strip(" ")


def lines_kept(text: str) -> str:
    r"""
    Take surplus blanks out of running text; its line breaks stay.

    >>> lines_kept("第一行 \r\n第二行\t完")
    '第一行\n第二行 完'
    """
    return _MANY_LINES.sub("\n\n", _RUN.sub(" ", _LINE.sub("\n", text))).strip()


def tidy(text: str, *, free: bool = False) -> str:
    """
    Return a cell without the accidents of width, invisible characters and blanks; the first step of every type.

    Args:
        text: The cell.
        free: Running text: line breaks stay.

    >>> tidy(" ０２１－６１２３\u200b4567 ")
    '021-61234567'
    """
    if _PLAIN.fullmatch(text):
        return text
    seen = visible(unwidth(text))
    return lines_kept(seen) if free else one_line(seen)


def half_width(text: str) -> str:
    """
    Return the whole NFKC form; for cells whose punctuation means nothing by itself (numbers, dates, addresses of mail).

    >>> half_width("（０２１）６１２３４５６７")
    '(021)61234567'
    """
    return text if text.isascii() else _RUN.sub(" ", unicodedata.normalize("NFKC", text)).strip() or text


KEPT = frozenset("乾沈於")
"""Characters of names that a general conversion rewrites: 巨乾电子 is not 巨干电子, 沈思 is not 沉思."""

_VARIANTS = words("variant_character")
"""Variant characters seen in names; OpenCC leaves some of them."""


@cache
def _conversion() -> Callable[[str], str]:
    from opencc import OpenCC  # noqa: PLC0415 most texts never need it, and its tables are slow to load

    converted: Callable[[str], str] = OpenCC("t2s").convert
    return converted


class _Simple(dict[int, str]):
    """Code point -> simplified character, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        simple = _VARIANTS.get(char) or (char if char in KEPT or _in_gb2312(char) else _conversion()(char))
        self[code] = simple
        return simple


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


_SIMPLE = _Simple()


def fold(text: str) -> str:
    """
    Write traditional characters in their simplified form, for comparison.

    Only characters outside GB2312 are converted, one by one: a conversion of whole words changes names.

    >>> fold("臺灣電子"), fold("北京巨乾電子"), fold("沈思")
    ('台湾电子', '北京巨乾电子', '沈思')
    """
    return text if text.isascii() else text.translate(_SIMPLE)


class _Sound(dict[int, str]):
    """Code point -> pinyin without tones, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = sound = _sounds(char) if CJK.match(char) else char
        return sound


def _sounds(char: str) -> str:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 Western texts never need it, and its dictionary is slow to load

    found: list[str] = lazy_pinyin(char, errors="ignore")
    return found[0] if found else char


_SOUND = _Sound()


@lru_cache(maxsize=65536)
def pinyin(text: str) -> str:
    """
    Return how a text sounds: each character by itself, so that equal characters always sound equal; Latin letters in lower case.

    >>> pinyin("华信"), pinyin("TCL集团")
    ('huaxin', 'tcljituan')
    """
    return fold(text).translate(_SOUND).casefold()


def at_rest(step: Callable[[str], str], text: str) -> str:
    """
    Apply a step until it changes nothing more, so that cleaning twice is cleaning once.

    Args:
        step: Shortens or normalises a text; it comes to rest within a few turns.
        text: To start from; returned as it is where the step does not come to rest.

    >>> at_rest(lambda text: text.removesuffix("!"), "ja!!")
    'ja'
    """
    seen = text
    for _ in range(8):
        after = step(seen)
        if after == seen:
            return seen
        seen = after
    return text
