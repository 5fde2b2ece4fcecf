"""
Invented Western shops, schools, clinics and restaurants as several public lists have them; the truth stands beside.

    python benchmarks/places.py --n 20000 --out places.csv

A row is a place as one list has it: `entity` tells which. `kind` tells what is hard about the place, `group` which places are
look-alikes of one another and different all the same: chain (branches of one name in a city, some with one telephone), sites (a
program's sites, whose telephone is the program's), numbered (schools told apart by a number or a side of the town), house
(neighbours at one address), department (parts of an institution), elsewhere (one name in different cities), successor (who came
where another closed). Places of kind moved or renamed have rows from before. Frozen before any tuning: change it only with a
new name.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.western import GIVEN, hash_of, slipped, world

FIELDS = ("name", "address", "city", "zip", "phone", "category")
COLUMNS = (*FIELDS, "entity", "kind", "group")
KINDS = {
    "plain": 66, "moved": 2.5, "renamed": 1.5, "chain": 6, "sites": 4, "numbered": 4, "house": 5, "department": 3, "elsewhere": 5,
    "successor": 3,
}  # fmt: skip
COPIES = ((1, 20), (2, 42), (3, 25), (4, 13))
SHORT = {
    "saint": "st", "center": "ctr", "department": "dept", "elementary": "elem", "school": "sch", "medical": "med", "mount": "mt",
    "community": "comm", "restaurant": "rest", "services": "svcs", "company": "co", "university": "univ", "association": "assn",
    "hospital": "hosp", "children's": "childrens", "international": "intl", "brothers": "bros", "development": "dev",
    "north": "n", "south": "s", "east": "e", "west": "w",
}  # fmt: skip
ROADS = {
    "street": "st", "road": "rd", "avenue": "ave", "lane": "ln", "drive": "dr", "court": "ct", "place": "pl", "north": "n",
    "south": "s", "east": "e", "west": "w",
}  # fmt: skip
Thing = TypeVar("Thing")


def _words(text: str, mark: str = " ") -> list[str]:
    return text.split(mark)


LOOKS = _words(
    "golden blue little old royal silver happy green red sunny grand lucky first new white urban family village river city"
)
THINGS = _words(
    "dragon lotus garden harbor table spoon lantern corner house oak maple rose star bridge mill anchor fox lion crown olive "
    "pepper orchard meadow garden valley summit horizon beacon rainbow acorn"
)
SAINTS = _words("mary john joseph paul francis anne patrick michael luke mark james anthony peter agnes thomas")
FORMS = _words("inc|llc|corp|co|inc|inc.|company", "|")
PROGRAMS = _words(
    "head start|early learning program|bright steps|little scholars|community action|after school club|kids & co", "|"
)
WORDS = {
    "restaurant": _words("restaurant cafe grill bistro pizzeria diner kitchen tavern cantina sushi"),
    "shop": _words("hardware|books|bakery|florist|pharmacy|auto parts|furniture|jewelers|market|shoes|cleaners|pet supply", "|"),
    "school": _words(
        "elementary school|high school|academy|middle school|preschool|montessori school|day care center|charter school", "|"
    ),
    "clinic": _words(
        "medical center|dental|family health center|clinic|pediatrics|eye care|physical therapy|animal hospital", "|"
    ),
}
CATEGORIES = {
    "restaurant": ("Restaurant", "Restaurants", "Food & Dining", "Eating places", "restaurant"),
    "shop": ("Shop", "Retail", "Shopping", "Stores", "retail trade"),
    "school": ("School", "Schools", "Education", "Educational services", "school/child care"),
    "clinic": ("Clinic", "Health", "Health & Medical", "Offices of physicians", "clinic"),
}
"""How each of five lists calls the four kinds of places."""
DEPARTMENTS = _words(
    "department of cardiology|emergency department|radiology|pharmacy|outpatient services|billing department|athletics", "|"
)


@dataclass(frozen=True)
class Place:
    """One true place; `front` is the program or parent that lists may put before its name, `form` a legal form."""

    name: str
    kind: str
    street: str
    suite: str
    city: str
    postcode: str
    phone: str
    front: str = ""
    form: str = ""
    before: "Place | None" = None


@dataclass(frozen=True)
class Listing:
    """A public list: how it writes names, streets and telephones, its words for categories, the share of cells it lacks."""

    capitals: bool
    short: float
    phone: str
    calls: int
    lost: tuple[float, ...]


LISTS = (
    Listing(False, 0.2, "({}) {}-{}", 0, (0.0, 0.02, 0.01, 0.05, 0.1, 0.0)),
    Listing(True, 0.7, "{}{}{}", 1, (0.0, 0.05, 0.02, 0.02, 0.2, 0.1)),
    Listing(False, 0.4, "{}-{}-{}", 2, (0.0, 0.1, 0.0, 0.3, 0.05, 0.3)),
    Listing(False, 0.1, "{}/{}-{}", 3, (0.0, 0.0, 0.0, 0.6, 0.3, 0.0)),
    Listing(False, 0.5, "+1 {} {} {}", 4, (0.0, 0.15, 0.05, 0.1, 0.15, 0.5)),
)


def pick(draw: np.random.Generator, things: Sequence[Thing], power: float = 1.0) -> Thing:
    """Return one of the things, the first more often the higher the power."""
    return things[int(len(things) * draw.random() ** power)]


class Town:
    """Invents places from one seed."""

    def __init__(self, seed: int) -> None:
        self.draw = np.random.default_rng(seed)
        self._world = world(self.draw)
        self.entities = self.groups = 0

    def _name(self, kind: str) -> str:
        draw, how = self.draw, self.draw.random()
        surname = pick(draw, self._world.surnames, 2)
        word = pick(draw, WORDS[kind])
        if kind == "school" and how < 0.35:
            return f"saint {pick(draw, SAINTS)} school" if how < 0.15 else f"{pick(draw, GIVEN)} {surname} {word}"
        if kind == "clinic" and how < 0.25:
            return (
                f"saint {pick(draw, SAINTS)} {word}" if how < 0.1 else f"{surname} & {pick(draw, self._world.surnames, 2)} {word}"
            )
        if how < 0.4:
            owner = surname if draw.random() < 0.6 else pick(draw, GIVEN)
            return f"{owner}'s {word}" if kind in ("restaurant", "shop") else f"{owner} {word}"
        if how < 0.5 and kind == "restaurant":
            return f"cafe {pick(draw, THINGS)}"
        if how < 0.6:
            return f"{surname} {pick(draw, ('brothers', '& sons', 'family', 'community'))} {word}"
        first = pick(draw, LOOKS) if draw.random() < 0.7 else pick(draw, self._world.surnames, 2)
        return f"{first} {pick(draw, THINGS)} {word}"

    def phone(self, city: str) -> str:
        """Return a telephone number of a city."""
        return f"{201 + hash_of(city) % 600:03d}{int(self.draw.integers(220, 990)):03d}{int(self.draw.integers(10_000)):04d}"

    def spot(self, one: Place, *, city: bool = False) -> Place:
        """Return a place elsewhere in its city, or in another, with a telephone of its own."""
        draw = self.draw
        where, _, codes = pick(draw, self._world.places, 2) if city else (one.city, "", (one.postcode,))
        if not city:
            codes = next(codes for name, _, codes in self._world.places if name == one.city)
        side = f"{pick(draw, ('north', 'south', 'east', 'west'))} " if draw.random() < 0.3 else ""
        street = f"{1 + int(6_000 * draw.random() ** 2)} {side}{pick(draw, self._world.roads)}"
        suite = (
            f"{pick(draw, ('suite', 'suite', 'unit', 'floor', '#'))} {int(draw.integers(1, 900))}" if draw.random() < 0.2 else ""
        )
        return replace(one, street=street, suite=suite, city=where, postcode=pick(draw, codes), phone=self.phone(where))

    def place(self, kind: str = "", city: Place | None = None) -> Place:
        """Return a new place, in the city of another if one is given."""
        draw = self.draw
        kind = kind or pick(draw, ("restaurant", "restaurant", "shop", "shop", "shop", "school", "school", "clinic"))
        form = pick(draw, FORMS) if kind != "school" and draw.random() < 0.3 else ""
        bare = Place(self._name(kind), kind, "", "", city.city if city else "", "", "", form=form)
        return self.spot(bare, city=city is None)


def _title(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split())


def _short(draw: np.random.Generator, text: str, table: dict[str, str], chance: float) -> str:
    dot = "." if draw.random() < 0.4 else ""
    return " ".join(table[word] + dot if word in table and draw.random() < chance else word for word in text.split())


def _reordered(draw: np.random.Generator, name: str) -> str:
    words = name.split()
    if words[0] == "saint" or "&" in words or "and" in words:
        return name
    if words[0] == "cafe":
        return " ".join((*words[1:], words[0]))
    return f"{words[1]}, {words[0]} {' '.join(words[2:])}".strip() if draw.random() < 0.4 else " ".join((words[-1], *words[:-1]))


def named(draw: np.random.Generator, one: Place, listing: Listing) -> str:
    """Return the name of a place as a list has it."""
    name = one.name
    if draw.random() < 0.3:
        name = name.replace("&", "and")
    if draw.random() < 0.025:
        name = _reordered(draw, name)
    if draw.random() < 0.06 and len(name.split()) > 2:
        name = name.rsplit(" ", 1)[0]
    name = _short(draw, name, SHORT, listing.short)
    name = slipped(draw, name) if draw.random() < 0.05 else name
    name = f"the {name}" if draw.random() < 0.06 else name
    if one.form and draw.random() < 0.5:
        name += ("," if draw.random() < 0.4 else "") + f" {one.form}"
    if one.front and draw.random() < 0.7:
        front = one.front if draw.random() < 0.8 else "".join(word[0] for word in one.front.split())
        name = pick(draw, (f"{front} - {name}", f"{front} {name}", f"{front}: {name}", f"{name} ({front})"))
    if draw.random() < 0.03:
        name += pick(draw, (f" - {one.city}", f" of {one.city}", f" ({one.city})"))
    name = name.replace("'s", "s") if draw.random() < 0.25 else name
    return name.upper() if listing.capitals else _title(name)


def located(draw: np.random.Generator, one: Place, listing: Listing) -> str:
    """Return the address of a place as a list has it."""
    street = _short(draw, one.street, ROADS, min(1.0, listing.short + 0.3))
    how = draw.random()
    if how < 0.03:
        number, _, road = street.partition(" ")
        street = f"{number} {slipped(draw, road)}"
    elif how < 0.045:
        street = str(int(one.street.split()[0]) + int(draw.integers(1, 12))) + " " + street.partition(" ")[2]
    elif how < 0.07:
        street = street.rsplit(" ", 1)[0]
    if one.suite and draw.random() < 0.6:
        street += pick(draw, (", ", " ")) + (one.suite.replace("suite", "ste") if draw.random() < 0.5 else one.suite)
    return street.upper() if listing.capitals else _title(street)


def called(draw: np.random.Generator, phone: str, listing: Listing) -> str:
    """Return a telephone number as a list has it."""
    digits = phone[:3] + slipped(draw, phone[3:]) if draw.random() < 0.015 else phone
    written = listing.phone.format(digits[:3], digits[3:6], digits[6:])
    return f"{written} ext. {int(draw.integers(1, 400))}" if draw.random() < 0.015 else written


def listed_in(draw: np.random.Generator, one: Place, number: int) -> list[str]:
    """Return the cells of a place in one of the lists."""
    listing = LISTS[number]
    one = one.before if one.before and draw.random() < 0.4 else one
    city = slipped(draw, one.city) if draw.random() < 0.01 else one.city
    postcode = f"{one.postcode}-{int(draw.integers(1000, 9999))}" if draw.random() < 0.1 else one.postcode
    row = [
        named(draw, one, listing),
        located(draw, one, listing),
        city.upper() if listing.capitals else _title(city),
        postcode,
        called(draw, one.phone, listing),
        CATEGORIES[one.kind][listing.calls],
    ]
    lost = draw.random(len(row)) < listing.lost
    return ["" if gone else cell for cell, gone in zip(row, lost.tolist(), strict=True)]


def chain(town: Town) -> list[Place]:
    """Return branches of one name in a city; half of the chains answer on one telephone."""
    draw, first = town.draw, town.place(pick(town.draw, ("restaurant", "shop", "shop", "clinic")))
    others = [town.spot(first) for _ in range(int(draw.choice([1, 1, 2, 3])))]
    return [first, *([replace(one, phone=first.phone) for one in others] if draw.random() < 0.5 else others)]


def sites(town: Town) -> list[Place]:
    """Return a program's sites in a city, each with a name of its own behind the program's."""
    draw, first = town.draw, town.place("school")
    front = pick(draw, PROGRAMS)
    out = [replace(first, front=front)]
    for _ in range(int(draw.choice([1, 2, 3, 4]))):
        one = town.place("school", first)
        out.append(replace(one, front=front, phone=first.phone if draw.random() < 0.7 else one.phone))
    return out


def numbered(town: Town) -> list[Place]:
    """Return schools of one name that a number or a side of the town tells apart."""
    draw, first = town.draw, town.place("school")
    base, kind = first.name.split()[0], pick(draw, ("elementary school", "high school", "middle school"))
    names = [f"{base} {side} {kind}" for side in ("north", "south", "east")]
    if draw.random() < 0.4:
        names = [f"{base} {kind} no {number}" for number in (1, 2, 3)]
    return [replace(town.spot(first), name=name) for name in names[: int(draw.choice([2, 2, 3]))]]


def house(town: Town) -> list[Place]:
    """Return neighbours at one address, some on one telephone."""
    draw, first = town.draw, town.place()
    out = [first]
    for _ in range(int(draw.choice([1, 1, 2]))):
        one = replace(town.place(city=first), street=first.street, postcode=first.postcode, suite=first.suite)
        out.append(replace(one, phone=first.phone) if draw.random() < 0.4 else one)
    return out


def department(town: Town) -> list[Place]:
    """Return an institution and parts of it, which lists have as places of their own."""
    draw, first = town.draw, town.place(pick(town.draw, ("clinic", "clinic", "school")))
    parts = draw.choice(len(DEPARTMENTS), int(draw.choice([1, 2])), replace=False)
    out = [first]
    for at in parts.tolist():
        name = f"{first.name} {DEPARTMENTS[at]}" if draw.random() < 0.6 else f"{DEPARTMENTS[at]}, {first.name}"
        out.append(replace(first, name=name, phone=first.phone if draw.random() < 0.3 else town.phone(first.city)))
    return out


def elsewhere(town: Town) -> list[Place]:
    """Return places of one name in different cities."""
    first = town.place()
    return [first, *(town.spot(first, city=True) for _ in range(int(town.draw.choice([1, 1, 2]))))]


def successor(town: Town) -> list[Place]:
    """Return a place and who came after it; some kept the telephone, some a word of the name."""
    draw, first = town.draw, town.place(pick(town.draw, ("restaurant", "shop")))
    later = replace(town.place(first.kind, first), street=first.street, suite=first.suite, postcode=first.postcode)
    later = replace(later, phone=first.phone) if draw.random() < 0.3 else later
    return [first, replace(later, name=f"{first.name.split()[0]} {later.name}") if draw.random() < 0.2 else later]


def moved(town: Town) -> list[Place]:
    """Return a place that moved within its city and mostly took its telephone along."""
    one = town.place()
    before = town.spot(one)
    return [replace(one, before=replace(before, phone=one.phone) if town.draw.random() < 0.7 else before)]


def renamed(town: Town) -> list[Place]:
    """Return a place that bore another name before."""
    one = town.place()
    return [replace(one, before=replace(one, name=town.place(one.kind, one).name))]


GROUPS: dict[str, Callable[[Town], list[Place]]] = {
    "plain": lambda town: [town.place()],
    "moved": moved,
    "renamed": renamed,
    "chain": chain,
    "sites": sites,
    "numbered": numbered,
    "house": house,
    "department": department,
    "elsewhere": elsewhere,
    "successor": successor,
}


def listed(number: int, seed: int = 0) -> pd.DataFrame:
    """Return `number` rows in a shuffled order, columns COLUMNS; "" where a cell is missing. The same seed, the same table."""
    town = Town(seed)
    draw, kinds = town.draw, list(KINDS)
    chances = np.array(list(KINDS.values())) / sum(KINDS.values())
    copies, odds = (np.array(part) for part in zip(*COPIES, strict=True))
    rows: list[list[str]] = []
    while len(rows) < number:
        kind = kinds[int(draw.choice(len(kinds), p=chances))]
        places = GROUPS[kind](town)
        town.groups += len(places) > 1
        for one in places:
            town.entities += 1
            truth = [f"E{town.entities:07d}", kind, f"G{town.groups:06d}" if len(places) > 1 else ""]
            where = draw.permutation(len(LISTS))[: int(draw.choice(copies, p=odds / odds.sum()))]
            rows += [listed_in(draw, one, at) + truth for at in where.tolist()]
    table = pd.DataFrame(rows[:number], columns=list(COLUMNS), dtype="str")
    return table.iloc[draw.permutation(number)].reset_index(drop=True)


def main() -> int:
    """Write a table."""
    line = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("--n", type=int, default=20_000, help="number of rows")
    line.add_argument("--seed", type=int, default=0)
    line.add_argument("--out", type=Path, required=True)
    asked = line.parse_args()
    listed(asked.n, asked.seed).to_csv(asked.out, index=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
