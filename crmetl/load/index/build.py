"""Building the match index anew beside the one in use, and the swap."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, delete, func, select

from crmetl.dedupe import MatchRules, Model
from crmetl.dedupe.block.keys import choose, common, hexed, rules_print, unhexed
from crmetl.dedupe.compare.codes import NONE, Keys, texts
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.learn.training import settled
from crmetl.dedupe.rows import Rows, contents_of
from crmetl.load.index.keys import (
    BLOCK,
    KEY,
    MARK,
    Indexing,
    MatchIndex,
    drop_note,
    indexes,
    key_rows,
    noted,
    set_status,
)
from crmetl.load.index.rows import Shape, faces, rows_of, shape_of
from crmetl.load.lease import Lease, lease
from crmetl.load.refusals import Refused
from crmetl.load.relations import LEDGER, MATCHINDEX, MATCHKEY, MATCHRECORD
from crmetl.load.retry import patiently
from crmetl.load.sql import SqlTarget
from crmetl.load.tables import tables
from crmetl.plan import Target, among

SAMPLE = 200_000
"""Rows by which keys are chosen and, without a pinned model, frequencies are measured; all where there are fewer."""
AT_ONCE = 20_000
"""Rows of a transaction: their keys go in by order of hash, so that the more there are, the fewer pages are met twice."""
FEW = 50_000
"""Keys of an old build that are removed in one transaction; more are in as many as there are SLICES."""
SLICES = 256
KEYS = tables({MATCHKEY: LEDGER[MATCHKEY]})[MATCHKEY]


@dataclass(frozen=True)
class Built:
    """
    A finished build.

    Attributes:
        keys: How many keys were written; refined: hashes whose block is too large and was refined.
    """

    index: MatchIndex
    keys: int
    refined: int


@dataclass
class _Work:
    target: Target
    held: Lease
    shape: Shape
    index: MatchIndex
    progress: Callable[[int], None]
    hashes: list[Keys] = field(default_factory=list)

    def commit(self, work: Callable[[], None]) -> None:
        """Run some writes in one transaction, under the lease."""

        def whole() -> None:
            with self.target.transaction():
                self.held.renew()
                work()

        try:
            patiently(whole)
        except Refused:  # a record told by another service in this very moment has taken a key: then it is there already
            patiently(whole)


def build_index(
    target: Target,
    rules: MatchRules,
    *,
    project: str,
    now: datetime,
    progress: Callable[[int], None] | None = None,
    size: int = AT_ONCE,
) -> Built:
    """
    Build the index of one entity from the CRM's live rows; the one in use answers until the new one is complete.

    Args:
        target: Open for writing; missing tables are made.
        rules: With the pinned model, if the project has one; without it the model is measured on the CRM's own rows.
        project: Fingerprint of the project.
        now: When it is built.
        progress: Told how many rows each commit indexed.
        size: Rows a transaction.

    Raises:
        LeaseHeld: A run writes to the target, or another build is at work.
        TargetError: The database is away; the index in use stays, the next build clears what this one left.
    """
    patiently(target.prepare)
    shape = shape_of(target.schema, rules.entity, [one.field for one in rules.comparisons], rules.within)
    with lease(target, f"index-{rules.entity}") as held:
        before = indexes(target, rules.entity)
        for left in (one for one in before if one.status != "ready"):
            _clear(target, held, left)
        keys = sorted(rows_of(target, replace(shape, own=(), children=(), points={}), None).index)
        index = _planned(target, rules, shape, keys, number=1 + max((one.build for one in before), default=0))
        index = replace(index, project=project, built_at=now.isoformat(timespec="seconds"))
        work = _Work(target, held, shape, index, progress or _silent)
        work.commit(lambda: target.insert(MATCHINDEX, index.row()))
        written = _fill(work, keys, size) + _fill_noted(work)
        large = _refine(work, size)
        _count(work)
        ready = _swap(work, [one for one in before if one.status == "ready"])
        for old in (one for one in before if one.status == "ready"):
            _clear(target, held, old)
    return Built(ready, written, large)


def _silent(_: int) -> None:
    """Tell nobody."""


def _planned(target: Target, rules: MatchRules, shape: Shape, keys: Sequence[str], *, number: int) -> MatchIndex:
    """Choose keys and model by a sample of the rows."""
    sample = _sample(target, shape, keys)
    model, columns = measured_model(sample, rules, len(keys))
    return MatchIndex(
        entity=rules.entity,
        build=number,
        status="building",
        version=rules_print(rules),
        project="",
        rows=len(keys),
        built_at="",
        fields=tuple((one.field, one.kind) for one in rules.comparisons),
        within=rules.within,
        rules=choose(columns, len(keys), within=rules.within is not None, blocking=model.blocking),
        told=model.to_json(),
    )


def _sample(target: Target, shape: Shape, keys: Sequence[str]) -> pd.DataFrame:
    """Return the faces of all rows, or of SAMPLE of them: read in parts, since more keys at once would read the whole table."""
    if len(keys) <= SAMPLE:
        return faces(target, shape)
    return pd.concat([faces(target, shape, some) for some in _batches(keys[:SAMPLE], AT_ONCE)])


def measured_model(sample: pd.DataFrame, rules: MatchRules, records: int) -> tuple[Model, Sequence[Column]]:
    """
    Return the pinned model, or one of CRM rows as a batch would learn or measure it, and the columns of their contents.

    Args:
        sample: Faces of CRM rows; index `key`.
        records: How many rows the CRM holds.
    """
    names = texts(sample.index.astype("str").tolist())
    holder = pd.Series(np.arange(len(names))).groupby(names).transform("min").to_numpy().astype(np.int64)
    nothing = np.full(len(names), NONE, dtype=np.int64)
    rows = Rows(sample.reset_index(drop=True), names, nothing, np.zeros(len(names), dtype=bool), holder)
    contents = contents_of(rows, rules)
    model = settled(rules, rows, contents).model
    seen = sample.index.nunique()
    if rules.model is None and rules.within is None and records > seen > 0:
        model = replace(model, prior=model.prior - round(1000 * float(np.log2(records / seen))))
    return model, contents.columns


def _fill(work: _Work, keys: Sequence[str], size: int) -> int:
    """Write the keys of all rows; return how many."""
    written = 0
    for some in _batches(keys, size):
        made = key_rows(work.index, faces(work.target, work.shape, some))
        work.hashes.append(unhexed(made["hash"].tolist()))
        work.commit(partial(_insert, work, made, some))
        work.progress(len(some))
        written += len(made)
    return written


def _batches(keys: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(keys), size):
        yield list(keys[start : start + size])


def _insert(work: _Work, made: pd.DataFrame, keys: Sequence[str]) -> None:
    """Write keys but for those that a record's own change has brought meanwhile."""
    there = work.target.select(MATCHKEY, list(KEY), where=("key", keys), also=("build", str(work.index.build)))
    there = there[there["entity"] == work.index.entity]
    if len(there):
        made = made[~among(made["hash"] + "/" + made["key"], set(there["hash"] + "/" + there["key"]))]
    work.target.insert(MATCHKEY, made)


