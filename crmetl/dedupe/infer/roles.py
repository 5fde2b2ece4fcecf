"""What a single column holds, by its heading where the contents bear it out, else by its contents."""

import re
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from crmetl.clean.headings import HEADINGS, spelled
from crmetl.clean.naming import named, names_organisation, names_person
from crmetl.dedupe.compare.nicknames import NICKNAMES
from crmetl.dedupe.infer.contents import Contents

CATEGORY: Final = "text"
"""Type that values of a list are compared as: the same or not, by how frequent the value is."""

TYPE_OF: Final[Mapping[str, str]] = {
    **{
        kind: kind
        for kind in (
            "uscc", "tax_id", "email", "date_of_birth", "date", "mobile", "phone", "postcode", "url", "city", "region", "country",
            "address", "given_name", "family_name", "person_name", "company_name",
        )
    },
    "identity": "id_code",
    "number": "id_code",
    "full_name": "person_name",
    "middle_name": "given_name",
    "birth_place": "city",
    "house_number": "text",
    "text": "text",
    "district": CATEGORY,
    "category": CATEGORY,
    "birth_year": CATEGORY,
    "age": CATEGORY,
}  # fmt: skip
"""What a column holds -> the semantic type that it is compared as. Whatever is not here is left out, for this reason."""

ORDER: Final = (
    *(
        "row_number",
        "derived",
        "uscc",
        "tax_id",
        "identity",
        "birth_place",
        "birth_year",
        "bookkeeping",
        "date_of_birth",
        "label",
    ),
    *("category", "email", "mobile", "phone", "postcode", "lasting_date", "measure", "url", "house_number", "country", "region"),
    *("city", "district", "address", "full_name", "middle_name", "given_name", "family_name", "number", "moment", "age"),
    *("remarks", "description", "employer", "text", "person_name", "company_name", "customer_name", "name", "reference", "code"),
    "year",
)
"""The most telling first; in `公司电话` the last word counts, which is why names come late."""

_HEADINGS: Final = {name: re.compile(HEADINGS[name]) for name in ORDER}

MOSTLY, HALF = 0.6, 0.5
SURE = 0.9
"""Share of values that must have a shape where no heading speaks for it."""
LONGEST_TEXT, LONGEST_UNSAID = 120.0, 60.0
"""Characters, median, above which different texts are notes: under a heading that speaks of a title, and under any other."""
FAMILIAR = 0.3
"""Share of common given names among given names: the list has some 350 forms."""
FEW = 3
DAY_DIGITS = (5, 6, 8)
"""Digits of a day that is written as one number: a spreadsheet's serial, two or four digits of the year."""
_YES_NO: Final = frozenset(("0", "1", "y", "n", "yes", "no", "t", "f", "true", "false", "是", "否", "0.0", "1.0"))

Fits = Callable[[Contents], "str | None"]


def _if_share(role: str, shape: str, least: float = HALF) -> Fits:
    return lambda one: role if one.share(shape) >= least else None


def _lettered(role: str, *, words: float = 4.0) -> Fits:
    return lambda one: role if one.share("letters") >= MOSTLY and one.words <= words and one.share("date") < HALF else None


def _coded(role: str) -> Fits:
    return lambda one: role if one.share("code") >= HALF and one.share("date") < HALF else None


def _always(role: str) -> Fits:
    return lambda _one: role


def _number(one: Contents) -> str | None:
    """Business numbers are compared where they come again; each row with a number of its own is numbered by it."""
    if one.share("code") < HALF:
        return None
    return "row_number" if one.unique else "number"


def _code(one: Contents) -> str | None:
    if one.share("code") < HALF or one.share("date") >= SURE:
        return None
    if one.unique or one.numbering or one.share("uuid") >= SURE:
        return "row_number"
    return "category" if one.few else "code"


def _reference(one: Contents) -> str | None:
    """What a row refers to (its household, its order) is not what it is."""
    found = _code(one)
    return "code" if found == "category" else found


def _address(one: Contents) -> str | None:
    other = max(one.share(shape) for shape in ("date", "email", "url", "whole", "mobile"))
    return "address" if other < HALF and one.length >= 4 else None


def _region(one: Contents) -> str | None:
    if one.share("letters") >= MOSTLY and one.words <= 4:
        return "region"
    return "category" if one.length <= 3 and one.repeating else None


def _birth_date(one: Contents) -> str | None:
    if one.share("year") >= MOSTLY:
        return "birth_year"
    if one.share("whole") >= SURE and one.length <= 2:
        return "category"
    written = one.share("whole") >= SURE and one.length in DAY_DIGITS
    return "date_of_birth" if written or one.share("date") >= HALF else None


def _person(one: Contents) -> str | None:
    if one.share("letters") < MOSTLY:
        return _name(one)
    return "company_name" if _organisations(one) >= MOSTLY else "person_name"


def _company(one: Contents) -> str | None:
    found = _name(one)
    return "company_name" if found in ("person_name", "given_name") else found


def _customer(one: Contents) -> str | None:
    """People among customers are customers; a column of hardly anything but people is one of people."""
    found = _name(one)
    return found if found != "person_name" or _people(one) >= SURE else "company_name"


def _name(one: Contents) -> str | None:
    coded = one.words < 1.5 and one.share("code") >= HALF
    if coded or max(one.share(shape) for shape in ("number", "date", "email", "phone")) >= HALF:
        return None
    found = named(one.values)
    return "given_name" if found != "person_name" and one.words < 1.2 and _familiar(one) >= FAMILIAR else found


def _familiar(one: Contents) -> float:
    """Return the share of values that are common Western given names."""
    return float(np.mean([value.casefold() in NICKNAMES for value in one.values])) if one.values else 0.0


