"""Which row of the target a record is: by crosswalk, by what dedupe found, by its unique fields, else a new key."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa

from crmetl.batch import KEY, SOURCE, no_rids
from crmetl.plan import among, canonical
from crmetl.schema.model import Entity

NAMESPACE = UUID("6f1d7a52-4f0e-5c8b-9b52-1d2a6c0b7e41")
"""Namespace of the keys given at first creation; never changed, or a lost ledger could not find its rows again."""

SEPARATOR, ABSENT = "\x1f", "\x00"
DASHED = ((0, 0, 8), (9, 8, 4), (14, 12, 4), (19, 16, 4), (24, 20, 12))
"""Place in the text, place among the digits, number of digits of each part of a uuid (RFC 9562, 4)."""


def uuid5_texts(names: "pd.Series[str]") -> "pd.Series[str]":
    """
    Return the uuid5 of each name in NAMESPACE, as `uuid.uuid5` gives it, several times as fast.

    >>> from uuid import uuid5
    >>> uuid5_texts(pd.Series(["east|account|K1"])).tolist() == [str(uuid5(NAMESPACE, "east|account|K1"))]
    True
    """
    start = hashlib.sha1(NAMESPACE.bytes, usedforsecurity=False)
    digests = b"".join([_digest(start, name) for name in pa.array(names.astype("str"), pa.large_string()).to_pylist()])
    octets = np.frombuffer(digests, dtype="uint8").reshape(-1, 20)[:, :16].copy()
    octets[:, 6] = octets[:, 6] & 0x0F | 0x50
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    digits = np.frombuffer(octets.tobytes().hex().encode(), dtype="uint8").reshape(-1, 32)
    text = np.full((len(names), 36), ord("-"), dtype="uint8")
    for to, at, width in DASHED:
        text[:, to : to + width] = digits[:, at : at + width]
    offsets = np.arange(0, 36 * len(names) + 1, 36, dtype="int64")
    whole = pa.LargeStringArray.from_buffers(len(names), pa.py_buffer(offsets.tobytes()), pa.py_buffer(text.tobytes()))
    return pd.Series(pd.array(whole, dtype="str"), index=names.index)


def _digest(start: "hashlib._Hash", name: str) -> bytes:
    one = start.copy()
    one.update(name.encode())
    return one.digest()


def signature(frame: pd.DataFrame, entity: Entity) -> "pd.Series[str]":
    """Return the values of `unique` as one text per row, NA where all of them are missing or the entity has none."""
    if not entity.unique or not len(frame):
        return pd.Series(dtype="str", index=frame.index)
    cells = [canonical(frame[name], entity.fields[name].type) for name in entity.unique]
    whole = cells[0].fillna(ABSENT)
    for one in cells[1:]:
        whole = whole + SEPARATOR + one.fillna(ABSENT)
    return whole.mask(pd.concat(cells, axis=1).isna().all(axis=1)).astype("str")


@dataclass(frozen=True)
class Identity:
    """
    What each record of one entity is in the target.

    Attributes:
        keys: rid -> target key; records of `split` are not in it.
        split: rids whose source keys were loaded as different rows; nobody guesses which.
        walk: Columns system, source_key, key, rid: rows the crosswalk does not hold yet, or holds with another key.
    """

    keys: "pd.Series[str]"
    split: pd.Index
    walk: pd.DataFrame

    def without(self, dead: pd.Index) -> "Identity":
        """Return the identity less the records of keys that will not be in the target."""
        if not len(dead):
            return self
        return replace(self, keys=self.keys[~among(self.keys, dead)], walk=self.walk[~among(self.walk["key"], dead)])


def source_keys(frame: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """
    Return columns `system, source_key, rid` of the records in `frame`.

    A record that no row of `keys` names is known by its own key, or `rid:<rid>`, in the system of its source's name.
    """
    named = keys.loc[among(keys["rid"], frame.index), ["system", "source_key", "rid"]]
    alone = frame[~among(frame.index, named["rid"])]
    system = alone[SOURCE] if SOURCE in alone else pd.Series(pd.NA, index=alone.index, dtype="str")
    own = alone[KEY] if KEY in alone else pd.Series(pd.NA, index=alone.index, dtype="str")
    rids = pd.Series(alone.index, index=alone.index, dtype="str")
    rest = pd.DataFrame({"system": system.fillna("-"), "source_key": own.fillna("rid:" + rids), "rid": rids})
    whole = pd.concat([named, rest], ignore_index=True).astype("str")
    twice = whole.duplicated(["system", "source_key"], keep=False)
    first = whole[twice].sort_values("rid").drop_duplicates(["system", "source_key"])
    return pd.concat([whole[~twice], first], ignore_index=True)


def identify(
    name: str,
    entity: Entity,
    frame: pd.DataFrame,
    *,
    keys: pd.DataFrame,
    walk: pd.DataFrame,
    matched: Mapping[str, str],
    rows: pd.DataFrame,
    follow: Mapping[str, str],
) -> Identity:
    """
    Say which target row each record is.

    Args:
        name, entity: Of the records.
        frame: Index rid; the reference fields of `unique` already hold target keys.
        keys: Columns system, source_key, rid.
        walk: The crosswalk, columns system, source_key, key.
        matched: rid -> target key, as dedupe found it.
        rows: The target's rows, index key.
        follow: Key of a merged row -> key of the row it became.
    """
    own = source_keys(frame, keys)
    known = own.merge(walk.rename(columns={"key": "was"}), how="left", on=["system", "source_key"])
    known = known.assign(key=follow_keys(known["was"], follow))
    found = known.dropna(subset=["key"])[["rid", "key"]].drop_duplicates()
    split = pd.Index(found.loc[found["rid"].duplicated(), "rid"].unique(), dtype="str")
    placed = found[~among(found["rid"], split)].set_index("rid")["key"].reindex(frame.index).astype("str")
    placed = placed.fillna(_matched(frame.index[placed.isna()], matched, follow))
    placed = placed.fillna(_by_unique(frame[placed.isna()], rows, entity, follow))
    placed = placed.fillna(_first_keys(name, entity, frame[placed.isna()], own).reindex(frame.index))
    placed = placed[~among(placed.index, split)]
    now = known.assign(key=known["rid"].map(placed).astype("str"))
    news = now[now["key"].notna() & (now["key"] != now["was"].fillna(""))]
    return Identity(placed.astype("str"), split, news[["system", "source_key", "key", "rid"]])


def follow_keys(cells: "pd.Series[str]", follow: Mapping[str, str]) -> "pd.Series[str]":
    """Return the keys, those of merged rows replaced by what they became."""
    if not follow:
        return cells.astype("str")
    return cells.map(pd.Series(follow, dtype="str")).astype("str").fillna(cells)


def _matched(rids: pd.Index, matched: Mapping[str, str], follow: Mapping[str, str]) -> "pd.Series[str]":
    found = {rid: matched[rid] for rid in rids.tolist() if rid in matched} if matched else {}
    return follow_keys(pd.Series(found, dtype="str") if found else no_rids("key"), follow)


def _by_unique(frame: pd.DataFrame, rows: pd.DataFrame, entity: Entity, follow: Mapping[str, str]) -> "pd.Series[str]":
    """Return the existing row of the same unique values; the smallest key where the target holds several."""
    if not len(frame) or not len(rows):
        return pd.Series(dtype="str", index=frame.index)
    there = signature(rows, entity).dropna()
    there = there[~among(there.index, list(follow))].sort_index()
    first = pd.Series(there.index, index=pd.Index(there, dtype="str"), dtype="str")
    first = first[~first.index.duplicated()]
    return signature(frame, entity).map(first).astype("str")


def _first_keys(name: str, entity: Entity, frame: pd.DataFrame, own: pd.DataFrame) -> "pd.Series[str]":
    """Return the keys that records get at their first creation."""
    if not len(frame):
        return no_rids("key")
    texts = own.assign(text=own["system"] + f"|{name}|" + own["source_key"])
    if texts["rid"].duplicated().any():
        texts = texts.sort_values("text").drop_duplicates("rid")
    by_source = texts.set_index("rid")["text"].reindex(frame.index).astype("str")
    marks = signature(frame, entity)
    if entity.identity == "natural":
        return uuid5_texts((f"{name}{SEPARATOR}" + marks).fillna(by_source).astype("str"))
    if marks.notna().any():
        by_source = by_source.groupby(marks).transform("min").astype("str").fillna(by_source)
    return uuid5_texts(by_source)


def combine(frame: pd.DataFrame, keys: "pd.Series[str]") -> tuple[pd.DataFrame, "pd.Series[str]"]:
    """
    Make one record of all that are the same target row: the first value of each column, in the order of rids.

    Returns:
        The frame and its keys, one row a key.
    """
    shared = keys.duplicated(keep=False)
    if not shared.any():
        return frame, keys
    some = frame[shared.to_numpy()].sort_index()
    own = keys[shared].reindex(some.index)
    filled = some.groupby(own.to_numpy(), sort=True).bfill().reindex(columns=frame.columns)
    first = filled[~own.duplicated().to_numpy()]
    whole = pd.concat([frame[~shared.to_numpy()], first])
    return whole, keys.reindex(whole.index)
