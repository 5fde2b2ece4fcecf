"""
Matching of people without labels: `crmetl dedupe` as a whole command, beside Splink on the same files in the same run.

    python -m benchmarks.people --n 20000 100000 --peer-python PYTHON
    python -m benchmarks.people --n 20000 --only first_name,last_name,dob
    python -m benchmarks.people --tables FOLDER     # febrl3.csv, febrl4a.csv + febrl4b.csv, fake_1000.csv

The tables of `--n` are those of `benchmarks/western.py`. `--peer-python` names a Python that has splink; without it Splink is
left out. No labels, one configuration for all tables, each matcher's own cut. `--distinct` takes one record of each person: every
pair found is false.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from benchmarks.western import people
from crmetl.dedupe import evaluate

HERE = Path(__file__).parent
ENDING = r"-(org|dup-\d+)$"


def run(command: list[str]) -> tuple[float, float, int]:
    """Run a command; return its wall and CPU seconds, and its peak in MB."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def told(name: str, clusters: pd.Series, truth: pd.Series, spent: tuple[float, float, int]) -> None:
    """Print a matcher's figures."""
    found = evaluate(clusters.astype("str"), truth)
    false = round((1 - found.precision) * _pairs(clusters))
    print(
        f"  {name:<7} P {found.precision:.4f} R {found.recall:.4f} F1 {found.f1:.4f} | B-cubed {found.b_f1:.4f} | "
        f"largest {found.largest} (true {found.largest_true}) | {false:,} false pairs | "
        f"{spent[0]:.1f} s, CPU {spent[1]:.1f} s, {spent[2]:,} MB",
        flush=True,
    )


def _pairs(clusters: pd.Series) -> int:
    sizes = clusters.value_counts()
    return int((sizes * (sizes - 1) // 2).sum())


def compare(name: str, table: pd.DataFrame, truth: pd.Series, peer: str | None) -> None:
    """Match a table with each matcher, as a file and a whole command."""
    print(f"{name}: {len(table):,} records, {table.shape[1]} fields")
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "people.csv", Path(folder) / "out.csv"
        table.to_csv(source, index=False)
        spent = run([sys.executable, "-m", "crmetl", "dedupe", str(source), "-o", str(out)])
        told("crmetl", read(out)["cluster_id"], truth, spent)
        if peer and "first_name" in table:
            spent = run([peer, str(HERE / "peer_splink.py"), str(source), str(out)])
            told("Splink", read(out)["cluster_id"], truth, spent)


def read(path: Path) -> pd.DataFrame:
    """Return a CSV as texts without blanks around them."""
    header = [name.strip() for name in path.open(encoding="utf-8").readline().rstrip("\n").split(",")]
    options = pacsv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True)
    table = pacsv.read_csv(path, pacsv.ReadOptions(column_names=header, skip_rows=1), convert_options=options)
    frame: pd.DataFrame = table.to_pandas().astype("str")
    return frame.apply(lambda cells: cells.str.strip().replace("", pd.NA))


def labelled(folder: Path) -> list[tuple[str, pd.DataFrame, pd.Series]]:
    """Return the labelled tables of a folder."""
    out = []
    for name, files in (("febrl3", ["febrl3.csv"]), ("febrl4", ["febrl4a.csv", "febrl4b.csv"])):
        frame = pd.concat([read(folder / one) for one in files], ignore_index=True)
        out.append((name, frame, frame.pop("rec_id").str.replace(ENDING, "", regex=True)))
    fake = read(folder / "fake_1000.csv").drop(columns="unique_id").rename(columns={"surname": "last_name"})
    out.append(("fake_1000", fake, fake.pop("cluster")))
    return out


def main() -> int:
    """Run what the command line asks for."""
    line = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    line.add_argument("--n", type=int, nargs="*", default=[], help="sizes of generated tables")
    line.add_argument("--seed", type=int, default=0)
    line.add_argument("--only", help="columns to keep, separated by commas")
    line.add_argument("--distinct", action="store_true")
    line.add_argument("--tables", type=Path)
    line.add_argument("--peer-python")
    asked = line.parse_args()
    for one in labelled(asked.tables) if asked.tables else ():
        compare(*one, asked.peer_python)
    for number in asked.n:
        table = people(number * 2 if asked.distinct else number, asked.seed)
        if asked.distinct:
            table = table.drop_duplicates("entity").head(number).reset_index(drop=True)
        truth = table.pop("entity")
        kept = table[asked.only.split(",")] if asked.only else table
        told_something = (kept != "").any(axis=1)  # the reader sets rows aside in which no cell is filled
        kept, truth = kept[told_something].reset_index(drop=True), truth[told_something].reset_index(drop=True)
        compare(f"western {number:,}" + (f" ({asked.only})" if asked.only else ""), kept, truth, asked.peer_python)
    return 0


if __name__ == "__main__":
    sys.exit(main())
