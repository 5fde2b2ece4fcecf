"""Fields that depend on each other: what a level is worth, given how another field of the same pair compares."""

from collections.abc import Mapping, Sequence

import numpy as np

from crmetl.dedupe.compare.codes import Levels, Mask, Numbers
from crmetl.dedupe.compare.columns import Column

CONTEXTS: Mapping[str, tuple[str, ...]] = {
    "email": ("given", "family", "names"),
    "city": ("area", "postcode", "address"),
    "region": ("area", "place"),
    "country": ("area", "place"),
}
"""Type -> its contexts, numbered from 1; 0 is the context in which no other field tells anything of it."""
ALIKE = ("same", "nickname", "close", "swapped", "sound", "near", "initial")
"""Levels at which two names are nearly one: the mailboxes of their holders are then made of nearly the same letters."""
NEARBY = ("edit", "area")
SPOT = 3
"""Context of a city of which the address tells everything: strangers who share the address share the city too."""


def contexts_of(columns: Sequence[Column], levels: Sequence[Levels]) -> tuple[Numbers, ...]:
    """
    Return per column the number of the context of each pair.

    An e-mail address is made of its owner's names, a city follows from its postcode or its address, a region from both. Only
    the first column of a type has contexts.
    """
    first = {one.kind: number for number, one in reversed(list(enumerate(columns)))}
    nowhere = np.zeros(len(levels[0]) if levels else 0, dtype=np.int64)

    def agrees(kind: str, names: Sequence[str]) -> Mask:
        out: Mask = np.zeros(len(nowhere), dtype=bool)
        if kind in first:
            one = columns[first[kind]]
            out |= one.among(names)[levels[first[kind]]]
        return out

    area, postcode = agrees("postcode", NEARBY), agrees("postcode", ("same",))
    place = postcode | agrees("city", ("same",))
    spot = agrees("address", ("same",)) & ~postcode
    given, family, whole = (agrees(kind, ALIKE) for kind in ("given_name", "family_name", "person_name"))
    found = {
        "email": np.where(whole, 3, given + 2 * family.astype(np.int64)),
        "city": np.where(spot, SPOT, np.where(postcode, 2, area)),
        "region": np.where(place, 2, area),
        "country": np.where(place, 2, area),
    }
    return tuple(
        found[one.kind].astype(np.int64) if one.kind in found and first[one.kind] == number else nowhere
        for number, one in enumerate(columns)
    )


def number_of_contexts(kind: str) -> int:
    """
    Return how many contexts a type has, 0 among them.

    >>> number_of_contexts("city"), number_of_contexts("phone")
    (4, 1)
    """
    return 1 + len(CONTEXTS.get(kind, ()))


def named(kind: str, level: str, context: int) -> str:
    """
    Return how a model names a level in a context.

    >>> named("city", "same", 0), named("city", "same", 2)
    ('same', 'same|postcode')
    """
    return level if context == 0 else f"{level}|{CONTEXTS[kind][context - 1]}"
