"""What a workbook's cells are beside their values: errors, formulas without a result, hidden rows, numbers shown with zeros."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

At = tuple[int, int]
"""Row and column, from 0."""

_PADDED = re.compile(r'^(?:0|-| |\\.|"[^"]*")*$')
_PART = re.compile(r'0|-| |\\(.)|"([^"]*)"')


@dataclass(frozen=True)
class Facts:
    """
    Of one sheet; rows and columns from 0.

    Attributes:
        errors: Cells that are formula errors; calamine reads them as blank.
        uncached: Formula cells without a result: whoever wrote the file did not calculate.
        hidden_rows, hidden_columns: What a person does not see.
        padded: Cells whose number is shown by a format of zeros -> that format.
    """

    errors: frozenset[At] = frozenset()
    uncached: frozenset[At] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    padded: Mapping[At, str] = field(default_factory=dict)

    def right_of(self, left: int) -> "Facts":
        """Return the facts of a table whose first column is `left`."""
        if not left:
            return self
        return replace(
            self,
            errors=frozenset((row, column - left) for row, column in self.errors if column >= left),
            uncached=frozenset((row, column - left) for row, column in self.uncached if column >= left),
            hidden_columns=frozenset(column - left for column in self.hidden_columns if column >= left),
            padded={(row, column - left): code for (row, column), code in self.padded.items() if column >= left},
        )

    def below(self, rows: int) -> "Facts":
        """Return the facts of a table whose first row is `rows`."""
        if not rows or self == NONE:
            return self
        return replace(
            self,
            errors=frozenset((row - rows, column) for row, column in self.errors if row >= rows),
            uncached=frozenset((row - rows, column) for row, column in self.uncached if row >= rows),
            hidden_rows=frozenset(row - rows for row in self.hidden_rows if row >= rows),
            padded={(row - rows, column): code for (row, column), code in self.padded.items() if row >= rows},
        )


NONE = Facts()


def is_padded(code: str) -> bool:
    """
    Say whether a number format writes a number as a code of fixed length, zeros in front.

    >>> is_padded("00000"), is_padded('"KH"0000'), is_padded("000-00-0000"), is_padded("0"), is_padded("0.00"), is_padded("00.0%")
    (True, True, True, False, False, False)
    """
    first = code.split(";", maxsplit=1)[0]
    zeros = len(re.sub(r'\\.|"[^"]*"', "", first).replace("-", "").replace(" ", ""))
    return zeros >= 2 and _PADDED.match(first) is not None


def padded(value: int, code: str) -> str:
    """
    Write a whole number as its format shows it.

    >>> padded(417, "00000"), padded(7, '"KH"0000'), padded(1234567, "000-0000"), padded(12345, "000")
    ('00417', 'KH0007', '123-4567', '12345')
    """
    parts = list(_PART.finditer(code.split(";", maxsplit=1)[0]))
    zeros = sum(part.group() == "0" for part in parts)
    digits = str(value).rjust(zeros, "0")
    first, rest = digits[: len(digits) - zeros + 1], list(digits[len(digits) - zeros + 1 :])
    out: list[str] = []
    for part in parts:
        if part.group() == "0":
            out.append(first or rest.pop(0))
            first = ""
        else:
            out.append(part[1] or part[2] or ("" if part.group().startswith('"') else part.group()))
    return "".join(out)


def spans(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """
    Yield first and last of neighbouring numbers.

    >>> list(spans([5, 1, 2, 3]))
    [(1, 3), (5, 5)]
    """
    first = last = None
    for number in sorted(numbers):
        if first is None or last is None:
            first = number
        elif number != last + 1:
            yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last
