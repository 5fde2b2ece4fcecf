"""Look-alikes of people where nothing was learnt: members of one household, and twins, by declared shares."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from crmetl.dedupe.compare.levels import Level
from crmetl.dedupe.model import KindOfPairs
from crmetl.dedupe.rules import Compared

Shares = Mapping[str, Mapping[str, float]]

OFTEN = MappingProxyType({"household": -1_000, "twins": -4_000})
"""
How many such pairs there are for each pair that is one, in 1/1000 bit: a record has about as often a member of its household
beside it as a duplicate; three people in a hundred are twins (one birth in 33 is of twins: Pison, Monden and Smits 2015,
Population and Development Review 41), and who takes down one of a household often takes down the other.
"""
_NAMES: Shares = {
    "given_name": {"same": 0.01, "nickname": 0.005, "close": 0.01, "swapped": 1e-4, "near": 0.04, "else": 0.93},
    "family_name": {"same": 0.9, "close": 0.002, "swapped": 1e-4, "part": 0.02, "near": 0.008, "else": 0.07},
    "person_name": {
        "same": 0.002,
        "nickname": 2e-4,
        "close": 0.005,
        "sound": 0.01,
        "initial": 0.01,
        "near": 0.1,
        "part": 0.02,
        "family": 0.5,
        "else": 0.35,
    },
}
"""Spouses and parents have other given names, and mostly one family name; some brothers and sisters share a syllable of three."""
_REACHED: Shares = {
    "address": {"same": 0.9, "close": 0.05, "near": 0.01, "else": 0.04},
    "phone": {"same": 0.5, "edit": 0.02, "near": 0.02, "else": 0.4},
    "mobile": {"same": 0.15, "edit": 0.02, "near": 0.03, "else": 0.8},
    "email": {"same": 0.3, "close": 0.02, "local": 0.01, "slip": 0.01, "alike": 0.05, "domain": 0.2, "else": 0.41},
    "city": {"same": 0.95, "close": 0.02, "else": 0.03},
    "region": {"same": 0.98, "else": 0.02},
    "postcode": {"same": 0.95, "edit": 0.02, "area": 0.01, "else": 0.02},
}
"""A household has one address, often one landline, now and then one mailbox; relatives have numbers in a row."""
SHOWN: Mapping[str, Shares] = MappingProxyType(
    {
        "household": {**_NAMES, **_REACHED},
        "twins": {
            **_NAMES,
            **_REACHED,
            "person_name": {**_NAMES["person_name"], "near": 0.25, "else": 0.2},
            "date_of_birth": {"same": 0.98, "close": 0.015, "else": 0.002},
        },
    }
)
"""Kind -> semantic type -> share of such pairs at each level; what is not told is as among strangers."""


def look_alikes(comparisons: Sequence[Compared], prior: int) -> dict[str, KindOfPairs]:
    """
    Return the kinds of look-alikes that these fields can show, against strangers.

    Args:
        comparisons: Of people: none is a firm's name, and another entity's fields do not count.
        prior: Log2 odds that two records are one, 1/1000 bit.

    >>> people = [Compared("given", "given_name"), Compared("family", "family_name"), Compared("street", "address")]
    >>> list(look_alikes(people, -10_000)), look_alikes([Compared("name", "company_name")], -10_000)
    (['household'], {})
    >>> look_alikes(people, -10_000)["household"].weights["given"]["else"]
    -105
    """
    types = {one.kind for one in comparisons if "." not in one.field}
    if "company_name" in types or not ("person_name" in types or {"given_name", "family_name"} <= types):
        return {}
    kinds = ["household", *(["twins"] if "date_of_birth" in types else [])]
    return {name: KindOfPairs(prior + OFTEN[name], _weights(comparisons, SHOWN[name])) for name in kinds}


def _weights(comparisons: Sequence[Compared], shares: Shares) -> dict[str, dict[str, int]]:
    return {
        one.field: {
            level.name: _mbit(shares[one.kind][level.name], level) for level in one.levels if level.name in shares[one.kind]
        }
        for one in comparisons
        if one.kind in shares and "." not in one.field
    }


def _mbit(share: float, level: Level) -> int:
    """Return what a level tells of such a pair against strangers."""
    return round(1000 * math.log2(share / level.u))
