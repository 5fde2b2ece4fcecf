"""
Latency of the entry check against a large CRM, beside the bare limit on the same database: one indexed SELECT by key.

    python benchmarks/entry.py --accounts 100000
    python benchmarks/entry.py --accounts 1000000          builds once, in some ten minutes; later runs take it as it is
    python benchmarks/entry.py --accounts 100000 --url postgresql+psycopg://postgres@127.0.0.1:5432/entry_bench

The database must be empty, or one that this benchmark has filled. One worker. CPU is that of this process: all of it with
SQLite; a server's own is not in it. Checks and SELECTs take turns, so that noise of the machine meets both.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from sqlalchemy import Engine, create_engine, text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from crmetl.flows.entry.checker import Checker  # noqa: E402 the tests' estate is found from the root
from crmetl.flows.opening import Opened  # noqa: E402
from tests.entry.estate import build, crm, fill, opened, typed  # noqa: E402

Answer = TypeVar("Answer")


@dataclass
class Timed:
    """Seconds of the wall and of CPU that each call took."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def call(self, work: Callable[[], Answer]) -> Answer:
        """Do some work and note how long it took."""
        start, processor = time.perf_counter(), time.process_time()
        found = work()
        self.processor.append(time.process_time() - processor)
        self.wall.append(time.perf_counter() - start)
        return found

    def line(self, name: str) -> str:
        """Return the percentiles, in ms."""
        parts = []
        for what, some in (("CPU", self.processor), ("wall", self.wall)):
            times = np.array(some) * 1000
            p50, p99 = np.percentile(times, [50, 99])
            parts.append(f"{what} p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  mean {times.mean():7.2f} ms")
        return f"{name:<28} {'   '.join(parts)}"


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
    project = Opened(project.project, url, {})
    if not _filled(project, asked.accounts):
        fill(url, project.project, known)
        start, processor = time.perf_counter(), time.process_time()
        built = build(url, project.project)
        took, used = time.perf_counter() - start, time.process_time() - processor
        size = f"{built.index.rows:,} accounts, {built.keys:,} keys, {built.refined} blocks refined"
        print(f"index build: {size}, {took:.1f} s ({used:.1f} s of CPU)")
    measure(project, create_engine(url), typed(known, asked.checks), known.accounts["key"].tolist())


def measure(project: Opened, engine: Engine, records: list[dict[str, str]], keys: list[str]) -> None:
    """Check each record, and read one row by its key, in turn; print what both took."""
    checker, checks, floor = Checker(project), Timed(), Timed()
    decisions = dict.fromkeys(("allow", "warn", "block", "unknown"), 0)
    for record in records[:20]:
        checker.check("account", record)
    one = text("SELECT name, phone FROM account WHERE id = :key")
    with engine.connect() as connection:
        for n, record in enumerate(records):
            decisions[checks.call(partial(checker.check, "account", record)).decision] += 1
            key = {"key": keys[n * 7919 % len(keys)]}
            floor.call(lambda key=key: connection.execute(one, key).all())  # type: ignore[misc]
    print(checks.line(f"check, {len(keys):,} accounts"))
    print(floor.line("one indexed SELECT"))
    print(f"decisions of {len(records):,} checks: {', '.join(f'{name} {n}' for name, n in decisions.items())}")


def _filled(project: Opened, accounts: int) -> bool:
    found = Checker(project).ready().entities["account"]
    return found.status == "ready" and found.rows >= accounts * 0.98


if __name__ == "__main__":
    main()
