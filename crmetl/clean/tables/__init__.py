"""The tables that ship with the package; `NOTICE.txt` tells where each comes from."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


def lines(name: str) -> tuple[str, ...]:
    """
    Return the lines of a table of words.

    >>> "电子" in lines("trade_words.txt")
    True
    """
    return tuple(files(__name__).joinpath(name).read_text(encoding="utf-8").splitlines())


def rows(name: str) -> tuple[dict[str, str], ...]:
    """
    Return the rows of a table of columns.

    >>> rows("area_codes.csv")[0]
    {'code': '010', 'province': '北京', 'city': '北京', 'digits': '8'}
    """
    return tuple(csv.DictReader(lines(name)))


@cache
def words(name: str) -> Mapping[str, str]:
    """
    Return a list of `words.csv`: word -> value, or word -> "" where the list is a plain one; in the order of the file.

    >>> words("western_trade")["electronics"], "qq.com" in words("free_mail")
    ('电子', True)
    """
    return MappingProxyType({row["word"]: row["value"] for row in _words() if row["list"] == name})


@cache
def _words() -> tuple[dict[str, str], ...]:
    return rows("words.csv")
