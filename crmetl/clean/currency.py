"""Currencies by code, name or sign."""

from functools import lru_cache
from typing import Final

from crmetl.clean.kind import SemanticType, reading
from crmetl.clean.script import fold, half_width
from crmetl.clean.tables import words
from crmetl.faults.clean import CURRENCY_UNKNOWN
from crmetl.faults.kind import Fault
from crmetl.text import Text

CODES: Final = frozenset(words("currency_code"))
"""ISO 4217, those in circulation that trade uses."""
_NAMES: Final = words("currency_name")
_SIGNS: Final = {
    "$": frozenset({"USD", "HKD", "CAD", "AUD", "SGD", "NZD", "TWD", "MXN", "BND", "FJD"}),
    "¥": frozenset({"CNY", "JPY"}),
    "元": frozenset({"CNY", "HKD", "TWD", "USD", "MOP", "SGD", "AUD", "CAD"}),
}
"""Signs that several currencies share; the column's declared one decides."""


@lru_cache(maxsize=1024)
def currency_code(name: str) -> str:
    """
    Return the ISO 4217 code of a currency, or "".

    >>> currency_code("人民币"), currency_code("us$"), currency_code("eur"), currency_code("贝壳")
    ('CNY', 'USD', 'EUR', '')
    """
    text = fold(half_width(name)).lower().strip()
    return text.upper() if text.upper() in CODES else _NAMES.get(text, "")


def symbol_currency(sign: str, declared: str | None) -> str:
    """
    Return the currency of a sign beside an amount.

    >>> symbol_currency("$", None), symbol_currency("$", "HKD"), symbol_currency("¥", "JPY")
    ('USD', 'HKD', 'JPY')
    """
    if declared and declared in _SIGNS.get(sign[:1] if sign in ("元整", "圆整", "圆") else sign, ()):
        return declared
    return currency_code(sign)


def currency(raw: str) -> str | Fault:
    """
    Return the code of a currency, or `CURRENCY_UNKNOWN`.

    >>> currency("RMB"), currency("贝壳").code
    ('CNY', 'CURRENCY_UNKNOWN')
    """
    return currency_code(raw) or CURRENCY_UNKNOWN


CURRENCY = SemanticType("currency", Text("币种", "Currency"), reading(currency, "currency"))
