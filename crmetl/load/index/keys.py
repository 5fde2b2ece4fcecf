"""The match index in a target: what a record is found by, kept current in the transaction that writes the record."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from crmetl.batch import text_frame
from crmetl.dedupe import Compared, Model
from crmetl.dedupe.block.keys import KeyRules, atoms_by_name, hexed, keys_of, refined, unhexed
from crmetl.dedupe.compare.codes import Keys, Numbers
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.comparisons import columns_of
from crmetl.dedupe.faces import crm_faces
from crmetl.load.index.rows import POINT, Selects, Shape, faces, rows_of, shape_of
from crmetl.load.ledger import one_row
from crmetl.load.relations import MATCHINDEX, MATCHKEY, MATCHRECORD
from crmetl.plan import Target, among
from crmetl.schema import Schema

BLOCK = 300
"""Records that one key may bring; a block above it is refined by further keys, as the batch refines those above `max_block`."""
MARK = "*"
"""Stands where a key of the CRM would: this hash is of a block that is too large and was refined."""
KEY = ("entity", "build", "hash", "key")

Changed = Mapping[str, Iterable[str]]
"""Entity -> keys of rows that were written or removed."""


@dataclass(frozen=True)
class MatchIndex:
    """
    One build of the index of one entity.

    Attributes:
        status: `building` (not used yet), `ready`, `old`.
        version: Print of what it was built with (`dedupe.keys.rules_print`).
        project: Fingerprint of the project then.
        fields: Compared fields with their semantic types.
        told: JSON of the model that scores are made with, so that the same records get the same verdict everywhere.
    """

    entity: str
    build: int
    status: str
    version: str
    project: str
    rows: int
    built_at: str
    fields: tuple[tuple[str, str], ...]
    within: str | None
    rules: KeyRules
    told: str

    @property
    def model(self) -> Model:
        """Return the model; reading it takes a while where it counts many values."""
        return Model.from_json(self.told)

    @property
    def comparisons(self) -> tuple[Compared, ...]:
        """Return the comparisons, as far as keys need them."""
        return tuple(Compared(name, kind) for name, kind in self.fields)

    def shape(self, schema: Schema) -> Shape:
        """Return where its cells stand in the target."""
        return shape_of(schema, self.entity, [name for name, _ in self.fields], self.within)

    def row(self) -> pd.DataFrame:
        """Return its row of `crmetl_matchindex`."""
        told = json.dumps({"fields": self.fields, "within": self.within}, ensure_ascii=False)
        return one_row(
            {
                "entity": self.entity,
                "build": str(self.build),
                "status": self.status,
                "version": self.version,
                "project": self.project,
                "rows": str(self.rows),
                "built_at": self.built_at,
                "fields": told,
                "rules": self.rules.to_json(),
                "model": self.told,
            }
        )


def read_index(row: Mapping[str, Any]) -> MatchIndex:
    """Return the index of a row of `crmetl_matchindex`."""
    told = json.loads(str(row["fields"]))
    return MatchIndex(
        entity=str(row["entity"]),
        build=int(row["build"]),
        status=str(row["status"]),
        version=str(row["version"]),
        project=str(row["project"]),
        rows=int(row["rows"]),
        built_at=str(row["built_at"]),
        fields=tuple((str(name), str(kind)) for name, kind in told["fields"]),
        within=told["within"],
        rules=KeyRules.from_json(str(row["rules"])),
        told=str(row["model"]),
    )


def indexes(target: Selects, entity: str | None = None) -> list[MatchIndex]:
    """Return the builds that the target holds, oldest first."""
    rows = target.select(MATCHINDEX, where=None if entity is None else ("entity", [entity]))
    found = [read_index({str(name): cell for name, cell in row.items()}) for row in rows.to_dict("records")]
    return sorted(found, key=lambda one: (one.entity, one.build))


def common_of(target: Selects, index: MatchIndex) -> frozenset[str]:
    """Return the hashes of blocks that were refined."""
    marks = target.select(MATCHKEY, ["entity", "build", "hash"], where=("key", [MARK]))
    return frozenset(marks.loc[(marks["entity"] == index.entity) & (marks["build"] == str(index.build)), "hash"])


def columns_of_faces(index: MatchIndex, rows: pd.DataFrame) -> tuple[Column, ...]:
    """Return the compared columns of faces."""
    return columns_of(rows.reset_index(drop=True), index.comparisons)


def key_rows(index: MatchIndex, rows: pd.DataFrame, common: frozenset[str] = frozenset()) -> pd.DataFrame:
    """
    Return the rows of `crmetl_matchkey` for faces of CRM rows.

    Args:
        rows: Index `key`, the compared columns.
        common: Hashes of blocks that are refined; their rows get the finer keys too.
    """
    if rows.empty:
        return text_frame(KEY)
    atoms = atoms_by_name(columns_of_faces(index, rows))
    parts: list[tuple[Numbers, Keys]] = []
    for number, keys in enumerate(keys_of(atoms, index.rules)):
        parts.append((np.flatnonzero(keys), keys[keys != 0]))
        large = _among(keys, common) if common else np.zeros(0, dtype=np.int64)
        if len(large):
            finer = [(large, one[large]) for one in refined(atoms, index.rules, number)]
            parts += [(place[more != 0], more[more != 0]) for place, more in finer]
    holders = rows.index.astype("str")
    at, hashes = _each_once(parts, pd.factorize(holders)[0].astype(np.int64))
    found = pd.DataFrame({"hash": pd.Series(hexed(hashes), dtype="str"), "key": holders.to_series().to_numpy()[at]})
    return found.assign(entity=index.entity, build=str(index.build))[list(KEY)].astype("str")


def _each_once(parts: Sequence[tuple[Numbers, Keys]], holder: Numbers) -> tuple[Numbers, Keys]:
    """Return faces and keys in the order of the keys, a key of several faces of one row once."""
    at = np.concatenate([np.zeros(0, dtype=np.int64), *(place for place, _ in parts)])
    keys = np.concatenate([np.zeros(0, dtype=np.uint64), *(one for _, one in parts)])
    order = np.lexsort((holder[at], keys))
    at, keys = at[order], keys[order]
    again = (keys[1:] == keys[:-1]) & (holder[at[1:]] == holder[at[:-1]])
    fresh = np.append(True, ~again)[: len(keys)]
    return at[fresh], keys[fresh]


def _among(keys: Keys, common: frozenset[str]) -> Numbers:
    wanted = np.sort(unhexed(list(common)))
    at = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
    return np.flatnonzero((wanted[at] == keys) & (keys != 0))


@dataclass
class Indexing:
    """
    Keeps the indexes of a target current; does nothing where there is none.

    Attributes:
        indexes: Builds that are used, and those in the making: a record that changes meanwhile is in both.
        common: Entity and build -> hashes of refined blocks.
    """

    target: Target
    indexes: tuple[MatchIndex, ...] = ()
    common: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict)

    def follow(self, changed: Changed) -> None:
        """
        Write the keys of rows that were written or removed, and of the parents that their cells are evidence for.

        Must run in the transaction that writes the rows, after they are written. A parent that a removed row belonged to
        must be among `changed` itself.
        """
        for index in self.indexes:
            keys = {key for key in owners(self.target, index.shape(self.target.schema), changed) if key}
            if keys:
                self.write(index, sorted(keys))

    def follow_piece(self, entity: str | None, rows: pd.DataFrame, cells: pd.DataFrame) -> None:
        """Follow one piece of a plan: new rows of an entity, or cells."""
        if not self.indexes:
            return
        if entity is not None and len(rows):
            self.follow(changed_rows(self.target.schema, entity, rows))
        if len(cells):
            self.follow(changed_cells(self.target.schema, cells))

    def write(self, index: MatchIndex, keys: Sequence[str], more: pd.DataFrame | None = None) -> None:
        """
        Bring the keys of some CRM rows up to date; a row that is not there, or was merged away, loses its keys.

        Args:
            more: Faces told by somebody else (`Checker.put`); index `key`. Without them, what was told before and is not in
                the CRM yet counts.
        """
        there = faces(self.target, index.shape(self.target.schema), keys)
        told = self._noted(index, [key for key in keys if key not in set(there.index)]) if more is None else more
        whole = pd.concat([one for one in (there, told) if len(one)]) if len(there) or len(told) else there
        new = key_rows(index, whole, self._common(index))
        old = self.target.select(MATCHKEY, list(KEY), where=("key", keys), also=("build", str(index.build)))
        old = old[old["entity"] == index.entity]
        marks = [one["hash"] + "/" + one["key"] for one in (new, old)]
        self.target.delete(MATCHKEY, old[~among(marks[1], set(marks[0]))])
        self.target.insert(MATCHKEY, new[~among(marks[0], set(marks[1]))])

    def _noted(self, index: MatchIndex, keys: Sequence[str]) -> pd.DataFrame:
        return noted(self.target, index.entity, keys, index.shape(self.target.schema).columns)

    def _common(self, index: MatchIndex) -> frozenset[str]:
        mark = (index.entity, index.build)
        if mark not in self.common:
            self.common[mark] = common_of(self.target, index)
        return self.common[mark]


def indexing(target: Target) -> Indexing:
    """Return what keeps the indexes of this target current; asked for under the lease, so that no build begins meanwhile."""
    return Indexing(target, tuple(one for one in indexes(target) if one.status != "old"))


def owners(target: Selects, shape: Shape, changed: Changed) -> set[str]:
    """Return the keys of an entity whose faces changed rows show."""
    found = set(changed.get(shape.entity, ()))
    points = sorted(changed.get(POINT, ()))
    for child in shape.children:
        mine = set(changed.get(child.entity, ()))
        if child.points and points:
            mine |= set(target.select(POINT, [child.entity], where=("key", points))[child.entity].dropna())
        if mine:
            found |= set(target.select(child.entity, [child.reference], where=("key", sorted(mine)))[child.reference].dropna())
    if shape.points and points:
        found |= set(target.select(POINT, [shape.entity], where=("key", points))[shape.entity].dropna())
    return found


def changed_rows(schema: Schema, entity: str, rows: pd.DataFrame) -> dict[str, set[str]]:
    """Return what changes with rows that were made or are removed: themselves, and the rows that they refer to."""
    found: dict[str, set[str]] = {entity: set(rows["key"].dropna())}
    for column, to in schema.entities[entity].references().items():
        if column in rows:
            found.setdefault(to, set()).update(rows[column].dropna())
    return found


def changed_cells(schema: Schema, cells: pd.DataFrame) -> dict[str, set[str]]:
    """Return what changes with cells (columns entity, key, column, before, after): their rows, and old and new parents."""
    found: dict[str, set[str]] = {}
    for (entity, column), own in cells.groupby(["entity", "column"], sort=True):
        found.setdefault(str(entity), set()).update(own["key"])
        to = schema.entities[str(entity)].references().get(str(column))
        if to is not None:
            found.setdefault(to, set()).update(own["before"].dropna(), own["after"].dropna())
    return found


def noted(target: Selects, entity: str, keys: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Return what `Checker.put` told of records that the CRM does not show yet; index `key`, the columns asked for."""
    rows = target.select(MATCHRECORD, ["entity", "key", "cells"], where=("key", keys))
    mine = rows[rows["entity"] == entity]
    told = pd.DataFrame([json.loads(one) for one in mine["cells"]], index=pd.Index(mine["key"], dtype="str", name="key"))
    return told.reindex(columns=list(columns)).astype("str") if len(told) else text_frame(columns).rename_axis("key")


