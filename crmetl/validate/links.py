"""Checks that need the other records: held and dropped parents, references still empty, values that must be unique."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

import pandas as pd
import pyarrow as pa

from crmetl.batch import FINDING, Batch, StageResult, conserve, keep_all, no_rids, stack
from crmetl.faults import validate as faults
from crmetl.schema import Schema
from crmetl.validate.frames import marked
from crmetl.validate.rules import ValidateRules
from crmetl.validate.stage import hold


def cascade(batch: Batch, *, schema: Schema, held: Collection[str], dropped: Mapping[str, str] | Collection[str]) -> StageResult:
    """
    Let children share the fate of their parents.

    Args:
        batch: Records; references that hold `@rid` are looked at, required or not.
        schema: Says which fields are references.
        held: rids of held records of any entity.
        dropped: rids of dropped records of any entity.

    Returns:
        dropped: children of a dropped parent, by rule `parent_dropped`. held: children of a held parent, with
        PARENT_HELD at the reference. A child of both is dropped: no correction could bring its parent back.
    """
    columns = {name: to for name, to in schema.entities[batch.entity].references().items() if name in batch.frame.columns}
    if not held and not dropped:
        return keep_all(batch)
    upward = [name for name, to in columns.items() if to == batch.entity]
    gone = _below(batch.frame[list(columns)], upward, dropped)
    out = pd.Series("parent_dropped", index=batch.frame.index[gone], dtype="str", name="rule").rename_axis("rid")
    stay = batch.take(~gone)
    refs = stay.frame[list(columns)]
    ours = frozenset(refs.index[_below(refs, upward, held)])
    waiting = ((name, _points(refs[name], held) | _points(refs[name], ours)) for name in columns)
    found = [stay.findings(mask, name, faults.PARENT_HELD, "hold") for name, mask in waiting if mask.any()]
    result = hold(stay, stack(found, FINDING))
    return conserve("cascade", batch.frame.index, StageResult(result.kept, result.held, dropped=out, findings=result.findings))


def validate_links(batch: Batch, *, rules: ValidateRules, known: Mapping[str, Collection[str]] | None = None) -> StageResult:
    """
    Check the references of linked records.

    Args:
        batch: Records after link.
        rules: From `validate_rules`.
        known: Entity -> references that exist (`@rid` of this run's survivors and target keys); None: not checked.

    Returns:
        held: records with a required reference that is empty (PARENT_MISSING), or one that points to nothing
        (PARENT_UNKNOWN).
    """
    required = {rule.name for rule in rules.fields if rule.required}
    found = []
    for name, entity in rules.references.items():
        refs = batch.frame[name] if name in batch.frame.columns else pd.Series(pd.NA, index=batch.frame.index, dtype="str")
        if name in required:
            found.append(marked(batch, refs.isna(), name, faults.PARENT_MISSING, rules))
        if known is not None:
            found.append(marked(batch, refs.notna() & ~_among(refs, known.get(entity, ())), name, faults.PARENT_UNKNOWN, rules))
    return conserve("validate links", batch.frame.index, hold(batch, stack(found, FINDING)))


def _among(refs: "pd.Series[str]", known: Collection[str]) -> "pd.Series[bool]":
    """Say which references exist; an Index keeps its hash table from chunk to chunk, which a list cannot."""
    index = known if isinstance(known, pd.Index) else pd.Index(list(known), dtype="str")
    return pd.Series(index.get_indexer(pd.Index(refs)) >= 0, index=refs.index)


def duplicates(batch: Batch, *, rules: ValidateRules) -> StageResult:
    """
    Hold every record whose unique fields repeat; a set stage, over all survivors of an entity.

    Args:
        batch: Linked survivors.
        rules: `unique` names the fields; records with an empty one are unique by definition, as in SQL.

    Returns:
        held: all records of each repeated value, with NOT_UNIQUE at the first of the fields; none is preferred.
    """
    fields = [name for name in rules.unique if name in batch.frame.columns]
    if not rules.unique or len(fields) < len(rules.unique):
        return StageResult(kept=batch, held=batch.take(pd.Series(False, index=batch.frame.index)), dropped=no_rids("rule"))
    values = batch.frame[fields]
    repeated = values.duplicated(keep=False) & values.notna().all(axis=1)
    findings = marked(batch, repeated, fields[0], faults.NOT_UNIQUE, rules)
    return conserve("duplicates", batch.frame.index, hold(batch, findings))


def _below(refs: pd.DataFrame, upward: Sequence[str], parents: Collection[str]) -> "pd.Series[bool]":
    """
    Say which records point to one of `parents`, also through records of this same frame.

    Args:
        upward: Columns that refer to the frame's own entity (a hierarchy).
    """
    below = pd.Series(data=False, index=refs.index)
    for name in refs.columns:
        below = below | _points(refs[name], parents)
    new = below if upward else below & ~below
    while new.any():
        found = frozenset(refs.index[new])
        wider = below
        for name in upward:
            wider = wider | _points(refs[name], found)
        below, new = wider, wider & ~below
    return below


def _points(cells: "pd.Series[str]", parents: Collection[str]) -> "pd.Series[bool]":
    """
    Say which references point to one of `parents`.

    The cells are looked up among the parents, not the other way round: a chunk is small and the held of a run are many.
    """
    known = parents if isinstance(parents, Mapping | AbstractSet) else frozenset(parents)
    if not known:
        return pd.Series(data=False, index=cells.index)
    found = [text is not None and text[:1] == "@" and text[1:] in known for text in pa.array(cells.astype("str")).to_pylist()]
    return pd.Series(found, index=cells.index, dtype=bool)
