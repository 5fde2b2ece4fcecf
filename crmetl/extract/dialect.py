"""Which delimiter and quotation a text file uses."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log2

_SEP = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
"""Excel's own first line: `sep=;`."""
DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True)
class Dialect:
    """
    How cells stand in a line.

    Attributes:
        quoted: Whether `"` encloses cells; else it is a character like any other (inches).
    """

    delimiter: str = ","
    quoted: bool = True

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Cut lines into cells."""
        return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE)


def _score(sample: str, dialect: Dialect) -> float:
    """Score a dialect: rows of one length are a table, and the more columns the surer."""
    try:
        rows = [row for row in dialect.rows(sample.splitlines(keepends=True)) if row]
    except csv.Error:
        return 0.0
    lengths = Counter(map(len, rows))
    if not lengths:
        return 0.0
    length, times = max(lengths.items(), key=lambda one: (one[1] * log2(one[0]), one[0]))
    return times / len(rows) * log2(length)


def detect_dialect(sample: str, delimiter: str | None = None) -> Dialect:
    r"""
    Say which delimiter and quotation the first lines speak for; a comma where nothing speaks.

    Args:
        sample: Whole lines from the start of the file.
        delimiter: Pinned.

    >>> detect_dialect("a;b;c\n1,5;2;3\n").delimiter
    ';'
    """
    first = _SEP.match(sample.split("\n", 1)[0])
    pinned = delimiter or (first.group(1) if first else None)
    candidates = [Dialect(one, _quotes(sample, one)) for one in ((pinned,) if pinned else DELIMITERS)]
    return max(candidates, key=lambda one: _score(sample, one))


def _quotes(sample: str, delimiter: str) -> bool:
    """Say whether quotation marks enclose cells: most of those that open a cell are closed at the end of one."""
    mark = re.escape(delimiter)
    opened = len(re.findall(rf'(?:^|{mark})"', sample, re.MULTILINE))
    closed = len(re.findall(rf'"(?={mark}|\s*$)', sample, re.MULTILINE))
    return closed * 2 >= opened
