"""The forms in which cells of parents are stored and evidence is asked; what a form is, the semantic types know."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from crmetl.clean import TYPES, Cleaned
from crmetl.schema import SemanticName

SEPARATOR = "\x1f"
"""Joins the parts of a key; no cleaned cell holds it."""
PHONES: tuple[SemanticName, ...] = ("phone", "mobile")

Form = Literal["normal", "brand", "domain"]
Forms: TypeAlias = Callable[[str], tuple[str, ...]]

_SPLIT: tuple[SemanticName, ...] = ("email", *PHONES)
"""Types of which an evidence cell may hold several, joined by `;` or as people join them."""
_ANYWHERE = "*"


def stored(kind: SemanticName, form: Form) -> Forms:
    """Return what a parent's canonical cell is found by."""
    match form:
        case "brand":
            return lambda cell: tuple(f"{one}{SEPARATOR}{rest}" for place, rest in _brand(cell) for one in (place, _ANYWHERE))
        case "domain":
            return lambda cell: _domain(kind, cell)
        case _:
            return lambda cell: _normal(kind, cell)


def asked(kind: SemanticName, form: Form) -> Forms:
    """
    Return what one value of an evidence cell is looked up by.

    A company's name that tells its place is met by names of that place, and by names that tell none; never by a name of
    another place, which is the same brand elsewhere. A name without place needs a trade.
    """
    match form:
        case "brand":
            return lambda value: tuple(key for one in _read(kind, value) for key in _asked_brand(one))
        case "domain":
            return lambda value: tuple(key for one in _read(kind, value) for key in _domain(kind, one))
        case _:
            return lambda value: tuple(key for one in _read(kind, value) for key in _normal(kind, one))


def pieces(kind: SemanticName, cell: str) -> list[str]:
    """
    Return the values of an evidence cell, in their order.

    >>> pieces("email", "a@huaxin.com;b@huaxin.com"), pieces("company_name", "甲;乙")
    (['a@huaxin.com', 'b@huaxin.com'], ['甲;乙'])
    """
    if kind not in _SPLIT:
        return [cell]
    return [one for part in cell.split(";") if part.strip() for one in TYPES[kind].split(part)]


def _read(kind: SemanticName, cell: str) -> tuple[str, ...]:
    """Return the canonical form of an evidence cell; nothing where it cannot be read or says nothing."""
    answer = TYPES[kind].parse(cell)
    return (answer.value,) if isinstance(answer, Cleaned) and answer.value is not None else ()


def _normal(kind: SemanticName, cell: str) -> tuple[str, ...]:
    if kind in PHONES and not cell.startswith("+"):
        # A row that people edit in the CRM may hold a number as they write it.
        return tuple(TYPES[kind].normal(one) for one in _read(kind, cell))
    return (TYPES[kind].normal(cell),)


def _domain(kind: SemanticName, cell: str) -> tuple[str, ...]:
    facts = TYPES[kind].facts(cell)
    return () if "free" in facts or not facts.get("domain") else (facts["domain"].removeprefix("www."),)


def _brand(name: str) -> list[tuple[str, str]]:
    facts = TYPES["company_name"].facts(name)
    rest = "|".join(facts.get(part, "") for part in ("brand", "trade", "branch"))
    return [(facts.get("region", ""), rest)] if facts.get("brand") and (facts.get("trade") or facts.get("region")) else []


def _asked_brand(name: str) -> tuple[str, ...]:
    places = {place: (place, "") if place else (_ANYWHERE,) for place, _ in _brand(name)}
    return tuple(f"{one}{SEPARATOR}{rest}" for place, rest in _brand(name) for one in places[place])
