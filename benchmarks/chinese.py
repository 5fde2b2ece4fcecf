"""
Invented Chinese customers as branch workbooks have them, with everything that makes matching hard; the truth stands beside.

    python benchmarks/chinese.py --n 20000 --out customers.csv

A row is a customer's contact as somebody wrote it down: `account` and `person` tell who it is. `kind` tells what is hard about
the account, `group` which accounts are look-alikes of one another and different all the same: branch (a head office and its
branches), sister (same brand and city, other trade), chain (same brand and trade, other city), similar (a brand one character
off or of the same sound), boss (one person with two firms), switchboard (firms of one business centre on one landline),
namesake (contacts of one name), moved (a contact who changed jobs). Firms of kind renamed have rows under both names.
Frozen before any tuning: change it only with a new name.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import chinese_cells as cells
from benchmarks import chinese_words as words
from benchmarks.chinese_cells import FIELDS, Abroad, Firm, Person, Place
from sample_data.estate.numbers import Numbers
from sample_data.estate.places import City, cities

TRUTH = ("account", "person", "kind", "group")
COLUMNS = (*FIELDS, *TRUTH)
LOOKALIKES = ("branch", "sister", "chain", "similar", "boss", "switchboard", "namesake", "moved")
KINDS = {
    "plain": 58, "individual": 10, "western": 13, "renamed": 2.5, "branch": 4.5, "sister": 3, "chain": 4, "similar": 5,
    "boss": 2.5, "switchboard": 2, "namesake": 2.5, "moved": 2,
}  # fmt: skip
PEOPLE = ((1, 55), (2, 22), (3, 12), (4, 6), (5, 3), (6, 2))
COPIES = ((1, 46), (2, 30), (3, 16), (4, 8))
PATTERNS = (("{r}{b}{t}{f}", 72), ("{b}（{r}）{t}{f}", 12), ("{b}{t}（{r}）{f}", 8), ("{p}{b}{t}{f}", 8))

Row = list[str]


@dataclass(frozen=True)
class Account:
    """A firm, its contacts with their numbers in the truth, its kind, and the group of its look-alikes."""

    firm: Firm | Abroad
    people: tuple[tuple[str, Person], ...]
    kind: str
    group: str


class World:
    """Invents accounts from one seed; no two firms have brand, trade and city in common, or a domain."""

    def __init__(self, number: int, seed: int) -> None:
        self.rng = Random(seed)
        self._numbers = Numbers(10_000 + number, self.rng)
        self._cities = cities()
        self._weights = [1 / (at + 4) ** 0.6 for at in range(len(self._cities))]
        self.rng.shuffle(self._weights)
        self._taken: set[tuple[str, str, str]] = set()
        self._domains: set[str] = set()
        self.persons = self.accounts = self.groups = 0

    def city(self, other_than: City | None = None) -> City:
        """Return a city, the big ones more often."""
        while True:
            city = self.rng.choices(self._cities, self._weights)[0]
            if city != other_than:
                return city

    def _brand(self) -> str:
        rng, how = self.rng, self.rng.random()
        if how < 0.28:
            return words.FREQUENT[int(len(words.FREQUENT) * rng.random() ** 2)]
        if how < 0.3:
            return "".join(rng.choices("ABCDEFGHJKLMNPRSTWXYZ", k=rng.choice((2, 3, 3)))) + rng.choice(
                ("", "", rng.choice(words.GLYPHS))
            )
        pair = "".join(words.GLYPHS[int(len(words.GLYPHS) * rng.random() ** 1.5)] for _ in range(2))
        return pair + rng.choice(words.ENDS) if how < 0.45 else pair

    def place(self, city: City) -> Place:
        """Return an address in a city; half are in a building."""
        rng = self.rng
        road = rng.choice(words.ROADS) + rng.choice(words.STREETS)
        building = rng.choice(words.ROADS) + rng.choice(words.BUILDINGS) if rng.random() < 0.45 else ""
        room = f"{rng.randint(1, 28)}{rng.randint(1, 16):02d}" if building or rng.random() < 0.15 else ""
        return Place(city, rng.choice(city.districts), road, 1 + int(1_500 * rng.random() ** 2), building, room)

    def _domain(self, brand: str, trade: words.Trade, city: City) -> str:
        sound = "".join(words.latin(brand)).lower()
        for name in (sound, f"{sound}-{trade.letters}", f"{sound}{trade.letters}", f"{''.join(words.latin(city.name))}-{sound}"):
            if name not in self._domains and self.rng.random() < 0.8:
                break
        else:
            name = f"{sound}{len(self._domains)}"
        self._domains.add(name)
        return f"{name}.example"

    def landline(self, city: City) -> str:
        """Return a landline of a city that nobody has."""
        return self._numbers.landline(city.area_code, city.digits)

    def mobile(self) -> str:
        """Return a mobile number that nobody has."""
        return self._numbers.mobile()

    def code(self, city: City) -> str:
        """Return a credit code that nobody has."""
        return self._numbers.credit_code(city.division)

    def trade(self, other_than: words.Trade | None = None) -> words.Trade:
        """Return a trade, the frequent ones more often; one whose short form differs from that of another."""
        while True:
            trade = self.rng.choices(words.TRADES, [one.weight for one in words.TRADES])[0]
            if other_than is None or trade.short != other_than.short:
                return trade

    def firm(self, brand: str = "", trade: words.Trade | None = None, city: City | None = None) -> Firm:
        """Return a new firm; what is named is kept if brand, trade and city are still free together."""
        rng = self.rng
        for attempt in range(100):
            given = attempt < 20
            name = brand if brand and given else self._brand()
            what = trade if trade and given else self.trade()
            where = city if city and attempt < 60 else self.city()
            key = (name, what.short, where.name)
            if key not in self._taken:
                break
        self._taken.add(key)
        form = cells.weighted(rng, words.FORMS)
        pattern = "{r}{b}{t}{f}" if form in ("厂", "经营部") else cells.weighted(rng, PATTERNS)
        domain = self._domain(name, what, where) if rng.random() < 0.6 else ""
        firm = Firm(name, what, form, where, pattern, self.place(where), self.landline(where), self.code(where), domain)
        firm = replace(firm, closed=True) if rng.random() < 0.015 else firm
        return replace(firm, before=self.place(where if rng.random() < 0.9 else self.city())) if rng.random() < 0.04 else firm

    def _given(self) -> str:
        rng = self.rng
        if rng.random() < 0.1:
            return words.ALONE[int(len(words.ALONE) * rng.random() ** 1.4)]
        return "".join(part[int(len(part) * rng.random() ** 1.2)] for part in (words.FIRST, words.SECOND))

    def mail(self, firm: Firm | None, family: str, given: str, mobile: str) -> str:
        """Return a mailbox: at the firm's domain, or with one of the free houses."""
        rng, own, sound = self.rng, "".join(words.latin(given)), "".join(words.latin(family))
        if firm and firm.domain and rng.random() < 0.62:
            initials = "".join(one[0] for one in words.latin(given))
            forms = (sound + own, f"{own}.{sound}", sound + initials, f"{sound}.{own}", own, f"{initials}{sound}")
            return f"{rng.choice(('info', 'sales', 'office')) if rng.random() < 0.18 else rng.choice(forms)}@{firm.domain}"
        house = cells.weighted(rng, words.FREEMAIL)
        if house == "qq.com":
            return f"{rng.randint(10**7, 10**10 - 1)}@qq.com"
        return (
            f"{mobile}@139.com"
            if house == "139.com"
            else f"{sound}{own}{rng.choice(('', rng.randint(1, 999), rng.randint(1970, 1999)))}@{house}"
        )

    def person(self, firm: Firm | None = None, name: tuple[str, str] = ("", "")) -> tuple[str, Person]:
        """Return a new contact, of a given name if one is given."""
        rng = self.rng
        family, given = name if name[0] else (cells.surname(rng), self._given())
        mobile = self.mobile()
        one = Person(
            family,
            given,
            mobile,
            self.mail(firm, family, given, mobile),
            cells.weighted(rng, words.TITLES),
            english=rng.choice(words.ENGLISH),
        )
        one = replace(one, older=self.mobile()) if rng.random() < 0.07 else one
        one = replace(one, spare=self.mobile()) if rng.random() < 0.2 else one
        one = replace(one, direct=self.landline(firm.city)) if firm and rng.random() < 0.15 else one
        self.persons += 1
        return f"P{self.persons:07d}", one

    def people(self, firm: Firm) -> tuple[tuple[str, Person], ...]:
        """Return the contacts of a firm, each with their number."""
        return tuple(self.person(firm) for _ in range(cells.weighted(self.rng, PEOPLE)))

    def account(self, firm: Firm, kind: str, group: str, first: tuple[str, Person] | None = None) -> Account:
        """Return an account; `first` takes the place of the first contact."""
        people = self.people(firm)
        return Account(firm, (first, *people[1:]) if first else people, kind, group)

    def _west(self, longer: float) -> str:
        rng, fronts = self.rng, words.WEST_BRANDS
        return (rng.choice(fronts) + (rng.choice(fronts) if rng.random() < longer else "") + rng.choice(words.WEST_ENDS)).title()

    def western(self) -> Account:
        """Return a Western customer."""
        rng = self.rng
        brand = self._west(0.5)
        city, dial = rng.choice(words.WEST_CITIES)
        domain = f"{brand.lower()}{rng.randint(1, 99)}.example"
        number = f"{dial} {rng.randint(200, 999)} {rng.randint(1000, 9999)}"
        street = f"{rng.randint(1, 400)} {self._west(0.3)} {rng.choice(('Street', 'Road', 'Avenue', 'Lane'))}"
        firm = Abroad(
            brand, rng.choice(words.WEST_TRADES), rng.randrange(len(words.WEST_FORMS)), city, dial, number, domain, street
        )
        people = []
        for _ in range(cells.weighted(rng, PEOPLE)):
            given = rng.choice(words.WEST_GIVEN)
            family = rng.choice(words.WEST_FAMILY) if rng.random() < 0.6 else self._west(0.1)
            self.persons += 1
            phone = f"{dial} {rng.randint(1000, 9999)} {rng.randint(1000, 9999)}"
            people.append((f"P{self.persons:07d}", Person(family, given, phone, f"{given}.{family}@{domain}".lower())))
        return Account(firm, tuple(people), "western", "")


