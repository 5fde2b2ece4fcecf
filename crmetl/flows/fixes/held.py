"""What a run holds, as a person who mends it needs it: by source row, each problem once, with what waits for it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmetl.batch import PLACE, SOURCE, stack, text_frame
from crmetl.faults import link as links
from crmetl.faults import validate as relations
from crmetl.mapping.conditions import joined_key, key_text
from crmetl.project import Project, Source
from crmetl.project.aim import KEY_OF, Aim, aim_of
from crmetl.workspace import Workspace

RECORD = ("rid", "entity", "source", "place", "row")
PROBLEM = ("source", "row", "entity", "column", "code")
EDGE = ("rid", "parent")
BY_EVIDENCE = (links.PARENT_NOT_FOUND.code, links.LINK_AMBIGUOUS.code)
"""Why a record waits that may find its parent once that is there."""


@dataclass(frozen=True)
class Held:
    """
    The held rows and records of a run.

    Attributes:
        records: Columns RECORD: held records, and the id of the source row that each came from (NA for derived ones).
        rows: Columns source, row, place: rows that gave no record because they wait themselves.
        problems: Columns PROBLEM: why a row waits, of itself; that a parent waits is no problem of its own.
        edges: Columns EDGE: held record -> held record, or `row:<row id>`, that it waits for.
    """

    records: pd.DataFrame
    rows: pd.DataFrame
    problems: pd.DataFrame
    edges: pd.DataFrame

    def all_rows(self) -> pd.DataFrame:
        """Return columns source, row: every source row that is held or of which a record is."""
        records = self.records.dropna(subset=["row"])
        return stack([self.rows[["source", "row"]], records[["source", "row"]]], ["source", "row"]).drop_duplicates()

    def roots(self) -> pd.DataFrame:
        """Return columns source, row: the rows with a problem of their own."""
        return self.problems[["source", "row"]].drop_duplicates(ignore_index=True)

    def waiting(self) -> dict[str, list[str]]:
        """Return row id of a root -> rids of the records that wait for it and have no problem of their own."""
        own = set(self.problems["row"])
        row_of = dict(zip(self.records["rid"], self.records["row"], strict=True))
        troubled = self._troubled()
        parents: dict[str, list[str]] = {}
        for rid, parent in zip(self.edges["rid"], self.edges["parent"], strict=True):
            parents.setdefault(str(rid), []).append(str(parent))
        found: dict[str, list[str]] = {}
        for rid in self.records["rid"]:
            if rid in troubled:
                continue
            for root in sorted(_ends(str(rid), parents, row_of, troubled) & own):
                found.setdefault(root, []).append(str(rid))
        return found

    def waiting_rids(self) -> set[str]:
        """Return the records that only wait for others."""
        return {rid for rids in self.waiting().values() for rid in rids}

    def _troubled(self) -> set[str]:
        """Return the records with a problem of their own."""
        marked = self.problems[["row", "entity"]].drop_duplicates().dropna()
        found = self.records.merge(marked, on=["row", "entity"])
        return set(found["rid"])


def _ends(rid: str, parents: Mapping[str, list[str]], row_of: Mapping[str, str], troubled: set[str]) -> set[str]:
    """Return the rows that a record waits for in the end."""
    todo, seen, rows = list(parents.get(rid, ())), {rid}, set[str]()
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        if at.startswith("row:"):
            rows.add(at.removeprefix("row:"))
        elif at in troubled:
            rows.add(row_of[at])
        else:
            todo += parents.get(at, [])
    return rows


def held_of(project: Project, workspace: Workspace) -> Held:
    """
    Return what a run holds.

    Args:
        project: Its schema and mappings, as they are now.
        workspace: The run; its Parquet is read, not changed.
    """
    frames = {entity: workspace.whole(f"held/{entity}") for entity in project.schema_.entities}
    known = {entity: frame[~frame.index.duplicated()] for entity, frame in frames.items() if frame is not None and len(frame)}
    rows = _held_rows(project, workspace)
    records = _with_rows(workspace, _records(known))
    findings = _findings(workspace)
    edges = stack([_below(project, known), _of_held_rows(project, workspace, known, rows)], EDGE)
    return Held(records, rows, _problems(findings, records, rows, edges), edges.drop_duplicates(ignore_index=True))


def _held_rows(project: Project, workspace: Workspace) -> pd.DataFrame:
    parts = []
    for source in project.sources:
        frame = workspace.whole(f"held_rows/{source.source}")
        if frame is not None:
            parts.append(pd.DataFrame({"source": source.source, "row": frame.index, "place": frame[PLACE].to_numpy()}))
    return stack(parts, ["source", "row", "place"]).astype("str").drop_duplicates("row", ignore_index=True)


def _records(known: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"rid": frame.index, "entity": entity, "source": frame[SOURCE].to_numpy(), "place": frame[PLACE].to_numpy()})
        for entity, frame in known.items()
    ]
    return stack(parts, RECORD[:-1]).astype("str")


def _with_rows(workspace: Workspace, records: pd.DataFrame) -> pd.DataFrame:
    """Return the records with the id of the row that stands at their place."""
    ids = []
    for source, own in records.groupby("source"):
        places = set(own["place"])
        for rows in workspace.parts(f"rows/{source}"):
            here = rows[rows[PLACE].isin(places)]
            ids.append(pd.DataFrame({"source": str(source), "place": here[PLACE].to_numpy(), "row": here.index}))
    found = stack(ids, ["source", "place", "row"]).astype("str").drop_duplicates(["source", "place"])
    return records.merge(found, how="left", on=["source", "place"])[list(RECORD)]


def _findings(workspace: Workspace) -> pd.DataFrame:
    parts = [frame[frame["severity"] == "hold"] for frame in workspace.parts("findings")]
    return stack(parts, ["rid", "entity", "column", "code"]).reset_index(drop=True)


def _problems(findings: pd.DataFrame, records: pd.DataFrame, rows: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Return columns PROBLEM; what a record lacks because the row of its parent waits is that row's problem."""
    own = findings[findings["code"] != relations.PARENT_HELD.code]
    behind_rows = edges.loc[edges["parent"].str.startswith("row:"), "rid"]
    own = own[~(own["rid"].isin(behind_rows) & own["code"].isin(BY_EVIDENCE))]
    of_records = own.drop(columns=["entity", "source"], errors="ignore").merge(records, on="rid").dropna(subset=["row"])
    of_rows = own.drop(columns=["source"], errors="ignore").merge(rows.assign(rid=rows["row"]), on="rid")
    whole = stack([of_rows.reindex(columns=PROBLEM), of_records.reindex(columns=PROBLEM)], PROBLEM)
    return whole.astype("str").drop_duplicates(ignore_index=True)


