"""A batch of records, what a stage says of each, and the law that none is lost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Protocol, TypeVar

import numpy as np
import pandas as pd

from crmetl.errors import LineageError
from crmetl.faults.kind import Fault, Severity
from crmetl.text import Text

SOURCE, PLACE, KEY = "_source", "_row", "_key"
"""Lineage columns of every batch: source name, `file!sheet!R12`, key in the source's system (NA where it has none)."""

LINEAGE = (SOURCE, PLACE, KEY)
CUSTOM = "custom"
"""JSON text of what has no column: custom fields, and `origin`: column -> text that could not be typed."""

FINDING = ("rid", "entity", "source", "place", "column", "code", "severity")
CHANGE = ("rid", "entity", "column", "before", "after", "rule")

R_contra = TypeVar("R_contra", contravariant=True)


def text_frame(columns: Iterable[str]) -> pd.DataFrame:
    """
    Return an empty frame of text columns.

    >>> text_frame(["a"]).dtypes.astype(str).to_dict()
    {'a': 'str'}
    """
    return _empty(tuple(columns)).copy(deep=False)


@cache
def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    """Made once per set of columns: small chunks ask for empty frames thousands of times."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})


def no_rids(name: str) -> "pd.Series[str]":
    """Return an empty `rid -> text` series."""
    return pd.Series(dtype="str", index=pd.Index([], dtype="str", name="rid"), name=name)


def rid_of(texts: "pd.Series[str]") -> "pd.Series[str]":
    """
    Return the permanent id of each text: 24 hex digits, the same on every machine and in every run.

    Args:
        texts: `source|entity|key`, or `source|entity|row id` where a record has no key; no NA.

    >>> rid_of(pd.Series(["east|account|K1", "east|account|K2"])).tolist()
    ['e43b723625dd3ec5a3b79358', '71064764f230e02fdb39784e']
    """
    cells = texts.astype("object").to_numpy()
    high, low = (pd.util.hash_array(cells, hash_key=key, categorize=False) for key in ("crmetl-rid-high-", "crmetl-rid-low--"))
    words = np.empty((len(cells), 3), dtype=">u4")
    words[:, 0], words[:, 1], words[:, 2] = high >> np.uint64(32), high & np.uint64(0xFFFFFFFF), low >> np.uint64(32)
    digits = words.tobytes().hex()
    return pd.Series([digits[at : at + 24] for at in range(0, len(digits), 24)], index=texts.index, dtype="str")


def joined(frame: pd.DataFrame, separator: str) -> "pd.Series[str]":
    r"""
    Return the cells of each row as one text; a missing cell is told from an empty one.

    >>> joined(pd.DataFrame({"a": ["x", None], "b": ["y", "z"]}, dtype="str"), "|").tolist()
    ['x|y', '\x00|z']
    """
    cells = [frame[name].astype("str").fillna("\x00") for name in frame.columns]
    whole = cells[0]
    for one in cells[1:]:
        whole = whole + separator + one
    return whole


@dataclass(frozen=True)
class Batch:
    """
    Records of one entity.

    Attributes:
        entity: Name in `schema.yaml`.
        frame: Index `rid` (unique text). Columns are the entity's fields, evidence columns `reference.field`, `custom`
            and LINEAGE; all values are text or NA, before and after cleaning (after it in the canonical form of their
            semantic type: `2024-03-05`, `12345.6`, `+8613912345678`), so that they compare, hash and travel unchanged.
            A resolved reference holds `@rid` of a record of this run, or a target key.
    """

    entity: str
    frame: pd.DataFrame

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.frame)

    def take(self, mask: "pd.Series[bool]") -> "Batch":
        """Return the records where `mask` is true, in their order."""
        return replace(self, frame=self.frame[mask])

    def findings(self, mask: "pd.Series[bool]", column: str, fault: Fault, severity: Severity | None = None) -> pd.DataFrame:
        """
        Return one finding per record where `mask` is true.

        Returns:
            Columns FINDING; the value itself is never in it.
        """
        rows = self.frame.loc[mask, [SOURCE, PLACE]]
        return pd.DataFrame(
            {
                "rid": rows.index.astype("str"),
                "entity": pd.Series([self.entity] * len(rows), dtype="str"),
                "source": rows[SOURCE].to_numpy(),
                "place": rows[PLACE].to_numpy(),
                "column": pd.Series([column] * len(rows), dtype="str"),
                "code": pd.Series([fault.code] * len(rows), dtype="str"),
                "severity": pd.Series([severity or fault.severity] * len(rows), dtype="str"),
            }
        ).astype("str")


@dataclass(frozen=True)
class StageResult:
    """
    What a stage says of every record that came: kept, held, absorbed or dropped, and why.

    Attributes:
        kept: Go on.
        held: Wait for a person; each has a finding of severity `hold`.
        absorbed: rid -> surviving rid.
        dropped: rid -> the named rule that left it out.
        findings: Columns FINDING.
        changes: Columns CHANGE; a row per cell that the stage rewrote.
    """

    kept: Batch
    held: Batch
    absorbed: "pd.Series[str]" = field(default_factory=lambda: no_rids("into"))
    dropped: "pd.Series[str]" = field(default_factory=lambda: no_rids("rule"))
    findings: pd.DataFrame = field(default_factory=lambda: text_frame(FINDING))
    changes: pd.DataFrame = field(default_factory=lambda: text_frame(CHANGE))


class Stage(Protocol[R_contra]):
    """A stage: a pure function; clock, ids and seeds come in through `rules`."""

    def __call__(self, batch: Batch, *, rules: R_contra) -> StageResult:
        """Say of each record what becomes of it."""


def conserve(stage: str, came: "pd.Index[str]", result: StageResult) -> StageResult:
    """
    Return `result` if every record that came is in exactly one of its four outcomes.

    Args:
        stage: Name for the message.
        came: rids before the stage.
        result: What the stage said.

    Raises:
        LineageError: A record is gone, doubled or new: our bug, not the data's.
    """
    ways = (result.kept.frame.index, result.held.frame.index, result.absorbed.index, result.dropped.index)
    if len(ways[0]) == len(came) == sum(map(len, ways)) and ways[0].equals(came) and came.is_unique:
        return result
    out = [rid for way in ways for rid in way.tolist()]
    distinct, before = set(out), set(came.tolist())
    if len(out) == len(came) == len(distinct) and distinct == before:
        return result
    lost, new = len(before - distinct), len(distinct - before)
    raise LineageError(
        Text(
            f"阶段 {stage} 的记录不守恒：进 {len(came):,}，出 {len(out):,}，丢失 {lost:,}，多出 {new:,}",
            f"stage {stage} does not conserve its records: {len(came):,} came, {len(out):,} went, {lost:,} lost, {new:,} new",
        ),
        next=Text(
            "这是 crmetl 的缺陷，请附上 --debug 的输出报告",
            "this is a bug of crmetl; please report it with the output of --debug",
        ),
    )


def stack(frames: Sequence[pd.DataFrame], columns: Iterable[str]) -> pd.DataFrame:
    """Return the frames below each other, or an empty text frame of `columns` where there are none; index is renumbered."""
    filled = [one for one in frames if len(one)]
    if len(filled) == 1:
        return filled[0].reset_index(drop=True)
    return pd.concat(filled, ignore_index=True) if filled else text_frame(columns)


def then(first: StageResult, second: StageResult) -> StageResult:
    """
    Return what two steps in a row say together: the second worked on what the first kept.

    Args:
        first: Result of the earlier step.
        second: Result of the later step, whose records came from `first.kept`.
    """
    return StageResult(
        kept=second.kept,
        held=Batch(
            second.kept.entity, pd.concat([first.held.frame, second.held.frame]) if len(first.held) else second.held.frame
        ),
        absorbed=pd.concat([first.absorbed, second.absorbed]),
        dropped=pd.concat([first.dropped, second.dropped]),
        findings=stack([first.findings, second.findings], FINDING),
        changes=stack([first.changes, second.changes], CHANGE),
    )


def keep_all(batch: Batch) -> StageResult:
    """Return the result of a step that has nothing to say: all kept."""
    return StageResult(kept=batch, held=batch.take(pd.Series(data=False, index=batch.frame.index)))
