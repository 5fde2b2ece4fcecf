"""
Apply into SQLite beside the bare driver: the same rows, tables and batches, ledger and crosswalk on top.

python benchmarks/load.py [--accounts 100000]
"""

import argparse
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pandas as pd

from crmetl.batch import Batch, text_frame
from crmetl.diff import diff
from crmetl.load import MemoryTarget, apply, create_schema, open_reader, open_target, rollback
from crmetl.load.relations import relations
from crmetl.load.values import to_driver
from crmetl.plan import Plan, plan_id
from crmetl.project.read import read_project
from crmetl.schema import Schema

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIZE = 5_000


def told(what: str, work: Callable[[], T]) -> tuple[T, float]:
    """Run, and print seconds and the process's peak so far."""
    start = time.process_time()
    result = work()
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:34s} {seconds:7.2f} s CPU   peak {peak:6.0f} MB", flush=True)
    return result, seconds


def estate(accounts: int) -> dict[str, Batch]:
    """Return accounts, as many contacts and orders, three lines an order."""
    n = pd.Series(range(accounts))
    text = n.astype("str")
    many = pd.Series(range(3 * accounts))
    owner = (many // 3).astype("str")
    return {
        "account": _batch(
            "account",
            {
                "name": "上海第" + text + "贸易有限公司",
                "phone": "+86138" + text.str.zfill(8),
                "email": "sales" + text + "@example.cn",
                "country": "CN",
                "region": "上海市",
                "city": "上海市",
                "address": "中山北路" + text + "号",
                "status": "active",
                "source": "华东分公司",
                "since": "2019-03-05",
            },
            "A" + text,
        ),
        "contact": _batch(
            "contact",
            {"account": "@" + _rid("account", "A" + text), "full_name": "王" + text, "mobile": "+86139" + text.str.zfill(8)},
            "C" + text,
        ),
        "sales_order": _batch(
            "sales_order",
            {
                "order_no": "SO" + text,
                "account": "@" + _rid("account", "A" + text),
                "ordered_on": "2024-05-06",
                "total": (n * 3 + 1).astype("str") + ".5",
            },
            "O" + text,
        ),
        "order_line": _batch(
            "order_line",
            {
                "sales_order": "@" + _rid("sales_order", "O" + owner),
                "line_no": (many % 3).astype("str"),
                "product": "产品" + (many % 97).astype("str"),
                "quantity": (many % 9 + 1).astype("str"),
                "amount": many.astype("str") + ".25",
            },
            "O" + owner + "/" + (many % 3).astype("str"),
        ),
    }


def _rid(entity: str, keys: "pd.Series[str]") -> "pd.Series[str]":
    return (entity + ":" + keys).astype("str")


def _batch(entity: str, columns: dict[str, object], keys: "pd.Series[str]") -> Batch:
    frame = pd.DataFrame(columns).assign(_source="east", _row="east.xlsx!S!R" + keys, _key=keys)
    return Batch(entity, frame.set_index(pd.Index(_rid(entity, keys), name="rid")).astype("str"))


def bare(path: Path, plan: Plan, schema: Schema) -> None:
    """Insert the same rows with the driver alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    known = relations(schema)
    for entity in schema.order():
        if entity not in plan.creates:
            continue
        relation, frame = known[entity], plan.creates[entity].rename_axis("key").reset_index()
        names = [name for name in relation.columns if name in frame]
        parents = [pd.Series(rows.index, index="@" + rows["rid"]) for rows in plan.creates.values()]
        keys = pd.concat(parents)
        references = {one: frame[one].map(keys) for one in relation.references if one in frame}
        frame = frame.assign(**references)
        rows = list(zip(*(to_driver(frame[name].astype("str"), relation.kinds[name], "sqlite") for name in names), strict=True))
        columns, marks = ", ".join(relation.columns[name] for name in names), ", ".join("?" * len(names))
        sql = f"INSERT INTO {relation.table} ({columns}) VALUES ({marks})"  # noqa: S608 names are the schema's
        start = time.process_time()
        for first in range(0, len(rows), SIZE):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(sql, rows[first : first + SIZE])
            connection.execute("COMMIT")
        SPENT.append(time.process_time() - start)
    connection.close()


SPENT: list[float] = []
NO_KEYS = text_frame(["entity", "system", "source_key", "rid"])


def main() -> None:
    """Print seconds of each step and the ratio of apply to the bare driver."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--accounts", type=int, default=100_000)
    schema = read_project(ROOT / "mappings", env={}).schema_
    records, _ = told("records made", lambda: estate(asked.parse_args().accounts))
    with tempfile.TemporaryDirectory() as folder:
        seconds = first_load(records, schema, Path(folder))
        url = f"sqlite:///{folder}/crm.db"
        with open_reader(url, schema) as reader:
            again, _ = told("diff against what was loaded", lambda: diff(records, reader=reader, schema=schema, keys=NO_KEYS))
        assert again.empty()  # noqa: S101 the law that makes the number worth something
        with open_target(url, schema) as target:
            told("rollback", lambda: rollback("bench", target=target, now=NOW))
    inserted = sum(SPENT)
    rows = sum(map(len, records.values()))
    print(f"{rows:,} rows; driver's inserts alone {inserted:.2f} s; apply / inserts = {seconds / inserted:.2f}")


def first_load(records: dict[str, Batch], schema: Schema, folder: Path) -> float:
    """Plan and write everything into a new database, beside the bare driver; return the CPU seconds of apply."""
    plan, _ = told("diff against an empty CRM", lambda: diff(records, reader=MemoryTarget(schema), schema=schema, keys=NO_KEYS))
    told("plan_id", lambda: plan_id(plan))
    create_schema(f"sqlite:///{folder}/bare.db", schema)
    told("bare driver, conversion included", lambda: bare(folder / "bare.db", plan, schema))
    with open_target(f"sqlite:///{folder}/crm.db", schema) as target:
        _, seconds = told("apply", lambda: apply(plan, target=target, run="bench", now=NOW, batch=SIZE))
    size, plain = ((folder / name).stat().st_size / 1e6 for name in ("crm.db", "bare.db"))
    print(f"file: {size:.0f} MB with ledger, {plain:.0f} MB without")
    return seconds


if __name__ == "__main__":
    main()
