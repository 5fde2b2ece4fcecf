"""Scores as sums of integers: prior + one match weight per field, in 1/1000 bit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crmetl.dedupe.columns import NONE, Codes, Column, Levels, Mask, Numbers, coded
from crmetl.dedupe.comparisons import contradicted, levels_of_pairs
from crmetl.dedupe.levels import Level
from crmetl.dedupe.model import Mbit, Model
from crmetl.dedupe.rules import Compared

CHUNK = 1 << 19
"""Pairs scored at a time, so that memory does not grow with them."""


@dataclass(frozen=True)
class Edges:
    """
    Scored pairs of nodes, each once, `i < j`.

    Attributes:
        scores: 1/1000 bit.
        vetoes: Where a contradiction forbids that the two are one.
    """

    i: Numbers
    j: Numbers
    scores: Mbit
    vetoes: Mask

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.i)

    def take(self, at: Mask | Numbers) -> "Edges":
        """Return some of the pairs."""
        return Edges(self.i[at], self.j[at], self.scores[at], self.vetoes[at])

    def plus(self, more: "Edges") -> "Edges":
        """Return these pairs, then others."""
        return Edges(
            np.r_[self.i, more.i], np.r_[self.j, more.j], np.r_[self.scores, more.scores], np.r_[self.vetoes, more.vetoes]
        )


@dataclass(frozen=True)
class Scorer:
    """
    A model, laid out for one set of columns.

    Attributes:
        prior: 1/1000 bit.
        columns: Compared columns.
        weights: Column -> weight of each level number (0: missing, worth nothing).
        adjusted: Column -> level number -> (code of the value in common per value, what its frequency adds).
        vetoes: Columns of which two different values forbid a merge.
    """

    prior: int
    columns: tuple[Column, ...]
    weights: tuple[Mbit, ...]
    adjusted: tuple[Mapping[int, tuple[Codes, Mbit]], ...]
    vetoes: frozenset[str]

    def levels(self, i: Numbers, j: Numbers) -> tuple[Levels, ...]:
        """Return the level of each pair, per column."""
        return levels_of_pairs(self.columns, i, j)

    def parts(self, levels: Sequence[Levels], i: Numbers, j: Numbers) -> tuple[Mbit, ...]:
        """Return what each column adds to the score of each pair."""
        return tuple(
            weights[found] + _adjustment(adjusted, found, one.codes[i], one.codes[j])
            for one, weights, adjusted, found in zip(self.columns, self.weights, self.adjusted, levels, strict=True)
        )

    def vetoed(self, levels: Sequence[Levels]) -> Mask:
        """Say which pairs hold a contradiction that no evidence outweighs: two valid codes, or a branch and another."""
        out: Mask = np.zeros(len(levels[0]) if levels else 0, dtype=bool)
        against = contradicted(self.columns, levels)
        for one, found in zip(self.columns, levels, strict=True):
            if one.name in self.vetoes and one.has("else"):
                out |= found == one.level("else")
            if one.has("other_branch"):
                out |= against & (found == one.level("other_branch"))
        return out

    def edges(self, i: Numbers, j: Numbers) -> Edges:
        """
        Return the pairs with the score of each and whether a veto forbids it.

        Cost: chunked; symmetric, and the same however the pairs are cut into chunks, since only integers are added.
        """
        scores, vetoes = np.full(len(i), self.prior, dtype=np.int64), np.zeros(len(i), dtype=bool)
        for start in range(0, len(i), CHUNK):
            part = slice(start, start + CHUNK)
            levels = self.levels(i[part], j[part])
            vetoes[part] = self.vetoed(levels)
            for added in self.parts(levels, i[part], j[part]):
                scores[part] += added
        return Edges(i, j, scores, vetoes)


def _adjustment(adjusted: Mapping[int, tuple[Codes, Mbit]], levels: Levels, a: Codes, b: Codes) -> Mbit:
    """Return what the frequency of the value in common adds to each pair."""
    out = np.zeros(len(levels), dtype=np.int64)
    for number, (basis, added) in adjusted.items():
        at = np.flatnonzero(levels == number)
        common = _common(basis, a[at], b[at])
        out[at] = np.where(common == NONE, 0, added[np.maximum(common, 0)])
    return out


def _common(basis: Codes, a: Codes, b: Codes) -> Codes:
    """Return the basis that both values share; where they are alike without sharing it, none."""
    return np.where(basis[a] == basis[b], basis[a], np.int32(NONE)).astype(np.int32)


def scorer(columns: Sequence[Column], comparisons: Sequence[Compared], model: Model, vetoes: Sequence[str]) -> Scorer:
    """Lay out the model for these columns."""
    return Scorer(
        prior=model.prior,
        columns=tuple(columns),
        weights=tuple(_weights(one, how, model) for one, how in zip(columns, comparisons, strict=True)),
        adjusted=tuple(_adjusted(one, model) for one in columns),
        vetoes=frozenset(vetoes),
    )


def _weights(one: Column, how: Compared, model: Model) -> Mbit:
    trained = model.weights.get(one.name, {})
    fixed = {name: round(1000 * bits) for name, bits in how.weights.items()}
    return np.array([0, *(fixed.get(k.name, trained.get(k.name, k.mbit)) for k in one.levels)], dtype=np.int64)


def _adjusted(one: Column, model: Model) -> dict[int, tuple[Codes, Mbit]]:
    out = {}
    for number, level in counted(one):
        basis = one.reading.bases[level.name]
        codes = coded(basis)
        different = np.empty(int(codes.max(initial=NONE)) + 1, dtype=object)
        different[codes[codes != NONE]] = basis[codes != NONE]
        added = model.frequency(one.name, level.name).of(different)
        out[number] = (codes, added if len(added) else np.zeros(1, dtype=np.int64))
    return out


def counted(one: Column) -> list[tuple[int, Level]]:
    """Return the levels whose weight follows a frequency, with their numbers."""
    return [
        (number, level) for number, level in enumerate(one.levels, start=1) if level.counted and level.name in one.reading.bases
    ]
