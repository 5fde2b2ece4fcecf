"""The profile of one table."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from crmetl.batch import LINEAGE
from crmetl.clean import TYPES, Cleaned, hide_residents
from crmetl.clean.proof import date_order, decimal_mark, fillers
from crmetl.profile.infer import SAMPLE, infer
from crmetl.profile.shapes import shape

SHOWN = 5
_SHAPED = 5_000
"""Distinct values whose shape is taken."""
_PAIRED = 8
"""Columns tried in pairs when no column alone identifies a row."""
_CODES = ("id_code", "uscc", "tax_id")
_NO_KEY = ("long_text", "money", "percent", "date", "datetime", "address", "choice", "boolean")
"""Types that may differ in every row and yet identify nothing."""
_OPEN = (
    "region",
    "city",
    "country",
    "currency",
    "choice",
    "boolean",
    "industry",
    "date",
    "money",
    "quantity",
    "percent",
    "language",
)
"""Types whose frequent values may be shown as they are, unless the type says that they are personal."""


@dataclass(frozen=True)
class ColumnProfile:
    """
    One column.

    Attributes:
        filled: Share of rows with a value.
        distinct: Number of different values.
        type: Semantic type that it seems to have.
        confidence: 0 to 1.
        personal: Its values are masked.
        shapes: The most frequent shapes with their number of rows.
        top: The most frequent values with their number of rows, masked where personal or telling.
        shortest, longest: Length in characters; 0 in an empty column.
        date_order, decimal: What the cells together prove of dates like 03/04/2024, and of the mark before a fraction.
        fillers: Values that stand so often that they may say nothing, masked where personal; proposals for `placeholders`.
    """

    name: str
    filled: float
    distinct: int
    type: str
    confidence: float
    personal: bool
    shapes: tuple[tuple[str, int], ...] = ()
    top: tuple[tuple[str, int], ...] = ()
    shortest: int = 0
    longest: int = 0
    date_order: str | None = None
    decimal: str | None = None
    fillers: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableProfile:
    """
    One table.

    Attributes:
        keys: Columns, or pairs of columns, that are filled in every row and differ in every row; the likeliest first.
        duplicate_rows: Rows that say exactly what a row before them says.
    """

    name: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    duplicate_rows: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        out: dict[str, Any] = asdict(self)
        return {**out, "columns": list(out["columns"]), "keys": [list(key) for key in self.keys]}

    def column(self, name: str) -> ColumnProfile:
        """Return the profile of a column."""
        return next(one for one in self.columns if one.name == name)


def shown(kind: str, value: str, *, telling: bool) -> str:
    """
    Return what a report may show of a raw value: masked by its type, or all but its first character hidden.

    Args:
        kind: Semantic type of its column.
        value: As typed.
        telling: It may say who somebody is, whatever its type.

    >>> shown("choice", "正常", telling=False), shown("text", "王芳来电", telling=True)
    ('正常', '王***')
    """
    known = TYPES[kind]
    if not known.personal:
        return f"{value[:1]}***" if telling else hide_residents(value)
    read = known.parse(value)
    return known.mask(read.value) if isinstance(read, Cleaned) and read.value else f"{value[:1]}***"


def _column(name: str, cells: "pd.Series[str]") -> ColumnProfile:
    filled = cells.dropna()
    counts = filled.value_counts()
    # Ties in an order that does not depend on the order of rows.
    counts = (
        counts.iloc[sorted(range(len(counts)), key=lambda at: (-counts.iloc[at], counts.index[at]))]
        if len(counts) < _SHAPED
        else counts
    )
    values = [str(one) for one in counts.index]
    kind, confidence = infer(name, _spread(values), len(filled))
    lengths = filled.str.len()
    telling = kind not in _OPEN and kind != "company_name" and (len(values) * 2 > len(filled) or kind in ("text", "long_text"))
    shapes: pd.Series[int] = counts.head(_SHAPED).groupby([shape(one) for one in values[:_SHAPED]]).sum()
    return ColumnProfile(
        name,
        round(len(filled) / len(cells), 4) if len(cells) else 0.0,
        len(values),
        kind,
        confidence,
        TYPES[kind].personal,
        _most(shapes),
        tuple(
            (shown(kind, one, telling=telling), int(times)) for one, times in zip(values[:SHOWN], counts.head(SHOWN), strict=True)
        ),
        int(lengths.min()) if len(filled) else 0,
        int(lengths.max()) if len(filled) else 0,
        date_order(values) if kind in ("date", "datetime", "date_of_birth") else None,
        decimal_mark(values) if kind in ("money", "quantity", "percent") else None,
        tuple(shown(kind, one, telling=False) for one in fillers(dict(zip(values, map(int, counts), strict=True)), kind)),
    )


def _most(counts: "pd.Series[int]") -> tuple[tuple[str, int], ...]:
    ordered = sorted(((str(name), int(times)) for name, times in counts.items()), key=lambda one: (-one[1], one[0]))
    return tuple(ordered[:SHOWN])


def _spread(values: Sequence[str]) -> list[str]:
    """Return values from everywhere in the list, so that a sample of a sorted column is no corner of it."""
    return [str(one) for one in values[:: max(1, len(values) // SAMPLE)]]


def _keys(frame: pd.DataFrame, columns: Sequence[ColumnProfile]) -> tuple[tuple[str, ...], ...]:
    rows = len(frame)
    if rows < 2:
        return ()
    full = sorted((one for one in columns if one.filled == 1.0 and one.type not in _NO_KEY and one.distinct > 1), key=_telling)
    alone = tuple((one.name,) for one in full if one.distinct == rows)
    pairs = combinations([one.name for one in full[:_PAIRED]], 2)
    return alone or tuple(pair for pair in pairs if not frame.duplicated(list(pair)).any())


def _telling(column: ColumnProfile) -> tuple[bool, bool, int]:
    """Order columns by how likely they are a key: codes first, then running numbers, which tell the rows of an order apart."""
    return column.type not in _CODES, column.type not in ("quantity", "email", "mobile"), -column.distinct


def profile_table(frame: pd.DataFrame, *, name: str) -> TableProfile:
    """
    Return the profile of a table.

    Args:
        frame: Text columns with NA for blank; lineage columns are left out.
        name: Of the table.

    >>> profile_table(pd.DataFrame({"客户编号": ["K1", "K2"]}, dtype="str"), name="客户").keys
    (('客户编号',),)
    """
    plain = frame[[one for one in frame.columns if one not in LINEAGE]]
    columns = tuple(_column(str(one), plain[one]) for one in plain.columns)
    repeated = int(plain.duplicated().sum()) if len(plain.columns) else 0
    return TableProfile(name, len(plain), columns, _keys(plain, columns), repeated)