def note(target: Target, entity: str, key: str, cells: Mapping[str, str | None], at: str) -> None:
    """Keep the compared cells of a record that the CRM does not show yet, in the caller's transaction."""
    drop_note(target, entity, [key])
    told = json.dumps({name: cell for name, cell in cells.items() if cell is not None}, ensure_ascii=False, sort_keys=True)
    target.insert(MATCHRECORD, one_row({"entity": entity, "key": key, "cells": told, "noted_at": at}))


def drop_note(target: Target, entity: str, keys: Sequence[str]) -> None:
    """Forget what was told of records, in the caller's transaction."""
    rows = target.select(MATCHRECORD, ["entity", "key"], where=("key", keys))
    target.delete(MATCHRECORD, rows[rows["entity"] == entity])


def tell(target: Target, entity: str, key: str, cells: Mapping[str, str | None], *, at: str) -> None:
    """
    Note that the CRM holds, or will hold in a moment, a record; in the caller's transaction.

    Its keys are written into every index of the entity. What was told is kept only as long as the CRM does not show the
    record; keys of what it shows are written with those of what was told, so that neither is missed.

    Args:
        cells: Compared column -> canonical text.
        at: When, ISO 8601.
    """
    drop_note(target, entity, [key])
    if not len(target.select(entity, ["key"], where=("key", [key]))):
        note(target, entity, key, cells, at)
    follower = indexing(target)
    for index in (one for one in follower.indexes if one.entity == entity):
        columns = index.shape(target.schema).columns
        told = pd.DataFrame({name: pd.Series([cells.get(name)], dtype="str") for name in columns})
        follower.write(index, [key], told.set_axis(pd.Index([key], dtype="str", name="key")))
    for index in (one for one in follower.indexes if one.entity != entity):
        _tell_parent(follower, index, entity, cells)


