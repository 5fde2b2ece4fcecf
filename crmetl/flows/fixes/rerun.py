"""Which rows go with corrected ones when these are run again alone, and what came of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from crmetl.batch import PLACE
from crmetl.faults import CATALOGUE
from crmetl.flows.fixes.corrections import WHOLE, set_cells
from crmetl.flows.fixes.held import BY_EVIDENCE, Held, held_of, keyed
from crmetl.project import Project, Source
from crmetl.text import Text
from crmetl.workspace import Workspace, listing

Rows = dict[str, set[str]]
"""Source -> row ids."""
WRITTEN = ("applied", "partly")


def already_written(project: Project, workspace: Workspace) -> bool:
    """
    Say whether the rows of a run stand in the CRM: it was applied, or a later run was.

    Where they do not, held rows cannot be run alone: what they refer to would be missing.
    """
    migrations = [one for one in listing(project.runs) if one.get("kind") is None]
    return any(one["run"] >= workspace.run and one["status"] in WRITTEN for one in migrations)


def rows_along(project: Project, workspace: Workspace, held: Held, corrections: pd.DataFrame) -> Rows:
    """
    Return the corrected rows and all that must be run with them.

    That is: the records that wait for each other, rows of the same key (of the old one and of the new one), whose copies
    are compared, and rows that looked for a parent of a kind that is now corrected.

    Args:
        held: Of the run.
        corrections: Columns CORRECTION; what was asked for.
    """
    rows: Rows = {str(source): set(own["rid_row"]) for source, own in corrections.groupby("source")}
    _add(rows, _seekers(project, held, rows))
    while True:
        before = sum(map(len, rows.values()))
        _add(rows, _connected(held, rows))
        _add(rows, _same_key(project, workspace, rows, corrections))
        if sum(map(len, rows.values())) == before:
            return rows


def _add(rows: Rows, more: Mapping[str, Iterable[str]]) -> None:
    for source, ids in more.items():
        rows.setdefault(source, set()).update(ids)


def _by_source(frame: pd.DataFrame) -> Rows:
    return {str(source): set(own["row"]) for source, own in frame.groupby("source")}


def _seekers(project: Project, held: Held, rows: Rows) -> Rows:
    """Return the rows that found no parent, or several, of a kind that is among the corrected records."""
    wanted = set().union(*rows.values())
    kinds = set(held.records.loc[held.records["row"].isin(wanted), "entity"])
    made = {one.source: one.made() for one in project.sources}
    for source in set(held.rows.loc[held.rows["row"].isin(wanted), "source"]):
        kinds |= set(made.get(str(source), ()))
    seeking = held.problems[held.problems["code"].isin(BY_EVIDENCE)]
    to = {entity: one.references() for entity, one in project.schema_.entities.items()}
    pairs = zip(seeking["entity"], seeking["column"], strict=True)
    fits = [to.get(str(entity), {}).get(str(column)) in kinds for entity, column in pairs]
    return _by_source(seeking[pd.Series(fits, index=seeking.index, dtype=bool)])


def _connected(held: Held, rows: Rows) -> Rows:
    """Return the rows of records that wait for a record of these rows, or that one of these waits for, at any distance."""
    near: dict[str, set[str]] = {}
    own = zip(held.records["rid"], "row:" + held.records["row"].fillna(""), strict=True)
    for one, other in [*own, *zip(held.edges["rid"], held.edges["parent"], strict=True)]:
        near.setdefault(str(one), set()).add(str(other))
        near.setdefault(str(other), set()).add(str(one))
    near.pop("row:", None)
    todo = [f"row:{row}" for ids in rows.values() for row in ids]
    seen = set(todo)
    while todo:
        fresh = near.get(todo.pop(), set()) - seen - {"row:"}
        seen |= fresh
        todo += fresh
    whole = held.all_rows()
    return _by_source(whole[("row:" + whole["row"]).isin(seen)])


def _same_key(project: Project, workspace: Workspace, rows: Rows, corrections: pd.DataFrame) -> Rows:
    """Return the rows that share a key with one of these, as it was or as it is now."""
    cells = corrections[corrections["column"] != WHOLE].assign(by="", at="")
    return {
        one.source: _fellows(workspace, one, rows[one.source], cells[cells["source"] == one.source])
        for one in project.sources
        if rows.get(one.source) and any(made.key for made in one.entities.values())
    }


def _fellows(workspace: Workspace, source: Source, ids: set[str], cells: pd.DataFrame) -> set[str]:
    keys: dict[str, set[str]] = {}
    for part in workspace.parts(f"rows/{source.source}"):
        mine = part[part.index.isin(ids)]
        mended, _ = set_cells(mine, cells[cells["rid_row"].isin(mine.index)])
        for frame in (mine, mended):
            for entity, key in keyed(source, frame).items():
                keys.setdefault(entity, set()).update(key.dropna())
    found: set[str] = set()
    for part in workspace.parts(f"rows/{source.source}") if keys else ():
        for entity, key in keyed(source, part).items():
            found |= set(key.index[key.isin(keys.get(entity, set()))])
    return found


@dataclass(frozen=True)
class Fate:
    """
    What came of held rows in the run after.

    Attributes:
        freed: Rows that were held and are not any more; those a person dropped are not among them.
        still_held: Held rows of the run after.
        told: Place and sentence of each row with a problem of its own.
        stale: Corrected rows that the source no longer has.
    """

    freed: int
    still_held: int
    told: list[tuple[str, str, Text]]
    stale: list[str]


def fate(project: Project, before: tuple[Workspace, Held], after: Workspace, *, asked: Rows) -> Fate:
    """
    Compare two runs.

    Args:
        project: Its schema and mappings.
        before: The run that held rows, and what it held.
        after: The run with the corrections, of all rows or of some.
        asked: The rows of which something was asked.
    """
    now = held_of(project, after)
    was, still = _pairs(before[1].all_rows()), _pairs(now.all_rows())
    wanted = {(source, row) for source, ids in asked.items() for row in ids}
    here = _there(after, was | wanted)
    gone = wanted - here - _dropped(after)
    places = {source: _places(before[0], source, {row for at, row in gone if at == source}) for source, _ in gone}
    stale = sorted(places[source].get(row, source) for source, row in gone)
    return Fate(len((was & here) - still), len(still), _told(after, now), stale)


def _pairs(frame: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(frame["source"], frame["row"], strict=True))


def _there(workspace: Workspace, wanted: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which of some rows ran."""
    found: set[tuple[str, str]] = set()
    for source in {one for one, _ in wanted}:
        ids = [row for at, row in wanted if at == source]
        for rows in workspace.parts(f"rows/{source}"):
            found |= {(source, str(row)) for row in rows.index[rows.index.isin(ids)]}
    return found


def _dropped(workspace: Workspace) -> set[tuple[str, str]]:
    return {
        pair
        for one in workspace.parts("corrected")
        for pair in zip(one.loc[one["column"] == WHOLE, "source"], one.loc[one["column"] == WHOLE, "rid_row"], strict=True)
    }


def _places(workspace: Workspace, source: str, ids: set[str]) -> dict[str, str]:
    parts = [rows.loc[rows.index.isin(ids), PLACE] for rows in workspace.parts(f"rows/{source}")]
    return {str(row): str(place) for part in parts for row, place in part.items()}


def _told(workspace: Workspace, held: Held) -> list[tuple[str, str, Text]]:
    """Return place, code and sentence of what is wrong with each row, once."""
    told: dict[tuple[str, str], Text] = {}
    for source, own in held.problems.groupby("source"):
        places = _places(workspace, str(source), set(own["row"]))
        for row, code in zip(own["row"], own["code"], strict=True):
            told.setdefault((places.get(row, str(source)), str(code)), CATALOGUE[str(code)].text)
    return [(place, code, text) for (place, code), text in sorted(told.items(), key=lambda one: one[0])]
