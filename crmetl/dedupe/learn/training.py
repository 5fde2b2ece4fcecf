"""Training without labels: blocking rules chosen by measurement, then a mixture fitted to the candidate pairs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmetl.batch import Batch
from crmetl.dedupe.block.blocking import candidates
from crmetl.dedupe.compare.codes import Numbers, hashed
from crmetl.dedupe.compare.levels import SHARED
from crmetl.dedupe.learn.frequency import measure
from crmetl.dedupe.learn.lookalikes import look_alikes
from crmetl.dedupe.learn.mixture import Fit
from crmetl.dedupe.learn.modelling import fitted, model_of
from crmetl.dedupe.learn.patterns import States
from crmetl.dedupe.learn.pilot import chosen_rules
from crmetl.dedupe.model import PSEUDO, Model
from crmetl.dedupe.rows import Contents, Rows, compared_rows, contents_of, tied
from crmetl.dedupe.rules import MatchRules

LEAST = 500
"""Different records from which on a table is learnt from itself; fewer are matched by declared weights."""
CANDIDATES = 300_000
"""Candidate pairs that a mixture is fitted to, at most."""
ENOUGH = 20
"""Expected matches at a level from which its weight counts as trained."""
WITHIN_CUT = 2_000
"""1/1000 bit; equal names with a number that differs are two colleagues as often as one with two numbers: for a person to see."""
WITHIN_PRIOR = -3_300
"""Inside one parent, 1 pair in 10 is one record: an account has a handful of contacts, each from two or three files."""


@dataclass(frozen=True)
class Settled:
    """A model, and the candidate pairs of all contents where they were needed for it: i, j, report as of `Blocking.pairs`."""

    model: Model
    pairs: tuple[Numbers, Numbers, pd.DataFrame] | None = None


def settled(rules: MatchRules, rows: Rows, contents: Contents) -> Settled:
    """Return the pinned model, or one made from these records; the project's cut on top."""
    found = Settled(rules.model) if rules.model else learnt(rules, rows, contents) or Settled(measured(rules, rows, contents))
    model = replace(
        found.model,
        cut=found.model.cut if rules.cut is None else rules.cut,
        review=found.model.review if rules.review is None else rules.review,
    )
    return replace(found, model=model)


def learnt(rules: MatchRules, rows: Rows, contents: Contents, seed: int = 0) -> Settled | None:
    """
    Return a model learnt from the sources' records alone: weights, frequencies, kinds of pairs and blocking rules.

    Args:
        contents: Of these rows.
        seed: Of the samples; the same seed and records give the same model.

    Returns:
        None where there are too few records, or no candidate pairs. Beside rows of a CRM the prior is at least what would be
        there if each record were one of them: the records alone do not tell how many are.
    Cost: EM runs over patterns, not over pairs.
    """
    own = ~rows.target[contents.first]
    if own.sum() < LEAST:
        return None
    draw = np.random.default_rng(seed)
    columns, inside = [replace(one, codes=one.codes[own]) for one in contents.columns], rules.within is not None
    parents = hashed("within", rows.parents(rules.within))[contents.first[own]] if rules.within is not None else None
    blocking = () if inside else chosen_rules(columns, rules, draw)
    pairs = candidates(columns, within=parents, max_block=rules.max_block, rules=blocking)
    i, j, _ = pairs
    label = tied(contents, rows)[own]
    apart = label[i] != label[j]
    if not apart.all():
        i, j = i[apart], j[apart]
    if not len(i):
        return None
    states, found = fitted(columns, i, j, draw, most=CANDIDATES, kinds=rules.kinds, inside=inside)
    told = {
        "records": str(int(own.sum())),
        "weights": "trained",
        "pairs": str(len(i)),
        "expected_matches": str(round(found.true)),
        "rounds": str(found.rounds),
        "converged": "yes" if found.settled else "no",
        "declared": ", ".join(_untrained(states, found)),
    }
    model = replace(model_of(rules.entity, states, found), blocking=blocking, told=told)
    if inside:
        model = replace(model, cut=WITHIN_CUT)
    if own.all():
        return Settled(model, pairs)
    return Settled(model if inside else replace(model, prior=max(model.prior, _prior(int((~own).sum())))))


def _prior(size: int) -> int:
    """Return the log2 odds of a pair where a record is as likely as not one of so many others; 1/1000 bit."""
    return -round(1000 * float(np.log2(size + PSEUDO)))


def _untrained(states: Sequence[States], found: Fit) -> list[str]:
    """Return the levels that too few matches show, as `comparison.level`: their weight is mostly the declared one."""
    seen = [one.reshape(state.shape).sum(axis=(0, 2)) for state, one in zip(states, found.expected, strict=True)]
    return [
        f"{state.column.name}.{level.name}"
        for state, matches in zip(states, seen, strict=True)
        for number, level in enumerate(state.column.levels, start=1)
        if level.name != SHARED and matches[number] < ENOUGH
    ]


def measured(rules: MatchRules, rows: Rows, contents: Contents) -> Model:
    """Return the declared weights and look-alikes with frequencies and prior measured on the sources' records."""
    own = ~rows.target[contents.first]
    size = int(own.sum())
    columns = [replace(one, codes=one.codes[own]) for one in contents.columns]
    told = {"records": str(size), "weights": "declared"}
    model = Model(rules.entity, frequencies=measure(columns, size), told=told)
    if rules.within is not None:
        return replace(model, prior=WITHIN_PRIOR, cut=WITHIN_CUT)
    prior = _prior(size)
    return replace(model, prior=prior, kinds=look_alikes(rules.comparisons, prior))


def train(batch: Batch, *, rules: MatchRules, evidence: pd.DataFrame | None = None, seed: int = 0) -> Model:
    """
    Return a model made from the records themselves.

    Args:
        batch: Cleaned records; with `rules.within`, references resolved.
        seed: Of the samples; the same seed and records give the same model.

    Returns:
        What is learnt from them; where they are too few, declared weights with their frequencies.
    """
    rows = compared_rows(batch.frame.sort_index(), rules, evidence)
    contents = contents_of(rows, rules)
    found = learnt(rules, rows, contents, seed)
    return found.model if found else measured(rules, rows, contents)
