"""Customers' people, and our own."""

from dataclasses import dataclass
from random import Random

from sample_data.estate.numbers import Numbers
from sample_data.estate.words import GIVEN_HER, GIVEN_HIM, SURNAMES, TITLES

FREEMAIL = ("mail163.example", "qqyou.example", "freepost.example")
"""Invented free mail houses: an address there says nothing of the company."""

ABROAD_GIVEN = {
    "US": "Karen Brian Alicia Derek Monica Todd Janelle Marcus Heather Curtis".split(),
    "GB": "Fiona Gareth Imogen Callum Harriet Rhys Bethan Alistair Nigel Tamsin".split(),
    "DE": "Jürgen Anke Holger Sabine Matthias Heike Torsten Birgit Götz Kerstin".split(),
    "JP": "Haruki Yumi Takashi Naoko Kenji Aya Daisuke Emi Shinji Rie".split(),
    "SG": "Wei Ling,Jun Hao,Siti,Kumar,Mei Fong,Hafiz,Priya,Boon Keng,Xin Yi,Ravi".split(","),
}
ABROAD_FAMILY = {
    "US": "Whitcomb Delgado Ferris Okafor Lindqvist Prewitt Santoro Hadley Moreau Kessler Barlow Trujillo".split(),
    "GB": "Ashdown Pemberton Crossley Llewellyn Marsden Fairbrother Holroyd Penhale Tindall Garrick Weatherby Yarrow".split(),
    "DE": "Brückner Hölzel Vogelsang Kämmerer Weidlich Strassburger Rothfuß Lindemann Schädlich Oehler Pfannkuch Thiele".split(),
    "JP": "Kurosawa Nishimori Hayakawa Otsubo Shinohara Takemura Mizushima Iwasaki Fujinaga Kitagawa Morikawa Asano".split(),
    "SG": "Tan Lim Chua Rahman Nair Goh Yeo Teo Koh Subramaniam Ong Quek".split(),
}
ABROAD_TITLES = ("Purchasing Manager", "Plant Engineer", "Managing Director", "Buyer", "Head of Operations", "Maintenance Lead")


@dataclass(slots=True)
class Person:
    """
    One contact of one customer; a boss of two companies is two of them with one mobile.

    Attributes:
        sound: Letters for the e-mail address.
        other_mobile: A second number, for cells that hold two.
    """

    id: str
    company: str
    name: str
    family: str
    woman: bool
    title: str
    sound: str
    mobile: str
    email: str
    other_mobile: str


@dataclass(frozen=True, slots=True)
class User:
    """One of our own people."""

    login: str
    name: str
    branch: str
    active: bool = True

    def email(self) -> str:
        """Return the address at our company."""
        return f"{self.login}@lanchuan.example"


USERS = (
    User("zhangwei", "张伟", "east"),
    User("lina", "李娜", "east"),
    User("chenchen", "陈晨", "east"),
    User("guwentao", "顾文涛", "east"),
    User("huangzhiqiang", "黄志强", "south"),
    User("linmeiyu", "林美玉", "south"),
    User("liangjun", "梁俊", "south"),
    User("wanglei", "王磊", "north"),
    User("liujing", "刘静", "north"),
    User("sunpeng", "孙鹏", "north"),
    User("zhouyi", "周怡", "abroad"),
    User("marktan", "Mark Tan", "abroad"),
    User("heting", "何婷", "service"),
    User("qianli", "钱莉", "service", active=False),
)
STRANGER = "周倩"
"""A sales name that no user list knows."""


def sellers(branch: str) -> tuple[User, ...]:
    """Return the sales people of a branch."""
    return tuple(one for one in USERS if one.branch == branch)


def _chinese(rng: Random) -> tuple[str, str, bool, str]:
    family, sound, _ = rng.choices(SURNAMES, weights=[one[2] for one in SURNAMES])[0]
    woman = rng.random() < 0.4
    given = rng.sample(GIVEN_HER if woman else GIVEN_HIM, 1 if rng.random() < 0.35 else 2)
    return family + "".join(one[0] for one in given), family, woman, sound + "".join(one[1] for one in given)


def _plain(text: str) -> str:
    table = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", " ": ""})
    return text.lower().translate(table)


def _abroad(country: str, rng: Random) -> tuple[str, str, bool, str]:
    given, family = rng.choice(ABROAD_GIVEN[country]), rng.choice(ABROAD_FAMILY[country])
    return f"{given} {family}", family, False, f"{_plain(given)}.{_plain(family)}"


def new_person(number: int, company: str, country: str, domain: str, numbers: Numbers, rng: Random) -> Person:
    """Return an invented contact; a quarter write from a free mail house."""
    at_home = country == "CN"
    name, family, woman, sound = _chinese(rng) if at_home else _abroad(country, rng)
    digits = "".join(rng.choices("0123456789", k=3))
    house = rng.choice(FREEMAIL) if at_home and rng.random() < 0.25 else domain
    local = sound + (digits if house != domain or rng.random() < 0.2 else "")
    return Person(
        id=f"P{number:06d}",
        company=company,
        name=name,
        family=family,
        woman=woman,
        title=rng.choice(TITLES if at_home else ABROAD_TITLES),
        sound=sound,
        mobile=numbers.mobile() if at_home else numbers.abroad(country),
        email=f"{local}@{house}",
        other_mobile=numbers.mobile() if at_home else numbers.abroad(country),
    )
