"""What a value is worth by its type: how much it tells, and whether it proves itself."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from crmetl.clean import TYPES

NUMBERS: Final = re.compile(r"\d+")
DATES: Final = frozenset({"date", "datetime", "date_of_birth"})
CHECKED: Final = DATES | {"uscc", "phone", "mobile", "email", "url", "region", "city", "postcode", "country", "currency"}
"""Types whose reading knows a wrong value from a right one: by check character, numbering plan, calendar or closed list."""
UNCHECKED_TAX: Final = frozenset({15, 17, 20})
"""Lengths of Chinese tax numbers of former days, which had no check character."""
RESERVED: Final = re.compile(r"(?:.*\.)?(?:example|test|invalid|localhost|local)(?:\.(?:com|org|net|cn|com\.cn))?")
"""Domains kept for examples and trials (RFC 2606, RFC 6761)."""
_ID: Final = re.compile(r"\d{17}[\dX]", re.ASCII)


@lru_cache(maxsize=65536)
def told(value: str, kind: str) -> int:
    """
    Return how much a value tells by the parts of its type; 0 where the type has none, so that only length is left.

    An address counts province, city, district, road and number; a company's legal form counts more than all else of its name;
    a person counts given names, initials half, titles not; a birth date on 1 January may stand for its year alone.

    >>> told("上海市浦东新区张江路100号", "address"), told("张江路100号", "address")
    (5, 2)
    >>> told("上海恒曜贸易有限公司", "company_name") > told("上海恒曜贸易恒曜贸易", "company_name")
    True
    >>> [told(one, "person_name") for one in ("王建国", "王总", "J. Smith", "John Smith")]
    [3, 1, 2, 3]
    >>> [told(one, "date_of_birth") for one in ("1985-03-02", "1985-01-01", "1985")]
    [3, 1, 1]
    """
    if kind in DATES:
        return _dated(value, kind)
    measure = MEASURES.get(kind)
    return measure(TYPES[kind].facts(value), value) if measure else 0


def _dated(value: str, kind: str) -> int:
    day = value.removesuffix("T00:00:00") if kind == "datetime" else value
    return 1 if kind == "date_of_birth" and day.endswith("-01-01") else len(NUMBERS.findall(day))


def _placed(facts: Mapping[str, str], value: str) -> int:
    return len(facts) or int(NUMBERS.search(value) is not None)


def _firm(facts: Mapping[str, str], _value: str) -> int:
    return sum(part in facts for part in ("region", "brand", "trade")) + 4 * ("form" in facts)


def _person(facts: Mapping[str, str], _value: str) -> int:
    return ("surname" in facts) + _given({}, facts.get("given", ""))


def _given(_facts: Mapping[str, str], value: str) -> int:
    return sum(1 if len(word.strip(".")) == 1 and word.isascii() else 2 for word in value.split())


def _dialled(facts: Mapping[str, str], _value: str) -> int:
    return 0 if facts.get("kind") == "masked" else 1 + ("country" in facts) + ("ext" in facts)


def _known(facts: Mapping[str, str], _value: str) -> int:
    return len(facts)


MEASURES: Final[Mapping[str, Callable[[Mapping[str, str], str], int]]] = {
    "address": _placed,
    "city": _known,
    "uscc": _known,
    "company_name": _firm,
    "person_name": _person,
    "given_name": _given,
    "phone": _dialled,
    "mobile": _dialled,
}


@lru_cache(maxsize=65536)
def proven(value: str, kind: str) -> bool:
    """
    Say whether a value proves itself: nobody types a check character, or a number that can be dialled, right by chance.

    >>> [proven(one, "uscc") for one in ("91110108551385082Q", "91110108551385082A")]
    [True, False]
    >>> [proven(one, "phone") for one in ("+862161234567", "61234567", "13800000000")]
    [True, False, False]
    >>> [proven(one, "email") for one in ("lina@huaxin.com", "lina@example.com", "lina@huaxin")]
    [True, False, False]
    >>> proven("11010519491231002X", "id_code"), proven("A-1", "id_code"), proven("华信", "company_name")
    (True, False, False)
    """
    if kind == "id_code":
        return _ID.fullmatch(value) is not None and _identity(value)
    if kind == "tax_id":
        return proven(value, "uscc") or (len(value) not in UNCHECKED_TAX and _reads(value, kind))
    if kind not in CHECKED or not _reads(value, kind):
        return False
    if kind in ("phone", "mobile"):
        return value.startswith("+") and TYPES[kind].facts(value).get("kind") != "masked"
    if kind in ("email", "url"):
        return RESERVED.fullmatch(TYPES[kind].facts(value).get("domain", "")) is None
    return True


def _reads(value: str, kind: str) -> bool:
    """Say whether a type takes a value as it stands."""
    return getattr(TYPES[kind].parse(value), "value", None) == value


def _identity(value: str) -> bool:
    """Say whether the check character of a resident's number holds: ISO 7064 MOD 11-2, GB 11643-1999."""
    total = sum(int(digit) * (2 ** (17 - at) % 11) for at, digit in enumerate(value[:17]))
    return "10X98765432"[total % 11] == value[17]
