"""Whether a column of names names people, organisations, or things."""

import re
from collections.abc import Iterable
from typing import Final, Literal

from crmetl.clean.company import COMPANY_NAME, company_parts
from crmetl.clean.company_western import FORMS, TRADES
from crmetl.clean.person import surname_of
from crmetl.clean.script import half_width, has_cjk
from crmetl.clean.tables import words

Named = Literal["person_name", "company_name", "text"]

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
ORGANISATIONS: Final = """
academy agency alliance associates association bakery bank bar bistro board bros brothers bureau cafe café caffe center centers
centre centres chapel charity childcare church clinic club coffee college committee company cooperative council daycare deli
delicatessen dental department diner enterprise factory farm farms federation foundation gallery garage garden gardens grill
grille hospital hotel house inn institute kindergarten kitchen laundry league learning library lounge market mart ministry
mission montessori motel museum nursery office partners pharmacy pizza pizzeria preschool press program project pub restaurant
ristorante salon school schools shop shops society steakhouse store stores studio studios supermarket tavern temple theater
theatre trattoria trust union university workshop ymca
"""
"""Words that stand in names of organisations and places of business, hardly ever in a person's."""
JOINED: Final = "of and at for in on by the la le les el los las der die das und et y de du"
"""Articles and prepositions; those that are particles of family names too are left out of them."""

_ORGANISATIONS: Final = frozenset(ORGANISATIONS.split())
_JOINED: Final = frozenset(JOINED.split()) - frozenset(words("name_particle"))
_POSSESSIVE: Final = re.compile(r"[a-z]['’]s\b", re.IGNORECASE)
_MARKS: Final = re.compile(r"[&+@/|()\"]|\d")
_TITLED: Final = re.compile(r"^(?:mr|mrs|ms|miss|dr|prof|sir|lady|lord|rev|capt)\b\.?\s", re.IGNORECASE)
_PERSON: Final = re.compile(r"[^\W\d_]+(?:['’´`.-][^\W\d_]*)*\.?,?(?: [^\W\d_]+(?:['’´`.-][^\W\d_]*)*\.?,?){1,4}", re.IGNORECASE)
_SHORT_FORMS: Final = frozenset(("sa", "as", "ag", "se", "nv", "ab", "sl", "co", "real", "new", "design"))
"""Legal forms and trade words that are also syllables or names of people; they count at the end of a name only."""


def names_organisation(name: str) -> bool:
    """
    Say whether a name holds something that a person's does not: a legal form, a trade, an article, a number.

    >>> [names_organisation(one) for one in ("Art's Delicatessen", "Grill on the Alley", "恒曜贸易", "华兴五金店", "4Rivers")]
    [True, True, True, True, True]
    >>> [names_organisation(one) for one in ("Anna van der Berg", "O'Brien, Pat", "欧阳建国", "王芳")]
    [False, False, False, False]
    """
    text = half_width(name).strip()
    if has_cjk(text):
        bare = "".join(text.split())
        return not _chinese_person(bare)
    if _TITLED.match(text):
        return False
    tokens = [one.casefold() for one in _WORD.findall(text)]
    told = {one for one in tokens if one in _ORGANISATIONS or one in FORMS or one in TRADES} - _SHORT_FORMS
    last = tokens[-1] if len(tokens) > 1 and tokens[-1] in _SHORT_FORMS and tokens[-1] in FORMS else ""
    joined = any(one in _JOINED for one in tokens)
    return bool(told or last or joined or _POSSESSIVE.search(text) or _MARKS.search(text) or COMPANY_NAME.looks_like(text))


def _chinese_person(bare: str) -> bool:
    """Say whether a Chinese name can be a person's: a surname and one or two characters more, none of them a trade's."""
    surname = surname_of(bare)
    if not surname or not 2 <= len(bare) <= len(surname) + 2 or not all("\u3400" <= one <= "\u9fff" for one in bare):
        return False
    return len(bare) < 4 or len(surname) == 2 or not company_parts(bare).trade


def names_person(name: str) -> bool:
    """
    Say whether a name has the shape of a person's whole name, and nothing of an organisation's.

    >>> [names_person(one) for one in ("John Smith", "SMITH, JOHN Q.", "王芳", "Campanile", "Bank of Leeds", "恒曜贸易")]
    [True, True, True, False, False, False]
    """
    text = " ".join(half_width(name).split())
    if has_cjk(text):
        return _chinese_person("".join(text.split()))
    return _PERSON.fullmatch(text) is not None and not names_organisation(text)


MANY_ORGANISATIONS = 0.2
"""Share of names with something of an organisation: half of the names of shops tell nothing, people's hardly ever do."""
MOSTLY_PEOPLE = 0.7
LONG_TITLE = 6.0
"""Words, on average, from which on names are titles of works and goods."""


def named(values: Iterable[str]) -> Named:
    """
    Say what a column of names names: a few firms among people are a column of customers, hence of firms.

    Args:
        values: Different cells.

    >>> named(["张伟", "王芳", "李娜"]), named(["恒曜贸易有限公司", "张伟", "澜川机械"])
    ('person_name', 'company_name')
    >>> named(["Campanile", "Citrus", "Art's Deli", "Chinois on Main"]), named(["Ann Lee", "Bob Ross", "Cy Young"])
    ('company_name', 'person_name')
    """
    asked = list(values)
    if not asked:
        return "text"
    lengths = [1 + one.count(" ") for one in asked if not has_cjk(one)]
    if lengths and sum(lengths) / len(lengths) >= LONG_TITLE:
        return "text"
    organisations = sum(map(names_organisation, asked)) / len(asked)
    people = sum(map(names_person, asked)) / len(asked)
    if organisations < MANY_ORGANISATIONS and people >= MOSTLY_PEOPLE:
        return "person_name"
    return "company_name"
