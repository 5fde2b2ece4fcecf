"""Decisions as the rest of a run sees them: what is not asked again, and what a person has to see of a pair."""

import numpy as np
import pandas as pd

from crmetl.batch import text_frame
from crmetl.dedupe.cluster.decided import content_print
from crmetl.dedupe.cluster.ruling import Ruled
from crmetl.dedupe.compare.codes import Numbers, Texts
from crmetl.dedupe.rows import Rows

DECIDED = ("left", "right", "verdict", "counts")
PRINT = "print"
SPOT = 2_000
"""Merges nearest the cut whose content is kept for spot checks; all doubtful pairs are kept."""
BETWEEN = "；"
"""What stands between the values of several faces of one record."""


def unasked(pairs: pd.DataFrame, ruled: Ruled, names: Texts, labels: Numbers) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Leave out doubtful pairs between clusters of which a person said something.

    Args:
        pairs: Columns PAIR.
        ruled: What people decided, by rows.
        names: Row -> rid, or `=key` of a CRM row.
        labels: Row -> final cluster.

    Returns:
        The pairs that are left; and columns DECIDED: the decisions by the names of the records.
    """
    if not len(ruled.pairs):
        return pairs, text_frame(DECIDED)
    left, right = (ruled.pairs[side].to_numpy(dtype=np.int64) for side in ("left", "right"))
    decided = pd.DataFrame(
        {
            "left": pd.Series(names[left].tolist(), dtype="str"),
            "right": pd.Series(names[right].tolist(), dtype="str"),
            "verdict": ruled.pairs["verdict"].to_numpy(),
            "counts": ruled.pairs["counts"].to_numpy(),
        }
    ).astype("str")
    known = (ruled.pairs["counts"] != "common").to_numpy(dtype=bool)
    answered = _both(labels[left[known]], labels[right[known]])
    cluster = pd.Series(labels, index=pd.Index(names, dtype="str"))
    cluster = cluster[~cluster.index.duplicated()]
    asked = pd.Series(
        _both(*(pairs[side].map(cluster).to_numpy(dtype=np.int64) for side in ("left", "right"))), index=pairs.index
    )
    again = (pairs["verdict"] == "review") & asked.isin(set(answered))
    return pairs[~again].reset_index(drop=True), decided.sort_values(list(DECIDED), ignore_index=True)


def _both(one: Numbers, other: Numbers) -> list[tuple[int, int]]:
    """Return two clusters as one thing, whichever is named first."""
    return list(zip(np.minimum(one, other).tolist(), np.maximum(one, other).tolist(), strict=True))


def sides_of(rows: Rows, fields: list[str], pairs: pd.DataFrame, merges: pd.DataFrame, pool: pd.DataFrame) -> pd.DataFrame:
    """
    Return what a person needs to see of the records of pairs, and what their content is remembered by.

    Returns:
        Index name (`=key` for a CRM row), columns: the compared fields, several values of evidence joined, and PRINT.
    """
    near = pairs[pairs["verdict"] == "merge"].nsmallest(SPOT, "score_mbit")
    asked = pd.concat([pairs[pairs["verdict"] == "review"], near, pool])
    wanted = pd.concat([asked["left"], asked["right"], "=" + merges["loser"], "=" + merges["survivor"]])
    mine = pd.Index(rows.names, dtype="object").isin(set(wanted))
    frame = rows.frame.loc[mine, fields].set_axis(pd.Index(rows.names[mine], dtype="str", name="name"))
    first = frame[~frame.index.duplicated()]
    several = frame[frame.index.duplicated(keep=False)]
    told = {name: several[name].dropna().groupby(level=0).agg(_joined) for name in fields if "." in name}
    shown = {name: texts.reindex(first.index).fillna(first[name]) for name, texts in told.items() if len(texts)}
    return first.assign(**shown, **{PRINT: content_print(frame)}).astype("str").sort_index()


def _joined(cells: "pd.Series[str]") -> str:
    return BETWEEN.join(dict.fromkeys(cells))
