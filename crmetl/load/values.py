"""Between canonical text and what a database's driver takes and gives, a column at a time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from crmetl.plan import canonical
from crmetl.plan.canonical import RULES

Cells = list[Any]


def _stamp(text: str) -> str:
    return text.removesuffix("Z").replace("T", " ")


WRITERS: Mapping[str, Mapping[str, Callable[[str], object]]] = {
    "sqlite": {"boolean": lambda text: {"yes": 1, "no": 0}.get(text, text)},
    "postgresql": {"boolean": lambda text: {"yes": True, "no": False}.get(text, text), "datetime": _stamp},
    "mysql": {"boolean": lambda text: {"yes": 1, "no": 0}.get(text, text), "datetime": _stamp},
    "mariadb": {"boolean": lambda text: {"yes": 1, "no": 0}.get(text, text), "datetime": _stamp},
}
"""Dialect -> semantic type -> how its canonical text is handed to the driver; all else goes as text, which each database
reads as the column's type."""


def to_driver(cells: "pd.Series[str]", kind: str, dialect: str) -> Cells:
    """
    Return what the driver takes for canonical text; None for NA.

    >>> to_driver(pd.Series(["yes", None]), "boolean", "sqlite")
    [1, None]
    """
    texts = cells.astype("object")
    rule = WRITERS.get(dialect, {}).get(kind)
    if rule is not None:
        known = texts.dropna().unique()
        texts = texts.map({one: rule(one) for one in known})
    return texts.where(cells.notna(), None).tolist()


def from_driver(cells: Sequence[object], kind: str) -> "pd.Series[str]":
    """
    Return canonical text for what a driver gave.

    >>> from_driver([Decimal("12.5000"), None], "money").tolist()
    ['12.5', nan]
    """
    plain = all(type(cell) is str or cell is None for cell in cells)
    texts = pd.Series(list(cells) if plain else [_text(cell) for cell in cells], dtype="str")
    return canonical(texts, kind) if kind in RULES else texts.mask(texts == "")


def _text(cell: object) -> str | None:
    match cell:
        case None:
            return None
        case bool():
            return "yes" if cell else "no"
        case datetime() | date():
            return cell.isoformat()
        case Decimal():
            return format(cell, "f")
        case bytes():
            return cell.decode("utf-8", "replace")
        case _:
            return str(cell)
