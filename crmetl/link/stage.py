"""The stage: references of a chunk are found, owners become users, records that belong to nobody are told."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmetl.batch import CHANGE, FINDING, SOURCE, Batch, StageResult, conserve, no_rids, stack
from crmetl.faults import link as faults
from crmetl.link.chunk import Chunk
from crmetl.link.index import ParentIndex
from crmetl.link.outcome import Outcome, Rows, changes, findings
from crmetl.link.rules import LinkRules

NO_KNOWN_PARTY = "no_known_party"
"""Rule by which a mail or chat is dropped that leads to no customer."""


def link(batch: Batch, *, rules: LinkRules, parents: Mapping[str, ParentIndex], absorbed: Mapping[str, str]) -> StageResult:
    """
    Find the parents of each record, never by first hit.

    A reference that a row made itself follows `absorbed`. Any other is sought by key, then by what names a parent outright
    (codes, e-mail, phone, whole company name), then by what points to one (the contact's account, brand with trade and
    place, domain of an address that is nobody's free mail); names of people count only within an account that is certain.
    The first kind of evidence that leaves one candidate decides; several are narrowed by the kinds that follow.

    Args:
        batch: Validated records; evidence columns `reference.field`; index `rid`.
        rules: From `link_rules`.
        parents: Entity -> index; an entity that is missing has no records.
        absorbed: rid -> surviving rid, of all entities.

    Returns:
        kept: references hold `@rid` or a target key, or NA where an optional one was not found; evidence columns are gone.
        held: records with a reference that several parents fit (LINK_AMBIGUOUS) or that must be found and was not, and
        records whose owner is no user; cells as they came. dropped: records of sources of which `rules.unlinked` says so,
        by rule `no_known_party`. changes: a row per reference found (rule `link:` and the kind of evidence).
    Cost: each kind of evidence is looked up once per distinct text; linear in records.
    """
    chunk = Chunk(batch, rules, parents, absorbed)
    found = {**chunk.references(), **chunk.owners()}
    left_out = _belongs_to_nobody(chunk, found, "drop")
    told = [one for name in found for one in findings(batch, name, found[name], rules, skip=left_out)]
    findings_ = stack([*told, *_must_belong(chunk, found)], FINDING).drop_duplicates(["rid", "column", "code"])
    waits = batch.frame.index.isin(findings_.loc[findings_["severity"].eq("hold"), "rid"])
    result = StageResult(
        kept=_linked(batch, found, ~waits & ~left_out),
        held=batch.take(pd.Series(waits, index=batch.frame.index)),
        dropped=_by_rule(batch.frame.index[left_out]),
        findings=findings_.reset_index(drop=True),
        changes=stack([changes(batch, name, one, skip=waits | left_out) for name, one in found.items()], CHANGE),
    )
    return conserve("link", batch.frame.index, result)


def _belongs_to_nobody(chunk: Chunk, found: Mapping[str, Outcome], policy: str) -> Rows:
    """Return the records of sources with this policy that lead to neither contact nor account, not even to several."""
    pair = chunk.rules.pair
    named = [found[name] for name in ((pair.person, pair.organisation) if pair else chunk.rules.references)]
    sources = [source for source, one in chunk.rules.unlinked.items() if one == policy]
    nobody: Rows = chunk.cells(SOURCE).isin(sources).to_numpy(dtype=bool)
    for one in named:
        nobody = nobody & one.after.isna().to_numpy() & ~one.unclear
    return nobody if named else np.zeros_like(nobody)


def _must_belong(chunk: Chunk, found: Mapping[str, Outcome]) -> list[pd.DataFrame]:
    """Tell of the records that belong to nobody where a project wants them held for it."""
    pair, waits = chunk.rules.pair, _belongs_to_nobody(chunk, found, "hold")
    if not waits.any():
        return []
    column = pair.organisation if pair else next(iter(chunk.rules.references))
    return [chunk.batch.findings(pd.Series(waits, index=chunk.batch.frame.index), column, faults.PARENT_NOT_FOUND, "hold")]


def _linked(batch: Batch, found: Mapping[str, Outcome], mask: Rows) -> Batch:
    """Return the records with their references, without evidence."""
    frame = batch.frame.assign(**{name: one.after.set_axis(batch.frame.index) for name, one in found.items()})
    return Batch(batch.entity, frame[mask].drop(columns=[name for name in frame.columns if "." in name]))


def _by_rule(rids: "pd.Index[str]") -> "pd.Series[str]":
    return pd.Series(NO_KNOWN_PARTY, index=rids, dtype="str", name="rule").rename_axis("rid") if len(rids) else no_rids("rule")
