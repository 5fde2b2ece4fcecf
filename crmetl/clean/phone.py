"""Phones: Chinese numbers by rules of their own, all others by the metadata of libphonenumber."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import phonenumbers

from crmetl.clean.area_code import AREA_DIGITS, area_city, area_code_of, area_in
from crmetl.clean.kind import PLAIN, Cleaned, Context, SemanticType
from crmetl.clean.script import half_width
from crmetl.faults.clean import (
    MOBILE_KIND,
    NUMBER_IRRECOVERABLE,
    PHONE_MASKED,
    PHONE_NO_AREA,
    PHONE_SEVERAL,
    PHONE_SHAPE,
    PHONE_UNASSIGNED,
)
from crmetl.faults.kind import Fault
from crmetl.text import Text

_COMMON: Final = re.compile(r"(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})", re.ASCII)
_LANDLINE: Final = re.compile(
    r"(?:(0[12]\d|0[3-9]\d\d)[- ]?|\+86([12]\d|[3-9]\d\d))([2-9]\d{6,7})(?:(?:;ext=|转)(\d{1,6}))?", re.ASCII
)
"""No subscriber number begins with 0 or 1: those are for long distance and for services."""
_MOBILE: Final = re.compile(r"1[3-9]\d{9}", re.ASCII)
"""Prefixes 13-19: numbering plan of the Ministry of Industry and Information Technology, 2017 and later."""
_SWITCHBOARD: Final = re.compile(r"[48]00\d{7}", re.ASCII)
_SERVICE: Final = re.compile(r"9[56]\d{3,6}|10\d{3}|12\d{3}", re.ASCII)
_CANONICAL: Final = re.compile(r"\+\d{5,15}(?:;ext=\d{1,6})?", re.ASCII)
_MASKED: Final = re.compile(r"(?:\+?86)?(1\d{2})[*xX#•·]{4}(\d{4})|(?:\+?86)?(1\d{2})[*xX#•·]{8}", re.ASCII)
_STARS: Final = re.compile(r"(?=.{7,16}\Z)(?=(?:\D*\d){4})[+\d() -]*\*{2,}[\d() -]*", re.ASCII)
_MOBILE_STARS: Final = re.compile(r"(1\d{2})\*{3,5}(\d{4})", re.ASCII)
"""Masks that hide the four digits in the middle, whatever the number of stars."""
_FLOAT: Final = re.compile(r"\d{7,}\.0+", re.ASCII)
_EXPONENT: Final = re.compile(r"(\d)(?:\.(\d+))?e\+?(\d{1,2})", re.ASCII | re.IGNORECASE)
_LABEL: Final = re.compile(
    r"^(?:联系)?(?:电话|手机|固话|座机|传真|办公|总机|mobile|phone|tel|cell|fax|mob|m|t|p)(?:号码?|ephone)?\s*[.:：]?\s*",
    re.IGNORECASE,
)
_NOTE: Final = re.compile(
    r"[(（\[【][^()（）\[\]【】]*[^\d()（）\[\]【】+\s-][^()（）\[\]【】]*[)）\]】]|(?<=\d)\s*(?:先生|女士|小姐|微信同号|同微信|[\u4e00-\u9fff]{1,2}(?:经理|总|工))$"
)
_EXTENSION: Final = re.compile(
    r"(?:转|轉|分机|内线|;?ext\.?=?|extension|x|#|\*|,)\s*[:：.]?\s*(\d{1,6})$", re.IGNORECASE | re.ASCII
)
_DASH_EXTENSION: Final = re.compile(r"^(.*\d{7,8})[- ](\d{1,5})$", re.ASCII)
_BRACKET_EXTENSION: Final = re.compile(r"^(.*\d{7,8})\s*\((\d{3,4})\)$", re.ASCII)
_DASHES: Final = re.compile(r"[‐-―−－~_—]")
_NOT_DIGIT: Final = re.compile(r"\D+", re.ASCII)
_LETTERS: Final = re.compile(r"[^\d\s()+.,/-]")


def phone_width(raw: str) -> str:
    """
    Write digits and signs of a phone in their half-width form.

    >>> phone_width("（０２１）６１２３—４５６７")
    '(021)6123-4567'
    """
    return _DASHES.sub("-", half_width(raw))


def phone_bare(raw: str) -> str:
    """
    Take labels and notes off a number.

    >>> phone_bare("电话：021-61234567（总机）"), phone_bare("13912345678(微信同号)")
    ('021-61234567', '13912345678')
    """
    return _NOTE.sub("", _LABEL.sub("", raw.lstrip("'"))).strip() or raw


def phone_stored_as_number(raw: str) -> str | Fault:
    """
    Give back the digits of a number that a spreadsheet stored as a quantity.

    Returns: The digits; `NUMBER_IRRECOVERABLE` where the exponent has swallowed some.

    >>> phone_stored_as_number("13912345678.0"), phone_stored_as_number("1.3912345678E+10")
    ('13912345678', '13912345678')
    >>> phone_stored_as_number("1.39123E+10").code
    'NUMBER_IRRECOVERABLE'
    """
    if _FLOAT.fullmatch(raw):
        return raw.partition(".")[0]
    found = _EXPONENT.fullmatch(raw)
    if not found:
        return raw
    digits, power = found[1] + (found[2] or ""), int(found[3])
    if len(digits) > power + 1 and not digits[power + 1 :].strip("0"):
        digits = digits[: power + 1]
    return digits.ljust(power + 1, "0") if len(digits) > power or (len(digits) == power and power >= 10) else NUMBER_IRRECOVERABLE


def phone_extension(raw: str) -> tuple[str, str]:
    """
    Part a number from its extension.

    >>> phone_extension("021-61234567转8012"), phone_extension("021-61234567-8012"), phone_extension("021-61234567")
    (('021-61234567', '8012'), ('021-61234567', '8012'), ('021-61234567', ''))
    """
    found = _EXTENSION.search(raw)
    if found and len(_NOT_DIGIT.sub("", raw[: found.start()])) >= 7:
        return raw[: found.start()].rstrip(" -;,("), found[1]
    dashed = _DASH_EXTENSION.match(raw) or _BRACKET_EXTENSION.match(raw)
    if dashed and len(_NOT_DIGIT.sub("", dashed[1])) >= 10 and not _MOBILE.fullmatch(_NOT_DIGIT.sub("", raw)):
        return dashed[1], dashed[2]
    return raw, ""


def phone_cn(digits: str) -> tuple[str, str] | Fault:
    """
    Read the digits of a Chinese number, without country code.

    Returns: The national number and the rule that says how it was read; or `PHONE_SHAPE`, or `PHONE_NO_AREA`.
    Source: Area codes and the length of their numbers as in `tables/area_codes.csv`.

    >>> phone_cn("13912345678"), phone_cn("02161234567"), phone_cn("2161234567")
    (('13912345678', 'phone'), ('2161234567', 'phone'), ('2161234567', 'phone_lost_zero'))
    >>> phone_cn("61234567").code, phone_cn("0216123456").code
    ('PHONE_NO_AREA', 'PHONE_SHAPE')
    """
    if _MOBILE.fullmatch(digits) or _SWITCHBOARD.fullmatch(digits):
        return digits, "phone"
    if digits.startswith("0"):
        if _MOBILE.fullmatch(digits[1:]) or _SWITCHBOARD.fullmatch(digits[1:]):
            return digits[1:], "phone"
        area = area_in(digits)
        return (digits[1:], "phone") if area and _subscriber(digits[len(area) :], area) else PHONE_SHAPE
    area = area_in("0" + digits)
    if area and len(digits) >= 10 and _subscriber(digits[len(area) - 1 :], area):
        return digits, "phone_lost_zero"
    if _SERVICE.fullmatch(digits):
        return digits, "phone"
    return PHONE_NO_AREA if len(digits) in (7, 8) and digits[0] not in "01" else PHONE_SHAPE


def _subscriber(digits: str, area: str) -> bool:
    return len(digits) == AREA_DIGITS[area] and digits[0] not in "01"


def _national(digits: str, *, plus: bool) -> str | None:
    """Return the digits without 86, or None where they belong to another country."""
    for lead in ("0086", "086", "86"):
        rest = digits[len(lead) :]
        if digits.startswith(lead) and (plus or lead != "86" or len(rest) >= 10 or _SERVICE.fullmatch(rest)):
            return rest
    return None if plus or (digits.startswith("00") and not digits.startswith("000")) else digits


@lru_cache(maxsize=16384)
def _foreign(text: str, country: str) -> Cleaned | Fault:
    """Read a number by libphonenumber; some 60 µs, so the result is remembered."""
    try:
        number = phonenumbers.parse(text, country if country in phonenumbers.SUPPORTED_REGIONS else None)
    except phonenumbers.NumberParseException:
        return PHONE_SHAPE
    if not phonenumbers.is_possible_number(number):
        return PHONE_SHAPE
    extension = f";ext={number.extension}" if number.extension and number.extension.isascii() else ""
    value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) + extension
    if not _CANONICAL.fullmatch(value):
        return PHONE_SHAPE
    notes = () if phonenumbers.is_valid_number(number) else (PHONE_UNASSIGNED,)
    return Cleaned(value, ("phone",), notes=notes)


def phone_within(raw: str) -> str:
    """
    Return the last ten digits of a number whose country is not known: what is dialled within it; "" where it is no number.

    >>> phone_within("+44 20 7946 0018"), phone_within("020 7946 0018"), phone_within("694.705.1501 x12"), phone_within("none")
    ('2079460018', '2079460018', '6947051501', '')
    """
    text = phone_stored_as_number(phone_bare(phone_width(split_phones(raw)[0])))
    if isinstance(text, Fault):
        return ""
    number, _ = phone_extension(text)
    digits = _NOT_DIGIT.sub("", number)
    return "" if _LETTERS.search(number) or not 5 <= len(digits) <= 17 else digits[-10:]


def _read(raw: str, context: Context) -> Cleaned | Fault:
    common = _COMMON.fullmatch(raw)
    if common and (context.country == "CN" or raw.startswith("+86")):
        value = "+86" + common[1] + common[2] + common[3]
        return Cleaned(value, () if value == raw else ("phone",))
    landline = _LANDLINE.fullmatch(raw)
    if landline and (context.country == "CN" or raw[0] == "+"):
        area, number = (landline[1] or f"0{landline[2]}"), landline[3]
        if AREA_DIGITS.get(area) == len(number):
            value = f"+86{area[1:]}{number}" + (f";ext={landline[4]}" if landline[4] else "")
            return Cleaned(value, () if value == raw else ("phone",))
    found = _careful(raw, context)
    if isinstance(found, Cleaned) and found.value == raw:
        return Cleaned(raw, (), found.also, found.notes, found.lossy)
    return found


def _careful(raw: str, context: Context) -> Cleaned | Fault:
    several = split_phones(raw)
    if len(several) > 1:
        return _first(several, context)
    text = phone_stored_as_number(phone_bare(phone_width(raw)))
    if isinstance(text, Fault):
        return text
    masked = _MASKED.fullmatch(re.sub(r"[\s-]", "", text))
    if masked:
        value = f"{masked[1]}****{masked[2]}" if masked[1] else f"{masked[3]}********"
        return Cleaned(value, ("phone_masked",), notes=(PHONE_MASKED,))
    if "**" in text and _STARS.fullmatch(text):
        return _starred(raw, text)
    number, extension = phone_extension(text)
    found = _numbered(number, extension, context)
    return _within_words(phone_width(raw)) or found if found is PHONE_SHAPE else found


_INSIDE: Final = re.compile(
    r"(?<![\d+-])(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?[2-9]\d{6,7})(?![\d-])", re.ASCII
)
_WORDS: Final = re.compile(r"[^\d@*+]*[\u4e00-\u9fff][^\d@*+]*")


def _within_words(text: str) -> Cleaned | None:
    """Return the first of the Chinese numbers that stand between words (`办:021-… 手机:139…`); the cell's text is kept."""
    numbers = _INSIDE.findall(text)
    if not numbers or not _WORDS.fullmatch(_INSIDE.sub("", text)):
        return None
    read = [one for one in (_read(number, PLAIN) for number in numbers) if isinstance(one, Cleaned)]
    if len(read) < len(numbers):
        return None
    several = len(read) > 1
    return Cleaned(
        read[0].value, ("phone", *(("phone_first",) if several else ())), notes=(PHONE_SEVERAL,) if several else (), lossy=True
    )


