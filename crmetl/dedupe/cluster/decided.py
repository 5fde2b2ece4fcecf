"""What a person decided of a pair, remembered by content: the same two customers in next month's files are not asked about."""

import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmetl.batch import rid_of
from crmetl.dedupe.compare.codes import Mask, Texts

DECISION = ("entity", "left", "right", "verdict", "why")
"""
Columns of decisions: `left` <= `right` are content prints (equal ones: two copies of one content), `verdict` is "same" or
"different", `why` is for people. Where `at` is there too, the newest of contradicting decisions counts.
"""

HEAD = 24
"""Characters of a print that tell the record's own fields; what follows tells its evidence."""
MOST = 2_000
"""Pairs of records that one decision may be about; content that so many share is nobody's in particular."""


def content_print(frame: pd.DataFrame) -> "pd.Series[str]":
    """
    Return a print of the compared content of each record; no value can be read from it.

    Args:
        frame: Compared fields as text, in any order; an index that occurs again is a further face of the same record.
            Names with a dot (`contact.mobile`) are evidence.

    Returns:
        Index -> 24 hex digits of the record's own fields, and, where it has evidence, `+` and 24 more; "" where the record
        has no content at all. Case, width and blanks do not count, nor does a field that is empty.

    >>> two = pd.DataFrame({"name": ["Acme  Ltd", "ＡＣＭＥ LTD"], "phone": [None, None]}, dtype="str")
    >>> content_print(two).nunique()
    1
    """
    own = sorted(str(name) for name in frame.columns if "." not in str(name))
    more = sorted(str(name) for name in frame.columns if "." in str(name))
    first = frame[~frame.index.duplicated()]
    out = _hashed(_cells(first, own))
    if more:
        told = _cells(frame, more)
        told = told[told != ""]
        faces = pd.DataFrame({"of": told.index, "told": told.to_numpy()}).drop_duplicates().sort_values(["of", "told"])
        whole = faces.groupby("of")["told"].agg("\x1d".join) if len(faces) else pd.Series(dtype="str")
        reach = _hashed(whole.astype("str")).reindex(first.index).fillna("")
        out = out + ("+" + reach).where(reach != "", "")
    return out.astype("str")


def _hashed(cells: "pd.Series[str]") -> "pd.Series[str]":
    return rid_of("content|" + cells).where(cells != "", "")


def _cells(frame: pd.DataFrame, names: list[str]) -> "pd.Series[str]":
    """Return `name=value` of the filled cells of each row, in the order of the names."""
    out = pd.Series("", index=frame.index, dtype="str")
    for name in names:
        cells = frame[name].astype("str")
        told = {one: f"{name}\x1f{form}\x1e" for one in cells.dropna().unique() if (form := _form(one))}
        out = out + cells.map(told).astype("str").fillna("")
    return out


def _form(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True)
class Told:
    """
    Decisions, found again among these records.

    Attributes:
        decisions: Columns DECISION, the newest first; of equal age "different" first: apart is the safer mistake.
        hits: `decision`, `side` (left, right), `row`: the rows that a side of a decision is about.
        alone: Rows that a person told from others of the same content.
    """

    decisions: pd.DataFrame
    hits: pd.DataFrame
    alone: Mask


def told_of(decisions: pd.DataFrame | None, frame: pd.DataFrame, names: Texts) -> Told | None:
    """
    Find the records that decisions are about.

    A side is about the records of exactly its content; where there is none, about those whose own fields are the same and
    of which either they or the decision know no evidence, if these are of one content.

    Args:
        decisions: Columns DECISION, perhaps `at`.
        frame: Compared fields, a row per face.
        names: Which record each row is of; the first one stands for it.
    """
    if decisions is None or not len(decisions):
        return None
    ordered = _in_order(decisions)
    prints = content_print(frame.set_axis(pd.Index(names, dtype="str")))
    row = pd.Series(np.arange(len(names)), index=names)
    first = row[~row.index.duplicated()]
    known = pd.DataFrame({"row": first.to_numpy(), "print": prints.reindex(first.index).to_numpy(dtype=object)})
    sides = pd.DataFrame({"side": pd.unique(pd.concat([ordered["left"], ordered["right"]]))}, dtype="str")
    found = _found(sides, known[known["print"] != ""])
    parts = [
        ordered[[side]].rename_axis("decision").reset_index().rename(columns={side: "print"}).assign(side=side)
        for side in ("left", "right")
    ]
    hits = pd.concat(parts).merge(found, left_on="print", right_on="side", suffixes=("", "_"))[["decision", "side", "row"]]
    copies = ordered.index[(ordered["left"] == ordered["right"]) & (ordered["verdict"] == "different")]
    alone = np.zeros(len(names), dtype=bool)
    alone[hits.loc[hits["decision"].isin(copies), "row"].to_numpy(dtype=np.int64)] = True
    return Told(ordered, hits, alone)


def _in_order(decisions: pd.DataFrame) -> pd.DataFrame:
    asked = decisions if "at" in decisions else decisions.assign(at="")
    asked = asked.sort_values(["verdict", "left", "right"]).sort_values("at", ascending=False, kind="stable")
    return asked.reset_index(drop=True)


def _found(sides: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return `side, row`: which rows each print of a decision is about."""
    asked = sides.assign(head=sides["side"].str.slice(0, HEAD), told=sides["side"].str.len() > HEAD)
    here = known.assign(head=known["print"].str.slice(0, HEAD), seen=known["print"].str.len() > HEAD)
    both = asked.merge(here, on="head")
    both = both.assign(exact=both["side"] == both["print"])
    both = both[both["exact"] | ((~both["told"] | ~both["seen"]) & ~both["head"].str.startswith("+"))]
    groups = both.groupby("side")
    sure = both["exact"] | (~groups["exact"].transform("any") & (groups["print"].transform("nunique") == 1))
    return both.loc[sure, ["side", "row"]]
