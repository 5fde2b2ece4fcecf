"""Cluster ids that outlive a run: the oldest is kept; what was split, merged, new or gone is told."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmetl.dedupe.compare.codes import NONE, Numbers
from crmetl.errors import UsageError
from crmetl.text import Text

EVENT = ("kind", "from", "into", "records")
"""
`kind`: `split` (records left a cluster for another), `merge` (a cluster went into an older one), `new` or `gone`; `from`, `into`:
cluster ids, NA where there is none; `records`: how many.
"""
KINDS = ("split", "merge", "new", "gone")
CLUSTER, SURVIVOR = "cluster_id", "is_survivor"


@dataclass(frozen=True)
class Lineage:
    """
    Clusters that carry on from an earlier run.

    Attributes:
        ids: Id per row.
        events: Columns EVENT.
        kept: Clusters of which nothing was split off and that took in no other; they may have got new records.
    """

    ids: "pd.Series[str]"
    events: pd.DataFrame
    kept: int

    def counts(self) -> dict[str, int]:
        """Return how many clusters were kept, and how many events there are of each kind."""
        return {"kept": self.kept, **{kind: int((self.events["kind"] == kind).sum()) for kind in KINDS}}


def inherit(labels: Numbers, then: Numbers, earlier: "pd.Series[str]") -> Lineage:
    """
    Give clusters the ids of earlier ones.

    An id stays with the cluster that has the oldest record of it. A cluster with several ids keeps the oldest; one with none
    gets a new number, above all earlier ones.

    Args:
        labels: Row -> cluster.
        then: Row -> the earlier row that it was, -1 where it is new; none twice.
        earlier: Id of each earlier row, the oldest record first.

    >>> earlier = pd.Series(["7", "7", "9"], dtype="str")
    >>> inherit(np.array([0, 1, 1, 2]), np.array([0, 1, 2, -1]), earlier).ids.tolist()
    ['7', '9', '9', '10']
    """
    rank = {one: number for number, one in enumerate(earlier.drop_duplicates())}
    known = np.flatnonzero(then != NONE)
    held = pd.DataFrame({"label": labels[known], "id": earlier.iloc[then[known]].to_numpy(), "age": then[known]})
    homes = held.sort_values("age").drop_duplicates("id").assign(rank=lambda rows: rows["id"].map(rank))
    owner = dict(zip(homes["id"], homes["label"], strict=True))
    named = homes.sort_values("rank").drop_duplicates("label")
    name = dict(zip(named["label"].tolist(), named["id"].tolist(), strict=True))
    every = pd.unique(labels).tolist()
    first = 1 + max((int(one) for one in rank if one.isdecimal()), default=0)
    name |= {label: str(first + n) for n, label in enumerate(one for one in every if one not in name)}
    shares = held.groupby(["id", "label"], sort=False).size().rename("records").reset_index()
    moved = shares.assign(into=shares["label"].map(name))
    moved = moved[moved["id"] != moved["into"]]
    whole = moved["id"].map(owner) == moved["label"]
    fresh = [one for one in every if one not in set(held["label"])]
    size = pd.Series(labels).value_counts()
    lost = earlier[~earlier.isin(owner)].value_counts()
    rows = [
        *zip(np.where(whole, "merge", "split").tolist(), moved["id"], moved["into"], moved["records"].tolist(), strict=True),
        *(("new", None, name[one], int(size[one])) for one in fresh),
        *(("gone", one, None, int(lost[one])) for one in rank if one in lost.index),
    ]
    events = pd.DataFrame(rows, columns=list(EVENT)).astype({"from": "str", "into": "str", "records": "int64"})
    events = events.sort_values(["kind", "from", "into"], key=_order, ignore_index=True)
    touched = set(moved["id"]) | set(moved["into"])
    kept = sum(one in owner and one not in touched for one in name.values())
    return Lineage(pd.Series([name[one] for one in labels.tolist()], dtype="str"), events, kept)


def _order(cells: "pd.Series[str]") -> "pd.Series[str]":
    """Return what a column of events is sorted by: ids that are numbers as numbers."""
    return cells if cells.name == "kind" else cells.astype("str").str.zfill(20).fillna("")


def earlier_rows(now: pd.DataFrame, before: pd.DataFrame, key: str | None) -> Numbers:
    """
    Return for each row the earlier row that it was, -1 where there is none; no earlier row twice.

    A row is found by its content, by the columns that both tables have; copies in the order in which they stand. A row whose
    content has changed is found by its key, where no other row that is left has that key.

    Args:
        key: Column that names a record in both tables, or None.
    """
    shared = [name for name in now.columns if name in before.columns and name not in (CLUSTER, SURVIVOR)]
    both = pd.concat([now[shared], before[shared]]).astype("str").replace("", None)
    group = both.groupby(shared, sort=False, dropna=False).ngroup().to_numpy().astype(np.int64)
    out = _met(group[: len(now)], group[len(now) :])
    if key is None:
        return out
    left, there = np.flatnonzero(out == NONE), np.setdiff1d(np.arange(len(before)), out)
    ours, theirs = (_single(frame[key].iloc[at], at) for frame, at in ((now, left), (before, there)))
    again = ours.index.intersection(theirs.index)
    out[ours[again].to_numpy()] = theirs[again].to_numpy()
    return out


def _met(ours: Numbers, theirs: Numbers) -> Numbers:
    """Return the place of each of ours among theirs, the second copy of a content with the second; -1 where there is none."""
    mine, other = (
        pd.DataFrame({"group": one, "copy": pd.Series(one).groupby(one).cumcount().to_numpy(), "row": np.arange(len(one))})
        for one in (ours, theirs)
    )
    found = mine.merge(other, on=["group", "copy"], suffixes=("", "_then"))
    out = np.full(len(ours), NONE, dtype=np.int64)
    out[found["row"].to_numpy()] = found["row_then"].to_numpy()
    return out


def _single(keys: "pd.Series[str]", rows: Numbers) -> "pd.Series[int]":
    """Return key -> row of the keys that one row only has."""
    told = pd.Series(rows, index=pd.Index(keys.astype("str").replace("", None)))
    told = told[told.index.notna()]
    return told[~told.index.duplicated(keep=False)]


def carried_on(now: pd.DataFrame, before: pd.DataFrame, *, key: str | None = None) -> Lineage:
    """
    Give the clusters of a table the ids that they had in an earlier result.

    Args:
        now: Rows with CLUSTER, as `dedupe_table` numbers them.
        before: An earlier result: rows with CLUSTER, the oldest record first.
        key: Column that names a record in both, or None.

    Raises:
        UsageError: The earlier result has no cluster ids, the key is not in both tables, or they have no column in common.
    """
    if CLUSTER not in before.columns:
        raise UsageError(
            Text(f"以前的结果没有 {CLUSTER} 列", f"the earlier result has no column {CLUSTER}"),
            next=Text("给出上次 crmetl dedupe 的输出", "give what `crmetl dedupe` wrote last time"),
        )
    wanted: Sequence[str] = [key] if key is not None else [name for name in now.columns if name in before.columns]
    lacking = [name for name in wanted if name not in now.columns or name not in before.columns]
    if lacking or not set(wanted) - {CLUSTER, SURVIVOR}:
        raise UsageError(
            Text(f"两张表没有共同的列 {key}", f"the two tables do not share a column {key}")
            if lacking
            else Text("两张表没有共同的列", "the two tables have no column in common"),
            next=Text("检查 --previous 与 --key", "check --previous and --key"),
        )
    stood = before[before[CLUSTER].notna()]
    ids = stood[CLUSTER].astype("str").reset_index(drop=True)
    return inherit(pd.factorize(now[CLUSTER])[0].astype(np.int64), earlier_rows(now, stood, key), ids)
