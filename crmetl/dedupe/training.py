"""Training without labels: u from random pairs, m by EM over counts of agreement patterns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.batch import Batch
from crmetl.dedupe.blocking import candidates
from crmetl.dedupe.columns import Column, Levels, hashed
from crmetl.dedupe.comparisons import levels_of_pairs
from crmetl.dedupe.levels import SHARED
from crmetl.dedupe.model import Model
from crmetl.dedupe.modelling import fitted, model_of
from crmetl.dedupe.pilot import chosen_rules
from crmetl.dedupe.resolve import Contents, contents_of, measured
from crmetl.dedupe.rules import MatchRules
from crmetl.dedupe.stage import compared_rows

Shares = npt.NDArray[np.float64]

ROUNDS = 25
PSEUDO_PAIRS = 150.0
"""Pairs of the declared m beside the observed: a trial with 5 instead of 150 joined 1,133 pairs of 63,000 distinct people."""
SAMPLE = 150_000
"""Candidate pairs, and random pairs, at most: EM then costs the same at any size."""
STILL = 5e-4
"""Share by which the number of matches may still move at the end."""
ENOUGH = 20
"""Expected true pairs at a level from which its weight counts as trained."""


@dataclass(frozen=True)
class _Patterns:
    """Different agreement patterns (a column per comparison) and how many pairs show each."""

    levels: npt.NDArray[np.int64]
    counts: Shares


@dataclass(frozen=True)
class _Fit:
    """m per column, the expected number of matches, the expected matches per level, and the rounds it took."""

    m: Sequence[Shares]
    matches: float
    expected: Sequence[Shares]
    rounds: int


PEOPLE = 500
"""Different records from which on a table of people is learnt from itself; fewer are matched by declared weights."""
CANDIDATES = 300_000
"""Candidate pairs that a mixture is fitted to, at most."""


def learns(rules: MatchRules) -> bool:
    """Say whether records of these comparisons are learnt as a mixture of kinds; those compared within a parent are not."""
    return rules.within is None


def learnt(contents: Contents, rules: MatchRules, seed: int = 0) -> Model | None:
    """
    Return a model of people, learnt from their records: weights, frequencies, look-alikes and blocking rules.

    Args:
        contents: Of sources only, no row of a CRM among them.
        seed: Of the samples; the same seed and records give the same model.

    Returns:
        None where there are too few records, no candidate pairs, or where what was found cannot be matches.
    """
    if contents.size < PEOPLE:
        return None
    draw = np.random.default_rng(seed)
    columns = contents.columns
    blocking = chosen_rules(columns, rules, draw)
    i, j, _ = candidates(columns, within=None, max_block=rules.max_block, rules=blocking)
    if not len(i):
        return None
    states, found = fitted(columns, i, j, draw, most=CANDIDATES)
    if not found.plausible(states):
        return None
    told = {
        "records": str(contents.size),
        "weights": "trained",
        "pairs": str(len(i)),
        "expected_matches": str(round(found.matches)),
        "rounds": str(found.rounds),
        "converged": "yes" if found.settled else "no",
    }
    return replace(model_of(rules.entity, states, found), blocking=blocking, told=told)


def train(batch: Batch, *, rules: MatchRules, evidence: pd.DataFrame | None = None, seed: int = 0) -> Model:
    """
    Return a model made from the records themselves.

    Args:
        batch: Cleaned records; with `rules.within`, references resolved.
        seed: Of the samples; the same seed and records give the same model.

    Returns:
        Weights of the levels that the records tell enough of; the others stay declared and are named in `told`. Declared
        contradictions are never trained.
    Cost: EM runs over patterns, not over pairs.
    """
    rows = compared_rows(batch.frame.sort_index(), rules, evidence)
    contents = contents_of(rows, rules)
    base = measured(rules, contents, rows.target)
    if learns(rules) and (model := learnt(contents, rules, seed)):
        return model
    if contents.size < 2:
        return base
    within = None if rules.within is None else hashed("within", rows.parents(rules.within))[contents.first]
    i, j, _ = candidates(contents.columns, within=within, max_block=rules.max_block)
    draw = np.random.default_rng(seed)
    size = contents.size
    pairs = size * (size - 1) / 2 if within is None else float(max(len(i), 1))
    columns = contents.columns
    at = np.sort(draw.choice(len(i), min(len(i), SAMPLE), replace=False)) if len(i) else np.zeros(0, dtype=np.int64)
    seen = _patterns(levels_of_pairs(columns, i[at], j[at]))
    u = _random_shares(columns, contents.size, draw)
    fit = _em(columns, replace(seen, counts=seen.counts * len(i) / max(len(at), 1)), u, pairs)
    weights = {one.name: _weights(one, fit.m[k], u[k], fit.expected[k]) for k, one in enumerate(columns)}
    untrained = [f"{one.name}.{level.name}" for one in columns for level in one.levels if level.name not in weights[one.name]]
    prior = round(1000 * float(np.log2(max(fit.matches, 0.5) / pairs))) if fit.matches >= ENOUGH else base.prior
    told = {
        **base.told,
        "weights": "trained",
        "pairs": str(len(i)),
        "expected_matches": str(round(fit.matches)),
        "rounds": str(fit.rounds),
        "converged": "yes" if fit.rounds < ROUNDS else "no",
        "declared": ", ".join(sorted(untrained)),
    }
    return replace(
        base, prior=min(prior, base.prior + 3_000), weights={name: one for name, one in weights.items() if one}, told=told
    )


def _patterns(levels: Sequence[Levels]) -> _Patterns:
    frame = pd.DataFrame({str(k): one.astype(np.int64) for k, one in enumerate(levels)})
    counts = frame.groupby(list(frame.columns), sort=True).size()
    shown = np.array(counts.index.tolist(), dtype=np.int64).reshape(len(counts), len(levels))
    return _Patterns(shown, counts.to_numpy().astype(np.float64))


def _random_shares(columns: Sequence[Column], size: int, draw: np.random.Generator) -> list[Shares]:
    """Return per column the share of random pairs at each level, leaning on the declared u."""
    i, j = draw.integers(0, size, SAMPLE), draw.integers(0, size, SAMPLE)
    i, j = i[i != j], j[i != j]
    out = []
    for one, found in zip(columns, levels_of_pairs(columns, i, j), strict=True):
        counts = np.bincount(found, minlength=len(one.levels) + 1)[1:].astype(np.float64)
        declared = np.array([min(level.u, 1.0) for level in one.levels])
        out.append((counts + 1_000 * declared) / (counts.sum() + 1_000))
    return out


def _em(columns: Sequence[Column], seen: _Patterns, u: Sequence[Shares], pairs: float) -> _Fit:
    """Alternate between who matches and how matches agree, until the number of matches stands still."""
    declared = [np.array([level.m for level in one.levels]) for one in columns]
    free = [np.array([not level.fixed for level in one.levels]) for one in columns]
    m, matches = declared, max(seen.counts.sum() * 0.3, 1.0)
    fit = _Fit(m, matches, [np.zeros(len(one)) for one in m], 0)
    for number in range(1, ROUNDS + 1):
        ratio = np.full(len(seen.counts), np.log(max(matches, 1e-6) / pairs))
        for k in range(len(columns)):
            ratio += np.r_[0.0, np.log(m[k] / u[k])][seen.levels[:, k]]
        true = seen.counts / (1 + np.exp(-np.clip(ratio, -60, 60)))
        expected = [
            np.bincount(seen.levels[:, k], weights=true, minlength=len(one) + 1)[1:].astype(np.float64) for k, one in enumerate(m)
        ]
        m = [_refitted(*parts) for parts in zip(expected, declared, free, strict=True)]
        moved, matches = abs(float(true.sum()) - matches), float(true.sum())
        fit = _Fit(m, matches, expected, number)
        if moved < STILL * matches:
            break
    return fit


def _refitted(expected: Shares, declared: Shares, free: npt.NDArray[np.bool_]) -> Shares:
    """Return m of one column: the expected shares, leaning on the declared; declared contradictions keep theirs."""
    raw = expected + PSEUDO_PAIRS * declared
    return np.where(free, raw / max(raw[free].sum(), 1e-9) * declared[free].sum(), declared)


def _weights(one: Column, m: Shares, u: Shares, expected: Shares) -> dict[str, int]:
    """Return the trained weights; a counted level keeps its declared u, from which its frequencies are told."""
    out = {}
    for level, share, random, seen in zip(one.levels, m.tolist(), u.tolist(), expected.tolist(), strict=True):
        if not level.fixed and level.name != SHARED and seen >= ENOUGH:
            out[level.name] = round(1000 * float(np.log2(share / (level.u if level.counted else random))))
    return out
