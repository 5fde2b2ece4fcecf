"""How names of people are read and compared, in both scripts."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from crmetl.clean.person import person_spelt, surname_of
from crmetl.clean.script import pinyin
from crmetl.dedupe.compare.codes import Codes, Levels, Mask, Texts, texts
from crmetl.dedupe.compare.columns import Column, Family
from crmetl.dedupe.compare.measures import agree, both, jaro
from crmetl.dedupe.compare.nicknames import NICKNAMES
from crmetl.dedupe.compare.reading import Reading
from crmetl.dedupe.compare.signs import Signs
from crmetl.dedupe.compare.sound import soundex, syllables

CLOSE, NEAR = 0.92, 0.84
"""Jaro-Winkler similarity of two spellings of one name: one slip, or several."""

_WORD = re.compile(r"[^\W\d_]+")


_FIRST, _LAST = ord("一"), ord("鿿")
_APART = re.compile(r"[\s·•・．.]+")
_FAMILIAR = re.compile("^[小老阿](?=[一-鿿]$)")
"""A familiar word before a surname: 小顾 tells no more than 顾."""


def _plain(name: str) -> str:
    """Return a Latin name without accents."""
    return (
        name if name.isascii() else "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    )


def chinese(value: str) -> bool:
    """Say whether the text is written in Chinese characters."""
    return "一" <= value[:1] <= "鿿"


def read_person(values: Texts) -> Reading:
    """Read a full name; a Western name as given name, what stands between, and family name, the last word."""
    spelt = [person_spelt(one) for one in values]
    bare = [_FAMILIAR.sub("", _APART.sub("", one)) if chinese(one) else _plain(one) for one in spelt]
    words = [_words(one) for one in bare]
    only = [chinese(one) and one == surname_of(one) for one in bare]
    full = texts(["" if o else " ".join(sorted(w)) for o, w in zip(only, words, strict=True)])
    sound = [
        syllables(one) if chinese(one) else " ".join(sorted(soundex(w) for w in ws)) for one, ws in zip(bare, words, strict=True)
    ]
    known = texts([s if f else "" for s, f in zip(sound, full, strict=True)])
    family = [surname_of(one) if chinese(one) else w[-1] if w else "" for one, w in zip(bare, words, strict=True)]
    given = ["" if chinese(one) or len(w) < 2 else w[0] for one, w in zip(bare, words, strict=True)]
    ahead, behind = (
        zip(*(_romanised(one, w) for one, w in zip(bare, words, strict=True)), strict=True) if len(values) else ((), ())
    )
    return Reading(
        parts={
            "full": full,
            "sound": known,
            "surname": texts([surname_of(one) for one in bare]),
            "only": texts(["only" if o else "" for o in only]),
            "script": texts(["zh" if chinese(one) else "la" for one in bare]),
            "family": texts(family),
            "given": texts(given),
            "nick": texts([NICKNAMES.get(one, one) for one in given]),
            "initial": texts([one[:1] for one in given]),
            "one": texts(["one" if len(one) == 1 else "" for one in given]),
            "ahead": texts(["" if o else one for o, one in zip(only, ahead, strict=True)]),
            "behind": texts(["" if o else one for o, one in zip(only, behind, strict=True)]),
        },
        bases={"same": full},
        weak={
            "person": known,
            "surname": texts([one[:1] for one in bare]),
            "spoken": texts(["".join(sorted((a, b))) if a else "" for a, b in zip(ahead, behind, strict=True)]),
        },
        coarse={
            "first_word": texts([w[0] if w else "" for w in words]),
            "last_word": texts([w[-1] if len(w) > 1 else "" for w in words]),
            "family": texts(
                [soundex(w[-1]) if w and not chinese(one) else f for one, w, f in zip(bare, words, family, strict=True)]
            ),
            "given_head": texts([one[:3] for one in given]),
        },
    )


def _words(name: str) -> list[str]:
    """
    Return the words of a name, the family name last.

    >>> _words("doe, jane m."), _words("jane doe"), _words("王小明")
    (['jane', 'm', 'doe'], ['jane', 'doe'], ['王小明'])
    """
    family, comma, given = name.partition(",")
    return _WORD.findall(given) + _WORD.findall(family) if comma and given.strip() else _WORD.findall(name)


def _romanised(name: str, words: Sequence[str]) -> tuple[str, str]:
    """
    Return a name in Latin letters, as written and with the family name at the other end.

    >>> _romanised("张伟", ["张伟"]), _romanised("zhang wei", ["zhang", "wei"])
    (('zhangwei', 'weizhang'), ('zhangwei', 'weizhang'))
    """
    if not chinese(name):
        return "".join(words), "".join([words[-1], *words[:-1]]) if words else ""
    family = surname_of(name)
    first, rest = pinyin(family), "".join(pinyin(one) for one in name[len(family) :])
    return first + rest, rest + first


def compare_person(column: Column, a: Codes, b: Codes) -> Levels:
    """Compare by words, sound, spelling of each name, and the surname where that is all one side has."""
    part = column.coded
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    latin = column.reading.parts["script"].equals("la")
    western, eastern = latin[a] & latin[b], ~latin[a] & ~latin[b]
    kin = agree(part["family"], a, b)
    full = both(part["full"], a, b)
    out[full & kin] = column.level("family")
    shared = _share_word(column, a, b, western)
    shorter = _contained(column, a, b, full & ~agree(part["full"], a, b))
    out[(shared & ~kin) | shorter] = column.level("part")
    only = (part["only"][a] >= 0) | (part["only"][b] >= 0)
    out[only & agree(part["surname"], a, b)] = column.level("surname")
    for level, mask in _spelling(column, a, b, western & full).items():
        out[mask] = column.level(level)
    out[_one_differs(column, a, b, eastern & full)] = column.level("near")
    out[eastern & agree(part["sound"], a, b)] = column.level("sound")
    out[full & ~western & ~eastern] = column.level("other_script")
    spoken = ((part["ahead"][a] == part["ahead"][b]) | (part["ahead"][a] == part["behind"][b])) & (part["ahead"][a] >= 0)
    spoken |= (part["behind"][a] == part["ahead"][b]) & (part["behind"][a] >= 0)
    out[spoken & ~eastern] = column.level("nickname")
    out[agree(part["full"], a, b)] = column.level("same")
    return out


def _spelling(column: Column, a: Codes, b: Codes, where: Mask) -> dict[str, Mask]:
    """Say how Western names are alike: both names near, close, an initial that fits, or another form of the given name."""
    part, texts_of = column.coded, {name: one.texts for name, one in column.reading.parts.items()}
    kin = where & agree(part["family"], a, b)
    given, family = jaro(texts_of["given"], a, b, where), jaro(texts_of["family"], a, b, where)
    initial = ((part["one"][a] >= 0) | (part["one"][b] >= 0)) & agree(part["initial"], a, b)
    apart = where & ~kin & ~agree(part["given"], a, b)  # one long name in common makes any two whole names alike
    whole = jaro(texts_of["full"], a, b, apart)
    return {
        "near": where & (((given >= NEAR) & (family >= NEAR)) | (apart & (whole >= CLOSE))),
        "initial": kin & initial,
        "close": where & (given >= CLOSE) & (family >= CLOSE),
        "nickname": kin & agree(part["nick"], a, b) & ~agree(part["given"], a, b),
    }


def _contained(column: Column, a: Codes, b: Codes, where: Mask) -> Mask:
    """Say where one side gives a part of the other's name: fewer words, or the Chinese given name alone."""
    out = np.zeros(len(a), dtype=bool)
    full = column.reading.parts["full"].texts
    signs, words = Signs(full), np.array([len(set(one.split())) for one in full.tolist()], dtype=np.int64)
    short, long = _by_length(signs, a, b)
    first = signs.rows[:, 0]
    ending = (signs.backwards[short, :2] == signs.backwards[long, :2]).all(axis=1) & (signs.lengths[short] < signs.lengths[long])
    could = np.where((first >= _FIRST)[short] & (first <= _LAST)[short], ending, words[short] < words[long])
    at = np.flatnonzero(where & could)
    out[at] = [_shorter(*pair) for pair in zip(full[short[at]].tolist(), full[long[at]].tolist(), strict=True)]
    return out


