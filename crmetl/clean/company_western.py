"""Company names in Latin letters: of Chinese firms in English, and of firms elsewhere."""

import re
from dataclasses import dataclass
from typing import Final

from crmetl.clean.countries import country_code
from crmetl.clean.divisions import BRANDS_TOO, by_sound, short_name
from crmetl.clean.tables import words

TRADES: Final = words("western_trade")
"""English word of a trade -> the Chinese one, so that both names of a firm have equal trades."""

FORMS: Final = words("western_form")
"""Legal form in Latin letters, without dots -> the Chinese one."""
_LAWS: Final = {form: frozenset(countries.split()) for form, countries in words("form_country").items()}
"""Legal form in Latin letters -> the countries whose law knows it."""
_LONG: Final = words("western_short")
"""Short form of a word in names -> the word."""
_STRONG: Final = ("集团", "股份有限公司", "有限公司", "合伙", "公司")
_DOTTED: Final = re.compile(r"\b((?:[a-z]\.){2,}[a-z]?|[a-z](?:\s?/\s?[a-z])+)")
_TOKEN: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BRACKET: Final = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_BRANCH: Final = re.compile(
    r"^(.*?)[\s,-]*\b([a-z' ]*?)\s*\b(branch(?: office)?|representative office|rep\.? office|liaison office)\b\.?$"
)
_INSTITUTION: Final = (
    r"(?:schools?|sch|academy|preschool|college|university|univ|institute|hospital|hosp|clinic|cent(?:er|re)|ctr|care|health"
    r"|dental|pediatrics|therapy|practice|surgery)\.?(?:,? (?:inc|llc|ltd|corp|co)\.?)?"
)
_UNIT: Final = (
    r"(?:(?:department|dept)\b\.?(?: of(?: [a-z&]+){0,3})?|(?:emergency|billing|admissions|outpatient|inpatient|radiology"
    r"|cardiology|oncology|maternity|pharmacy|laborator(?:y|ies)|athletics?|library|bookstore|cafeteria|alumni)"
    r"(?: (?:department|dept|services?|svcs?|office|unit|ward|room|desk))*\b\.?)"
)
_TAIL: Final = r"(?P<tail>,? (?:inc|llc|ltd|corp|co(?:mpany)?)\.?|[ ]*[-(].*)?"
_DEPARTMENTS: Final = (
    re.compile(rf"^(?P<head>.*\b{_INSTITUTION})[\s,:-]+(?P<part>{_UNIT}){_TAIL}$"),
    re.compile(rf"^(?:the )?(?P<part>{_UNIT})\s?[,:-]\s+(?P<head>.{{3,}})$"),
)
"""A part of an institution behind its name, or before it with a mark between; elsewhere the same words are trades."""
_UNIT_WORDS: Final = re.compile(r"\b(?:department|dept|of|services?|svcs?|office|unit|ward|room|desk)\b\.?|[^a-z& ]")
_FRONT: Final = frozenset({"kk", "ooo", "pt", "zao"})
"""Legal forms that stand before the name."""
_ALIAS: Final = re.compile(
    r"^(.{2,}?)[\s,;(\[-]+(?:formerly(?: known as)?|previously(?: known as)?|now(?: known as)?|trading as|doing business as"
    r"|also known as|[taf]/[kas](?:/a)?|[fa]\.?k\.?a\.?|d\.?b\.?a\.?|d/b/a)[:\s]+([^)\]]{2,}?)[)\]\s]*$"
)
"""A former, a present or a trading name beside the name."""
_REMARK: Final = re.compile(
    r"[\s(\[*-]+(?:do not use|don't use|duplicate|dup|inactive|closed(?: down)?|old account|on hold|dormant|deceased|liquidated"
    r"|in liquidation|in administration)[)\]*\s!.]*$"
)
"""What clerks write behind a name."""
_SMALL_WORDS: Final = frozenset({"the", "and", "of", "for", "de", "und", "et", "y", "n", "&"})


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


def _bracket(text: str) -> tuple[str, str, bool]:
    """Return text without the places in brackets, the first Chinese one that is certain, and whether there was any."""
    region, there = "", False

    def settle(found: re.Match[str]) -> str:
        nonlocal region, there
        inner = found[1].strip()
        place = place_of(inner) or ("中国" if country_code(inner) == "CN" else "")
        named = _spelt(inner) or bool(country_code(inner))
        region, there = region or place, there or _spelt(inner)
        return " " if place or named else f" {inner} "

    return _BRACKET.sub(settle, text), region, there


