"""The three-way rule for one column: last loaded value, source now, target now."""

import json
from dataclasses import dataclass, replace

import pandas as pd

from crmetl.schema.model import Field

LATER = ("date", "datetime", "date_of_birth")
"""Types whose text order is their order in time."""


@dataclass(frozen=True)
class Sides:
    """
    One column of the records that stand in the target already; all series share the index `key`.

    Attributes:
        source, target: Canonical values now.
        source_hash, target_hash: Their hashes.
        source_last, target_last: Hashes at the last load, NA where the value was missing.
        known: The record was loaded before, so the last hashes mean something.
    """

    source: "pd.Series[str]"
    target: "pd.Series[str]"
    source_hash: "pd.Series[str]"
    target_hash: "pd.Series[str]"
    source_last: "pd.Series[str]"
    target_last: "pd.Series[str]"
    known: "pd.Series[bool]"


@dataclass(frozen=True)
class Verdict:
    """
    What becomes of each cell.

    Attributes:
        after: The value to write where `update` is true, else the target's.
        update, conflict: Disjoint masks.
        reason: Of the conflicts: `both_moved` or `would_loosen`.
        source_last, target_last: Hashes to remember.
        because: Of the updates.
    """

    after: "pd.Series[str]"
    update: "pd.Series[bool]"
    conflict: "pd.Series[bool]"
    reason: "pd.Series[str]"
    source_last: "pd.Series[str]"
    target_last: "pd.Series[str]"
    because: str


def same(one: "pd.Series[str]", two: "pd.Series[str]") -> "pd.Series[bool]":
    """Say where both values are equal or both are missing."""
    return ((one == two) | (one.isna() & two.isna())).astype(bool)


def loosens(field: Field, sides: Sides) -> "pd.Series[bool]":
    """
    Say where writing the source's value would ease a consent or status.

    A field whose `survive` is `strictest` is at its loosest at its default (an opt-out at `no`): it leaves that by itself
    and goes back only by a person's hand.
    """
    if field.survive != "strictest":
        return pd.Series(data=False, index=sides.source.index)
    loose = field.loosest
    return (sides.source == loose) & sides.target.notna() & (sides.target != loose)


def decide(field: Field, sides: Sides) -> Verdict:
    """
    Apply the three-way rule, then the field's write policy.

    Only the source moved: the policy decides. Only the target moved: a person's edit, kept. Both moved and they differ: a
    conflict. A row never loaded before has no last value: the policy alone decides. A missing source value says nothing,
    and neither does the schema's default of a field on such a row: validation filled it in, no source said it.
    """
    filled_in = ~sides.known & sides.target.notna() & (sides.source == field.default)
    equal, silent = same(sides.source, sides.target), sides.source.isna() | filled_in
    source_moved = ~sides.known | ~same(sides.source_hash, sides.source_last)
    target_moved = sides.known & ~same(sides.target_hash, sides.target_last)
    wanted, after = _wanted(field, sides)
    wanted = wanted & source_moved & ~equal & ~silent
    loose = wanted & loosens(field, sides)
    conflict = (wanted & target_moved & (field.write != "append")) | (loose & sides.known)
    update = wanted & ~loose & ~conflict
    settled = (equal | update | (source_moved & ~conflict & ~silent)).astype(bool)
    return Verdict(
        after=sides.target.mask(update, after),
        update=update.astype(bool),
        conflict=conflict.astype(bool),
        reason=pd.Series("both_moved", index=loose.index, dtype="str").mask(loose, "would_loosen"),
        source_last=sides.source_last.mask(settled, sides.source_hash),
        target_last=sides.target_last.mask(~sides.known | equal, sides.target_hash),
        because=field.write,
    )


def _wanted(field: Field, sides: Sides) -> tuple["pd.Series[bool]", "pd.Series[str]"]:
    """Say which cells the policy would write, and with what, were nothing else to be minded."""
    blank = sides.target.isna()
    everywhere = pd.Series(data=True, index=sides.source.index)
    match field.write:
        case "keep":
            wanted = ~everywhere
        case "fill_blank":
            wanted = blank
        case "append":
            wanted = ~_contains(sides.target, sides.source)
        case "longest":
            wanted = blank | (sides.source.str.len() > sides.target.str.len()).astype(bool)
        case "newest" if field.type in LATER:
            wanted = blank | (sides.source > sides.target).astype(bool)
        case "newest":
            wanted = blank | sides.known
        case "overwrite":
            wanted = everywhere
    return wanted, _appended(sides.target, sides.source) if field.write == "append" else sides.source


def _contains(target: "pd.Series[str]", source: "pd.Series[str]") -> "pd.Series[bool]":
    pairs = zip(target.fillna(""), source.fillna(""), strict=True)
    return pd.Series([bool(new) and f"\n{new}\n" in f"\n{old}\n" for old, new in pairs], index=target.index, dtype=bool)


def _appended(target: "pd.Series[str]", source: "pd.Series[str]") -> "pd.Series[str]":
    return source.where(target.isna(), target + "\n" + source)


def decide_custom(sides: Sides) -> Verdict:
    """Apply the rule to `custom`: the source's keys are laid over the target's, no other key of the target is lost."""
    laid = pd.Series(
        [_laid_over(old, new) for old, new in zip(sides.target.fillna(""), sides.source.fillna(""), strict=True)],
        index=sides.source.index,
        dtype="str",
    )
    laid = laid.mask(laid == "")
    covered = same(laid, sides.target)
    field = Field(type="text")
    verdict = decide(field, replace(sides, source=sides.source.mask(covered, sides.target)))
    return replace(verdict, after=sides.target.mask(verdict.update, laid))


def _laid_over(old: str, new: str) -> str:
    if not old or not new or old == new:
        return new or old
    try:
        both = {**json.loads(old), **json.loads(new)}
    except (ValueError, TypeError):
        return new
    return json.dumps(both, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
