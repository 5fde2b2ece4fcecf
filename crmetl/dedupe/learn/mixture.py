"""
EM over agreement patterns: matches, strangers and further kinds of pairs as one mixture.

A pair is of one of these kinds; in each kind the fields are independent given their contexts. Source: Fellegi and Sunter, A
theory for record linkage (1969); EM after Winkler (1988). Look-alikes are kinds of non-matches, which keeps members of one
household from being learnt as matches; another contact of one customer is a kind of matches.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from crmetl.dedupe.compare.comparisons import REGISTERED
from crmetl.dedupe.compare.levels import SHARED
from crmetl.dedupe.learn.chance import Chance
from crmetl.dedupe.learn.kinds import DIFFERING, RARE, Kind
from crmetl.dedupe.learn.patterns import BINS, Patterns, Shares, States, per_context

ROUNDS = 14
"""Rounds at most: a trial found full convergence to be worse."""
STILL, SETTLED = 5e-4, 10
"""Share by which the matches may still move when it ends, and rounds that are made in any case."""
LEAN = 150.0
"""Declared matches beside the observed: a trial with 5 instead of 150 joined 1,133 pairs of 63,000 distinct people."""
LEAN_BINS = 50.0
LEAN_KINDS = 2.0
FIRST_MATCHES, FIRST_ALIKE = 0.3, 0.02
"""Matches, and pairs of each kind of look-alikes, for each record: where the rounds begin."""
TELLING = frozenset({"date_of_birth", "email", "phone", "mobile", "id_code"})
"""Types in which two records of one person agree at least now and then."""
SELDOM, SEEN = 0.1, 15.0
"""Share of the matches that agree in such a type below which they are none, told from SEEN matches on that have it."""
DIFFERENT = frozenset({"else"})
"""Levels at which a field differs, for what a kind limits."""
MANY_HOLDERS = 16.0
"""A registered number names one holder: strangers share it at most so many times as often as is declared."""
FEWEST = 0.0005
"""Matches for each record, at least: a handful of doubles among many records is found too, and no look-alikes take its place."""
FLOOR = 1e-10
"""Smallest share."""
IMPOSSIBLE = -30.0
"""Log of what a pair without a field is worth to a kind that must show it."""


@dataclass(frozen=True)
class Fit:
    """
    The mixture.

    Attributes:
        m, u: Column -> share of each state among matches, and among strangers, within its context.
        matches: Expected matches, without those of further kinds.
        expected: Column -> expected matches at each state.
        kinds: Further kinds of pairs that there are enough of; their expected pairs, and per column their own shares (None: as
            among strangers, or among matches where the kind ties the type to them).
        pairs: All pairs, matches and strangers alike.
        rounds: How many it took.
        settled: The matches stood still in the end.
    """

    m: tuple[Shares, ...]
    u: tuple[Shares, ...]
    matches: float
    expected: tuple[Shares, ...]
    kinds: tuple[Kind, ...]
    numbers: tuple[float, ...]
    shown: tuple[tuple[Shares | None, ...], ...]
    pairs: float
    rounds: int
    settled: bool

    @property
    def true(self) -> float:
        """Return the expected matches of all kinds."""
        return self.matches + sum(number for kind, number in zip(self.kinds, self.numbers, strict=True) if kind.same)

    def shares(self, number: int, k: int, one: States) -> Shares:
        """Return the shares of a column among the pairs of a kind."""
        kind, own = self.kinds[number], self.shown[number][k]
        if own is not None:
            return own
        return limited(kind, one, self.m[k] if one.column.kind in kind.tied else self.u[k])

    def plausible(self, states: Sequence[States]) -> bool:
        """
        Say whether what was found can be matches.

        On a table without duplicates the rounds may settle on namesakes, who agree in nothing that is a person's own.
        """
        for one, expected in zip(states, self.expected, strict=True):
            if one.column.kind in TELLING and expected.sum() > SEEN:
                same = expected.reshape(one.shape)[:, one.column.level("same")].sum()
                if same < SELDOM * expected.sum():
                    return False
        return True


def fit(states: Sequence[States], seen: Patterns, chance: Chance, pairs: float, kinds: Sequence[Kind]) -> Fit:
    """
    Return the mixture that explains the patterns.

    Where what it takes for matches cannot be any, it is one whose m stays declared; and if that finds none either, one that
    expects the FEWEST.

    Args:
        seen: Of the candidate pairs; all other pairs count as strangers.
        pairs: How many pairs the records have.
        kinds: Further kinds to look for; those that are RARE beside the matches are left out, and the rest is fitted again.
    """
    mixture = _Mixture(states, seen, chance, pairs, tuple(_limits(kinds, one) for one in states))
    found = _with_enough(mixture, kinds)
    if found.plausible(states):
        return found
    found = _with_enough(replace(mixture, held=True), kinds)
    return found if found.plausible(states) else replace(found, matches=FEWEST * len(states[0].column.codes))


def _with_enough(mixture: "_Mixture", kinds: Sequence[Kind]) -> Fit:
    """Return the mixture with the kinds that there are enough of."""
    left = tuple(kinds)
    while True:
        found = mixture.fitted(left)
        enough = tuple(one for one, number in zip(left, found.numbers, strict=True) if number > RARE * found.matches)
        if len(enough) == len(left):
            return found
        left = enough


def allowed(kind: Kind, one: States) -> npt.NDArray[np.bool_] | None:
    """Return which level numbers of a column a pair of the kind may show; None: all, and a missing field too."""
    names = kind.levels.get(one.column.kind)
    if names is None:
        return None
    return np.array([False, *(level.name in names for level in one.column.levels)])


def limited(kind: Kind, one: States, shares: Shares) -> Shares:
    """Return shares of a column without the levels that the kind cannot show."""
    among = allowed(kind, one)
    if among is None:
        return shares
    return per_context((shares.reshape(one.shape) * among[None, :, None]).ravel(), one)


@dataclass(frozen=True)
class _Mixture:
    states: Sequence[States]
    seen: Patterns
    chance: Chance
    pairs: float
    limits: "tuple[Limits, ...]"
    held: bool = False
    """m stays as it is declared."""

    def fitted(self, kinds: tuple[Kind, ...]) -> Fit:
        size = len(self.states[0].column.codes)
        declared = [declared_m(one) for one in self.states]
        u = tuple(np.maximum(one, 0.3 / self.pairs) for one in self.chance.shares)
        shown = tuple(
            tuple(
                self._kind(kind, one, self._first(kind, k, declared)) if one.column.kind in kind.own else None
                for k, one in enumerate(self.states)
            )
            for kind in kinds
        )
        nothing = tuple(np.zeros(one.size) for one in self.states)
        numbers = tuple(size * (FIRST_MATCHES if kind.same else FIRST_ALIKE) for kind in kinds)
        now = Fit(tuple(declared), u, size * FIRST_MATCHES, nothing, kinds, numbers, shown, self.pairs, 0, settled=False)
        for number in range(1, ROUNDS + 1):
            following = self._round(now, declared)
            still = abs(following.true - now.true) < STILL * max(now.true, 1e-9)
            now = replace(following, rounds=number, settled=still)
            if still and number > SETTLED:
                break
        return now

    def _first(self, kind: Kind, k: int, declared: Sequence[Shares]) -> Shares:
        """Return what a kind's own shares lean on: the declared m, or where it is thought to differ mostly the chance."""
        if self.states[k].column.kind not in kind.apart:
            return declared[k]
        mixed: Shares = 0.9 * self.chance.shares[k] + 0.1 * declared[k]
        return mixed

    def _round(self, now: Fit, declared: Sequence[Shares]) -> Fit:
        weighed = self._weighed(now)
        true = weighed[0] * self.seen.counts
        others = [one * self.seen.counts for one in weighed[2:]]
        expected = tuple(self._expected(k, true) for k in range(len(self.states)))
        tied = [
            sum((self._expected(k, pairs) for kind, pairs in zip(now.kinds, others, strict=True) if one.column.kind in kind.tied))
            for k, one in enumerate(self.states)
        ]
        m = (
            now.m
            if self.held
            else tuple(
                _capped(_refitted(one, seen + more, first), one, limits)
                for one, seen, more, first, limits in zip(self.states, expected, tied, declared, self.limits, strict=True)
            )
        )
        u = tuple(self._strangers(k, expected[k], now, others) for k in range(len(self.states)))
        shown = tuple(
            tuple(
                None
                if had is None
                else self._kind(kind, one, self._expected(k, pairs) + _lean(kind) * self._first(kind, k, declared))
                for k, (one, had) in enumerate(zip(self.states, having, strict=True))
            )
            for kind, having, pairs in zip(now.kinds, now.shown, others, strict=True)
        )
        numbers = tuple(float(one.sum()) for one in others)
        matches = max(float(true.sum()), FEWEST * len(self.states[0].column.codes))
        return replace(now, m=m, u=u, matches=matches, expected=expected, numbers=numbers, shown=shown)

    def _weighed(self, now: Fit) -> Shares:
        """Return how likely each pattern is of each kind: matches, strangers, further kinds."""
        strangers = [self._logs(k, one) for k, one in enumerate(now.u)]
        rows = [
            np.log(max(now.matches, 1e-6)) + sum(self._logs(k, one) for k, one in enumerate(now.m)),
            np.log(self.pairs) + sum(strangers),
        ]
        for at, (number, kind) in enumerate(zip(now.numbers, now.kinds, strict=True)):
            total = np.full(len(self.seen.counts), np.log(max(number, 1e-3)))
            for k, one in enumerate(self.states):
                shares = now.shares(at, k, one)
                total += strangers[k] if shares is now.u[k] else self._logs(k, shares)
                if one.column.kind in kind.levels:
                    total[~self.seen.known[:, k]] += IMPOSSIBLE
            rows.append(total)
        stacked = np.stack(rows)
        raised = np.exp(stacked - stacked.max(axis=0))
        out: Shares = raised / raised.sum(axis=0)
        return out

    def _logs(self, k: int, shares: Shares) -> Shares:
        logs = np.log(np.maximum(shares, FLOOR)).reshape(self.states[k].shape)
        logs[:, 0] = 0.0
        out: Shares = logs.ravel()[self.seen.states[:, k]]
        return out

    def _expected(self, k: int, pairs: Shares) -> Shares:
        one = self.states[k]
        found = np.bincount(self.seen.states[:, k], weights=pairs, minlength=one.size).astype(np.float64).reshape(one.shape)
        found[:, 0] = 0.0
        return found.ravel()

    def _strangers(self, k: int, matches: Shares, now: Fit, others: Sequence[Shares]) -> Shares:
        """Return u of a column: random pairs less the matches and the pairs of other kinds among them."""
        one, first = self.states[k], self.chance.shares[k]
        if one.column.kind == "email" and one.shape[0] > 1:
            table, given = first.reshape(one.shape).copy(), matches.reshape(one.shape)
            table[0] = _less(first.reshape(one.shape)[0] * self.pairs, given[0])
            return per_context(table.ravel(), one)
        for kind, having, pairs in zip(now.kinds, now.shown, others, strict=True):
            if having[k] is not None or one.column.kind in kind.tied:
                matches = matches + self._expected(k, pairs)
        random = first.reshape(one.shape) * np.maximum(self.chance.contexts[k] * self.pairs, 1.0)[:, None, None]
        left = _less(random, matches.reshape(one.shape))
        if one.column.kind in REGISTERED:
            at = one.column.level("same")
            left[0, at] *= min(1.0, MANY_HOLDERS * one.column.levels[at - 1].u * left[0].sum() / max(left[0, at].sum(), 1e-12))
        return per_context(left.ravel(), one)

    def _kind(self, kind: Kind, one: States, shares: Shares) -> Shares:
        """Return the shares of a kind's pairs; where it has a type wholly in common, few may differ."""
        table = limited(kind, one, per_context(shares, one)).reshape(one.shape).copy()
        if one.column.kind in kind.whole:
            same = one.column.level("same")
            wide = one.column.kind == "date_of_birth"
            apart = [at for at in range(1, one.shape[1]) if at != same] if wide else [one.column.level("else")]
            limit = DIFFERING / (1 - DIFFERING) * (table.sum() - table[:, apart].sum())
            table[:, apart] *= min(1.0, limit / max(table[:, apart].sum(), 1e-12))
        return per_context(table.ravel(), one)


