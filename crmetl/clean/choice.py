"""Values from a closed list: choices, owners, yes and no, languages."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from crmetl.clean.kind import Cleaned, Context, SemanticType, reading
from crmetl.clean.script import fold, half_width
from crmetl.clean.tables import words
from crmetl.faults.clean import BOOLEAN_SHAPE, CHOICE_UNKNOWN, LANGUAGE_UNKNOWN, OWNER_UNASSIGNED, OWNER_UNKNOWN
from crmetl.faults.kind import Fault
from crmetl.text import Text


@lru_cache(maxsize=16384)
def choice_key(text: str) -> str:
    """
    Return the form in which texts of code tables are looked up: width, case, blanks and traditional characters do not count.

    >>> choice_key(" 已註銷 "), choice_key("Ｉｎ Active")
    ('已注销', 'inactive')
    """
    return "".join(fold(half_width(text)).casefold().split())


def choices_of(table: Mapping[str, str]) -> Mapping[str, str]:
    """
    Return a code table as contexts hold it: width and case do not count, and every result stands for itself.

    >>> choices_of({"已注销": "deregistered"})
    {'deregistered': 'deregistered', '已注销': 'deregistered'}
    """
    own = {choice_key(value): value for value in table.values()}
    return own | {choice_key(text): value for text, value in table.items()}


def _chosen(raw: str, context: Context) -> str | None:
    choices = context.choices or {}
    return choices.get(raw) or choices.get(choice_key(raw))


def _read_choice(raw: str, context: Context) -> Cleaned | Fault:
    if context.choices is None:
        return Cleaned(raw)
    found = _chosen(raw, context)
    if found is None:
        return CHOICE_UNKNOWN
    return Cleaned(found, () if found == raw else ("choice",))


def _read_owner(raw: str, context: Context) -> Cleaned | Fault:
    if context.choices is None:
        return Cleaned(raw)
    found = _chosen(raw, context)
    if found is not None:
        return Cleaned(found, () if found == raw else ("owner",))
    if context.unassigned:
        return Cleaned(context.unassigned, ("owner_unassigned",), notes=(OWNER_UNASSIGNED,), lossy=True)
    return OWNER_UNKNOWN


_YES: Final = frozenset(words("yes"))
_NO: Final = frozenset(words("no"))


def boolean(raw: str) -> str | Fault:
    """
    Return "yes" or "no", or `BOOLEAN_SHAPE`.

    >>> boolean("是"), boolean("FALSE"), boolean("也许").code
    ('yes', 'no', 'BOOLEAN_SHAPE')
    """
    key = choice_key(raw)
    return "yes" if key in _YES else "no" if key in _NO else BOOLEAN_SHAPE


_LANGUAGES: Final = words("language")


def language(raw: str) -> str | Fault:
    """
    Return the code of a language, or `LANGUAGE_UNKNOWN`.

    Source: BCP 47.

    >>> language("中文"), language("English"), language("zh-TW")
    ('zh', 'en', 'zh-Hant')
    """
    return _LANGUAGES.get(choice_key(raw)) or LANGUAGE_UNKNOWN


def _never(_text: str) -> bool:
    return False


CHOICE = SemanticType("choice", Text("选项", "Choice"), _read_choice, normal=str, recognise=_never)
OWNER = SemanticType("owner", Text("负责人", "Owner"), _read_owner, normal=str, recognise=_never)
BOOLEAN = SemanticType("boolean", Text("是否", "Yes or no"), reading(boolean, "boolean"), "boolean", normal=str)
LANGUAGE = SemanticType("language", Text("语言", "Language"), reading(language, "language"), normal=str)
