"""Candidate pairs: keys as sorted codes, pairs by array operations; what is too large is refined, and told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import combinations

import numpy as np
import pandas as pd

from crmetl.dedupe.compare.codes import Keys, Mask, Numbers, hashed
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.ordering import in_key_order, starts_of
from crmetl.dedupe.compare.reading import Part

BLOCKS = ("rule", "records", "pairs", "refined", "windowed")
"""records: with a key; pairs: brought; refined: records of oversized blocks; windowed: of those, still too many at the end."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
"""2^64 / golden ratio: the multiplier of Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4)."""

FEWER, MANY = 100_000, 500_000
"""Records from which on blocks are smaller, as a published trial of the method has it."""

SLACK = 4.0
"""A pair of weak keys is left out when it is more than this many bits short of telling the records apart."""


@dataclass(frozen=True)
class Atom:
    """
    One key of each record (0: none), of one column; a strong one blocks by itself.

    Attributes:
        marks: A number per record, equal where the keys are, 0 where there is none.
        kept: The key of each record as an index keeps it: of the text and not of the column, so that a firm's mobile is found by
            another's landline of the same number. None: the marks.
        tells: Which records tell the key, others are only known by it: a pair needs one that tells it. None: all do.
    """

    name: str
    column: str
    strong: bool
    marks: Keys
    kept: Callable[[], Keys] | None = None
    tells: Mask | None = None

    @cached_property
    def keys(self) -> Keys:
        """Return the key of each record as an index keeps it."""
        return self.marks if self.kept is None else self.kept()

    @cached_property
    def bits(self) -> float:
        """Return the collision entropy: -log2 of the chance that two records are a pair by the key."""
        alone = 0.0 if self.tells is None else _twice(self.marks[~self.tells])
        total = float(len(self.marks))
        chance = (_twice(self.marks) - alone) / max(total * (total - 1), 1.0)
        return -float(np.log2(max(chance, 1 / max(total * total, 2.0))))


def _twice(marks: Keys) -> float:
    """Return how many ordered pairs hold the same key."""
    counts = _counts(marks[marks != 0]).astype(np.float64)
    return float((counts * (counts - 1)).sum())


def _counts(keys: Keys) -> Numbers:
    if len(keys) and int(keys.max()) <= 4 * len(keys):
        return np.bincount(keys.astype(np.int64)).astype(np.int64)
    out: Numbers = np.diff(np.append(starts_of(np.sort(keys)), len(keys)))
    return out


def atoms_of(columns: Sequence[Column]) -> tuple[Atom, ...]:
    """Return the keys that the columns bring."""
    return tuple(_atoms(columns))


def coarse_atoms_of(columns: Sequence[Column]) -> tuple[Atom, ...]:
    """Return the keys that tell little alone."""
    return tuple(_atoms(columns, coarse=True))


def _atoms(columns: Sequence[Column], *, coarse: bool = False) -> Iterator[Atom]:
    for one in columns:
        kinds = ((False, one.reading.coarse),) if coarse else ((True, one.reading.strong), (False, one.reading.weak))
        for strong, found in kinds:
            for name, part in found.items():
                marks = np.append(part.codes + 1, 0).astype(np.uint64)[one.codes]
                told = one.reading.telling.get(name)
                tells = None if told is None else np.append(told.texts != "", False).astype(bool)[one.codes]
                yield Atom(f"{one.name}:{name}", one.name, strong, marks, partial(_kept, name, part, marks), tells)


def _kept(kind: str, part: Part, marks: Keys) -> Keys:
    out: Keys = np.r_[np.zeros(1, dtype=np.uint64), hashed(kind, part.different)][marks.astype(np.int64)]
    return out


def largest_block(records: int) -> int:
    """
    Return the largest block of a table that is taken in full: among more records a shared key tells less.

    >>> largest_block(20_000), largest_block(100_000), largest_block(1_000_000)
    (60, 30, 15)
    """
    return 60 if records < FEWER else 30 if records < MANY else 15


def needed(records: int) -> float:
    """Return how many bits a blocking rule should bring among so many records."""
    return float(np.log2(max(records, 2))) - SLACK


