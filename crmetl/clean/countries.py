"""Countries by any of their names."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from crmetl.clean.kind import SemanticType, reading
from crmetl.clean.script import fold, half_width
from crmetl.clean.tables import rows
from crmetl.faults.clean import COUNTRY_UNKNOWN
from crmetl.faults.kind import Fault
from crmetl.text import Text

_DROP: Final = re.compile(r"[\s.,'’()（），·-]+")

_TWICE: Final = re.compile(r"([^/()|]+?)\s*[/(|]\s*([^/()|]+?)\s*\)?")
"""A country named twice: `France (FR)`, `中国/China`."""


def _bare(text: str) -> str:
    return _DROP.sub("", fold(half_width(text)).casefold())


def _table() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in rows("countries.csv"):
        for name in (row["code"], row["zh"], row["en"], *row["aliases"].split("|")):
            if name:
                found.setdefault(_bare(name), row["code"])
    return found


_CODES: Final = _table()
_NAMES: Final = {row["code"]: Text(row["zh"], row["en"]) for row in rows("countries.csv")}


@lru_cache(maxsize=8192)
def country_code(name: str) -> str:
    """
    Return the ISO 3166-1 code of a country, or "".

    Source: ISO 3166-1 alpha-2; names of CLDR; aliases of `tables/countries.csv`.

    >>> [country_code(name) for name in ("UK", "P.R. China", "中国香港", "Türkiye", "德國", "Atlantis")]
    ['GB', 'CN', 'HK', 'TR', 'DE', '']
    """
    found = _CODES.get(_bare(name), "")
    if found:
        return found
    parts = _TWICE.fullmatch(half_width(name))
    both = {_CODES.get(_bare(part), "") for part in parts.groups()} if parts else set()
    return both.pop() if len(both) == 1 else ""


def country(raw: str) -> str | Fault:
    """
    Return the code of a country, or `COUNTRY_UNKNOWN`.

    >>> country("United Kingdom"), country("东南亚").code
    ('GB', 'COUNTRY_UNKNOWN')
    """
    return country_code(raw) or COUNTRY_UNKNOWN


def _facts(value: str) -> Mapping[str, str]:
    return {"zh": _NAMES[value].zh, "en": _NAMES[value].en} if value in _NAMES else {}


COUNTRY = SemanticType("country", Text("国家", "Country"), reading(country, "country"), facts=_facts)
