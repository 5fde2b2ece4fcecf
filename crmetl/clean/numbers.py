"""Money, quantities and percentages: exact decimals, whatever marks, units and signs they carry."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation, localcontext
from typing import Final

from crmetl.clean.currency import symbol_currency
from crmetl.clean.kind import NOTHING, Cleaned, Context, SemanticType
from crmetl.clean.script import fold, half_width
from crmetl.clean.tables import words
from crmetl.faults.clean import MONEY_AMBIGUOUS, MONEY_SHAPE, QUANTITY_UNIT
from crmetl.faults.kind import Fault
from crmetl.text import Text

_PLAIN: Final = re.compile(r"(?:0|-?[1-9]\d{0,14})(?:\.\d{0,5}[1-9])?|-0\.\d{0,5}[1-9]", re.ASCII)
"""Already canonical."""
_USUAL: Final = re.compile(r"[¥￥]?(-?\d{1,15}(?:\.\d{1,6})?|\d{1,3}(?:,\d{3}){1,4}\.\d{1,6})(元?)", re.ASCII)
"""How most amounts are written: read without the whole grammar, to the same answer; a test compares the two."""
UNITS: Final = {unit: int(scale) for unit, scale in words("number_unit").items()}
"""Of a cell (`12.5万`) or of a whole column (`unit: 万元`)."""
_SHAPE: Final = re.compile(
    r"(?P<open>[(])?\s*(?P<sign1>[-+−]?)\s*(?P<cur1>[a-z]{0,4}[$¥€£₩₹฿]|[a-z]{3}|人民币|美元|港币|欧元|日元|英镑|[元$¥€£])?\s*:?\s*(?P<sign2>[-+−]?)\s*"
    r"(?P<open2>[(])?(?P<number>\d[\d,.'，\s]*|\.\d+)(?P<close2>[)])?\s*"
    r"(?P<unit>十万|百万|千万|万亿|十亿|百|千|万|亿|million|thousand|billion|mn|bn|[kmw])?\s*"
    r"(?P<cur2>人民币|元人民币|美元|美金|港元|港币|欧元|日元|英镑|元整?|圆整?|块钱?|[$¥€£]|[a-z]{3})?\s*(?P<sign3>-)?(?P<close>[)])?(?:整|正)?",
)
_EXPONENT: Final = re.compile(r"[+-]?\d+(?:\.\d+)?e[+-]?\d{1,3}", re.ASCII)
_NUMERALS: Final = ("零〇", "壹一", "贰二两", "叁三", "肆四", "伍五", "陆六", "柒七", "捌八", "玖九")
_CAPITAL_DIGITS: Final = {char: n for n, chars in enumerate(_NUMERALS) for char in chars}
_CAPITAL_UNITS: Final = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_SMALL: Final = "([壹贰叁肆伍陆柒捌玖一二三四五六七八九])"
_CAPITAL: Final = re.compile(
    r"(?:人民币|:|\s)*(负)?([零〇壹贰叁肆伍陆柒捌玖一二三四五六七八九两拾佰仟十百千万萬亿]+)[元圆块]"
    rf"(?:零?{_SMALL}角)?(?:零?{_SMALL}分)?[整正]?"
)
_CAPITALS: Final = str.maketrans("貳參陸萬億圓兩", "贰叁陆万亿圆两")


def decimal_text(number: Decimal) -> str:
    """
    Write a number plainly: no exponent, no trailing zeros, no minus zero.

    >>> decimal_text(Decimal("1.50E+3")), decimal_text(Decimal("-0.00")), decimal_text(Decimal("2.50"))
    ('1500', '0', '2.5')
    """
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def money_capital(raw: str) -> str | Fault:
    """
    Read an amount in the capital numerals of Chinese bills.

    >>> money_capital("壹万贰仟元整"), money_capital("人民币叁佰零伍元陆角"), money_capital("十元").code
    ('12000', '305.6', 'MONEY_SHAPE')
    """
    found = _CAPITAL.fullmatch(raw.translate(_CAPITALS))
    if not found or not set(found[2]) & set("壹贰叁肆伍陆柒捌玖拾佰仟"):
        return MONEY_SHAPE
    total = Decimal(_whole(found[2]))
    total += Decimal(_CAPITAL_DIGITS.get(found[3] or "零", 0)) / 10 + Decimal(_CAPITAL_DIGITS.get(found[4] or "零", 0)) / 100
    return decimal_text(-total if found[1] else total)


_SPOKEN: Final = re.compile(r"(?=.*[十百千万亿])([零〇一二三四五六七八九两十百千万亿]+)(?:元整?|块钱?)?")
_STEPS: Final = re.compile(r"(?:(\d{1,4})亿)?(?:(\d{1,4})万)?(?:(\d)千)?(?:元整?)?", re.ASCII)


def money_spoken(raw: str) -> str | Fault:
    """
    Read an amount as it is said: 五万元, 1万5千.

    >>> money_spoken("五万"), money_spoken("十二万元"), money_spoken("1万5千"), money_spoken("2万3").code
    ('50000', '120000', '15000', 'MONEY_SHAPE')
    """
    found = _SPOKEN.fullmatch(raw)
    if found:
        return str(_whole(found[1]))
    steps = _STEPS.fullmatch(raw)
    if not steps or sum(one is not None for one in steps.groups()) < 2:
        return MONEY_SHAPE
    return str(sum(int(one or 0) * scale for one, scale in zip(steps.groups(), (10**8, 10**4, 10**3), strict=True)))


def _whole(text: str) -> int:
    total = section = digit = 0
    for char in text:
        if char in _CAPITAL_DIGITS:
            digit = _CAPITAL_DIGITS[char]
        elif char in _CAPITAL_UNITS:
            section += (digit or (1 if not section else 0)) * _CAPITAL_UNITS[char]
            digit = 0
        else:
            scale = 10_000 if char == "万" else 100_000_000
            total = (total + section + digit) * scale if scale > 10_000 else total + (section + digit) * scale
            section = digit = 0
    return total + section + digit


_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[,.' ]\d{3})+", re.ASCII)
_DIGITS: Final = re.compile(r"\d+", re.ASCII)


def marks(number: str, decimal: str | None = None) -> tuple[str, bool] | None:
    """
    Return digits with a point before the fraction, and whether another reading was possible; None where the marks make no sense.

    Args:
        number: Digits, points, commas, apostrophes and blanks.
        decimal: The declared decimal mark.

    >>> marks("1,234.50"), marks("1.234,50"), marks("1,234"), marks("12,5"), marks("1.234", ","), marks("1,2,3")
    (('1234.50', False), ('1234.50', False), ('1234', True), ('12.5', False), ('1234', False), None)
    """
    number = number.strip().rstrip(",.")
    last = max(number.rfind(","), number.rfind("."))
    if last < 0:
        bare = re.sub(r"[' ]", "", number)
        return (bare, False) if bare == number or _THOUSANDS.fullmatch(number) else None
    mark, head, tail = number[last], number[:last], number[last + 1 :]
    once = number.count(mark) == 1 and not (set(head) & {"." if mark == "," else ","})
    if (
        mark == decimal
        or (not once and number.count(mark) == 1)
        or (once and decimal is None and (mark == "." or len(tail) != 3))
    ):
        grouped = not head or _DIGITS.fullmatch(head) or _THOUSANDS.fullmatch(head)
        return (re.sub(r"[^\d]", "", head) + "." + tail, False) if grouped and _DIGITS.fullmatch(tail) else None
    if not _THOUSANDS.fullmatch(number):
        return None
    return re.sub(r"[^\d]", "", number), once and decimal is None


def _read_number(raw: str, context: Context) -> tuple[Cleaned, str] | Fault:
    """Return the number and the word of its currency."""
    usual = _USUAL.fullmatch(raw) if context.unit is None and context.decimal is None else None
    if usual:
        return _usual(raw, usual)
    return _read_any(raw, context)


def _usual(raw: str, found: "re.Match[str]") -> tuple[Cleaned, str]:
    currency = "¥" if raw[0] in "¥￥" else found[2]
    return Cleaned(decimal_text(Decimal(found[1].replace(",", ""))), ("number",)), currency


def _read_any(raw: str, context: Context) -> tuple[Cleaned, str] | Fault:
    text = fold(half_width(raw)).lower().replace("￥", "¥").replace("−", "-")
    capital = money_capital(text)
    if isinstance(capital, str):
        return Cleaned(capital, ("money_capital",)), "元"
    spoken = money_spoken(text)
    if isinstance(spoken, str):
        return Cleaned(spoken, ("money_capital",)), "元" if text.endswith(("元", "块", "块钱")) else ""
    if _EXPONENT.fullmatch(text):
        return _exact(text)
    found = _SHAPE.fullmatch(text)
    read = marks(found["number"].replace("，", ","), context.decimal) if found else None
    if not found or read is None or bool(found["open"] or found["open2"]) != bool(found["close"] or found["close2"]):
        return MONEY_SHAPE
    digits, unsure = read
    currency = (found["cur1"] or found["cur2"] or "").strip()
    unit = found["unit"] or ("元" if found["cur2"] and found["cur2"][0] in "元圆块" else (context.unit or "").lower())
    scale = UNITS.get(unit, 1)
    negative = "-" in f"{found['sign1']}{found['sign2']}{found['sign3'] or ''}" or bool(found["open"] or found["open2"])
    with localcontext(prec=50):
        number = Decimal(digits or "0") * scale * (-1 if negative else 1)
    told = f"unit={context.unit}" if context.unit else f"decimal={context.decimal}" if context.decimal else None
    doubt = (MONEY_AMBIGUOUS,) if unsure and symbol_currency(currency, context.currency) in ("EUR", "CHF", "BRL") else ()
    return (Cleaned(decimal_text(number), ("number_unit",) if scale != 1 else ("number",), notes=doubt, converted=told), currency)


def _exact(text: str) -> tuple[Cleaned, str] | Fault:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return MONEY_SHAPE
    return (Cleaned(decimal_text(number), ("number",)), "") if abs(number.adjusted()) <= 15 else MONEY_SHAPE


def _read_money(raw: str, context: Context) -> Cleaned | Fault:
    declared: Mapping[str, str] = {"currency": context.currency} if context.currency else NOTHING
    if context.unit is None and context.decimal is None and _PLAIN.fullmatch(raw):
        return Cleaned(raw, (), declared)
    found = _read_number(raw, context)
    if isinstance(found, Fault):
        return found
    cleaned, currency = found
    code = symbol_currency(currency, context.currency) if currency else ""
    if currency and not code:
        return MONEY_SHAPE
    return Cleaned(
        cleaned.value,
        cleaned.rules if cleaned.value != raw else (),
        {"currency": code} if code else declared,
        cleaned.notes,
        converted=cleaned.converted,
    )


_COUNT_WORDS: Final = (
    "台|件|个|只|套|箱|包|瓶|支|把|张|条|根|块|盒|袋|桶|卷|次|人天|人|份|本|pcs?\\.?|pieces?|sets?|units?|ea|boxe?s?|rolls?"
)
_MEASURES: Final[Mapping[str, tuple[str, Decimal]]] = {
    unit: (kind, Decimal(scale)) for unit, (kind, scale) in ((one, two.split("*")) for one, two in words("measure").items())
}
"""Unit -> what it measures, and how many of the smallest unit of this table it is (SI)."""
_DOZENS: Final = {"打": 12, "dozen": 12, "doz": 12}
_COUNTED: Final = re.compile(
    rf"(.*\d)\s*({_COUNT_WORDS}|{'|'.join(sorted({*_MEASURES, *_DOZENS}, key=len, reverse=True))})", re.IGNORECASE
)


def _read_quantity(raw: str, context: Context) -> Cleaned | Fault:
    if context.unit is None and context.decimal is None and _PLAIN.fullmatch(raw):
        return Cleaned(raw)
    counted = _COUNTED.fullmatch(half_width(raw))
    measured = (context.unit or "").lower() in _MEASURES
    found = _read_number(counted[1] if counted else raw, replace(context, unit=None) if measured else context)
    if isinstance(found, Fault):
        return found
    cleaned, currency = found
    if currency:
        return MONEY_SHAPE
    if counted and cleaned.value:
        return _measured(cleaned.value, cleaned.rules, counted[2].lower(), (context.unit or "").lower())
    return cleaned._replace(rules=cleaned.rules if cleaned.value != raw else ())


def _measured(value: str, rules: tuple[str, ...], unit: str, declared: str) -> Cleaned:
    """Convert a number to the unit of its column; where the column has none, the cell's text is kept beside the number."""
    if unit in _DOZENS:
        return Cleaned(decimal_text(Decimal(value) * _DOZENS[unit]), ("number_unit",))
    if unit not in _MEASURES or unit == declared:
        return Cleaned(value, rules)
    kind, scale = _MEASURES[unit]
    if declared not in _MEASURES or _MEASURES[declared][0] != kind:
        return Cleaned(value, rules, notes=(QUANTITY_UNIT,), lossy=True)
    with localcontext(prec=50):
        return Cleaned(decimal_text(Decimal(value) * scale / _MEASURES[declared][1]), ("number_unit",))