def _lean(kind: Kind) -> float:
    return LEAN if kind.same else LEAN_KINDS


def _less(random: Shares, known: Shares) -> Shares:
    out: Shares = np.maximum(np.maximum(random - known, random * 0.02), 0.3 * (random > 0))
    return out


def declared_m(one: States) -> Shares:
    """Return the declared m as shares of states; equal values spread over the bins as records do."""
    table = np.zeros(one.shape)
    for number, level in enumerate(one.column.levels, start=1):
        if level.name == SHARED:
            continue
        table[1:, number, 0] = level.m
        table[0, number] = level.m * _spread(one, number)
    return per_context(table.ravel(), one)


def _spread(one: States, number: int) -> Shares:
    """Return how records that hold a value of a level are spread over the bins of frequency; all in the first, where none is."""
    out = np.zeros(BINS)
    if number in one.counted:
        values = one.counted[number]
        out += np.bincount(values.bins, weights=values.counts, minlength=BINS)
    if not out.any():
        out[0] = 1.0
    shares: Shares = out / out.sum()
    return shares


def _refitted(one: States, expected: Shares, declared: Shares) -> Shares:
    """Return m of a column, leaning on the declared; the mailbox of a person does not depend on which names agree."""
    seen, first = expected.reshape(one.shape), declared.reshape(one.shape)
    if one.column.kind == "email" and one.shape[0] > 1:
        levels = seen.sum(axis=(0, 2)) + LEAN * first[0].sum(axis=1)
        levels /= max(levels.sum(), 1e-12)
        table = np.zeros(one.shape)
        table[1:, :, 0] = levels
        table[0, :, 0] = levels
    else:
        table = seen + LEAN * first
    for number in one.counted:
        spread = seen[0, number] + LEAN_BINS * first[0, number] / max(first[0, number].sum(), 1e-12)
        table[0, number] = table[0, number].sum() * spread / max(spread.sum(), 1e-12)
    return per_context(table.ravel(), one)


Limits = tuple[tuple[npt.NDArray[np.int64], float], ...]
"""Numbers of levels that matches show at most in such a share."""


def _limits(kinds: Sequence[Kind], one: States) -> Limits:
    out = []
    for kind in kinds:
        most = kind.differs.get(one.column.kind)
        if most is not None:
            names = kind.levels.get(one.column.kind, DIFFERENT)
            out.append((np.array([at for at, level in enumerate(one.column.levels, start=1) if level.name in names]), most))
    return tuple(out)


def _capped(m: Shares, one: States, limits: Limits) -> Shares:
    table = m.reshape(one.shape).copy()
    for at, most in limits:
        rest = table.sum() - table[:, at].sum()
        table[:, at] *= min(1.0, most / (1 - most) * rest / max(table[:, at].sum(), 1e-12))
    return per_context(table.ravel(), one)
