"""How names of people are read and compared, in both scripts."""

import re
from collections.abc import Sequence

import numpy as np

from crmetl.clean.person import surname_of
from crmetl.dedupe.columns import Codes, Column, Family, Levels, Mask, Reading, Texts, texts
from crmetl.dedupe.measures import agree, both, jaro
from crmetl.dedupe.nicknames import NICKNAMES
from crmetl.dedupe.sound import soundex, syllables

CLOSE, NEAR = 0.92, 0.84
"""Jaro-Winkler similarity of two spellings of one name: one slip, or several."""

_WORD = re.compile(r"[^\W\d_]+")


def chinese(value: str) -> bool:
    """Say whether the text is written in Chinese characters."""
    return "一" <= value[:1] <= "鿿"


def read_person(values: Texts) -> Reading:
    """Read a full name; Western names as a set of words, so that order does not count."""
    bare = [re.sub(r"\s+", "", one) if chinese(one) else one.casefold() for one in values]
    words = [sorted(_WORD.findall(one)) for one in bare]
    full = texts(["" if chinese(one) and one == surname_of(one) else " ".join(w) for one, w in zip(bare, words, strict=True)])
    sound = texts(
        [syllables(one) if chinese(one) else " ".join(soundex(w) for w in ws) for one, ws in zip(bare, words, strict=True)]
    )
    return Reading(
        parts={
            "full": full,
            "sound": texts([s if f else "" for s, f in zip(sound, full, strict=True)]),
            "surname": texts([surname_of(one) for one in bare]),
            "only": texts(["only" if chinese(one) and one == surname_of(one) else "" for one in bare]),
            "script": texts(["zh" if chinese(one) else "la" for one in bare]),
        },
        bases={"same": full},
        weak={
            "person": texts([s if f else "" for s, f in zip(sound, full, strict=True)]),
            "surname": texts([one[:1] for one in bare]),
        },
        coarse={
            "first_word": texts([w[0] if w else "" for w in words]),
            "last_word": texts([w[-1] if len(w) > 1 else "" for w in words]),
        },
    )


def compare_person(column: Column, a: Codes, b: Codes) -> Levels:
    """Compare by words, sound, near spelling, and the surname where that is all one side has."""
    part = column.coded
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    latin = (column.reading.parts["script"] == "la").astype(bool)
    out[_share_word(column, a, b, latin[a] & latin[b])] = column.level("part")
    only = (part["only"][a] >= 0) | (part["only"][b] >= 0)
    out[only & agree(part["surname"], a, b)] = column.level("surname")
    full = both(part["full"], a, b)
    spelt = column.reading.parts["full"]
    same_script = latin[a] == latin[b]
    near = full & same_script & latin[a]
    out[near & (jaro(spelt, a, b, near) >= 0.92)] = column.level("close")
    out[full & ~latin[a] & ~latin[b] & agree(part["sound"], a, b)] = column.level("sound")
    out[agree(part["full"], a, b)] = column.level("same")
    return out


def _share_word(column: Column, a: Codes, b: Codes, where: Mask) -> Mask:
    out = np.zeros(len(a), dtype=bool)
    at = np.flatnonzero(where)
    full = column.reading.parts["full"]
    out[at] = [not set(x.split()).isdisjoint(y.split()) for x, y in zip(full[a[at]].tolist(), full[b[at]].tolist(), strict=True)]
    return out


def equal_person(reading: Reading) -> Sequence[str]:
    """Two people of whom only the surname is known agree in the surname."""
    return ["surname" if one else "same" for one in reading.parts["only"]]


def _spelt(values: Texts) -> Texts:
    return texts(["".join(_WORD.findall(one.casefold())) or one.casefold() for one in values])


def read_given(values: Texts) -> Reading:
    """Read a given name."""
    spelt = _spelt(values)
    return Reading(
        parts={
            "spelt": spelt,
            "nick": texts([NICKNAMES.get(one, one) for one in spelt]),
            "initial": texts([one[:1] for one in spelt]),
            "one": texts(["one" if len(x) == 1 and not chinese(x) else "" for x in spelt]),
        },
        bases={"same": spelt},
        weak={
            "given": texts([one[:3] for one in spelt]),
            "given_sound": texts([_sound(one) for one in spelt]),
        },
        coarse={
            "given_head": texts([one[:1] for one in spelt]),
            "nick": texts([NICKNAMES.get(one, one) for one in spelt]),
        },
    )


def _sound(one: str) -> str:
    return syllables(one) if chinese(one) else soundex(one)


def compare_given(column: Column, a: Codes, b: Codes) -> Levels:
    """Near spelling, another form of the name, or an initial that fits."""
    part = column.coded
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    spelling = jaro(column.reading.parts["spelt"], a, b)
    out[spelling >= NEAR] = column.level("near")
    out[spelling >= CLOSE] = column.level("close")
    one = (part["one"][a] >= 0) | (part["one"][b] >= 0)
    out[one & agree(part["initial"], a, b)] = column.level("initial")
    out[agree(part["nick"], a, b)] = column.level("nickname")
    out[agree(part["spelt"], a, b)] = column.level("same")
    return out


def equal_given(reading: Reading) -> Sequence[str]:
    """Two equal initials are initials still."""
    return ["initial" if one else "same" for one in reading.parts["one"]]


def read_family(values: Texts) -> Reading:
    """Read a family name; a double name also by its parts."""
    spelt = _spelt(values)
    parts = [re.split(r"[\s\-]+", one.casefold()) for one in values]
    return Reading(
        parts={"spelt": spelt, "first": texts([one[0] for one in parts]), "last": texts([one[-1] for one in parts])},
        bases={"same": spelt},
        weak={"family": texts([_sound(one) for one in spelt]), "family_head": texts([one[:4] for one in spelt])},
        coarse={"family_first": texts([one[:1] for one in spelt]), "family_end": texts([one[-4:] for one in spelt])},
    )


def compare_family(column: Column, a: Codes, b: Codes) -> Levels:
    """Near spelling, or one part of a double name in common."""
    first, last = column.coded["first"], column.coded["last"]
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    double = first != last
    share = (first[a] == first[b]) | (last[a] == last[b]) | (first[a] == last[b]) | (last[a] == first[b])
    spelling = jaro(column.reading.parts["spelt"], a, b)
    out[spelling >= NEAR] = column.level("near")
    out[spelling >= CLOSE] = column.level("close")
    out[(double[a] | double[b]) & share] = column.level("part")
    out[agree(column.coded["spelt"], a, b)] = column.level("same")
    return out


PERSON = Family(read_person, compare_person, equal_person)
GIVEN = Family(read_given, compare_given, equal_given, whole=True)
FAMILY = Family(read_family, compare_family, whole=True)
