"""
New records against a CRM of many rows: with the CRM's rows compared among themselves, and without.

    python benchmarks/incremental.py --new 10000 --existing 100000 1000000 --whole 100000

Half of the new records are customers of the CRM, written shorter or with another number; the other half are not there. Each
size runs in a process of its own; `--whole` names the sizes that are also matched as a whole.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from crmetl.batch import KEY, PLACE, SOURCE, Batch
from crmetl.dedupe import Compared, MatchRules, dedupe
from crmetl.dedupe.compare.comparisons import columns_of
from crmetl.dedupe.rows import Crm, compared_rows

FIRST = "恒澜沐槿曜璟泓琛崇嵘骐珩朗弘毅拓鼎睿晟辰骏凯瑞丰"
SECOND = "川舟禾越霖峰岭澄钰昊祺铭泰源通达信诚隆博宏远光华"
THIRD = "科盛兴旺利康德美佳安腾飞翔宇航天成立新捷顺和平正方圆大同仁义礼智勇健强富民生"
TRADES = ("贸易", "机械", "电子", "食品", "包装", "物流")
CITIES = ("上海", "北京", "杭州", "苏州", "武汉", "成都", "广州", "青岛")
FIELDS = ("name", "phone", "city", "address", "uscc")
RULES = MatchRules(
    entity="account",
    comparisons=tuple(
        Compared(name, kind) for name, kind in zip(FIELDS, ("company_name", "phone", "city", "address", "uscc"), strict=True)
    ),
    vetoes=("uscc",),
)


def firms(number: int, seed: int) -> pd.DataFrame:
    """Return different invented firms, columns FIELDS and `short`."""
    draw = np.random.default_rng(seed)
    shape = (len(FIRST), len(SECOND), len(THIRD), len(TRADES), len(CITIES))
    picked = draw.choice(int(np.prod(shape)), number, replace=False)
    a, b, c, trade, city = np.unravel_index(picked, shape)
    letters = [np.array(list(one), dtype=object) for one in (FIRST, SECOND, THIRD)]
    place, line = np.array(CITIES, dtype=object)[city], np.array(TRADES, dtype=object)[trade]
    short = letters[0][a] + letters[1][b] + letters[2][c] + line
    road = [f"{x}市{y}路{z}号" for x, y, z in zip(place, letters[1][draw.integers(0, 20, number)], picked % 997 + 1, strict=True)]
    frame = pd.DataFrame(
        {"name": place + short + "有限公司", "short": short, "city": place + "市", "address": road, "uscc": None}
    )
    return frame.assign(phone=[f"+8621{n:08d}" for n in (60_000_000 + draw.permutation(number)).tolist()])


def records(there: pd.DataFrame, strangers: pd.DataFrame, seed: int) -> Batch:
    """Return half of the new records from the CRM's customers, half from strangers."""
    draw = np.random.default_rng(seed)
    known = there.iloc[draw.choice(len(there), len(strangers), replace=False)]
    other = pd.Series([f"+8621{n:08d}" for n in draw.integers(20_000_000, 59_999_999, len(known)).tolist()], index=known.index)
    shorter, moved = draw.random(len(known)) < 0.5, draw.random(len(known)) < 0.1
    known = known.assign(name=known["name"].mask(shorter, known["short"]), phone=known["phone"].mask(moved, other))
    frame = pd.concat([known, strangers])[list(FIELDS)]
    index = pd.Index([f"{n:08d}" for n in range(len(frame))], name="rid")
    lineage = {SOURCE: "new", PLACE: "x!R1", KEY: None, "custom": None}
    return Batch("account", frame.set_axis(index).assign(**lineage).astype("str"))


def run(new: int, existing: int, *, among: bool) -> dict[str, float]:
    """Match once in this process; return what it took and what came of it."""
    every = firms(existing + new // 2, 1)
    there, batch = every.iloc[:existing], records(every.iloc[:existing], every.iloc[existing:], 2)
    crm = there[list(FIELDS)].set_axis(pd.Index([f"K{n:07d}" for n in range(existing)], name="key")).astype("str")
    del every, there
    start = time.process_time()
    rows = compared_rows(batch.frame, RULES, None, Crm(crm))
    laid = time.process_time() - start
    columns_of(rows.frame, RULES.comparisons)
    read = time.process_time() - start - laid
    del rows
    start = time.process_time()
    found = dedupe(batch, rules=RULES, existing=crm, among_existing=among)
    cpu = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "cpu": cpu, "laid": laid, "read": read, "peak_mb": peak, "pairs": found.candidates, "matched": len(found.matched),
    }  # fmt: skip


def main() -> None:
    """Print a line per size."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--new", type=int, default=10_000)
    asked.add_argument("--existing", type=int, nargs="+", default=[100_000, 1_000_000])
    asked.add_argument("--whole", type=int, nargs="*", default=[100_000])
    asked.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    line = asked.parse_args()
    if line.one:
        new, existing, among = (int(one) for one in line.one)
        print(json.dumps(run(new, existing, among=bool(among))))
        return
    print(f"{'CRM rows':>10} {'':<12}{'CPU s':>8}{'laying':>8}{'reading':>9}{'peak MB':>9}{'pairs':>12}{'matched':>9}")
    for existing in line.existing:
        for among in (0, *([1] if existing in line.whole else [])):
            command = [sys.executable, __file__, "--one", str(line.new), str(existing), str(among)]
            told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            figures = f"{told['cpu']:>8.1f}{told['laid']:>8.1f}{told['read']:>9.1f}{told['peak_mb']:>9,.0f}"
            name = "whole" if among else "incremental"
            print(f"{existing:>10,} {name:<12}{figures}{told['pairs']:>12,}{told['matched']:>9,}", flush=True)


if __name__ == "__main__":
    main()
