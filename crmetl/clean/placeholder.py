"""Texts that fill a cell and say nothing."""

import re

from crmetl.clean.script import fold

NOTHING_SAID = frozenset(
    (
        "无 暂无 没有 未知 不详 不明 未填 未填写 待定 待补充 待补 待查 空 空白 空值 无数据 无信息 同上 略 "
        "n/a na n.a. n.a #n/a #null! #value! #ref! #div/0! #name? #num! null none nil nan unknown undefined tbd tba "
        "not available not applicable 不适用 未提供 暂缺 缺 xx xxx xxxx"
    ).split()
    + ["not available", "not applicable", "no data"]
)
"""Of any type; compared in lower case. Common in exports of spreadsheets and of databases."""

PUNCTUATION_ONLY = re.compile(r"[-‐-―—_./\\|*~?？。,，、;；:：!！'\"`()（）\[\]【】<>《》·•…=+\s]+")

DUMMY_NAMES = frozenset(
    "测试 测试客户 测试公司 测试用户 测试联系人 测试数据 test test1 test123 testing tester demo dummy asdf qwerty abc aaa xyz foo".split()
)
DUMMY_LOCALS = frozenset("test none no noemail nomail null na unknown abc aaa a xxx xx admin123 example 无".split())
DUMMY_PHONES = frozenset(
    "13800000000 13800138000 13900000000 13888888888 13999999999 13500000000 13600000000 13700000000 15000000000 18000000000 "
    "18888888888 13812345678 12345678901 12345678 1234567 13000000000 13100000000 123456789 1234567890".split()
)
"""13812345678 is what forms print as their example; 13800138000 is the operator's own voice line."""
DUMMY_DATES = re.compile(
    r"(?:1900[-/.年]0?1[-/.月]0?[01]日?|1899[-/.]12[-/.]3[01]|0{4}[-/.]0{1,2}[-/.]0{1,2}|9999[-/.]12[-/.]31|1970[-/.]0?1[-/.]0?1"
    r"|0?1[-/.]0?1[-/.](?:1900|1970)|12[-/.]31[-/.]9999|19000101|99991231|00000000)(?:[ t]0?0:00(?::00)?(?:\.0+)?z?)?"
)
"""Day zero of spreadsheets, databases and of Unix."""

_NAMES = frozenset({"company_name", "person_name", "given_name", "family_name"})
_DIGITS = re.compile(r"\D+")
_REPEATED = re.compile(r"(\d)\1{5,}")


def _dummy_phone(text: str) -> bool:
    digits = _DIGITS.sub("", text)
    if digits.startswith("86") and len(digits) == 13:
        digits = digits[2:]
    local = digits.lstrip("0")
    return digits in DUMMY_PHONES or _REPEATED.fullmatch(digits) is not None or (len(digits) >= 7 and not local)


def _dummy_email(text: str) -> bool:
    local, _, domain = text.partition("@")
    return bool(domain) and local in DUMMY_LOCALS and domain.split(".")[0] in DUMMY_LOCALS | {"123", "email", "mail", "nowhere"}


def is_placeholder(text: str, kind: str, more: frozenset[str] = frozenset()) -> bool:
    """
    Say whether a tidied cell says nothing.

    Args:
        text: The cell.
        kind: Name of its semantic type; a dummy number is dummy in a phone column only.
        more: The project's own placeholders, in lower case.

    >>> [is_placeholder(text, "phone") for text in ("暂无", "-", "13800000000", "13912345678")]
    [True, True, True, False]
    >>> is_placeholder("test@test.com", "email"), is_placeholder("1900-01-01", "date")
    (True, True)
    """
    low = text if text.islower() else text.lower()
    if low in NOTHING_SAID or low in more or (len(text) < 12 and PUNCTUATION_ONLY.fullmatch(text) is not None):
        return True
    if kind in _NAMES:
        return fold(low) in DUMMY_NAMES
    if kind in {"phone", "mobile"}:
        return len(text) < 20 and _dummy_phone(low)
    if kind == "email":
        return low in DUMMY_NAMES or _dummy_email(low)
    if kind in {"uscc", "tax_id"}:
        return len(set(text)) == 1
    return kind in {"date", "datetime", "date_of_birth"} and DUMMY_DATES.fullmatch(low) is not None
