"""The faces of a CRM row: its own cells with each of its contacts, and with each further number that is kept for it."""

from collections.abc import Mapping, Sequence

import pandas as pd

FACES = 24
"""Faces of one CRM row at most: an account of three hundred contacts is not compared three hundred times."""

Cells = Mapping[str, str | None]


def crm_faces(own: pd.DataFrame, evidence: pd.DataFrame | None, limit: int = FACES) -> pd.DataFrame:
    """
    Return every CRM row with its evidence, a row per face, the faces of one row together.

    Args:
        own: Index `key`, unique; the compared columns.
        evidence: Index `key`; columns of `own`: cells of a contact (`contact.mobile`), or a further number that stands in
            the place of an own one (`phone`).
        limit: Faces of one row at most.

    Returns:
        Columns of `own`. A row without a contact has a face of its own cells alone; any evidence makes a further one.
    """
    if evidence is None or evidence.empty or own.empty:
        return own
    asked = evidence[[name for name in own.columns if name in evidence.columns]]
    asked = asked[asked.notna().any(axis=1) & asked.index.isin(own.index)].rename_axis("key").reset_index().drop_duplicates()
    asked = asked.sort_values(list(asked.columns))
    told = [name for name in own.columns if "." not in name and name in asked]
    people = asked[told].isna().all(axis=1) if told else pd.Series(data=True, index=asked.index)
    bare = own[~own.index.isin(asked.loc[people, "key"])].rename_axis("key").reset_index()
    faces = asked.merge(own.rename_axis("key").reset_index(), on="key", suffixes=("", "/own"))
    for name in asked.columns.drop("key"):
        faces[name] = faces[name].fillna(faces[f"{name}/own"])
    whole = pd.concat([bare, faces[["key", *own.columns]]], ignore_index=True).astype("str")
    whole = whole[whole.groupby("key").cumcount() < limit]
    return whole.sort_values("key", kind="stable").set_index("key")[list(own.columns)]


def faces_of_one(own: Cells, evidence: Sequence[Cells], limit: int = FACES) -> list[dict[str, str | None]]:
    """
    Return what `crm_faces` gives for one row.

    >>> faces_of_one({"name": "A", "contact.mobile": None}, [{"contact.mobile": "1"}])
    [{'name': 'A', 'contact.mobile': '1'}]
    >>> faces_of_one({"name": "A", "phone": "1"}, [{"phone": "2"}])
    [{'name': 'A', 'phone': '1'}, {'name': 'A', 'phone': '2'}]
    """
    if not evidence:
        return [dict(own)]
    columns = list(own)
    rows = {tuple(one.get(name) for name in columns) for one in evidence}
    rows.discard((None,) * len(columns))
    told = [number for number, name in enumerate(columns) if "." not in name]
    people = any(all(row[number] is None for number in told) for row in rows)
    ordered = sorted(rows, key=lambda row: [(cell is None, cell or "") for cell in row])
    mine = list(own.values())
    faces = [
        dict(zip(columns, (old if new is None else new for new, old in zip(row, mine, strict=True)), strict=True))
        for row in ordered
    ]
    return ([] if people else [dict(own)])[:limit] + faces[: limit - (not people)]
