"""Numbers of identity: the credit code of Chinese organisations, its forerunners, and tax numbers."""

import re
from collections.abc import Mapping
from functools import lru_cache
from operator import mul
from typing import Final

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from crmetl.clean.divisions import DIVISIONS
from crmetl.clean.kind import Cleaned, Context, SemanticType
from crmetl.clean.phone import phone_stored_as_number
from crmetl.clean.script import half_width
from crmetl.clean.tables import words
from crmetl.faults.clean import NUMBER_IRRECOVERABLE, RESIDENT_ID, TAX_ID_SHAPE, USCC_CHECK, USCC_OLD, USCC_SHAPE
from crmetl.faults.kind import Fault
from crmetl.text import Text

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES: Final = {char: n for n, char in enumerate(ALPHABET)}
_WEIGHTS: Final = tuple(3**n % 31 for n in range(17))
_USCC: Final = re.compile(r"[0-9ABCDEFGHJKLMNPQRTUWXY]{18}", re.ASCII)
_LOOK_ALIKE: Final = str.maketrans("OIZS", "0125")
"""Letters that the code never uses (I, O, S, Z; GB 32100-2015, 4.2) and what they are written for."""
_NOISE: Final = re.compile(r"[\s\-_.·/、，,:：()（）]+")
_LABEL: Final = re.compile(r"^(?:统一社会信用代码|社会信用代码|信用代码|税号|纳税人识别号|组织机构代码|注册号)[:：\s]*")


def _bare(raw: str) -> str:
    return _NOISE.sub("", _LABEL.sub("", half_width(raw))).upper()


def uscc_check(code: str) -> bool:
    """
    Say whether the check character of a credit code holds.

    Source: GB 32100-2015, 5: weights 3^(i-1) mod 31, check 31 - (sum mod 31).

    >>> uscc_check("91110108551385082Q"), uscc_check("91110108551385082A")
    (True, False)
    """
    if not _USCC.fullmatch(code):
        return False
    total = sum(map(mul, map(_VALUES.__getitem__, code[:17]), _WEIGHTS))
    return ALPHABET[(31 - total % 31) % 31] == code[17]


def uscc(raw: str) -> str | Fault:
    """
    Write a credit code in its 18 characters; a confused O and 0, I and 1 is repaired only where the check character then holds.

    >>> uscc("9111 0108 5513 8508 2q"), uscc("911101O855l385082Q"), uscc("91110108551385082A").code, uscc("9131000").code
    ('91110108551385082Q', '91110108551385082Q', 'USCC_CHECK', 'USCC_SHAPE')
    """
    text = _bare(raw)
    if uscc_check(text):
        return text
    repaired = text.replace("L", "1") if "L" in raw.upper() and not uscc_check(text.translate(_LOOK_ALIKE)) else text
    repaired = repaired.translate(_LOOK_ALIKE)
    if len(text) != 18 or not (text.isascii() and text.isalnum()):
        return USCC_SHAPE
    return repaired if uscc_check(repaired) else USCC_CHECK


def _written(value: str) -> str:
    """
    Return a code in capitals without blanks, so that one whose check fails is still a slip away from the right one.

    >>> _written("9111 0108 5513 8508 2a")
    '91110108551385082A'
    """
    return _NOISE.sub("", half_width(value)).upper()


def organisation_code(raw: str) -> str | Fault:
    """
    Write an organisation code in its nine characters.

    Source: GB 11714-1997: weights 3 7 9 10 5 8 4 2, modulus 11.

    >>> organisation_code("55138508-2"), organisation_code("55138508-1").code
    ('551385082', 'USCC_SHAPE')
    """
    text = _NOISE.sub("", half_width(raw)).upper()
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", text, re.ASCII):
        return USCC_SHAPE
    total = sum(int(char, 36) * weight for char, weight in zip(text, (3, 7, 9, 10, 5, 8, 4, 2), strict=False))
    return text if "0123456789X0"[(11 - total % 11) % 11 if total % 11 != 1 else 10] == text[8] else USCC_SHAPE


def registration_number(raw: str) -> str | Fault:
    """
    Write a business registration number in its 15 digits.

    Source: GS 15-2006 of the administration for industry and commerce; check digit by ISO 7064 MOD 11,10.

    >>> registration_number("110108000000016"), registration_number("110108000000015").code
    ('110108000000016', 'USCC_SHAPE')
    """
    text = _NOISE.sub("", half_width(raw))
    if not re.fullmatch(r"\d{15}", text, re.ASCII):
        return USCC_SHAPE
    product = 10
    for digit in text[:14]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return text if (11 - product) % 10 == int(text[14]) else USCC_SHAPE


_RESIDENT: Final = re.compile(
    r"(?<![0-9A-Za-z])([1-8]\d{5})((?:18|19|20)\d{2}[01]\d[0-3]\d)(\d{3}[\dXx])(?![0-9A-Za-z])", re.ASCII
)


