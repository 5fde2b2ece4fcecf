"""Customers: their names as the register has them, and how a new one is invented."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sample_data.estate.numbers import Numbers
from sample_data.estate.people import STRANGER, sellers
from sample_data.estate.places import City, cities, full_address, street
from sample_data.estate.words import BRAND, BRAND_TAIL, FORMS, TAKEN, TRADES, Trade

ABROAD = City("", "", "abroad", "", "", 0, ())
FIRST_DAY = date(2015, 3, 2)


@dataclass(slots=True)
class Company:
    """
    One customer.

    Attributes:
        city: `ABROAD` for customers of other countries, whose town is in `town`.
        pattern: How the register composes the name; `{city}{brand}{trade}{form}` and its kin.
        ending: What follows the name of a branch office, such as 宁波分公司.
        status: active, inactive or deregistered.
        prospect: Known from the fair only.
    """

    id: str
    brand: str
    sound: str
    trade: Trade
    form: str
    pattern: str
    city: City
    town: str
    country: str
    line: str
    postcode: str
    landline: str
    credit_code: str
    domain: str
    owner: str
    since: date
    status: str = "active"
    ending: str = ""
    prospect: bool = False

    def name(self) -> str:
        """Return the full name."""
        base = self.pattern.format(
            city=self.city.name, province=self.city.province, brand=self.brand, trade=self.trade.full, form=self.form
        )
        return base + self.ending

    def nickname(self) -> str:
        """Return what colleagues call it: 云岭机械, with the town where it is a branch office."""
        if self.country != "CN":
            return f"{self.brand} {self.trade.short}"
        return self.brand + self.trade.short + self.ending.removesuffix("公司").replace("分", "")

    def address(self) -> str:
        """Return the address with province and city, or the street abroad."""
        return full_address(self.city, self.line) if self.country == "CN" else self.line


def invent_brand(rng: Random) -> tuple[str, str]:
    """Return a brand of two or three characters and its sound; no well-known one."""
    while True:
        first, second = rng.sample(BRAND, 2)
        if first.text + second.text not in TAKEN:
            break
    if rng.random() < 0.2:
        return first.text + second.text + rng.choice(BRAND_TAIL), first.sound + second.sound
    return first.text + second.text, first.sound + second.sound


def pattern_for(rng: Random, form: str) -> str:
    """Return how a name is composed; small works have the plain pattern."""
    if form in ("厂", "经营部"):
        return "{city}{brand}{trade}{form}"
    return rng.choices(
        (
            "{city}{brand}{trade}{form}",
            "{brand}（{city}）{trade}{form}",
            "{brand}{trade}（{city}）{form}",
            "{province}{brand}{trade}{form}",
        ),
        (66, 10, 8, 16),
    )[0]


class Founder:
    """Invents domestic customers; no two share brand and city, or a mail domain."""

    def __init__(self, numbers: Numbers, rng: Random) -> None:
        self._numbers, self._rng = numbers, rng
        self._cities = cities()
        self._seen: set[tuple[str, str]] = set()
        self._domains: set[str] = set()

    def domain(self, sound: str, trade: Trade) -> str:
        """Return a mail domain that nobody has yet."""
        for name in (sound, f"{sound}-{trade.sound}", f"{sound}{trade.sound}"):
            if name not in self._domains:
                break
        else:
            name = f"{sound}{len(self._domains)}"
        self._domains.add(name)
        return f"{name}.example"

    def city(self, other_than: City | None = None) -> City:
        """Return a city, the big branch a little more often."""
        weights = [{"east": 1.0, "south": 0.95, "north": 0.85}[one.branch] * (one != other_than) for one in self._cities]
        return self._rng.choices(self._cities, weights)[0]

    def free(self, brand: str, city: City) -> bool:
        """Say whether the brand is new to the city, and take it."""
        if (brand, city.name) in self._seen:
            return False
        self._seen.add((brand, city.name))
        return True

    def found(self, number: int) -> Company:
        """Return a new customer."""
        rng = self._rng
        while True:
            city = self.city()
            brand, sound = invent_brand(rng)
            if self.free(brand, city):
                break
        trade = rng.choice(TRADES)
        form = rng.choices([one for one, _ in FORMS], [weight for _, weight in FORMS])[0]
        return self.settle(number, brand, sound, trade, form, pattern_for(rng, form), city)

    def settle(self, number: int, brand: str, sound: str, trade: Trade, form: str, pattern: str, city: City) -> Company:
        """Give a named customer its place, numbers and seller."""
        rng = self._rng
        return Company(
            id=f"C{number:06d}",
            brand=brand,
            sound=sound,
            trade=trade,
            form=form,
            pattern=pattern,
            city=city,
            town=city.name,
            country="CN",
            line=street(city, rng),
            postcode=city.division + f"{rng.randint(0, 99):02d}",
            landline=self._numbers.landline(city.area_code, city.digits),
            credit_code=self._numbers.credit_code(city.division),
            domain=self.domain(sound, trade),
            owner=rng.choice(sellers(city.branch)).name,
            since=FIRST_DAY + timedelta(days=rng.randint(0, 3_300)),
        )


def retire_some(companies: list[Company], rng: Random) -> None:
    """Deregister and idle a few customers, and leave a few to a seller whom nobody knows."""
    at_home = [one for one in companies if one.country == "CN"]
    chosen = rng.sample(at_home, max(12, len(at_home) // 14))
    third = max(4, len(chosen) // 2)
    for one in chosen[:third]:
        one.status = "deregistered"
    for one in chosen[third:]:
        one.status = "inactive"
    for one in rng.sample([one for one in at_home if one.status == "active"], max(2, len(at_home) // 120)):
        one.owner = STRANGER
