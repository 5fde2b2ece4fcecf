"""The ledger's memory of a record's last load: JSON text of column -> hash of the source's value, and the target's."""

import json
from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.batch import text_frame


def compose(source: pd.DataFrame, target: pd.DataFrame) -> "pd.Series[str]":
    """
    Return the JSON text of each row's hashes: `h` where both sides are equal, `source/target` where they differ.

    Args:
        source, target: Hashes or NA, same index and columns; a column that is NA on both sides is left out.

    >>> hashes = pd.DataFrame({"city": ["aa", None]}, dtype="str")
    >>> compose(hashes, pd.DataFrame({"city": ["aa", "bb"]}, dtype="str")).tolist()
    ['{"city":"aa"}', '{"city":"/bb"}']
    """
    if not len(source):
        return pd.Series(dtype="str", index=source.index)
    pieces = [_piece(name, source[name], target[name]) for name in sorted(source.columns)]
    inner = pc.binary_join_element_wise(*pieces, _large(","), null_handling="skip")
    whole = pc.binary_join_element_wise(_large("{"), inner, _large("}"), _large(""))
    return pd.Series(pd.array(whole, dtype="str"), index=source.index)


def _large(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())


def _piece(name: str, source: "pd.Series[str]", target: "pd.Series[str]") -> pa.Array:
    one, two = _arrow(source), _arrow(target)
    text = one
    if not one.equals(two):
        same = pc.or_(pc.fill_null(pc.equal(one, two), fill_value=False), pc.and_(pc.is_null(one), pc.is_null(two)))
        apart = pc.binary_join_element_wise(pc.fill_null(one, ""), pc.fill_null(two, ""), _large("/"))
        text = pc.if_else(same, one, apart)
    return pc.binary_join_element_wise(_large(f'"{name}":"'), text, _large('"'), _large(""))


def _arrow(cells: "pd.Series[str]") -> pa.Array:
    texts = pa.array(cells.astype("str"), pa.large_string())
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def parse(texts: "pd.Series[str]", columns: Mapping[str, object]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Return the source's and the target's hashes of `compose`d texts.

    Args:
        texts: JSON text or NA (a row never loaded: all hashes NA).
        columns: The columns wanted, any other is passed over.
    """
    if not len(texts):
        empty = text_frame(columns)
        return empty, empty
    rows = [json.loads(text) for text in texts.fillna("{}")]
    whole = pd.DataFrame(
        {name: pd.Series([row.get(name) for row in rows], dtype="str", index=texts.index) for name in columns}, index=texts.index
    )
    sides = {name: _sides(whole[name]) for name in columns}
    return (
        pd.DataFrame({name: one for name, (one, _) in sides.items()}, index=texts.index),
        pd.DataFrame({name: two for name, (_, two) in sides.items()}, index=texts.index),
    )


def _sides(cells: "pd.Series[str]") -> tuple["pd.Series[str]", "pd.Series[str]"]:
    split = cells.fillna("").str.partition("/")
    apart = split[1] == "/"
    source, target = split[0].astype("str"), split[2].astype("str").where(apart, split[0].astype("str"))
    return source.mask(source == ""), target.mask(target == "")
