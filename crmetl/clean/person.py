"""Names of persons, Chinese and Western: written for display, titles apart."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from crmetl.clean.kind import Cleaned, Context, SemanticType, reading
from crmetl.clean.script import at_rest, fold, half_width, has_cjk, pinyin
from crmetl.clean.tables import lines, words
from crmetl.faults.clean import PERSON_MIXED, PERSON_NO_NAME, PERSON_SEVERAL
from crmetl.faults.kind import Fault
from crmetl.text import Text

_SINGLE, _COMPOUND_LINE = lines("surnames.txt")
SURNAMES: Final = frozenset(_SINGLE)
COMPOUND: Final = frozenset(_COMPOUND_LINE.split())

_TITLES: Final = tuple(words("title"))
_TITLE_TAIL: Final = re.compile(rf"^(.+?)\s*[(（]?({'|'.join(sorted(_TITLES, key=len, reverse=True))})[)）]?$")
_WEAK: Final = frozenset(words("weak_title"))
"""Titles that could also end a given name; they count only behind a surname that is known."""
_BARE: Final = re.compile(r"[\u3400-\u9fff]{2,4}(?:·[\u3400-\u9fff]{1,8})*")
_GAP: Final = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_LONGEST_NAME: Final = 4
"""Of a Chinese name; in a longer cell a blank parts the name from a company or a note."""
_DOT: Final = re.compile(r"\s*[·•．・‧∙.]\s*(?=[\u3400-\u9fff])")
_EDGE: Final = " ,，.。;；:：、/\\-_*'\"“”‘’()（）"
_WESTERN_TITLE: Final = re.compile(
    r"^(mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|herr|frau|monsieur|mme|m\.)\b\.?\s+", re.IGNORECASE
)
_SALUTATIONS: Final = words("salutation")
_SUFFIX: Final = re.compile(r"^(?:jr|sr|ii|iii|iv|phd|ph\.d|md|esq|mba)\.?$", re.IGNORECASE)
_PARTICLES: Final = frozenset(words("name_particle"))
_LOUD: Final = re.compile(r"(?:Mc|Mac|O'|D')[A-Z]{3,}")
_JOB: Final = frozenset(words("western_job"))
_DESKS: Final = frozenset(words("desk"))
_FAMILIAR: Final = "老小"
"""In front of a bare surname (老王, 小李)."""
_NOT_FAMILIAR: Final = frozenset(("小林",))
"""Is a name as it stands (Kobayashi)."""
_EITHER: Final = re.compile(r"\s*(?:先生|女士|小姐)\s*[/／或]\s*(?:先生|女士|小姐)$")
_BETWEEN: Final = re.compile(r"\s*[/／、,，;；&]\s*")
_REACH: Final = re.compile(r"\d{5,}|\d[\d-]{6,}|@")
_WORD: Final = re.compile(r"[^\W\d_]+", re.UNICODE)


def person_display(raw: str) -> str:
    """
    Write a person's name as a card does: no blanks inside a Chinese name, first name first and sane capitals in a Western one.

    >>> person_display("张 三"), person_display("菲 欧阳"), person_display("SMITH, John"), person_display("anna van der berg")
    ('张三', '欧阳菲', 'John Smith', 'Anna van der Berg')
    """
    return at_rest(_displayed, raw)


def _displayed(raw: str) -> str:
    text = raw.strip(_EDGE) or raw
    if has_cjk(text):
        whole = len(text.replace(" ", "")) <= _LONGEST_NAME or _TITLE_TAIL.match(text)
        return _DOT.sub("·", _GAP.sub("", _surname_first(text)) if whole else text)
    return _western(half_width(text)) or raw


def _surname_first(text: str) -> str:
    """Return a Chinese name written in two words in its own order, where only the second of them can be the surname."""
    given, _, last = text.partition(" ")
    swapped = last != "" and surname_of(last) == last and not surname_of(given)
    return last + given if swapped else text


def _western(text: str) -> str:
    words = _in_order(text).split()
    one_case = text.isupper() or text.islower()
    return " ".join(_capital(word, first=n == 0, one_case=one_case) for n, word in enumerate(words)) or text


def _in_order(text: str) -> str:
    """Return a name that may stand as "Last, First", the given name first and a suffix (Jr, III) last."""
    parts = [part.split() for part in text.split(",") if part.strip()]
    if len(parts) < 2 or len(parts) > 3:
        return text
    suffixes = [part.pop() for part in parts if len(part) > 1 and _SUFFIX.match(part[-1])]
    suffixes += [part[0] for part in parts if len(part) == 1 and _SUFFIX.match(part[0])]
    names = [part for part in parts if not (len(part) == 1 and _SUFFIX.match(part[0]))]
    if len(names) != 2 or len(names[1]) > 3 or len(names[0]) > 4 or _JOB.intersection(map(str.lower, (*names[0], *names[1]))):
        return text
    return " ".join((*names[1], *names[0], *suffixes))


def _capital(word: str, *, first: bool, one_case: bool) -> str:
    low = word.lower()
    if low in _PARTICLES and not first:
        return low if one_case else word
    loud = (word.isupper() and len(word) > 2) or _LOUD.fullmatch(word)
    if (not one_case and not loud) or _SUFFIX.match(word):
        return word
    cased = _WORD.sub(lambda found: found[0].capitalize() if len(found[0]) > 1 or found.start() == 0 else found[0], low)
    return cased[:2] + cased[2:].capitalize() if low.startswith("mc") and len(low) > 4 else cased


def person_title(raw: str) -> tuple[str, str]:
    """
    Part a name from its title; where only a surname would be left, the name keeps it.

    >>> person_title("王建国总"), person_title("李娜女士"), person_title("王总"), person_title("Dr. John Smith")
    (('王建国', '总'), ('李娜', '女士'), ('王总', '总'), ('John Smith', 'Dr'))
    >>> person_title("老王"), person_title("小林"), person_title("张伟先生/女士")
    (('老王', '老'), ('小林', ''), ('张伟', ''))
    """
    either = _EITHER.search(raw)
    if either and either.start():
        return raw[: either.start()], ""
    western = _WESTERN_TITLE.match(raw)
    if western:
        rest = raw[western.end() :]
        return (rest if " " in rest.strip() else raw), _SALUTATIONS[western[1].lower()]
    if raw[:1] in _FAMILIAR and _familiar(raw):
        return raw, raw[0]
    found = _TITLE_TAIL.match(raw)
    if not found or not has_cjk(found[1]):
        return raw, ""
    name, title = found[1].strip(_EDGE), found[2]
    surname = surname_of(name) or (name if _familiar(name) else "")
    if not surname or (title in _WEAK and len(name) - len(surname) > 2):
        return raw, ""
    return (raw if name == surname else name), title


def _familiar(name: str) -> bool:
    """Say whether a name is a surname with 老 or 小 in front."""
    return name[:1] in _FAMILIAR and 1 < len(name) <= 3 and surname_of(name[1:]) == name[1:] and name not in _NOT_FAMILIAR


@lru_cache(maxsize=65536)
def surname_of(name: str) -> str:
    """
    Return the Chinese surname at the front of a name, or "".

    >>> surname_of("欧阳修"), surname_of("王建国"), surname_of("鸣谢")
    ('欧阳', '王', '')
    """
    simple = fold(name)
    if simple[:2] in COMPOUND:
        return name[:2]
    return name[:1] if simple[:1] in SURNAMES else ""


def _read(raw: str, _context: Context) -> Cleaned | Fault:
    if _BARE.fullmatch(raw) and raw[-1] not in _LAST_OF_TITLES and raw[0] not in _FAMILIAR and raw not in _DESKS:
        return Cleaned(raw)
    shown = person_display(raw)
    name, title = person_title(shown)
    value = person_display(name)
    rules = (("person_display",) if shown != raw else ()) + (("person_title",) if name != shown else ())
    return Cleaned(value, rules if value != raw else (), {"salutation": title} if title else {}, _doubts(value))


def _doubts(value: str) -> tuple[Fault, ...]:
    """Return what speaks against a cell as the name of one person."""
    if value.casefold() in _DESKS or value in _TITLES:
        return (PERSON_NO_NAME,)
    if _REACH.search(value) or ("," in value and _JOB.intersection(re.split(r"[\s,]+", value.lower()))):
        return (PERSON_MIXED,)
    parts = _BETWEEN.split(value)
    return (PERSON_SEVERAL,) if len(parts) > 1 and all(map(_whole_name, parts)) else ()


def _whole_name(part: str) -> bool:
    if has_cjk(part):
        name, _ = person_title(part)
        return len(name) <= _LONGEST_NAME and bool(surname_of(name))
    return _TWO_WORDS.fullmatch(part) is not None


_LAST_OF_TITLES: Final = frozenset(title[-1] for title in _TITLES)


def _untitled(value: str) -> str:
    name, title = person_title(person_display(value))
    if title and name.endswith(title) and len(name) > len(title):
        name = name[: -len(title)]
    return name[1:] if _familiar(name) else name


def _core(value: str) -> str:
    return fold(half_width(_untitled(value))).casefold()


@lru_cache(maxsize=131072)
def person_normal(value: str) -> str:
    """
    Return a name in its form for comparison: no title, simplified, no blanks; Western words in alphabetical order.

    >>> person_normal("張偉先生"), person_normal("John Smith") == person_normal("smith john"), person_normal("王总")
    ('张伟', True, '王')
    """
    spelt = person_spelt(value)
    return spelt if has_cjk(spelt) else " ".join(sorted(spelt.split()))


@lru_cache(maxsize=131072)
def person_spelt(value: str) -> str:
    """
    Return a name in its form for comparison, Western words as they are written, the family name last.

    >>> person_spelt("張偉先生"), person_spelt("Dr. John Smith"), person_spelt("Smith, John")
    ('张伟', 'john smith', 'john smith')
    """
    core = _core(value)
    if has_cjk(core):
        return "".join(core.split()) or value
    return " ".join(_WORD.findall(core)) or value


def person_keys(value: str) -> tuple[str, ...]:
    """
    Return the name, and how it sounds.

    >>> person_keys("张伟"), person_keys("Zhang Wei")
    (('张伟', 'weizhang'), ('wei zhang', 'weizhang'))
    """
    normal = person_normal(value)
    surname = surname_of(normal) if has_cjk(normal) else ""
    sound = "".join(sorted((pinyin(surname), pinyin(normal[len(surname) :])))) if surname else normal.replace(" ", "")
    return normal, sound


def person_facts(value: str) -> Mapping[str, str]:
    """
    Return `surname`, `given` and `title` where they can be told.

    >>> person_facts("欧阳建国"), person_facts("王总")
    ({'surname': '欧阳', 'given': '建国'}, {'surname': '王', 'title': '总'})
    """
    _, title = person_title(value)
    core = _untitled(value)
    more = {"title": title} if title else {}
    if has_cjk(core):
        surname = surname_of(core)
        given = core[len(surname) :] if surname else ""
        return {**({"surname": surname} if surname else {}), **({"given": given} if given else {}), **more}
    words = [word for word in core.split() if not _SUFFIX.match(word)]
    if len(words) < 2:
        return more
    return {"surname": words[-1], "given": " ".join(words[:-1]), **more}


def person_mask(value: str) -> str:
    """
    Hide a name but for its ends.

    >>> person_mask("周建宁"), person_mask("周宁"), person_mask("John Smith")
    ('周*宁', '周*', 'J*** S***')
    """
    if has_cjk(value):
        return value[0] + "*" * max(1, len(value) - 2) + (value[-1] if len(value) > 2 else "")
    return " ".join(word[0] + "***" for word in value.split())


_ORGANISATION: Final = re.compile(r"公司|集团|厂$|店$|部$|中心|省|市|区|县|路|号|级|型|类|款")
_TWO_WORDS: Final = re.compile(r"[A-Z][a-z'’-]+(?: (?:[A-Z]\.?|[a-z]{2,3}|[A-Z][A-Za-z'’-]+)){1,3}")


def _looks(text: str) -> bool:
    if has_cjk(text):
        bare = "".join(text.split())
        return 2 <= len(bare) <= 6 and bool(surname_of(bare)) and _ORGANISATION.search(bare) is None
    return _TWO_WORDS.fullmatch(text) is not None


_read_part = reading(person_display, "person_display")

PERSON_NAME = SemanticType(
    "person_name", Text("姓名", "Name"), _read, personal=True, normal=person_normal, match=person_keys, mask=person_mask,
    facts=person_facts, recognise=_looks, tells=("salutation",),
)  # fmt: skip
GIVEN_NAME = SemanticType(
    "given_name", Text("名", "Given name"), _read_part, personal=True, normal=person_normal, mask=person_mask
)
FAMILY_NAME = SemanticType(
    "family_name", Text("姓", "Family name"), _read_part, personal=True, normal=person_normal, mask=person_mask
)
