"""The CRM as the source of a night: what moved since the last one, cleaned and checked as a source's rows are."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from crmetl import __version__
from crmetl.batch import KEY, LINEAGE, PLACE, SOURCE, Batch, StageResult, rid_of, stack, text_frame
from crmetl.clean import CleanRules, clean, clean_rules
from crmetl.diff.placing import fields_of
from crmetl.flows.journal import Journal
from crmetl.load.connect import masked, parse_url
from crmetl.plan import TargetReader, among, canonical, row_hashes
from crmetl.project import Project
from crmetl.schema.model import Entity
from crmetl.store import Store
from crmetl.validate import ValidateRules, retiring, validate

CRM = "crm"
"""Name of the CRM as a source."""
RULES = "nightly rules"
"""Name under which the store keeps the print of the rules that its hashes were seen with."""
OWN = ("reference", "owner")
"""Types whose cells hold keys of the CRM itself; there is nothing to clean in them."""
RULE = ("rid", "column", "rule")


class ReadOnce:
    """A CRM of which each entity is read whole at most once; a `TargetReader`, so that all of a night sees the same rows."""

    def __init__(self, reader: TargetReader) -> None:
        self._reader = reader
        self._rows: dict[str, pd.DataFrame] = {}

    def read(self, entity: str, keys: Sequence[str] | None = None) -> pd.DataFrame:
        """Return rows, index `key`; all of them where `keys` is None."""
        if keys is not None:
            known = self._rows.get(entity)
            return self._reader.read(entity, keys) if known is None else known[among(known.index, list(keys))]
        if entity not in self._rows:
            self._rows[entity] = self._reader.read(entity)
        return self._rows[entity]

    def crosswalk(self, entity: str) -> pd.DataFrame:
        """Return columns system, source_key, key."""
        return self._reader.crosswalk(entity)

    def loaded(self, entity: str) -> pd.DataFrame:
        """Return index `key`, column `hashes`."""
        return self._reader.loaded(entity)

    def children(self, entity: str, keys: Sequence[str]) -> pd.DataFrame:
        """Return all declared children of `keys`."""
        return self._reader.children(entity, keys)

    def counts(self) -> dict[str, int]:
        """Return entity -> number of rows."""
        return self._reader.counts()


@dataclass(frozen=True)
class Seen:
    """
    One entity as it stands tonight.

    Attributes:
        rows: Live rows, index key: those that were not merged into another.
        changed: Keys of rows that differ from what the last night saw, or that it did not see.
        looked: Keys of the rows that go through the stages: the changed ones, and those of which something waits.
    """

    entity: str
    rows: pd.DataFrame
    changed: "pd.Index[str]"
    looked: "pd.Index[str]"


@dataclass
class Cleaned:
    """
    What the stages said of the rows of one entity that were looked at.

    Attributes:
        frame: Kept rows, cleaned; index key, columns the entity's fields and `custom`, canonical.
        rules: Columns rid, column, rule: which rules changed a cell.
        away: Keys that go no further: held for a person, or left out by a filter of the project.
        retire: Key -> filter that says that the row is to be retired.
        batch: Kept rows as the stages know them, index rid.
    """

    frame: pd.DataFrame
    rules: pd.DataFrame
    away: set[str] = field(default_factory=set)
    retire: dict[str, str] = field(default_factory=dict)
    batch: Batch = field(default_factory=lambda: Batch("", text_frame(LINEAGE)))


def live(rows: pd.DataFrame, entity: Entity) -> pd.DataFrame:
    """Return the rows that were not merged into another."""
    into = merged_into(entity)
    return rows if into is None or into not in rows else rows[rows[into].isna()]


def merged_into(entity: Entity) -> str | None:
    """Return the field that names the survivor of a merged row, or None where rows of the entity are never merged."""
    return next((name for name, value in entity.merge.items() if value == "$survivor"), None)


def rules_print(project: Project, url: str, models: Mapping[str, str]) -> str:
    """Return a print of all that decides what a row comes to: while it stays, an unchanged row needs no second look."""
    parts = [__version__, project.fingerprint, masked(parse_url(url)), *(f"{name} {one}" for name, one in sorted(models.items()))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def entities_of(project: Project) -> tuple[str, ...]:
    """Return the entities that a night looks at, parents first."""
    wanted = project.nightly.entities or tuple(project.match)
    return tuple(name for name in project.schema_.order() if name in wanted)


def look(project: Project, reader: TargetReader, store: Store, *, anew: bool) -> dict[str, Seen]:
    """
    Say which rows moved since the last night.

    Args:
        project: Its entities, and their order.
        reader: The CRM.
        store: What the last night saw.
        anew: Look at all rows: rules or target are others than those of the last night.
    """
    return {
        name: _seen(name, live(reader.read(name), project.schema_.entities[name]), store, anew=anew)
        for name in entities_of(project)
    }


def _seen(entity: str, rows: pd.DataFrame, store: Store, *, anew: bool) -> Seen:
    before = text_frame(["hash"])["hash"] if anew else store.seen(entity)
    known = pd.Series(before.reindex(rows.index), index=rows.index, dtype="str")
    odd = rows[(row_hashes(rows) != known).fillna(value=True).to_numpy(dtype=bool)]
    waiting = (waiting_hashes(odd) == known.reindex(odd.index)).fillna(value=False).to_numpy(dtype=bool)
    return Seen(entity, rows, odd.index[~waiting], odd.index)


def waiting_hashes(rows: pd.DataFrame) -> "pd.Series[str]":
    """Return the hash that says of a row: seen, and something of it waits for a person, so it is looked at again."""
    return row_hashes(rows.assign(_waits="yes"))


def rows_as_batch(entity: str, rows: pd.DataFrame) -> Batch:
    """Return rows of the CRM as records, index rid."""
    keys = pd.Series(rows.index, index=rows.index, dtype="str")
    origin = {SOURCE: pd.Series(CRM, index=rows.index, dtype="str"), PLACE: keys, KEY: keys}
    frame = rows.assign(**origin).astype("str")
    return Batch(entity, frame.set_index(pd.Index(rids_of(entity, keys), dtype="str", name="rid")))


def rids_of(entity: str, keys: "pd.Series[str]") -> "pd.Series[str]":
    """Return the record id of each key."""
    return rid_of(f"{CRM}|{entity}|" + keys.astype("str"))


def night_rules(project: Project, entity: str) -> CleanRules:
    """Return the cleaning rules for rows of the CRM: cells that hold its own keys are left alone."""
    rules = clean_rules(project, entity, None)
    return replace(rules, columns={name: one for name, one in rules.columns.items() if one.type.name not in OWN})


def night_checks(checks: ValidateRules) -> ValidateRules:
    """Return the checks for rows of the CRM: a default is for new records, a row that has long been without it says nothing."""
    return replace(checks, fields=tuple(replace(one, default=None) for one in checks.fields))


def stages(project: Project, journal: Journal, seen: Seen, checks: ValidateRules) -> Cleaned:
    """Clean and check the rows of an entity that are looked at, a chunk at a time."""
    entity, cleaning, checking = seen.entity, night_rules(project, seen.entity), night_checks(checks)
    kept, rules = [], []
    for rows in _chunks(seen.rows.loc[seen.looked], project.chunk):
        batch = rows_as_batch(entity, rows)
        journal.mint(entity, len(batch))
        with journal.clock.stage("clean"):
            cleaned = clean(batch, rules=cleaning)
            batch = journal.enter("clean", batch, cleaned)
        with journal.clock.stage("validate"):
            checked = validate(batch, rules=checking)
            batch = journal.enter("validate", batch, checked)
        journal.workspace.append(f"valid/{entity}", batch.frame)
        kept.append(batch.frame)
        rules += [one.changes[list(RULE)] for one in (cleaned, checked) if len(one.changes)]
        journal.watch.advance(len(rows))
    frame = pd.concat(kept) if kept else rows_as_batch(entity, seen.rows.iloc[:0]).frame
    return _gathered(project, journal, seen, frame, stack(rules, RULE))


def _chunks(rows: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    for start in range(0, len(rows), size):
        yield rows.iloc[start : start + size]


def _gathered(project: Project, journal: Journal, seen: Seen, frame: pd.DataFrame, rules: pd.DataFrame) -> Cleaned:
    entity = seen.entity
    kept = set(frame[KEY])
    keys = pd.Series(seen.looked, index=rids_of(entity, pd.Series(seen.looked, dtype="str")), dtype="str")
    gone = {rid: rule for rid, rule in journal.dropped.get(entity, {}).items() if rule in retiring(project, entity)}
    by_key = frame.set_index(pd.Index(frame[KEY], dtype="str", name="key"))
    columns = fields_of(project.schema_.entities[entity])
    canon = {name: canonical(by_key[name], kind) for name, kind in columns.items() if name in by_key}
    return Cleaned(
        frame=pd.DataFrame(canon, index=by_key.index),
        rules=rules,
        away={key for key in seen.looked if key not in kept},
        retire={str(keys[rid]): rule for rid, rule in gone.items()},
        batch=Batch(entity, frame),
    )


def only_findings(batch: Batch, findings: pd.DataFrame) -> StageResult:
    """Return the result of a step that keeps every record and has something to say of some."""
    nobody = pd.Series(data=False, index=batch.frame.index)
    return StageResult(kept=batch, held=batch.take(nobody), findings=findings[among(findings["rid"], batch.frame.index)])
