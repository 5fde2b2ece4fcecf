"""The true world: every customer and contact, before anybody wrote them into a file."""

from collections import defaultdict
from dataclasses import dataclass
from random import Random

from sample_data.estate.abroad import Trader
from sample_data.estate.companies import Company, Founder, retire_some
from sample_data.estate.lookalikes import Pair, counts, look_alikes, namesakes, share_bosses
from sample_data.estate.numbers import Numbers
from sample_data.estate.people import Person, new_person

ABROAD_SHARE = 0.1
PEOPLE_SHARE = 220 / 150


@dataclass(frozen=True, slots=True)
class World:
    """Customers by id, their people, and the pairs that look alike."""

    companies: dict[str, Company]
    people: dict[str, list[Person]]
    pairs: list[Pair]

    def person(self, company: str, rng: Random) -> Person:
        """Return one of a customer's people."""
        return rng.choice(self.people[company])


def _staffing(size: int, rng: Random) -> list[int]:
    """Return people per customer: at least one, at most four, exactly 220 for 150 customers."""
    heads = [1] * size
    left = round(size * PEOPLE_SHARE) - size
    while left:
        at = rng.randrange(size)
        if heads[at] < 4:
            heads[at] += 1
            left -= 1
    return heads


def make_world(size: int, rng: Random) -> World:
    """Return a world of exactly `size` customers."""
    numbers = Numbers(size, rng)
    founder, trader = Founder(numbers, rng), Trader(numbers, rng)
    abroad = max(10, round(size * ABROAD_SHARE))
    plain = size - abroad - sum(counts(size).values())
    at_home = [founder.found(number) for number in range(1, plain + 1)]
    twins, pairs = look_alikes(at_home, founder, rng, plain + 1, size)
    start = plain + len(twins) + 1
    companies = [*at_home, *twins, *(trader.found(number) for number in range(start, start + abroad))]
    retire_some(companies, rng)
    paired = {one for pair in pairs for one in (pair.left, pair.right)}
    spare = [one for one in at_home if one.id not in paired and one.status == "active"]
    for one in rng.sample(spare, max(3, round(size * 0.02))):
        one.prospect = True
    people: dict[str, list[Person]] = defaultdict(list)
    number = 0
    for one, heads in zip(companies, _staffing(size, rng), strict=True):
        for _ in range(heads):
            number += 1
            people[one.id].append(new_person(number, one.id, one.country, one.domain, numbers, rng))
    share_bosses(pairs, people)
    pairs += namesakes(people, size, rng)
    return World({one.id: one for one in companies}, dict(people), pairs)
