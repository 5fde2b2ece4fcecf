"""Texts that fill a cell and say nothing."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from crmetl.clean.script import fold
from crmetl.clean.tables import words

NOTHING_SAID: Final = frozenset(words("placeholder"))
"""Of any type; compared in lower case. Common in exports of spreadsheets and of databases."""

PUNCTUATION_ONLY = re.compile(r"[-‐-―—_./\\|*~?？。,，、;；:：!！'\"`()（）\[\]【】<>《》·•…=+\s]+")

DUMMY_NAMES: Final = frozenset(words("dummy_name"))
DUMMY_LOCALS: Final = frozenset(words("dummy_email"))
DUMMY_PHONES: Final = frozenset(words("dummy_phone"))
"""13812345678 is what forms print as their example; 13800138000 is the operator's own voice line."""
DUMMY_DATES = re.compile(
    r"(?:1900[-/.年]0?1[-/.月]0?[01]日?|1899[-/.]12[-/.]3[01]|0{4}[-/.]0{1,2}[-/.]0{1,2}|9999[-/.]12[-/.]31|1970[-/.]0?1[-/.]0?1"
    r"|0?1[-/.]0?1[-/.](?:1900|1970)|12[-/.]31[-/.]9999|19000101|99991231|00000000)(?:[ t]0?0:00(?::00)?(?:\.0+)?z?)?"
)
"""Day zero of spreadsheets, databases and of Unix."""

_LONGEST = max(11, *map(len, NOTHING_SAID))
_LONGEST_DUMMY = max(map(len, DUMMY_NAMES)) + 1
_DUMMY_ENDINGS = frozenset(number[-4:] for number in DUMMY_PHONES)
"""Most numbers are told from dummies by their ending alone."""
_DIGITS = re.compile(r"\D+")
_REPEATED = re.compile(r"(\d)\1{5,}")


def _dummy_phone(text: str) -> bool:
    digits = _DIGITS.sub("", text.removesuffix(".0"))
    local = digits.lstrip("0")
    if local.startswith("86") and len(local) == 13:
        digits = local = local[2:]
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
    length = len(text)
    if length <= _LONGEST or more:
        low = text.lower()
        if low in NOTHING_SAID or low in more:
            return True
        if length < 12 and not text[0].isalnum() and PUNCTUATION_ONLY.fullmatch(text) is not None:
            return True
    dummy = _DUMMY.get(kind)
    return dummy is not None and dummy(text)


def _is_dummy_name(text: str) -> bool:
    return len(text) < _LONGEST_DUMMY and fold(text.lower()) in DUMMY_NAMES


def _is_dummy_number(text: str) -> bool:
    doubtful = text[-4:] in _DUMMY_ENDINGS or text[-1] == text[-2:-1] or text.endswith(".0")
    return doubtful and len(text) < 20 and _dummy_phone(text.lower())


def _is_dummy_address(text: str) -> bool:
    low = text.lower()
    return low in DUMMY_NAMES or _dummy_email(low)


def _is_one_sign(text: str) -> bool:
    return len(set(text)) == 1


def _is_dummy_date(text: str) -> bool:
    return DUMMY_DATES.fullmatch(text.lower()) is not None


_DUMMY: Final[Mapping[str, Callable[[str], bool]]] = {
    **dict.fromkeys(("company_name", "person_name", "given_name", "family_name"), _is_dummy_name),
    **dict.fromkeys(("phone", "mobile"), _is_dummy_number),
    "email": _is_dummy_address,
    **dict.fromkeys(("uscc", "tax_id"), _is_one_sign),
    **dict.fromkeys(("date", "datetime", "date_of_birth"), _is_dummy_date),
}
"""Semantic type -> whether a cell is what people type to get past a required field."""
