"""Records that no source row gives by itself: source keys of customers, numbers that merged duplicates leave behind."""

from collections.abc import Sequence

import pandas as pd

from crmetl.batch import CUSTOM, LINEAGE, PLACE, SOURCE, Batch, joined, keep_all, rid_of
from crmetl.flows.journal import Journal
from crmetl.project import Project
from crmetl.schema import Schema
from crmetl.workspace import Workspace

POINT_KINDS = {"phone": "phone", "mobile": "mobile", "email": "email"}
"""Semantic type -> kind of contact point."""
BY_CRMETL = "crmetl"
"""Source name of records that come from no file."""


def note_points(entity: str, points: pd.DataFrame, project: Project, journal: Journal) -> None:
    """Make contact points of the numbers and mailboxes that duplicates held and their survivor does not show."""
    fields = project.schema_.entities[entity].fields
    if "contact_point" not in project.schema_.entities or entity not in ("account", "contact") or not len(points):
        return
    kinds = {name: POINT_KINDS[one.type] for name, one in fields.items() if one.type in POINT_KINDS}
    own = points[points["field"].isin(list(kinds))].reset_index(drop=True)
    made = pd.DataFrame({entity: "@" + own["rid"], "kind": own["field"].map(kinds), "value": own["value"]})
    _enter("contact_point", made, project, journal)


def mint(entity: str, project: Project, journal: Journal) -> None:
    """Make the records of `xref`: each key that a customer or contact had in its source, pointing to the survivor."""
    if entity != "xref":
        return
    for owner in ("account", "contact"):
        keys = journal.workspace.whole(f"keys/{owner}")
        if keys is None or owner not in project.schema_.entities["xref"].fields:
            continue
        named = keys[~keys["source_key"].str.startswith("rid:")].reset_index(drop=True)
        ends_in = journal.ended(owner, named["rid"])
        gone = ends_in.isin(journal.held.get(owner, set())) | ends_in.isin(list(journal.dropped.get(owner, {})))
        made = pd.DataFrame({owner: "@" + ends_in, "system": named["system"], "source_key": named["source_key"]})
        _enter("xref", made[~gone].reset_index(drop=True), project, journal)


def _enter(entity: str, made: pd.DataFrame, project: Project, journal: Journal) -> None:
    """Give the records ids and an origin, and let them join those that the sources gave."""
    if not len(made):
        return
    columns = [*project.schema_.entities[entity].fields, CUSTOM, *LINEAGE]
    origin = made.assign(**{SOURCE: BY_CRMETL, PLACE: BY_CRMETL})
    frame = (
        origin.reindex(columns=columns)
        .astype("str")
        .set_index(pd.Index(rid_of(f"{BY_CRMETL}|{entity}|" + joined(made, "|")), dtype="str", name="rid"))
    )
    batch = Batch(entity, frame[~frame.index.duplicated()])
    journal.mint(entity, len(batch))
    journal.enter("derive", batch, keep_all(batch))
    journal.workspace.append(f"valid/{entity}", batch.frame)


def evidence(batch: Batch, wanted: Sequence[str], schema: Schema, workspace: Workspace) -> pd.DataFrame | None:
    """
    Return columns of records that the same source row gave (`contact.mobile` of an account's row).

    Args:
        batch: The records that are compared; index rid.
        wanted: `child.field` names.

    Returns:
        Index rid of `batch`, one row per child; None where nothing is wanted.
    """
    if not wanted:
        return None
    parts = []
    for child in dict.fromkeys(name.split(".")[0] for name in wanted):
        reference = next((name for name, to in schema.entities[child].references().items() if to == batch.entity), None)
        frame = workspace.whole(f"valid/{child}")
        if reference is None or frame is None or reference not in frame:
            continue
        fields = [name.split(".")[1] for name in wanted if name.startswith(f"{child}.") and name.split(".")[1] in frame]
        own = frame[frame[reference].str.startswith("@").fillna(value=False).astype(bool)]
        index = pd.Index(own[reference].str.slice(1), dtype="str", name="rid")
        parts.append(own[fields].set_axis([f"{child}.{name}" for name in fields], axis=1).set_index(index))
    found = pd.concat(parts) if parts else None
    return found[found.index.isin(batch.frame.index)] if found is not None else None
