"""What the benchmarks of matching share: a matcher run as a whole command, its figures against the truth, a CSV read back."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from crmetl.dedupe import evaluate

HERE = Path(__file__).parent
CUTS = ("0.5", "0.8", "0.9", "0.95", "0.99", "0.999", "0.9999", "0.99999")
"""Cuts that the peer, which has none of its own, is tried at; the best of them is found with the truth in sight."""


def run(command: list[str]) -> tuple[float, float, int]:
    """Run a command; return its wall and CPU seconds, and its peak in MB."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def pairs(labels: "pd.Series[str] | pd.DataFrame") -> "pd.Series[int]":
    """
    Return label -> pairs of rows that bear it; of a frame, the labels are its distinct rows.

    >>> int(pairs(pd.Series(["a", "a", "a", "b"])).sum())
    3
    """
    sizes = labels.value_counts()
    counted: pd.Series[int] = sizes * (sizes - 1) // 2
    return counted


def told(name: str, clusters: pd.Series, truth: pd.Series, spent: tuple[float, float, int] | None = None) -> None:
    """Print a matcher's figures, and what it took where that was measured."""
    found = evaluate(clusters.astype("str"), truth)
    false = round((1 - found.precision) * int(pairs(clusters).sum()))
    print(
        f"  {name:<7} P {found.precision:.4f} R {found.recall:.4f} F1 {found.f1:.4f} | "
        f"B-cubed P {found.b_precision:.4f} R {found.b_recall:.4f} F1 {found.b_f1:.4f} | "
        f"largest {found.largest} (true {found.largest_true}) | {false:,} false pairs"
        + (f" | {spent[0]:.1f} s, CPU {spent[1]:.1f} s, {spent[2]:,} MB" if spent else ""),
        flush=True,
    )


def matched(name: str, table: pd.DataFrame, truth: pd.Series, peer: str | None) -> dict[str, pd.Series]:
    """Match a table with each matcher, as a file and a whole command; print the figures and return matcher -> clusters."""
    print(f"{name}: {len(table):,} records, {table.shape[1]} fields")
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "table.csv", Path(folder) / "out.csv"
        table.to_csv(source, index=False)
        commands = {"crmetl": [sys.executable, "-m", "crmetl", "dedupe", str(source), "-o", str(out)]}
        if peer:
            commands["Splink"] = [peer, str(HERE / "peer_splink.py"), str(source), str(out)]
        for matcher, command in commands.items():
            spent = run(command)
            found[matcher] = read(out)["cluster_id"]
            told(matcher, found[matcher], truth, spent)
        if peer:
            run([*commands["Splink"], *CUTS])
            tried = read(out)
            clusters: dict[str, pd.Series] = {cut: tried[cut].astype("str") for cut in CUTS}
            best = max(CUTS, key=lambda cut: evaluate(clusters[cut], truth).f1)
            print(f"  Splink at {best}, the best of {len(CUTS)} cuts for this truth:")
            told("Splink", clusters[best], truth)
    return found


def read(path: Path) -> pd.DataFrame:
    """Return a CSV as texts without blanks around them."""
    header = [name.strip() for name in path.open(encoding="utf-8").readline().rstrip("\n").split(",")]
    options = pacsv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True)
    table = pacsv.read_csv(path, pacsv.ReadOptions(column_names=header, skip_rows=1), convert_options=options)
    frame: pd.DataFrame = table.to_pandas().astype("str")
    stripped: pd.DataFrame = frame.apply(lambda cells: cells.str.strip().replace("", pd.NA))
    return stripped
