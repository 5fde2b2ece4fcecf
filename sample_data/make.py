"""
Write the sample estate: `python sample_data/make.py [--out DIR] [--n CUSTOMERS] [--seed SEED]`.

The same numbers give the same bytes. The default is what is committed; `--n 100000 --out DIR` is for benchmarks.
"""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from sample_data.estate.build import build  # noqa: E402 the folder is not installed


def main() -> None:
    """Read the command line and build."""
    line = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0] if __doc__ else None)
    line.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: this one)")
    line.add_argument("--n", type=int, default=150, help="number of customers (default: 150)")
    line.add_argument("--seed", type=int, default=2024, help="another seed gives another estate (default: 2024)")
    given = line.parse_args()
    for name, number in build(given.out, given.n, given.seed).items():
        print(f"{name:<12}{number:>10,}")


if __name__ == "__main__":
    main()
