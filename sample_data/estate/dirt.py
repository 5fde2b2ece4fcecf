"""Dirt: what hands, spreadsheets and exports do to a cell. Each family is a rule with a rate and a least count."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from random import Random

from sample_data.estate.rows import COMPANY_CELLS, Cell, Row
from sample_data.estate.script import traditional, wide
from sample_data.estate.words import BRAND, SURNAMES

LEAST = 3
"""Each family occurs at least this often, in the smallest estate."""
MISTAKEN = {one.text: one.mistaken for one in BRAND}
FIRST_SERIAL = date(1899, 12, 30)
PLACEHOLDERS = {
    "mobile": ("13800000000", "13800000000", "无", "11111111111"),
    "email": ("test@test.com", "无", "test@test.com", "暂无"),
    "landline": ("无", "暂无", "/", "0000000"),
    "address": ("待补充", "无", "-"),
}

PLACEHOLDERS_ABROAD = {"mobile": ("N/A", "13800000000", "none"), "email": ("test@test.com", "N/A", "none")}

Spoil = Callable[[Row, str, Random], Cell | None]
"""Row, cell name, chance -> the cell as it stands in the file; None where this cell cannot have this dirt."""


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of dirt: the cells it falls on, in which tables, on which share of them."""

    name: str
    cells: tuple[str, ...]
    rate: float
    spoil: Spoil
    tables: tuple[str, ...] = ("east", "south", "north", "event", "erp")


def serial(day: date) -> int:
    """
    Return the day as a workbook counts it.

    >>> serial(date(2024, 3, 5))
    45356
    """
    return (day - FIRST_SERIAL).days


def _text(row: Row, cell: str) -> str:
    value = row.cells.get(cell, "")
    return value if isinstance(value, str) else ""


def _short(row: Row, cell: str, rng: Random) -> str | None:
    one = row.company
    if one.country != "CN":
        return None
    if one.ending:
        return rng.choice((one.brand + one.trade.short + one.ending, one.nickname()))
    return rng.choices(
        (one.brand + one.trade.short, one.city.name + one.brand, one.city.name + one.brand + one.trade.short, one.brand),
        (45, 20, 25, 10),
    )[0]


def _brackets(row: Row, cell: str, rng: Random) -> str | None:
    text = _text(row, cell)
    if "（" not in text:
        return None
    return rng.choice(
        (text.replace("（", "(").replace("）", ")"), text.replace("（", " (").replace("）", ") "), text.replace("（", "("))
    )


def _traditional(row: Row, cell: str, rng: Random) -> str | None:
    text = _text(row, cell)
    return traditional(text) if traditional(text) != text else None


def _blanks(row: Row, cell: str, rng: Random) -> str | None:
    text = _text(row, cell)
    if len(text) < 2 or not ("一" <= text[0] <= "鿿"):
        return None
    gap = rng.choice((" ", " ", "　", "  "))
    if cell == "person":
        return text[0] + gap + text[1:]
    at = sorted(rng.sample(range(1, len(text)), min(2, len(text) - 1)))
    return text[: at[0]] + gap + text[at[0] : at[-1]] + (gap if at[-1] != at[0] else "") + text[at[-1] :]


def _wrong_char(row: Row, cell: str, rng: Random) -> str | None:
    text, brand = _text(row, cell), row.company.brand
    spots = [one for one in brand if one in MISTAKEN]
    if not spots or brand not in text:
        return None
    one = rng.choice(spots)
    return text.replace(brand, brand.replace(one, MISTAKEN[one], 1), 1)


def _honorific(row: Row, cell: str, rng: Random) -> str | None:
    person = row.person
    if person is None or person.family not in {one for one, _, _ in SURNAMES}:
        return None
    polite = "女士" if person.woman else "先生"
    job = "总" if "总" in person.title else "经理" if "经理" in person.title else "工" if "工程师" in person.title else polite
    return rng.choices(
        (person.name + polite, person.family + job, person.name + (" " + polite), person.family + polite), (40, 30, 15, 15)
    )[0]


def _plus86(row: Row, cell: str, rng: Random) -> str | None:
    digits = "".join(one for one in _text(row, cell) if one.isdigit())
    if len(digits) != 11 or not digits.startswith("1"):
        return None
    return rng.choice(
        (
            f"+86{digits}",
            f"+86 {digits[:3]} {digits[3:7]} {digits[7:]}",
            f"86-{digits}",
            f"0086{digits}",
            f"(+86){digits}",
            f"86{digits}",
        )
    )


def _area_code(row: Row, cell: str, rng: Random) -> str | None:
    text = _text(row, cell)
    if not text.startswith("0") or "-" not in text:
        return None
    area, number = text.split("-")
    return rng.choice(
        (
            area + number,
            f"({area}){number}",
            f"（{area}）{number}",
            f"{area} {number}",
            number,
            f"{area}-{number[:4]} {number[4:]}",
            f"86-{area[1:]}-{number}",
            f"{text}转{rng.randint(801, 868)}",
        )
    )


def _wide_digits(row: Row, cell: str, rng: Random) -> str | None:
    text = _text(row, cell)
    return wide(text) if wide(text) != text else None


def _two_phones(row: Row, cell: str, rng: Random) -> str | None:
    if row.person is None or not _text(row, "mobile"):
        return None
    mark = rng.choice(("/", "、", ";", " / ", "，", " "))
    if row.table == "east" and _text(row, "landline") and rng.random() < 0.6:
        return _text(row, "landline") + mark.strip().ljust(1) + _text(row, "mobile")
    return row.person.mobile + mark + row.person.other_mobile


