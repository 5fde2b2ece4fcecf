"""Which city and province a place in a name, a city field or an address stands for."""

from functools import lru_cache

from crmetl.clean.area_code import area_city, area_in
from crmetl.clean.divisions import DIVISIONS, locate

_CITY_OF_CODE = {one.code[:4]: one.city or one.name for one in DIVISIONS if one.level in ("city", "county")}
_PROVINCES_OF_ONE_CITY = {"11": "北京市", "12": "天津市", "31": "上海市", "50": "重庆市"}


def city_of(text: str) -> str:
    """
    Return the official city, or "" where the text tells none; a foreign place stands for itself.

    >>> city_of("上海"), city_of("江苏"), city_of("江苏苏州"), city_of("leeds"), city_of("")
    ('上海市', '', '苏州市', 'leeds', '')
    """
    found = locate(text)
    return found.city or ("" if found.province or found.candidates else text)


def province_of(text: str) -> str:
    """
    Return the official province, or "".

    >>> province_of("苏州"), province_of("leeds")
    ('江苏省', '')
    """
    return locate(text).province


@lru_cache(maxsize=4096)
def _city_of_area(code: str) -> str:
    return area_city(code)


def city_of_number(digits: str) -> str:
    """
    Return the official city of a Chinese landline, "" for any other number.

    Args:
        digits: With the country code.

    >>> city_of_number("8651254097980"), city_of_number("8613800138000"), city_of_number("442071838750")
    ('苏州市', '', '')
    """
    code = area_in("0" + digits[2:]) if digits.startswith("86") and len(digits) >= 11 and digits[2] != "1" else None
    if digits.startswith("8610"):
        code = "010" if len(digits) == 12 else None
    return _city_of_area(code) if code else ""


def city_of_code(code: str) -> str:
    """
    Return the official city in which a Chinese credit code was given, "" where it tells none.

    Source: GB 32100-2015, characters 3 to 8 are the division code of the registry.

    >>> city_of_code("91330300MA29900001"), city_of_code("91310115MA1H7XXXXX"), city_of_code("12345")
    ('温州市', '上海市', '')
    """
    if len(code) != 18:
        return ""
    return _PROVINCES_OF_ONE_CITY.get(code[2:4]) or _CITY_OF_CODE.get(code[2:6], "")
