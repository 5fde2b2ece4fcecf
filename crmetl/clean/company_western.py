"""Company names in Latin letters: of Chinese firms in English, and of firms elsewhere."""

import re
from typing import Final

from crmetl.clean.countries import country_code
from crmetl.clean.divisions import by_sound, short_name
from crmetl.clean.tables import words

TRADES: Final = words("western_trade")
"""English word of a trade -> the Chinese one, so that both names of a firm have equal trades."""

FORMS: Final = words("western_form")
"""Legal form in Latin letters, without dots -> the Chinese one."""
_STRONG: Final = ("集团", "股份有限公司", "有限公司", "合伙", "公司")
_DOTTED: Final = re.compile(r"\b((?:[a-z]\.){2,}[a-z]?|[a-z](?:\s?/\s?[a-z])+)")
_TOKEN: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BRACKET: Final = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_BRANCH: Final = re.compile(
    r"^(.*?)[\s,-]*\b([a-z' ]*?)\s*\b(branch(?: office)?|representative office|rep\.? office|liaison office)\b\.?$"
)
_FRONT: Final = frozenset({"kk", "ooo", "pt", "zao"})
"""Legal forms that stand before the name."""
_SMALL_WORDS: Final = frozenset({"the", "and", "of", "for", "de", "und", "et", "y", "&"})


def place_of(words: str) -> str:
    """
    Return the short Chinese name of a Chinese place in Latin letters, or "".

    >>> place_of("Xi'an"), place_of("Hong Kong"), place_of("Paris")
    ('西安', '香港', '')
    """
    name = by_sound().get(re.sub(r"[^a-z]", "", words.lower()), "")
    return (short_name(name, "city") if name not in ("陕西省", "山西省") else name[:2]) if name else ""


def _tokens(text: str) -> list[str]:
    joined = _DOTTED.sub(lambda found: re.sub(r"[.\s/]", "", found[1]), text)
    return [token.replace("’", "'") for token in _TOKEN.findall(joined)]


def _bracket(text: str) -> tuple[str, str]:
    region = ""

    def settle(found: re.Match[str]) -> str:
        nonlocal region
        inner = found[1].strip()
        place = place_of(inner) or ("中国" if country_code(inner) == "CN" else "")
        region = region or place
        return " " if place or country_code(inner) else f" {inner} "

    return _BRACKET.sub(settle, text), region


def _leading_place(tokens: list[str]) -> tuple[str, list[str]]:
    for n in (2, 1):
        if len(tokens) > n and place_of("".join(tokens[:n])):
            return place_of("".join(tokens[:n])), tokens[n:]
    return "", tokens


def western_parts(text: str) -> tuple[str, str, str, str, str]:
    """
    Return region, brand, trade, form and branch of a name in lower-case Latin letters.

    >>> western_parts("shanghai huaxin technology co., ltd. beijing branch")
    ('上海', 'huaxin', '科技', '有限公司', '北京分公司')
    >>> western_parts("müller maschinenbau gmbh"), western_parts("the acme trading company (china) limited")
    (('', 'müller maschinenbau', '', '有限公司', ''), ('中国', 'acme', '贸易', '有限公司', ''))
    """
    found = _BRANCH.match(text)
    where = found[2].strip() if found else ""
    branch = (place_of(where) or where) + "分公司" if found else ""
    text, region = _bracket(found[1] if found else text)
    tokens = _tokens(text)
    if len(tokens) > 2 and tokens[0] in _FRONT:
        tokens = [*tokens[1:], tokens[0]]
    forms = [FORMS[token] for token in tokens[1:] if token in FORMS]
    words = [token for n, token in enumerate(tokens) if token not in _SMALL_WORDS and (n == 0 or token not in FORMS)]
    place, rest = _leading_place(words)
    region, words = (place or region), rest
    keep = len(words)
    while keep > 1 and words[keep - 1] in TRADES:
        keep -= 1
    trade = "".join(dict.fromkeys(TRADES[word] for word in words[keep:]))
    form = next((one for one in _STRONG if one in forms), "")
    return region, " ".join(words[:keep]) or text.strip(), trade, form, branch
