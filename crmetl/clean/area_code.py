"""Chinese landline area codes: which city they are of, and how long their numbers are."""

from functools import lru_cache
from typing import Final

from crmetl.clean.divisions import CITIES, locate, short_name
from crmetl.clean.tables import rows, words

_TABLE: Final = rows("area_codes.csv")
AREA_DIGITS: Final[dict[str, int]] = {row["code"]: int(row["digits"]) for row in _TABLE}
"""Area code with its leading zero -> length of the numbers below it."""
_SHARED: Final = words("shared_area_code")
"""Cities that share the code of a neighbour."""
_CODES: Final[dict[str, str]] = {**{row["city"]: row["code"] for row in reversed(_TABLE)}, **_SHARED}


def area_in(digits: str) -> str | None:
    """
    Return the area code at the front of digits that begin with 0.

    >>> area_in("02161234567"), area_in("051287654321"), area_in("09991")
    ('021', '0512', '0999')
    """
    code = digits[:3] if digits[1:2] in ("1", "2") else digits[:4]
    return code if code in AREA_DIGITS else None


@lru_cache(maxsize=1024)
def area_city(code: str) -> str:
    """
    Return the official name of the city of an area code.

    >>> area_city("0512")
    '苏州市'
    """
    name = next(row["city"] for row in _TABLE if row["code"] == code)
    return CITIES[name][0].name if name in CITIES else name


@lru_cache(maxsize=4096)
def area_code_of(city: str) -> str | None:
    """
    Return the area code of a city, however its name is written.

    >>> area_code_of("苏州市"), area_code_of("上海"), area_code_of("昆山市"), area_code_of("London")
    ('0512', '021', '0512', None)
    """
    official = locate(city).city
    return _CODES.get(short_name(official, "city")) if official else None
