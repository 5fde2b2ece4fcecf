"""
Kinds of pairs beside matches and strangers: two contacts of one customer, members of one household, sister firms.

A match must be likelier than every kind of look-alikes; a kind of matches that agrees less (another contact of the same account)
is learnt beside the plain one. What is known of each kind is declared here, and may be declared anew in `rules/match.yaml`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

PLACES = ("address", "city", "region", "postcode", "country")
NUMBERS = ("phone", "mobile")
NAMED = ("same", "trimmed", "short", "sound", "edit", "part", "other_script")
"""Levels of a company name at which two names may be those of one firm."""
OTHER = ("else", "sister", "other_city")
NEARLY = ("sound", "edit", "part")
WORDED = ("close", "near", "words")
"""Levels of Latin names that are made of nearly the same words."""
ELSEWHERE = ("road", "number", "else")


@dataclass(frozen=True)
class Kind:
    """
    One kind of pairs, by the semantic types of the compared fields.

    Attributes:
        same: Pairs of this kind are one; else they are look-alikes.
        own: Types whose levels are learnt for the kind; all others compare as among strangers.
        tied: Types that compare as among matches.
        apart: Of `own`, those that are thought to differ before anything was learnt.
        whole: Of `own`, the types that such pairs have in common wholly: hardly a pair of the kind differs there.
        levels: Type -> the only levels that a pair of this kind shows there; a pair that lacks the field is none.
        differs: Type -> largest share of matches that may differ there, or show the kind's own levels: where they did more often,
            the fit took pairs of this kind for matches.
        asks: Each group of types must be among the compared ones, in one of its types at least.
        never: None of these types may be among the compared ones.
    """

    name: str
    same: bool = False
    own: frozenset[str] = frozenset()
    tied: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    levels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    differs: Mapping[str, float] = field(default_factory=dict)
    asks: tuple[tuple[str, ...], ...] = ()
    never: tuple[str, ...] = ()

    def shown_by(self, kinds: frozenset[str]) -> bool:
        """Say whether fields of these types can show the kind."""
        return all(kinds.intersection(group) for group in self.asks) and kinds.isdisjoint(self.never)


def _kind(
    name: str,
    *own: str,
    asks: tuple[tuple[str, ...], ...],
    whole: Sequence[str] = (),
    levels: Mapping[str, Sequence[str]] | None = None,
    differs: Mapping[str, float] | None = None,
    never: Sequence[str] = (),
) -> Kind:
    limits = {kind: frozenset(some) for kind, some in (levels or {}).items()}
    return Kind(
        name,
        own=frozenset(own),
        whole=frozenset(whole),
        levels=limits,
        differs=dict(differs or {}),
        asks=asks,
        never=tuple(never),
    )


PEOPLE = (
    Kind(
        "moved",
        same=True,
        own=frozenset({"given_name", "family_name", "person_name", *NUMBERS, "city", "region", "postcode", "country"}),
        tied=frozenset({"date_of_birth", "id_code", "email"}),
        apart=frozenset({"city", "region", "postcode", "country"}),
        whole=frozenset({"given_name", "family_name", "person_name"}),
        levels={"address": frozenset(ELSEWHERE)},
        asks=(("given_name", "person_name"), ("family_name", "person_name"), ("address",)),
        never=("company_name",),
    ),
    _kind(
        "household",
        *("family_name", "email", *NUMBERS, *PLACES),
        whole=("family_name",),
        differs={"given_name": 0.15},
        asks=(("given_name",), ("family_name",), (*NUMBERS, *PLACES)),
    ),
    _kind(
        "partner",
        *("email", *NUMBERS, *PLACES),
        whole=("address",),
        asks=(("given_name",), ("family_name",), ("address", *NUMBERS)),
    ),
    _kind(
        "twins",
        *("family_name", "email", "date_of_birth", *NUMBERS, *PLACES),
        whole=("family_name", "date_of_birth"),
        asks=(("given_name",), ("family_name",), ("date_of_birth",), ("address", *NUMBERS)),
    ),
    _kind("kin", "family_name", "email", *NUMBERS, asks=(("given_name",), ("family_name",), ("email",))),
    _kind(
        "neighbour",
        *("family_name", *NUMBERS, *(one for one in PLACES if one != "address")),
        asks=(("given_name",), ("family_name",), ("address",)),
    ),
    _kind(
        "namesake",
        *("given_name", "family_name", "email", *NUMBERS, *PLACES),
        whole=("given_name", "family_name", "address"),
        asks=(("given_name",), ("family_name",), ("address", "postcode", *NUMBERS), ("date_of_birth", "id_code")),
    ),
    _kind(
        "housemate",
        *("person_name", "email", *NUMBERS, *PLACES),
        levels={"person_name": ("family", "else", "part", "other_script")},
        asks=(("person_name",), ("email", "address", *NUMBERS)),
        never=("company_name",),
    ),
    _kind(
        "double",
        *("person_name", "email", *NUMBERS, *PLACES),
        whole=("person_name",),
        asks=(("person_name",), ("address", "postcode", *NUMBERS), ("date_of_birth", "id_code")),
        never=("company_name",),
    ),
)
"""
Of people: who moved has another street, postcode and city at once, which is one difference and not three, and shows names as all
do: records of one address that agree in everything are one content, so that plain matches agree less in names. Members of a
household share name, address, number and mailbox; partners have two family names; kin who live elsewhere share name and mailbox;
a son may bear his father's name; so too where whole names stand in one column. Source: 94 % of the false links of a matcher
without them joined two members of one household.
"""

FIRMS = (
    Kind(
        "other_contact",
        same=True,
        own=frozenset({"person_name", "mobile", "phone", "email", "address", "url", "uscc", "tax_id"}),
        tied=frozenset({"company_name", "city", "region", "postcode", "country"}),
        apart=frozenset({"person_name", "mobile"}),
        levels={"company_name": frozenset(NAMED)},
        asks=(("company_name",), ("person_name",), ("mobile", "phone", "email")),
    ),
    _kind(
        "boss",
        *("company_name", "person_name", "email", *NUMBERS, *PLACES),
        whole=("person_name",),
        levels={"company_name": OTHER},
        asks=(("company_name",), ("person_name",), ("mobile", "phone", "email")),
    ),
    _kind(
        "similar",
        *("company_name", "city"),
        levels={"company_name": NEARLY},
        asks=(("company_name",), ("city",)),
    ),
    _kind(
        "chain",
        *("company_name", "email", "url"),
        levels={"company_name": ("other_city", "same", "trimmed", "short"), "city": ("else",)},
        asks=(("company_name",), ("city",)),
    ),
    _kind(
        "branch",
        *("company_name", "person_name", "email", "url", *NUMBERS, *PLACES),
        levels={"company_name": ("other_branch",)},
        asks=(("company_name",),),
    ),
    _kind(
        "sister",
        *("company_name", "person_name", "email", "url", *NUMBERS, *PLACES),
        levels={"company_name": ("sister",)},
        asks=(("company_name",),),
    ),
    _kind(
        "switchboard",
        *("company_name", "phone", *PLACES),
        levels={"company_name": OTHER},
        asks=(("company_name",), ("phone", "address")),
    ),
    _kind(
        "shared_name",
        "person_name",
        levels={"person_name": ("same", "sound")},
        asks=(("company_name",), ("person_name",)),
    ),
    _kind(
        "outlet",
        *("company_name", "email", "url", "text", *NUMBERS, "region", "country", "city", "postcode"),
        levels={"company_name": ("same", "trimmed", "short", "edit", "part", *WORDED), "address": ELSEWHERE},
        differs={"address": 0.1},
        asks=(("company_name",), ("address",)),
        never=("person_name",),
    ),
    _kind(
        "department",
        *("company_name", "email", "url", "text", *NUMBERS, *PLACES),
        levels={"company_name": ("short", "part", "far", "words", "near", "sister")},
        whole=("address",),
        asks=(("company_name",), ("address",)),
        never=("person_name",),
    ),
)
"""
Of firms: one boss with two firms, names that are nearly the same (mostly neighbours of one town), one brand in two cities, a
branch, a sister firm of another trade, two firms behind one switchboard, two people of one name, two outlets of a chain, a
department of a house.
"""

KINDS = (*PEOPLE, *FIRMS)

RARE = 0.01
"""Share of the matches below which a kind of look-alikes is left out: too few to learn it from."""
DIFFERING = 0.05
"""Share of pairs of a kind that may differ in what the kind has wholly in common."""


def kinds_of(types: Iterable[str], declared: Sequence[Kind] = KINDS) -> tuple[Kind, ...]:
    """Return the kinds of pairs that columns of these semantic types can show."""
    shown = frozenset(types)
    return tuple(one for one in declared if one.shown_by(shown))
