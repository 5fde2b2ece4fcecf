"""Looking for the parents of a chunk: each kind of evidence gives candidates."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.clean import TYPES
from crmetl.link.choice import Choice, narrow
from crmetl.link.firm import firm, may_be, readings
from crmetl.link.forms import PHONES, SEPARATOR, Form, asked, pieces, read, signed
from crmetl.link.index import TELLING, ParentIndex, People
from crmetl.link.lookup import Lookup, hits, together
from crmetl.schema import SemanticName

Columns: TypeAlias = Sequence["pd.Series[str]"]
PUBLIC = 4
"""A domain of more companies than this is a mail provider's that no list knows, not a group's."""
Rows: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sought:
    """
    One reference of a chunk and its evidence.

    Attributes:
        index: What its parents are found by.
        people: People of these parents: an account is also found by what its contacts are found by.
        key: Parent's key with its system (text of `ParentIndex.keyed`); None where no source gives one.
        evidence: Field of the parent -> cells; index is the row.
        quiet: The evidence is a field of the record's own, and finding nothing by it is no fault.
    """

    index: ParentIndex
    people: People | None
    key: "pd.Series[str] | None"
    evidence: Mapping[str, "pd.Series[str]"]
    quiet: bool = False

    def given(self, rows: int) -> Rows:
        """Say which of the rows have any evidence."""
        found = np.zeros(rows, dtype=bool)
        for one in (*self.evidence.values(), *([] if self.key is None else [self.key])):
            found = found | one.notna().to_numpy()
        return found

    def of(self, *kinds: SemanticName) -> list["pd.Series[str]"]:
        """Return the evidence columns of these types."""
        return [cells for name, cells in self.evidence.items() if self.index.types.get(name) in kinds]


def by_key(sought: Sought, choice: Choice) -> Choice:
    """Take the parent's key into account."""
    if sought.key is None:
        return choice
    get = sought.index.keyed.get
    return narrow(choice, "key", hits(sought.key[choice.wanting], lambda key: [(0, ref) for ref in get(key)]))


def by_codes(sought: Sought, choice: Choice) -> Choice:
    """Take codes and titles into account that stand in a field of the parent."""
    for name, cells in sought.evidence.items():
        kind = sought.index.types.get(name)
        if kind in TELLING:
            choice = narrow(choice, "code", _found([cells], choice.wanting, kind, "normal", partial(sought.index.code, name)))
    return choice


def by_email(sought: Sought, choice: Choice) -> Choice:
    """Take e-mail addresses into account."""
    return narrow(choice, "email", email_hits(sought, choice))


def email_hits(sought: Sought, choice: Choice) -> pd.DataFrame:
    """Return whom the addresses of undecided rows belong to, columns HIT."""
    return _found(sought.of("email"), choice.wanting, "email", "normal", lambda: sought.index.emails, people=sought.people)


def by_phone(sought: Sought, choice: Choice) -> Choice:
    """Take phone numbers into account, of whatever kind."""
    found = _found(sought.of(*PHONES), choice.wanting, "phone", "normal", lambda: sought.index.phones, people=sought.people)
    return narrow(choice, "phone", found)


def by_switchboard(sought: Sought, choice: Choice, phones: Columns) -> Choice:
    """Take numbers of a person into account that are the organisation's own."""
    return narrow(choice, "phone", _found(phones, choice.wanting, "phone", "normal", lambda: sought.index.phones))


def by_name(sought: Sought, choice: Choice) -> Choice:
    """Take whole company names into account."""
    return narrow(choice, "name", name_hits(sought, choice.wanting))


def name_hits(sought: Sought, rows: Rows) -> pd.DataFrame:
    """Return whom the company names of some rows belong to, columns HIT."""
    return _found(sought.of("company_name"), rows, "company_name", "normal", lambda: sought.index.names)


def by_brand(sought: Sought, choice: Choice) -> Choice:
    """Take company names into account that are shortened or written another way."""

    def ask(cell: str) -> list[tuple[int, int]]:
        names = [one for piece in pieces("company_name", cell) for one in read("company_name", piece)]
        return [(0, ref) for ref in _shortened(sought.index, names)]

    columns = [some for cells in sought.of("company_name") if (some := cells[choice.wanting].dropna()).size]
    return narrow(choice, "brand", together(hits(cells, ask) for cells in columns))


def by_signer(choice: Choice, people: People, account: Choice, bodies: Columns) -> Choice:
    """Take the name under a message into account, within the account that is already certain."""
    names = asked("person_name", "normal")

    def ask(cell: str) -> list[tuple[int, int]]:
        place, _, body = cell.partition(SEPARATOR)
        texts = {text for line in signed(body)[0] for text in names(line)}
        return [(0, ref) for text in sorted(texts) for ref in people.names.get(f"{place}{SEPARATOR}{text}")]

    return narrow(choice, "signature", together(hits(_placed(cells, choice, account), ask) for cells in bodies))


def _placed(cells: "pd.Series[str]", choice: Choice, account: Choice) -> "pd.Series[str]":
    """Return the cells of rows with an account and no person yet, each behind the place of its account."""
    return (pd.Series(account.ref, dtype="int64").astype("str") + SEPARATOR + cells)[choice.wanting & ~account.wanting]