def _starred(raw: str, text: str) -> Cleaned:
    """Return a number masked in another way than most; a mobile's four hidden digits are four stars, others stay as they are."""
    mobile = _MOBILE_STARS.fullmatch(re.sub(r"[\s-]", "", text))
    value = f"{mobile[1]}****{mobile[2]}" if mobile else raw
    return Cleaned(value, ("phone_masked",), notes=(PHONE_MASKED,))


def _numbered(number: str, extension: str, context: Context) -> Cleaned | Fault:
    digits = _NOT_DIGIT.sub("", number)
    if _LETTERS.search(number) or not 5 <= len(digits) <= 17:
        return PHONE_SHAPE
    plus = number.lstrip(" (").startswith("+")
    if context.country == "CN" and not plus and (abroad := _abroad(number, digits)):
        return abroad
    national = _national(digits, plus=plus)
    if national is None or (context.country != "CN" and not (digits.startswith(("86", "0086")) and plus)):
        lead = number if plus or not digits.startswith("00") else "+" + digits[2:]
        return _foreign(f"{lead} ext. {extension}" if extension else lead, context.country)
    found = phone_cn(national)
    if found is PHONE_NO_AREA:
        found = _inferred(national, context.city)
    if isinstance(found, Fault):
        return found
    value, rule = found
    if rule == "phone_lost_zero" and national != digits:
        rule = "phone"
    return Cleaned(f"+86{value};ext={extension}" if extension else f"+86{value}", (rule,))


