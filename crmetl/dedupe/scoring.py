"""Scores as sums of integers: prior + one match weight per field, in 1/1000 bit."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crmetl.dedupe.compare.codes import NONE, Codes, Levels, Mask, Numbers
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.comparisons import contradicted, levels_of_pairs
from crmetl.dedupe.compare.contexts import SPOT, contexts_of, named, number_of_contexts
from crmetl.dedupe.compare.levels import MISSING, Level
from crmetl.dedupe.compare.reading import Part
from crmetl.dedupe.model import Frequency, KindOfPairs, Mbit, Model
from crmetl.dedupe.rules import Compared

ALIKE, ALSO = "alike", "also"
"""Where an explanation names a field, the names of what look-alikes take away and what a further kind of matches adds."""
CHUNK = 1 << 17
"""Pairs scored at a time: memory does not grow with them, and what is worked on stays near the processor."""


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


class Common:
    """What the frequency of a value in common adds at one level, looked up when a pair has that level."""

    def __init__(self, basis: Part, frequency: Frequency) -> None:
        self._basis, self._frequency = basis, frequency

    @cached_property
    def told(self) -> tuple[Codes, Mbit]:
        """Return the code of the basis per value, and what each basis adds, in 1/1000 bit."""
        added = self._frequency.of(self._basis.different)
        return self._basis.codes, added if len(added) else np.zeros(1, dtype=np.int64)


@dataclass(frozen=True)
class KindWeights:
    """A further kind of pairs, laid out: per column its weights by context and level, None where it compares as strangers do."""

    name: str
    same: bool
    prior: int
    weights: tuple[Mbit | None, ...]


@dataclass(frozen=True)
class Sums:
    """
    Scores of pairs as sums: the scorer's prior + parts + also + alike = score, all in 1/1000 bit.

    Attributes:
        parts: Column -> what it adds to each pair, were it a plain match.
        also: What further kinds of matches add, 0 or more; `match`: the likeliest of them, -1 where a plain match is likelier.
        alike: What the look-alikes take away, 0 or less; `kind`: the likeliest, -1 where strangers are likelier than all.
    """

    parts: tuple[Mbit, ...]
    also: Mbit
    match: Numbers
    alike: Mbit
    kind: Numbers
    score: Mbit


_REACH = 16_000
_LIFTS = np.round(1000 * np.log2(1 + 2.0 ** (-np.arange(_REACH) / 1000))).astype(np.int64)
"""Difference of two numbers in 1/1000 bit -> what their sum is above the larger one."""


def added_up(a: Mbit, b: Mbit) -> Mbit:
    """
    Return log2(2^a + 2^b) of numbers in 1/1000 bit, by a table: the same integer on every machine and in every chunk.

    >>> added_up(np.array([0, 5000]), np.array([0, -90000])).tolist()
    [1000, 5000]
    """
    apart = np.abs(a - b)
    out: Mbit = np.maximum(a, b) + np.where(apart < _REACH, _LIFTS[np.minimum(apart, _REACH - 1)], 0)
    return out


@dataclass(frozen=True)
class Scorer:
    """
    A model, laid out for one set of columns.

    Attributes:
        prior: 1/1000 bit.
        columns: Compared columns.
        weights: Column -> context -> weight of each level number (0: missing, worth nothing).
        adjusted: Column -> level number -> what the frequency of the value in common adds.
        vetoes: Columns of which two different values forbid a merge.
        kinds: Further kinds of pairs.
        learnt: Each level has its own weight, also where names contradict each other.
    """

    prior: int
    columns: tuple[Column, ...]
    weights: tuple[Mbit, ...]
    adjusted: tuple[Mapping[int, Common], ...]
    vetoes: frozenset[str]
    kinds: "tuple[KindWeights, ...]" = ()
    learnt: bool = False

    def levels(self, i: Numbers, j: Numbers) -> tuple[Levels, ...]:
        """Return the level of each pair, per column."""
        return levels_of_pairs(self.columns, i, j, plain=self.learnt)

    def scored(self, levels: Sequence[Levels], i: Numbers, j: Numbers) -> "Sums":
        """Return the score of each pair as the sum that it is."""
        nowhere = np.zeros(len(i), dtype=np.int64)
        contexts = contexts_of(self.columns, levels)
        adjustments = tuple(
            _adjustment(adjusted, np.where(context == 0, found, 0), one.codes[i], one.codes[j])
            for one, adjusted, found, context in zip(self.columns, self.adjusted, levels, contexts, strict=True)
        )
        places = tuple(
            context * weights.shape[1] + level for weights, context, level in zip(self.weights, contexts, levels, strict=True)
        )
        parts = tuple(
            weights.ravel().take(place) + more for weights, place, more in zip(self.weights, places, adjustments, strict=True)
        )
        plain = np.full(len(i), self.prior, dtype=np.int64)
        for added in parts:
            plain += added
        match, kind = np.full(len(i), NONE, dtype=np.int64), np.full(len(i), NONE, dtype=np.int64)
        sums = {True: plain, False: nowhere}
        likeliest = {True: (plain, match), False: (nowhere, kind)}
        for number, one in enumerate(self.kinds):
            found = np.full(len(i), one.prior, dtype=np.int64)
            for weights, place, more in zip(one.weights, places, adjustments, strict=True):
                if weights is not None:
                    found += weights.ravel().take(place)
                    found += more
            largest, which = likeliest[one.same]
            which[found > largest] = number
            sums[one.same] = added_up(sums[one.same], found)
            likeliest[one.same] = np.maximum(largest, found), which
        return Sums(parts, sums[True] - plain, match, -sums[False], kind, sums[True] - sums[False])

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
        scores, vetoes = np.zeros(len(i), dtype=np.int64), np.zeros(len(i), dtype=bool)
        for start in range(0, len(i), CHUNK):
            part = slice(start, start + CHUNK)
            levels = self.levels(i[part], j[part])
            vetoes[part] = self.vetoed(levels)
            scores[part] = self.scored(levels, i[part], j[part]).score
        return Edges(i, j, scores, vetoes)


def _adjustment(adjusted: Mapping[int, Common], levels: Levels, a: Codes, b: Codes) -> Mbit:
    """Return what the frequency of the value in common adds to each pair; one 0 for all where no level is counted."""
    out = np.zeros(len(levels) if adjusted else 1, dtype=np.int64)
    for number, told in adjusted.items():
        at = np.flatnonzero(levels == number)
        if len(at):
            basis, added = told.told
            common = _common(basis, a[at], b[at])
            out[at] = np.where(common == NONE, 0, added[np.maximum(common, 0)])
    return out


def _common(basis: Codes, a: Codes, b: Codes) -> Codes:
    """Return the basis that both values share; where they are alike without sharing it, none."""
    return np.where(basis[a] == basis[b], basis[a], np.int32(NONE)).astype(np.int32)


@dataclass(frozen=True)
class Layout:
    """
    A model laid out for the fields of a project, whatever records are compared: what checks one after the other share.

    A field without a column is missing in every pair.

    Attributes:
        weights: Field -> context -> weight of each level number.
        kinds: Name of a further kind of pairs -> the same; None where a field compares as strangers do.
    """

    model: Model
    vetoes: frozenset[str]
    weights: Mapping[str, Mbit]
    kinds: Mapping[str, Mapping[str, Mbit | None]]

    def on(self, columns: Sequence[Column]) -> Scorer:
        """Return the scorer of these columns."""
        there = {one.name for one in columns}
        kinds = (
            KindWeights(
                name, kind.same, kind.prior + self._missing(name, there), tuple(self.kinds[name][f.name] for f in columns)
            )
            for name, kind in sorted(self.model.kinds.items())
        )
        return Scorer(
            prior=self.model.prior,
            columns=tuple(columns),
            weights=tuple(self.weights[one.name] for one in columns),
            kinds=tuple(kinds),
            learnt=self.model.learnt,
            adjusted=tuple(_adjusted(one, self.model) for one in columns),
            vetoes=self.vetoes,
        )

    def _missing(self, name: str, there: Collection[str]) -> int:
        """Return what the fields that no column tells add to a kind of pairs."""
        tables = (table for field, table in self.kinds[name].items() if field not in there)
        return sum(int(table[0, 0]) for table in tables if table is not None)


def laid_out(comparisons: Sequence[Compared], model: Model, vetoes: Sequence[str]) -> Layout:
    """Lay out a model for these fields."""
    weights = {how.field: _weights(how, model) for how in comparisons}
    kinds = {
        name: {how.field: _of_kind(how, weights[how.field], kind) for how in comparisons} for name, kind in model.kinds.items()
    }
    return Layout(model, frozenset(vetoes), weights, kinds)


def scorer(columns: Sequence[Column], comparisons: Sequence[Compared], model: Model, vetoes: Sequence[str]) -> Scorer:
    """Lay out the model for these columns."""
    return laid_out(comparisons, model, vetoes).on(columns)


def _weights(how: Compared, model: Model) -> Mbit:
    trained = model.weights.get(how.field, {})
    fixed = {name: round(1000 * bits) for name, bits in how.weights.items()}
    own = {level.name: fixed.get(level.name, trained.get(level.name, level.mbit)) for level in how.levels}
    told = {named(how.kind, level.name, SPOT): 0 for level in how.levels} if how.kind == "city" else {}
    return _by_context(how, {**told, **trained, **own}, own, number_of_contexts(how.kind))


def _of_kind(how: Compared, own: Mbit, kind: KindOfPairs) -> Mbit | None:
    if how.field in kind.tied:
        return own
    weights = kind.weights.get(how.field)
    return None if weights is None else _by_context(how, weights, weights, len(own), missing=weights.get(MISSING, 0))


def _by_context(how: Compared, weights: Mapping[str, int], own: Mapping[str, int], rows: int, missing: int = 0) -> Mbit:
    """Return the weights by context and level number; a context that is not told weighs as none does."""
    names = [level.name for level in how.levels]
    cells = [[missing, *(weights.get(named(how.kind, name, at), own.get(name, 0)) for name in names)] for at in range(rows)]
    return np.array(cells, dtype=np.int64)


def _adjusted(one: Column, model: Model) -> dict[int, Common]:
    return {
        number: Common(one.reading.bases[level.name], model.frequency(one.name, level.name)) for number, level in counted(one)
    }


def counted(one: Column) -> list[tuple[int, Level]]:
    """Return the levels whose weight follows a frequency, with their numbers."""
    return [
        (number, level) for number, level in enumerate(one.levels, start=1) if level.counted and level.name in one.reading.bases
    ]
