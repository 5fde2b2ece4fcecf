"""
Time and memory of matching; quality where the truth is known.

    python benchmarks/dedupe.py --n 20000
    python benchmarks/dedupe.py --table people.csv --truth cluster
    python benchmarks/dedupe.py --table febrl3.csv --truth rec_id --truth-ending='-(org|dup-[0-9]+)$'

Without a table, `--n` invented firms stand in two files each, half of them short, a tenth with another number; look-alikes
(the brand in another city, and of another trade) are among them.
"""

import argparse
import resource
import sys
import time

import numpy as np
import pandas as pd
import pyarrow.csv

from crmetl.batch import KEY, PLACE, SOURCE, Batch
from crmetl.dedupe import Compared, Evaluation, MatchRules, dedupe, dedupe_table, evaluate

FIRST = "恒澜沐槿曜璟泓琛崇嵘骐珩朗弘毅拓鼎睿晟辰骏凯瑞丰"
SECOND = "川舟禾越霖峰岭澄钰昊祺铭泰源通达信诚隆博宏远光华"
THIRD = ["", *"科盛兴旺利康德美佳安"]
TRADES = ("贸易", "机械", "电子", "食品", "包装", "物流")
CITIES = ("上海", "北京", "杭州", "苏州", "武汉", "成都", "广州", "青岛")
RULES = MatchRules(
    entity="account",
    comparisons=tuple(
        Compared(name, kind)
        for name, kind in (
            ("name", "company_name"),
            ("phone", "phone"),
            ("city", "city"),
            ("address", "address"),
            ("uscc", "uscc"),
        )
    ),
    vetoes=("uscc",),
)


def firms(number: int, seed: int) -> tuple[pd.DataFrame, "pd.Series[str]"]:
    """Return records of `number` firms, and the firm of each."""
    draw = np.random.default_rng(seed)
    every = [f"{c}|{a}{b}{x}|{t}" for a in FIRST for b in SECOND for x in THIRD for t in TRADES for c in CITIES]
    chosen = [every[at].split("|") for at in draw.choice(len(every), min(number, len(every)), replace=False)]
    rows, truth = [], []
    for n, (city, brand, trade) in enumerate(chosen):
        phone = f"+8621{60_000_000 + n:08d}"
        road = f"{city}市{SECOND[n % 20]}{FIRST[n % 17]}路{n % 997 + 1}号"
        rows.append((f"{city}{brand}{trade}有限公司", phone, f"{city}市", road, None))
        short, moved = draw.random() < 0.5, draw.random() < 0.1
        other = f"+8621{20_000_000 + n:08d}" if moved else phone
        rows.append(
            (f"{brand}{trade}" if short else f"{city}{brand}{trade}有限公司", other, f"{city}市", None if short else road, None)
        )
        truth += [f"F{n}"] * 2
    index = pd.Index([f"{n:08d}" for n in range(len(rows))], name="rid")
    frame = pd.DataFrame(rows, columns=["name", "phone", "city", "address", "uscc"], index=index)
    lineage = {SOURCE: "east", PLACE: "x!R1", KEY: None, "custom": None}
    return frame.assign(**lineage).astype("str"), pd.Series(truth, index=index, dtype="str")


def told(name: str, spent: tuple[float, float], size: tuple[int, int], quality: Evaluation | None) -> None:
    """Print figures: seconds and seconds of CPU; records and pairs compared."""
    (seconds, processor), (records, pairs) = spent, size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name}: {records:,} records, {pairs:,} pairs, {seconds:.1f} s ({processor:.1f} s of CPU), peak {peak:,} MB")
    if quality:
        print(
            f"  pairs: precision {quality.precision:.4f}, recall {quality.recall:.4f}, F1 {quality.f1:.4f}; "
            f"B-cubed F1 {quality.b_f1:.4f}; largest cluster {quality.largest} (true {quality.largest_true})"
        )


def main() -> int:
    """Run what the command line asks for."""
    line = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    line.add_argument("--n", type=int, default=20_000, help="number of invented firms")
    line.add_argument("--seed", type=int, default=1)
    line.add_argument("--table", help="a CSV to match instead")
    line.add_argument("--truth", help="its column that names the true cluster; it is not compared")
    line.add_argument("--truth-ending", help="regular expression taken off the end of the truth")
    asked = line.parse_args()
    if asked.table:
        options = pyarrow.csv.ConvertOptions(strings_can_be_null=True)
        table = pyarrow.csv.read_csv(asked.table, convert_options=options).to_pandas()
        frame = table.rename(columns=str.strip).astype("str")
        frame = frame.apply(lambda cells: cells.str.strip().replace("", pd.NA))
        truth = frame.pop(asked.truth) if asked.truth else None
        if truth is not None and asked.truth_ending:
            truth = truth.str.replace(asked.truth_ending, "", regex=True)
        start, processor = time.perf_counter(), time.process_time()
        found = dedupe_table(frame)
        took, used = time.perf_counter() - start, time.process_time() - processor
        quality = None if truth is None else evaluate(found.frame["cluster_id"].astype("str"), truth)
        told(asked.table, (took, used), (len(frame), int(found.counts["candidate_pairs"])), quality)
        return 0
    frame, truth = firms(asked.n, asked.seed)
    start, processor = time.perf_counter(), time.process_time()
    result = dedupe(Batch("account", frame), rules=RULES)
    took, used = time.perf_counter() - start, time.process_time() - processor
    into = pd.Series(frame.index, index=frame.index, dtype="str").mask(
        frame.index.isin(result.result.absorbed.index), result.result.absorbed.reindex(frame.index)
    )
    told("invented firms", (took, used), (len(frame), result.candidates), evaluate(into, truth))
    return 0


if __name__ == "__main__":
    sys.exit(main())
