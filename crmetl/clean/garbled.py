"""Text that was written in one encoding and read in another."""

import re
from typing import Final


def _common() -> str:
    """Return the characters of GB2312's first level: the 3,755 most used."""
    return b"".join(bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)).decode("gb2312", "ignore")


COMMON: Final = frozenset(_common()) | frozenset(
    "（）()，。、；：！？·-— 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,&'/#"
)


def _leads() -> str:
    """Return what the first two bytes of common UTF-8 characters look like when they are read as GBK."""
    pairs = (bytes((high, low)).decode("gbk", "ignore") for high in range(0xE4, 0xEA) for low in range(0x80, 0xC0))
    return "".join(pair for pair in pairs if len(pair) == 1)


_UTF8_AS_GBK: Final = re.compile(f"[{re.escape(_leads())}]")
_GBK_AS_LATIN: Final = re.compile("[\u00b0-\u00f7][\u00a1-\u00ff](?:[^\u0100-\uffff]*[\u00b0-\u00f7][\u00a1-\u00ff])?")
_UTF8_AS_LATIN: Final = re.compile("[\u00c3-\u00e9][\u0080-\u00bf\u0152-\u2122]")


def _reread(text: str, wrote: str, read: str) -> str:
    try:
        return text.encode(wrote).decode(read)
    except UnicodeError:
        return ""


def ungarble(text: str) -> str:
    """
    Repair Chinese text that was read in the wrong encoding; accepted only where every character of the result is common.

    >>> ungarble("上海华信科技".encode("utf-8").decode("gbk")), ungarble("上海华信".encode("gbk").decode("latin-1"))
    ('上海华信科技', '上海华信')
    >>> ungarble("Müller & Söhne"), ungarble("上海华信")
    ('Müller & Söhne', '上海华信')
    """
    if text.isascii():
        return text
    tries = []
    if _UTF8_AS_GBK.search(text):
        tries.append(("gbk", "utf-8"))
    if _GBK_AS_LATIN.search(text) and max(text) < "\u0100":
        tries.append(("latin-1", "gbk"))
    if _UTF8_AS_LATIN.search(text):
        tries += [("latin-1", "utf-8"), ("cp1252", "utf-8")]
    for wrote, read in tries:
        found = _reread(text, wrote, read)
        if len(found) >= 2 and found != text and COMMON.issuperset(found) and sum(char > "\u3400" for char in found) >= 2:
            return found
    return text
