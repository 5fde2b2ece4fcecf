"""Text of columns that nobody has decided on: kept with the row's main record, so that nothing is lost."""

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmetl.batch import CUSTOM
from crmetl.mapping.conditions import filled
from crmetl.mapping.headers import new_columns
from crmetl.mapping.rules import MapRules


def kept_aside(rows: pd.DataFrame, rules: MapRules, more: "Mapping[str, pd.Series[str]]") -> "pd.Series[str]":
    """
    Return row id -> JSON `{"source": {header: text}}` of undecided and new columns, NA where they are empty.

    Args:
        rows: Source columns.
        rules: Tell which columns are undecided.
        more: Column -> text per row that found no place elsewhere.
    """
    columns = {one: rows[one] for one in (*rules.undecided, *new_columns(rows, rules)) if one in rows} | dict(more)
    empty = pd.Series(index=rows.index, dtype="str", name=CUSTOM)
    if not columns or not len(rows):
        return empty
    some = np.logical_or.reduce([filled(one) for one in columns.values()])
    lines = zip(*(one[some].astype("object").tolist() for one in columns.values()), strict=True)
    texts = [
        json.dumps(
            {"source": {name: text for name, text in zip(columns, line, strict=True) if isinstance(text, str)}},
            ensure_ascii=False,
        )
        for line in lines
    ]
    return pd.Series(texts, index=rows.index[some], dtype="str", name=CUSTOM).reindex(rows.index) if texts else empty


def homeless(surplus: pd.DataFrame, rules: MapRules, index: "pd.Index[str]") -> "dict[str, pd.Series[str]]":
    """Return source column -> further phones of it, where the schema has no contact points of their owner."""
    lost = surplus[~surplus["entity"].isin(list(rules.points))]
    texts: dict[str, pd.Series[str]] = {}
    for column in lost["column"].unique():
        mine = lost[lost["column"].eq(column)]
        joined = mine.groupby(index[mine["row"].to_numpy(dtype=np.int64)])["text"].agg("; ".join).astype("str")
        texts[str(column)] = joined.reindex(index)
    return texts
