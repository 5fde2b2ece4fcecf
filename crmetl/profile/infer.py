"""The semantic type of a column, from its values and its heading."""

from collections.abc import Sequence
from typing import NamedTuple

from crmetl.clean import TYPES, recognise_share
from crmetl.profile.hints import hinted

SAMPLE = 200
"""Distinct values asked; a share is then right to some 7 points (binomial, 95 %)."""
SURE = 0.7
WITH_HINT = 0.45
"""With a heading the values need to say less: half of the numbers of a phone column may be wrong."""

SPECIFIC = (
    "uscc", "email", "url", "mobile", "date", "datetime", "phone", "region", "country", "currency", "city", "company_name",
    "address",
    "money", "percent", "boolean", "quantity", "person_name", "id_code",
)  # fmt: skip
"""Types that values alone can show, the narrowest first: a mobile is a phone, a phone is a number, a number is a code."""
_BY_HEADING = {"owner": "person_name", "date_of_birth": "date", "postcode": "id_code", "money": "quantity", "percent": "quantity"}
"""Types that a heading may tell of values that look like another type: an amount without currency is a number."""
_WORDS = ("text", "long_text", "choice")
_LISTED = ("region", "country", "currency", "city")
"""Types known by a list, on which any two letters may stand by chance (`in` is a direction, and India)."""
FEWEST = 3
FEW = 20
LONG = 60


class Inferred(NamedTuple):
    """A type, and how far it can be relied on, 0 to 1."""

    type: str
    confidence: float


def _plain(values: Sequence[str], rows: int) -> Inferred:
    """Tell running text, a choice and short text apart."""
    if sum(len(one) > LONG or "\n" in one for one in values) * 3 > len(values):
        return Inferred("long_text", 0.7)
    return Inferred("choice", 0.7) if len(values) <= FEW and rows >= 4 * len(values) else Inferred("text", 0.5)


def infer(heading: str, values: Sequence[str], rows: int) -> Inferred:
    """
    Say what a column seems to hold.

    Args:
        heading: Of the column.
        values: Distinct filled values, or a sample of them.
        rows: Rows that have a value.

    >>> infer("联系电话", ["0571-88001234", "13912345678"], 2).type
    'phone'
    >>> infer("甲", ["a@b.cn", "c@d.cn"], 2)
    Inferred(type='email', confidence=0.9)
    """
    hint = hinted(heading)
    if not values:
        return Inferred(hint or "text", 0.3 if hint else 0.0)
    asked = values[:SAMPLE]
    if hint and hint not in _WORDS:
        share = max(recognise_share(TYPES[kind], asked) for kind in {hint, _BY_HEADING.get(hint, hint)} - {"owner"})
        if share >= WITH_HINT:
            return Inferred(hint, round(0.5 + 0.5 * share, 2))
    plain = _plain(asked, rows)
    if hint in _WORDS:
        return Inferred(plain.type if hint == "choice" else hint, 0.8)
    for kind in SPECIFIC:
        share = recognise_share(TYPES[kind], asked)
        if share >= SURE and (kind not in _LISTED or len(values) >= FEWEST):
            return Inferred(kind, round((0.9 if kind in SPECIFIC[:8] else 0.7) * share, 2))
    return plain
