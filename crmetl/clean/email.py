"""E-mail addresses: common shapes by a pattern, all others by email-validator, without asking the network."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from crmetl.clean.kind import PLAIN, Cleaned, Context, SemanticType
from crmetl.clean.script import at_rest, half_width
from crmetl.clean.tables import words
from crmetl.faults.clean import EMAIL_DOMAIN_TYPO, EMAIL_SEVERAL, EMAIL_SHAPE
from crmetl.faults.kind import Fault
from crmetl.text import Text

_TAIL: Final = words("email_ending")
"""Endings that no registry has: a slip for .com."""
_SPECIAL: Final = ("arpa", "invalid", "local", "localhost", "onion", "test")
"""Endings that email-validator refuses or treats apart (RFC 6761)."""
REFUSED_ENDINGS: Final = frozenset({*_SPECIAL, *_TAIL})
COMMON: Final = re.compile(
    r"(?=.{6,100}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_]|[.+-](?=[A-Za-z0-9_])){0,63}"
    r"@(?:[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){0,40}\.){1,4}"
    rf"(?!(?:{'|'.join(sorted(REFUSED_ENDINGS))})\Z)[a-z]{{2,24}}",
    re.ASCII,
)
"""A subset of what email-validator accepts and leaves as it is; a test compares the two."""

FREE: Final = frozenset(words("free_mail"))
"""Domains where anybody may have an address; they say nothing of the company."""

ROLES: Final = frozenset(words("role_mail"))
"""Local parts that stand for a desk, not for a person (RFC 2142 and common use)."""

_TYPOS: Final = words("email_typo")
_ANGLE: Final = re.compile(r"<\s*([^<>]*@[^<>]*)>")
_LABEL: Final = re.compile(r"^(?:mailto|e-?mail|mail|电子邮箱|电子邮件|邮箱|邮件)\s*[:=：]\s*", re.IGNORECASE)
_NOTE: Final = re.compile(r"(?<=[a-z])\s*\([^()@]*\)$", re.IGNORECASE)
"""A comment (RFC 5322, 3.2.2) behind the address, mostly whose it is."""
_AT: Final = re.compile(r"\s*(?:[(\[{]\s*at\s*[)\]}]|\s+at\s+)\s*|\s*#\s*(?=[\w-]+\.(?:com|cn|net)\b)", re.IGNORECASE)
_STOP: Final = re.compile(r"[。．｡]|(?<=[a-z0-9])[,，](?=(?:com|cn|net|org|edu)(?:[.,，]cn)?$)", re.IGNORECASE)
_LIST: Final = re.compile(r"[;；/、|\n]+|[,，](?=[^@]+@)|\s+(?=\S+@)")
_EDGE: Final = " \t.,;:'\"<>()[]，。；：“”‘’"


def email_repair(raw: str) -> str:
    """
    Undo what forms and people do to an address: wide signs, blanks, labels, `。` for a dot, `.con`.

    >>> email_repair("ｚｈａｎｇ＠ｈｕａｘｉｎ。com"), email_repair("mailto: Li Na <lina@huaxin.cn>"), email_repair("li@qq.con")
    ('zhang@huaxin.com', 'lina@huaxin.cn', 'li@qq.com')
    """
    return at_rest(_repaired, raw)


def _repaired(raw: str) -> str:
    text = half_width(raw)
    angle = _ANGLE.search(text)
    text = _NOTE.sub("", _LABEL.sub("", angle[1] if angle else text))
    text = _STOP.sub(".", "".join(_AT.sub("@", text).split())).strip(_EDGE)
    head, dot, tail = text.rpartition(".")
    text = head + dot + _TAIL.get(tail.lower(), tail)
    return text or raw


def email_case(raw: str) -> str:
    """
    Write the domain in lower case; the local part keeps its case, which its server may tell apart.

    >>> email_case("Li.Na@HuaXin.COM")
    'Li.Na@huaxin.com'
    """
    local, at, domain = raw.rpartition("@")
    return local + at + domain.lower()


@lru_cache(maxsize=16384)
def email_valid(raw: str) -> str | Fault:
    """
    Return an address as email-validator writes it, or `EMAIL_SHAPE`.

    Source: RFC 5321 and 5322 by way of email-validator, deliverability unchecked.

    >>> email_valid("li@huaxin.com"), email_valid("li@@huaxin").code
    ('li@huaxin.com', 'EMAIL_SHAPE')
    """
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 rare addresses need it, and it is slow to load

    try:
        found = validate_email(raw, check_deliverability=False, test_environment=True).normalized
    except (EmailNotValidError, ValueError):
        return EMAIL_SHAPE
    ending = found.rpartition(".")[2]
    return found if len(ending) > 1 and not ending.isdigit() else EMAIL_SHAPE


def _common(text: str) -> bool:
    return COMMON.fullmatch(text) is not None and len(text.partition("@")[0]) <= 64


def _read(raw: str, _context: Context) -> Cleaned | Fault:
    if _common(raw):
        return Cleaned(raw, notes=_doubt(raw))
    several = split_emails(raw)
    if len(several) > 1:
        answers = [one for one in (_single(part) for part in several) if isinstance(one, Cleaned)]
        if not answers:
            return EMAIL_SHAPE
        first = answers[0]
        return Cleaned(first.value, ("email_first", *first.rules), notes=(*first.notes, EMAIL_SEVERAL), lossy=True)
    return _single(raw)


def _single(raw: str) -> Cleaned | Fault:
    repaired = email_repair(raw)
    text = email_case(repaired)
    value: str | Fault = text if _common(text) else email_valid(text)
    if isinstance(value, Fault):
        return value
    rules = (("email_repair",) if repaired != raw else ()) + (("email_case",) if value != repaired else ())
    return Cleaned(value, rules, notes=_doubt(value))


def _doubt(value: str) -> tuple[Fault, ...]:
    return (EMAIL_DOMAIN_TYPO,) if value.rpartition("@")[2] in _TYPOS else ()


def split_emails(raw: str) -> tuple[str, ...]:
    """
    Part a cell into the addresses it holds.

    >>> split_emails("a@huaxin.com; b@huaxin.com"), split_emails("Li, Na <lina@huaxin.com>")
    (('a@huaxin.com', 'b@huaxin.com'), ('Li, Na <lina@huaxin.com>',))
    """
    if raw.count("@") + raw.count("＠") < 2 or "@@" in raw:
        return (raw,)
    parts = [part.strip() for part in _LIST.split(raw) if "@" in half_width(part)]
    return tuple(parts) if len(parts) > 1 else (raw,)


def email_facts(value: str) -> Mapping[str, str]:
    """
    Return `domain`, and `role` or `free` as "yes" where they hold.

    >>> email_facts("sales@huaxin.com"), email_facts("wangfang@qq.com")
    ({'domain': 'huaxin.com', 'role': 'yes'}, {'domain': 'qq.com', 'free': 'yes'})
    """
    local, _, domain = value.lower().rpartition("@")
    more = {"role": "yes"} if local in ROLES else {}
    return {"domain": domain, **more, **({"free": "yes"} if domain in FREE else {})}


def _normal(value: str) -> str:
    return value.lower()


def _keys(value: str) -> tuple[str, ...]:
    domain = value.lower().rpartition("@")[2]
    return (value.lower(),) if domain in FREE else (value.lower(), "@" + domain)


def email_mask(value: str) -> str:
    """
    Hide the local part behind its first letter.

    >>> email_mask("zhangwei@huaxin.com")
    'z***@huaxin.com'
    """
    local, _, domain = value.rpartition("@")
    return f"{local[:1]}***@{domain}"


def _looks(text: str) -> bool:
    return "@" in half_width(text) and isinstance(_read(text, PLAIN), Cleaned)


EMAIL = SemanticType(
    "email", Text("邮箱", "E-mail"), _read, personal=True, normal=_normal, match=_keys, mask=email_mask, split=split_emails,
    facts=email_facts, recognise=_looks,
)  # fmt: skip
