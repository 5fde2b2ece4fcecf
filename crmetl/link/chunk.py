"""A chunk of records, its references and their evidence, as columns by row."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmetl.batch import SOURCE, Batch
from crmetl.link.choice import NOBODY, Choice, narrow, undecided
from crmetl.link.forms import SEPARATOR, asked, ending
from crmetl.link.index import ParentIndex, no_parents, people_of, translated
from crmetl.link.lookup import Lookup, hits
from crmetl.link.outcome import Outcome, Rows
from crmetl.link.rules import LinkRules
from crmetl.link.seek import Sought
from crmetl.link.settle import Settled, over, settle_alone, settle_pair


@dataclass(frozen=True)
class Chunk:
    """
    Records whose references are sought together.

    Attributes:
        batch: The records.
        rules: Of their entity.
        parents: Entity -> index.
        absorbed: rid -> surviving rid.
    """

    batch: Batch
    rules: LinkRules
    parents: Mapping[str, ParentIndex]
    absorbed: Mapping[str, str]

    def cells(self, name: str) -> "pd.Series[str]":
        """Return a column by row; empty where the chunk has no such column."""
        if name not in self.batch.frame.columns:
            return pd.Series(np.nan, index=range(len(self.batch)), dtype="str")
        return self.batch.frame[name].reset_index(drop=True).astype("str")

    def index(self, entity: str) -> ParentIndex:
        """Return the index of an entity; an empty one where it has no records."""
        return self.parents.get(entity) or no_parents(entity)

    def references(self) -> dict[str, Outcome]:
        """Settle all references but owners."""
        pair = self.rules.pair
        found = {} if pair is None else self._pair(pair.person, pair.organisation)
        return found | {name: self._alone(name) for name in self.rules.references if name not in found}

    def owners(self) -> dict[str, Outcome]:
        """Turn logins into users; an empty cell stays empty."""
        return {name: self._owner(name, entity, login) for name, (entity, login) in self.rules.owners.items()}

    def _alone(self, name: str) -> Outcome:
        sought, (begun, refs) = self._sought(name), self._begin(name)
        return self._outcome(name, sought, begun, settle_alone(sought, begun), refs)

    def _pair(self, person: str, organisation: str) -> dict[str, Outcome]:
        one, (people, theirs) = self._sought(person), self._begin(person)
        other, (start, refs) = self._sought(organisation), self._begin(organisation)
        crowd = people_of(one.index, other.index)
        contact, account = settle_pair(
            one, people, other, start, crowd=crowd, bodies=self._bodies(), must=person in self.rules.required
        )
        own = over(pd.Series(contact.choice.ref), crowd.above).to_numpy()
        elsewhere = (own != NOBODY) & ~account.choice.wanting & (own != account.choice.ref)
        return {
            organisation: self._outcome(organisation, other, start, account, refs),
            person: replace(self._outcome(person, one, people, contact, theirs), elsewhere=elsewhere),
        }

    def _sought(self, name: str) -> Sought:
        """Gather the evidence for a reference: its columns, or the own field that serves as one."""
        index = self.index(self.rules.references[name])
        columns = {one.partition(".")[2]: one for one in self.batch.frame.columns if one.startswith(f"{name}.")}
        own = {one.partition(".")[2]: field for one, field in self.rules.own.items() if one.startswith(f"{name}.")}
        people = self.parents.get(index.people or "")
        return Sought(
            index=index,
            people=None if people is None else people_of(people, index),
            key=self._key(columns["key"]) if "key" in columns else None,
            evidence={one: self.cells(column) for one, column in {**own, **columns}.items() if one != "key"},
            quiet=not columns and bool(own),
        )

    def _bodies(self) -> list["pd.Series[str]"]:
        """Return the ends of the texts of messages; of a table's rows, whose remarks nobody signs, none."""
        written = self.cells(SOURCE).isin(self.rules.unlinked)
        if not self.rules.body or not written.any():
            return []
        return [self.cells(self.rules.body).where(written).map(ending, na_action="ignore").astype("str")]

    def _key(self, column: str) -> "pd.Series[str]":
        return translated(self.cells(SOURCE), self.rules.systems) + SEPARATOR + self.cells(column).str.strip()

    def _begin(self, name: str) -> tuple[Choice, "pd.Index[str]"]:
        return start(self.cells(name), self.index(self.rules.references[name]), self.absorbed)

    def _outcome(self, name: str, sought: Sought, begun: Choice, done: Settled, refs: "pd.Index[str]") -> Outcome:
        nothing = np.zeros(len(self.batch), dtype=bool)
        return Outcome(
            before=self.cells(name),
            after=texts(done.choice, refs),
            by=done.choice.by,
            sought=nothing if sought.quiet else sought.given(len(self.batch)),
            unclear=nothing if sought.quiet else done.choice.unclear,
            left_empty=done.left_empty,
            disagrees=done.disagrees,
            unknown_key=nothing if sought.key is None else _unknown(sought.key[begun.wanting], sought.index.keyed, len(nothing)),
            elsewhere=nothing,
            no_user=nothing,
        )

    def _owner(self, name: str, entity: str, login: str) -> Outcome:
        index, nothing, before = self.index(entity), np.zeros(len(self.batch), dtype=bool), self.cells(name)
        choice, refs = start(before, index, self.absorbed, only_known=True)
        forms, users = asked(index.types.get(login, "id_code"), "normal"), index.code(login)

        def ask(cell: str) -> list[tuple[int, int]]:
            return [(0, ref) for text in forms(cell) for ref in users.get(text)]

        choice = narrow(choice, "login", hits(before[choice.wanting], ask))
        if self.rules.unassigned is not None:
            # The declared user takes over only where nobody fits; several users of one login are a matter for a person.
            left = before[choice.wanting & ~choice.unclear & before.notna().to_numpy()]
            choice = narrow(choice, "unassigned", hits(pd.Series(self.rules.unassigned, index=left.index, dtype="str"), ask))
        lost: Rows = before.notna().to_numpy() & choice.wanting & ~choice.unclear
        return Outcome(before, texts(choice, refs), choice.by, lost, choice.unclear, nothing, nothing, nothing, nothing, lost)


