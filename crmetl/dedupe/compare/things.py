"""How codes, addresses, places, dates and free text are read and compared."""

import re
from collections.abc import Mapping

import numpy as np
from rapidfuzz import fuzz

from crmetl.clean import TYPES
from crmetl.dedupe.compare import atonce
from crmetl.dedupe.compare.codes import Codes, Levels, Mask, Texts, texts
from crmetl.dedupe.compare.columns import Column, Family
from crmetl.dedupe.compare.measures import agree, both, jaro, scores, within
from crmetl.dedupe.compare.place import city_of_code
from crmetl.dedupe.compare.reading import Reading
from crmetl.dedupe.telling import proven

_ROAD = re.compile(r"(?:^|[ ,])(\d+)[a-z]?,? +([a-z][a-z' ]*?[a-z]|\d+(?:st|nd|rd|th)[a-z' ]*)(?=,|$| \d)")
_UNITS = ("suite", "ste", "apt", "apartment", "unit", "room", "rm", "floor", "fl", "no")
_UNIT = re.compile(rf"[ ,]+(?:{'|'.join(_UNITS)})\.?(?: .*|\d.*)?$|[ ,]*#.*$")
_WORD = re.compile(r"[a-z]+")
_FORMS = """
st street str; ave avenue av; rd road; dr drive; ln lane; blvd boulevard blv boul; ct court; pl place; sq square; hwy highway;
pkwy parkway; ter terrace; cir circle; cres crescent; n north; s south; e east; w west; ne northeast; nw northwest;
se southeast; sw southwest; mt mount; ft fort
"""
_SHORT = {form: group.split()[0] for group in _FORMS.split(";") for form in group.split()}
"""Words of Western addresses -> their short form."""


CLOSE, NEAR = 0.88, 0.86
"""Jaro-Winkler similarity of two lines of one place, with the same house number and without."""


def _prefix(values: Texts, length: int) -> Texts:
    return texts([one[:length] if len(one) >= length else "" for one in values])


def _suffix(values: Texts, length: int) -> Texts:
    return texts([one[-length:] if len(one) >= length else "" for one in values])


def read_code(values: Texts) -> Reading:
    """Read a registered number in any case; a Chinese credit code also by its organisation part (characters 9 to 17)."""
    folded = [one.upper() for one in values]
    body = texts([one[8:17] if len(one) == 18 else one if len(one) == 9 else "" for one in folded])
    values = texts(folded)
    return Reading(
        parts={
            "start": _prefix(values, 4),
            "end": _suffix(values, 4),
            "city": texts([city_of_code(one) for one in values]),
            "code": values,
            "body": body,
            "short": texts(["short" if len(one) == 9 else "" for one in folded]),
            "unproven": texts(["unproven" if _mistyped(one) else "" for one in folded]),
        },
        bases={"same": values},
        strong={"code": values, "organisation": body},
        weak={"code_end": _suffix(values, 4)},
        coarse={"code_head": _prefix(values, 4)},
    )


def compare_code(column: Column, a: Codes, b: Codes) -> Levels:
    """Same start or end and one edit is `edit`; two numbers of which one fails its check character contradict nothing."""
    part = column.coded
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    near = agree(part["start"], a, b) | agree(part["end"], a, b)
    registered = column.has("unproven")
    if registered:
        out[(part["unproven"][a] >= 0) | (part["unproven"][b] >= 0)] = column.level("unproven")
    out[within(1, column.values, a, b, near)] = column.level("edit")
    if registered:
        out[agree(part["body"], a, b) & ((part["short"][a] >= 0) | (part["short"][b] >= 0))] = column.level("body")
    out[agree(part["code"], a, b)] = column.level("same")
    return out


def _mistyped(code: str) -> bool:
    """
    Say whether a number of 18 characters fails the check of a credit code and that of a resident's number.

    >>> [_mistyped(one) for one in ("91110108551385082Q", "91110108551385082A", "11010519491231002X", "GB123456789")]
    [False, True, False, False]
    """
    return len(code) == 18 and code.isascii() and not (proven(code, "uscc") or proven(code, "id_code"))


def read_address(values: Texts) -> Reading:
    """Read road and house number of Chinese and Western address lines."""
    return atonce.read(values, _read_address, _LINES)


def _read_address(values: Texts) -> Reading:
    lines = texts([_line(one) for one in values])
    told = [TYPES["address"].facts(one) or _western(line) for one, line in zip(values, lines, strict=True)]
    road, number = (texts([one.get(part, "") for one in told]) for part in ("road", "number"))
    spot = texts([f"{r} {n}" if r and n else "" for r, n in zip(road, number, strict=True)])
    base = texts([s or v for s, v in zip(spot, lines, strict=True)])
    return Reading(
        parts={
            "road": road,
            "number": number,
            "spot": spot,
            "line": lines,
            "head": _prefix(lines, 3),
            "city": texts([one.get("city", "") for one in told]),
        },
        bases={"same": base},
        strong={"spot": spot},
        weak={"line": lines},
        coarse={
            "number": number,
            "road_head": texts([(r or v)[:5] for r, v in zip(road, lines, strict=True)]),
            "words": texts([" ".join(sorted(one.split())[:3]) for one in lines]),
        },
    )


def _line(value: str) -> str:
    """
    Return an address line with the usual words in their short form.

    >>> _line("12 north high street, leeds"), _line("人民路12号")
    ('12 n high st, leeds', '人民路12号')
    """
    return _WORD.sub(lambda found: _SHORT.get(found[0], found[0]), value) if value.isascii() else value


