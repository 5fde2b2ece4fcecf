"""A mixture fitted to candidate pairs, and the model out of it: shares become weights in 1/1000 bit."""

from collections.abc import Sequence

import numpy as np

from crmetl.dedupe.compare.codes import Numbers
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.contexts import named
from crmetl.dedupe.compare.levels import MISSING, SHARED
from crmetl.dedupe.learn.chance import chance_among, chance_of
from crmetl.dedupe.learn.kinds import KINDS, Kind, kinds_of
from crmetl.dedupe.learn.mixture import FLOOR, IMPOSSIBLE, Fit, allowed, fit
from crmetl.dedupe.learn.patterns import Counted, Shares, States, patterns_of, states_of
from crmetl.dedupe.model import Frequency, KindOfPairs, Mbit, Model, prints_of

SHORTENED = frozenset({"given_name", "family_name"})
"""Types whose rare values are often short or mistyped forms of frequent ones, so that few share them."""


def fitted(
    columns: Sequence[Column],
    i: Numbers,
    j: Numbers,
    draw: np.random.Generator,
    *,
    most: int,
    kinds: Sequence[Kind] = KINDS,
    inside: bool = False,
    rough: bool = False,
) -> tuple[tuple[States, ...], Fit]:
    """
    Return the states of the columns, and the mixture that explains their candidate pairs.

    Args:
        i, j: The candidate pairs, one at least; all other pairs count as strangers.
        most: Pairs that are looked at; a sample of them where there are more.
        kinds: Declared kinds of pairs; those that the columns cannot show are left out.
        inside: The candidate pairs are all pairs: records are compared inside one parent only.
        rough: Fewer random pairs will do.
    """
    states, size = states_of(columns), len(columns[0].codes)
    at = np.sort(draw.choice(len(i), min(len(i), most), replace=False))
    seen = patterns_of(states, i[at], j[at], len(i) / len(at))
    chance = chance_among(states, i[at], j[at]) if inside else chance_of(states, draw, rough=rough)
    pairs = float(len(i)) if inside else size * (size - 1) / 2
    return states, fit(states, seen, chance, pairs, kinds_of((one.kind for one in columns), kinds))


def model_of(entity: str, states: Sequence[States], found: Fit) -> Model:
    """Return the model: weights by context and level, frequencies of values, look-alikes, prior."""
    weights, frequencies = {}, {}
    for one, m, u in zip(states, found.m, found.u, strict=True):
        weights[one.column.name] = _weights(one, m, u)
        shortened = one.column.kind in SHORTENED
        told = {
            one.column.levels[number - 1].name: _frequency(
                values, *(table.reshape(one.shape)[0, number] for table in (m, u)), shortened=shortened
            )
            for number, values in one.counted.items()
        }
        if told:
            frequencies[one.column.name] = told
    kinds = {kind.name: _kind_of_pairs(states, found, at) for at, kind in enumerate(found.kinds)}
    prior = _mbit(found.matches / found.pairs)
    return Model(entity, prior=prior, weights=weights, frequencies=frequencies, kinds=kinds, learnt=True)


def _kind_of_pairs(states: Sequence[States], found: Fit, at: int) -> KindOfPairs:
    """Return a kind's weights; levels that look-alikes are forced to are not held below equal values, which they never show."""
    kind = found.kinds[at]
    weights, tied = {}, []
    for k, one in enumerate(states):
        forced = allowed(kind, one) is not None
        if forced or found.shown[at][k] is not None:
            least = np.inf if forced and not kind.same else 0
            weights[one.column.name] = _weights(one, found.shares(at, k, one), found.u[k], least=least)
            if forced:
                weights[one.column.name][MISSING] = round(1000 * IMPOSSIBLE)
        elif one.column.kind in kind.tied:
            tied.append(one.column.name)
    return KindOfPairs(_mbit(found.numbers[at] / found.pairs), weights, tuple(tied), same=kind.same)


def _mbit(share: float) -> int:
    return round(1000 * float(np.log2(max(share, 1e-15))))


def _weights(one: States, shares: Shares, u: Shares, *, least: float = -np.inf) -> dict[str, int]:
    """
    Return the weights of all levels in all contexts, whatever the value in common is; none is above that of equal values.

    Args:
        least: Bits that the weight of equal values counts for at least, where others are held below it.
    """
    over, under = (table.reshape(one.shape).sum(axis=2) for table in (shares, u))
    bits = np.round(1000 * np.log2(np.maximum(over, FLOOR) / np.maximum(under, FLOOR))).astype(np.int64)
    same = one.column.level("same")
    bits = np.minimum(bits, np.maximum(bits[:, [same]], least)).astype(np.int64)
    return {
        named(one.column.kind, level.name, context): int(bits[context, number])
        for context in range(one.shape[0])
        for number, level in enumerate(one.column.levels, start=1)
        if level.name != SHARED
    }


def _frequency(values: Counted, m: Shares, u: Shares, *, shortened: bool) -> Frequency:
    """
    Return what a value adds to its level's weight: a rarer one never less than a more frequent one.

    Args:
        shortened: Whether many of the rare values are short forms of frequent ones.
    """
    shown = np.bincount(values.bins, weights=values.counts * (values.counts - 1.0), minlength=len(m)) > 0
    if not shown.any():
        return Frequency()
    over, under = np.maximum(m[shown], FLOOR), np.maximum(u[shown], FLOOR)
    ratios = _falling(over, under) if shortened else np.minimum.accumulate(over / under)
    added = np.log2(ratios) - np.log2(max(m.sum(), FLOOR) / max(u.sum(), FLOOR))
    steps = added[np.maximum(np.cumsum(shown) - 1, 0)]
    by_bin: Mbit = np.round(1000 * steps).astype(np.int64)
    rest = int(by_bin[0])
    of_value = by_bin[values.bins]
    tell = np.flatnonzero((of_value != rest) & (values.counts > 0))
    return Frequency(rest, dict(sorted(zip(prints_of(values.texts[tell]), of_value[tell].tolist(), strict=True))))


def _falling(m: Shares, u: Shares) -> Shares:
    """
    Return m / u of bins, none above the one before: bins that break the order are taken together (pool adjacent violators).

    Short forms of names are rare, and seldom on both sides: they must not pull down the names that are more frequent.

    Source: Barlow, Bartholomew, Bremner and Brunk, Statistical inference under order restrictions (1972).

    >>> _falling(np.array([0.5, 0.01, 0.4, 0.09]), np.array([0.1, 0.01, 0.4, 0.9])).round(2).tolist()
    [5.0, 1.0, 1.0, 0.1]
    >>> _falling(np.array([0.1, 0.9]), np.array([0.5, 0.5])).tolist()
    [1.0, 1.0]
    """
    pools: list[tuple[float, float, int]] = []
    for over, under in zip(m.tolist(), u.tolist(), strict=True):
        pools.append((over, under, 1))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] < pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = (pools[-1][0] + last[0], pools[-1][1] + last[1], pools[-1][2] + last[2])
    return np.concatenate([np.full(number, over / under) for over, under, number in pools])
