"""Text that was written in one encoding and read in another."""

import re
from typing import Final

from crmetl.clean.script import at_rest


def _gb2312(first: int, last: int) -> frozenset[str]:
    """Return the characters of some rows of GB2312: the common ones stand in rows 0xB0 to 0xD7, the others behind them."""
    pairs = (bytes((high, low)) for high in range(first, last) for low in range(0xA1, 0xFF))
    return frozenset(b"".join(pairs).decode("gb2312", "ignore"))


COMMON: Final = _gb2312(0xB0, 0xD8)
"""The 3,755 most used characters (GB2312, first level)."""
_KNOWN: Final = COMMON | _gb2312(0xD8, 0xF8)
_MARKS: Final = frozenset("（）()【】《》，。、；：！？·-—…“”‘’　 0123456789.,&'/#+@:;!?\"%*_~\n\r\t￥¥") | frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)
_WESTERN: Final = frozenset("ÀÁÂÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœŒ’‘“”–—…€°·«»£®©™§") | frozenset(
    map(chr, range(0x20, 0x7F))
)


def _leads() -> str:
    """Return what the first two bytes of common UTF-8 characters look like when they are read as GBK."""
    pairs = (bytes((high, low)).decode("gbk", "ignore") for high in range(0xE4, 0xEA) for low in range(0x80, 0xC0))
    return "".join(pair for pair in pairs if len(pair) == 1)


LEADS: Final = _leads()
"""None of them is common, so that a text without them needs no second look."""
_UTF8_AS_GBK: Final = re.compile(f"[{LEADS}]")
_GBK_AS_LATIN: Final = re.compile("[\u00b0-\u00f7][\u00a1-\u00ff](?:[^\u0100-\uffff]*[\u00b0-\u00f7][\u00a1-\u00ff])?")
_UTF8_AS_LATIN: Final = re.compile("[\u00c2-\u00e9][\u0080-\u00bf\u0152-\u2122]")
_LOST: Final = re.compile("[\u4e00-\u9fff][?？]+[\u4e00-\u9fff]")
_LEAD_SHARE: Final = 1 / 3
"""Of the characters of a text that is beyond repair; a name of three rare characters stays below it."""


def _windows(text: str) -> bytes:
    """Encode as Windows does: code page 1252, and its five unassigned bytes as themselves."""
    return b"".join(char.encode("latin-1") if char < "\u0100" else char.encode("cp1252") for char in text)


def _gbk(text: str) -> bytes:
    """Encode as Windows' code page 936: its private area, and the euro sign for the byte 0x80."""
    return b"\x80".join(part.encode("gb18030") for part in text.split("€"))


def _is_chinese(text: str) -> bool:
    """Say whether a text is such as people write: known characters, most of them common."""
    han = [char for char in text if char > "\u3400" and char not in _MARKS]
    return (
        len(han) >= 2
        and _KNOWN.issuperset(han)
        and _MARKS.issuperset(set(text) - set(han))
        and 2 * sum(char in COMMON for char in han) >= len(han)
    )


def _is_western(text: str) -> bool:
    return _WESTERN.issuperset(text)


def _tried(text: str) -> str:
    try:
        if _UTF8_AS_GBK.search(text) and _is_chinese(found := _gbk(text).decode("utf-8")):
            return found
    except UnicodeError:
        pass
    try:
        if _UTF8_AS_LATIN.search(text):
            found = _windows(text).decode("utf-8")
            if _is_chinese(found) or _is_western(found):
                return found
    except UnicodeError:
        pass
    try:
        if max(text) < "\u0100" and _GBK_AS_LATIN.search(text) and _is_chinese(found := text.encode("latin-1").decode("gbk")):
            return found
    except UnicodeError:
        pass
    return text


def ungarble(text: str) -> str:
    """
    Repair text that was read in the wrong encoding; accepted only where the result is such as people write.

    Chinese that was read as Latin-1 or as Windows' 1252, UTF-8 that was read as GBK, and Western letters in two characters each.

    >>> ungarble("上海华信科技".encode("utf-8").decode("gbk")), ungarble("上海鑫淼".encode("gbk").decode("latin-1"))
    ('上海华信科技', '上海鑫淼')
    >>> ungarble("MÃ¼ller & SÃ¶hne"), ungarble("Müller & Söhne"), ungarble("上海华信")
    ('Müller & Söhne', 'Müller & Söhne', '上海华信')
    """
    if text.isascii():
        return text
    return at_rest(_tried, text)


def is_garbled(text: str) -> bool:
    """
    Say whether a text holds the traces of bytes that are lost, so that nothing can repair it.

    >>> is_garbled("锟斤拷锟斤拷"), is_garbled("上海\ufffd信"), is_garbled("上海华信"), is_garbled("涓婃捣鍗庝俊绉戞妧鏈?")
    (True, True, False, True)
    """
    if "\ufffd" in text or "锟斤拷" in text:
        return True
    leads = len(_UTF8_AS_GBK.findall(text))
    return leads > 2 and leads >= _LEAD_SHARE * len(text)


def has_lost_characters(name: str) -> bool:
    """
    Say whether a question mark stands for a character inside a Chinese name.

    >>> has_lost_characters("上海?技"), has_lost_characters("真的?")
    (True, False)
    """
    return "?" in name and _LOST.search(name) is not None
