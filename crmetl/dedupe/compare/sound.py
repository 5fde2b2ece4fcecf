"""How a name sounds: Chinese by pinyin with the usual confusions folded, Latin by Soundex."""

import re
from functools import cache, lru_cache

from crmetl.clean.script import pinyin

_FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))
"""zh/z, ch/c, sh/s, -ang/-an, -eng/-en, -ing/-in: the pairs that Mandarin speakers mix up when they type by ear."""
_FIRST = {"n": "l", "f": "h"}
"""n/l and f/h at the head of a syllable, the same."""
_SOUNDEX = {letter: code for code, group in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), start=1) for letter in group}
"""R. C. Russell, US patent 1,261,167 (1918), in its usual later form."""


def fold(syllable: str) -> str:
    """
    Return a syllable with its usual confusions folded.

    >>> fold("zhang"), fold("nin"), fold("fu")
    ('zan', 'lin', 'hu')
    """
    for wide, narrow in _FOLDS:
        syllable = syllable.replace(wide, narrow)
    return _FIRST.get(syllable[:1], syllable[:1]) + syllable[1:]


@lru_cache(maxsize=20_000)
def _syllable(character: str) -> str:
    return fold(pinyin(character))


def syllables(name: str) -> str:
    """
    Return the folded pinyin of each character, blanks between.

    Characters are read one by one, so that a name sounds the same wherever it stands.

    >>> syllables("张伟") == syllables("章伟")
    True
    """
    return " ".join(_syllable(one) for one in name)


@cache
def _pinyin_words() -> re.Pattern[str]:
    found = {pinyin(chr(at)) for at in range(0x4E00, 0x9FA6)}
    longest_first = sorted((one for one in found if one.isascii() and one.isalpha()), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(longest_first)}){{2,}}")


def is_pinyin(word: str) -> bool:
    """
    Say whether letters can be read as two or more syllables of Mandarin.

    >>> [is_pinyin(one) for one in ("huaxin", "xian", "siemens", "toyota", "li")]
    [True, True, False, False, False]
    """
    return _pinyin_words().fullmatch(word) is not None


@lru_cache(maxsize=100_000)
def soundex(name: str) -> str:
    """
    Return the Soundex of a Latin name, "" where it has no letter.

    >>> soundex("Robert"), soundex("Rupert"), soundex("")
    ('R163', 'R163', '')
    """
    letters = [one for one in name.lower() if "a" <= one <= "z"]
    if not letters:
        return name[:4]
    out, last = letters[0].upper(), _SOUNDEX.get(letters[0])
    for letter in letters[1:]:
        code = _SOUNDEX.get(letter)
        if code is not None and code != last:
            out += str(code)
        if letter not in "hw":
            last = code
    return (out + "000")[:4]
