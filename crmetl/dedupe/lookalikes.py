"""Look-alikes: kinds of pairs that agree in much and are two all the same; a match must be likelier than each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from crmetl.dedupe.columns import Column

PLACES = ("address", "city", "region", "postcode", "country")
NUMBERS = ("phone", "mobile")


@dataclass(frozen=True)
class Lookalike:
    """
    One kind of look-alikes.

    Attributes:
        shares: Types that such pairs have in common more often than strangers; in all others they are strangers.
        whole: Of these, the types that they have in common wholly: hardly a pair of the kind differs there.
        asks: Each group of types must be among the compared ones, in one of its types at least.
    """

    name: str
    shares: frozenset[str]
    whole: frozenset[str] = frozenset()
    asks: tuple[tuple[str, ...], ...] = ()


def _kind(name: str, *shares: str, whole: Sequence[str] = (), asks: tuple[tuple[str, ...], ...] = ()) -> Lookalike:
    return Lookalike(name, frozenset(shares), frozenset(whole), asks)


LOOKALIKES = (
    _kind(
        "household",
        *("family_name", "email", *NUMBERS, *PLACES),
        whole=("family_name",),
        asks=(("given_name",), ("family_name",), (*NUMBERS, *PLACES)),
    ),
    _kind(
        "twins",
        *("family_name", "email", "date_of_birth", *NUMBERS, *PLACES),
        whole=("family_name", "date_of_birth"),
        asks=(("given_name",), ("family_name",), ("date_of_birth",), ("address", *NUMBERS)),
    ),
    _kind(
        "kin",
        *("family_name", "email", *NUMBERS),
        asks=(("given_name",), ("family_name",), ("email",)),
    ),
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
)
"""
Of people: members of a household share name, address, number and mailbox; kin who live elsewhere share name and mailbox; a son
may bear his father's name. Source: 94 % of the false links of a matcher without them joined two members of one household.
"""

RARE = 0.01
"""Share of the matches below which a kind of look-alikes is left out: too few to learn it from."""
DIFFERING = 0.05
"""Share of pairs of a kind that may differ in what the kind has wholly in common."""


def lookalikes_of(columns: Sequence[Column]) -> tuple[Lookalike, ...]:
    """Return the kinds of look-alikes that these columns can show."""
    kinds = {one.kind for one in columns}
    return tuple(one for one in LOOKALIKES if all(kinds.intersection(group) for group in one.asks))