def rules_of(atoms: Sequence[Atom], records: int) -> tuple[tuple[Atom, ...], ...]:
    """
    Return the blocking rules: each strong key, each weak one that tells as much alone as there is to tell, and each two of
    different columns that tell enough together.

    Args:
        records: How many records are to be told apart; log2 of it is what a rule should bring.
    """
    need = needed(records)
    weak = [(one, one.bits) for one in atoms if not one.strong]
    alone = [(one,) for one, bits in weak if bits >= need + SLACK]
    pairs = [(a, b) for (a, x), (b, y) in combinations(weak, 2) if a.column != b.column and x + y >= need]
    return (*((one,) for one in atoms if one.strong), *alone, *pairs)


def finer_of(atoms: Sequence[Atom]) -> tuple[Atom, ...]:
    """Return what refines a block that is too large, the most telling first: keys that every record tells for itself."""
    return tuple(sorted((one for one in atoms if one.tells is None), key=lambda one: (-one.bits, one.name)))


@dataclass(frozen=True)
class Blocking:
    """
    Blocking rules, laid out for some records.

    Attributes:
        rules: Keys that block together.
        finer: All keys, the most telling first: what refines a block that is too large.
        size: Number of records.
        max_block: Largest block taken in full.
    """

    rules: tuple[tuple[Atom, ...], ...]
    finer: tuple[Atom, ...]
    size: int
    max_block: int

    def pairs(self, asked: Mask | None = None) -> tuple[Numbers, Numbers, pd.DataFrame]:
        """
        Return the pairs worth comparing, each once, `i < j`, in order.

        Args:
            asked: Which records are asked about; None: all. Blocks stay what they are among all records, so that these are
                the pairs of all records but for those of two that nobody asked about.

        Returns:
            i, j: Positions of records. report: columns BLOCKS, a row per rule.
        """
        packed, report = [], []
        for rule in self.rules:
            pairs, told = _block(rule, self, asked)
            packed.append(pairs)
            report.append(("+".join(one.name for one in rule), *told))
        once = each_once(packed)
        return once // max(self.size, 1), once % max(self.size, 1), pd.DataFrame(report, columns=list(BLOCKS))


def blocking_of(
    columns: Sequence[Column], *, within: Keys | None, max_block: int, rules: Sequence[Sequence[str]] = ()
) -> Blocking:
    """
    Return the blocking rules of these columns, with their keys.

    Args:
        columns: Compared columns.
        within: Key of each record's parent; records are then compared within a parent, all with all. 0: none.
        max_block: Largest block taken in full.
        rules: Blocking rules as names of keys; none: the declared ones.
    """
    size = len(columns[0].codes) if columns else 0
    atoms = atoms_of(columns)
    chosen = _named(rules, (*atoms, *coarse_atoms_of(columns))) if rules else rules_of(atoms, size)
    if within is not None:
        chosen = ((Atom("within", "", strong=True, marks=within),),)
    return Blocking(chosen, finer_of(atoms), size, max_block)


def candidates(
    columns: Sequence[Column], *, within: Keys | None, max_block: int, rules: Sequence[Sequence[str]] = ()
) -> tuple[Numbers, Numbers, pd.DataFrame]:
    """
    Return the pairs worth comparing, as `Blocking.pairs` does for the rules of `blocking_of`.

    Cost: n log n a rule, and the pairs; at most `max_block` a record and rule.
    """
    return blocking_of(columns, within=within, max_block=max_block, rules=rules).pairs()


def _named(rules: Sequence[Sequence[str]], atoms: Sequence[Atom]) -> tuple[tuple[Atom, ...], ...]:
    by_name = {one.name: one for one in atoms}
    return tuple(tuple(by_name[name] for name in rule) for rule in rules if all(name in by_name for name in rule))


def keys_of_rule(rule: Sequence[Atom]) -> Keys:
    """Return a mark per record, equal where all keys of a rule are, 0 where it lacks one of them or nobody tells it."""
    keys = rule[0].marks
    for one in rule[1:]:
        keys = joined_keys(keys, one.marks)
    for tells in _tellings(rule):
        met = np.zeros(len(keys), dtype=bool)
        met[_met(np.flatnonzero(keys != 0), keys, tells)] = True
        keys = np.where(met, keys, np.uint64(0))
    return keys


def _tellings(rule: Sequence[Atom]) -> list[Mask]:
    return [one.tells for one in rule if one.tells is not None]


