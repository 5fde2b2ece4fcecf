"""More dirt for the cells of an estate: what encodings, spreadsheets and other systems do beside `sample_data/estate/dirt.py`."""

from collections.abc import Callable
from datetime import date
from random import Random

from sample_data.estate.dirt import Family, Spoil
from sample_data.estate.rows import Cell, Row

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
NUMERALS = "〇一二三四五六七八九"
LOST = frozenset(
    [
        "exponent",
        "masked",
        "digit_missing",
        "digit_too_many",
        "impossible_day",
        "half_date",
        "unclear_day",
        "wrong_code",
        "mail_broken",
        "garbled_for_good",
        "several_people",
        "lost_area",
        "placeholder",
    ]
)
"""Families that leave no way back: the cell must be told of, or emptied, never read as something else."""
AS_WRITTEN = frozenset(["short_name", "wrong_char", "cut_address", "legal_form_abroad", "surname_only"])
"""Families after which the cell is a good cell that says less: cleaning must leave its words alone."""


def _text(row: Row, cell: str) -> str:
    value = row.cells.get(cell, "")
    return value if isinstance(value, str) else ""


def _day(row: Row, cell: str) -> date | None:
    value = row.cells.get(cell)
    return value if isinstance(value, date) else None


def _on_text(change: Callable[[str, Random], str]) -> Spoil:
    """Return a spoil that rewrites a text, or leaves it where the rewriting gives nothing new."""

    def spoil(row: Row, cell: str, rng: Random) -> Cell | None:
        text = _text(row, cell)
        found = change(text, rng) if text else ""
        return found if found and found != text else None

    return spoil


def _on_day(change: Callable[[date, Random], str | None]) -> Spoil:
    def spoil(row: Row, cell: str, rng: Random) -> Cell | None:
        day = _day(row, cell)
        return change(day, rng) if day else None

    return spoil


def _chinese(text: str) -> bool:
    return sum("\u4e00" <= one <= "\u9fff" for one in text) > 1


def _reread(text: str, wrote: str, read: str) -> str:
    try:
        return text.encode(wrote).decode(read) if _chinese(text) else ""
    except UnicodeError:
        return ""


def _latin(text: str, _rng: Random) -> str:
    return _reread(text, "gb2312", "latin-1")


def _gbk(text: str, _rng: Random) -> str:
    return _reread(text, "utf-8", "gbk")


def _for_good(text: str, _rng: Random) -> str:
    if not _chinese(text) or len(text) < 4 or len(text.encode()) % 2 == 0:
        return ""
    return text.encode().decode("gbk", "replace")


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit())


def _mobile(text: str) -> str:
    digits = _digits(text)
    return digits if len(digits) == 11 and digits[0] == "1" and not text.startswith("+") else ""


def _exponent(text: str, rng: Random) -> str:
    return f"{float(_mobile(text)):.{rng.choice((2, 5))}E}" if _mobile(text) else ""


def _float(text: str, _rng: Random) -> str:
    return f"{_mobile(text)}.0" if _mobile(text) else ""


def _masked(text: str, rng: Random) -> str:
    digits = _mobile(text)
    return f"{digits[:3]}{rng.choice(('****', '****', 'xxxx', '***'))}{digits[-4:]}" if digits else ""


def _shorter(text: str, rng: Random) -> str:
    digits = _mobile(text)
    at = rng.randrange(3, 10)
    return digits[:at] + digits[at + 1 :] if digits else ""


def _longer(text: str, rng: Random) -> str:
    digits = _mobile(text)
    at = rng.randrange(3, 11)
    return digits[:at] + rng.choice("123456789") + digits[at:] if digits else ""


def _noted(text: str, rng: Random) -> str:
    return f"{text}{rng.choice(('（微信同号）', '(办)', '（本人）'))}" if _mobile(text) else ""


def _zero(text: str, _rng: Random) -> str:
    return _digits(text)[1:] if text.startswith("0") else ""


def _extended(text: str, rng: Random) -> str:
    if not text.startswith("0"):
        return ""
    number = rng.randint(801, 868)
    return rng.choice(
        (f"{text}-{number}", f"{text} ext.{number}", f"{text}*{number}", f"{text}（{number}）", f"{text}分机{number}")
    )


def _confused(text: str, rng: Random) -> str:
    spots = [at for at, one in enumerate(text) if one in "012"]
    if len(text) != 18 or not spots:
        return ""
    at = rng.choice(spots)
    return text[:at] + {"0": "O", "1": rng.choice("Il"), "2": "Z"}[text[at]] + text[at + 1 :]


def _spaced(text: str, rng: Random) -> str:
    mark = rng.choice((" ", "-", "　"))
    return mark.join((text[:4], text[4:8], text[8:])).lower() if len(text) == 18 else ""