def _tell_parent(follower: Indexing, index: MatchIndex, entity: str, cells: Mapping[str, str | None]) -> None:
    """Let a parent be found by what was told of its child."""
    shape = index.shape(follower.target.schema)
    for child in (one for one in shape.children if one.entity == entity and cells.get(one.reference)):
        told = pd.DataFrame({column: pd.Series([cells.get(name)], dtype="str") for name, column in child.cells.items()})
        evidence = told.set_axis(pd.Index([str(cells[child.reference])], dtype="str", name="key"))
        parents = rows_of(follower.target, shape, evidence.index.tolist())
        follower.write(index, parents.index.tolist(), crm_faces(parents, evidence))


def forget(target: Target, entity: str, keys: Sequence[str]) -> None:
    """Take the keys of records that are no longer there out of every index; in the caller's transaction."""
    drop_note(target, entity, keys)
    rows = target.select(MATCHKEY, list(KEY), where=("key", keys))
    target.delete(MATCHKEY, rows[rows["entity"] == entity])


def set_status(
    target: Target, index: MatchIndex, status: str, *, rows: int | None = None, built_at: str | None = None
) -> MatchIndex:
    """Say what a build is good for, in the caller's transaction."""
    done = replace(index, status=status, rows=index.rows if rows is None else rows, built_at=built_at or index.built_at)
    cells = {"status": status, "rows": str(done.rows), "built_at": done.built_at}
    target.update(MATCHINDEX, one_row({"entity": index.entity, "build": str(index.build), **cells}))
    return done
