"""Looking for the parents of a chunk: each kind of evidence gives candidates."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.link.choice import Choice, candidates, narrow
from crmetl.link.forms import PHONES, SEPARATOR, Form, asked, pieces, spread, stored
from crmetl.link.index import TELLING, ParentIndex
from crmetl.schema import SemanticName

HIT = ("row", "at", "ref")
"""Row, place of the value in its cell, candidate."""


@dataclass(frozen=True)
class Sought:
    """
    One reference of a chunk and its evidence.

    Attributes:
        name: Reference field.
        index: What its parents are found by.
        people: Index of the people of these parents, and each person's place -> place of the parent; an account is also
            found by what its contacts are found by.
        key: Parent's key with its system (text of `ParentIndex.keyed`); None where no source gives one.
        evidence: Field of the parent -> cells; index is the row.
        quiet: The evidence is a field of the record's own, and finding nothing by it is no fault.
    """

    name: str
    index: ParentIndex
    people: "tuple[ParentIndex, pd.Series[int]] | None"
    key: "pd.Series[str] | None"
    evidence: Mapping[str, "pd.Series[str]"]
    quiet: bool = False

    def given(self, rows: int) -> "pd.Series[bool]":
        """Say which of the rows have any evidence."""
        columns = [*self.evidence.values(), *([] if self.key is None else [self.key])]
        found = pd.Series(False, index=range(rows))
        for one in columns:
            found |= one.notna()
        return found

    def of(self, kinds: tuple[SemanticName, ...]) -> dict[str, "pd.Series[str]"]:
        """Return the evidence columns of these types."""
        return {name: cells for name, cells in self.evidence.items() if self.index.types.get(name) in kinds}


def by_key(sought: Sought, choice: Choice) -> Choice:
    """Take the parent's key into account."""
    if sought.key is None:
        return choice
    cells = sought.key[choice.wanting].dropna()
    found = pd.DataFrame({"row": cells.index.to_numpy(), "text": cells.to_numpy()}).merge(sought.index.keyed, on="text")
    return narrow(choice, "key", found)


def by_codes(sought: Sought, choice: Choice) -> Choice:
    """Take codes and titles into account that stand in a field of the parent."""
    for name, cells in sought.of(TELLING).items():
        choice = narrow(
            choice, "code", hits(cells[choice.wanting], sought.index.types[name], "normal", sought.index.exact.get(name))
        )
    return choice


def by_email(sought: Sought, choice: Choice) -> Choice:
    """Take e-mail addresses into account."""
    return narrow(choice, "email", email_hits(sought, choice))


def email_hits(sought: Sought, choice: Choice) -> pd.DataFrame:
    """Return whom the addresses of undecided rows belong to, columns HIT."""
    pairs = _with_people(sought, sought.index.emails, sought.people[0].emails if sought.people else None)
    return _all([hits(cells[choice.wanting], "email", "normal", pairs) for cells in sought.of(("email",)).values()])


def by_phone(sought: Sought, choice: Choice) -> Choice:
    """Take phone numbers into account, of whatever kind."""
    pairs = _with_people(sought, sought.index.phones, sought.people[0].phones if sought.people else None)
    return narrow(
        choice, "phone", _all([hits(one[choice.wanting], "phone", "normal", pairs) for one in sought.of(PHONES).values()])
    )


def by_switchboard(sought: Sought, choice: Choice, phones: "list[pd.Series[str]]") -> Choice:
    """Take numbers of a person into account that are the organisation's own."""
    return narrow(choice, "phone", _all([hits(one[choice.wanting], "phone", "normal", sought.index.phones) for one in phones]))


def by_name(sought: Sought, choice: Choice) -> Choice:
    """Take whole company names into account."""
    return narrow(choice, "name", name_hits(sought, choice.wanting))


def name_hits(sought: Sought, rows: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return whom the company names of some rows belong to, columns HIT."""
    return _all(
        [hits(cells[rows], "company_name", "normal", sought.index.names) for cells in sought.of(("company_name",)).values()]
    )


def by_brand(sought: Sought, choice: Choice) -> Choice:
    """Take brand, trade and place of company names into account."""
    found = [
        hits(cells[choice.wanting], "company_name", "brand", sought.index.brands)
        for cells in sought.of(("company_name",)).values()
    ]
    return narrow(choice, "brand", _all(found))


def by_domain(sought: Sought, choice: Choice, emails: "list[pd.Series[str]]") -> Choice:
    """Take the domains of addresses into account: of the parent's own, and of its people's."""
    pairs = _with_people(sought, sought.index.domains, sought.people[0].domains if sought.people else None)
    own = [*sought.of(("email",)).values()]
    return narrow(choice, "domain", _all([hits(cells[choice.wanting], "email", "domain", pairs) for cells in (*own, *emails)]))


def by_place(sought: Sought, choice: Choice) -> Choice:
    """Let a city, region, country or postcode tell candidates apart; it never finds one by itself."""
    for name in sought.of(("city", "region", "country", "postcode")):
        cells = sought.evidence[name][choice.unclear]
        kept = sought.index.cells.get(name)
        if not len(cells) or kept is None:
            continue
        pairs = spread(kept[kept.index.isin(choice.several["ref"])], stored(sought.index.types[name], "normal"))
        pairs = pairs.rename(columns={"row": "ref"})
        choice = narrow(choice, "place", hits(cells, sought.index.types[name], "normal", pairs), alone=False)
    return choice


def by_person(sought: Sought, choice: Choice, above: "pd.Series[str]") -> Choice:
    """
    Take names of people into account, each only within the organisation that is already certain.

    Args:
        sought: The reference to the person.
        choice: What is known of it.
        above: Row -> reference to the organisation; NA where it is not certain.
    """
    found = []
    for cells in sought.of(("person_name",)).values():
        named = spread(cells[choice.wanting & above.notna().to_numpy()], asked("person_name", "normal"))
        named = named.assign(text=named["row"].map(above).astype("str") + SEPARATOR + named["text"])
        found.append(named.merge(sought.index.persons, on="text").assign(at=0)[list(HIT)])
    return narrow(choice, "name", _all(found))


def hits(cells: "pd.Series[str]", kind: SemanticName, form: Form, pairs: pd.DataFrame | None) -> pd.DataFrame:
    """
    Look evidence up.

    Args:
        cells: Evidence; index is the row.
        kind: Its type.
        form: In which form it is looked up.
        pairs: Columns text, ref.

    Returns:
        Columns HIT.
    """
    if pairs is None or not cells.notna().any():
        return _all([])
    parts = pieces(cells, kind)
    found = spread(parts["text"], asked(kind, form)).merge(pairs, on="text")
    places = parts[["row", "at"]].take(found["row"].to_numpy()).reset_index(drop=True)
    return places.assign(ref=found["ref"].to_numpy())


def _all(found: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [one for one in found if len(one)]
    return pd.concat(filled, ignore_index=True) if filled else candidates().assign(at=0)[list(HIT)]


def _with_people(sought: Sought, own: pd.DataFrame, theirs: pd.DataFrame | None) -> pd.DataFrame:
    """Add what people are found by to what their organisations are found by."""
    if theirs is None or sought.people is None:
        return own
    above = theirs.assign(ref=theirs["ref"].map(sought.people[1])).dropna().astype({"ref": "int64"})
    return pd.concat([own, above]).drop_duplicates()
