"""Keys that find one record among millions again: the blocking keys of the batch, chosen once and frozen with an index."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

from crmetl.dedupe.block.blocking import Atom, atoms_of, coarse_atoms_of, finer_of, joined_keys, needed, rules_of
from crmetl.dedupe.compare.codes import Keys, Mask, Numbers, hashed, texts
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.rules import MatchRules

VERSION = "3"
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
    finer = finer_of(atoms)
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
    """
    Return per rule the key of each record, 0 where it has none; keys of different rules differ.

    A record that tells a former name has another key than those that are known by that name: who asks by the name finds the
    teller, who tells it finds both, and two that are known by it do not find each other (`asked_by`).
    """
    return [_sided("+".join(rule), _blocked(rule, atoms), _tellings(rule, atoms)) for rule in chosen.rules]


def _tellings(rule: Sequence[str], atoms: Atoms) -> list[Mask]:
    return [tells for name in rule if (tells := atoms[name].tells) is not None]


def _sided(name: str, keys: Keys, tellings: Sequence[Mask]) -> Keys:
    out = _salted(name, keys) if not tellings else np.zeros(len(keys), dtype=np.uint64)
    for marks in product((True, False), repeat=len(tellings)) if tellings else ():
        mine = np.logical_and.reduce([tells == mark for tells, mark in zip(tellings, marks, strict=True)])
        out[mine] = _salted(name + _side(marks), keys[mine])
    return out


def _side(marks: Sequence[bool]) -> str:
    """Return what stands behind the name of a rule: who told its keys and who is only known by them."""
    return "".join("!" if mark else "?" for mark in marks)


def _asked(tells: Sequence[bool]) -> list[str]:
    """
    Return the sides that a record looks for: who tells a key looks for all, who is known by it for those that tell it.

    >>> _asked([]), _asked([True]), _asked([False])
    ([''], ['!', '?'], ['!'])
    """
    return [_side(marks) for marks in product(*((True, False) if told else (True,) for told in tells))]


def _blocked(rule: Sequence[str], atoms: Atoms) -> Keys:
    out = atoms[rule[0]].keys
    for name in rule[1:]:
        out = joined_keys(out, atoms[name].keys)
    return out


def refined(atoms: Atoms, chosen: KeyRules, number: int) -> list[Keys]:
    """Return the further keys of the records of a block that is too large: those that the batch has for it."""
    tellings = _tellings(chosen.rules[number], atoms)
    return [_sided(name, keys, tellings) for name, keys in _finer(atoms, chosen, number)]


def finer_asked(atoms: Atoms, chosen: KeyRules, number: int) -> list[str]:
    """Return the further keys that a single record looks for in the place of one whose block is too large."""
    sides = _asked([bool(tells[0]) for tells in _tellings(chosen.rules[number], atoms)])
    found = [_salted(name + side, keys) for name, keys in _finer(atoms, chosen, number) for side in sides]
    return [one for key in found for one in hexed(key) if one != NOTHING]


def _finer(atoms: Atoms, chosen: KeyRules, number: int) -> list[tuple[str, Keys]]:
    """
    Return name and keys of each refinement of a rule.

    Args:
        number: Which of the rules. A weak key that stands alone is paired with each weak key of another field; any other is
            refined by the most telling keys of other fields, coarse to fine.
    """
    rule = chosen.rules[number]
    used = {atoms[name].column for name in rule}
    keys = _blocked(rule, atoms)
    if len(rule) == 1 and rule[0] in chosen.weak:
        others = [name for name in chosen.weak if atoms[name].column not in used]
        return [(f"{rule[0]}+{name}", joined_keys(keys, atoms[name].keys)) for name in others]
    out = []
    for step, name in enumerate([one for one in chosen.finer if atoms[one].column not in used][:REFINEMENTS]):
        more = atoms[name].keys
        keys = np.where(more != 0, joined_keys(keys, more), keys)
        out.append(("+".join(rule) + f"/{step}", keys))
    return out


def _salted(name: str, keys: Keys) -> Keys:
    """Mix the rule into its keys, so that one look-up asks for the keys of all rules."""
    return joined_keys(np.broadcast_to(_salt(name), keys.shape), keys)


@lru_cache(maxsize=1_000)
def _salt(name: str) -> Keys:
    return hashed("rule", texts([name]))


class OneRecord:
    """
    The keys of a single record, each made when it is asked for.

    Args:
        columns: Of the record alone.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = {one.name: one for one in columns if one.codes[0] >= 0}
        self._known: dict[str, int] = {}

    def key(self, name: str) -> int:
        """Return the key of this name (`phone:number`), 0 where the record lacks it."""
        if name not in self._known:
            text = self._text(name, "strong") or self._text(name, "weak") or self._text(name, "coarse")
            self._known[name] = _hashed_one(name.rpartition(":")[2], text) if text else 0
        return self._known[name]

    def tells(self, name: str) -> bool | None:
        """Say whether the record tells the key or is only known by it; None for a key that every holder tells."""
        field, _, kind = name.rpartition(":")
        one = self._columns.get(field)
        return None if one is None or kind not in one.reading.telling else bool(self._text(name, "telling"))

    def _text(self, name: str, where: str) -> str:
        field, _, kind = name.rpartition(":")
        one = self._columns.get(field)
        part = None if one is None else getattr(one.reading, where).get(kind)
        return "" if one is None or part is None else str(part.one(one.codes[0]))


