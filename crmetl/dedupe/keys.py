"""Keys that find one record among millions again: the blocking keys of the batch, chosen once and frozen with an index."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from crmetl.dedupe.blocking import Atom, atoms_of, coarse_atoms_of, joined_keys, needed, rules_of
from crmetl.dedupe.columns import Column, Keys, Numbers, hashed, texts
from crmetl.dedupe.rules import MatchRules

VERSION = "2"
"""Goes up whenever a family reads its values differently: the keys of an index built before would no longer be found."""

NOTHING = f"{0:016x}"
"""The key of a record that has none."""
REFINEMENTS = 3
"""Further keys of a record whose block is too large, as the batch refines it."""
OWN = ("number", "email", "code")
"""Strong keys that name one holder: what people are found by across the borders of their parents."""


@dataclass(frozen=True)
class KeyRules:
    """
    Which keys a record is found by.

    Attributes:
        rules: Names of the keys (`phone:number`) that block together.
        finer: Names of keys by which a block that is too large is refined, the most telling first.
        weak: Names of the weak keys; where one of them tells enough alone it is a rule by itself, which finds all that the
            batch's pairs with it would, with a fraction of the keys.
    """

    rules: tuple[tuple[str, ...], ...]
    finer: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the rules as text that `from_json` reads."""
        return json.dumps({"rules": self.rules, "finer": self.finer, "weak": self.weak}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "KeyRules":
        """
        Read what `to_json` wrote.

        >>> KeyRules.from_json(KeyRules((("a:x",), ("a:y", "b:z")), ("b:z",)).to_json())
        KeyRules(rules=(('a:x',), ('a:y', 'b:z')), finer=('b:z',), weak=())
        """
        tree = json.loads(text)
        return cls(tuple(tuple(one) for one in tree["rules"]), tuple(tree["finer"]), tuple(tree["weak"]))


def rules_print(rules: MatchRules) -> str:
    """Return a print of everything that decides a score or a key: an index made with another one must not be used."""
    told = [
        VERSION,
        [[one.field, one.kind, sorted(one.weights.items()), one.siblings] for one in rules.comparisons],
        [rules.vetoes, rules.within, rules.cut, rules.review],
        hashlib.sha256(rules.model.to_json().encode()).hexdigest() if rules.model else "measured",
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def choose(columns: Sequence[Column], records: int, *, within: bool, blocking: Sequence[Sequence[str]] = ()) -> KeyRules:
    """
    Return the keys that records of these columns are found by: the batch's blocking rules.

    Args:
        blocking: The rules that the model chose; none: the declared ones.
        columns: Of the records, or of a large sample of them.
        records: How many records the index will hold.
        within: Records are compared inside one parent, all with all; across parents only by what names one holder.
    """
    atoms = atoms_of(columns)
    if within:
        return KeyRules(tuple((one.name,) for one in atoms if one.strong and one.name.rpartition(":")[2] in OWN))
    finer = sorted(atoms, key=lambda one: (-one.bits, one.name))
    if blocking:
        known = atoms_by_name(columns)
        return KeyRules(
            tuple(tuple(one) for one in blocking if all(name in known for name in one)), tuple(one.name for one in finer)
        )
    alone = {one.name for one in atoms if not one.strong and one.bits >= needed(records)}
    pairs = [tuple(one.name for one in rule) for rule in rules_of(atoms, records)]
    return KeyRules(
        rules=(*(one for one in pairs if alone.isdisjoint(one)), *((name,) for name in sorted(alone))),
        finer=tuple(one.name for one in finer),
        weak=tuple(one.name for one in atoms if not one.strong),
    )


Atoms = Mapping[str, Atom]


def atoms_by_name(columns: Sequence[Column]) -> Atoms:
    """Return the keys that the columns bring, by name."""
    return {one.name: one for one in (*atoms_of(columns), *coarse_atoms_of(columns))}


def keys_of(atoms: Atoms, chosen: KeyRules) -> list[Keys]:
    """Return per rule the key of each record, 0 where it has none; keys of different rules differ."""
    return [_salted("+".join(rule), _blocked(rule, atoms)) for rule in chosen.rules]


def _blocked(rule: Sequence[str], atoms: Atoms) -> Keys:
    out = atoms[rule[0]].keys
    for name in rule[1:]:
        out = joined_keys(out, atoms[name].keys)
    return out


def refined(atoms: Atoms, chosen: KeyRules, number: int) -> list[Keys]:
    """
    Return the further keys of the records of a block that is too large: those that the batch has for it.

    Args:
        number: Which of the rules. A weak key that stands alone is paired with each weak key of another field; any other is
            refined by the most telling keys of other fields, coarse to fine.
    """
    rule = chosen.rules[number]
    used = {atoms[name].column for name in rule}
    keys = _blocked(rule, atoms)
    if len(rule) == 1 and rule[0] in chosen.weak:
        others = [name for name in chosen.weak if atoms[name].column not in used]
        return [_salted(f"{rule[0]}+{name}", joined_keys(keys, atoms[name].keys)) for name in others]
    out = []
    for step, name in enumerate([one for one in chosen.finer if atoms[one].column not in used][:REFINEMENTS]):
        more = atoms[name].keys
        keys = np.where(more != 0, joined_keys(keys, more), keys)
        out.append(_salted("+".join(rule) + f"/{step}", keys))
    return out


def _salted(name: str, keys: Keys) -> Keys:
    """Mix the rule into its keys, so that one look-up asks for the keys of all rules."""
    return joined_keys(np.broadcast_to(_salt(name), keys.shape), keys)


@lru_cache(maxsize=1_000)
def _salt(name: str) -> Keys:
    return hashed("rule", texts([name]))


def one_key(columns: Sequence[Column]) -> dict[str, int]:
    """Return the keys that the columns of a single record bring, by name; no key where the record lacks it."""
    return {
        f"{one.name}:{name}": _hashed_one(name, values.one(one.codes[0]))
        for one in columns
        if one.codes[0] >= 0
        for found in (one.reading.strong, one.reading.weak, one.reading.coarse)
        for name, values in found.items()
        if values.one(one.codes[0])
    }


@lru_cache(maxsize=16_384)
def _hashed_one(kind: str, value: str) -> int:
    return int(hashed(kind, texts([value]))[0])


def keys_of_one(found: Mapping[str, int], chosen: KeyRules) -> dict[int, str]:
    """
    Return what `keys_of` gives for a single record: number of the rule -> key as a database keeps it.

    All rules are joined at once, where `keys_of` joins all records at once.
    """
    rules = chosen.rules
    keys = _column(found, [rule[0] for rule in rules])
    for step in range(1, max(map(len, rules), default=1)):
        longer = np.array([len(rule) > step for rule in rules])
        more = _column(found, [rule[step] if len(rule) > step else "" for rule in rules])
        keys = np.where(longer, joined_keys(keys, more), keys)
    return {number: key for number, key in enumerate(hexed(joined_keys(_salts(chosen), keys))) if key != NOTHING}


def _column(found: Mapping[str, int], names: Sequence[str]) -> Keys:
    return np.array([found.get(name, 0) for name in names], dtype=np.uint64)


@lru_cache(maxsize=16)
def _salts(chosen: KeyRules) -> Keys:
    return np.concatenate([np.zeros(0, dtype=np.uint64), *(_salt("+".join(rule)) for rule in chosen.rules)])


def atoms_of_one(found: Mapping[str, int], chosen: KeyRules) -> Atoms:
    """Return the keys of a single record as `refined` takes them."""
    names = {*chosen.finer, *chosen.weak, *(name for rule in chosen.rules for name in rule)}
    return {
        name: Atom(name, name.rpartition(":")[0], strong=name not in chosen.weak, marks=_column(found, [name])) for name in names
    }


def hexed(keys: Keys) -> list[str]:
    """
    Return keys as a database keeps them.

    >>> hexed(np.array([255], dtype=np.uint64))
    ['00000000000000ff']
    """
    return [f"{one:016x}" for one in keys.tolist()]


def common(keys: Keys, limit: int) -> Keys:
    """
    Return the keys that more than `limit` records hold, in order.

    >>> common(np.array([3, 1, 3, 3, 1], dtype=np.uint64), 2).tolist()
    [3]
    """
    ordered = np.sort(keys)
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, dtype=np.int64)
    counts: Numbers = np.diff(np.r_[starts, len(ordered)])
    out: Keys = ordered[starts[counts > limit]]
    return out
