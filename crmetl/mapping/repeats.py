"""One key on several rows: which copy stays, which are folded into it, which wait; decided over a whole source."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.batch import CHANGE, FINDING, LINEAGE, PLACE, Batch, StageResult, keep_all, no_rids, rid_of, stack, text_frame
from crmetl.faults.kind import Fault
from crmetl.faults.mapping import KEY_DIFFERS, KEY_REPEATED
from crmetl.mapping.rules import MapRules

Hashes = npt.NDArray[np.uint64]

_MIX = np.uint64(0x9E3779B97F4A7C15)
"""2**64 over the golden ratio, an odd number: multiplying by it is a bijection that spreads the low bits."""


@dataclass(frozen=True)
class Repeats:
    """
    What becomes of the records of one entity of a source whose rid stands more than once.

    A record is known by its mark, a hash of rid and place, so that chunks can be settled in any order and apart.

    Attributes:
        entity, rules: Whose.
        folded: Marks of copies that are the same record as another one; sorted.
        renamed: Mark -> rid of its own, for every copy of a key whose copies wait, folded ones too.
        differs: Marks of records kept although other copies of their key differ; sorted.
        contents: rid -> content, of an entity without key that a keyed one refers to.
        parents: Decisions on entities that this one refers to.
    """

    entity: str
    rules: MapRules
    folded: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    renamed: "pd.Series[str]" = field(default_factory=lambda: pd.Series(dtype="str", index=pd.Index([], dtype="uint64")))
    differs: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    contents: "pd.Series[int]" = field(default_factory=lambda: pd.Series(dtype="uint64", index=pd.Index([], dtype="str")))
    parents: "Mapping[str, Repeats]" = field(default_factory=dict)

    def settle(self, batch: Batch) -> tuple[Batch, StageResult]:
        """
        Apply the decision to some of the entity's records.

        Args:
            batch: As `map_rows` made them, any chunk.

        Returns:
            The records without folded copies and under their final rids: what begins to exist; and the stage's result on
            them: `held` are the differing copies of one key, each under a rid of its own. References to renamed parents
            follow the copy that stood on the same row.
        """
        frame = self._referring(batch.frame)
        if not len(self.folded) and not len(self.renamed) and not len(self.differs):
            came = Batch(self.entity, frame)
            return came, keep_all(came)
        marks = marks_of(frame.index, frame[PLACE])
        stays = ~_among(marks, self.folded)
        frame, marks = (frame, marks) if stays.all() else (frame[stays], marks[stays])
        waits = np.zeros(len(frame), dtype=bool)
        if len(self.renamed):
            own = self.renamed.reindex(marks).to_numpy()
            waits = pd.notna(own)
            frame = frame.set_axis(pd.Index(np.where(waits, own, frame.index.to_numpy()), dtype="str", name="rid"))
        came = Batch(self.entity, frame)
        told = [self._told(came, waits, KEY_REPEATED), self._told(came, _among(marks, self.differs), KEY_DIFFERS)]
        held, kept = Batch(self.entity, frame[waits]), Batch(self.entity, frame[~waits] if waits.any() else frame)
        return came, StageResult(kept, held, no_rids("into"), no_rids("rule"), stack(told, FINDING), text_frame(CHANGE))

    def _told(self, came: Batch, mask: npt.NDArray[np.bool_], fault: Fault) -> pd.DataFrame:
        if not mask.any():
            return text_frame(FINDING)
        made = self.rules.of(self.entity)
        column = "/".join(made.key) if made else ""
        return came.findings(pd.Series(mask, index=came.frame.index), column, fault, self.rules.severity(fault))

    def _referring(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the records with references to the copies of their own row."""
        for column, parent in self.rules.references(self.entity).items():
            decided = self.parents.get(parent)
            if decided is None or not len(decided.renamed) or not len(frame):
                continue
            at = frame[column].str.slice(1)
            own = pd.Series(
                decided.renamed.reindex(marks_of(at.fillna(""), frame[PLACE])).to_numpy(), index=frame.index, dtype="str"
            )
            frame = frame.assign(**{column: ("@" + own).where(own.notna(), frame[column])})
        return frame


