"""Why two records are, or are not, one: prior + one signed weight per field = score, also for a pair never compared."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from crmetl.dedupe.block.blocking import atoms_of, coarse_atoms_of
from crmetl.dedupe.compare.codes import NONE
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.comparisons import columns_of
from crmetl.dedupe.compare.levels import MISSING
from crmetl.dedupe.model import Model
from crmetl.dedupe.rules import MatchRules
from crmetl.dedupe.scoring import ALIKE, ALSO, Scorer, Sums, scorer
from crmetl.text import Text

Verdict = Literal["merge", "review", "apart"]

TOLD = 50
"""1/1000 bit from which other kinds of pairs are told of: less reads as 0.0."""


@dataclass(frozen=True)
class Part:
    """What one field adds to a score, in 1/1000 bit."""

    field: str
    level: str
    mbit: int


@dataclass(frozen=True)
class Explanation:
    """
    A score as a sum.

    Attributes:
        prior: Where every pair starts, 1/1000 bit.
        parts: One per compared field, also missing ones (0); then what further kinds of matches add and look-alikes take away.
        score: prior + the parts.
        vetoed: A contradiction forbids the merge, whatever the score.
        verdict: merge, review or apart; of the pair alone, clusters may still keep it apart.
        joined: Blocking rules whose keys the two have in common; empty: a run would never have compared the two. By declared
            weights, a weak key that is a rule alone because it is rare in a table is not told of here.
    """

    prior: int
    parts: tuple[Part, ...]
    score: int
    vetoed: bool
    verdict: Verdict
    joined: tuple[str, ...]

    def because(self) -> str:
        """Return the JSON of field -> [level, 1/1000 bit], as it stands beside the pairs of a run."""
        return json.dumps({one.field: [one.level, one.mbit] for one in self.parts if one.level != MISSING}, ensure_ascii=False)

    def sentence(self) -> Text:
        """Return the sum as one sentence, in bits; it names fields and levels, never values."""
        told = [one for one in self.parts if one.level != MISSING and (one.field not in (ALSO, ALIKE) or abs(one.mbit) >= TOLD)]
        terms = " ".join(f"{one.field}={one.level} {one.mbit / 1000:+.1f}" for one in told)
        total = f"{self.prior / 1000:+.1f} {terms} = {self.score / 1000:+.1f}"
        zh = {"merge": "合并", "review": "待复核", "apart": "分开"}[self.verdict]
        never = "" if self.joined else "；没有分组规则把这两条放在一起比对"
        alone = "" if self.joined else "; no blocking rule joins them"
        veto_zh, veto_en = ("；有一票否决的矛盾", "; a contradiction forbids it") if self.vetoed else ("", "")
        return Text(f"先验 {total} 比特：{zh}{veto_zh}{never}", f"prior {total} bits: {self.verdict}{veto_en}{alone}")


def explain(left: Mapping[str, str | None], right: Mapping[str, str | None], rules: MatchRules) -> Explanation:
    """
    Return why two records are, or are not, one.

    Args:
        left, right: Field -> canonical text, None or NA where it is missing; in any order, the answer is the same.
        rules: With `model` the one that a run used (`Deduped.model`), the score is that run's. Where `within` is declared, all
            records that have the same value in it are joined, and no others.
    """
    model = rules.model or Model(rules.entity)
    frame = pd.DataFrame([dict(left), dict(right)]).reindex(columns=[one.field for one in rules.comparisons]).astype("str")
    columns = columns_of(frame, rules.comparisons)
    kernel = scorer(columns, rules.comparisons, model, rules.vetoes)
    i, j = np.array([0]), np.array([1])
    levels = kernel.levels(i, j)
    sums = kernel.scored(levels, i, j)
    names = [(MISSING, *(level.name for level in one.levels)) for one in columns]
    parts = tuple(
        Part(one.name, name[int(level[0])], int(mbit[0]))
        for one, name, level, mbit in zip(columns, names, levels, sums.parts, strict=True)
    )
    parts += against(kernel, sums, 0)
    score = int(sums.score[0])
    vetoed = bool(kernel.vetoed(levels)[0]) if columns else False
    joined = (
        _joined(columns, model)
        if rules.within is None
        else _siblings(left.get(rules.within), right.get(rules.within), rules.within)
    )
    return Explanation(model.prior, parts, score, vetoed, _verdict(score, vetoed, model, rules), joined)


def against(kernel: Scorer, sums: Sums, at: int) -> tuple[Part, ...]:
    """
    Return what other kinds of pairs do to the score of a pair, each named by the likeliest kind; nothing if they do nothing.

    A further kind of matches adds; look-alikes take away.
    """
    told = ((ALSO, True, int(sums.also[at]), int(sums.match[at])), (ALIKE, False, int(sums.alike[at]), int(sums.kind[at])))
    return tuple(Part(field, _kind(kernel, kind, same=same), mbit) for field, same, mbit, kind in told if mbit)


def _kind(kernel: Scorer, number: int, *, same: bool) -> str:
    """Return the name of a kind of pairs; of the first that may be meant, where none was likelier than the rest."""
    return next(one.name for at, one in enumerate(kernel.kinds) if one.same == same and number in (NONE, at))


def _verdict(score: int, vetoed: bool, model: Model, rules: MatchRules) -> Verdict:  # noqa: FBT001 a fact beside the score
    cut = model.cut if rules.cut is None else rules.cut
    review = model.review if rules.review is None else rules.review
    if vetoed or score < review:
        return "apart"
    return "merge" if score >= cut else "review"


def _siblings(left: str | None, right: str | None, within: str) -> tuple[str, ...]:
    return (within,) if isinstance(left, str) and left == right else ()


def _joined(columns: tuple[Column, ...], model: Model) -> tuple[str, ...]:
    """Return the blocking rules whose keys both records hold: the model's own, else the declared ones."""
    atoms = (*atoms_of(columns), *(coarse_atoms_of(columns) if model.blocking else ()))
    same = [one for one in atoms if one.keys[0] != 0 and one.keys[0] == one.keys[1]]
    held = [one for one in same if one.tells is None or one.tells.any()]
    if model.blocking:
        names = {one.name for one in held}
        return tuple("+".join(rule) for rule in model.blocking if names.issuperset(rule))
    weak = [one for one in held if not one.strong]
    pairs = [f"{a.name}+{b.name}" for a, b in combinations(weak, 2) if a.column != b.column]
    return (*(one.name for one in held if one.strong), *pairs)
