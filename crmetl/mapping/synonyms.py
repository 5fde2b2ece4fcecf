"""Headings people use, Chinese, English and pinyin, and the field of the default schema that each means."""

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import NamedTuple

_UNIT = re.compile(r"[(\[【](?P<unit>[^()\[\]【】]*)[)\]】]")
_NOISE = re.compile(r"[\s_\-*:.#]+")
_NUMBER = re.compile(r"\d+$")


WIDE = frozenset({"编号", "编码", "代码", "id", "code", "no", "number"})
"""Headings that say that something is numbered, not what."""


class Meaning(NamedTuple):
    """The field that a heading means, and whether the heading says so in full."""

    target: str
    sure: bool


def plain(heading: str) -> str:
    """
    Return a heading without width, case, unit and decoration.

    >>> plain("E-mail_Address "), plain("＊客户名称（必填）"), plain("累计成交(万元)")
    ('emailaddress', '客户名称', '累计成交')
    """
    narrow = unicodedata.normalize("NFKC", heading).casefold()
    return _NOISE.sub("", _UNIT.sub("", narrow))


def unit_of(heading: str) -> str | None:
    """
    Return what stands in brackets after a heading.

    >>> unit_of("金额（万元）"), unit_of("金额")
    ('万元', None)
    """
    found = _UNIT.search(unicodedata.normalize("NFKC", heading))
    return found["unit"] if found else None


@cache
def synonyms() -> dict[str, str]:
    """Return plain heading -> `entity.field`, `entity.key` for a number that identifies."""
    text = files("crmetl.mapping").joinpath("synonyms.csv").read_text(encoding="utf-8")
    return {plain(line["heading"]): line["target"] for line in csv.DictReader(StringIO(text))}


def meaning(heading: str) -> Meaning | None:
    """
    Return what a heading means; of a two-level heading the levels together, then the lower one.

    >>> meaning("客户/名称"), meaning("联系方式/邮箱"), meaning("电话2"), meaning("khbh"), meaning("甲")
    (Meaning(target='account.name', sure=True), Meaning(target='contact.email', sure=False), \
Meaning(target='account.phone', sure=False), Meaning(target='account.key', sure=True), None)
    """
    levels = heading.split("/")
    whole, last = plain("".join(levels)), plain(levels[-1])
    if whole in synonyms():
        return Meaning(synonyms()[whole], sure=whole not in WIDE)
    for guess in (last, _NUMBER.sub("", last)):
        if guess in synonyms():
            return Meaning(synonyms()[guess], sure=False)
    return None