def _one_character_off(world: World, brand: str) -> str:
    rng = world.rng
    if rng.random() < 0.5 and (other := cells.misheard(rng, brand)) != brand:
        return other
    at = rng.randrange(len(brand))
    return brand[:at] + rng.choice(words.GLYPHS) + brand[at + 1 :]


def branch(world: World, group: str) -> list[Account]:
    """Return a head office and its branches, which buy for themselves."""
    rng, head = world.rng, world.firm()
    out = [world.account(head, "branch", group)]
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        away = rng.random() < 0.88
        place = world.place(world.city(head.city) if away else head.city)
        office = (place.city.name if away else place.district) + cells.weighted(rng, words.OFFICES)
        if all(office != one.firm.office for one in out if isinstance(one.firm, Firm)):
            line, code = world.landline(place.city), world.code(place.city)
            out.append(
                world.account(replace(head, place=place, office=office, landline=line, code=code, before=None), "branch", group)
            )
    return out


def sister(world: World, group: str) -> list[Account]:
    """Return two firms of one brand and city in different trades; some share a domain, an address or a landline."""
    rng, one = world.rng, world.firm()
    other = world.firm(one.brand, world.trade(one.trade), one.city)
    other = replace(other, domain=one.domain) if rng.random() < 0.4 else other
    other = replace(other, place=one.place) if rng.random() < 0.3 else other
    other = replace(other, landline=one.landline) if rng.random() < 0.2 else other
    return [world.account(firm, "sister", group) for firm in (one, other)]


