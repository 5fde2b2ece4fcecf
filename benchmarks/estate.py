"""
The whole way of a generated estate: seconds and peak memory per stage, beside the bare floor of each stage in the same run.

    python benchmarks/estate.py --customers 10000 100000
    python benchmarks/estate.py --customers 10000 --target postgresql+psycopg://postgres@127.0.0.1:5432/postgres

One process per command, so that a peak is that command's own. On PostgreSQL a database is made for the run and dropped
after it. The floors: bare calamine, csv and mailbox readers of the same files; a bare pass over the Parquet that a stage
worked on; bare COPY or `executemany` of the rows that were written. Stages and floors are wall seconds of one process;
commands also tell their CPU seconds, which other work on the machine disturbs less.
"""

import argparse
import json
import mailbox
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from psycopg import sql
from psycopg.conninfo import make_conninfo
from python_calamine import CalamineWorkbook
from sqlalchemy.engine import URL, make_url

ROOT = Path(__file__).parents[1]
SQLITE = "sqlite:///../crm.db"
WORKED_ON = {
    "map": ("rows",),
    "clean": ("map",),
    "validate": ("valid",),
    "link": ("valid",),
    "relations": ("final",),
    "dedupe": ("compared",),
    "diff": ("final", "keys"),
    "report": ("plan",),
}
"""Stage -> folders of the run whose Parquet it worked on."""


@dataclass(frozen=True)
class Ran:
    """One command: its JSON, wall and CPU seconds, peak of its largest process in MB."""

    facts: dict[str, Any]
    wall: float
    cpu: float
    peak: int

    def __str__(self) -> str:
        """Return the figures."""
        return f"{self.wall:8.1f} s wall {self.cpu:8.1f} s CPU {self.peak:8,} MB"


