"""The declared comparison levels: what agreement of each kind of field is worth before anything was trained."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Counted = Literal["records", "owners"]
"""How a value's frequency is measured: by the records that hold it, or by the different names it is held under."""


@dataclass(frozen=True)
class Level:
    """
    One comparison level of a semantic type.

    Attributes:
        name: Shown in explanations.
        m: Share of true pairs at this level.
        u: Share of random pairs at this level; for a counted level, of random records that hold one given value.
        counted: The weight follows the measured frequency of the value in common; None: it does not.
        loss: Most bits that frequency may take away.
        gain: Most bits that rarity may add.
        fixed: Not touched by training: a declared contradiction, or a level that stands for missing knowledge.
        because: Where m and u come from.
    """

    name: str
    m: float
    u: float
    counted: Counted | None = None
    loss: float = 14.0
    gain: float = 0.0
    fixed: bool = False
    because: str = ""

    @property
    def mbit(self) -> int:
        """
        Return the match weight log2(m / u) in 1/1000 bit.

        >>> Level("same", m=0.5, u=0.125).mbit
        2000
        """
        return round(1000 * math.log2(self.m / self.u))


MISSING = "missing"
SHARED = "shared"
"""Level of a way to reach somebody when the names contradict each other: one person or office may serve two firms."""

_SHARED = Level(
    SHARED, 1, 1, fixed=True, because="two firms of one owner, or behind one switchboard, share it; it then tells nothing"
)


def _number(same: float, other: float) -> tuple[Level, ...]:
    return (
        Level("same", same, 1e-6, "owners", because="some 10^9 numbers in use; a shared switchboard loses by its owners"),
        Level("masked", 0.05, 1e-5, because="first three and last four digits, the middle hidden"),
        Level("bare", 0.03, 1e-6, because="one side leaves the area code out"),
        Level("edit", 0.05, 1e-4, because="one digit mistyped; 11 digits x 9 others, and runs of numbers of one office"),
        Level("near", 0.02, 1e-3, because="two digits mistyped"),
        Level("else", other, 1, because="firms and people change numbers and have several"),
        _SHARED,
    )