def _number_cell(row: Row, cell: str, rng: Random) -> int | None:
    digits = _text(row, cell)
    return int(digits) if digits.isdigit() and len(digits) == 11 else None


def _serial(row: Row, cell: str, rng: Random) -> int | None:
    day = row.cells.get(cell)
    return serial(day) if isinstance(day, date) else None


def _cn_date(row: Row, cell: str, rng: Random) -> str | None:
    day = row.cells.get(cell)
    if not isinstance(day, date):
        return None
    return rng.choice(
        (
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.year}年{day.month:02d}月{day.day:02d}日",
            f"{day.year}年{day.month}月{day.day}号",
        )
    )


def _dotted(row: Row, cell: str, rng: Random) -> str | None:
    day = row.cells.get(cell)
    return (
        rng.choice((f"{day.year}.{day.month}.{day.day}", f"{day:%Y/%m/%d}", f"{day:%Y%m%d}")) if isinstance(day, date) else None
    )


def _placeholder(row: Row, cell: str, rng: Random) -> str | None:
    return rng.choice((PLACEHOLDERS_ABROAD if row.table == "abroad" else PLACEHOLDERS)[cell])


def _mail_noise(row: Row, cell: str, rng: Random) -> str | None:
    text = _text(row, cell)
    if "@" not in text:
        return None
    return rng.choice((text.upper(), text.replace("@", "＠"), text.title(), f" {text} ", f"{text};", f"mailto:{text}"))


def _cut_address(row: Row, cell: str, rng: Random) -> str | None:
    return (
        rng.choice(
            (row.company.line, f"{row.company.city.name}市{row.company.line}", f"{row.company.city.name}{row.company.line}")
        )
        if _text(row, cell)
        else None
    )


def _abroad_form(row: Row, cell: str, rng: Random) -> str | None:
    one = row.company
    base = f"{one.brand} {one.trade.full}"
    form = {
        "Ltd": "Limited",
        "Limited": "Ltd.",
        "Inc.": "Incorporated",
        "Corp.": "Corporation",
        "Pte. Ltd.": "PTE LTD",
        "GmbH": "G.m.b.H.",
    }.get(one.form, "")
    return rng.choice(
        (
            f"{base} {form}".strip(),
            f"{base} {one.form}".upper(),
            f"{one.brand} {one.trade.short}",
            f"The {base} {form or one.form}",
        )
    )


FAMILIES = (
    Family("bracket_width", ("name",), 0.5, _brackets),
    Family("short_name", ("name",), 0.11, _short, ("east", "south", "north")),
    Family("short_name", ("name",), 0.5, _short, ("event",)),
    Family("traditional", ("name", "person", "address"), 0.03, _traditional),
    Family("inner_blanks", ("name", "person"), 0.045, _blanks),
    Family("wrong_char", ("name",), 0.04, _wrong_char, ("east", "south", "north", "event")),
    Family("honorific", ("person",), 0.09, _honorific, ("east", "south", "north", "event")),
    Family("placeholder", ("mobile", "email", "landline", "address"), 0.015, _placeholder),
    Family("two_phones", ("phones",), 0.3, _two_phones, ("east",)),
    Family("two_phones", ("mobile",), 0.03, _two_phones, ("south", "north")),
    Family("plus86", ("mobile",), 0.06, _plus86),
    Family("phone_number_cell", ("mobile",), 0.1, _number_cell, ("east", "south", "north", "event")),
    Family("phone_number_cell", ("mobile",), 0.3, _number_cell, ("north",)),
    Family("area_code", ("landline",), 0.22, _area_code),
    Family("fullwidth_digits", ("mobile", "landline", "address"), 0.02, _wide_digits),
    Family("excel_serial", ("since",), 0.12, _serial, ("east", "north")),
    Family("cn_date", ("since",), 0.2, _cn_date, ("east", "north")),
    Family("dotted_date", ("since",), 0.1, _dotted, ("east", "north")),
    Family("mail_noise", ("email",), 0.05, _mail_noise),
    Family("cut_address", ("address",), 0.25, _cut_address),
    Family("legal_form_abroad", ("name",), 0.25, _abroad_form, ("abroad",)),
    Family("placeholder", ("mobile", "email"), 0.03, _placeholder, ("abroad",)),
)
"""In this order; a cell is spoiled once, so that its truth stays within reach of a careful reader."""

LINE_RULES = frozenset({"phones"})
"""Cells that are made up on the way into the file: `phones` joins landline and mobile."""


def _open(row: Row, cell: str) -> bool:
    return (
        cell not in row.spoiled and not (row.lead and cell in COMPANY_CELLS) and (cell in LINE_RULES or bool(row.cells.get(cell)))
    )


def soil(rows: Iterable[Row], rng: Random) -> None:
    """Put every family of dirt on its share of the rows, each at least LEAST times where the rows allow it."""
    for row in (everything := list(rows)):
        if row.company.status == "deregistered" and row.table not in ("event", "erp"):
            row.families.append("deregistered")
    for family in FAMILIES:
        places = [(row, cell) for row in everything if row.table in family.tables for cell in family.cells if _open(row, cell)]
        rng.shuffle(places)
        wanted = max(LEAST, round(len(places) * family.rate))
        for row, cell in places:
            if not wanted:
                break
            value = None if cell in row.spoiled else family.spoil(row, cell, rng)
            if value is not None and value != row.cells.get(cell):
                row.cells[cell] = value
                row.spoiled.add(cell)
                if cell == "phones":
                    row.spoiled |= {"mobile", "landline"}
                row.families.append(family.name)
                wanted -= 1
