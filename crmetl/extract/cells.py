"""Workbook cells as text, exactly as the sheet means them; cleaning gives types."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NUMBERS = frozenset({float, int})
CERTAIN = 10**15
"""Excel keeps 15 significant digits; a whole number from here on may have lost its last ones."""


def number(value: float) -> str:
    """
    Write a number without a trailing `.0` and without an exponent, every digit of it.

    >>> number(417.0), number(0.1), number(1e-07), number(13912345678.0), number(float("inf"))
    ('417', '0.1', '0.0000001', '13912345678', 'inf')
    """
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text


def moment(value: datetime) -> str:
    """
    Write a point in time in ISO; a date where it is midnight, no zone.

    >>> moment(datetime(2024, 3, 5)), moment(datetime(2024, 3, 5, 14, 22, 10))
    ('2024-03-05', '2024-03-05T14:22:10')
    """
    return value.isoformat() if value.time() != time() else value.date().isoformat()


def span(value: timedelta) -> str:
    """
    Write a duration as hours, minutes, seconds, as Excel's `[h]:mm:ss` does.

    >>> span(timedelta(days=1, hours=12))
    '36:00:00'
    """
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


WRITE: Mapping[type, Callable[[Any], str | None]] = {
    str: lambda value: value,
    float: number,
    int: str,
    bool: lambda value: "TRUE" if value else "FALSE",
    datetime: moment,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: span,
    type(None): lambda value: value,
}


def text(value: object) -> str | None:
    """
    Write one cell; blank and whitespace alone are None.

    >>> text(True), text(date(2024, 3, 5)), text("  ")
    ('TRUE', '2024-03-05', None)
    """
    written = WRITE.get(type(value), str)(value)
    return written if written and not written.isspace() else None


def blanked(column: pa.Array) -> pa.Array:
    """Return the column with null for cells of whitespace alone."""
    blank = pc.or_(pc.utf8_is_space(column), pc.equal(pc.binary_length(column), 0))
    return pc.if_else(blank, pa.scalar(None, pa.large_string()), column) if pc.any(blank).as_py() else column


def texts(column: Sequence[object]) -> pa.Array:
    """
    Write a column of cells.

    >>> texts([1.0, "", None, "张三"]).to_pylist()
    ['1', None, None, '张三']
    """
    kinds = set(map(type, column))
    if kinds == {float} and (whole := _whole(column)) is not None:
        return whole
    if len(kinds) == 1:
        column = list(map(WRITE.get(kinds.pop(), str), column))
    elif not kinds <= {str, type(None)}:
        column = [WRITE.get(type(one), str)(one) for one in column]
    return blanked(pa.array(column, pa.large_string()))


def _whole(column: Sequence[object]) -> pa.Array | None:
    """Write a column of whole numbers at once; None where one of them is not, or not exact."""
    numbers = np.array(column, dtype=np.float64)
    exact = np.all(np.abs(numbers) < CERTAIN) and np.all(numbers == np.floor(numbers))
    return pa.array(numbers.astype(np.int64)).cast(pa.large_string()) if exact else None


def truncated(column: Sequence[object]) -> list[int]:
    """
    Return where whole numbers stand that are too long to be trusted.

    >>> truncated([1.0, 1.23456789012346e17, "123456789012345678"])
    [1]
    """
    kinds = set(map(type, column))
    if kinds.isdisjoint(_NUMBERS) or (kinds == {float} and bool(np.all(np.abs(np.array(column, dtype=np.float64)) < CERTAIN))):
        return []
    return [at for at, one in enumerate(column) if type(one) in _NUMBERS and abs(cast("float", one)) >= CERTAIN]