COMPANY = (
    Level("same", 0.5, 1e-6, "owners", loss=2, because="brand, trade and place agree; a registry gives them once"),
    Level(
        "trimmed",
        0.3,
        4e-4,
        "owners",
        loss=6,
        because="brand and trade agree, one side leaves place or legal form out: other cities have the name, too",
    ),
    Level("short", 0.2, 5e-3, "owners", loss=4, because="brand agrees, one side leaves the trade out: a brand has many trades"),
    Level("sound", 0.05, 1e-3, because="brand sounds alike, trade agrees: typed by ear, or another firm that sounds so"),
    Level("edit", 0.08, 8e-3, because="brand differs in one character: as often another firm as a slip; other fields decide"),
    Level("part", 0.03, 2e-3, because="one brand contains the other"),
    Level("close", 0.06, 1e-4, because="Latin words that are nearly the same (token sort ratio >= 92)"),
    Level("near", 0.03, 1e-3, because="Latin words alike (>= 80)"),
    Level("words", 0.03, 2e-3, because="the words of one Latin name stand in the other (token set ratio >= 90)"),
    Level("far", 0.02, 2e-2, because="Latin words somewhat alike (>= 65)"),
    Level("other_script", 0.5, 0.5, fixed=True, because="a Chinese and a Latin name cannot be compared by characters"),
    Level("sister", 1e-5, 0.2, fixed=True, because="same brand, other trade: sister companies of one group"),
    Level("other_city", 1e-6, 0.2, fixed=True, because="same brand in another city is another company"),
    Level("other_branch", 1e-6, 0.2, fixed=True, because="a branch is kept apart from its head office and from other branches"),
    Level("else", 2e-5, 1, fixed=True, because="names that have nothing in common; a rename is for a person to see"),
)
PERSON = (
    Level(
        "same",
        0.7,
        2e-3,
        "records",
        loss=6,
        gain=6,
        because="5.6 % of Chinese full names are shared by two people in a firm's files",
    ),
    Level("nickname", 0.04, 2e-4, because="family name the same, another form of the given name, or the same name in pinyin"),
    Level("close", 0.06, 3e-4, because="one slip in each name at most (Jaro-Winkler >= .92), or a middle name more"),
    Level("sound", 0.05, 2e-3, because="same pinyin, other characters"),
    Level("initial", 0.03, 2e-3, because="family name the same, an initial that fits"),
    Level("near", 0.02, 1e-2, because="each name rather close (>= .84), or one character of three differs: siblings too"),
    Level(
        "other_script", 0.03, 0.1, because="a Chinese name and a Latin one that is not its pinyin: an English name, or another"
    ),
    Level("surname", 0.1, 0.05, because="one side has the surname only (王总)"),
    Level("part", 0.02, 0.01, because="another name in common"),
    Level(
        "family", 0.004, 0.04, because="family name the same, given name another: kin or colleagues far more often than a slip"
    ),
    Level("else", 0.01, 1, because="people marry and use English names; otherwise it is somebody else"),
    _SHARED,
)
EVIDENCE_PERSON = (
    Level(
        "same",
        0.5,
        0.15,
        fixed=True,
        because="a person's name is weak evidence for a firm: namesakes, and one boss with two firms",
    ),
    Level("nickname", 0.05, 0.03, fixed=True, because="the same, in another form"),
    Level("close", 0.05, 0.03, fixed=True, because="the same, with a slip"),
    Level("sound", 0.05, 0.03, fixed=True, because="the same, typed by ear"),
    Level("initial", 0.05, 0.05, fixed=True, because="tells nothing of a firm"),
    Level("near", 0.05, 0.05, fixed=True, because="tells nothing of a firm"),
    Level("other_script", 0.1, 0.1, fixed=True, because="tells nothing of a firm"),
    Level("surname", 0.1, 0.08, fixed=True, because="the same, surname only"),
    Level("part", 0.05, 0.05, fixed=True, because="tells nothing of a firm"),
    Level("family", 0.05, 0.05, fixed=True, because="tells nothing of a firm"),
    Level("else", 0.7, 1, fixed=True, because="a firm has several contacts"),
    _SHARED,
)
GIVEN = (
    Level("same", 0.75, 1e-2, "records", loss=8, gain=6, because="the commonest given names are held by 1-3 %"),
    Level("nickname", 0.05, 2e-3, because="another form of the same name (Bill, William)"),
    Level("close", 0.08, 3e-3, because="Jaro-Winkler >= .92: one slip"),
    Level("swapped", 0.02, 3e-4, because="the other record has it as the family name"),
    Level("initial", 0.05, 2e-2, because="only the initial is given, and it fits"),
    Level("near", 0.02, 2e-2, because="Jaro-Winkler >= .84: slips, and other names as often"),
    Level("else", 0.03, 1, because="slips beyond the near level, second names"),
)
FAMILY = (
    Level(
        "same",
        0.8,
        4e-3,
        "records",
        loss=8,
        gain=6,
        because="the commonest family names are held by 1 % (Western), 7 % (Chinese: measured)",
    ),
    Level("close", 0.08, 1e-3, because="Jaro-Winkler >= .92: one slip"),
    Level("swapped", 0.02, 3e-4, because="the other record has it as the given name"),
    Level("part", 0.03, 2e-3, because="one part of a double name"),
    Level("near", 0.02, 8e-3, because="Jaro-Winkler >= .84: slips, and other names as often"),
    Level("else", 0.03, 1, because="marriage, and slips beyond the near level"),
)
EMAIL = (
    Level("same", 0.5, 1e-6, "owners", because="a mailbox belongs to one person or office"),
    Level("close", 0.05, 1e-4, because="same domain, mailbox differs in one character"),
    Level("local", 0.05, 1e-4, because="same mailbox name at another domain"),
    Level("slip", 0.03, 2e-4, because="the whole address is at most two slips off"),
    Level("alike", 0.03, 2e-3, because="mailbox names alike (Jaro-Winkler >= .9), as those of one name are"),
    Level("domain", 0.3, 1e-3, "owners", because="domain of a firm; free mail is left out"),
    Level("else", 0.35, 1, because="people have several addresses"),
    _SHARED,
)
WEB = (
    Level("same", 0.7, 5e-5, "owners", because="a domain belongs to one firm or group"),
    Level("else", 0.25, 1, because="firms change and add sites"),
    _SHARED,
)
CODE = (
    Level("same", 0.9, 1e-7, "owners", loss=4, because="a registered number names one holder"),
    Level("body", 0.05, 1e-6, because="an organisation code of former days, and the credit code that holds it"),
    Level("edit", 0.05, 1e-5, because="one or two characters mistyped"),
    Level("unproven", 0.3, 1, fixed=True, because="other numbers, one with a wrong check character: it was mistyped"),
    Level("else", 1e-3, 1, because="another number is another holder, slips aside"),
)
ID = (
    Level("same", 0.85, 1e-5, "owners", because="a number of any system; its frequency decides"),
    Level("edit", 0.08, 2e-4, because="one or two characters mistyped"),
    Level("else", 0.03, 1, because="several numbers of one person are rare"),
)
ADDRESS = (
    Level("same", 0.6, 1e-4, "owners", loss=10, because="road and number; office towers are shared"),
    Level("close", 0.15, 1e-3, because="same number, road written nearly alike, or texts nearly alike"),
    Level("near", 0.04, 2e-3, because="lines alike, with another number"),
    Level("road", 0.1, 5e-3, because="same road, other number"),
    Level("number", 0.02, 1e-2, because="same house number, another road"),
    Level("else", 0.15, 1, because="firms and people move, and have several addresses"),
    _SHARED,
)
PLACE = (
    Level("same", 0.9, 5e-2, "records", loss=3, gain=4, because="share of the commonest cities among customers; measured"),
    Level("close", 0.05, 5e-3, because="Jaro-Winkler >= .88"),
    Level("else", 0.02, 1, because="a customer in another city is rarely the same customer"),
)
REGION = (
    Level("same", 0.95, 0.12, "records", loss=2, gain=2, because="some 30 provinces or 8 states, unevenly used"),
    Level("else", 0.05, 1, because="wrong province beside the right city"),
)
POSTCODE = (
    Level("same", 0.85, 1e-3, "records", loss=4, gain=3, because="thousands of codes; goes with the city, so it is capped"),
    Level("edit", 0.05, 4e-3, because="one digit mistyped or two swapped"),
    Level("area", 0.03, 2e-2, because="the first three characters: the same area"),
    Level("else", 0.06, 1, because="moves, and codes guessed by the typist"),
)
DAY = (
    Level(
        "same", 0.85, 5e-5, "records", loss=6, gain=1, because="some 20,000 birth dates in use; 1 January and placeholders lose"
    ),
    Level("close", 0.08, 2e-3, because="one digit, or day and month swapped"),
    Level("new_year", 0.02, 1e-3, because="same year, one side the 1 January that stands for an unknown day"),
    Level("two", 0.02, 6e-3, because="two of year, month and day"),
    Level("year", 0.02, 1.5e-2, because="year only"),
    Level("else", 0.04, 1, because="58 % of true pairs of one public set differ, so it is strong evidence and no veto"),
    _SHARED,
)
TEXT = (
    Level("same", 0.5, 3e-2, "records", loss=4, gain=4, because="no knowledge of the field: its frequency decides"),
    Level("close", 0.1, 2e-2, because="nine of ten letters agree"),
    Level("else", 0.3, 1, because="free text varies"),
)

