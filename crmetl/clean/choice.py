"""Values from a closed list: choices, owners, yes and no, languages."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from crmetl.clean.kind import Cleaned, Context, SemanticType
from crmetl.clean.script import fold, half_width
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
    Return a code table as contexts hold it: looked up without regard to width and case, and with every result standing for itself.

    >>> choices_of({"已注销": "deregistered"})
    {'deregistered': 'deregistered', '已注销': 'deregistered'}
    """
    return {choice_key(value): value for value in table.values()} | {choice_key(text): value for text, value in table.items()}


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


_YES: Final = frozenset("yes y true t 1 是 是的 对 有 真 √ ✓ ✔ on 启用 已 同意 yes. 1.0".split())
_NO: Final = frozenset("no n false f 0 否 不 不是 错 没有 假 × x ✗ ✘ off 停用 未 不同意 0.0".split())


def boolean(raw: str) -> str | Fault:
    """
    Return "yes" or "no", or `BOOLEAN_SHAPE`.

    >>> boolean("是"), boolean("FALSE"), boolean("也许").code
    ('yes', 'no', 'BOOLEAN_SHAPE')
    """
    key = choice_key(raw)
    return "yes" if key in _YES else "no" if key in _NO else BOOLEAN_SHAPE


def _read_boolean(raw: str, context: Context) -> Cleaned | Fault:  # noqa: ARG001 all are read alike
    found = boolean(raw)
    return found if isinstance(found, Fault) else Cleaned(found, () if found == raw else ("boolean",))


_LANGUAGES: Final = {
    **dict.fromkeys("zh zh-cn zh_cn zho chi chinese 中文 汉语 简体中文 普通话 国语 mandarin cn".split(), "zh"),
    **dict.fromkeys("zh-tw zh_tw zh-hk zh-hant 繁体中文 繁体".split(), "zh-Hant"),
    **dict.fromkeys("en en-us en-gb en_us en_gb eng english 英语 英文".split(), "en"),
    **dict.fromkeys("ja jp jpn japanese 日语 日文".split(), "ja"),
    **dict.fromkeys("ko kor korean 韩语 韩文".split(), "ko"),
    **dict.fromkeys("de deu ger german deutsch 德语 德文".split(), "de"),
    **dict.fromkeys("fr fra fre french 法语 法文".split(), "fr"),
    **dict.fromkeys("es spa spanish 西班牙语".split(), "es"),
    **dict.fromkeys("ru rus russian 俄语 俄文".split(), "ru"),
    **dict.fromkeys("pt por portuguese 葡萄牙语".split(), "pt"),
    **dict.fromkeys("it ita italian 意大利语".split(), "it"),
    **dict.fromkeys("ar ara arabic 阿拉伯语".split(), "ar"),
    **dict.fromkeys("vi vie vietnamese 越南语".split(), "vi"),
    **dict.fromkeys("th tha thai 泰语".split(), "th"),
}


def language(raw: str) -> str | Fault:
    """
    Return the code of a language, or `LANGUAGE_UNKNOWN`.

    Source: BCP 47.

    >>> language("中文"), language("English"), language("zh-TW")
    ('zh', 'en', 'zh-Hant')
    """
    return _LANGUAGES.get(choice_key(raw)) or LANGUAGE_UNKNOWN


def _read_language(raw: str, context: Context) -> Cleaned | Fault:  # noqa: ARG001 all are read alike
    found = language(raw)
    return found if isinstance(found, Fault) else Cleaned(found, () if found == raw else ("language",))


def _never(_text: str) -> bool:
    return False


CHOICE = SemanticType("choice", Text("选项", "Choice"), _read_choice, normal=str, recognise=_never)
OWNER = SemanticType("owner", Text("负责人", "Owner"), _read_owner, normal=str, recognise=_never)
BOOLEAN = SemanticType("boolean", Text("是否", "Yes or no"), _read_boolean, "boolean", normal=str)
LANGUAGE = SemanticType("language", Text("语言", "Language"), _read_language, normal=str)
