"""Running text, codes and web addresses: the types whose cells mostly stay as they were."""

import re
from collections.abc import Mapping
from typing import Final

from crmetl.clean.kind import Cleaned, Context, SemanticType, reading, stars
from crmetl.clean.phone import phone_stored_as_number
from crmetl.clean.script import fold, half_width
from crmetl.faults.clean import URL_SHAPE
from crmetl.faults.kind import Fault
from crmetl.text import Text


def _read(raw: str, _context: Context) -> Cleaned | Fault:
    return Cleaned(raw)


def text_normal(value: str) -> str:
    """
    Return a text in its form for comparison.

    >>> text_normal("華信　第１期")
    '华信第1期'
    """
    return "".join(fold(half_width(value)).casefold().split()) or value


_FLOAT: Final = re.compile(r"^(\d+)\.0+$", re.ASCII)


def _read_code(raw: str, _context: Context) -> Cleaned | Fault:
    text = half_width(raw) if len(raw) < 64 else raw
    value = _FLOAT.sub(r"\1", text) if text.endswith("0") else phone_stored_as_number(text)
    if isinstance(value, Fault):
        return value
    return Cleaned(value, () if value == raw else ("id_code",))


_URL: Final = re.compile(
    r"(?:([a-z][a-z0-9+.-]*)://)?((?:[\w-]+\.)+[\w-]{2,}|localhost|\d+(?:\.\d+){3})(:\d+)?([/?#].*)?", re.IGNORECASE
)
_SCHEME: Final = re.compile(r"^(https?)\s*[:：]\s*[/\\／]{0,3}", re.IGNORECASE)


def url(raw: str) -> str | Fault:
    """
    Write a web address with its host in lower case, without blanks and without a lone slash at its end.

    >>> url("HTTP：//WWW.HuaXin.com/"), url("www.huaxin。com"), url("www").code
    ('http://www.huaxin.com', 'www.huaxin.com', 'URL_SHAPE')
    """
    text = "".join(half_width(raw).replace("。", ".").split())
    text = _SCHEME.sub(lambda found: found[1].lower() + "://", text)
    found = _URL.fullmatch(text)
    if not found:
        return URL_SHAPE
    scheme = f"{found[1].lower()}://" if found[1] else ""
    tail = "" if found[4] in (None, "/") else found[4]
    return scheme + found[2].lower() + (found[3] or "") + tail


def domain_of(value: str) -> str:
    """
    Return the domain of a web address, without www.

    >>> domain_of("http://www.huaxin.com/about")
    'huaxin.com'
    """
    found = _URL.fullmatch(value)
    return found[2].lower().removeprefix("www.") if found else ""


def _url_keys(value: str) -> tuple[str, ...]:
    return (domain_of(value),)


def _url_facts(value: str) -> Mapping[str, str]:
    domain = domain_of(value)
    return {"domain": domain} if domain else {}


_URL_LOOKS: Final = re.compile(r"(?:https?://|www\.)\S+|(?:[\w-]+\.)+(?:com|cn|net|org|de|uk|io|co)(?:/\S*)?", re.IGNORECASE)
_CODE_LOOKS: Final = re.compile(r"(?=[A-Za-z0-9_./#-]*\d)[A-Za-z0-9][A-Za-z0-9_./#-]{1,39}")


def _url_looks(text: str) -> bool:
    return "@" not in text and _URL_LOOKS.fullmatch(text) is not None


def _code_looks(text: str) -> bool:
    return _CODE_LOOKS.fullmatch(text) is not None


def _read_reference(raw: str, _context: Context) -> Cleaned | Fault:
    return Cleaned(raw)


def _never(_text: str) -> bool:
    return False


TEXT = SemanticType("text", Text("文本", "Text"), _read, normal=text_normal, mask=stars, recognise=_never)
LONG_TEXT = SemanticType(
    "long_text",
    Text("长文本", "Long text"),
    _read,
    normal=text_normal,
    mask=stars,
    recognise=lambda text: len(text) > 60,
    free=True,
)
ID_CODE = SemanticType("id_code", Text("编号", "Code"), _read_code, normal=text_normal, mask=stars, recognise=_code_looks)
URL = SemanticType(
    "url", Text("网址", "Web address"), reading(url, "url"), match=_url_keys, facts=_url_facts, recognise=_url_looks
)
REFERENCE = SemanticType("reference", Text("关联", "Reference"), _read_reference, normal=str, recognise=_never)