LEVELS: Mapping[str, tuple[Level, ...]] = {
    "company_name": COMPANY,
    "person_name": PERSON,
    "given_name": GIVEN,
    "family_name": FAMILY,
    "phone": _number(0.5, 0.4),
    "mobile": _number(0.6, 0.2),
    "email": EMAIL,
    "url": WEB,
    "uscc": CODE,
    "tax_id": CODE,
    "id_code": ID,
    "address": ADDRESS,
    "city": PLACE,
    "region": REGION,
    "country": REGION,
    "postcode": POSTCODE,
    "date_of_birth": DAY,
    "date": DAY,
    "text": TEXT,
}
"""Semantic type -> its levels, best first; a type that is not here compares as `text`."""

OTHER_PERSON = frozenset({"family", "else"})
"""Levels of a person's whole name at which shared numbers and addresses tell nothing: a household, or one desk."""
NAMES = ("company_name", "person_name", "given_name", "family_name")
"""Types that say who a record is of."""
DAYS = frozenset({"date_of_birth", "date"})
NAMELESS = frozenset({"address", *DAYS})
"""Types that tell nothing alone of a record without a name: a house has many people, and every day its births."""
CONTRADICTING = frozenset({"sister", "other_city", "other_branch", "else"})
"""Levels of a company name at which shared phones, addresses and people tell nothing."""


def _changed(kind: str, **u: float) -> tuple[Level, ...]:
    """Return the levels of a type with another u here and there, no longer counted there."""
    return tuple(replace(one, u=u[one.name], counted=None) if one.name in u else one for one in LEVELS[kind])


EVIDENCE: Mapping[str, tuple[Level, ...]] = {
    "person_name": EVIDENCE_PERSON,
    **{
        kind: tuple(replace(one, m=0.9) if one.name == "else" else one for one in LEVELS[kind])
        for kind in ("phone", "mobile", "email")
    },
}
"""Semantic type -> its levels where the field is another entity's: another contact of a firm has other numbers."""


SIBLINGS: Mapping[str, tuple[Level, ...]] = {
    "person_name": tuple(replace(one, gain=0.0) for one in PERSON),
    "phone": _changed("phone", same=0.3, masked=0.05, bare=0.3, edit=0.05, near=0.05),
    "email": _changed("email", domain=0.6, local=1e-3),
    "mobile": tuple(replace(one, m=0.1) if one.name == "else" else one for one in _changed("mobile", edit=5e-3, near=1e-2)),
}
"""
Semantic type -> its levels among records of one parent: colleagues share switchboard and domain, not mobiles; but numbers that a
firm buys for them stand in a row.
"""


def levels_of(kind: str, *, evidence: bool = False, siblings: bool = False) -> tuple[Level, ...]:
    """
    Return the levels of a semantic type.

    Args:
        evidence: The field is of another entity of the same row (`contact.mobile`).
        siblings: Only records of one parent are compared.

    >>> [one.name for one in levels_of("url")]
    ['same', 'else', 'shared']
    """
    own = LEVELS.get(kind, TEXT)
    if siblings:
        return SIBLINGS.get(kind, own)
    return EVIDENCE.get(kind, own) if evidence else own
