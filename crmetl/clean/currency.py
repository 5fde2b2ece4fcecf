"""Currencies by code, name or sign."""

from functools import lru_cache
from typing import Final

from crmetl.clean.kind import Cleaned, Context, SemanticType
from crmetl.clean.script import fold, half_width
from crmetl.faults.clean import CURRENCY_UNKNOWN
from crmetl.faults.kind import Fault
from crmetl.text import Text

CODES: Final = frozenset(
    "CNY USD EUR GBP JPY HKD TWD MOP KRW SGD MYR THB VND IDR PHP INR PKR BDT LKR NPR MMK KHR LAK MNT KZT UZS RUB UAH PLN CZK HUF RON BGN "
    "SEK NOK DKK ISK CHF TRY ILS AED SAR QAR KWD BHD OMR JOD EGP ZAR NGN KES GHS MAD TND DZD ETB TZS UGX AUD NZD CAD MXN BRL ARS CLP COP "
    "PEN UYU BOB PYG VES CRC DOP GTQ IRR IQD GEL AMD AZN BYN RSD MKD ALL BAM MDL FJD PGK BND".split()
)
"""ISO 4217, those in circulation that trade uses."""
_NAMES: Final = {
    "人民币": "CNY", "元人民币": "CNY", "rmb": "CNY", "cny": "CNY", "cnh": "CNY", "元": "CNY", "元整": "CNY", "圆": "CNY", "圆整": "CNY", "块": "CNY",
    "块钱": "CNY", "¥": "CNY", "￥": "CNY", "cn¥": "CNY", "rmb¥": "CNY", "renminbi": "CNY", "yuan": "CNY", "人民币元": "CNY",
    "美元": "USD", "美金": "USD", "us$": "USD", "usd$": "USD", "$": "USD", "dollar": "USD", "dollars": "USD", "us dollar": "USD",
    "欧元": "EUR", "€": "EUR", "euro": "EUR", "euros": "EUR", "英镑": "GBP", "£": "GBP", "pound": "GBP", "pounds": "GBP", "stg": "GBP",
    "日元": "JPY", "日圆": "JPY", "yen": "JPY", "jp¥": "JPY", "jpy¥": "JPY", "港币": "HKD", "港元": "HKD", "hk$": "HKD", "hkd$": "HKD",
    "新台币": "TWD", "台币": "TWD", "nt$": "TWD", "ntd": "TWD", "韩元": "KRW", "韩币": "KRW", "₩": "KRW", "新加坡元": "SGD", "新币": "SGD", "s$": "SGD",
    "sg$": "SGD", "澳元": "AUD", "a$": "AUD", "au$": "AUD", "加元": "CAD", "c$": "CAD", "ca$": "CAD", "卢布": "RUB", "卢比": "INR", "₹": "INR", "泰铢": "THB",
    "฿": "THB", "瑞士法郎": "CHF", "澳门元": "MOP", "r$": "BRL", "nz$": "NZD", "马币": "MYR", "越南盾": "VND", "瑞典克朗": "SEK",
}  # fmt: skip
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


def _read(raw: str, context: Context) -> Cleaned | Fault:  # noqa: ARG001 all currencies are read alike
    found = currency(raw)
    return found if isinstance(found, Fault) else Cleaned(found, () if found == raw else ("currency",))


CURRENCY = SemanticType("currency", Text("币种", "Currency"), _read)