def start(
    cells: "pd.Series[str]", index: ParentIndex, absorbed: Mapping[str, str], *, only_known: bool = False
) -> tuple[Choice, "pd.Index[str]"]:
    """
    Return what cells say that already hold a reference.

    Args:
        cells: `@rid`, a target key, or NA; by row.
        index: Of the parents; references it does not know get places after its own.
        absorbed: rid -> surviving rid; chains are followed.
        only_known: A text that is no `@rid` and no key of the index is no reference (a login).

    Returns:
        The choice, and place -> reference.
    """
    codes, distinct = pd.factorize(cells)
    given = [
        text if not only_known or text.startswith("@") or text in index.place or text in index.alias else None
        for text in distinct.tolist()
    ]
    moved = [text if text is None else _stands_for(text, index.alias, absorbed) for text in given]
    strange = dict.fromkeys(text for text in moved if text is not None and text not in index.place)
    later = {text: len(index.refs) + number for number, text in enumerate(strange)}
    places = [NOBODY if text is None else index.place.get(text, later.get(text, NOBODY)) for text in moved]
    ref = np.array([*places, NOBODY], dtype="int64")[codes]
    reasons = ["" if to is None else "given" if to == text else "absorbed" for text, to in zip(given, moved, strict=True)]
    by = np.array([*reasons, ""], dtype=object)[codes]
    refs = index.refs.append(pd.Index(list(strange), dtype="str")) if strange else index.refs
    return replace(undecided(len(cells)), ref=ref, by=by), refs


def texts(choice: Choice, refs: "pd.Index[str]") -> "pd.Series[str]":
    """Return row -> reference, NA where none is chosen."""
    return pd.Series(refs.array.take(choice.ref, allow_fill=True), dtype="str")


def _unknown(keys: "pd.Series[str]", keyed: Lookup, rows: int) -> Rows:
    found = np.zeros(rows, dtype=bool)
    strange = [key for key in keys.dropna().unique().tolist() if not keyed.get(key)]
    found[keys.index[keys.isin(strange)]] = True
    return found


def _stands_for(text: str, alias: Mapping[str, str], absorbed: Mapping[str, str]) -> str:
    seen = {text}
    while True:
        to = f"@{absorbed[text[1:]]}" if text.startswith("@") and text[1:] in absorbed else alias.get(text, text)
        if to in seen:
            return text
        seen.add(to)
        text = to