_LINES = atonce.lines_of(_line, _UNITS)


def _western(line: str) -> Mapping[str, str]:
    """
    Return road and number of a Western address line in short form; the unit in the house tells nothing.

    >>> _western("12 high st, leeds"), _western("12 n high st suite 5"), _western("somewhere")
    ({'road': 'high st', 'number': '12'}, {'road': 'n high st', 'number': '12'}, {})
    """
    found = _ROAD.search(_UNIT.sub("", line))
    return {"road": found[2], "number": found[1]} if found else {}


def compare_address(column: Column, a: Codes, b: Codes) -> Levels:
    """Road and number equal is `same`; the number and nearly the road, or lines nearly alike, `close`; then one of them alone."""
    spot, road, number, line = (column.coded[part] for part in ("spot", "road", "number", "line"))
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    same = agree(spot, a, b) | agree(line, a, b)
    same_road, same_number = agree(road, a, b), agree(number, a, b)
    out[same_number] = column.level("number")
    out[same_road] = column.level("road")
    unread = ~both(spot, a, b)
    ask = (same_number | unread | agree(column.coded["head"], a, b)) & ~same & ~same_road
    alike = jaro(column.reading.parts["line"].texts, a, b, ask)
    out[ask & (alike >= NEAR)] = column.level("near")
    out[ask & (alike >= CLOSE) & (same_number | unread)] = column.level("close")
    out[same] = column.level("same")
    return out


def read_place(values: Texts) -> Reading:
    """Read a city or region."""
    return Reading(
        parts={"head": _prefix(values, 2), "tail": _suffix(values, 3)},
        bases={"same": values},
        weak={"place": values},
        coarse={"place_head": texts([one[:4] for one in values])},
    )


def compare_place(column: Column, a: Codes, b: Codes) -> Levels:
    """Nearly the same letters is `close`; Chinese places of two characters have no near ones."""
    near = agree(column.coded["head"], a, b) | agree(column.coded["tail"], a, b)
    close = jaro(column.values, a, b, near) >= 0.88
    return np.where(close, column.level("close"), column.level("else")).astype(np.uint8)


def compare_plain(column: Column, a: Codes, b: Codes) -> Levels:
    """Different is different."""
    return np.full(len(a), column.level("else"), dtype=np.uint8) | np.zeros(len(b), dtype=np.uint8)


def read_plain(values: Texts) -> Reading:
    """Read a value as it stands."""
    return Reading(bases={"same": values}, weak={"value": values})


def read_postcode(values: Texts) -> Reading:
    """Read a postcode."""
    return Reading(
        parts={"head": _prefix(values, 2), "tail": _suffix(values, 2), "area": _prefix(values, 3)},
        bases={"same": values},
        weak={"postcode": values},
        coarse={"area": _prefix(values, 3)},
    )


def compare_postcode(column: Column, a: Codes, b: Codes) -> Levels:
    """One digit wrong or two neighbours swapped is `edit`."""
    near = agree(column.coded["head"], a, b) | agree(column.coded["tail"], a, b)
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    out[agree(column.coded["area"], a, b)] = column.level("area")
    out[within(1, column.values, a, b, near)] = column.level("edit")
    return out


def read_day(values: Texts) -> Reading:
    """Read an ISO date (a time behind it is left out)."""
    parts = [(one[:4], one[5:7], one[8:10]) if len(one) >= 10 and one[4] == "-" else ("", "", "") for one in values]
    return Reading(
        parts={
            **{name: texts([one[at] for one in parts]) for at, name in enumerate(("year", "month", "day"))},
            "first": texts(["01-01" if (m, d) == ("01", "01") else "" for _, m, d in parts]),
        },
        bases={"same": values},
        strong={},
        weak={
            "date": values,
            "day": texts([d + m if d <= m else m + d for _, m, d in parts]),
            "month": texts([y + m for y, m, _ in parts]),
        },
        coarse={"year": texts([y for y, _, _ in parts])},
    )


def compare_day(column: Column, a: Codes, b: Codes) -> Levels:
    """
    Return how two days differ.

    Two of year, month and day with one digit off, or day and month swapped, is `close`; two of them `two`; the same year
    `new_year` where one is a 1 January, else `year`.
    """
    year, month, day = (agree(column.coded[part], a, b) for part in ("year", "month", "day"))
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    out[year] = column.level("year")
    two: Mask = (year & month) | (year & day) | (month & day)
    months, days = column.coded["month"], column.coded["day"]
    swapped = year & (months[a] == days[b]) & (days[a] == months[b])
    out[two] = column.level("two")
    unknown = agree(column.coded["first"], a, a) | agree(column.coded["first"], b, b)
    out[year & unknown] = column.level("new_year")
    slip = within(1, column.values, a, b, two | year)
    out[slip | swapped] = column.level("close")
    return out


def read_text(values: Texts) -> Reading:
    """Read free text."""
    return Reading(bases={"same": values}, weak={"text": values, "head": _prefix(values, 4)})


def compare_text(column: Column, a: Codes, b: Codes) -> Levels:
    """Nearly the same letters are `close`."""
    alike = scores(fuzz.ratio, column.values, a, b) >= 90
    return np.where(alike, column.level("close"), column.level("else")).astype(np.uint8)


CODE = Family(read_code, compare_code)
ADDRESS = Family(read_address, compare_address)
PLACE = Family(read_place, compare_place)
REGION = Family(read_plain, compare_plain)
POSTCODE = Family(read_postcode, compare_postcode)
DAY = Family(read_day, compare_day)
TEXT = Family(read_text, compare_text)
