"""How the ways to reach somebody are read and compared: numbers, mailboxes, sites."""

import numpy as np

from crmetl.clean import TYPES
from crmetl.dedupe.compare import atonce
from crmetl.dedupe.compare.codes import Codes, Levels, Texts, texts
from crmetl.dedupe.compare.columns import Column, Family
from crmetl.dedupe.compare.measures import agree, both, jaro, within
from crmetl.dedupe.compare.place import city_of_number
from crmetl.dedupe.compare.reading import Part, Reading

ALIKE = 0.9
"""Jaro-Winkler similarity of two mailbox names that are made of one person's name."""


def read_number(values: Texts) -> Reading:
    """Read a telephone number in canonical form; `*` stands for a hidden digit."""
    return atonce.read(values, _read_number, atonce.NUMBERS)


def _read_number(values: Texts) -> Reading:
    digits = [_digits(one) for one in values]
    masked = texts([one[-11:-8] + one[-4:] if len(one) >= 11 else "" for one in digits])
    whole = texts(["" if "*" in one else one for one in digits])
    return Reading(
        parts={
            "masked": masked,
            "hidden": texts(["hidden" if "*" in one else "" for one in digits]),
            "head": texts([one[:-5] for one in digits]),
            "tail": texts([one[-5:] for one in digits]),
            "bare": texts(["bare" if 7 <= len(one) <= 8 else "" for one in digits]),
            "seven": texts([one[-7:] if len(one) >= 7 else "" for one in digits]),
            "eight": texts([one[-8:] if len(one) >= 8 else "" for one in digits]),
            "city": texts([city_of_number(one) for one in digits]),
        },
        bases={"same": values},
        strong={"number": whole, "masked": masked},
        weak={"subscriber": texts([one[-7:] if len(one) >= 7 else "" for one in digits])},
        coarse={
            "number_head": texts([one[:-4] if len(one) >= 7 else "" for one in digits]),
            "number_end": texts([one[-4:] if len(one) >= 7 else "" for one in digits]),
        },
    )


def _digits(number: str) -> str:
    """Return the digits and hidden digits of a number."""
    if number[:1] == "+" and number[1:].isdigit():
        return number[1:]
    return "".join(one for one in number if one.isdigit() or one == "*")


def compare_number(column: Column, a: Codes, b: Codes) -> Levels:
    """A hidden middle fits what it fits; without its area code a number is `bare`; one digit off is `edit`, two are `near`."""
    part = column.coded
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    close = agree(part["head"], a, b) | agree(part["tail"], a, b)
    out[within(2, column.values, a, b, close)] = column.level("near")
    out[within(1, column.values, a, b, close)] = column.level("edit")
    bare = (part["bare"][a] >= 0) | (part["bare"][b] >= 0)
    tails = agree(part["seven"], a, b), agree(part["eight"], a, b)
    out[bare & (tails[1] | (tails[0] & ~both(part["eight"], a, b)))] = column.level("bare")
    hidden = (part["hidden"][a] >= 0) | (part["hidden"][b] >= 0)
    out[hidden] = column.level("else")
    out[hidden & agree(part["masked"], a, b)] = column.level("masked")
    return out


def equal_number(reading: Reading) -> list[str]:
    """Two equal hidden numbers agree in what is seen only."""
    hidden = reading.parts["hidden"]
    if isinstance(hidden, Part) and not len(hidden.different):
        return ["same"] * len(hidden)
    return ["masked" if one else "same" for one in hidden]


def read_email(values: Texts) -> Reading:
    """Read mailbox and domain; a domain that gives mail to everybody counts as none."""
    return atonce.read(values, _read_email, atonce.MAILBOXES)


def _read_email(values: Texts) -> Reading:
    split = [one.rpartition("@") for one in values]
    local, domain = texts([one[0] for one in split]), texts([one[2] for one in split])
    own = texts(["" if (facts := TYPES["email"].facts(one)).get("free") else facts.get("domain", "") for one in values])
    return Reading(
        parts={
            "local": texts([one if len(one) > 3 else "" for one in local]),
            "domain": domain,
            "own": own,
            "head": texts([one[:2] for one in local]),
            "start": texts([one[:2] if len(one) > 3 else "" for one in local]),
            "end": texts([one[-4:] if len(one) > 3 else "" for one in local]),
        },
        bases={"same": values, "domain": own},
        strong={"email": values, "domain": own},
        weak={"local": texts([one if len(one) > 3 else "" for one in local])},
        coarse={"mail_head": texts([one[:5] if len(one) > 3 else "" for one in local])},
    )


def compare_email(column: Column, a: Codes, b: Codes) -> Levels:
    """Mailbox nearly alike at one domain, mailbox alike, domain of a firm alike."""
    out = np.full(len(a), column.level("else"), dtype=np.uint8)
    out[agree(column.coded["own"], a, b)] = column.level("domain")
    start = agree(column.coded["start"], a, b) | agree(column.coded["end"], a, b)
    alike = start & (jaro(column.reading.parts["local"].texts, a, b, start) >= ALIKE)
    out[alike] = column.level("alike")
    out[within(2, column.values, a, b, alike)] = column.level("slip")
    out[agree(column.coded["local"], a, b)] = column.level("local")
    near = agree(column.coded["domain"], a, b) & agree(column.coded["head"], a, b)
    out[within(1, column.values, a, b, near)] = column.level("close")
    return out


def read_web(values: Texts) -> Reading:
    """Read the host of a site, without `www.`."""
    hosts = [one.partition("//")[2] or one for one in values]
    host = texts([one.partition("/")[0].removeprefix("www.") for one in hosts])
    return Reading(parts={"host": host}, bases={"same": host}, strong={"host": host})


def compare_web(column: Column, a: Codes, b: Codes) -> Levels:
    """The same host is the same site."""
    same = agree(column.coded["host"], a, b)
    return np.where(same, column.level("same"), column.level("else")).astype(np.uint8)


NUMBER = Family(read_number, compare_number, equal_number)
EMAIL = Family(read_email, compare_email)
WEB = Family(read_web, compare_web)
