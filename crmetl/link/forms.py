"""The forms in which cells of parents are stored and evidence is asked; what a form is, the semantic types know."""

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

import pandas as pd

from crmetl.clean import TYPES
from crmetl.clean.kind import Cleaned
from crmetl.schema import SemanticName

SEPARATOR = "\x1f"
"""Joins the parts of a key; no cleaned cell holds it."""

Form = Literal["normal", "brand", "domain"]
Forms: TypeAlias = Callable[[str], tuple[str, ...]]

_ANYWHERE = "*"
PHONES: tuple[SemanticName, ...] = ("phone", "mobile")
SPLIT: tuple[SemanticName, ...] = ("email", "phone", "mobile")
"""Types of which an evidence cell may hold several, joined by `;` or as people join them."""


def stored(kind: SemanticName, form: Form) -> Forms:
    """Return what a parent's canonical cell is found by."""
    match form:
        case "brand":
            return lambda cell: tuple(f"{place}{SEPARATOR}{rest}" for place, rest in _brand(cell) for place in (place, _ANYWHERE))
        case "domain":
            return lambda cell: _domain(kind, cell)
        case _:
            return lambda cell: _normal(kind, cell)


def asked(kind: SemanticName, form: Form) -> Forms:
    """
    Return what an evidence cell is looked up by.

    A company's name that tells its place is met by names of that place, and by names that tell none; never by a name of
    another place, which is the same brand elsewhere. A name without place needs a trade.
    """
    match form:
        case "brand":
            return lambda cell: tuple(key for name in _read(kind, cell) for key in _asked_brand(name))
        case "domain":
            return lambda cell: tuple(key for one in _read(kind, cell) for key in _domain(kind, one))
        case _:
            return lambda cell: tuple(key for one in _read(kind, cell) for key in _normal(kind, one))


def spread(cells: "pd.Series[str]", forms: Forms) -> pd.DataFrame:
    """
    Return a line per form of each cell.

    Args:
        cells: Index is a place (a row, or a place in `ParentIndex.refs`).
        forms: Asked once per distinct cell.

    Returns:
        Columns row, text.
    """
    filled = cells.dropna()
    table = [(cell, form) for cell in filled.unique().tolist() for form in forms(cell)]
    made = pd.DataFrame(table, columns=["cell", "text"], dtype="str")
    rows = pd.DataFrame({"row": filled.index.to_numpy(), "cell": filled.to_numpy()})
    return rows.merge(made, on="cell")[["row", "text"]]


def pieces(cells: "pd.Series[str]", kind: SemanticName) -> pd.DataFrame:
    """
    Return a line per value of each cell, in the order of the cell.

    Args:
        cells: Index is the row.
        kind: Type of the values.

    Returns:
        Columns row, at (place in the cell), text (one raw value).
    """
    filled = cells.dropna()
    table = [(cell, at, one) for cell in filled.unique().tolist() for at, one in enumerate(_split(kind, cell))]
    made = pd.DataFrame(table, columns=["cell", "at", "text"]).astype({"cell": "str", "text": "str", "at": "int64"})
    rows = pd.DataFrame({"row": filled.index.to_numpy(), "cell": filled.to_numpy()})
    return rows.merge(made, on="cell")[["row", "at", "text"]]


def _split(kind: SemanticName, cell: str) -> Iterable[str]:
    if kind not in SPLIT:
        return (cell,)
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
    return tuple(
        f"{place}{SEPARATOR}{rest}" for region, rest in _brand(name) for place in ((region, "") if region else (_ANYWHERE,))
    )
