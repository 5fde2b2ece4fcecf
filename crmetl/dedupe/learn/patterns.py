"""Pairs as agreement patterns: per column a state, which is a context, a level and how frequent the value in common is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from crmetl.dedupe.compare.codes import NONE, Codes, Levels, Mask, Numbers
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.comparisons import levels_of_pairs
from crmetl.dedupe.compare.contexts import contexts_of, number_of_contexts
from crmetl.dedupe.compare.ordering import in_key_order, starts_of
from crmetl.dedupe.compare.reading import Part
from crmetl.dedupe.scoring import counted

Shares = npt.NDArray[np.float64]

EDGES = np.array([1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2])
"""Shares of the records that hold a value, between which its frequency is told apart."""
BINS = len(EDGES) + 1


@dataclass(frozen=True)
class Counted:
    """
    The values whose frequency counts at one level.

    Attributes:
        codes: Value of the column -> value in common, -1 where it has none.
        counts: Value in common -> records that hold it.
        bins: Value in common -> 0 (rarest) to BINS - 1.
        texts: Value in common -> its text.
    """

    codes: Codes
    counts: Numbers
    bins: Numbers
    texts: npt.NDArray[np.object_]


@dataclass(frozen=True)
class States:
    """
    The states of one column: `(context, level, bin)`, level 0 for a pair of which one side lacks the field.

    Attributes:
        counted: Number of a level -> its values.
    """

    column: Column
    counted: Mapping[int, Counted]

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """Return the numbers of contexts, levels and bins."""
        return number_of_contexts(self.column.kind), len(self.column.levels) + 1, BINS

    @property
    def size(self) -> int:
        """Return the number of states."""
        return int(np.prod(self.shape))

    def of(self, levels: Levels, contexts: Numbers, i: Numbers, j: Numbers) -> Codes:
        """Return the state of each pair; frequencies count in context 0 only."""
        out: Codes = ((contexts * self.shape[1] + levels) * BINS).astype(np.int32)
        for number, one in self.counted.items():
            at = np.flatnonzero((levels == number) & (contexts == 0))
            left, right = one.codes[self.column.codes[i[at]]], one.codes[self.column.codes[j[at]]]
            out[at] += np.where((left == right) & (left != NONE), one.bins[np.maximum(left, 0)], 0).astype(np.int32)
        return out


def states_of(columns: Sequence[Column]) -> tuple[States, ...]:
    """Return the states of each column, frequencies measured on its records."""
    return tuple(_states(one) for one in columns)


def _states(one: Column) -> States:
    return States(one, {number: _counted(one, one.reading.bases[level.name]) for number, level in counted(one)})


def _counted(one: Column, basis: Part) -> Counted:
    codes, size = basis.codes, len(basis.different)
    held = np.r_[codes, np.int32(NONE)][one.codes]
    counts = np.bincount(held[held != NONE], minlength=max(size, 1)).astype(np.int64)
    texts = basis.different if size else np.full(1, "", dtype=object)
    return Counted(codes, counts, np.searchsorted(EDGES, counts / max(len(one.codes), 1)).astype(np.int64), texts)


@dataclass(frozen=True)
class Patterns:
    """
    Different patterns, and how many pairs show each.

    Attributes:
        states: A row per pattern, a column per compared field.
        known: Where both sides have the field.
        counts: Pairs, not whole where they were scaled up from a sample.
    """

    states: Numbers
    known: npt.NDArray[np.bool_]
    counts: Shares


def states_of_pairs(states: Sequence[States], i: Numbers, j: Numbers) -> list[Codes]:
    """Return per column the state of each pair."""
    columns = [one.column for one in states]
    levels = levels_of_pairs(columns, i, j, plain=True)
    contexts = contexts_of(columns, levels)
    return [one.of(level, context, i, j) for one, level, context in zip(states, levels, contexts, strict=True)]


def patterns_of(states: Sequence[States], i: Numbers, j: Numbers, scale: float = 1.0) -> Patterns:
    """Return the patterns of pairs, each pair counting `scale`."""
    shown = states_of_pairs(states, i, j)
    mixed = np.zeros(len(i), dtype=np.uint64)
    for one in shown:
        mixed = (mixed * np.uint64(1_000_003) + one.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    ordered, places = in_key_order(mixed, hashes=True)
    starts = starts_of(ordered)
    rows = np.stack([one[places[starts]].astype(np.int64) for one in shown]).T
    return Patterns(rows, _known(states, rows), np.diff(np.append(starts, len(ordered))) * scale)


def _known(states: Sequence[States], rows: Numbers) -> npt.NDArray[np.bool_]:
    levels = np.stack([(rows[:, k] // BINS) % one.shape[1] for k, one in enumerate(states)]).T
    out: Mask = levels > 0
    return out


def per_context(shares: Shares, one: States) -> Shares:
    """Return shares that sum to 1 in each context; a missing field has none."""
    table = shares.reshape(one.shape).copy()
    table[:, 0] = 0
    out: Shares = (table / np.maximum(table.sum(axis=(1, 2), keepdims=True), 1e-12)).ravel()
    return out
