"""One record against a handful of CRM rows: the scores of the batch, without a frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crmetl.dedupe.columns import Column, Levels, Mask, Numbers
from crmetl.dedupe.comparisons import columns_of_few
from crmetl.dedupe.explain import Explanation, Part, Verdict
from crmetl.dedupe.keys import Atoms, KeyRules, atoms_by_name, hexed, keys_of, refined
from crmetl.dedupe.levels import MISSING, SHARED
from crmetl.dedupe.model import Mbit, Model
from crmetl.dedupe.rules import MatchRules
from crmetl.dedupe.scoring import scorer

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


@dataclass(frozen=True)
class Asked:
    """
    The keys of one record.

    Attributes:
        keys: Number of the rule -> key; rules for which the record lacks a field are not there.
    """

    atoms: Atoms
    chosen: KeyRules
    keys: Mapping[int, str]

    def finer(self, number: int) -> list[str]:
        """Return the keys by which the block of a rule is refined; none where the record has nothing further to tell."""
        own = self.keys[number]
        return [one for key in refined(self.atoms, self.chosen, number) for one in hexed(key) if key[0] and one != own]


def record_keys(record: Cells, rules: MatchRules, chosen: KeyRules) -> Asked:
    """Return what one record is found by."""
    columns = columns_of_few({name: [cell] for name, cell in record.items()}, 1, rules.comparisons)
    atoms = atoms_by_name(columns)
    return Asked(atoms, chosen, {number: hexed(one)[0] for number, one in enumerate(keys_of(atoms, chosen)) if one[0]})


def compare_one(record: Cells, faces: Mapping[str, Sequence[Cells]], rules: MatchRules, model: Model) -> tuple[Match, ...]:
    """
    Return what each CRM row scores against the record, the best first.

    Args:
        record: Compared field -> canonical text, None or no key where it is missing.
        faces: Key of a CRM row -> its faces; the best of them counts.
        model: The one that batch and index use.

    Cost: linear in faces; some 0.1 ms a face.
    """
    rows: list[Cells] = [record, *(face for some in faces.values() for face in some)]
    if len(rows) == 1:
        return ()
    fields = [one.field for one in rules.comparisons]
    columns = columns_of_few({name: [row.get(name) for row in rows] for name in fields}, len(rows), rules.comparisons)
    kernel = scorer(columns, rules.comparisons, model, rules.vetoes)
    i, j = np.zeros(len(rows) - 1, dtype=np.int64), np.arange(1, len(rows))
    levels = kernel.levels(i, j)
    parts = kernel.parts(levels, i, j)
    scores = np.full(len(i), model.prior, dtype=np.int64)
    for added in parts:
        scores += added
    return _best(faces, columns, levels, parts, (scores, kernel.vetoed(levels), model.review))


def _best(
    faces: Mapping[str, Sequence[Cells]],
    columns: Sequence[Column],
    levels: Sequence[Levels],
    parts: Sequence[Mbit],
    found: tuple[Numbers, Mask, int],
) -> tuple[Match, ...]:
    scores, vetoes, told_from = found
    telling: Mask = scores >= told_from
    for one, level in zip(columns, levels, strict=True):
        if one.has(SHARED):
            telling |= level == one.level(SHARED)
    out, start = [], 0
    for key, some in faces.items():
        stop = start + len(some)
        at = start + int(scores[start:stop].argmax())
        told = _parts(columns, levels, parts, at) if telling[at] else ()
        out.append(Match(key, int(scores[at]), bool(vetoes[start:stop].any()), told))
        start = stop
    return tuple(sorted(out, key=lambda one: (-one.score, one.key)))


def _parts(columns: Sequence[Column], levels: Sequence[Levels], parts: Sequence[Mbit], at: int) -> tuple[Part, ...]:
    named = [(MISSING, *(level.name for level in one.levels)) for one in columns]
    return tuple(
        Part(one.name, name[int(level[at])], int(added[at]))
        for one, name, level, added in zip(columns, named, levels, parts, strict=True)
    )
