"""One key on several rows: which copy stays, which are folded into it, which wait; decided over a whole source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.batch import CHANGE, FINDING, LINEAGE, PLACE, Batch, StageResult, keep_all, no_rids, rid_of, stack, text_frame
from crmetl.clean.rules import ColumnRule
from crmetl.faults.kind import Fault
from crmetl.faults.mapping import KEY_DIFFERS, KEY_REPEATED
from crmetl.mapping.rules import MapRules

Hashes = npt.NDArray[np.uint64]

_MIX = np.uint64(0x9E3779B97F4A7C15)
"""2**64 over the golden ratio, an odd number: multiplying by it is a bijection that spreads the low bits."""

ROOM = 200_000
"""Repeated records that are compared at a time; some hundred bytes each."""


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

    Copies that say the same fold into the fullest one; a blank contradicts nothing, and `人民币` says `CNY`. Of copies
    that contradict each other all wait (`on_repeat: hold`), or the fullest is taken (`first`), of equally full ones that of
    the smallest content hash, so that the order of files and rows does not matter.

    Args:
        parts: The frames that `map_rows` made of this entity, chunk by chunk; gone through several times, and only
            where a rid can repeat; of an iterator all are kept.
        entity: Its name.
        rules: Of the source.
        parents: Decisions on the entities before it in the order of `map_rows`; needed to follow renamed parents.

    Cost: 8 bytes per record of a keyed entity, and some hundred for each of at most ROOM repeated ones at a time; the parts
    are read once, and once more for every ROOM repeated records.
    """
    referred = rules.referred_by_key(entity)
    if not rules.repeatable(entity) and not referred:
        return Repeats(entity, rules, parents=parents)
    if not rules.repeatable(entity):
        seen = Seen.join([_seen(part, entity, rules, parents) for part in parts])
        contents = pd.Series(seen.content(), index=pd.Index(seen.rids, dtype="str"))
        return Repeats(entity, rules, contents=contents, parents=parents)
    parts = list(parts) if iter(parts) is parts else parts
    again, copies = _repeated(np.concatenate([np.empty(0, np.uint64), *(_hashed(part.index) for part in parts)]))
    decided = (
        [
            _decide(_gathered(parts, some, entity, rules, parents), entity, rules)
            for some in np.array_split(again, -(-copies // ROOM))
            if len(some)
        ]
        if copies
        else []
    )
    return _together(decided, entity, rules, parents)


def _repeated(hashes: Hashes) -> tuple[Hashes, int]:
    """Return the hashes that stand more than once, sorted and each once, and how many records they stand for."""
    ordered = np.sort(hashes)
    same = ordered[1:] == ordered[:-1]
    first = same & ~np.append(False, same[:-1])
    return ordered[1:][first], int(same.sum() + first.sum())


def _gathered(
    parts: Iterable[pd.DataFrame], wanted: Hashes, entity: str, rules: MapRules, parents: Mapping[str, Repeats]
) -> "Seen":
    """Return what is remembered of the records whose rid has one of the hashes."""
    found = []
    for part in parts:
        mask = _among(_hashed(part.index), wanted)
        if mask.any():
            found.append(_seen(part[mask], entity, rules, parents))
    return Seen.join(found)


def _together(decided: Sequence[Repeats], entity: str, rules: MapRules, parents: Mapping[str, Repeats]) -> Repeats:
    """Return the decisions on records of different rids as one."""
    if not decided:
        return Repeats(entity, rules, parents=parents)
    return Repeats(
        entity,
        rules,
        folded=np.sort(np.concatenate([one.folded for one in decided])),
        renamed=pd.concat([one.renamed for one in decided]),
        differs=np.sort(np.concatenate([one.differs for one in decided])),
        parents=parents,
    )


def _decide(seen: "Seen", entity: str, rules: MapRules) -> Repeats:
    """
    Order the copies of each rid, the fullest first, and say of each what becomes of it.

    A copy whose filled cells all say what the fullest copy says is the same record: a blank contradicts nothing.
    """
    again = seen.take(pd.Series(seen.rids).duplicated(keep=False).to_numpy())
    if not len(again.rids):
        return Repeats(entity, rules)
    copies = pd.DataFrame({"rid": again.rids, "empty": again.empty(), "content": again.content(), "mark": again.marks})
    copies = copies.sort_values(list(copies.columns))
    again = again.take(copies.index.to_numpy())
    copies = copies.reset_index(drop=True)
    first = ~copies["rid"].duplicated()
    fullest = first.cumsum() - 1
    best = again.cells[first.to_numpy()][fullest.to_numpy()]
    same = pd.Series(((again.cells == best) | (again.cells == 0)).all(axis=1))
    several = ~same.groupby(fullest).transform("all")
    waits = several & rules.waits_on_repeat(entity)
    apart = first | (~same & ~copies.duplicated(["rid", "content"]))
    number = apart.groupby(fullest).cumsum().where(~same, 1)
    named = copies[waits]
    renamed = rid_of(named["rid"] + "#" + number[waits].astype("str"))
    return Repeats(
        entity,
        rules,
        folded=_marks(copies, ~first.where(~waits, apart)),
        renamed=pd.Series(renamed.to_numpy(), index=pd.Index(named["mark"], dtype="uint64"), dtype="str"),
        differs=_marks(copies, several & ~waits & first),
    )


def _marks(copies: pd.DataFrame, mask: "pd.Series[bool]") -> Hashes:
    return np.sort(copies.loc[mask, "mark"].to_numpy(dtype=np.uint64))


@dataclass(frozen=True)
class Seen:
    """
    What is remembered of records: enough to tell copies apart, and no values.

    Attributes:
        rids, marks: One per record.
        cells: Hash of each cell, 0 where it is empty; a row per record, columns in the order of their names.
    """

    rids: npt.NDArray[np.object_]
    marks: Hashes
    cells: Hashes

    @classmethod
    def join(cls, parts: "Sequence[Seen]") -> "Seen":
        """Return all records of several chunks."""
        if not parts:
            return cls(np.empty(0, object), np.empty(0, np.uint64), np.empty((0, 0), np.uint64))
        return cls(*(np.concatenate([getattr(one, name) for one in parts]) for name in ("rids", "marks", "cells")))

    def take(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> "Seen":
        """Return some of the records, by mask or by position."""
        return Seen(self.rids[which], self.marks[which], self.cells[which])

    def content(self) -> Hashes:
        """Return one hash per record over all its cells."""
        salts = np.arange(1, self.cells.shape[1] + 1, dtype=np.uint64) * _MIX | np.uint64(1)
        mixed = (self.cells ^ (self.cells >> np.uint64(29))) * salts
        return np.asarray((mixed ^ (mixed >> np.uint64(32))).sum(axis=1, dtype=np.uint64))

    def empty(self) -> npt.NDArray[np.int64]:
        """Return the number of empty cells of each record."""
        return np.asarray((self.cells == 0).sum(axis=1))


def _seen(frame: pd.DataFrame, entity: str, rules: MapRules, parents: Mapping[str, Repeats]) -> Seen:
    names = sorted({str(one) for one in frame.columns} - set(LINEAGE))
    forms, references = rules.forms.get(entity, {}), rules.references(entity)
    cells = [_cells(frame[one], forms.get(one), parents.get(references.get(one, ""))) for one in names]
    empty = np.zeros((len(frame), 0), dtype=np.uint64)
    return Seen(
        frame.index.astype("object").to_numpy(),
        marks_of(frame.index, frame[PLACE]),
        np.column_stack(cells) if cells else empty,
    )


def _cells(texts: "pd.Series[str]", form: ColumnRule | None, parent: Repeats | None) -> Hashes:
    """
    Return the hash of each cell, 0 where it is empty.

    Args:
        texts: One column.
        form: Cells are compared by what they mean; None: by their text.
        parent: Of a reference to a record of the same row; one without key counts by its own content, for its rid is new
            on every row.
    """
    there = texts.notna().to_numpy(dtype=bool)
    if not there.any():
        return np.zeros(len(texts), dtype=np.uint64)
    if parent is not None and len(parent.contents):
        hashed = np.asarray(parent.contents.reindex(texts.str.slice(1), fill_value=0), dtype=np.uint64)
    elif form is not None:
        codes, distinct = pd.factorize(texts)
        hashed = np.append(_hashed(pd.Series([_said(one, form) for one in distinct.tolist()], dtype="str")), np.uint64(0))[codes]
    else:
        hashed = _hashed(texts)
    return np.where(there, hashed, np.uint64(0))


def _said(text: str, form: ColumnRule) -> str:
    """Return what a cell says in its canonical form; the text itself where it cannot be read or says nothing."""
    found = form.type.parse(text, form.context)
    return text if isinstance(found, Fault) or found.value is None else found.value


def marks_of(rids: "pd.Index[str] | pd.Series[str]", places: "pd.Series[str]") -> Hashes:
    """Return a hash of rid and place for each record."""
    return _hashed(rids) * _MIX ^ _hashed(places)


def _hashed(texts: "pd.Index[str] | pd.Series[str]") -> Hashes:
    return np.asarray(pd.util.hash_array(texts.astype("object").to_numpy(), categorize=False), dtype=np.uint64)


def _among(marks: Hashes, known: Hashes) -> npt.NDArray[np.bool_]:
    """Return which marks are in a sorted array; by search, for a chunk is small beside the whole source."""
    if not len(known):
        return np.zeros(len(marks), dtype=bool)
    at = np.minimum(np.searchsorted(known, marks), len(known) - 1)
    return np.asarray(known[at] == marks)
