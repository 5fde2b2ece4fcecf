"""What a run has loaded, as the frames that the scorer takes."""

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pandas as pd


def frames_of(run: Path, database: Path) -> dict[str, pd.DataFrame]:
    """
    Return the arguments of `score` for an applied run.

    Args:
        run: Its folder; `map/<source>/<entity>/*.parquet` says which record each source row gave, `keys/<entity>/*.parquet`
            what that is called in its system.
        database: SQLite file of the CRM; its crosswalk says where each record is now.
    Returns:
        `rows`, `mails`, `orders`, `cases`, `chats`, columns as `score` tells.
    """
    with closing(sqlite3.connect(database)) as base:
        crosswalk = _read(base, "SELECT entity, system, source_key, key FROM crmetl_crosswalk")
        activity = _read(base, "SELECT id, account_id AS account, message_id FROM activity").set_index("id")
        orders = _read(base, "SELECT id, order_no, account_id AS account, total FROM sales_order")
        lines = _read(base, "SELECT sales_order_id AS id, amount FROM order_line")
        cases = _read(base, "SELECT case_no, account_id AS account FROM crm_case")
    placed = _placed(run, crosswalk)
    chats = placed[placed["entity"].eq("activity")]
    sums = lines.groupby("id")["amount"].agg(lambda texts: str(sum(map(Decimal, texts.astype("str")))))
    return {
        "rows": placed[placed["entity"].isin(("account", "contact"))],
        "mails": activity[activity["message_id"].notna()][["message_id", "account"]].reset_index(drop=True),
        "orders": orders.assign(lines=orders["id"].map(sums).fillna("0"))[["order_no", "account", "total", "lines"]],
        "cases": cases,
        "chats": chats.assign(account=chats["key"].map(activity["account"]))[["place", "account"]],
    }


def _read(base: sqlite3.Connection, query: str) -> pd.DataFrame:
    found = base.execute(query)
    names = [one[0] for one in found.description]
    return pd.DataFrame(found.fetchall(), columns=names, dtype="str")


def _records(folder: Path) -> pd.DataFrame:
    """Return the record of each source row: columns rid, place, entity."""
    parts = [
        pd.read_parquet(path).reset_index()[["rid", "_row"]].assign(entity=path.parent.name)
        for path in sorted(folder.glob("*/*/*.parquet"))
    ]
    return pd.concat(parts, ignore_index=True).rename(columns={"_row": "place"})


def _keys(folder: Path) -> pd.DataFrame:
    """Return what each record is called in its system: columns entity, system, source_key, rid."""
    parts = [pd.read_parquet(path).assign(entity=path.parent.name) for path in sorted(folder.glob("*/*.parquet"))]
    return pd.concat(parts, ignore_index=True)[["entity", "system", "source_key", "rid"]].drop_duplicates(["entity", "rid"])


def _placed(run: Path, crosswalk: pd.DataFrame) -> pd.DataFrame:
    """Return columns place, entity, key: where the record of each source row is now; NA where it is not in the CRM."""
    named = _records(run / "map").merge(_keys(run / "keys"), on=["entity", "rid"], how="left")
    return named.merge(crosswalk, on=["entity", "system", "source_key"], how="left")[["place", "entity", "key"]]
