"""
Ten times the order lines, ten times the time and the same memory: the row stages on an order file of growing length.

    python benchmarks/growth.py --lines 10000 100000 1000000

Each size runs in a process of its own on the sample project, whose order file is replaced by one of that many lines.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]

STAGES = """
import json, resource, sys, time
from pathlib import Path
from crmetl.flows.journal import Journal
from crmetl.flows.opening import open_project, today
from crmetl.flows.records import checks_of
from crmetl.flows.sources import intake
from crmetl.workspace import create

project = open_project(Path(sys.argv[1])).project
orders = tuple(one for one in project.sources if one.source == "order_lines")
project = project.model_copy(update={"sources": orders})
journal = Journal(create(project.runs, "growth"), project.schema_)
intake(project, journal, checks=checks_of(project, today().date()))
facts = {"seconds": journal.clock.seconds, "peak_mb": journal.clock.peak_mb}
facts |= {"cpu": {"all": time.process_time()}, "whole_mb": {"all": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}}
print(json.dumps(facts))
"""


def grown(folder: Path, lines: int) -> None:
    """Write the sample's order file with `lines` lines: its own lines again and again, with new order numbers."""
    path = next((folder / "sample_data" / "订单").glob("*.csv"))
    whole = path.read_bytes().decode("gb18030").splitlines()
    at = next(n for n, line in enumerate(whole) if line.startswith(("订单号", "订单编号", "单号"))) + 1
    body = [line for line in whole[at:] if line[:2] == "SO"]
    with path.open("w", encoding="gb18030", newline="\n") as out:
        out.writelines(line + "\n" for line in whole[:at])
        out.writelines(f"S{n // len(body)}{body[n % len(body)][2:]}\n" for n in range(lines))


def measured(lines: int) -> dict[str, dict[str, float]]:
    """Return what the row stages took for one size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("mappings", "sample_data"):
            shutil.copytree(ROOT / part, folder / part)
        grown(folder, lines)
        command = [sys.executable, "-c", STAGES, str(folder / "mappings")]
        found: dict[str, dict[str, float]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def main() -> None:
    """Print a line per stage and size: microseconds of the wall clock a line, and peak memory; then CPU of the whole process."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--lines", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    sizes = asked.parse_args().lines
    found = {lines: measured(lines) for lines in sizes}
    print(f"{'stage':<10}" + "".join(f"{f'{lines:,} lines':>24}" for lines in sizes))
    for stage in ("extract", "map", "clean", "validate"):
        cells = (f"{found[n]['seconds'][stage] / n * 1e6:.0f} us {found[n]['peak_mb'][stage]:.0f} MB" for n in sizes)
        print(f"{stage:<10}" + "".join(f"{cell:>24}" for cell in cells))
    cells = (f"{found[n]['cpu']['all']:.1f} s CPU {found[n]['whole_mb']['all']:.0f} MB" for n in sizes)
    print(f"{'process':<10}" + "".join(f"{cell:>24}" for cell in cells))


if __name__ == "__main__":
    main()
