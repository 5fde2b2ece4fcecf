"""Blocking rules chosen by measurement: on a sample, all that tell enough; of these, the ones that bring matches."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from crmetl.dedupe.atwork import side_by_side
from crmetl.dedupe.blocking import Atom, atoms_of, coarse_atoms_of, each_once, keys_of_rule, pairs_in_blocks
from crmetl.dedupe.columns import Column, Numbers
from crmetl.dedupe.comparisons import sampled
from crmetl.dedupe.keys import OWN
from crmetl.dedupe.modelling import fitted, model_of
from crmetl.dedupe.patterns import Shares
from crmetl.dedupe.rules import MatchRules
from crmetl.dedupe.scoring import scorer

SAMPLE, PATTERNS = 20_000, 60_000
"""Records of the pilot, and pairs that its model is fitted to."""
WIDTH = 3
"""Keys of a rule at most."""
SLACK = 1.0
"""Bits by which a rule may fall short of telling all records apart; raised while a small table leaves room for more pairs."""
ROOM = 300_000
"""Pairs that any table may have, and PER_RECORD for each of its records."""
PER_RECORD, MOST_SLACK = 15, 5.0
BLOCK = 50
COST = 0.002
"""What one more pair costs, in matches."""
RULES, RULES_OF_MANY, MANY = 40, 18, 200_000
"""Rules at most, and among more than MANY records."""
LITTLE = 2e-4
"""Share of the matches that a rule must add at least."""

Rule = tuple[Atom, ...]


@dataclass(frozen=True)
class _Tried:
    """The rules that tell enough, the pairs that each brings, and all pairs; packed, in order."""

    rules: Sequence[Rule]
    brought: Sequence[Numbers]
    pairs: Numbers


def chosen_rules(columns: Sequence[Column], rules: MatchRules, draw: np.random.Generator) -> tuple[tuple[str, ...], ...]:
    """
    Return the blocking rules worth their pairs, each as the names of its keys; none where the sample shows no matches.

    Each rule is a conjunction of keys of different fields that tells enough among so many records, and no part of which does.
    They are taken greedily by the matches that they add to those found before, by a model fitted to the sample; what names one
    holder (a number, a mailbox, a code) is a rule in any case.
    """
    size = len(columns[0].codes)
    rows = np.sort(draw.choice(size, min(size, SAMPLE), replace=False))
    sample = sampled(columns, rows)
    tried = _tried(sample, size)
    if not len(tried.pairs):
        return ()
    chance_of_match = _posterior(sample, rules, tried.pairs, draw)
    most = RULES if size <= MANY else RULES_OF_MANY
    chosen = [tuple(atom.name for atom in tried.rules[at]) for at in _greedy(tried, chance_of_match, most)]
    own = [(one.name,) for one in atoms_of(sample) if one.strong and one.name.rpartition(":")[2] in OWN]
    return (*chosen, *(one for one in own if one not in chosen))


def _tried(sample: Sequence[Column], size: int) -> _Tried:
    records = len(sample[0].codes)
    atoms = (*atoms_of(sample), *coarse_atoms_of(sample))
    bits = [one.bits for one in atoms]
    slack = SLACK
    while True:
        rules = _telling(atoms, bits, float(np.log2(size)) - slack)
        brought = side_by_side(
            lambda rule: np.sort(pairs_in_blocks(keys_of_rule(rule), records, BLOCK)), rules, rows=records * len(rules) // 4
        )
        pairs = each_once(brought)
        if records < size or slack >= MOST_SLACK or 2 * len(pairs) > max(ROOM, PER_RECORD * records):
            return _Tried(rules, brought, pairs)
        slack += 1


def _telling(atoms: Sequence[Atom], bits: Sequence[float], needed: float) -> list[Rule]:
    """Return the smallest conjunctions that tell enough."""
    masks: list[int] = []
    out = []
    for width in range(1, WIDTH + 1):
        for places in combinations(range(len(atoms)), width):
            if sum(bits[at] for at in places) < needed or len({atoms[at].column for at in places}) < width:
                continue
            mask = sum(1 << at for at in places)
            if not any(one & mask == one for one in masks):
                masks.append(mask)
                out.append(tuple(atoms[at] for at in places))
    return out


def _posterior(sample: Sequence[Column], rules: MatchRules, packed: Numbers, draw: np.random.Generator) -> Shares:
    """Return how likely each pair is a match, by a model fitted to the sample."""
    size = len(sample[0].codes)
    i, j = packed // size, packed % size
    states, found = fitted(sample, i, j, draw, most=PATTERNS, kinds=rules.kinds, rough=True)
    kernel = scorer(sample, rules.comparisons, model_of(rules.entity, states, found), rules.vetoes)
    scores = kernel.edges(i, j).scores / 1000
    out: Shares = 1 / (1 + 2.0 ** -np.clip(scores, -40, 40))
    return out


def _greedy(tried: _Tried, posterior: Shares, most: int) -> list[int]:
    """Return the rules worth their pairs, the best first: lazy greedy cover (Minoux 1978)."""
    places = [np.searchsorted(tried.pairs, one) for one in tried.brought]
    covered = np.zeros(len(posterior), dtype=bool)
    waiting = [(COST * len(at) - float(posterior[at].sum()), number) for number, at in enumerate(places)]
    heapq.heapify(waiting)
    total = float(posterior.sum())
    out: list[int] = []
    while waiting and len(out) < most:
        _, number = heapq.heappop(waiting)
        new = places[number][~covered[places[number]]]
        gain = float(posterior[new].sum()) - COST * len(new)
        if waiting and -waiting[0][0] > gain:
            if gain > 0:
                heapq.heappush(waiting, (-gain, number))
            continue
        if gain < total * LITTLE:
            break
        covered[places[number]] = True
        out.append(number)
    return out