_NEIGHBOUR: Final = re.compile(r"\(?(?:85[23]\)?[- ]\d{4}[- ]?\d{4}|886\)?[- ]\(?0?\)?[- ]?\d[\d -]{7,10})", re.ASCII)
"""Hong Kong, Macao, Taiwan: their country codes are known and often written without a plus."""
_NORTH_AMERICAN: Final = re.compile(r"1-\(?\d{3}\)?[- ]\d{3}[- ]\d{4}", re.ASCII)
"""Nobody groups the eleven digits of a Chinese mobile in this way."""


def _abroad(number: str, digits: str) -> Cleaned | None:
    """Read a number that its groups tell to be of another country, though it has no plus."""
    if not (_NEIGHBOUR.fullmatch(number) or _NORTH_AMERICAN.fullmatch(number)):
        return None
    found = _foreign("+" + digits, "ZZ")
    return found if isinstance(found, Cleaned) and PHONE_UNASSIGNED not in found.notes else None


def _inferred(digits: str, city: str | None) -> tuple[str, str] | Fault:
    area = area_code_of(city) if city else None
    return (area[1:] + digits, "phone_area_inferred") if area and AREA_DIGITS[area] == len(digits) else PHONE_NO_AREA


def _first(several: tuple[str, ...], context: Context) -> Cleaned | Fault:
    answers = [_read(one, context) for one in several]
    usable = [one for one in answers if isinstance(one, Cleaned)]
    if not usable:
        return answers[0]
    first = usable[0]
    return Cleaned(first.value, (*first.rules, "phone_first"), notes=(*first.notes, PHONE_SEVERAL), lossy=True)


