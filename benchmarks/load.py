"""
Apply into each database beside the bare driver on its fastest usual path: the same rows, tables and transactions.

Ours writes ledger, crosswalk and last values on top (two more rows for each row). The bare floor is SQLite's and PyMySQL's
`executemany` (the latter writes statements of many rows) and psycopg's COPY, row by row. The servers are those of the
contract tests; one that does not answer is left out.

python benchmarks/load.py [--accounts 100000] [--on sqlite postgresql mariadb]
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pandas as pd

from crmetl.batch import Batch, text_frame
from crmetl.diff import diff
from crmetl.load import MemoryTarget, apply, create_schema, open_target, rollback
from crmetl.load.connect import parse_url, writing_engine
from crmetl.load.relations import relations
from crmetl.load.values import to_driver
from crmetl.plan import Plan
from crmetl.project.read import read_project
from crmetl.schema import Schema

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.contracts.servers import SERVERS, answers, own_database  # noqa: E402 the tests stand beside, not in the package

T = TypeVar("T")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIZE = 5_000


def told(what: str, work: Callable[[], T]) -> tuple[T, tuple[float, float]]:
    """Run, and print seconds and the process's peak so far."""
    start, wall = time.process_time(), time.perf_counter()
    result = work()
    seconds, wall = time.process_time() - start, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:34s} {seconds:7.2f} s CPU {wall:7.2f} s wall   peak {peak:6.0f} MB", flush=True)
    return result, (seconds, wall)


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


def rows_of(plan: Plan, schema: Schema, dialect: str) -> dict[str, tuple[list[str], list[tuple[object, ...]]]]:
    """Return table -> columns and rows as the driver takes them, parents first, references resolved."""
    known = relations(schema)
    keys = pd.concat([pd.Series(rows.index, index="@" + rows["rid"]) for rows in plan.creates.values()])
    found = {}
    for entity in (one for one in schema.order() if one in plan.creates):
        relation, frame = known[entity], plan.creates[entity].rename_axis("key").reset_index()
        frame = frame.assign(**{one: frame[one].map(keys) for one in relation.references if one in frame})
        names = [name for name in relation.columns if name in frame]
        cells = (to_driver(frame[name].astype("str"), relation.kinds[name], dialect) for name in names)
        found[relation.table] = [relation.columns[name] for name in names], list(zip(*cells, strict=True))
    return found


def bare(url: str, plan: Plan, schema: Schema) -> None:
    """Insert the same rows with the driver alone, 5,000 in a transaction."""
    engine = writing_engine(parse_url(url))
    driver = engine.raw_connection()
    cursor, quoted = driver.cursor(), engine.dialect.identifier_preparer.quote
    for table, (columns, rows) in rows_of(plan, schema, engine.dialect.name).items():
        names = ", ".join(map(quoted, columns))
        mark = "?" if engine.dialect.name == "sqlite" else "%s"
        insert = f"INSERT INTO {quoted(table)} ({names}) VALUES ({', '.join([mark] * len(columns))})"  # noqa: S608 names are the schema's
        for first in range(0, len(rows), SIZE):
            some = rows[first : first + SIZE]
            if engine.dialect.name == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            if engine.dialect.name == "postgresql":
                with cursor.copy(f"COPY {quoted(table)} ({names}) FROM STDIN") as copy:  # type: ignore[attr-defined]
                    for row in some:
                        copy.write_row(row)
            else:
                cursor.executemany(insert, some)
            driver.commit()
    driver.close()


NO_KEYS = text_frame(["entity", "system", "source_key", "rid"])


@contextmanager
def databases(kind: str) -> Iterator[tuple[str, str]]:
    """Give the URLs of two empty databases of a kind, gone afterwards."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/bare.db", f"sqlite:///{folder}/crm.db"
        return
    with own_database(kind) as one, own_database(kind) as two:
        yield one, two


def measure(kind: str, plan: Plan, schema: Schema) -> None:
    """Print what the bare driver, an apply and a rollback take on one kind of database."""
    with databases(kind) as (one, two):
        create_schema(one, schema)
        create_schema(two, schema)
        _, floor = told(f"{kind}: bare driver", lambda: bare(one, plan, schema))
        with open_target(two, schema) as target:
            _, ours = told(f"{kind}: apply", lambda: apply(plan, target=target, run="bench", now=NOW, batch=SIZE))
            assert sum(target.counts().values()) == sum(map(len, plan.creates.values()))  # noqa: S101 or the number is worth nothing
            told(f"{kind}: rollback", lambda: rollback("bench", target=target, now=NOW))
            assert not any(target.counts().values())  # noqa: S101 the same
    ratios = [mine / theirs for mine, theirs in zip(ours, floor, strict=True)]
    print(f"{kind}: apply / bare driver = {ratios[0]:.2f} in CPU of this process, {ratios[1]:.2f} in wall time")


def main() -> None:
    """Plan once, then measure each database that answers."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--accounts", type=int, default=100_000)
    asked.add_argument("--on", nargs="+", default=["sqlite", *SERVERS])
    wanted = asked.parse_args()
    schema = read_project(ROOT / "mappings", env={}).schema_
    records = estate(wanted.accounts)
    plan, _ = told("diff against an empty CRM", lambda: diff(records, reader=MemoryTarget(schema), schema=schema, keys=NO_KEYS))
    print(f"{sum(map(len, records.values())):,} rows", flush=True)
    for kind in wanted.on:
        if kind not in SERVERS or answers(kind):
            measure(kind, plan, schema)


if __name__ == "__main__":
    main()
