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
import sys
from pathlib import Path

import pandas as pd

from benchmarks.matching import matched, read
from benchmarks.western import people

ENDING = r"-(org|dup-\d+)$"


def compare(name: str, table: pd.DataFrame, truth: pd.Series, peer: str | None) -> None:
    """Match a table with each matcher; the peer needs a first name."""
    matched(name, table, truth, peer if "first_name" in table else None)


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
        compare(f"western {number:,}" + (f" ({asked.only})" if asked.only else ""), kept, truth, asked.peer_python)
    return 0


if __name__ == "__main__":
    sys.exit(main())
