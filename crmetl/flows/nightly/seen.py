"""What a night keeps in mind: how each row looked when it was done with it, so that the next one sees what moved."""

from collections.abc import Mapping

import pandas as pd

from crmetl.flows.nightly.plan import Halves
from crmetl.flows.nightly.rows import Seen, waiting_hashes
from crmetl.load import Applied
from crmetl.plan import Plan, among, row_hashes
from crmetl.store import Store


def keep(store: Store, seen: Mapping[str, Seen], halves: Halves, applied: Applied | None) -> None:
    """
    Remember the rows that were looked at or written, as they stand now.

    A row of which something waits is remembered as waiting and is looked at again every night. A row whose change was parked
    or refused is not remembered at all.

    Args:
        store: Of the project.
        seen: What the night saw.
        halves: Its plan.
        applied: What became of the part that asks nobody; None where it was empty.
    """
    cells, waiting = halves.safe.cells, _waiting(halves.waiting)
    stayed = [*applied.parked["group"], *applied.rejected["group"]] if applied else []
    lost = among(cells["group"], stayed)
    for name, one in seen.items():
        own = cells[(cells["entity"] == name).to_numpy() & ~lost]
        left_out = cells.loc[(cells["entity"] == name).to_numpy() & lost, "key"]
        keys = one.rows.index[among(one.rows.index, [*one.looked, *own["key"]]) & ~among(one.rows.index, left_out)]
        rows = _written(one.rows.loc[keys], own)
        waits = among(rows.index, waiting.loc[waiting["entity"] == name, "key"])
        store.see(name, row_hashes(rows).mask(waits, waiting_hashes(rows)))


def _waiting(plan: Plan) -> pd.DataFrame:
    """Return entity and key of every row of which something waits: those of updates, and both sides of merges."""
    operations = plan.operations
    sides = [operations[["entity", "key"]], operations[["entity", "survivor"]].rename(columns={"survivor": "key"})]
    return pd.concat(sides).dropna().astype("str")


def _written(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the cells that were written."""
    after = {}
    for name, own in cells.groupby("column"):
        told = own.drop_duplicates("key").set_index("key")["after"]
        mine = among(rows.index, told.index)
        after[str(name)] = rows[str(name)].mask(mine, told.reindex(rows.index).astype("str"))
    return rows.assign(**after)