def repeats(
    parts: Iterable[pd.DataFrame], *, entity: str, rules: MapRules, parents: Mapping[str, Repeats] = MappingProxyType({})
) -> Repeats:
    """
    Decide on the records of one entity that share a rid: the set step of `map`, after all chunks of the source.

    Identical copies fold into one. Of differing ones all wait (`on_repeat: hold`), or the one of the smallest content
    hash is taken (`first`), so that the order of files and rows does not matter.

    Args:
        parts: The frames that `map_rows` made of this entity, chunk by chunk; read once, and only where a rid can repeat.
        entity: Its name.
        rules: Of the source.
        parents: Decisions on the entities before it in the order of `map_rows`; needed to follow renamed parents.

    Cost: 16 bytes and a rid per record of a keyed entity; n log n in its repeated ones.
    """
    referred = rules.referred_by_key(entity)
    if not rules.repeatable(entity) and not referred:
        return Repeats(entity, rules, parents=parents)
    seen = pd.concat([_seen(part, entity, rules, parents) for part in parts] or [_seen_nothing()], ignore_index=True)
    if not rules.repeatable(entity):
        contents = pd.Series(seen["content"].to_numpy(), index=pd.Index(seen["rid"], dtype="str"))
        return Repeats(entity, rules, contents=contents, parents=parents)
    return _decide(seen, entity, rules, parents)


def _decide(seen: pd.DataFrame, entity: str, rules: MapRules, parents: Mapping[str, Repeats]) -> Repeats:
    again = seen[seen["rid"].duplicated(keep=False)].sort_values(["rid", "content", "mark"], ignore_index=True)
    if not len(again):
        return Repeats(entity, rules, parents=parents)
    first = ~again["rid"].duplicated()
    copy = ~again.duplicated(["rid", "content"])
    several = again["rid"].map(again[copy]["rid"].value_counts()).gt(1)
    waits = several & rules.waits_on_repeat(entity)
    folded = ~first.where(~waits, copy)
    number = copy.groupby(again["rid"]).cumsum()
    named = again[waits]
    renamed = pd.Series(
        rid_of(named["rid"] + "#" + number[waits].astype("str")).to_numpy(),
        index=pd.Index(named["mark"], dtype="uint64"),
        dtype="str",
    )
    return Repeats(
        entity,
        rules,
        folded=np.sort(again.loc[folded, "mark"].to_numpy(dtype=np.uint64)),
        renamed=renamed,
        differs=np.sort(again.loc[several & ~waits & first, "mark"].to_numpy(dtype=np.uint64)),
        parents=parents,
    )


def _seen_nothing() -> pd.DataFrame:
    return pd.DataFrame({"rid": pd.Series(dtype="str"), "mark": pd.Series(dtype="uint64"), "content": pd.Series(dtype="uint64")})


def _seen(frame: pd.DataFrame, entity: str, rules: MapRules, parents: Mapping[str, Repeats]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rid": frame.index.astype("str"),
            "mark": marks_of(frame.index, frame[PLACE]),
            "content": content_of(frame, rules.references(entity), parents),
        }
    )


def marks_of(rids: "pd.Index[str] | pd.Series[str]", places: "pd.Series[str]") -> Hashes:
    """Return a hash of rid and place for each record."""
    return _hashed(rids) * _MIX ^ _hashed(places)


def content_of(frame: pd.DataFrame, references: Mapping[str, str], parents: Mapping[str, Repeats]) -> Hashes:
    """
    Return a hash of each record's cells, without lineage; an empty cell and a missing column count the same.

    Args:
        frame: Records of one entity.
        references: Column -> entity of the same row; one without key counts by its own content, for its rid is new on
            every row.
        parents: Decisions on those entities.
    """
    if not len(frame):
        return np.empty(0, dtype=np.uint64)
    names = sorted({str(one) for one in frame.columns} - set(LINEAGE))
    cells = [_by_content(frame[one], parents.get(references.get(one, ""))) for one in names]
    texts = [pa.array(one).cast(pa.large_string()) for one in cells]
    separator = pa.scalar(_CELL, type=pa.large_string())
    lines = pc.binary_join_element_wise(*texts, separator, null_handling="replace", null_replacement=_BLANK)
    return np.asarray(pd.util.hash_array(np.array(lines.to_pylist(), dtype=object), categorize=False), dtype=np.uint64)


_CELL, _BLANK = "\x1e", "\x1f"
"""Record and unit separator of ASCII: cells hold neither."""


def _by_content(cells: "pd.Series[str]", parent: Repeats | None) -> "pd.Series[str]":
    """Return references to a parent without key as that parent's content; other cells as they are."""
    if parent is None or not len(parent.contents):
        return cells
    return parent.contents.reindex(cells.str.slice(1)).astype("str").set_axis(cells.index)


def _hashed(texts: "pd.Index[str] | pd.Series[str]") -> Hashes:
    return np.asarray(pd.util.hash_array(texts.astype("object").to_numpy(), categorize=False), dtype=np.uint64)


def _among(marks: Hashes, known: Hashes) -> npt.NDArray[np.bool_]:
    """Return which marks are in a sorted array; by search, for a chunk is small beside the whole source."""
    if not len(known):
        return np.zeros(len(marks), dtype=bool)
    at = np.minimum(np.searchsorted(known, marks), len(known) - 1)
    return np.asarray(known[at] == marks)
