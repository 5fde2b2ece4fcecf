"""Texts of a mail, however they are encoded: headers, addresses, dates, bytes of a declared or undeclared charset."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache
from quopri import decodestring
from typing import NamedTuple

from crmetl.extract.encoding import widest

_WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")
"""Encoded word, RFC 2047 section 2; blanks inside, which the standard forbids, are met and read."""
_INNER = re.compile(r"^(.*?)\s*<([^<>\s]+@[^<>\s]+)>\s*$", re.DOTALL)
_SIMPLE = re.compile(r"^\s*(?:([^\"(),:;<>@\\]*?)\s*<)?([\w.+=-]+@[\w.-]+)(?(1)>)\s*$", re.ASCII)
"""`name <address>` or an address alone, with nothing that RFC 5322 gives a meaning: most headers, and ten times faster."""
_ALIASES = {
    "x-gbk": "gb18030", "gb_2312-80": "gb18030", "gb2312-80": "gb18030", "cn-gb": "gb18030", "x-euc-cn": "gb18030",
    "gb18030-2000": "gb18030", "x-sjis": "cp932", "ks_c_5601-1989": "cp949", "x-big5": "big5hkscs", "cn-big5": "big5hkscs",
    "iso-8859-8-i": "iso8859-8", "unicode": "utf-8", "utf8mb4": "utf-8",
}  # fmt: skip
"""Names that mail programs write and Python does not know."""
UNDECLARED = ("utf-8", "gb18030")
"""Tried in this order on bytes of no, or a wrong, declaration; UTF-8 is hardly ever read out of other text by chance."""


class Party(NamedTuple):
    """One address of a header; name "" where it has none."""

    name: str
    address: str

    def __str__(self) -> str:
        """Write it as `Name <address>`, without the characters that lists of parties are cut at."""
        name = " ".join(re.sub(r"[;<>\"]", " ", self.name).split())
        return f"{name} <{self.address}>" if name and name != self.address else self.address


@lru_cache(maxsize=256)
def charset(name: str) -> str | None:
    """
    Return Python's name of a declared charset, the widest of its family; None where nobody knows it.

    >>> charset("GB2312"), charset("x-gbk"), charset("base64"), charset("unknown-8bit")
    ('gb18030', 'gb18030', None, None)
    """
    plain = name.strip("\"' ").split("*")[0].lower()
    try:
        known = widest(_ALIASES.get(plain, plain))
        "a".encode(known)
    except (LookupError, ValueError):
        return None
    return known


def decoded(raw: bytes, declared: str | None) -> str:
    """
    Decode bytes: as declared where that fits, else as they can be read, else with U+FFFD for what cannot.

    >>> decoded("询价".encode("gbk"), "gb2312"), decoded("询价".encode("gbk"), None)
    ('询价', '询价')
    """
    known = charset(declared) if declared else None
    for name in (known, *UNDECLARED):
        if name and not (name == "ascii" and not raw.isascii()):
            try:
                return raw.decode(name).replace("\0", "")
            except UnicodeError:
                continue
    return raw.decode(known or "utf-8", "replace").replace("\0", "")


def _word_bytes(encoding: str, content: str) -> bytes:
    if encoding in "qQ":
        return decodestring(content.replace("_", " ").replace(" ", "=20").encode("ascii", "ignore"))
    plain = re.sub(r"[^A-Za-z0-9+/]", "", content)
    try:
        return b64decode(plain + "=" * (-len(plain) % 4))
    except NotBase64:
        return b64decode(plain[: len(plain) // 4 * 4])


@lru_cache(maxsize=16384)
def header_text(raw: str) -> str:
    """
    Decode a header.

    Neighbouring words of one charset are joined as bytes first: mail programs cut in the middle of a character.

    Args:
        raw: As `email` gives it under compat32: bytes beyond ASCII as surrogates.

    >>> header_text("=?gb2312?B?0a8=?= =?gb2312?B?vNs=?= 2024")
    '询价 2024'
    """
    if "=?" not in raw and raw.isascii():
        return " ".join(raw.split())
    text = raw if raw.isascii() else decoded(raw.encode("utf-8", "surrogateescape"), None)
    out: list[str] = []
    held, held_charset, end = b"", "", 0
    for word in _WORD.finditer(text):
        gap, name = text[end : word.start()], word[1].lower()
        if held and (gap.strip() or name != held_charset):
            out.append(decoded(held, held_charset))
            held = b""
        if gap.strip() or not end:
            out.append(gap)
        held, held_charset, end = held + _word_bytes(word[2], word[3]), name, word.end()
    out += [decoded(held, held_charset) if held else "", text[end:]]
    return " ".join("".join(out).split())


def parties(raws: list[str]) -> list[Party]:
    """
    Return the addresses of the headers of one name.

    >>> parties(["=?utf-8?B?5byg5LiJ?= <Zhang@A.cn>, li@b.cn"])
    [Party(name='张三', address='zhang@a.cn'), Party(name='', address='li@b.cn')]
    """
    return list(_parties(tuple(raws)))


@lru_cache(maxsize=4096)
def _parties(raws: tuple[str, ...]) -> tuple[Party, ...]:
    """Return the addresses; the same people write again and again."""
    out: list[Party] = []
    plain = [_SIMPLE.match(one) for raw in raws for one in raw.split(",")]
    pairs = [(found[1] or "", found[2]) for found in plain if found] if all(plain) else getaddresses(list(raws))
    for name, address in pairs:
        shown, written = header_text(name), address if "@" in address else header_text(address)
        # Some programs encode the whole of `name <address>`.
        inner = _INNER.match(written) if "<" in written else _INNER.match(shown) if "@" not in written else None
        found = (inner[1], inner[2]) if inner else (shown, written)
        if found[1]:
            out.append(Party(found[0].strip("\"' "), found[1].lower().replace(" ", "")))
    return tuple(out)


def moment(raw: str) -> str | None:
    """
    Return a header's date in ISO with its zone; without a zone where the header says that it is unknown (`-0000`).

    >>> moment("Tue, 05 Mar 2024 14:22:10 +0800"), moment("yesterday")
    ('2024-03-05T14:22:10+08:00', None)
    """
    try:
        return parsedate_to_datetime(raw).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
