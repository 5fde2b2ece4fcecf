"""A chunk of records, its references and their evidence, as columns by row."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmetl.batch import SOURCE, Batch
from crmetl.link.choice import NOBODY, Choice, narrow, undecided
from crmetl.link.forms import SEPARATOR
from crmetl.link.index import ParentIndex, no_parents, translated
from crmetl.link.outcome import Outcome, Rows
from crmetl.link.rules import LinkRules
from crmetl.link.seek import Sought, hits
from crmetl.link.settle import Settled, settle_alone, settle_pair


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
        sought, start, refs = self._sought(name), *self._start(name)
        return self._outcome(name, sought, start, settle_alone(sought, start), refs)

    def _pair(self, person: str, organisation: str) -> dict[str, Outcome]:
        one, people, theirs = self._sought(person), *self._start(person)
        other, start, refs = self._sought(organisation), *self._start(organisation)
        above = _above(one.index, other.index, refs)
        contact, account = settle_pair(one, people, other, start, above=above, refs=refs, must=person in self.rules.required)
        own = pd.Series(contact.choice.ref).map(above)
        elsewhere = own.notna().to_numpy() & ~account.choice.wanting & own.ne(pd.Series(account.choice.ref)).to_numpy()
        return {
            organisation: self._outcome(organisation, other, start, account, refs),
            person: replace(self._outcome(person, one, people, contact, theirs), elsewhere=elsewhere),
        }

    def _sought(self, name: str) -> Sought:
        """Gather the evidence for a reference: its columns, or the own field that serves as one."""
        index = self.index(self.rules.references[name])
        columns = {one.partition(".")[2]: one for one in self.batch.frame.columns if one.startswith(f"{name}.")}
        own = {one.partition(".")[2]: field for one, field in self.rules.own.items() if one.startswith(f"{name}.")}
        evidence = {one: self.cells(column) for one, column in {**own, **columns}.items() if one != "key"}
        people = self.parents.get(index.people or "")
        return Sought(
            name=name,
            index=index,
            people=None if people is None else (people, _above(people, index, index.refs)),
            key=self._key(columns["key"]) if "key" in columns else None,
            evidence=evidence,
            quiet=not columns and bool(own),
        )

    def _key(self, column: str) -> "pd.Series[str]":
        source = self.cells(SOURCE)
        return translated(source, self.rules.systems) + SEPARATOR + self.cells(column).str.strip()

    def _start(self, name: str) -> tuple[Choice, "pd.Index[str]"]:
        """Return what the cells themselves say, through `absorbed` and merges, and the references as places."""
        index = self.index(self.rules.references[name])
        return start(self.cells(name), index, self.absorbed)

    def _outcome(self, name: str, sought: Sought, begun: Choice, done: Settled, refs: "pd.Index[str]") -> Outcome:
        nothing = np.zeros(len(self.batch), dtype=bool)
        unknown = (
            nothing
            if sought.key is None
            else begun.wanting & (sought.key.notna() & ~sought.key.isin(sought.index.keyed["text"])).to_numpy()
        )
        return Outcome(
            before=self.cells(name),
            after=texts(done.choice, refs),
            by=done.choice.by,
            sought=nothing if sought.quiet else sought.given(len(self.batch)).to_numpy(),
            unclear=nothing if sought.quiet else done.choice.unclear,
            left_empty=done.left_empty,
            disagrees=done.disagrees,
            unknown_key=unknown,
            elsewhere=nothing,
            no_user=nothing,
        )

    def _owner(self, name: str, entity: str, login: str) -> Outcome:
        index, nothing, before = self.index(entity), np.zeros(len(self.batch), dtype=bool), self.cells(name)
        choice, refs = start(before, index, self.absorbed, only_known=True)
        kind = index.types.get(login, "id_code")
        choice = narrow(choice, "login", hits(before[choice.wanting], kind, "normal", index.exact.get(login)))
        if self.rules.unassigned is not None:
            # The declared user takes over only where nobody fits; several users of one login are a matter for a person.
            left = before[choice.wanting & ~choice.unclear & before.notna().to_numpy()]
            named = pd.Series(self.rules.unassigned, index=left.index, dtype="str")
            choice = narrow(choice, "unassigned", hits(named, kind, "normal", index.exact.get(login)))
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
    moved = {text: _stands_for(text, index.alias, absorbed) for text in cells.dropna().unique().tolist()}
    if only_known:
        keys = set(index.refs) | set(index.alias)
        moved = {text: to for text, to in moved.items() if text.startswith("@") or text in keys}
    strange = pd.Index(list(dict.fromkeys(moved.values())), dtype="str")
    strange = strange[index.refs.get_indexer(strange) < 0]
    refs = index.refs.append(strange) if len(strange) else index.refs
    places = dict(zip(moved, refs.get_indexer(pd.Index(list(moved.values()), dtype="str")).tolist(), strict=True))
    ref = np.asarray(cells.map(places).fillna(NOBODY), dtype=np.int64)
    changed = cells.isin([text for text, to in moved.items() if text != to]).to_numpy()
    by = np.where(changed, "absorbed", np.where(ref >= 0, "given", "")).astype(object)
    return replace(undecided(len(cells)), ref=ref, by=by), refs


def texts(choice: Choice, refs: "pd.Index[str]") -> "pd.Series[str]":
    """Return row -> reference, NA where none is chosen."""
    return pd.Series(refs.array.take(choice.ref, allow_fill=True), dtype="str")


def _stands_for(text: str, alias: Mapping[str, str], absorbed: Mapping[str, str]) -> str:
    seen = {text}
    while True:
        to = f"@{absorbed[text[1:]]}" if text.startswith("@") and text[1:] in absorbed else alias.get(text, text)
        if to in seen:
            return text
        seen.add(to)
        text = to


def _above(people: ParentIndex, index: ParentIndex, refs: "pd.Index[str]") -> "pd.Series[int]":
    """Return place of a person -> place of the organisation."""
    named = people.organisations
    known = translated(named, index.alias)
    places = pd.Series(refs.get_indexer(pd.Index(known, dtype="str")), index=named.index, dtype="int64")
    return places[places.ge(0)]
