"""One text for one value, whoever wrote it: what the diff compares and what a read-back must give."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import pandas as pd

PLACES = {"money": 4, "quantity": 6, "percent": 6}
"""Decimal places that the target keeps; money as NUMERIC(18,4) of the schema's design, the others two finer."""

YES = frozenset({"yes", "true", "1", "t", "y"})
NO = frozenset({"no", "false", "0", "f", "n"})


def _decimal(kind: str) -> Callable[[str], str]:
    step = Decimal(1).scaleb(-PLACES[kind])

    def canonical_decimal(text: str) -> str:
        try:
            value = Decimal(text).quantize(step, ROUND_HALF_UP).normalize()
        except InvalidOperation:
            return text
        return "0" if value == 0 else format(value, "f")

    return canonical_decimal


def _boolean(text: str) -> str:
    word = text.strip().lower()
    return "yes" if word in YES else "no" if word in NO else text


def _date(text: str) -> str:
    """Cut a midnight that a driver put behind a date."""
    day, _, time = text.partition("T" if "T" in text else " ")
    return day if time in ("", "00:00:00", "00:00:00Z") else text


def _datetime(text: str) -> str:
    """Write a time in UTC; one without a zone is taken as UTC, its raw text stands beside it (design, section 8)."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    fixed = moment.astimezone(UTC) if moment.tzinfo else moment
    return fixed.replace(tzinfo=None).isoformat(timespec="microseconds" if fixed.microsecond else "seconds") + "Z"


def _custom(text: str) -> str:
    try:
        content = json.loads(text)
    except ValueError:
        return text
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")) if content else ""


RULES: dict[str, Callable[[str], str]] = {
    **{kind: _decimal(kind) for kind in PLACES},
    "boolean": _boolean,
    "date": _date,
    "date_of_birth": _date,
    "datetime": _datetime,
    "custom": _custom,
}
"""Semantic type (or `custom`) -> how its canonical text is made; all other types are their own text."""


def canonical(cells: "pd.Series[str]", kind: str) -> "pd.Series[str]":
    """
    Return the one text of each value; blank text is NA, what cannot be read as its type stays as it is.

    Args:
        cells: Text or NA.
        kind: Semantic type of the field, or `custom` for JSON text.

    >>> canonical(pd.Series(["12.50", "0.00", "", None]), "money").tolist()
    ['12.5', '0', nan, nan]
    >>> canonical(pd.Series(["2024-03-05T08:00:00+08:00"]), "datetime").tolist()
    ['2024-03-05T00:00:00Z']
    """
    texts = cells.astype("str")
    rule = RULES.get(kind)
    if rule is not None:
        known = pd.Series(texts.dropna().unique(), dtype="str")
        texts = texts.map(pd.Series(known.map(rule).to_numpy(), index=pd.Index(known, dtype="str"), dtype="str"))
    return texts.astype("str").mask(texts == "")