def each_once(packed: Sequence[Numbers]) -> Numbers:
    """Return the packed pairs of several rules, each once, in order."""
    every = np.sort(np.concatenate([*packed, np.zeros(0, dtype=np.int64)]))
    return every[starts_of(every)]


def pairs_in_blocks(keys: Keys, size: int, limit: int) -> Numbers:
    """Return the pairs of records with the same key, packed (`i * size + j`); blocks of more than `limit` give none."""
    rows = np.flatnonzero(keys != 0)
    return _pairs(rows, keys[rows], size, limit)[0]


def _block(rule: Sequence[Atom], how: Blocking, asked: Mask | None) -> tuple[Numbers, tuple[int, int, int, int]]:
    size, limit = how.size, how.max_block
    keys = keys_of_rule(rule)
    rows = _met(np.flatnonzero(keys != 0), keys, asked)
    found, left = _pairs(rows, keys[rows], size, limit)
    out, refined, records = [found], len(left), len(rows)
    used = {one.column for one in rule}
    for one in [atom for atom in how.finer if atom.column not in used][:3]:
        if not len(left):
            break
        keys = np.where(one.marks != 0, joined_keys(keys, one.marks), keys)
        left = _met(left, keys, asked)
        found, left = _pairs(left, keys[left], size, limit)
        out.append(found)
    if len(left):
        out.append(_window(left, keys[left], size, limit))
    pairs = np.concatenate(out)
    for mask in [*_tellings(rule), *([] if asked is None else [asked])]:
        pairs = pairs[mask[pairs // size] | mask[pairs % size]]
    return pairs, (records, len(pairs), refined, len(left))


def _met(rows: Numbers, keys: Keys, asked: Mask | None) -> Numbers:
    """Return the records of blocks that hold a record that is asked about."""
    if asked is None:
        return rows
    theirs = np.r_[np.sort(keys[rows[asked[rows]]]), np.uint64(0)]
    mine = keys[rows]
    out: Numbers = rows[theirs[np.searchsorted(theirs[:-1], mine)] == mine]
    return out


def joined_keys(left: Keys, right: Keys) -> Keys:
    """Return a key of two keys, 0 where one of them is; (a, b) and (b, a) differ."""
    mixed = (left * _MIX) ^ (left >> np.uint64(29))
    out: Keys = (mixed ^ right) * _MIX | np.uint64(1)
    out[(left == 0) | (right == 0)] = 0
    return out


def _pairs(rows: Numbers, keys: Keys, size: int, limit: int) -> tuple[Numbers, Numbers]:
    """
    Return all pairs inside blocks of at most `limit` records, packed, and the records of larger blocks, in order.

    Args:
        rows: Records in order.
    """
    keys, places = in_key_order(keys, hashes=True)
    rows = rows[places]
    starts = starts_of(keys)
    lengths = np.diff(np.append(starts, len(keys)))
    large = rows[np.repeat(lengths > limit, lengths)] if lengths.max(initial=0) > limit else rows[:0]
    fits = (lengths > 1) & (lengths <= limit)
    return _apart(rows, starts[fits], lengths[fits], size), np.sort(large)


def _apart(rows: Numbers, starts: Numbers, lengths: Numbers, size: int, reach: int | None = None) -> Numbers:
    """Return packed pairs of records at most `reach` places apart inside each block; the records of a block are in order."""
    at = np.repeat(starts, lengths) + _counted_up(lengths)
    behind = np.repeat(starts + lengths, lengths) - at - 1
    if reach is not None:
        behind = np.minimum(behind, reach)
    first, second = np.repeat(rows[at], behind), rows[np.repeat(at + 1, behind) + _counted_up(behind)]
    return first * size + second


def _counted_up(lengths: Numbers) -> Numbers:
    """Return 0, 1, 2 and on for each length, one behind the other."""
    ends = np.cumsum(lengths)
    out: Numbers = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)
    return out


def _window(rows: Numbers, keys: Keys, size: int, limit: int) -> Numbers:
    """Return pairs of near neighbours in blocks that nothing could refine, so that their cost stays linear."""
    keys, places = in_key_order(keys, hashes=True)
    starts = starts_of(keys)
    return _apart(rows[places], starts, np.diff(np.append(starts, len(keys))), size, reach=max(limit // 12, 1))
