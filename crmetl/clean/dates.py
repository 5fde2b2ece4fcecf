"""Dates and times by the shapes in which people and spreadsheets write them."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from crmetl.clean.kind import Cleaned, Context, DateOrder, SemanticType
from crmetl.clean.script import half_width
from crmetl.clean.tables import words
from crmetl.faults.clean import DATE_AMBIGUOUS, DATE_HALF, DATE_IMPOSSIBLE, DATE_SHAPE
from crmetl.faults.kind import Fault
from crmetl.text import Text

_ISO: Final = re.compile(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])", re.ASCII)
"""Certainly a day: no month is shorter than 28."""
_ISO_TIME: Final = re.compile(
    r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?",
    re.ASCII,
)
_YMD: Final = re.compile(r"(\d{4})\s*[-/.年_ ]\s*(\d{1,2})\s*[-/.月_ ]\s*(\d{1,2})\s*[日号]?", re.ASCII)
_COMPACT: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)", re.ASCII)
_SHORT: Final = re.compile(r"(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{1,2})", re.ASCII)
_SHORT_CN: Final = re.compile(r"'?(\d{2})年\s*(\d{1,2})月\s*(\d{1,2})[日号]?", re.ASCII)
_MONTHS: Final = {name: int(number) for name, number in words("month").items()}
_DAY_NAME: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s./-]+(?:of\s+)?([a-z]{3,9})\.?,?[\s./-]+'?(\d{4}|\d{2})", re.ASCII)
_NAME_DAY: Final = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.ASCII)
_YEAR_NAME_DAY: Final = re.compile(r"(\d{4})[\s./-]+([a-z]{3,9})\.?[\s./-]+(\d{1,2})", re.ASCII)
_HALF: Final = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*月?|\d{1,2}\s*月\s*\d{1,2}\s*[日号]|(?:19|20)\d\d年?|\d{1,2}[-/.]\d{1,2}|[a-z]{3,9}\.? \d{4}"
    r"|\d{4}年?[春夏秋冬上下]?半?[年季]?初?底?末?|民[国國]\s*\d{1,3}\s*年(?:\s*\d{1,2}\s*月)?"
    r"|[〇零○一二三四五六七八九]{4}年(?:[一二三四五六七八九十]{1,2}月)?",
    re.ASCII,
)
_SERIAL: Final = re.compile(r"([2-7]\d{4})(?:\.(\d+))?", re.ASCII)
_SERIALS: Final = range(20_000, 73_051)
"""1954-10-03 to 2100-01-01 in the 1900 system; smaller numbers are too often something else."""
_MINGUO: Final = re.compile(r"(?:民国|民國)\s*(\d{1,3})\s*年?[-/.]?\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})\s*日?", re.ASCII)
_DIGITS: Final = {**{char: n for n, char in enumerate("〇一二三四五六七八九")}, "零": 0, "○": 0, "O": 0, "o": 0, "两": 2}
_CHINESE: Final = re.compile(
    r"([〇零○Oo一二三四五六七八九]{4}|[〇零○Oo一二三四五六七八九]{2})年\s*([一二三四五六七八九十元正冬腊]{1,2})月\s*([一二三四五六七八九十廿卅初]{1,3})[日号]?"
)
_WEEKDAY: Final = re.compile(
    r"\s*[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?\s*|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+|\s*\((?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\)"
)
_TIME: Final = re.compile(
    r"[\sT,]*(上午|下午|早上|晚上|中午|凌晨|傍晚|am|pm)?\s*(\d{1,2})\s*[:：时点]\s*(\d{1,2})?\s*(?:[:：分]\s*(\d{1,2})?(?:[.,]\d{1,9})?\s*秒?)?\s*(am|pm|a\.m\.|p\.m\.)?"
    r"\s*(z|utc|gmt|[+-]\d{2}:?\d{2}|(?:utc|gmt)[+-]\d{1,2})?(?:\s*\([^()]*\))?$",
    re.IGNORECASE | re.ASCII,
)


def _day(year: int, month: int, day: int) -> str | Fault:
    if not 1900 <= year <= 2100:
        return DATE_IMPOSSIBLE
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return DATE_IMPOSSIBLE


def _century(year: int, *, past: bool) -> int:
    """Two digits: 69-99 are of the last century (POSIX); a birth date is of it from 25 on."""
    return year + (1900 if year >= (25 if past else 69) else 2000) if year < 100 else year


def date_chinese(raw: str) -> str | Fault:
    """
    Read a date in Chinese numerals, or of the Minguo era.

    Source: Minguo 1 is 1912.

    >>> date_chinese("二〇二三年五月三日"), date_chinese("二零二三年十二月二十五日"), date_chinese("民国112年5月3日")
    ('2023-05-03', '2023-12-25', '2023-05-03')
    """
    era = _MINGUO.fullmatch(raw)
    if era:
        return _day(1911 + int(era[1]), int(era[2]), int(era[3]))
    found = _CHINESE.fullmatch(raw)
    if not found:
        return DATE_SHAPE
    year = int("".join(str(_DIGITS[char]) for char in found[1]))
    return _day(_century(year, past=False), _numeral(found[2]), _numeral(found[3]))


def _numeral(text: str) -> int:
    text = text.replace("廿", "二十").replace("卅", "三十").replace("初", "").replace("元", "一").replace("正", "一")
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text, 0) if len(text) == 1 else 0
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def date_serial(raw: str) -> str | Fault:
    """
    Read a spreadsheet's day number in the 1900 system; a fraction is the time of day and is left out.

    Source: ECMA-376 part 1, 18.17.4.1; day 60 never was, so that numbers from 61 on count from 1899-12-30.

    >>> date_serial("45356"), date_serial("45356.5"), date_serial("12").code
    ('2024-03-05', '2024-03-05', 'DATE_SHAPE')
    """
    found = _SERIAL.fullmatch(raw)
    if not found or int(found[1]) not in _SERIALS:
        return DATE_SHAPE
    return (date(1899, 12, 30) + timedelta(days=int(found[1]))).isoformat()


def date_named(raw: str) -> str | Fault:
    """
    Read a date with the English name of its month.

    >>> date_named("5-Mar-24"), date_named("March 5, 2024"), date_named("5th of March 2024")
    ('2024-03-05', '2024-03-05', '2024-03-05')
    """
    low = raw.lower()
    for pattern, year, month, day in ((_DAY_NAME, 3, 2, 1), (_NAME_DAY, 3, 1, 2), (_YEAR_NAME_DAY, 1, 2, 3)):
        found = pattern.fullmatch(low)
        if found and found[month] in _MONTHS:
            return _day(_century(int(found[year]), past=False), _MONTHS[found[month]], int(found[day]))
    return DATE_SHAPE


def date_ordered(raw: str, order: DateOrder | None = None, country: str = "CN", *, past: bool = False) -> str | Fault:
    """
    Read a date of three short numbers; day and month are told apart by the numbers, by the declared order, or not at all.

    In China a date with a two-digit year in front (23.5.3) has its year first; 05/12/23, as spreadsheets of other countries write
    it, and 1.2.24 could be anything.

    >>> date_ordered("25/12/2023"), date_ordered("03/04/2024").code, date_ordered("03/04/2024", "dmy"), date_ordered("23.5.3")
    ('2023-12-25', 'DATE_AMBIGUOUS', '2024-04-03', '2023-05-03')
    >>> date_ordered("05/12/23").code, date_ordered("1.2.24").code
    ('DATE_AMBIGUOUS', 'DATE_AMBIGUOUS')
    """
    found = _SHORT.fullmatch(raw)
    if not found:
        return DATE_SHAPE
    one, two, three = int(found[1]), int(found[3]), int(found[4])
    long_year = len(found[4]) == 4
    if order == "ymd" or (
        order is None and not long_year and country == "CN" and (one > 12 or (found[2] != "/" and found[1][1:]))
    ):
        return _day(_century(one, past=past), two, three) if not long_year else DATE_IMPOSSIBLE
    if len(found[4]) == 1:
        return DATE_AMBIGUOUS
    year = _century(three, past=past)
    if order == "dmy" or (order is None and one > 12 >= two):
        return _day(year, two, one)
    if order == "mdy" or (order is None and two > 12 >= one) or one == two:
        return _day(year, one, two)
    return DATE_IMPOSSIBLE if one > 12 and two > 12 else DATE_AMBIGUOUS


def _any_date(text: str, context: Context, *, past: bool) -> str | Fault:
    for pattern in (_YMD, _COMPACT):
        found = pattern.fullmatch(text)
        if found:
            return _day(int(found[1]), int(found[2]), int(found[3]))
    found = _SHORT_CN.fullmatch(text)
    if found:
        return _day(_century(int(found[1]), past=past), int(found[2]), int(found[3]))
    answers = (
        date_ordered(text, context.date_order, context.country, past=past),
        date_serial(text),
        date_named(text),
        date_chinese(text),
    )
    told = [one for one in answers if one is not DATE_SHAPE]
    if told:
        return told[0]
    return DATE_HALF if _HALF.fullmatch(text.lower()) else DATE_SHAPE


def time_of(raw: str) -> tuple[str, str, str]:
    """
    Part a text into what stands before its time of day, the time, and the zone.

    >>> time_of("2024-3-5 下午3:05"), time_of("5 Mar 2024 15:05:09 +0800"), time_of("2024-03-05")
    (('2024-3-5', '15:05:00', ''), ('5 Mar 2024', '15:05:09', '+08:00'), ('2024-03-05', '', ''))
    """
    found = _TIME.search(raw)
    if not found or not found[2]:
        return raw, "", ""
    hour, minute, second = int(found[2]), int(found[3] or 0), int(found[4] or 0)
    half = (found[1] or found[5] or "").lower().replace(".", "")
    if half in ("下午", "晚上", "傍晚", "pm") and hour < 12:
        hour += 12
    elif half in ("am", "上午", "凌晨") and hour == 12:
        hour = 0
    elif half == "中午" and hour < 3:
        hour += 12
    if hour > 23 or minute > 59 or second > 59:
        return raw, "", ""
    return raw[: found.start()].rstrip(" T,"), f"{hour:02}:{minute:02}:{second:02}", _zone(found[6] or "")


def _zone(text: str) -> str:
    low = text.lower()
    if low in ("z", "utc", "gmt"):
        return "Z"
    digits = low.removeprefix("utc").removeprefix("gmt").replace(":", "")
    if not digits:
        return ""
    return f"{digits[0]}{digits[1:3].zfill(2)}:{digits[3:5] or '00'}" if len(digits) != 2 else f"{digits[0]}0{digits[1]}:00"


def _prepared(raw: str) -> str:
    return _WEEKDAY.sub(" ", half_width(raw).lower() if raw.isascii() else half_width(raw)).strip()


@lru_cache(maxsize=8192)
def _read_day(raw: str, order: DateOrder | None, country: str, *, past: bool) -> Cleaned | Fault:
    text = _prepared(raw)
    before, time, _ = time_of(text)
    value = _any_date(before or text, Context(date_order=order, country=country), past=past)
    if isinstance(value, Fault):
        return value
    rules = ("date", "date_without_time") if time and time != "00:00:00" else ("date",)
    return Cleaned(value, () if value == raw else rules)


def _read(raw: str, context: Context) -> Cleaned | Fault:
    if _ISO.fullmatch(raw):
        return Cleaned(raw)
    return _read_day(raw, context.date_order, context.country, past=False)


def _read_birth(raw: str, context: Context) -> Cleaned | Fault:
    if _ISO.fullmatch(raw):
        return Cleaned(raw)
    return _read_day(raw, context.date_order, context.country, past=True)


def _read_datetime(raw: str, context: Context) -> Cleaned | Fault:
    if _ISO_TIME.fullmatch(raw):
        return Cleaned(raw)
    text = _prepared(raw)
    before, time, zone = time_of(text)
    day = _any_date(before or text, context, past=False)
    if isinstance(day, Fault):
        return day
    value = f"{day}T{time or _serial_time(text)}{zone}"
    return Cleaned(value, () if value == raw else ("datetime",))


def _serial_time(text: str) -> str:
    found = _SERIAL.fullmatch(text)
    seconds = min(round(float(f"0.{found[2]}") * 86400), 86399) if found and found[2] else 0
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _birth_mask(value: str) -> str:
    return value[:4] + "-**-**"


_LOOKS: Final = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*|(?:19|20)\d{6}"
    r"|.*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ ,./-].*\d{2,4}|[〇零一二三四五六七八九]{4}年.*|民国.*",
    re.IGNORECASE,
)


def _looks(text: str) -> bool:
    return len(text) < 40 and _LOOKS.fullmatch(half_width(text)) is not None


def _looks_timed(text: str) -> bool:
    return _looks(text) and bool(time_of(text)[1])


DATE = SemanticType("date", Text("日期", "Date"), _read, "date", normal=str, recognise=_looks)
DATE_OF_BIRTH = SemanticType(
    "date_of_birth",
    Text("出生日期", "Date of birth"),
    _read_birth,
    "date",
    normal=str,
    personal=True,
    mask=_birth_mask,
    recognise=_looks,
)
DATETIME = SemanticType("datetime", Text("时间", "Time"), _read_datetime, "datetime", normal=str, recognise=_looks_timed)