def _read_percent(raw: str, context: Context) -> Cleaned | Fault:
    text = half_width(raw).strip()
    bare = text.removeprefix("百分之").rstrip("% ").strip()
    found = _read_number(bare or text, context)
    if isinstance(found, Fault) or found[1]:
        return MONEY_SHAPE
    return Cleaned(
        found[0].value, found[0].rules if found[0].value != raw else (), notes=found[0].notes, converted=found[0].converted
    )


def _number_looks(text: str) -> bool:
    return any(char.isdigit() for char in text[:24]) and len(text) < 30 and isinstance(_read_money(text, Context()), Cleaned)


_MONEY_LOOKS: Final = re.compile(r"[$¥€£￥元万]|\d,\d{3}|\d\.\d{2}$|\b(?:CNY|RMB|USD|EUR|HKD|GBP|JPY)\b", re.IGNORECASE)


def _money_looks(text: str) -> bool:
    return _MONEY_LOOKS.search(text) is not None and _number_looks(text)


def _percent_looks(text: str) -> bool:
    return half_width(text).endswith("%") and isinstance(_read_percent(text, Context()), Cleaned)


MONEY = SemanticType(
    "money",
    Text("金额", "Amount"),
    _read_money,
    "decimal",
    normal=str,
    recognise=_money_looks,
    row=("currency",),
    tells=("currency",),
)
QUANTITY = SemanticType("quantity", Text("数量", "Quantity"), _read_quantity, "decimal", normal=str, recognise=_number_looks)
PERCENT = SemanticType("percent", Text("百分比", "Percentage"), _read_percent, "decimal", normal=str, recognise=_percent_looks)