def chain(world: World, group: str) -> list[Account]:
    """Return firms of one brand and trade in different cities; some share a domain."""
    rng, one = world.rng, world.firm()
    others = [world.firm(one.brand, one.trade, world.city(one.city)) for _ in range(rng.choice((1, 1, 1, 2)))]
    if rng.random() < 0.3:
        others = [replace(other, domain=one.domain) for other in others]
    return [world.account(firm, "chain", group) for firm in (one, *others)]


def similar(world: World, group: str) -> list[Account]:
    """Return two firms of one trade whose brands are one character apart or sound the same, mostly in one city."""
    one = world.firm()
    city = one.city if world.rng.random() < 0.7 else world.city(one.city)
    return [
        world.account(firm, "similar", group) for firm in (one, world.firm(_one_character_off(world, one.brand), one.trade, city))
    ]


def boss(world: World, group: str) -> list[Account]:
    """Return two firms of one person, who has one mobile."""
    rng, one = world.rng, world.firm()
    other = world.firm(city=one.city if rng.random() < 0.8 else None)
    other = replace(other, place=one.place) if rng.random() < 0.25 else other
    other = replace(other, landline=one.landline) if rng.random() < 0.2 else other
    number, person = world.person(one)
    person = replace(person, title="总") if rng.random() < 0.7 else person
    second = person if rng.random() < 0.5 else replace(person, mail=world.mail(other, person.family, person.given, person.mobile))
    return [world.account(one, "boss", group, (number, person)), world.account(other, "boss", group, (number, second))]


