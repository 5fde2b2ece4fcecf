"""Blocking rules chosen by measurement: on a sample, all that tell enough; of these, the ones that bring matches."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from crmetl.dedupe.block.blocking import Atom, atoms_of, coarse_atoms_of, keys_of_rule, pairs_in_blocks
from crmetl.dedupe.block.keys import OWN
from crmetl.dedupe.compare.atwork import side_by_side
from crmetl.dedupe.compare.codes import Codes, Numbers
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.comparisons import sampled
from crmetl.dedupe.learn.modelling import fitted, model_of
from crmetl.dedupe.learn.patterns import Shares
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
    """
    The rules that tell enough, and what they bring.

    Attributes:
        pairs: All pairs, packed, in order.
        brought: Rule -> places of its pairs among these.
    """

    rules: Sequence[Rule]
    brought: Sequence[Codes]
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
        tried = _once(rules, records)
        if records < size or slack >= MOST_SLACK or 2 * len(tried.pairs) > max(ROOM, PER_RECORD * records):
            return tried
        slack += 1


def _once(rules: Sequence[Rule], records: int) -> _Tried:
    """Return the pairs of all rules, each once: pairs and rules are sorted as one word."""
    bits = np.int64(max(len(rules), 1).bit_length())

    def brought(numbered: tuple[int, Rule]) -> Numbers:
        number, rule = numbered
        return (pairs_in_blocks(keys_of_rule(rule), records, BLOCK) << bits) | number

    found = side_by_side(brought, enumerate(rules), rows=records * len(rules) // 4)
    words = np.concatenate([*found, np.zeros(0, dtype=np.int64)])
    del found
    words.sort()
    pairs, of_rule = words >> bits, (words & ((1 << bits) - 1)).astype(np.uint16)
    del words
    fresh = np.ones(len(pairs), dtype=bool)
    np.not_equal(pairs[1:], pairs[:-1], out=fresh[1:])
    pairs, places = pairs[fresh], np.cumsum(fresh, dtype=np.int32) - 1
    by_rule = places[np.argsort(of_rule, kind="stable")]
    ends = np.cumsum(np.bincount(of_rule, minlength=len(rules)))
    return _Tried(rules, np.split(by_rule, ends[:-1]) if rules else [], pairs)


def _telling(atoms: Sequence[Atom], bits: Sequence[float], needed: float) -> list[Rule]:
    """Return the smallest conjunctions that tell enough."""
    enough: set[tuple[int, ...]] = set()
    out = []
    columns = [one.column for one in atoms]
    for width in range(1, WIDTH + 1):
        for places in combinations(range(len(atoms)), width):
            if sum(bits[at] for at in places) < needed:
                continue
            if width > 1 and any(some in enough for some in combinations(places, width - 1)):
                enough.add(places)
            elif len({columns[at] for at in places}) == width:
                enough.add(places)
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
    places = tried.brought
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
