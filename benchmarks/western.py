"""
Invented Western customers with everything that makes matching hard, for benchmarks; the truth is the column `entity`.

    python benchmarks/western.py --n 100000 --out people.csv

Households share surname, address and landline, often the mailbox; twins share the birth date; a son may bear his father's
name; names are skewed as real ones are; people move, marry, use nicknames and change numbers; records are typed with slips,
swapped names, lost fields and birth dates of 1 January. Frozen before any tuning: change it only with a new name.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

COLUMNS = ("entity", "first_name", "last_name", "dob", "email", "phone", "street", "city", "state", "postcode")
NICKNAMES = {
    "william": "bill", "robert": "bob", "richard": "rick", "james": "jim", "john": "jack", "michael": "mike", "joseph": "joe",
    "thomas": "tom", "charles": "chuck", "christopher": "chris", "daniel": "dan", "matthew": "matt", "anthony": "tony",
    "steven": "steve", "andrew": "andy", "kenneth": "ken", "edward": "ed", "timothy": "tim", "nicholas": "nick",
    "elizabeth": "liz", "jennifer": "jen", "barbara": "barb", "susan": "sue", "jessica": "jess", "margaret": "peggy",
    "kimberly": "kim", "deborah": "debbie", "rebecca": "becky", "katherine": "kate", "stephanie": "steph", "amanda": "mandy",
}  # fmt: skip
GIVEN = (
    *NICKNAMES, "mary", "linda", "sarah", "karen", "nancy", "lisa", "anna", "emma", "olivia", "laura", "helen", "julia", "mark",
    "paul", "kevin", "brian", "george", "peter", "frank", "henry", "oliver", "simon", "martin", "lucas", "felix", "maria",
    "clara", "diana", "rosa", "irene", "alice", "grace", "ruth", "jane", "claire", "nora", "ivy", "hugo", "leon", "victor",
    "arthur", "oscar", "adam", "ian", "neil", "carl", "erik", "nina", "eva", "lena", "greta", "tara", "bianca", "celia", "dora",
    "fiona",
)  # fmt: skip
SYLLABLES = (
    "ald", "bar", "ben", "brad", "brook", "cald", "car", "clay", "cros", "dal", "den", "dray", "eld", "fair", "field", "gar",
    "green", "hal", "ham", "hart", "hay", "hol", "horn", "kel", "ken", "lang", "law", "ley", "lin", "low", "mar", "mil", "mont",
    "nor", "oak", "par", "pen", "ray", "rid", "ros", "row", "sand", "shel", "son", "stan", "ston", "sum", "thorn", "ton", "tre",
    "wal", "war", "wes", "whit", "wil", "win", "wood", "worth", "yard", "york",
)  # fmt: skip
STREETS = ("street", "road", "avenue", "lane", "drive", "court", "place", "way")
MAILS = ("gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com", "mail.example", "post.example")
STATES = ("CA", "NY", "TX", "FL", "IL", "PA", "OH", "GA", "NC", "MI", "WA", "AZ")


@dataclass(frozen=True)
class Home:
    """Where a household lives."""

    street: str
    city: str
    state: str
    postcode: str
    phone: str


@dataclass(frozen=True)
class Person:
    """One true customer."""

    given: str
    surname: str
    dob: str
    email: str
    phone: str
    home: Home


@dataclass(frozen=True)
class World:
    """What people are drawn from: surnames, skewed as real ones are; places of a state, each with its postcodes."""

    surnames: Sequence[str]
    chances: "np.typing.NDArray[np.float64]"
    given: "np.typing.NDArray[np.float64]"
    places: Sequence[tuple[str, str, Sequence[str]]]
    roads: Sequence[str]


def _skewed(size: int, power: float) -> "np.typing.NDArray[np.float64]":
    shares = 1.0 / (np.arange(size) + 3.0) ** power
    out: np.typing.NDArray[np.float64] = shares / shares.sum()
    return out


def world(draw: np.random.Generator) -> World:
    """Return a world of 6,000 surnames, 400 places and 2,000 roads."""
    parts = list(SYLLABLES)
    names = list(dict.fromkeys("".join(draw.choice(parts, int(draw.choice([1, 2, 2, 2, 3])))) for _ in range(9_000)))[:6_000]
    places = []
    for number in range(400):
        state = str(draw.choice(STATES))
        name = "".join(draw.choice(parts, 2)) + str(draw.choice(["", "", " park", " hill", " springs", "ville"]))
        places.append((name, state, [f"{10_000 + 200 * number + int(k):05d}" for k in draw.integers(0, 200, 6)]))
    roads = ["".join(draw.choice(parts, 2)) + " " + str(draw.choice(STREETS)) for _ in range(2_000)]
    return World(names, _skewed(len(names), 0.9), _skewed(len(GIVEN), 0.8), places, roads)


def _phone(draw: np.random.Generator, area: int) -> str:
    return f"{area:03d}{int(draw.integers(2_000_000, 9_999_999)):07d}"


def _home(draw: np.random.Generator, w: World) -> Home:
    city, state, codes = w.places[int(len(w.places) * draw.random() ** 2)]
    street = f"{int(draw.integers(1, 400))} {w.roads[int(draw.integers(len(w.roads)))]}"
    return Home(street, city, state, str(codes[int(draw.integers(len(codes)))]), _phone(draw, 201 + hash_of(city) % 600))


def hash_of(text: str) -> int:
    """Return a number of a text that is the same in every process."""
    return sum((k + 1) * ord(one) for k, one in enumerate(text))


def _born(draw: np.random.Generator, low: int, high: int) -> str:
    return f"{int(draw.integers(low, high))}-{int(draw.integers(1, 13)):02d}-{int(draw.integers(1, 29)):02d}"


def _mail(draw: np.random.Generator, given: str, surname: str) -> str:
    tail = "" if draw.random() < 0.4 else str(int(draw.integers(1, 1000)))
    forms = (f"{given}.{surname}", f"{given[0]}{surname}", f"{given}{surname}", f"{surname}.{given}", f"{given}_{surname}")
    return f"{forms[int(draw.integers(5))]}{tail}@{MAILS[int(len(MAILS) * draw.random() ** 2)]}"


def _adult(draw: np.random.Generator, w: World, surname: str, home: Home, years: tuple[int, int]) -> Person:
    given = GIVEN[int(draw.choice(len(GIVEN), p=w.given))]
    phone = home.phone if draw.random() < 0.35 else _phone(draw, int(home.phone[:3]))
    return Person(given, surname, _born(draw, *years), _mail(draw, given, surname), phone, home)


def household(draw: np.random.Generator, w: World) -> list[Person]:
    """Return the people of one household who are customers: singles, couples, families; twins and namesakes among them."""
    home, surname = _home(draw, w), w.surnames[int(draw.choice(len(w.surnames), p=w.chances))]
    people = [_adult(draw, w, surname, home, (1940, 2000))]
    kind = draw.random()
    if kind > 0.55:
        other = surname if draw.random() < 0.7 else w.surnames[int(draw.choice(len(w.surnames), p=w.chances))]
        spouse = _adult(draw, w, other, home, (1940, 2000))
        people.append(replace(spouse, email=people[0].email) if draw.random() < 0.25 else spouse)
    if kind > 0.8:
        child = _adult(draw, w, surname, home, (1990, 2006))
        child = replace(child, given=people[0].given) if draw.random() < 0.2 else child
        people.append(replace(child, email=people[0].email) if draw.random() < 0.2 else child)
        if draw.random() < 0.3:
            twin = _adult(draw, w, surname, home, (1990, 2006))
            people.append(replace(twin, dob=child.dob) if draw.random() < 0.4 else twin)
    return people


def slipped(draw: np.random.Generator, text: str) -> str:
    """Return the text with one slip of the keyboard."""
    if len(text) < 2:
        return text
    at, how = int(draw.integers(len(text) - 1)), draw.random()
    letter = chr(ord("a") + int(draw.integers(26))) if not text[at].isdigit() else str(int(draw.integers(10)))
    if how < 0.3:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if how < 0.55:
        return text[:at] + text[at + 1 :]
    return text[:at] + letter + text[at + (how < 0.85) :]


def _dob(draw: np.random.Generator, dob: str) -> str:
    year, month, day = dob.split("-")
    how = draw.random()
    if how < 0.02:
        return f"{year}-01-01"
    if how < 0.04:
        return f"{year}-{day}-{month}" if int(day) <= 12 else dob
    if how < 0.08:
        return f"{year}-{month}-{int(draw.integers(1, 29)):02d}"
    return f"{int(year) + int(draw.integers(-1, 2))}-{month}-{day}" if how < 0.09 else dob


def typed(draw: np.random.Generator, one: Person) -> list[str]:
    """Return one record of a person, as somebody typed it."""
    given, surname, street = one.given, one.surname, one.home.street
    how = draw.random()
    if how < 0.08:
        given = NICKNAMES.get(given, given)
    elif how < 0.11:
        given = given[0]
    elif how < 0.13:
        given, surname = surname, given
    given = slipped(draw, given) if draw.random() < 0.05 else given
    surname = slipped(draw, surname) if draw.random() < 0.06 else surname
    if draw.random() < 0.5:
        street = street.replace(" street", " st").replace(" avenue", " ave").replace(" road", " rd").replace(" drive", " dr")
    street = slipped(draw, street) if draw.random() < 0.06 else street
    mail = slipped(draw, one.email) if draw.random() < 0.05 else one.email
    phone = slipped(draw, one.phone) if draw.random() < 0.04 else one.phone
    shown = f"({phone[:3]}) {phone[3:6]}-{phone[6:]}" if draw.random() < 0.5 else phone
    cells = [given.title(), surname.title(), _dob(draw, one.dob), mail, shown, street.title(), one.home.city.title()]
    cells += [one.home.state, one.home.postcode]
    lost = draw.random(9) < (0.02, 0.01, 0.12, 0.25, 0.2, 0.06, 0.04, 0.05, 0.06)
    return ["" if gone else cell for cell, gone in zip(cells, lost.tolist(), strict=True)]


def _later(draw: np.random.Generator, w: World, one: Person) -> Person:
    """Return the person some years on: moved, married, with another number or mailbox, or as before."""
    if draw.random() < 0.12:
        one = replace(one, home=_home(draw, w))
    if draw.random() < 0.03:
        one = replace(one, surname=w.surnames[int(draw.choice(len(w.surnames), p=w.chances))])
    if draw.random() < 0.15:
        one = replace(one, phone=_phone(draw, int(one.home.phone[:3])))
    return replace(one, email=_mail(draw, one.given, one.surname)) if draw.random() < 0.15 else one


def people(number: int, seed: int = 0) -> pd.DataFrame:
    """Return `number` records in a shuffled order, columns COLUMNS; "" where a cell is missing. The same seed, the same table."""
    draw = np.random.default_rng(seed)
    w = world(draw)
    rows: list[list[str]] = []
    entity = 0
    while len(rows) < number:
        for one in household(draw, w):
            copies = int(draw.choice([1, 1, 1, 2, 2, 3, 4]))
            rows += [[f"P{entity:08d}", *typed(draw, _later(draw, w, one) if copies > 1 else one)] for _ in range(copies)]
            entity += 1
    table = pd.DataFrame(rows[:number], columns=list(COLUMNS), dtype="str")
    return table.iloc[draw.permutation(number)].reset_index(drop=True)


def main() -> int:
    """Write a table."""
    line = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    line.add_argument("--n", type=int, default=100_000, help="number of records")
    line.add_argument("--seed", type=int, default=0)
    line.add_argument("--out", type=Path, required=True)
    asked = line.parse_args()
    people(asked.n, asked.seed).to_csv(asked.out, index=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
