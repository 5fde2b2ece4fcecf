"""Customers that look like another and are not: each kind that fools a matcher, at least twice."""

from dataclasses import dataclass, replace
from random import Random

from sample_data.estate.companies import Company, Founder, invent_brand
from sample_data.estate.people import Person, sellers
from sample_data.estate.words import BRAND

KINDS = {
    "branch": (4, 0.02),
    "same_brand_other_city": (4, 0.02),
    "one_char": (4, 0.02),
    "shared_switchboard": (3, 0.015),
    "one_boss": (3, 0.015),
}
"""Kind -> at least this many, and this share of all customers."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two true ids (accounts, or contacts for `namesake`) that must not become one."""

    kind: str
    entity: str
    left: str
    right: str


def counts(size: int) -> dict[str, int]:
    """
    Return how many look-alikes of each kind an estate of `size` customers has.

    >>> sum(counts(150).values())
    18
    """
    return {kind: max(least, round(size * share)) for kind, (least, share) in KINDS.items()}


def _branch(base: Company, number: int, founder: Founder, rng: Random) -> Company:
    city = founder.city(other_than=base.city)
    office = founder.settle(number, base.brand, base.sound, base.trade, base.form, base.pattern, city)
    ending = rng.choice((f"{city.name}分公司", f"{city.name}分公司", f"{city.name}办事处"))
    return replace(
        office,
        pattern=base.pattern.replace("{city}", base.city.name).replace("{province}", base.city.province),
        ending=ending,
        domain=base.domain,
    )


def _sister_city(base: Company, number: int, founder: Founder, rng: Random) -> Company:
    city = founder.city(other_than=base.city)
    founder.free(base.brand, city)
    pattern = base.pattern if "{city}" in base.pattern else "{city}{brand}{trade}{form}"
    return founder.settle(number, base.brand, base.sound, base.trade, base.form, pattern, city)


def _one_char(base: Company, number: int, founder: Founder, rng: Random) -> Company:
    old = next(one for one in BRAND if one.text == base.brand[1])
    same = [one for one in BRAND if one.sound == old.sound and one != old]
    new = rng.choice(same) if same and rng.random() < 0.4 else rng.choice([one for one in BRAND if one.text not in base.brand])
    brand = base.brand[0] + new.text + base.brand[2:]
    founder.free(brand, base.city)
    sound = base.sound.removesuffix(old.sound) + new.sound
    return founder.settle(number, brand, sound, base.trade, base.form, base.pattern, base.city)


def _neighbour(base: Company, number: int, founder: Founder, rng: Random) -> Company:
    """Another tenant of the same building, behind the same switchboard."""
    brand, sound = invent_brand(rng)
    founder.free(brand, base.city)
    other = founder.found(number)
    one = founder.settle(number, brand, sound, other.trade, "有限公司", "{city}{brand}{trade}{form}", base.city)
    return replace(one, landline=base.landline, line=base.line)


def _second_firm(base: Company, number: int, founder: Founder, rng: Random) -> Company:
    """The other company of the same boss, of another trade in the same city."""
    brand, sound = invent_brand(rng)
    founder.free(brand, base.city)
    other = founder.found(number)
    return founder.settle(number, brand, sound, other.trade, "有限公司", "{city}{brand}{trade}{form}", base.city)


MAKERS = {
    "branch": _branch,
    "same_brand_other_city": _sister_city,
    "one_char": _one_char,
    "shared_switchboard": _neighbour,
    "one_boss": _second_firm,
}


def look_alikes(bases: list[Company], founder: Founder, rng: Random, first: int, size: int) -> tuple[list[Company], list[Pair]]:
    """
    Return look-alikes of domestic customers, numbered from `first`, and the pairs.

    Args:
        bases: Customers to imitate; each is taken once.
    """
    wanted = [kind for kind, number in counts(size).items() for _ in range(number)]
    chosen = rng.sample([one for one in bases if one.country == "CN" and one.form not in ("厂", "经营部")], len(wanted))
    made: list[Company] = []
    pairs: list[Pair] = []
    for kind, base in zip(wanted, chosen, strict=True):
        twin = MAKERS[kind](base, first + len(made), founder, rng)
        if kind == "branch":
            twin = replace(twin, owner=rng.choice(sellers(twin.city.branch)).name)
        made.append(twin)
        pairs.append(Pair(kind, "account", base.id, twin.id))
    return made, pairs


def share_bosses(pairs: list[Pair], people: dict[str, list[Person]]) -> None:
    """Make the first person of the second company the boss of both: one name, one mobile, two contacts."""
    for pair in pairs:
        if pair.kind == "one_boss":
            boss, twin = people[pair.left][0], people[pair.right][0]
            boss.title = twin.title = "总经理"
            for field in ("name", "family", "woman", "sound", "mobile", "other_mobile", "email"):
                setattr(twin, field, getattr(boss, field))


def namesakes(people: dict[str, list[Person]], size: int, rng: Random) -> list[Pair]:
    """
    Give people the name of somebody else: half in another company, half of a colleague, which is the harder trap.

    Cost: mail addresses stay their own, so that an address never has two owners by this.
    """
    pairs: list[Pair] = []
    several = [one for one in people.values() if len(one) > 1 and one[0].title != "总经理"]
    for staff in rng.sample(several, max(2, round(size * 0.005))):
        pairs.append(_rename(staff[1], staff[0]))
    alone = [one[0] for one in people.values() if len(one) == 1 and one[0].title != "总经理"]
    chosen = rng.sample([one for one in alone if one.sound.isalpha()], max(3, round(size * 0.005)) * 2)
    for left, right in zip(chosen[::2], chosen[1::2], strict=True):
        pairs.append(_rename(right, left))
    return pairs


def _rename(person: Person, like: Person) -> Pair:
    person.name, person.family, person.woman = like.name, like.family, like.woman
    person.email = f"{like.sound}{person.mobile[-2:]}@{person.email.split('@')[1]}"
    person.sound = like.sound
    return Pair("namesake", "contact", like.id, person.id)
