"""The most that a CRM row can score whatever its contacts and further numbers are: rows below the line need not be read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crmetl.dedupe.compare.codes import Levels, Mask
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.comparisons import LOCATING, REGISTERED, contradicted
from crmetl.dedupe.compare.levels import DAYS, SHARED
from crmetl.dedupe.model import Mbit, Model
from crmetl.dedupe.rules import Compared
from crmetl.dedupe.scoring import Layout, Scorer, added_up

NAME = "company_name"
REPLACED = ("phone", "mobile", "email")
"""Types of which a further number or mailbox of a row may stand in the place of its own cell."""

Tops = Mapping[str, int]


@dataclass(frozen=True)
class Bound:
    """
    Kinds of matches, plain ones first: what they begin with, and what each field adds to them at most.

    Attributes:
        priors: 1/1000 bit.
        tops: Field -> the most that it adds, missing or not.
        apart: The same where names contradict each other; by declared weights a way to reach somebody tells nothing there.
        weights: Field -> level number -> the most that it adds in any context; None where the kind does not look at it.
        gains: Field -> level number -> the most that the frequency of the value in common adds.
    """

    priors: tuple[int, ...]
    tops: tuple[Tops, ...]
    apart: tuple[Tops, ...]
    weights: tuple[Mapping[str, Mbit | None], ...]
    gains: Mapping[str, Mbit]

    def of(self, kernel: Scorer, levels: Sequence[Levels], certain: Sequence[Mask], told: Collection[str]) -> Mbit:
        """
        Return the most that each pair can score, in 1/1000 bit; never less than what it does.

        Args:
            kernel: Of columns that hold own cells.
            certain: Per column, the pairs whose level is what it will be with all other cells too.
            told: Fields that may be there on both sides; any other is missing.
        """
        seen = list(zip(kernel.columns, levels, certain, strict=True))
        against = contradicted(kernel.columns, levels)
        return added_up_all([self._of_kind(kind, seen, told, against) for kind in range(len(self.priors))])

    def _of_kind(self, kind: int, seen: Sequence[tuple[Column, Levels, Mask]], told: Collection[str], against: Mask) -> Mbit:
        out = np.full(len(against), self.priors[kind], dtype=np.int64)
        weights, tops, apart = self.weights[kind], self.tops[kind], self.apart[kind]
        for one, found, sure in seen:
            table = weights[one.name]
            if table is not None:
                out += np.where(sure, (table + self.gains[one.name])[found], tops[one.name])
        read = {one.name for one, _, _ in seen}
        for field, table in weights.items():
            if field not in read and table is not None:
                out += np.where(against, apart[field], tops[field]) if field in told else table[0]
        return out


def added_up_all(sums: Sequence[Mbit]) -> Mbit:
    """Return log2 of the sum of 2^x of several numbers, in the order in which scores add them."""
    out = sums[0]
    for one in sums[1:]:
        out = added_up(out, one)
    return out


def bound_of(layout: Layout, comparisons: Sequence[Compared]) -> Bound:
    """
    Return what bounds the scores of a model.

    Look-alikes only take away from a score, and contexts and frequencies are taken as they add most, so that what is left is a
    sum of kinds of matches, each of them a sum of fields.
    """
    model = layout.model
    same = [name for name, one in sorted(model.kinds.items()) if one.same]
    tables: list[Mapping[str, Mbit | None]] = [dict(layout.weights), *(layout.kinds[name] for name in same)]
    gains = {one.field: _gains(one, model) for one in comparisons}
    weights = tuple({name: None if table is None else table.max(axis=0) for name, table in one.items()} for one in tables)
    own = any(one.kind == NAME for one in comparisons) and all(
        "." not in one.field for one in comparisons if one.kind == NAME or one.kind in REGISTERED
    )
    return Bound(
        priors=(model.prior, *(model.kinds[name].prior for name in same)),
        tops=tuple({one.field: _top(one, table[one.field], gains[one.field]) for one in comparisons} for table in weights),
        apart=tuple(
            {one.field: _top(one, table[one.field], gains[one.field], shared=own and not model.learnt) for one in comparisons}
            for table in weights
        ),
        weights=weights,
        gains=gains,
    )


def _gains(one: Compared, model: Model) -> Mbit:
    """Return the most that frequency adds at each level, 0 or more: in a context it adds nothing."""
    told = [model.frequency(one.field, level.name) if level.counted else None for level in one.levels]
    gains = [0, *(max(0, each.rest, *each.values.values()) if each else 0 for each in told)]
    return np.array(gains, dtype=np.int64)


def _top(one: Compared, weights: Mbit | None, gains: Mbit, *, shared: bool = False) -> int:
    """Return the most that a field adds; `shared`: its levels but those of a shared number and of another one are not met."""
    if weights is None:
        return 0
    names = ["", *(level.name for level in one.levels)]
    shared = shared and SHARED in names and one.kind not in DAYS
    met = [not shared or name in ("", SHARED, "else") for name in names]
    return int((weights + gains)[np.array(met)].max())


def certain_of(columns: Sequence[Column], own: Mapping[str, Sequence[str | None]], size: int) -> list[Mask]:
    """
    Return per column which pairs of the first record with each other one are what they will be with all cells.

    A city that a record does not tell is read from other cells, among them such as may be replaced.
    """
    out = []
    for one in columns:
        cells = own.get(one.name, [])
        sure = [cells[0] is not None and cell is not None for cell in cells[1:]] if one.kind == "city" else [True] * size
        out.append(np.array(sure, dtype=bool))
    return out


def bounding(comparisons: Sequence[Compared]) -> list[Compared]:
    """Return the fields of which a row's own cells are all that there is."""
    return [one for one in comparisons if "." not in one.field and one.kind not in REPLACED]


def told_by(record: Mapping[str, str | None], comparisons: Sequence[Compared]) -> frozenset[str]:
    """Return the fields that a record tells; it may tell its city by other cells."""
    placed = any(record.get(one.field) is not None for one in comparisons if one.kind in LOCATING)
    return frozenset(one.field for one in comparisons if record.get(one.field) is not None or (one.kind == "city" and placed))