def _below(project: Project, known: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the edges between held records."""
    held = {f"@{rid}" for frame in known.values() for rid in frame.index}
    parts = []
    for entity, frame in known.items():
        for name in (one for one in project.schema_.entities[entity].references() if one in frame):
            refs = frame.loc[frame[name].isin(held), name]
            parts.append(pd.DataFrame({"rid": refs.index, "parent": refs.str.slice(1).to_numpy()}))
    return stack(parts, EDGE).astype("str")


def _of_held_rows(project: Project, workspace: Workspace, known: Mapping[str, pd.DataFrame], rows: pd.DataFrame) -> pd.DataFrame:
    """Return the edges from held records to held rows whose key they name: the row's record was not even made."""
    keys = stack([_keys_of_rows(workspace, one, set(rows["row"])) for one in project.sources], ["system", "entity", "key", "row"])
    if not len(keys):
        return text_frame(EDGE)
    systems = {one.source: one.system for one in project.sources}
    parts = []
    for entity, frame in known.items():
        for name, parent in project.schema_.entities[entity].references().items():
            cited = f"{name}.{KEY_OF}"
            if cited not in frame:
                continue
            cells = key_text(frame[cited].dropna())
            asked = pd.DataFrame({"rid": cells.index, "key": cells.to_numpy(), "entity": parent})
            asked = asked.assign(system=frame.loc[cells.index, SOURCE].map(systems).to_numpy())
            met = asked.merge(keys, on=["system", "entity", "key"])
            parts.append(pd.DataFrame({"rid": met["rid"], "parent": "row:" + met["row"].astype("str")}))
    return stack(parts, EDGE).astype("str")


def _keys_of_rows(workspace: Workspace, source: Source, wanted: Collection[str]) -> pd.DataFrame:
    """Return columns system, entity, key, row of some rows of a source, for each entity of it that has a key."""
    parts = []
    if wanted:
        for rows in workspace.parts(f"rows/{source.source}"):
            here = rows[rows.index.isin(wanted)]
            for entity, key in keyed(source, here).items():
                filled = key.dropna()
                parts.append(pd.DataFrame({"entity": entity, "key": filled.to_numpy(), "row": filled.index}))
    return stack(parts, ["entity", "key", "row"]).assign(system=source.system).astype("str")


def keyed(source: Source, rows: pd.DataFrame) -> "dict[str, pd.Series[str]]":
    """Return entity -> key of its record on each row, for the entities of a source that have a key."""
    if not len(rows):
        return {}
    made = {entity: one.key for entity, one in source.entities.items() if one.key and set(one.key) <= set(rows.columns)}
    return {entity: joined_key(rows, key) for entity, key in made.items()}


def aims_of(source: Source) -> dict[str, tuple[Aim, ...]]:
    """Return source column -> where it goes."""
    return {name: tuple(aim for aim in map(aim_of, one.to) if aim) for name, one in source.columns.items()}


def columns_behind(source: Source, columns: Iterable[Any], entity: str | None, column: str | None) -> list[str]:
    """
    Return the source columns that a finding is about.

    Args:
        source: Its mapping.
        columns: Of the source's rows.
        entity, column: Of the finding: a source column, a key of several (`a/b`), a field, or several fields (`a|b`).
    """
    known = [str(one) for one in columns]
    if column is None:
        return []
    if column in known:
        return [column]
    parts = column.split("/")
    if len(parts) > 1 and set(parts) <= set(known):
        return parts
    fields = set(column.split("|"))
    aims = aims_of(source)
    return [name for name in known if any(aim.entity == entity and aim.field in fields for aim in aims.get(name, ()))]