def _fill_noted(work: _Work) -> int:
    """Take over what other services told of records; what the CRM shows by now is forgotten."""
    target, entity = work.target, work.index.entity
    keys = target.select(MATCHRECORD, ["key"], where=("entity", [entity]))["key"].tolist()
    if not keys:
        return 0
    there = set(target.select(entity, ["key"], where=("key", keys))["key"])
    left = [key for key in keys if key not in there]
    made = key_rows(work.index, noted(target, entity, left, work.shape.columns))

    def write() -> None:
        drop_note(target, entity, sorted(there))
        _insert(work, made, left)

    work.commit(write)
    return len(made)


def _refine(work: _Work, size: int) -> int:
    """Give the rows of blocks that are too large the finer keys, and mark those blocks."""
    if not work.hashes or not work.index.rules.finer:
        return 0
    large = frozenset(hexed(common(np.concatenate(work.hashes), BLOCK)))
    if not large:
        return 0
    marks = pd.DataFrame({"hash": pd.Series(sorted(large), dtype="str"), "entity": work.index.entity, "key": MARK})
    work.commit(lambda: work.target.insert(MATCHKEY, marks.assign(build=str(work.index.build))[list(KEY)].astype("str")))
    rows = work.target.select(MATCHKEY, list(KEY), where=("hash", sorted(large)))
    mine = rows[(rows["entity"] == work.index.entity) & (rows["build"] == str(work.index.build)) & (rows["key"] != MARK)]
    writer = Indexing(work.target, (work.index,), {(work.index.entity, work.index.build): large})
    for some in _batches(sorted(mine["key"].unique()), size):
        work.commit(partial(writer.write, work.index, some))
    return len(large)


def _count(work: _Work) -> None:
    """Have PostgreSQL count the keys: until it has, it reads all of an entity where a check asks for twenty."""
    target = work.target
    if isinstance(target, SqlTarget) and target.connection.dialect.name == "postgresql":
        connection = target.connection
        work.commit(lambda: connection.exec_driver_sql(f"ANALYZE {MATCHKEY}").close())


def _swap(work: _Work, before: Sequence[MatchIndex]) -> MatchIndex:
    """Put the new build in the place of the old one, in one transaction."""
    found = []

    def swap() -> None:
        found.append(set_status(work.target, work.index, "ready"))
        for one in before:
            set_status(work.target, one, "old")

    work.commit(swap)
    return found[-1]


def _clear(target: Target, held: Lease, index: MatchIndex) -> None:
    """Remove a build that is not used: its keys, in slices where they are many, so that no transaction is long; then its row."""
    for head in [f"{digit:02x}" for digit in range(SLICES)] if patiently(partial(_many, target, held, index)) else [""]:
        patiently(partial(_clear_slice, target, held, index, head))
    with target.transaction():
        held.renew()
        target.delete(MATCHINDEX, pd.DataFrame({"entity": [index.entity], "build": [str(index.build)]}, dtype="str"))


def _many(target: Target, held: Lease, index: MatchIndex) -> bool:
    """Say whether a build has more keys than one transaction should remove."""
    if not isinstance(target, SqlTarget):
        return False
    with target.transaction():
        held.renew()
        found = target.connection.execute(select(func.count()).select_from(KEYS).where(*_mine(index))).scalar_one()
    return bool(found > FEW)


def _clear_slice(target: Target, held: Lease, index: MatchIndex, head: str) -> None:
    with target.transaction():
        held.renew()
        if isinstance(target, SqlTarget):
            target.connection.execute(delete(KEYS).where(*_mine(index), KEYS.c.hash >= head, KEYS.c.hash < head + "g"))
        else:
            rows = target.select(MATCHKEY, list(KEY), where=("entity", [index.entity]))
            target.delete(MATCHKEY, rows[rows["build"] == str(index.build)])


def _mine(index: MatchIndex) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions of the keys of a build."""
    return KEYS.c.entity == index.entity, KEYS.c.build == str(index.build)
