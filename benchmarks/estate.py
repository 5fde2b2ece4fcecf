"""
The whole way of a generated estate: seconds and peak memory per stage, beside the bare floor of reading and writing.

    python benchmarks/estate.py --customers 100000          # makes the estate below --work, then plans and applies it

One process per run, so that a peak is that run's own.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.csv as pacsv
from python_calamine import CalamineWorkbook

ROOT = Path(__file__).parents[1]


def make(folder: Path, customers: int) -> Path:
    """Generate an estate with its project once; return the project's folder."""
    if not (folder / "mappings").exists():
        subprocess.run(
            [sys.executable, str(ROOT / "sample_data" / "make.py"), "--out", str(folder / "sample_data"), "--n", str(customers)],
            check=True,
        )
        shutil.copytree(ROOT / "mappings", folder / "mappings")
    return folder / "mappings"


def crmetl(project: Path, *words: str) -> tuple[dict[str, object], float, int]:
    """Run one command; return its JSON, wall seconds, and the peak memory of its process in MB."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "crmetl", *words, "-p", str(project), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = process.stdout.read() if process.stdout else b""
    _, _, usage = os.wait4(process.pid, 0)
    return json.loads(out), time.perf_counter() - start, usage.ru_maxrss // 1024


def bare_reading(folder: Path) -> float:
    """Return the seconds that bare python-calamine and pyarrow.csv take for the same workbooks and csv files."""
    start = time.perf_counter()
    for path in (folder / "sample_data").rglob("*.xlsx"):
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()
    for path in (folder / "sample_data").rglob("*.csv"):
        if "truth" not in path.parts:
            encoding = "gb18030" if "订单" in path.name else "utf8"
            pacsv.read_csv(
                path,
                read_options=pacsv.ReadOptions(encoding=encoding, skip_rows=3 if "订单" in path.name else 0),
                parse_options=pacsv.ParseOptions(invalid_row_handler=lambda _: "skip"),
            )
    return time.perf_counter() - start


def told(project: Path, facts: dict[str, object]) -> None:
    """Print what each stage took, from the run's own summary."""
    summary = json.loads((project.parent / "runs" / str(facts["run"]) / "summary.json").read_text("utf-8"))
    print(f"{'stage':<12}{'records':>12}{'seconds':>10}{'peak MB':>10}")
    for stage in summary["stages"]:
        came = sum(one["came"] for one in stage["report"]["flow"])
        print(f"{stage['report']['stage']:<12}{came:>12,}{stage['seconds']:>10.1f}{stage['peak_mb']:>10.0f}")


def main() -> None:
    """Generate, plan, apply, plan again."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--customers", type=int, default=10_000)
    asked.add_argument("--work", type=Path, default=Path("out/estate"))
    options = asked.parse_args()
    folder = options.work / str(options.customers)
    project = make(folder, options.customers)
    shutil.rmtree(folder / "runs", ignore_errors=True)
    for name in folder.glob("crm.db*"):
        name.unlink()
    print(f"bare reading (calamine, pyarrow.csv): {bare_reading(folder):.1f} s")
    facts, seconds, peak = crmetl(project, "run")
    told(project, facts)
    print(f"first run (plan and apply): {seconds:.1f} s, peak {peak:,} MB, status {facts['status']}")
    facts, seconds, peak = crmetl(project, "run")
    print(f"second run: {seconds:.1f} s, peak {peak:,} MB, status {facts['status']}")


if __name__ == "__main__":
    main()
