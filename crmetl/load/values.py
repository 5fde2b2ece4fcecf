"""Between canonical text and what a database's driver takes and gives, a column at a time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crmetl.load.refusals import Refused
from crmetl.plan import canonical
from crmetl.plan.canonical import RULES

Cells = list[Any]


def _stamp(text: str) -> str:
    """Write a time in UTC without its zone: PostgreSQL would overlook an offset, MariaDB refuse it."""
    return RULES["datetime"](text).removesuffix("Z").replace("T", " ")


WRITERS: Mapping[str, Mapping[str, Callable[[str], object]]] = {
    "sqlite": {"boolean": lambda text: {"yes": 1, "no": 0}.get(text, text)},
    "postgresql": {"datetime": _stamp},
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
    texts: Cells = pa.array(cells.astype("str"), pa.large_string()).to_pylist()
    rule = WRITERS.get(dialect, {}).get(kind)
    if rule is None:
        return texts
    known = {one: rule(one) for one in set(texts) if one is not None}
    return [known.get(one) for one in texts]


def in_utc(cells: "pd.Series[str]") -> "pd.Series[str]":
    """Return times as PostgreSQL's COPY takes them."""
    return cells.astype("str").map(_stamp, na_action="ignore").astype("str")


def refuse_nul(rows: pd.DataFrame) -> None:
    """
    Refuse a text with U+0000: PostgreSQL has no place for it, and the same plan must do the same everywhere.

    Raises:
        Refused: A cell holds one.
    """
    for name in rows.columns:
        texts = pa.array(rows[name].astype("str"), pa.large_string())
        for chunk in texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]:
            if _has_nul(chunk):
                raise Refused("nul")


def _has_nul(texts: pa.Array) -> bool:
    """Look at the bytes of all texts at once."""
    _, offsets, content = texts.buffers()
    if content is None or not len(texts):
        return False
    bounds = np.frombuffer(offsets, dtype="int64")[texts.offset : texts.offset + len(texts) + 1]
    return not np.frombuffer(content, dtype="uint8")[bounds[0] : bounds[-1]].all()


def from_driver(cells: Sequence[object], kind: str) -> "pd.Series[str]":
    """
    Return canonical text for what a driver gave.

    >>> from_driver([Decimal("12.5000"), None], "money").tolist()
    ['12.5', nan]
    """
    try:
        plain = pa.array(cells, pa.large_string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        plain = pa.array([_text(cell) for cell in cells], pa.large_string())
    texts = pd.Series(pd.array(plain, dtype="str"))
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
