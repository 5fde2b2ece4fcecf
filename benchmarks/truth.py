"""
How near a loaded sample estate comes to its truth files: rows merged right and wrong, mails, orders, cases, look-alikes.

    make demo && python benchmarks/truth.py
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from sample_data.estate.loaded import frames_of  # noqa: E402 the generator's package stands beside the product's
from sample_data.estate.score import read_truth, score  # noqa: E402 the same


def main() -> None:
    """Print the scores of the newest applied run as JSON."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--folder", type=Path, default=ROOT, help="where sample_data, runs and crm.db are")
    folder = asked.parse_args().folder
    runs = [path.parent for path in (folder / "runs").glob("*/run.json")]
    applied = [run for run in runs if json.loads((run / "run.json").read_text("utf-8"))["status"] in ("applied", "partly")]
    found = score(read_truth(folder / "sample_data" / "truth"), **frames_of(max(applied), folder / "crm.db"))
    print(json.dumps(found, ensure_ascii=False, indent=1, default=str))


if __name__ == "__main__":
    main()