_BETWEEN: Final = re.compile(
    r"\s*[/、，；;|\n]\s*(?!ext)|\s*(?<=\d{7}),\s*(?=\d{7}|0\d{2,3}[- ])|\s+[或和及]\s*|[或和及](?=[\d+(])"
    r"|(?<=\d{7})\s+(?=(?:\+?86[- ]?)?1[3-9]\d{9}|0\d{2,3}[- ]?\d{7}|\d{7,8}(?!\d))",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(r"(?<=\d)\s*[~～]\s*(?=\d{1,4}$)", re.ASCII)
"""61234567~70: the first and the last of several lines."""
_TAIL: Final = re.compile(r"\d{1,4}", re.ASCII)


def split_phones(raw: str) -> tuple[str, ...]:
    """
    Part a cell into the phones it holds; a short ending after a slash stands for the last digits of another number.

    >>> split_phones("021-61234567/13912345678"), split_phones("021-61234567/68")
    (('021-61234567', '13912345678'), ('021-61234567', '021-61234568'))
    >>> split_phones("13912345678 13812345679"), split_phones("021 61234567转8012")
    (('13912345678', '13812345679'), ('021 61234567转8012',))
    """
    text = phone_width(_RANGE.sub("/", raw))
    if _COMMON.fullmatch(text):
        return (raw,)
    parts = [part for part in _BETWEEN.split(text) if part]
    if len(parts) < 2:
        inside = tuple(_INSIDE.findall(text)) if len(text) > 20 else ()
        return inside if len(inside) > 1 and _WORDS.fullmatch(_INSIDE.sub("", text)) else (raw,)
    found: list[str] = []
    for part in parts:
        if found and _TAIL.fullmatch(part) and len(_NOT_DIGIT.sub("", found[0])) >= 7 and "转" not in found[0]:
            found.append(found[0][: -len(part)] + part)
        elif found and not any(char.isdigit() for char in part):
            found[-1] += f"({part})"
        else:
            found.append(part)
    return tuple(found) if all(len(_NOT_DIGIT.sub("", one)) >= 5 for one in found) else (raw,)


def _parts(value: str) -> tuple[str, str]:
    number, _, extension = value.partition(";ext=")
    return number, extension


def phone_facts(value: str) -> Mapping[str, str]:
    """
    Return `kind` (mobile, landline, switchboard, foreign, masked); `area` and `city` of a landline; `ext` where there is one.

    >>> phone_facts("+862161234567;ext=8012")
    {'kind': 'landline', 'ext': '8012', 'area': '021', 'city': '上海市', 'country': 'CN'}
    """
    number, extension = _parts(value)
    more = {"ext": extension} if extension else {}
    if not number.startswith("+"):
        return {"kind": "masked" if "*" in number else "landline", **more}
    if not number.startswith("+86"):
        country = _country_of(number)
        return {"kind": "foreign", **more, **({"country": country} if country else {})}
    digits = number[3:]
    if _MOBILE.fullmatch(digits):
        return {"kind": "mobile", **more, "country": "CN"}
    if _SWITCHBOARD.fullmatch(digits) or _SERVICE.fullmatch(digits):
        return {"kind": "switchboard", **more, "country": "CN"}
    area = area_in("0" + digits)
    place = {"area": area, "city": area_city(area)} if area else {}
    return {"kind": "landline", **more, **place, "country": "CN"}


@lru_cache(maxsize=16384)
def _country_of(number: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""
    except phonenumbers.NumberParseException:
        return ""


def _normal(value: str) -> str:
    return _parts(value)[0]


def _keys(value: str) -> tuple[str, ...]:
    number = _normal(value)
    if "*" in number:
        return (number,)
    if number.startswith("+86") and _MOBILE.fullmatch(number[3:]):
        return number, f"{number[3:6]}****{number[-4:]}"
    return (number,)


def phone_mask(value: str) -> str:
    """
    Hide the middle of a number.

    >>> phone_mask("+8613912345678"), phone_mask("+862161234567;ext=8012")
    ('139****5678', '021-****4567')
    """
    number = _normal(value)
    facts = phone_facts(value)
    if facts["kind"] == "masked":
        return number
    if facts["kind"] == "mobile":
        return f"{number[3:6]}****{number[-4:]}"
    if "area" in facts:
        return f"{facts['area']}-****{number[-4:]}"
    return f"{number[:3]}****{number[-2:]}" if len(number) > 7 else "****"


_LOOKS: Final = re.compile(r"[+(]?[\d(][\d\s()+./、,;；转ext*-]{5,40}", re.IGNORECASE)


def _looks(text: str) -> bool:
    text = phone_width(text)
    return _LOOKS.fullmatch(text) is not None and isinstance(_read(text, PLAIN), Cleaned)


def _looks_mobile(text: str) -> bool:
    found = _read(phone_width(text), PLAIN) if len(text) < 20 else None
    return isinstance(found, Cleaned) and phone_facts(found.value or "")["kind"] in ("mobile", "masked")


def _read_mobile(raw: str, context: Context) -> Cleaned | Fault:
    found = _read(raw, context)
    if _COMMON.fullmatch(raw) or not isinstance(found, Cleaned) or not found.value:
        return found
    if phone_facts(found.value)["kind"] in ("landline", "switchboard"):
        return Cleaned(found.value, found.rules, found.also, (*found.notes, MOBILE_KIND), found.lossy)
    return found


PHONE = SemanticType(
    "phone", Text("电话", "Phone"), _read, personal=True, normal=_normal, match=_keys, mask=phone_mask, split=split_phones,
    facts=phone_facts, recognise=_looks,
    row=("country", "city"),
)  # fmt: skip
MOBILE = SemanticType(
    "mobile", Text("手机", "Mobile"), _read_mobile, personal=True, normal=_normal, match=_keys, mask=phone_mask,
    split=split_phones, facts=phone_facts, recognise=_looks_mobile,
    row=("country", "city"),
)  # fmt: skip
