"""The tables that ship with the package; `NOTICE.txt` tells where each comes from."""

import csv
from importlib.resources import files


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
