"""What is compared: records, CRM rows and their faces as rows, and rows of equal content as one node."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmetl.batch import SOURCE, text_frame
from crmetl.dedupe.cluster.clustering import by_first
from crmetl.dedupe.cluster.decided import Told
from crmetl.dedupe.compare.codes import NONE, Mask, Numbers, Texts, coded, same_rows, texts
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.comparisons import columns_of
from crmetl.dedupe.rules import MatchRules

FACES = 8
"""Contacts of one record that take part, so that cost stays linear in records."""


@dataclass(frozen=True)
class Rows:
    """
    What is compared, a row per face: records by rid, then CRM rows by key, then further faces of records.

    A record with several contacts shows a face with each; two records agree as well as the best two of their faces.

    Attributes:
        frame: Compared columns (and the `within` column) as text, in an order that depends on nothing but the records.
        names: rid, or `=key` of a CRM row.
        anchors: Number of the CRM row that it is for certain; -1 where that is not known.
        target: Which rows are of the CRM; they are never one content with another and make nothing frequent.
        holder: The first row of the same record.
        once: Bits of the sources that hold everybody once and have the row; None: there are none such.
    """

    frame: pd.DataFrame
    names: Texts
    anchors: Numbers
    target: Mask
    holder: Numbers
    once: Numbers | None = None

    @property
    def own(self) -> Mask:
        """Say which rows stand for a record of the batch."""
        out: Mask = ~self.target & (self.holder == np.arange(len(self.holder)))
        return out

    def parents(self, within: str) -> Texts:
        """Return the parent of each row, "" where it has none."""
        return texts(self.frame[within].fillna("").tolist())


@dataclass(frozen=True)
class Contents:
    """
    Records of equal compared content, taken once: copies cost nothing and make nothing frequent.

    Attributes:
        node: Record -> node.
        first: Node -> its first record.
        columns: Compared columns, a row per node.
    """

    node: Numbers
    first: Numbers
    columns: tuple[Column, ...]

    @property
    def size(self) -> int:
        """Return the number of nodes."""
        return len(self.first)


@dataclass(frozen=True)
class Crm:
    """What is known of the CRM: its rows, the crosswalk (rid -> key), and the keys of matched parents (rid -> key)."""

    existing: pd.DataFrame | None = None
    known: "pd.Series[str] | None" = None
    parents: "pd.Series[str] | None" = None


NO_CRM = Crm()


def compared_rows(frame: pd.DataFrame, rules: MatchRules, evidence: pd.DataFrame | None, crm: Crm = NO_CRM) -> Rows:
    """
    Return the compared columns of records and CRM rows.

    Args:
        frame: Records in the order of their rid.
        evidence: Index rid, columns of other entities; each row of a record is a face of it, FACES at most.
    """
    wanted = [*dict.fromkeys([*(one.field for one in rules.comparisons), *([rules.within] if rules.within else [])])]
    own = frame.reindex(columns=wanted)
    faces = _faces(own, evidence, wanted)
    links = (_texts({}, "key") if crm.known is None else crm.known).reindex(frame.index)
    shown = text_frame(wanted) if crm.existing is None else crm.existing[[one for one in wanted if one in crm.existing]]
    again = shown[shown.index.duplicated()].reindex(columns=wanted).astype("str").sort_index(kind="stable")
    there = shown[~shown.index.duplicated()].reindex(columns=wanted)
    gone = pd.Index(sorted(set(links.dropna()) - set(there.index)), dtype="str")
    there = there.reindex(there.index.astype("str").append(gone)).sort_index()
    more = faces.index.duplicated()
    whole = pd.concat([faces[~more], there, faces[more], again]).astype("str")
    if rules.within is not None and crm.parents is not None:
        same = {f"@{rid}": key for rid, key in crm.parents.items()}
        whole = whole.assign(**{rules.within: whole[rules.within].map(same).fillna(whole[rules.within])})
    place = pd.Series(np.arange(len(there)), index=there.index)
    faced = frame.index.get_indexer(faces.index[more]), len(frame) + there.index.get_indexer(again.index)
    holder = np.r_[np.arange(len(frame) + len(there)), *faced].astype(np.int64)
    anchors = np.r_[links.map(place).fillna(NONE).to_numpy(dtype=np.int64), np.arange(len(there))].astype(np.int64)[holder]
    names = texts([*frame.index, *(f"={key}" for key in there.index)])[holder]
    target = (np.arange(len(holder)) >= len(frame)) & (holder >= len(frame))
    return Rows(whole.reset_index(drop=True), names, anchors, target, holder, _once(frame, rules, holder))


def _once(frame: pd.DataFrame, rules: MatchRules, holder: Numbers) -> Numbers | None:
    """Return a bit per row for the source that holds everybody once and gave it, 0 for others; None where no source does."""
    if not rules.one_to_one:
        return None
    bits = {name: 1 << number for number, name in enumerate(rules.one_to_one)}
    own = frame[SOURCE].map(bits).fillna(0).to_numpy(dtype=np.int64)
    out: Numbers = np.r_[own, np.zeros(len(holder) - len(own), dtype=np.int64)][holder]
    return out


def _faces(own: pd.DataFrame, evidence: pd.DataFrame | None, wanted: list[str]) -> pd.DataFrame:
    """Return the records joined with their evidence, a row per different row of it; at least one a record."""
    if evidence is None or evidence.empty:
        return own
    asked = evidence[[name for name in wanted if name in evidence.columns]]
    shown = asked[asked.notna().any(axis=1)].rename_axis("rid").reset_index().drop_duplicates()
    shown = shown.sort_values(list(shown.columns))
    shown = shown[shown.groupby("rid").cumcount() < FACES].set_index("rid")
    return own.drop(columns=asked.columns).join(shown)[wanted]


def contents_of(rows: Rows, rules: MatchRules, told: Told | None = None) -> Contents:
    """
    Return the rows as nodes of different content.

    Faces of one record, CRM rows, rows told apart, and copies within a source that holds everybody once stand for themselves.
    """
    place = np.arange(len(rows.holder))
    columns = columns_of(rows.frame, rules.comparisons)
    parts = [one.codes.astype(np.int64) for one in columns]
    parts.append(np.where(rows.target, -2 - place, rows.anchors))
    own = _several(rows.holder) if told is None else _several(rows.holder) | told.alone
    parts.append(np.where(own, place, NONE))
    if rules.within is not None:
        parent = coded(rows.parents(rules.within)).astype(np.int64)
        parts.append(np.where(parent < 0, -2 - place, parent))
    node = by_first(same_rows(parts))
    if rows.once is not None:
        again = pd.DataFrame({"node": node, "once": rows.once}).duplicated().to_numpy() & (rows.once != 0)
        node = by_first(np.where(again, len(node) + place, node))
    first = np.full(int(node.max(initial=-1)) + 1, len(node), dtype=np.int64)
    np.minimum.at(first, node, np.arange(len(node)))
    return Contents(node, first, tuple(replace(one, codes=one.codes[first]) for one in columns))


def _several(holder: Numbers) -> Mask:
    """Say which rows are faces of a record that has several."""
    out: Mask = np.bincount(holder, minlength=len(holder))[holder] > 1
    return out


def tied(contents: Contents, rows: Rows) -> Numbers:
    """Return a label per node, equal for nodes that are one for certain: by the crosswalk, or as faces of one record."""
    anchor, holder = rows.anchors[contents.first], rows.holder[contents.first]
    faces = np.where(_several(rows.holder)[contents.first], contents.size + holder, np.arange(contents.size))
    return by_first(np.where(anchor >= 0, contents.size + len(rows.holder) + anchor, faces))


def _texts(values: dict[str, str], name: str) -> "pd.Series[str]":
    return pd.Series(values, dtype="str", index=pd.Index(list(values), dtype="str", name="rid"), name=name)
