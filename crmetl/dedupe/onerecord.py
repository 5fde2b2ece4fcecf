"""
One record against a handful of CRM rows: the scores of the batch, without a frame.

The level functions are those of the batch (law 5). What makes the path quick is what it leaves out: columns that the record
does not tell, and rows whose names contradict its name so far that nothing else could lift them over the line.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crmetl.dedupe.columns import Column, Levels, Mask, Numbers
from crmetl.dedupe.comparisons import LOCATING, REGISTERED, columns_of_few, contradicted, levels_of_pairs
from crmetl.dedupe.explain import Explanation, Part, Verdict, against
from crmetl.dedupe.keys import KeyRules, atoms_of_one, hexed, keys_of_one, one_key, refined
from crmetl.dedupe.levels import MISSING, SHARED
from crmetl.dedupe.model import Mbit, Model
from crmetl.dedupe.rules import Compared, MatchRules
from crmetl.dedupe.scoring import Scorer, scorer

Cells = Mapping[str, str | None]

NAME = "company_name"


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
        found: Name of a key that the record has -> the key.
        keys: Number of the rule -> key; rules for which the record lacks a field are not there.
    """

    found: Mapping[str, int]
    chosen: KeyRules
    keys: Mapping[int, str]

    def finer(self, number: int) -> list[str]:
        """Return the keys by which the block of a rule is refined; none where the record has nothing further to tell."""
        own, atoms = self.keys[number], atoms_of_one(self.found, self.chosen)
        return [one for key in refined(atoms, self.chosen, number) for one in hexed(key) if key[0] and one != own]


def record_keys(record: Cells, rules: MatchRules, chosen: KeyRules) -> Asked:
    """Return what one record is found by."""
    found = one_key(_columns([record], rules.comparisons))
    return Asked(found, chosen, keys_of_one(found, chosen))


def _columns(rows: Sequence[Cells], comparisons: Sequence[Compared]) -> tuple[Column, ...]:
    """
    Return the columns that can tell of pairs of the first row with another: those of which the first row has a cell.

    Where a city is missing, it is read from other cells, so that these are there too; and the first field of a
    type is, for others may be read in its light.
    """
    told = {one.field for one in comparisons if rows[0].get(one.field) is not None}
    cities = [one.field for one in comparisons if one.kind == "city"]
    if any(row.get(field) is None for field in cities for row in rows):
        told.update(cities, (one.field for one in comparisons if one.kind in LOCATING and "." not in one.field))
    kinds = {one.kind for one in comparisons if one.field in told}
    told.update({one.kind: one.field for one in reversed(comparisons) if one.kind in kinds}.values())
    asked = [one for one in comparisons if one.field in told]
    return columns_of_few({one.field: [row.get(one.field) for row in rows] for one in asked}, len(rows), asked)


def _kernel(rows: Sequence[Cells], comparisons: Sequence[Compared], rules: MatchRules, model: Model) -> Scorer:
    columns = _columns(rows, comparisons)
    names = {one.name for one in columns}
    return scorer(columns, [one for one in comparisons if one.field in names], model, rules.vetoes)


def most_beside(rules: MatchRules, model: Model) -> dict[str, int]:
    """
    Return the most that each field can add, in 1/1000 bit, to a pair whose company names contradict each other.

    Where weights are declared, a way to reach somebody tells nothing there, or speaks against.
    """
    nothing = scorer(columns_of_few({}, 0, rules.comparisons), rules.comparisons, model, rules.vetoes)
    further = [one.weights for one in nothing.kinds if one.same]
    return {
        one.field: max(0, *_tops(one, [weights, *(more[k] for more in further)], model))
        for k, (one, weights) in enumerate(zip(rules.comparisons, nothing.weights, strict=True))
    }


def _tops(one: Compared, weights: Sequence[Mbit | None], model: Model) -> list[int]:
    """Return the most that each level adds, as a plain match or as one of a further kind."""
    shared = not model.learnt and any(level.name == SHARED for level in one.levels)
    most = np.max([own.max(axis=0) for own in weights if own is not None], axis=0).tolist()
    out = []
    for level, weight in zip(one.levels, most[1:], strict=True):
        told = model.frequency(one.field, level.name) if level.counted else None
        gain = max(0, told.rest, *told.values.values()) if told else 0
        if not shared or level.name in (SHARED, "else"):
            out.append(weight + gain)
    return out


def hopeless(
    record: Cells, rows: Mapping[str, Cells], rules: MatchRules, model: Model, beyond: tuple[Mapping[str, int], int]
) -> frozenset[str]:
    """
    Return the CRM rows that stay below the line whatever their other cells, contacts and numbers are.

    These are rows of another company name and, as far as told, another registered number. No score is changed by leaving
    them out, since a row that could reach the line is never among them.

    Args:
        rows: Key -> own cells.
        beyond: The most that other fields add (of `most_beside`), and the line; 1/1000 bit.
    """
    most, line = beyond
    asked = [one for one in rules.comparisons if one.kind == NAME or one.kind in REGISTERED]
    own = {one.field for one in asked if "." not in one.field}
    if not rows or len(own) < len(asked) or not any(one.kind == NAME and record.get(one.field) for one in asked):
        return frozenset()
    kernel = _kernel([record, *rows.values()], asked, rules, model)
    i, j = _beside_first(len(rows))
    levels = kernel.levels(i, j)
    told = kernel.scored(levels, i, j)
    top = told.score - told.alike + sum(most[one.field] for one in rules.comparisons if one.field not in own)
    out = contradicted(kernel.columns, levels) & (top < line)
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


def compare_one(record: Cells, faces: Mapping[str, Sequence[Cells]], rules: MatchRules, model: Model) -> tuple[Match, ...]:
    """
    Return what each CRM row scores against the record, the best first.

    Args:
        record: Compared field -> canonical text, None or no key where it is missing.
        faces: Key of a CRM row -> its faces; the best of them counts.
        model: The one that batch and index use.

    Cost: linear in faces; some 1 ms, and 20 µs a face.
    """
    rows: list[Cells] = [record, *(face for some in faces.values() for face in some)]
    if len(rows) == 1:
        return ()
    kernel = _kernel(rows, rules.comparisons, rules, model)
    i, j = _beside_first(len(rows) - 1)
    levels = kernel.levels(i, j)
    sums = kernel.scored(levels, i, j)
    telling: Mask = sums.score >= model.review
    for one, level in zip(kernel.columns, levels, strict=True):
        if one.has(SHARED):
            telling |= level == one.level(SHARED)
    vetoes = kernel.vetoed(levels).tolist()
    out: list[Match] = []
    scored, stop = sums.score.tolist(), 0
    for key, some in faces.items():
        start, stop = stop, stop + len(some)
        at = max(range(start, stop), key=scored.__getitem__)
        told = (
            (*_parts(rules.comparisons, kernel.columns, levels, sums.parts, at), *against(kernel, sums, at))
            if telling[at]
            else ()
        )
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