def switchboard(world: World, group: str) -> list[Account]:
    """Return firms of one business centre, which answers for all of them; most have its address too."""
    rng, first = world.rng, world.firm()
    house = replace(first.place, building=rng.choice(words.ROADS) + "商务中心", room="801")
    out = []
    for firm in (first, *(world.firm(city=first.city) for _ in range(rng.choice((1, 1, 2, 3))))):
        room = f"{rng.randint(2, 24)}{rng.randint(1, 16):02d}"
        there = replace(firm, landline=first.landline, place=replace(house, room=room) if rng.random() < 0.7 else firm.place)
        out.append(world.account(there, "switchboard", group))
    return out


def namesake(world: World, group: str) -> list[Account]:
    """Return two firms with a contact each of the same name, often in one city, now and then in one trade."""
    rng, one = world.rng, world.firm()
    first = world.person(one)
    other = world.firm(trade=one.trade if rng.random() < 0.3 else None, city=one.city if rng.random() < 0.5 else None)
    second = world.person(other, (first[1].family, first[1].given))
    return [world.account(one, "namesake", group, first), world.account(other, "namesake", group, second)]


def moved(world: World, group: str) -> list[Account]:
    """Return two firms and the person who changed from one to the other, mostly with their mobile."""
    rng, one = world.rng, world.firm()
    other = world.firm(trade=one.trade if rng.random() < 0.4 else None, city=one.city if rng.random() < 0.7 else None)
    number, person = world.person(one)
    mobile = person.mobile if rng.random() < 0.8 else world.mobile()
    later = replace(person, mobile=mobile, mail=world.mail(other, person.family, person.given, mobile), direct="", older="")
    return [world.account(one, "moved", group, (number, person)), world.account(other, "moved", group, (number, later))]


def renamed(world: World, group: str) -> list[Account]:
    """Return a firm that bore another name before; half of these kept the brand. It has no look-alike, so no group."""
    rng, firm = world.rng, world.firm()
    old = world.firm(
        firm.brand if rng.random() < 0.5 else "", world.trade(firm.trade) if rng.random() < 0.6 else firm.trade, firm.city
    )
    return [world.account(replace(firm, former=(old.brand, old.trade)), "renamed", group)]


GROUPS: dict[str, Callable[[World, str], list[Account]]] = {
    "plain": lambda world, _: [world.account(world.firm(), "plain", "")],
    "western": lambda world, _: [world.western()],
    "renamed": renamed,
    "branch": branch,
    "sister": sister,
    "chain": chain,
    "similar": similar,
    "boss": boss,
    "switchboard": switchboard,
    "namesake": namesake,
    "moved": moved,
}


