"""The entry check: is this customer already there? One record at a time, with the rules and the scores of the batch."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import RLock

from crmetl.dedupe import match_rules
from crmetl.dedupe.block.keys import rules_print
from crmetl.dedupe.onerecord import weighed
from crmetl.errors import TargetError
from crmetl.flows.entry.answer import answer, state_of, version_of
from crmetl.flows.entry.candidates import Ready, find
from crmetl.flows.entry.incoming import Incoming, Intake, fields_of
from crmetl.flows.entry.verdict import BadField, BadFields, Candidate, IndexState, Readiness, Reason, Verdict
from crmetl.flows.opening import Opened, now, open_project, today
from crmetl.load import open_target
from crmetl.load.index.keys import forget, tell
from crmetl.load.index.lookup import Lookup, open_lookup
from crmetl.load.refusals import Refused, Transient
from crmetl.load.retry import patiently
from crmetl.plan import Target
from crmetl.schema import Field
from crmetl.text import Text

__all__ = [
    "BadField",
    "BadFields",
    "Candidate",
    "Checker",
    "IndexState",
    "Readiness",
    "Reason",
    "Verdict",
    "open_check",
]

RETRY = 2.0
"""Seconds after a failed connect in which the database is not asked again: a form must not hang on a server that is away."""
TRIES = 3
"""Look-ups of one check at most, where a new index comes into use in the middle of it."""

AWAY = Reason("database_away", Text("CRM 数据库没有应答", "the CRM's database does not answer"))
BUSY = Reason("database_busy", Text("CRM 数据库一直忙", "the CRM's database stays busy"))
MISSING_INDEX = Reason(
    "index_missing", Text("还没有查重索引：crmetl index build", "there is no match index yet: crmetl index build")
)
OUTDATED = Reason(
    "index_outdated",
    Text(
        "查重索引与当前的规则或模型不符：crmetl index build",
        "the match index was built with other rules or another model: crmetl index build",
    ),
)
DROPPED = Reason("left_out", Text("按项目规则，这样的记录不会迁入", "a rule of the project leaves such records out"))


class Checker:
    """
    Answers for one project; safe to call from several threads, one check at a time.

    A check reads and never writes. `put` and `delete` write to the index alone, never to the CRM's own tables.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened, self._project = opened, opened.project
        self._intakes: dict[str, Intake] = {}
        self._ready: dict[str, Ready] = {}
        self._lookup: Lookup | None = None
        self._asked_at = -math.inf
        self._lock = RLock()

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            if self._lookup is not None:
                self._lookup.close()
            self._lookup = None

    def fields(self, entity: str) -> Mapping[str, Field]:
        """
        Return the fields that a record of this entity may name, evidence of its children (`contact.mobile`) included.

        Raises:
            BadFields: The project does not match this entity.
        """
        return fields_of(self._project, entity)

    def check(self, entity: str, record: Mapping[str, str], *, own: str | None = None) -> Verdict:
        """
        Say whether the CRM already holds a record; nothing is written anywhere.

        Args:
            entity: One that the project matches.
            record: Field (or its label) -> text as typed.
            own: Key of the record itself, where one that exists is being changed.

        Raises:
            BadFields: A field is unknown, given twice, not text, or beyond the limits.
        """
        start = time.perf_counter()
        with self._lock:
            incoming = self._intake(entity).take(record, today().date())
            verdict = self._verdict(entity, incoming, own)
        reasons = (*verdict.reasons, *([DROPPED] if incoming.dropped else []))
        took = round((time.perf_counter() - start) * 1000, 3)
        return replace(verdict, reasons=reasons, problems=incoming.problems, took_ms=took)

    def put(self, entity: str, key: str, record: Mapping[str, str]) -> None:
        """
        Take note that the CRM holds, or will hold in a moment, this record under this key.

        What the CRM shows under the key is what counts; until it shows the record, what is told here does.

        Raises:
            BadFields: As `check`.
            TargetError: The database is away.
        """
        with self._lock:
            incoming = self._intake(entity).take(record, today().date())
        within = self._project.match[entity].within
        cells = {**incoming.cells, **({} if within is None else {within: incoming.parent})}
        at = now().isoformat(timespec="seconds")
        self._write(lambda target: tell(target, entity, key, cells, at=at))

    def delete(self, entity: str, key: str) -> None:
        """
        Take note that the CRM no longer holds this record.

        Raises:
            BadFields: The project does not match this entity.
            TargetError: The database is away.
        """
        self.fields(entity)
        self._write(lambda target: forget(target, entity, [key]))

    def ready(self) -> Readiness:
        """Say whether checks can be answered now."""
        with self._lock:
            try:
                states = self._states()
            except (TargetError, Transient, Refused):
                self._let_go()
                return Readiness(False, (AWAY,), {entity: IndexState("missing") for entity in self._project.match})
        found = {"missing": MISSING_INDEX, "outdated": OUTDATED}
        reasons = dict.fromkeys(found[one.status] for one in states.values() if one.status in found)
        return Readiness(not reasons, tuple(reasons), states)

    def _states(self) -> dict[str, IndexState]:
        lookup = self._open()
        out = {}
        for entity in self._project.match:
            ready = None
            if lookup is not None and lookup.there:
                with lookup.reading():
                    ready = self._current(lookup, entity, lookup.build_of(entity))
            out[entity] = IndexState("missing") if ready is None else state_of(ready)
        return out

    def _intake(self, entity: str) -> Intake:
        if entity not in self._intakes:
            fields_of(self._project, entity)
            self._intakes[entity] = Intake(self._project, match_rules(self._project, entity))
        return self._intakes[entity]

    def _verdict(self, entity: str, record: Incoming, own: str | None) -> Verdict:
        try:
            lookup = self._open()
            if lookup is None or not lookup.there:
                self._let_go()
                return Verdict("unknown", (MISSING_INDEX,))
            with lookup.reading():
                return self._looked_up(lookup, entity, record, own)
        except TargetError:
            self._let_go()
            return Verdict("unknown", (AWAY,))
        except (Transient, Refused):
            return Verdict("unknown", (BUSY,))

    def _looked_up(self, lookup: Lookup, entity: str, record: Incoming, own: str | None) -> Verdict:
        """Look up by the index in use; where another one came into use meanwhile, what was found may be half, so again."""
        ready = self._ready.get(entity) or self._current(lookup, entity, lookup.build_of(entity))
        for _ in range(TRIES):
            if ready is None:
                return Verdict("unknown", (MISSING_INDEX,))
            if not ready.fits:
                return Verdict("unknown", (OUTDATED,), rules_version=version_of(ready))
            found = find(lookup, ready, record, own)
            build = lookup.build_of(entity)
            if build == ready.index.build:
                return answer(found, ready, self._project)
            ready = self._current(lookup, entity, build)
        return Verdict("unknown", (MISSING_INDEX,))

    def _current(self, lookup: Lookup, entity: str, build: int) -> Ready | None:
        """Return the index of this number, remembered until another one is in use."""
        known = self._ready.get(entity)
        if known is not None and known.index.build == build:
            return known
        index = lookup.index(entity, build) if build else None
        if index is None:
            self._ready.pop(entity, None)
            return None
        rules = match_rules(self._project, entity, self._opened.models.get(entity))
        model, block = index.model, self._project.entry.block
        cut = model.cut if block is None else round(1000 * block)
        shape = index.shape(self._project.schema_)
        fits = index.version == rules_print(rules)
        self._ready[entity] = Ready(index, rules, model, shape, fits, cut, weighed(rules, model))
        return self._ready[entity]

    def _open(self) -> Lookup | None:
        """Return the open connection; a server that was away is asked again after a while, a file that was replaced at once."""
        if self._lookup is not None and not self._lookup.stands():
            self._let_go()
            self._ready.clear()
        if self._lookup is None:
            if time.monotonic() - self._asked_at < RETRY:
                raise TargetError(AWAY.text)
            try:
                self._lookup = open_lookup(self._opened.url, self._project.schema_)
            except TargetError:
                self._asked_at = time.monotonic()
                raise
        return self._lookup

    def _let_go(self) -> None:
        """Forget a connection that broke, so that the next check opens another."""
        lookup, self._lookup = self._lookup, None
        if lookup is not None:
            lookup.close()

    def _write(self, work: Callable[[Target], None]) -> None:
        with open_target(self._opened.url, self._project.schema_) as target:
            target.prepare()

            def whole() -> None:
                with target.transaction():
                    work(target)

            try:
                patiently(whole)
            except Refused:  # a run wrote keys of the same record in this very moment; they are compared again
                patiently(whole)


@contextmanager
def open_check(folder: Path) -> Iterator[Checker]:
    """
    Open a project for entry checks; the database's connection stays open from the first check on.

    Raises:
        ProjectError: The project cannot be read.
    """
    checker = Checker(open_project(folder))
    try:
        yield checker
    finally:
        checker.close()