def _organisations(one: Contents) -> float:
    return float(np.mean([names_organisation(value) for value in one.values])) if one.values else 0.0


def _people(one: Contents) -> float:
    return float(np.mean([names_person(value) for value in one.values])) if one.values else 0.0


def _label(one: Contents) -> str:
    return "bookkeeping" if one.share("whole") >= SURE or one.distinct <= FEW else _text(one)


def _category(one: Contents) -> str | None:
    if one.share("phone") >= HALF and not one.repeating:
        return None
    return _text(one)


def _text(one: Contents) -> str:
    if one.share("date") >= MOSTLY:
        return "moment"
    if one.repeating:
        return "category"
    return "text" if one.length <= LONGEST_TEXT else "notes"


def _description(one: Contents) -> str:
    """A description that comes again and again is a category (`county_desc`)."""
    return "category" if one.repeating and one.length <= 40 and one.distinct > 1 and one.filled > 4 * one.distinct else "notes"


def _age(one: Contents) -> str:
    return "age" if one.share("whole") >= HALF and one.length <= 5 else _text(one)


def _year(one: Contents) -> str | None:
    return "category" if one.share("year") >= HALF else None


FITS: Final[Mapping[str, Fits]] = {
    **{role: _always(role) for role in ("row_number", "bookkeeping", "derived")},
    "remarks": _always("notes"),
    "moment": lambda one: "moment" if one.share("letters") < HALF else None,
    "measure": lambda one: "measure" if one.share("letters") < HALF else None,
    "label": _label,
    "uscc": lambda one: "uscc" if one.share("registered") >= HALF else _coded("identity")(one),
    "tax_id": _coded("tax_id"),
    "identity": _coded("identity"),
    "number": _number,
    "code": _code,
    "reference": _reference,
    "email": _if_share("email", "email"),
    "birth_place": _lettered("birth_place", words=6.0),
    "birth_year": _if_share("birth_year", "year"),
    "date_of_birth": _birth_date,
    "lasting_date": _if_share("date", "date"),
    "mobile": _if_share("mobile", "reached"),
    "phone": _if_share("phone", "reached"),
    "postcode": _if_share("postcode", "postcode"),
    "url": _if_share("url", "dotted"),
    "house_number": lambda one: "house_number" if one.length <= 8 else None,
    "country": _lettered("country"),
    "region": _region,
    "city": _lettered("city"),
    "district": _category,
    "address": _address,
    "full_name": _person,
    "person_name": _person,
    "given_name": _lettered("given_name"),
    "middle_name": _lettered("middle_name"),
    "family_name": _lettered("family_name"),
    "employer": _category,
    "company_name": _company,
    "customer_name": _customer,
    "name": _name,
    "category": _category,
    "text": _text,
    "description": _description,
    "age": _age,
    "year": _year,
}
"""Heading -> what a column under it holds, given its contents; None where they contradict it."""


def role_of(heading: str, contents: Contents) -> str:
    """
    Return what a column holds: a key of `TYPE_OF`, or the reason why it is not compared.

    >>> import pandas as pd
    >>> from crmetl.dedupe.infer.contents import contents_of
    >>> rows = {"birth_place": ["Leeds", "York"], "Site": ["www.a.example", "b.com"], "名称": ["恒曜贸易", "张伟"]}
    >>> {name: role_of(name, one) for name, one in contents_of(pd.DataFrame(rows, dtype="str")).items()}
    {'birth_place': 'birth_place', 'Site': 'url', '名称': 'company_name'}
    """
    if not contents.values:
        return "empty"
    said = spelled(heading)
    for name, pattern in _HEADINGS.items():
        if pattern.search(said):
            found = FITS[name](contents)
            if found:
                return found
    return by_contents(contents)


TELLING: Final[tuple[tuple[str, Callable[[Contents], bool]], ...]] = (
    ("email", lambda one: one.share("email") >= SURE),
    ("url", lambda one: one.share("url") >= SURE),
    ("uscc", lambda one: one.share("uscc") >= SURE),
    ("row_number", lambda one: one.share("uuid") >= SURE),
    ("date", lambda one: one.share("date") >= SURE and one.generations),
    ("moment", lambda one: one.share("date") >= SURE),
    ("mobile", lambda one: one.share("mobile") >= SURE),
    ("phone", lambda one: one.share("phone") >= SURE > one.share("number")),
    ("row_number", lambda one: one.numbering or (one.share("whole") >= SURE and one.unique)),
    ("measure", lambda one: one.share("number") >= SURE),
    ("bookkeeping", lambda one: {value.casefold() for value in one.values} <= _YES_NO),
    ("company_name", lambda one: one.share("company") >= MOSTLY),
    ("address", lambda one: one.share("address") >= MOSTLY and one.distinct >= FEW),
    ("city", lambda one: one.share("city") >= MOSTLY and one.distinct >= FEW),
    ("region", lambda one: one.share("region") >= MOSTLY and one.distinct >= FEW),
    ("person_name", lambda one: one.share("chinese") >= SURE and not one.repeating and _people(one) >= SURE),
    ("given_name", lambda one: one.words < 1.2 and _familiar(one) >= FAMILIAR),
)
"""What contents alone can show, the narrowest first."""


def by_contents(one: Contents) -> str:
    """Return what a column holds of which the heading tells nothing that its contents bear out."""
    shown = next((role for role, shows in TELLING if shows(one)), None)
    if shown or one.share("code") < SURE or one.share("letters") >= HALF:
        return shown or ("notes" if one.length > LONGEST_UNSAID and not one.repeating else _text(one))
    return "row_number" if one.unique else "category" if one.few else "code"