def _wrong_code(text: str, rng: Random) -> str:
    at = rng.randrange(2, 17)
    return text[:at] + rng.choice([one for one in "3456789" if one != text[at]]) + text[at + 1 :] if len(text) == 18 else ""


def _hidden(text: str, rng: Random) -> str:
    at = rng.randrange(1, max(2, len(text)))
    return text[:at] + rng.choice("\u200b\ufeff\u00ad\u200e") + text[at:] if _chinese(text) else ""


def _stops(text: str, _rng: Random) -> str:
    return text.replace(".", "。") if "@" in text else ""


def _broken(text: str, rng: Random) -> str:
    return rng.choice((text.replace("@", "@@"), text.replace("@", ""), text.partition("@")[0] + "@")) if "@" in text else ""


def _commented(text: str, _rng: Random) -> str:
    return f"{text}（采购）" if "@" in text else ""


def _together(text: str, rng: Random) -> str:
    return f"{text}{rng.choice('/、')}{rng.choice('王李张刘陈')}{rng.choice(('敏', '建国', '丽'))}" if _chinese(text) else ""


def _numerals(day: date, _rng: Random) -> str:
    def said(number: int) -> str:
        tens, ones = divmod(number, 10)
        return ("" if tens == 0 else "十" if tens == 1 else NUMERALS[tens] + "十") + (NUMERALS[ones] if ones else "")

    return f"{''.join(NUMERALS[int(one)] for one in str(day.year))}年{said(day.month)}月{said(day.day)}日"


def _clock(day: date, rng: Random) -> str:
    return rng.choice((f"{day:%Y/%m/%d} 0:00:00", f"{day:%Y-%m-%d} 00:00:00.000", f"{day:%Y-%m-%d}T00:00:00"))


def _unclear(day: date, _rng: Random) -> str | None:
    return f"{day:%d/%m/%Y}" if day.day <= 12 and day.day != day.month else None


ALL = ("east", "south", "north", "erp", "event")
DATED = ("east", "north")
MORE = (
    Family("garbled_latin", ("name", "person", "address"), 0.01, _on_text(_latin), ALL),
    Family("garbled_gbk", ("name", "person", "address"), 0.01, _on_text(_gbk), ALL),
    Family("garbled_for_good", ("name", "address"), 0.01, _on_text(_for_good), ALL),
    Family("invisible", ("name", "person", "address"), 0.01, _on_text(_hidden), ALL),
    Family("several_people", ("person",), 0.01, _on_text(_together), ALL),
    Family("exponent", ("mobile",), 0.01, _on_text(_exponent), ("south", "north", "event")),
    Family("float_cell", ("mobile",), 0.02, _on_text(_float), ("south", "north", "event")),
    Family("masked", ("mobile",), 0.02, _on_text(_masked), ("south", "north", "event")),
    Family("digit_missing", ("mobile",), 0.01, _on_text(_shorter), ("south", "north", "event")),
    Family("digit_too_many", ("mobile",), 0.01, _on_text(_longer), ("south", "north", "event")),
    Family("noted", ("mobile",), 0.02, _on_text(_noted), ("south", "north", "event")),
    Family("lost_zero", ("landline",), 0.03, _on_text(_zero), ("south", "north", "erp")),
    Family("extension", ("landline",), 0.03, _on_text(_extended), ("south", "north", "erp")),
    Family("confused_code", ("uscc",), 0.03, _on_text(_confused), ALL),
    Family("spaced_code", ("uscc",), 0.03, _on_text(_spaced), ALL),
    Family("wrong_code", ("uscc",), 0.02, _on_text(_wrong_code), ALL),
    Family("mail_stops", ("email",), 0.01, _on_text(_stops), ALL),
    Family("mail_broken", ("email",), 0.01, _on_text(_broken), ALL),
    Family("mail_comment", ("email",), 0.01, _on_text(_commented), ALL),
    Family("short_year", ("since",), 0.03, _on_day(lambda day, _: f"{day:%y}.{day.month}.{day.day}"), DATED),
    Family("numerals", ("since",), 0.02, _on_day(_numerals), DATED),
    Family("minguo", ("since",), 0.01, _on_day(lambda day, _: f"民国{day.year - 1911}年{day.month}月{day.day}日"), DATED),
    Family("english_month", ("since",), 0.02, _on_day(lambda day, _: f"{day.day}-{MONTHS[day.month - 1]}-{day:%y}"), DATED),
    Family("midnight", ("since",), 0.02, _on_day(_clock), DATED),
    Family("impossible_day", ("since",), 0.01, _on_day(lambda day, _: f"{day.year}-02-30"), DATED),
    Family("half_date", ("since",), 0.01, _on_day(lambda day, _: f"{day.year}年{day.month}月"), DATED),
    Family("unclear_day", ("since",), 0.02, _on_day(_unclear), DATED),
)  # fmt: skip
"""On top of the estate's own families, on cells that those have left alone."""
