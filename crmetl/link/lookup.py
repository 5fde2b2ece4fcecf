"""Text -> places, as hash tables: made once for a whole run, asked chunk by chunk."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

HIT = ("row", "at", "ref")
"""Row, place of the value in its cell, place of the candidate."""


@dataclass(frozen=True)
class Lookup:
    """
    Text -> places of the records that it fits.

    Attributes:
        one: Texts that fit one record; most do, and need no tuple.
        many: Texts that fit several.
    """

    one: dict[str, int] = field(default_factory=dict)
    many: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def get(self, text: str) -> tuple[int, ...]:
        """Return the places of a text, in ascending order; none where nobody has it."""
        place = self.one.get(text)
        return (place,) if place is not None else self.many.get(text, ())


def lookup(pairs: Iterable[tuple[str, int]]) -> Lookup:
    """
    Return the look-up of (text, place); repeats are one, places below 0 are nobody's.

    >>> lookup([("a", 1), ("b", 2), ("a", 3), ("a", 1), ("c", -1)])
    Lookup(one={'b': 2}, many={'a': (1, 3)})
    """
    one: dict[str, int] = {}
    many: dict[str, set[int]] = {}
    for text, place in pairs:
        if place >= 0 and one.setdefault(text, place) != place:
            many.setdefault(text, {one[text]}).add(place)
    for text in many:
        del one[text]
    return Lookup(one, {text: tuple(sorted(places)) for text, places in many.items()})


def hits(cells: "pd.Series[str]", ask: Callable[[str], list[tuple[int, int]]]) -> pd.DataFrame:
    """
    Return the candidates of each cell; `ask` is asked once per distinct cell.

    Args:
        cells: Evidence; index is the row.
        ask: Cell -> (place of the value in the cell, place of a candidate).

    Returns:
        Columns HIT.
    """
    filled = cells.dropna()
    codes, distinct = pd.factorize(filled)
    answers = [ask(cell) for cell in distinct.tolist()]
    flat = np.array([pair for answer in answers for pair in answer], dtype="int64").reshape(-1, 2)
    size = np.array([len(answer) for answer in answers], dtype="int64")
    first = np.cumsum(size) - size
    per_row = size[codes] if len(size) else np.zeros(0, dtype="int64")
    within = np.arange(per_row.sum()) - np.repeat(np.cumsum(per_row) - per_row, per_row)
    which = np.repeat(first[codes] if len(size) else per_row, per_row) + within
    return pd.DataFrame(
        {"row": np.repeat(filled.index.to_numpy(dtype="int64"), per_row), "at": flat[which, 0], "ref": flat[which, 1]}
    )


def together(found: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return hits below each other."""
    filled = [one for one in found if len(one)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame({name: np.zeros(0, dtype="int64") for name in HIT})
