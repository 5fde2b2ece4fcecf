"""
One record against a handful of CRM rows: the scores of the batch, without a frame.

The level functions are those of the batch (law 5). What makes the path quick is what it leaves out: columns that the record
does not tell, and rows whose names contradict its name so far that nothing else could lift them over the line.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crmetl.dedupe.block.keys import KeyRules, OneRecord, asked_by, atoms_of_one, finer_asked
from crmetl.dedupe.bound import NAME, Bound, bound_of, bounding, certain_of, told_by
from crmetl.dedupe.compare.codes import Levels, Mask, Numbers
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.comparisons import LOCATING, columns_of_few, levels_of_pairs
from crmetl.dedupe.compare.levels import MISSING, NAMELESS, NAMES, SHARED
from crmetl.dedupe.explain import Explanation, Part, Verdict, against
from crmetl.dedupe.model import Mbit, Model
from crmetl.dedupe.rules import Compared, MatchRules
from crmetl.dedupe.scoring import Layout, laid_out

Cells = Mapping[str, str | None]


@dataclass(frozen=True)
class Match:
    """
    A CRM row beside the record.

    Attributes:
        score: The best of its faces, 1/1000 bit.
        vetoed: A contradiction forbids that the two are one.
        parts: What each compared field adds to that score; only told from the review line on, and where names
            contradict each other that share a number.
    """

    key: str
    score: int
    vetoed: bool
    parts: tuple[Part, ...]

    def explained(self, model: Model) -> Explanation:
        """Return the score as a sum."""
        verdict: Verdict = (
            "apart" if self.vetoed or self.score < model.review else "merge" if self.score >= model.cut else "review"
        )
        return Explanation(model.prior, self.parts, self.score, self.vetoed, verdict, ("index",))


def by_score(one: Match) -> tuple[int, str]:
    """Return what matches are sorted by: the best first."""
    return -one.score, one.key


@dataclass(frozen=True)
class Asked:
    """
    The keys of one record.

    Attributes:
        found: All keys of the record.
        keys: Number of the rule -> keys, several where the record tells what others are known by; rules for which the record
            lacks a field are not there.
    """

    found: OneRecord
    chosen: KeyRules
    keys: Mapping[int, tuple[str, ...]]

    def finer(self, number: int) -> list[str]:
        """Return the keys by which the block of a rule is refined; none where the record has nothing further to tell."""
        return finer_asked(atoms_of_one(self.found, self.chosen), self.chosen, number)


def record_keys(record: Cells, rules: MatchRules, chosen: KeyRules) -> Asked:
    """Return what one record is found by."""
    found = OneRecord(_columns([record], rules.comparisons))
    return Asked(found, chosen, asked_by(found, chosen))


def _columns(rows: Sequence[Cells], comparisons: Sequence[Compared]) -> tuple[Column, ...]:
    """
    Return the columns that can tell of pairs of the first row with another: those of which the first row has a cell.

    Where a city is missing, it is read from other cells, so that these are there too; names are, for houses and days are told in
    their light; and the first field of a type is, for others may be read in its light.
    """
    told = {one.field for one in comparisons if rows[0].get(one.field) is not None}
    cities = [one.field for one in comparisons if one.kind == "city"]
    if any(row.get(field) is None for field in cities for row in rows):
        told.update(cities, (one.field for one in comparisons if one.kind in LOCATING and "." not in one.field))
    if any(one.kind in NAMELESS for one in comparisons if one.field in told):
        told.update(one.field for one in comparisons if one.kind in NAMES and "." not in one.field)
    kinds = {one.kind for one in comparisons if one.field in told}
    told.update({one.kind: one.field for one in reversed(comparisons) if one.kind in kinds}.values())
    asked = [one for one in comparisons if one.field in told]
    return columns_of_few({one.field: [row.get(one.field) for row in rows] for one in asked}, len(rows), asked)


@dataclass(frozen=True)
class Weighed:
    """
    Rules and a model, laid out once for all checks.

    Attributes:
        layout: The model's weights by field.
        bound: What a row can score at most.
    """

    rules: MatchRules
    model: Model
    layout: Layout
    bound: Bound


def weighed(rules: MatchRules, model: Model) -> Weighed:
    """Lay out a model for these rules."""
    layout = laid_out(rules.comparisons, model, rules.vetoes)
    return Weighed(rules, model, layout, bound_of(layout, rules.comparisons))


def hopeless(record: Cells, rows: Mapping[str, Cells], by: Weighed, line: int) -> frozenset[str]:
    """
    Return the CRM rows that stay below the line whatever their contacts and further numbers are.

    No score is changed by leaving them out, since a row that could reach the line is never among them.

    Args:
        rows: Key -> own cells.
        line: 1/1000 bit.
    """
    comparisons = by.rules.comparisons
    told = told_by(record, comparisons)
    asked = [one for one in bounding(comparisons) if one.field in told]
    if not rows or not any(one.kind == NAME for one in asked):
        return frozenset()
    every = [record, *rows.values()]
    columns = columns_of_few({one.field: [row.get(one.field) for row in every] for one in asked}, len(every), asked)
    kernel = by.layout.on(columns)
    levels = kernel.levels(*_beside_first(len(rows)))
    certain = certain_of(columns, {one.field: [row.get(one.field) for row in every] for one in asked}, len(rows))
    out = by.bound.of(kernel, levels, certain, told) < line
    return frozenset(key for key, without in zip(rows, out.tolist(), strict=True) if without)


def reached(record: Cells, faces: Mapping[str, Sequence[Cells]], rules: MatchRules, kinds: Collection[str]) -> frozenset[str]:
    """Return the CRM rows that hold, in one face at least, what the record has of these types, or nearly so."""
    asked = [one for one in rules.comparisons if one.kind in kinds]
    rows: list[Cells] = [record, *(face for some in faces.values() for face in some)]
    columns = _columns(rows, asked)
    near = np.zeros(len(rows) - 1, dtype=bool)
    for one, level in zip(columns, levels_of_pairs(columns, *_beside_first(len(near))), strict=True):
        near |= (level > 0) & (level != one.level("else"))
    whose = [key for key, some in faces.items() for _ in some]
    return frozenset(key for key, found in zip(whose, near.tolist(), strict=True) if found)


def _beside_first(rows: int) -> tuple[Numbers, Numbers]:
    """Return the pairs of the first record with each of those behind it."""
    return np.zeros(rows, dtype=np.int64), np.arange(1, rows + 1)


def compare_one(record: Cells, faces: Mapping[str, Sequence[Cells]], by: Weighed) -> tuple[Match, ...]:
    """
    Return what each CRM row scores against the record, the best first.

    Args:
        record: Compared field -> canonical text, None or no key where it is missing.
        faces: Key of a CRM row -> its faces; the best of them counts.
        by: The rules, and the model that batch and index use.

    Cost: linear in faces; some 1 ms, and 20 µs a face.
    """
    rows: list[Cells] = [record, *(face for some in faces.values() for face in some)]
    if len(rows) == 1:
        return ()
    comparisons = by.rules.comparisons
    kernel = by.layout.on(_columns(rows, comparisons))
    i, j = _beside_first(len(rows) - 1)
    levels = kernel.levels(i, j)
    sums = kernel.scored(levels, i, j)
    telling: Mask = sums.score >= by.model.review
    for one, level in zip(kernel.columns, levels, strict=True):
        if one.has(SHARED):
            telling |= level == one.level(SHARED)
    vetoes = kernel.vetoed(levels).tolist()
    out: list[Match] = []
    scored, stop = sums.score.tolist(), 0
    for key, some in faces.items():
        start, stop = stop, stop + len(some)
        at = max(range(start, stop), key=scored.__getitem__)
        told = (*_parts(comparisons, kernel.columns, levels, sums.parts, at), *against(kernel, sums, at)) if telling[at] else ()
        out.append(Match(key, scored[at], any(vetoes[start:stop]), told))
    return tuple(sorted(out, key=by_score))


def _parts(
    comparisons: Sequence[Compared], columns: Sequence[Column], levels: Sequence[Levels], parts: Sequence[Mbit], at: int
) -> tuple[Part, ...]:
    """Return what each field adds to one pair; a field that the record does not tell is missing, and adds nothing."""
    found = {one.name: (one, int(level[at]), int(added[at])) for one, level, added in zip(columns, levels, parts, strict=True)}
    out = []
    for how in comparisons:
        column, level, added = found.get(how.field, (None, 0, 0))
        out.append(Part(how.field, column.levels[level - 1].name if column and level else MISSING, added))
    return tuple(out)
