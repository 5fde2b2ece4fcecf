"""u: how often the fields of two different holders agree, before any match is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.dedupe.compare.codes import NONE, Numbers, codes_in, in_text_order
from crmetl.dedupe.compare.columns import Column, column_of
from crmetl.dedupe.compare.comparisons import FAMILIES, levels_of_values
from crmetl.dedupe.compare.contexts import SPOT
from crmetl.dedupe.compare.levels import SHARED
from crmetl.dedupe.learn.patterns import BINS, Shares, States, per_context, states_of_pairs

SIDE = 800
"""Records on each side of the grid of random pairs."""
LEAN, LEAN_IN_CONTEXT = 50_000.0, 5.0
"""Random pairs that stand for the declared u, so that a level which the grid is too small to show stays as declared."""
SHARING = 20_000
"""Pairs of records with a value in common, drawn to see at which levels such pairs are."""
NAMESAKES = 20_000
"""Pairs of people whose mailboxes are rewritten, to see how alike those of namesakes are."""


@dataclass(frozen=True)
class Chance:
    """
    What random pairs show.

    Attributes:
        shares: Column -> share of each state within its context.
        contexts: Column -> share of each context.
    """

    shares: tuple[Shares, ...]
    contexts: tuple[Shares, ...]


def chance_among(states: Sequence[States], i: Numbers, j: Numbers) -> Chance:
    """Return what all pairs show, where these are all that there are: the records of one parent, each with each."""
    shares, contexts = [], []
    for one, shown in zip(states, states_of_pairs(states, i, j), strict=True):
        table = np.bincount(shown, minlength=one.size).astype(np.float64).reshape(one.shape)
        contexts.append(table.sum(axis=(1, 2)) / max(table.sum(), 1.0))
        _lean(one, table, LEAN_IN_CONTEXT)
        shares.append(per_context(table.ravel(), one))
    return Chance(tuple(shares), tuple(contexts))


def chance_of(states: Sequence[States], draw: np.random.Generator, *, rough: bool = False) -> Chance:
    """
    Return what random pairs show.

    Args:
        rough: A quarter of the random pairs will do.

    Shares of equal values come from their counts; those of near values from a grid of random pairs; those of e-mail
    addresses of people whose names agree from addresses rewritten with the other person's names.
    """
    size = len(states[0].column.codes)
    left, right = (draw.choice(size, min(SIDE >> rough, size), replace=False) for _ in range(2))
    i, j = np.repeat(left, len(right)), np.tile(right, len(left))
    apart = i != j
    shares, contexts = [], []
    namesakes = _of_namesakes(states, draw, NAMESAKES >> 2 * rough)
    for one, shown in zip(states, states_of_pairs(states, i[apart], j[apart]), strict=True):
        table = np.bincount(shown, minlength=one.size).astype(np.float64).reshape(one.shape)
        contexts.append(table.sum(axis=(1, 2)) / max(table.sum(), 1.0))
        _count_equal(one, table, draw)
        _lean(one, table)
        if one.column.kind == "email":
            for context, levels in namesakes.items():
                equal = table[0, 1].sum() / max(table[0, 1:].sum(), 1e-12)
                table[context] = 0
                table[context, :, 0] = levels
                table[context, 1, 0] += equal
        shares.append(per_context(table.ravel(), one))
    return Chance(tuple(shares), tuple(contexts))


def _count_equal(one: States, table: Shares, draw: np.random.Generator) -> None:
    """Put the pairs of equal values in, by their counts: a grid shows too few of them."""
    known, held = table[0, 1:].sum(), int((one.column.codes >= 0).sum())
    for number, values in one.counted.items():
        together = np.bincount(values.bins, weights=values.counts * (values.counts - 1.0), minlength=table.shape[2]).astype(
            np.float64
        )
        if len(one.counted) > 1:
            together = together * _at_level(one, number, draw)
        table[0, number] = together / max(held * (held - 1.0), 1.0) * known


def _at_level(one: States, number: int, draw: np.random.Generator) -> Shares:
    """
    Return per bin the share of pairs with a value in common that are at this level; a firm's brand is in common at several.

    Told from SHARING pairs of records that hold the same value.
    """
    values, codes = one.counted[number], one.column.codes
    held = np.r_[values.codes, np.int32(NONE)][codes]
    order = np.argsort(held, kind="stable")
    order = order[held[order] != NONE]
    starts = np.searchsorted(held[order], np.arange(len(values.counts)))
    weights = np.cumsum(values.counts * (values.counts - 1.0))
    if not weights[-1]:
        return np.ones(BINS)
    group = np.searchsorted(weights, draw.random(SHARING) * weights[-1], side="right")
    first = draw.integers(0, values.counts[group])
    second = (first + draw.integers(1, values.counts[group])) % values.counts[group]
    i, j = (order[starts[group] + at] for at in (first, second))
    found = levels_of_values(one.column, codes[i], codes[j])
    bins = values.bins[group]
    seen = np.bincount(bins, minlength=BINS)
    out: Shares = (np.bincount(bins[found == number], minlength=BINS) + 0.5) / (seen + 1.0)
    return out


def _lean(one: States, table: Shares, plain: float = LEAN) -> None:
    """Put the declared u in, over the frequencies as the equal pairs are: rare values would else seem as common as all."""
    lean = np.full(len(table), LEAN_IN_CONTEXT)
    lean[0] = plain
    for number, level in enumerate(one.column.levels, start=1):
        if level.name != SHARED:
            equal = table[0, number].sum()
            spread = table[0, number] / equal if number in one.counted and equal > 0 else np.eye(1, table.shape[2])[0]
            table[0, number] += level.u * lean[0] * spread
            table[1:, number, 0] += level.u * lean[1:]
            if one.column.kind == "city":
                table[SPOT, number, 0] += (level.m - level.u) * LEAN_IN_CONTEXT


def _of_namesakes(states: Sequence[States], draw: np.random.Generator, number: int) -> Mapping[int, Shares]:
    """
    Return context -> shares of the levels of e-mail addresses of different people whose names agree.

    The address of one person is rewritten with the given name, the family name, or both names of another.
    """
    found = {one.column.kind: one.column for one in reversed(states)}
    if not {"email", "given_name", "family_name"} <= found.keys():
        return {}
    email, given, family = found["email"], found["given_name"], found["family_name"]
    size = len(email.codes)
    i, j = draw.integers(0, size, number), draw.integers(0, size, number)
    whole = np.logical_and.reduce([(one.codes[i] >= 0) & (one.codes[j] >= 0) for one in (email, given, family)])
    whole &= family.codes[i] != family.codes[j]
    i, j = i[whole], j[whole]
    mine, theirs = email.values[email.codes[i]].tolist(), email.values[email.codes[j]].tolist()
    names = [(_spelt(given, i), _spelt(given, j)), (_spelt(family, i), _spelt(family, j))]
    out = {}
    for context in (1, 2, 3):
        taken = [side[0] if context & bit else side[1] for bit, side in zip((1, 2), names, strict=True)]
        rewritten = [_rewritten(*cells) for cells in zip(theirs, names[0][1], taken[0], names[1][1], taken[1], strict=True)]
        out[context] = _levels_between(email, mine, rewritten)
    return out


def _spelt(one: Column, at: Numbers) -> list[str]:
    spelt: list[str] = one.reading.parts["spelt"][one.codes[at]].tolist()
    return spelt


def _rewritten(address: str, given: str, other_given: str, family: str, other_family: str) -> str:
    """
    Return an address as another person of these names would have it.

    >>> _rewritten("jane.doe7@one.org", "jane", "mary", "doe", "doe")
    'mary.doe7@one.org'
    >>> _rewritten("jdoe@one.org", "jane", "mary", "doe", "roe")
    'mroe@one.org'
    """
    local, _, domain = address.partition("@")
    named = bool(family) and family in local
    head, tail = local.split(family, 1) if named else (local, "")
    if given and other_given:
        if given in head:
            head = head.replace(given, other_given, 1)
        elif given in tail:
            tail = tail.replace(given, other_given, 1)
        elif named and head[:1] == given[:1]:
            head = other_given[0] + head[1:]
        elif named and tail[:1] == given[:1]:
            tail = other_given[0] + tail[1:]
    return f"{head}{other_family if named else ''}{tail}@{domain}"


def _levels_between(email: Column, mine: Sequence[str], others: Sequence[str]) -> Shares:
    cells = in_text_order(pc.dictionary_encode(pa.array([*mine, *others], pa.large_string())))
    codes, different = codes_in(cells), cells.dictionary.to_numpy(zero_copy_only=False)
    both = column_of(email.name, email.kind, email.levels, codes=codes, different=different, family=FAMILIES["email"])
    found = levels_of_values(both, codes[: len(mine)], codes[len(mine) :])
    counts = np.bincount(found, minlength=len(email.levels) + 1).astype(np.float64)
    counts[0] = 0
    declared = np.array([0.0, *(0.0 if level.name == SHARED else level.u for level in email.levels)])
    out: Shares = (counts + declared / declared.sum()) / (counts.sum() + 1)
    return out
