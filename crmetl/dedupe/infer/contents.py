"""What the cells of a column look like, from a sample of them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.clean import TYPES
from crmetl.clean.placeholder import NOTHING_SAID
from crmetl.dedupe.compare.codes import Numbers

ROWS = 2_000
"""Rows looked at, spread over the table."""
GOLDEN = (5**0.5 - 1) / 2
ASKED = 200
"""Different values whose shape is read; a share is then right to some 7 points (binomial, 95 %)."""
LOOKED_THROUGH = 1_000_000
"""Rows among which repetitions of the sample are counted, at most."""
CHOICES, LISTED = 20, 0.05
"""Different values, at all and per filled row, that a list to choose from has at most."""
FEWEST, GENERATIONS = 10, 40
"""Dates looked at, and years that they spread over, from which on they are birth dates and no dates of transactions."""
REPEATS = 0.5
"""Different values per filled row up to which a column repeats itself, as categories and places do."""

_DATE = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.*|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}\b.*"
    r"|(?:1[5-9]|20)\d{2}[01]\d[0-3]\d(?:\.0)?"
    r"|.*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ ,./-].*\d{2,4}|\d{4}年.*|[〇零一二三四五六七八九]{4}年.*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+%?")
_WHOLE = re.compile(r"\d{1,18}(?:\.0)?")
_YEAR = re.compile(r"(?:1[5-9]|20)\d{2}(?:\.0)?")
_PHONE = re.compile(r"[+(]{0,2}[\d*xX][\d\s()+./*xX-]*(?:(?:ext|x|转|#)[. ]*\d{1,6})?(?:\.0)?", re.IGNORECASE)
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9*][A-Za-z0-9 *_./#()-]{0,39}")
_POSTCODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 -]{1,9}(?:\.0)?")
_IN_YEAR = re.compile(r"(?:1[5-9]|20)\d{2}")
_UUID = re.compile(r"\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?|[0-9a-f]{24}|[0-9a-f]{32,64}", re.IGNORECASE)
_REGISTERED = re.compile(r"(?=.*\d)[0-9A-Za-z]{15,20}")
_DOTTED = re.compile(r"[^\s@]+\.[^\s@]{2,}")
_LETTERED = re.compile(r"[^\d@]*[^\W\d_][^\d@]*")


def is_phone(text: str) -> bool:
    """
    Say whether a text may be a phone number of any country: enough digits, or stars in their place.

    >>> [is_phone(one) for one in ("310/246-1501", "139****5678", "0571-88001234转8012", "12", "19560409-")]
    [True, True, True, False, True]
    """
    return _PHONE.fullmatch(text) is not None and 6 <= sum(one.isdigit() or one in "*xX" for one in text) <= 20


def may_be_phone(text: str) -> bool:
    """
    Say whether a cell under a heading of phones may hold one, or several, or one with a remark.

    >>> [may_be_phone(one) for one in ("Tel: 0571-88001234", "13912340001, 13912340002", "12 High Street", "a@b.example")]
    [True, True, False, False]
    """
    digits = sum(one.isdigit() or one == "*" for one in text)
    return 6 <= digits <= 60 and sum(one.isalpha() for one in text) <= digits and "@" not in text


def _is(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


SHAPES: dict[str, Callable[[str], bool]] = {
    "date": lambda text: len(text) < 40 and _DATE.fullmatch(text) is not None,
    "number": _is(_NUMBER),
    "whole": _is(_WHOLE),
    "year": _is(_YEAR),
    "phone": is_phone,
    "reached": may_be_phone,
    "code": _is(_CODE),
    "postcode": _is(_POSTCODE),
    "uuid": _is(_UUID),
    "letters": _is(_LETTERED),
    "email": lambda text: "@" in text,
    "url": TYPES["url"].looks_like,
    "dotted": _is(_DOTTED),
    "registered": _is(_REGISTERED),
    "uscc": lambda text: len(text) in (15, 18) and TYPES["uscc"].looks_like(text),
    "mobile": TYPES["mobile"].looks_like,
    "company": TYPES["company_name"].looks_like,
    "address": TYPES["address"].looks_like,
    "city": TYPES["city"].looks_like,
    "region": TYPES["region"].looks_like,
    "chinese": lambda text: any("\u3400" <= one <= "\u9fff" for one in text),
}
"""Shape -> whether a tidied cell has it."""


@dataclass(frozen=True)
class Contents:
    """
    A column's sample.

    Attributes:
        cells: Of the sampled rows, tidied; NA where blank. Rows of all columns of a table are the same.
        values: Different values from everywhere in the column, at most `ASKED`.
        filled: Cells of the sample that say something.
        distinct: Different values among them.
        whole: The whole column.
    """

    cells: "pd.Series[str]"
    values: Sequence[str]
    filled: int
    distinct: int
    whole: "pd.Series[str]"

    @cached_property
    def texts(self) -> list[str | None]:
        """Return the sampled cells in their order, None where blank."""
        return [one if isinstance(one, str) else None for one in self.cells.tolist()]

    @cached_property
    def _shares(self) -> dict[str, float]:
        return {}

    def share(self, shape: str) -> float:
        """Return the share of different values of a shape; 0 where there are none."""
        if shape not in self._shares:
            self._shares[shape] = float(np.mean([SHAPES[shape](one) for one in self.values])) if self.values else 0.0
        return self._shares[shape]

    @cached_property
    def length(self) -> float:
        """Return the median length of a value in characters."""
        return float(np.median([len(one) for one in self.values])) if self.values else 0.0

    @cached_property
    def words(self) -> float:
        """Return the words of a value, on average."""
        return float(np.mean([1 + one.count(" ") for one in self.values])) if self.values else 0.0

    @property
    def repeating(self) -> bool:
        """Say whether values come again and again, as categories and places do."""
        return self.distinct <= max(REPEATS * self.filled, 1)

    @property
    def few(self) -> bool:
        """Say whether there are so few different values that they are a list to choose from, even where they are codes."""
        return self.repeating and self.distinct <= max(CHOICES, LISTED * self.filled)

    @cached_property
    def generations(self) -> bool:
        """Say whether years in dates spread over more than one working life: they are birth dates, no dates of transactions."""
        years = [int(found[0]) for found in map(_IN_YEAR.search, self.values) if found]
        return len(years) > FEWEST and float(np.percentile(years, 95) - np.percentile(years, 5)) >= GENERATIONS

    @cached_property
    def unique(self) -> bool:
        """
        Say whether no value comes twice in the table: hardly one of the sample has its like among all rows.

        A few repeated numbers are rows that were copied with their number.
        """
        if self.filled - self.distinct > 0.005 * self.filled or not self.filled:
            return False
        asked = pa.array(sorted(set(self.cells.dropna().tolist())), pa.large_string())
        looked = self.whole.iloc[:LOOKED_THROUGH]
        found = pc.sum(pc.is_in(pa.array(looked, pa.large_string()), value_set=asked)).as_py() or 0
        inside = len(self.cells) * len(looked) / max(len(self.whole), 1)
        expected = self.filled * min(1.0, inside / max(len(self.cells), 1))
        return bool(found <= 1.01 * expected + 1)

    @cached_property
    def numbering(self) -> bool:
        """Say whether whole numbers are so dense that they count rows, whatever their order, also in files put together."""
        if self.share("whole") < 0.99 or not self.filled:
            return False
        numbers = pd.to_numeric(self.cells.dropna(), errors="coerce").dropna().astype("float64")
        per_row = len(self.whole) / max(len(self.cells), 1)
        return bool(numbers.max() - numbers.min() <= 3 * per_row * len(numbers) and 2 * numbers.nunique() > len(numbers))


def contents_of(frame: pd.DataFrame) -> dict[str, Contents]:
    """
    Return the contents of each column, from at most `ROWS` rows.

    Args:
        frame: Text columns.

    >>> found = contents_of(pd.DataFrame({"n": ["1", "2", "3"], "sex": ["f", "f", "m"]}, dtype="str"))
    >>> found["n"].unique, found["sex"].repeating, found["sex"].unique
    (True, False, False)
    """
    rows = frame.iloc[spread(len(frame))]
    return {str(name): _contents(rows[name], frame[name]) for name in frame.columns}


def spread(size: int) -> Numbers:
    """
    Return the numbers of `ROWS` rows out of `size`, one in each stretch of equal length; all where there are fewer.

    Where in its stretch a row is taken moves by the golden section, so that files put together row by row (original, duplicate,
    original …) are met in all their parts.

    >>> spread(3).tolist(), spread(4_000)[:5].tolist(), len(spread(1_000_001))
    ([0, 1, 2], [0, 3, 4, 7, 8], 2000)
    """
    if size <= ROWS:
        return np.arange(size)
    at = np.arange(ROWS)
    return ((at + at * GOLDEN % 1) * size / ROWS).astype(np.int64)


def _contents(sampled: "pd.Series[str]", whole: "pd.Series[str]") -> Contents:
    cells = _said(sampled)
    filled = cells.dropna()
    different = filled.drop_duplicates()
    if len(filled) < ASKED < len(whole):
        more = whole[whole.notna()]
        different = pd.concat([different, _said(more.iloc[spread(len(more))]).dropna()]).drop_duplicates()
    values = different.iloc[:: max(1, len(different) // ASKED)].head(ASKED).tolist()
    return Contents(cells, values, len(filled), filled.nunique(), whole)


def _said(cells: "pd.Series[str]") -> "pd.Series[str]":
    tidy = cells.astype("str").str.strip()
    return tidy.mask(tidy.str.lower().isin(("", *NOTHING_SAID)))