def resident_check(number: str) -> bool:
    """
    Say whether a text is a resident identity number whose check character holds.

    Source: GB 11643-1999: weights 2^(18-i) mod 11, ISO 7064 MOD 11-2.

    >>> resident_check("11010519491231002X"), resident_check("110105194912310021")
    (True, False)
    """
    if not _RESIDENT.fullmatch(number):
        return False
    total = sum(int(digit) * (2 ** (17 - at) % 11) for at, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17].upper()


def hide_residents(text: str) -> str:
    """
    Hide the middle of every resident identity number in a text; no report shows one, whatever its field.

    >>> hide_residents("证件 11010519491231002X"), hide_residents("订单 110105194912310021")
    ('证件 110105********002X', '订单 110105194912310021')
    """
    if len(text) < 18:
        return text

    def hidden(found: "re.Match[str]") -> str:
        return f"{found[1]}********{found[3]}" if resident_check(found[0]) else found[0]

    return _RESIDENT.sub(hidden, text)


def _read(raw: str, _context: Context) -> Cleaned | Fault:
    if uscc_check(raw):  # as is one in 31 of all resident numbers
        return RESIDENT_ID if resident_check(raw) else Cleaned(raw)
    if raw[:2].isdigit() and resident_check(_bare(raw)):
        return RESIDENT_ID
    found = uscc(raw)
    if isinstance(found, str):
        return Cleaned(found, () if found == raw else ("uscc",))
    if phone_stored_as_number(raw.strip()) is NUMBER_IRRECOVERABLE:
        return NUMBER_IRRECOVERABLE
    for rule, name in ((organisation_code, "organisation_code"), (registration_number, "registration_number")):
        old = rule(raw)
        if isinstance(old, str):
            return Cleaned(old, () if old == raw else (name,), notes=(USCC_OLD,))
    return found


def uscc_mask(value: str) -> str:
    """
    Hide the middle of a code.

    >>> uscc_mask("91110108551385082Q")
    '9111****2Q'
    """
    return f"{value[:4]}****{value[-2:]}" if len(value) > 8 else "****"


_PLACES: Final = {one.code: one for one in DIVISIONS}


def _facts(value: str) -> Mapping[str, str]:
    if not uscc_check(value):
        return {}
    county = _PLACES.get(value[2:8])
    city = county or _PLACES.get(value[2:6])
    place = {"province": city.province, "city": city.city} if city else {}
    return {"organisation": value[8:17], **place}


def _keys(value: str) -> tuple[str, ...]:
    return (value, value[8:17]) if uscc_check(value) else (value,)


def _looks(text: str) -> bool:
    return isinstance(uscc(text), str)


_PREFIXES: Final = {"EL": "GR", "XI": "GB"}
"""Prefixes of VAT numbers that are no country codes: Greece, Northern Ireland."""
_SCHEMES: Final[Mapping[str, str]] = words("tax_scheme")
"""Country -> its number in python-stdnum, where it is not called VAT."""


@lru_cache(maxsize=8192)
def tax_id(raw: str, country: str = "CN") -> str | Fault:
    """
    Write a tax number as its country does, or return `TAX_ID_SHAPE`.

    Source: the country's rules by way of python-stdnum; in China the credit code serves, or 15 or 20 characters of former days.

    >>> tax_id("DE 136695976", "DE"), tax_id("GB 980 7806 84", "CN"), tax_id("DE12", "DE").code
    ('DE136695976', 'GB980780684', 'TAX_ID_SHAPE')
    """
    text = _bare(raw)
    if resident_check(text):
        return RESIDENT_ID
    found = uscc(text)
    if isinstance(found, str):
        return found
    if country == "CN" and re.fullmatch(r"[0-9A-Z]{15}|[0-9A-Z]{17}|[0-9A-Z]{20}", text, re.ASCII):
        return text
    prefix = _PREFIXES.get(text[:2], text[:2]) if re.match(r"[A-Z]{2}[0-9A-Z]*\d", text, re.ASCII) else ""
    for code in (prefix, country):
        module = get_cc_module(code.lower(), _SCHEMES.get(code, "vat")) if code and code.isascii() and code.isalpha() else None
        try:
            if module and module.validate(text):
                return text
        except ValidationError:
            continue
    return TAX_ID_SHAPE


def _read_tax(raw: str, context: Context) -> Cleaned | Fault:
    found = tax_id(raw, context.country)
    return found if isinstance(found, Fault) else Cleaned(found, () if found == raw else ("tax_id",))


USCC = SemanticType(
    "uscc",
    Text("统一社会信用代码", "Credit code"),
    _read,
    normal=_written,
    match=_keys,
    mask=uscc_mask,
    facts=_facts,
    recognise=_looks,
)
TAX_ID = SemanticType(
    "tax_id", Text("税号", "Tax number"), _read_tax, normal=str, mask=uscc_mask, recognise=_looks, row=("country",)
)