def make(folder: Path, customers: int, url: str) -> Path:
    """Generate an estate once, and its project for this target; return the project's folder."""
    if not (folder / "sample_data").exists():
        command = [sys.executable, str(ROOT / "sample_data" / "make.py"), "--out", str(folder / "sample_data")]
        subprocess.run([*command, "--n", str(customers)], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(folder / "mappings", ignore_errors=True)
    shutil.copytree(ROOT / "mappings", folder / "mappings")
    declared = folder / "mappings" / "crmetl.yaml"
    declared.write_text(declared.read_text("utf-8").replace(SQLITE, url), "utf-8")
    shutil.rmtree(folder / "runs", ignore_errors=True)
    for name in (*folder.glob("crm.db*"), *folder.glob("bare.db*")):
        name.unlink()
    return folder / "mappings"


def crmetl(project: Path, *words: str) -> Ran:
    """Run one command in a process of its own."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "crmetl", *words, "-p", str(project), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = process.stdout.read() if process.stdout else b""
    _, _, usage = os.wait4(process.pid, 0)
    return Ran(json.loads(out), time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bare_reading(folder: Path) -> None:
    """Read the workbooks, csv files and mailboxes with the libraries alone."""
    for path in (folder / "sample_data").rglob("*.xlsx"):
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()
    for path in (folder / "sample_data").rglob("*.csv"):
        if "truth" not in path.parts:
            orders = "订单" in path.name
            pacsv.read_csv(
                path,
                read_options=pacsv.ReadOptions(encoding="gb18030" if orders else "utf8", skip_rows=3 if orders else 0),
                parse_options=pacsv.ParseOptions(invalid_row_handler=lambda _: "skip"),
            )
    for path in (folder / "sample_data").rglob("*.mbox"):
        box = mailbox.mbox(path)
        for key in box.iterkeys():
            box.get_bytes(key)


def bare_pass(run: Path, *places: str) -> None:
    """Read all Parquet below some folders of a run."""
    for place in places:
        for path in (run / place).rglob("*.parquet"):
            pq.read_table(path)


def created(run: Path) -> Iterator[tuple[str, list[str], list[tuple[Any, ...]]]]:
    """Yield entity, columns and rows of what was written."""
    for path in sorted((run / "plan").glob("create-*.parquet")):
        table = pq.read_table(path)
        columns = table.column_names
        yield (
            path.stem.removeprefix("create-"),
            columns,
            list(zip(*(table.column(one).to_pylist() for one in columns), strict=True)),
        )


def bare_sqlite(run: Path, path: Path) -> float:
    """Return the seconds of bare `executemany` of the rows that were written, as text."""
    seconds = 0.0
    with sqlite3.connect(path) as bare:
        for entity, columns, rows in created(run):
            named = ", ".join(f'"{one}"' for one in columns)
            marks = ", ".join("?" for _ in columns)
            bare.execute(f'CREATE TABLE "{entity}" ({named}, PRIMARY KEY ("key"))')
            statement = f'INSERT INTO "{entity}" VALUES ({marks})'  # noqa: S608 names are the schema's own
            seconds += timed(partial(bare.executemany, statement, rows)) + timed(bare.commit)
    return seconds


def bare_postgres(run: Path, url: URL) -> float:
    """Return the seconds of bare COPY of the rows that were written, as text."""
    seconds = 0.0
    with psycopg.connect(_conninfo(url)) as bare:
        for entity, columns, rows in created(run):
            table = sql.Identifier(f"bare_{entity}")
            texts = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(one)) for one in columns)
            bare.execute(sql.SQL("CREATE TABLE {} ({}, PRIMARY KEY (key))").format(table, texts))
            seconds += timed(partial(_copy, bare, table, rows))
        seconds += timed(bare.commit)
    return seconds


def _conninfo(url: URL) -> str:
    return make_conninfo(host=url.host, port=url.port, user=url.username, password=url.password, dbname=url.database)


def _copy(bare: "psycopg.Connection[Any]", table: sql.Identifier, rows: list[tuple[Any, ...]]) -> None:
    with bare.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def own_database(server: str | None) -> Iterator[str]:
    """Yield the URL of an empty target: a file, or a database on this server that is dropped afterwards."""
    if server is None:
        yield SQLITE
        return
    url = make_url(server)
    name = f"crmetl_estate_{os.getpid()}"
    with psycopg.connect(_conninfo(url), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def told(customers: int, folder: Path, run: Path, url: str) -> dict[str, float]:
    """Print what each stage took beside its floor; return stage -> seconds."""
    summary = json.loads((run / "summary.json").read_text("utf-8"))
    print(f"\n{customers:,} customers, {make_url(url).get_backend_name()}")
    print(f"{'stage':<12}{'records':>12}{'seconds':>10}{'bare':>8}{'peak MB':>10}")
    seconds = {}
    for stage in summary["stages"]:
        name, came = stage["report"]["stage"], sum(one["came"] for one in stage["report"]["flow"])
        floor = timed(partial(bare_reading, folder) if name == "extract" else partial(bare_pass, run, *WORKED_ON.get(name, ())))
        seconds[name] = stage["seconds"]
        print(f"{name:<12}{came:>12,}{stage['seconds']:>10.1f}{floor:>8.1f}{stage['peak_mb']:>10.0f}")
    return seconds


def measure(customers: int, work: Path, server: str | None) -> dict[str, float]:
    """Plan, write and plan again; print all of it; return stage -> seconds."""
    folder = work / str(customers)
    with own_database(server) as url:
        project = make(folder, customers, url)
        plan = crmetl(project, "plan")
        run = folder / "runs" / str(plan.facts["run"])
        seconds = told(customers, folder, run, url)
        approved = crmetl(project, "approve", run.name, "--by", "benchmark")
        apply = crmetl(project, "apply", run.name)
        again = crmetl(project, "plan")
        floor = bare_sqlite(run, folder / "bare.db") if server is None else bare_postgres(run, make_url(url))
        print(f"{'plan':<12}{plan}  {plan.facts['status']}")
        print(f"{'approve':<12}{approved}")
        print(f"{'apply':<12}{apply}  {apply.facts['status']}; bare {'executemany' if server is None else 'COPY'} {floor:.1f} s")
        print(f"{'plan again':<12}{again}  {again.facts['status']}")
    return {**seconds, "apply": apply.wall, "plan again": again.wall}


def main() -> None:
    """Measure each size, then say how the stages grow."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--customers", type=int, nargs="+", default=[10_000])
    asked.add_argument("--target", help="URL of a PostgreSQL server; default: a SQLite file")
    asked.add_argument("--work", type=Path, default=Path("out/estate"))
    options = asked.parse_args()
    found = {size: measure(size, options.work.resolve(), options.target) for size in options.customers}
    small, large = min(found), max(found)
    if small != large:
        print(f"\ngrowth from {small:,} to {large:,} customers ({large / small:.0f} x)")
        for stage, seconds in found[large].items():
            print(f"{stage:<12}{seconds / max(found[small].get(stage, 0.0), 0.01):>8.1f} x")


if __name__ == "__main__":
    main()