def _spelt(words: str) -> bool:
    """Say whether Latin letters spell a Chinese place, be it one of several (Suzhou)."""
    return re.sub(r"[^a-z]", "", words) in by_sound()


def _leading_place(tokens: list[str]) -> tuple[str, list[str]]:
    """Return the place in front, "" where its spelling is that of several, and the words behind it; a brand is left over."""
    for n in (2, 1):
        rest = tokens[n:]
        if rest and _spelt("".join(tokens[:n])) and not all(one in TRADES for one in rest):
            place = place_of("".join(tokens[:n]))
            return ("", tokens) if place in BRANDS_TOO else (place, rest)
    return "", tokens


@dataclass(frozen=True, slots=True)
class WesternParts:
    """What a name in Latin letters is made of; `countries`: those whose law knows its legal form, by code."""

    region: str
    brand: str
    trade: str
    form: str
    branch: str
    alias: str
    countries: str


def _alias(text: str) -> tuple[str, str]:
    """
    Return a name without the other name that it tells of, and that name.

    >>> _alias("silverdene ltd (formerly oldmere plastics ltd)"), _alias("calderbrook foods ltd t/a brook bakery")
    (('silverdene ltd', 'oldmere plastics ltd'), ('calderbrook foods ltd', 'brook bakery'))
    """
    found = _ALIAS.match(text)
    return (found[1].rstrip(" ,;-"), found[2]) if found else (text, "")


def _department(text: str) -> tuple[str, str]:
    """
    Part the name of an institution from that of a part of it, which people look up, call and visit by itself.

    >>> _department("oldmere hospital pharmacy"), _department("department of cardiology, oldmere clinic")
    (('oldmere hospital', 'pharmacy'), ('oldmere clinic', 'cardiology'))
    >>> _department("golden lotus pharmacy"), _department("oldmere academy outpatient svcs. (leeds)")
    (('golden lotus pharmacy', ''), ('oldmere academy (leeds)', 'outpatient'))
    """
    for shape in _DEPARTMENTS:
        found = shape.match(text)
        if found:
            part = " ".join(_UNIT_WORDS.sub(" ", found["part"]).split())
            return found["head"] + (found.groupdict().get("tail") or ""), part or "department"
    return text, ""


def western_parts(text: str) -> WesternParts:
    """
    Return the parts of a name in lower-case Latin letters.

    >>> western_parts("shanghai huaxin technology co., ltd. beijing branch").branch
    '北京分公司'
    >>> western_parts("müller maschinenbau gmbh").countries, western_parts("the acme trading company (china) limited").brand
    ('AT CH DE', 'acme')
    >>> western_parts("xinyu (suzhou) trading").brand, western_parts("suzhou lanchuan machinery").brand
    ('xinyu', 'lanchuan')
    >>> western_parts("kelworth mfg intl ltd do not use").brand, western_parts("kelworth pumps ltd").trade
    ('kelworth', '泵')
    """
    text, alias = _alias(_REMARK.sub("", text))
    found = _BRANCH.match(text)
    where = found[2].strip() if found else ""
    branch = (place_of(where) or where) + "分公司" if found else ""
    text, part = _department(found[1] if found else text)
    branch = branch or part
    text, region, there = _bracket(text)
    tokens = _tokens(text)
    if len(tokens) > 2 and tokens[0] in _FRONT:
        tokens = [*tokens[1:], tokens[0]]
    told = [token for token in tokens[1:] if token in FORMS]
    words = [token for n, token in enumerate(tokens) if token not in _SMALL_WORDS and (n == 0 or token not in FORMS)]
    place, rest = ("", words) if there else _leading_place(words)
    region, words = (place or region), [_LONG.get(one, one) for one in rest]
    keep = len(words)
    while keep > 1 and words[keep - 1] in TRADES:
        keep -= 1
    trade = "".join(dict.fromkeys(TRADES[word] for word in words[keep:]))
    forms = [FORMS[token] for token in told]
    form = next((one for one in _STRONG if one in forms), "")
    return WesternParts(region, " ".join(words[:keep]) or text.strip(), trade, form, branch, alias, _countries(told))


def _countries(forms: list[str]) -> str:
    """
    Return the countries whose law knows each of these legal forms, "" where any may.

    >>> _countries(["pty", "ltd"]), _countries(["co"])
    ('AU ZA', '')
    """
    laws = [_LAWS[one] for one in forms if one in _LAWS]
    return " ".join(sorted(frozenset.intersection(*laws))) if laws else ""