def _by_length(signs: Signs, a: Codes, b: Codes) -> tuple[Codes, Codes]:
    """Return the shorter text of each pair, and the longer one."""
    ordered = signs.lengths[a] <= signs.lengths[b]
    return np.where(ordered, a, b), np.where(ordered, b, a)


def _shorter(short: str, long: str) -> bool:
    """
    Say whether one name is the other with something left out.

    >>> _shorter("orla", "fairbrook orla"), _shorter("岚溪", "顾岚溪"), _shorter("顾岚", "顾岚溪"), _shorter("anna", "annabel")
    (True, True, False, False)
    """
    if chinese(short):
        return len(short) > 1 and long.endswith(short)
    return set(short.split()) < set(long.split())


def _one_differs(column: Column, a: Codes, b: Codes, where: Mask) -> Mask:
    """Say where Chinese names differ in one character."""
    out = np.zeros(len(a), dtype=bool)
    at = np.flatnonzero(where)
    full = column.reading.parts["full"].texts
    signs = Signs(full)
    short, long = _by_length(signs, a[at], b[at])
    more = signs.lengths[long] - signs.lengths[short]
    equal = (more == 0) & (signs.lengths[short] > 2) & (signs.rows[short, 0] == signs.rows[long, 0])
    other, shorter = np.flatnonzero(equal), np.flatnonzero((more == 1) & (signs.lengths[long] > 3))
    out[at[other]] = signs.one_other(short[other], long[other])
    out[at[shorter]] = signs.one_left_out(short[shorter], long[shorter])
    wide = np.flatnonzero(signs.wide[long])
    out[at[wide]] = [_slipped(*pair) for pair in zip(full[short[wide]].tolist(), full[long[wide]].tolist(), strict=True)]
    return out


def _slipped(short: str, long: str) -> bool:
    """
    Say whether one of three characters and more was typed wrong behind the surname, or left out of four.

    >>> _slipped("王小明", "王小朋"), _slipped("欧霁川", "欧阳霁川"), _slipped("王明", "王小明"), _slipped("李小明", "王小明")
    (True, True, False, False)
    """
    if len(short) == len(long) > 2:
        return short[0] == long[0] and sum(p != q for p, q in zip(short, long, strict=True)) == 1
    return len(long) == len(short) + 1 > 3 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _share_word(column: Column, a: Codes, b: Codes, where: Mask) -> Mask:
    out = np.zeros(len(a), dtype=bool)
    at = np.flatnonzero(where)
    full = column.reading.parts["full"].texts
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
    spelling = jaro(column.reading.parts["spelt"].texts, a, b)
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
    spelling = jaro(column.reading.parts["spelt"].texts, a, b)
    out[spelling >= NEAR] = column.level("near")
    out[spelling >= CLOSE] = column.level("close")
    out[(double[a] | double[b]) & share] = column.level("part")
    out[agree(column.coded["spelt"], a, b)] = column.level("same")
    return out


PERSON = Family(read_person, compare_person, equal_person, whole=True)
GIVEN = Family(read_given, compare_given, equal_given, whole=True)
FAMILY = Family(read_family, compare_family, whole=True)