def _firm_row(rng: Random, firm: Firm, one: Person) -> Row:
    sheet = rng.choices(cells.SHEETS, cells.SHEET_WEIGHTS)[0]
    place = firm.before if firm.before and rng.random() < 0.35 else firm.place
    row = [
        cells.company(rng, firm, sheet),
        cells.contact(rng, one),
        cells.mobile(rng, one),
        cells.landline(rng, one.direct if one.direct and rng.random() < 0.6 else firm.landline),
        cells.mail(rng, one.mail),
        cells.address(rng, place),
        cells.town(rng, place.city),
        cells.code(rng, firm.code),
    ]
    return _lost(rng, row, sheet.lost)


def _abroad_row(rng: Random, firm: Abroad, one: Person) -> Row:
    sheet = rng.choices(cells.SHEETS, cells.SHEET_WEIGHTS)[0]
    digits = one.mobile if rng.random() < 0.7 else one.mobile.replace(" ", "")
    line = firm.landline if rng.random() < 0.6 else firm.landline.replace(" ", "-")
    street = (
        firm.street if rng.random() < 0.7 else firm.street.replace("Street", "St.").replace("Road", "Rd").replace("Avenue", "Ave")
    )
    row = [cells.abroad(rng, firm), cells.western(rng, one), digits, line, cells.mail(rng, one.mail), street, firm.city, ""]
    return _lost(rng, row, sheet.lost)


def _lost(rng: Random, row: Row, chances: tuple[float, ...]) -> Row:
    kept = ["" if rng.random() < chance else cell for cell, chance in zip(row, chances, strict=True)]
    return kept if kept[0] or (kept[1] and kept[2]) else [row[0], *kept[1:]]


def _private_row(rng: Random, one: Person, home: Place) -> Row:
    name = (
        one.name
        if rng.random() < 0.9
        else rng.choice((f"{one.name}{one.title}", f"{one.name}（个人）", f"{one.family} {one.given}"))
    )
    contact = "" if rng.random() < 0.5 else "本人" if rng.random() < 0.12 else one.name
    row = [name, contact, cells.mobile(rng, one), "", one.mail, cells.address(rng, home), cells.town(rng, home.city), ""]
    return _lost(rng, row, (0.0, 0.0, 0.04, 1.0, 0.85, 0.8, 0.55, 1.0))


def rows_of(world: World, one: Account) -> list[Row]:
    """Return the rows of an account: each contact as one to four people wrote them down."""
    world.accounts += 1
    rng, out = world.rng, []
    for number, person in one.people:
        truth = [f"A{world.accounts:07d}", number, one.kind, one.group]
        for _ in range(cells.weighted(rng, COPIES)):
            firm = one.firm
            out.append((_firm_row(rng, firm, person) if isinstance(firm, Firm) else _abroad_row(rng, firm, person)) + truth)
    return out


def _private(world: World) -> list[Row]:
    world.accounts += 1
    number, person = world.person()
    home, truth = world.place(world.city()), [f"A{world.accounts:07d}", number, "individual", ""]
    return [_private_row(world.rng, person, home) + truth for _ in range(cells.weighted(world.rng, COPIES))]


def customers(number: int, seed: int = 0) -> pd.DataFrame:
    """Return `number` rows in a shuffled order, columns COLUMNS; "" where a cell is missing. The same seed, the same table."""
    world = World(number, seed)
    kinds, weights = list(KINDS), list(KINDS.values())
    rows: list[Row] = []
    while len(rows) < number:
        kind = world.rng.choices(kinds, weights)[0]
        if kind == "individual":
            rows += _private(world)
            continue
        world.groups += kind in LOOKALIKES
        group = f"G{world.groups:06d}" if kind in LOOKALIKES else ""
        for one in GROUPS[kind](world, group):
            rows += rows_of(world, one)
    rows = rows[:number]
    world.rng.shuffle(rows)
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def main() -> int:
    """Write a table."""
    line = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("--n", type=int, default=20_000, help="number of rows")
    line.add_argument("--seed", type=int, default=0)
    line.add_argument("--out", type=Path, required=True)
    asked = line.parse_args()
    customers(asked.n, asked.seed).to_csv(asked.out, index=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
