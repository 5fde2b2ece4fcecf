"""Which rows fit a `when`, and how texts of a key are written."""

import unicodedata

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.project.model import When

Mask = npt.NDArray[np.bool_]


def folded(text: str) -> str:
    """
    Return a text as conditions compare it: without outer blanks, full-width signs and case.

    >>> folded(" ＴＥＳＴ ")
    'test'
    """
    return unicodedata.normalize("NFKC", text).strip().casefold()


def fits(rows: pd.DataFrame, when: When) -> Mask:
    """
    Return which rows fit: every column has the value, or one of the values; `""` stands for an empty cell.

    Args:
        rows: Columns are source headers; a column that is missing is empty.
        when: Column -> value or values.
    """
    mask = np.ones(len(rows), dtype=bool)
    for column, wanted in when.items():
        values = {folded(one) for one in ((wanted,) if isinstance(wanted, str) else wanted)}
        if column not in rows:
            mask &= "" in values
            continue
        codes, texts = pd.factorize(rows[column])
        right = np.array([*(folded(one) in values for one in texts.tolist()), "" in values], dtype=bool)
        mask &= right[codes]
    return mask


def filled(column: "pd.Series[str]") -> Mask:
    """Return which cells hold a text."""
    return column.notna().to_numpy(dtype=bool)


def key_text(column: "pd.Series[str]") -> "pd.Series[str]":
    """
    Return a key as it is compared between files: without outer blanks, full-width signs as half-width ones.

    >>> key_text(pd.Series([" K1", "Ｋ２", None], dtype="str")).tolist()
    ['K1', 'K2', nan]
    """
    bare = column.str.strip()
    wide = filled(bare) & ~bare.str.isascii().to_numpy(dtype=bool)
    if not wide.any():
        return bare
    written = {one: unicodedata.normalize("NFKC", str(one)).strip() for one in bare[wide].unique()}
    return bare.mask(wide, bare.map(written).astype("str"))


def joined_key(rows: pd.DataFrame, columns: tuple[str, ...]) -> "pd.Series[str]":
    """Return the key texts, parts joined by `/`; NA where a part is empty."""
    parts = [key_text(rows[one]) for one in columns]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + "/" + part
    return whole