@lru_cache(maxsize=16_384)
def _hashed_one(kind: str, value: str) -> int:
    return int(hashed(kind, texts([value]))[0])


def asked_by(found: OneRecord, chosen: KeyRules) -> dict[int, tuple[str, ...]]:
    """
    Return what finds the candidates of a single record: number of the rule -> keys as a database keeps them.

    All rules are joined at once, where `keys_of` joins all records at once.
    """
    rules = chosen.rules
    keys = _column(found, [rule[0] for rule in rules])
    for step in range(1, max(map(len, rules), default=1)):
        longer = np.array([len(rule) > step for rule in rules])
        more = _column(found, [rule[step] if len(rule) > step else "" for rule in rules])
        keys = np.where(longer, joined_keys(keys, more), keys)
    told = [[one for name in rule if (one := found.tells(name)) is not None] for rule in rules]
    asked = [(number, side) for number in np.flatnonzero(keys).tolist() for side in _asked(told[number])]
    salts = _salts(tuple("+".join(rules[number]) + side for number, side in asked))
    every = hexed(joined_keys(salts, keys[[number for number, _ in asked]]))
    out: dict[int, tuple[str, ...]] = {}
    for (number, _), key in zip(asked, every, strict=True):
        out[number] = (*out.get(number, ()), key)
    return out


def _column(found: OneRecord, names: Sequence[str]) -> Keys:
    return np.array([found.key(name) if name else 0 for name in names], dtype=np.uint64)


@lru_cache(maxsize=1_024)
def _salts(names: tuple[str, ...]) -> Keys:
    return np.concatenate([np.zeros(0, dtype=np.uint64), *map(_salt, names)])


def atoms_of_one(found: OneRecord, chosen: KeyRules) -> Atoms:
    """Return the keys of a single record as `refined` takes them."""
    names = {*chosen.finer, *chosen.weak, *(name for rule in chosen.rules for name in rule)}
    return {name: _atom_of_one(found, name, strong=name not in chosen.weak) for name in names}


def _atom_of_one(found: OneRecord, name: str, *, strong: bool) -> Atom:
    told = found.tells(name)
    tells = None if told is None else np.array([told])
    return Atom(name, name.rpartition(":")[0], strong=strong, marks=_column(found, [name]), tells=tells)


def hexed(keys: Keys) -> list[str]:
    """
    Return keys as a database keeps them.

    >>> hexed(np.array([255], dtype=np.uint64))
    ['00000000000000ff']
    """
    text = keys.astype(">u8").tobytes().hex()
    return [text[start : start + 16] for start in range(0, len(text), 16)]


def unhexed(keys: Sequence[str]) -> Keys:
    """
    Read what `hexed` wrote.

    >>> unhexed(["00000000000000ff"]).tolist()
    [255]
    """
    return np.frombuffer(bytes.fromhex("".join(keys)), dtype=">u8").astype(np.uint64)


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