def by_badge(sought: Sought, choice: Choice, person: Sought, people: People) -> Choice:
    """
    Take a cell into account that holds company and person at once, without a sign between them (`泓彦化工高立辉`).

    It counts only where the company has a person of that name.
    """

    def ask(cell: str) -> list[tuple[int, int]]:
        cuts = [(cell[:-length], cell[-length:]) for length in (2, 3, 4) if len(cell) - length > 1]
        found = ((ref, name) for company, name in cuts for ref in _shortened(sought.index, [company]))
        return [(0, ref) for ref, name in found if people.names.get(f"{ref}{SEPARATOR}{TYPES['person_name'].normal(name)}")]

    same = [cells.where(cells.eq(name)) for cells in sought.of("company_name") for name in person.of("person_name")]
    columns = [some for cells in same if (some := cells[choice.wanting].dropna()).size]
    return narrow(choice, "badge", together(hits(cells, ask) for cells in columns))


def _shortened(index: ParentIndex, names: Iterable[str]) -> list[int]:
    """Return the firms that names may stand for, by the longest brand that fits any."""
    for reading in (reading for name in names for reading in readings(firm(name))):
        found = [ref for ref in index.brands.get(reading.brand) if any(may_be(reading, one) for one in index.firms[ref])]
        if found:
            return found
    return []


def by_domain(sought: Sought, choice: Choice, emails: Columns) -> Choice:
    """
    Take the domains of addresses into account: of the parent's own, and of its people's.

    A domain says which company, never which person; one that more than PUBLIC companies share says nothing.
    """
    if not sought.index.of_firms:
        return choice
    columns = [*sought.of("email"), *emails]
    found = _found(columns, choice.wanting, "email", "domain", lambda: sought.index.domains, people=sought.people)
    return narrow(choice, "domain", found)


def by_signature(sought: Sought, choice: Choice, bodies: Columns) -> Choice:
    """Take the end of a message into account: a line that is a company's whole name, then a number that is its own."""
    index, people = sought.index, sought.people
    read_name, read_number = asked("company_name", "normal"), asked("phone", "normal")

    def named(body: str) -> list[tuple[int, int]]:
        return [(0, ref) for line in signed(body)[0] for text in read_name(line) for ref in index.names.get(text)]

    def called(body: str) -> list[tuple[int, int]]:
        numbers = [text for number in signed(body)[1] for text in read_number(number)]
        theirs = [one for text in numbers for one in (people.index.phones.get(text) if people else ())]
        above = people.above if people else {}
        return [(0, ref) for text in numbers for ref in index.phones.get(text)] + [
            (0, above[one]) for one in theirs if one in above
        ]

    for ask in (named, called):
        columns = [some for cells in bodies if (some := cells[choice.wanting].dropna()).size]
        choice = narrow(choice, "signature", together(hits(cells, ask) for cells in columns))
    return choice


def by_place(sought: Sought, choice: Choice) -> Choice:
    """Let a city, region, country or postcode tell candidates apart; it never finds one by itself."""
    for name, cells in sought.evidence.items():
        kind = sought.index.types.get(name)
        if kind in ("city", "region", "country", "postcode"):
            own = partial(sought.index.among, name, choice.several["ref"])
            choice = narrow(choice, "place", _found([cells], choice.unclear, kind, "normal", own), alone=False)
    return choice


def by_person(sought: Sought, choice: Choice, people: People, account: Choice) -> Choice:
    """
    Take names of people into account, each only within the account that is already certain.

    There the end of a longer cell counts, too (`采购部李强`, `泓彦化工高立辉`).
    """
    names = asked("person_name", "normal")

    def ask(cell: str) -> list[tuple[int, int]]:
        place, _, name = cell.partition(SEPARATOR)
        badge = [name[-length:] for length in (2, 3, 4) if len(name) > length + 1 and not name.isascii()]
        texts = {text for piece in (*pieces("person_name", name), *badge) for text in names(piece)}
        return [(0, ref) for text in sorted(texts) for ref in people.names.get(f"{place}{SEPARATOR}{text}")]

    return narrow(choice, "name", together(hits(_placed(cells, choice, account), ask) for cells in sought.of("person_name")))


def _found(
    columns: Columns, rows: Rows, kind: SemanticName, form: Form, own: Callable[[], Lookup], *, people: People | None = None
) -> pd.DataFrame:
    """
    Return whose the cells of some rows are, or whose person's, columns HIT.

    Look-ups of a whole entity are made when a cell first asks for them.
    """
    filled = [some for cells in columns if (some := cells[rows].dropna()).size]
    if not filled:
        return together([])
    ask = _ask(kind, form, own(), people)
    return together(hits(some, ask) for some in filled)


def _ask(kind: SemanticName, form: Form, own: Lookup, people: People | None) -> Callable[[str], list[tuple[int, int]]]:
    forms = asked(kind, form)
    theirs = Lookup() if people is None else people.index.by(kind, form)

    above: Mapping[int, int] = {} if people is None else people.above
    known: dict[str, tuple[int, ...]] = {}

    def places(text: str) -> tuple[int, ...]:
        found = set(own.get(text))
        for one in theirs.get(text):
            if one in above:
                found.add(above[one])
            if form == "domain" and len(found) > PUBLIC:
                break
        return () if form == "domain" and len(found) > PUBLIC else tuple(sorted(found))

    def ask(cell: str) -> list[tuple[int, int]]:
        answer = []
        for at, one in enumerate(pieces(kind, cell)):
            for text in forms(one):
                if text not in known:
                    known[text] = places(text)
                answer += [(at, ref) for ref in known[text]]
        return answer

    return ask
