"""
Latency of the entry check against a large CRM, beside the bare floor: one indexed SELECT on the same database.

    python benchmarks/entry.py --accounts 100000
    python benchmarks/entry.py --accounts 100000 --url postgresql+psycopg://postgres@127.0.0.1:5432/entry_bench

The database must be empty, or one that this benchmark has filled. One worker; milliseconds of the wall and of CPU.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from sqlalchemy import create_engine, text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from crmetl.flows.entry import Checker  # noqa: E402 the tests' estate is found from the root
from tests.entry.estate import build, crm, fill, opened, typed  # noqa: E402


def told(name: str, wall: list[float], processor: float) -> None:
    """Print the percentiles of some calls, in ms."""
    p50, p99 = np.percentile(np.array(wall) * 1000, [50, 99])
    print(f"{name:<28} p50 {p50:7.2f} ms   p99 {p99:7.2f} ms   CPU {processor / len(wall) * 1000:6.2f} ms each")


def main() -> None:
    """Fill, build, check."""
    line = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("--accounts", type=int, default=20_000)
    line.add_argument("--checks", type=int, default=1_000)
    line.add_argument("--url", help="a SQLite file below --work where none is given")
    line.add_argument("--work", type=Path, default=Path("out/entry"))
    asked = line.parse_args()
    folder = asked.work / str(asked.accounts)
    folder.mkdir(parents=True, exist_ok=True)
    url = asked.url or f"sqlite:///{folder.resolve()}/crm.db"
    project, known = opened(folder, url), crm(asked.accounts)
    project = type(project)(project.project, url, {})
    engine = create_engine(url)
    if not _filled(project, asked.accounts):
        fill(url, project.project, known)
        start, processor = time.perf_counter(), time.process_time()
        built = build(url, project.project)
        took, used = time.perf_counter() - start, time.process_time() - processor
        size = f"{built.index.rows:,} accounts, {built.keys:,} keys, {built.refined} blocks refined"
        print(f"index build: {size}, {took:.1f} s ({used:.1f} s of CPU)")
    records = typed(known, asked.checks)
    checker, wall = Checker(project), []
    decisions = dict.fromkeys(("allow", "warn", "block", "unknown"), 0)
    for record in records[:20]:
        checker.check("account", record)
    processor = time.process_time()
    for record in records:
        start = time.perf_counter()
        decisions[checker.check("account", record).decision] += 1
        wall.append(time.perf_counter() - start)
    told(f"check, {asked.accounts:,} accounts", wall, time.process_time() - processor)
    print(decisions)
    wall, keys = [], known.accounts["key"].tolist()
    processor = time.process_time()
    with engine.connect() as connection:
        for n in range(asked.checks):
            start = time.perf_counter()
            connection.execute(text("SELECT name, phone FROM account WHERE id = :key"), {"key": keys[n * 7919 % len(keys)]}).all()
            wall.append(time.perf_counter() - start)
    told("one indexed SELECT", wall, time.process_time() - processor)


def _filled(project: object, accounts: int) -> bool:
    found = Checker(project).ready().entities["account"]  # type: ignore[arg-type]
    return found.status == "ready" and found.rows >= accounts * 0.98


if __name__ == "__main__":
    main()
