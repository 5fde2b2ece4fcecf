"""
What the scores promise beside what is true: expected and actual precision and recall at several cuts, and per posterior band.

    python -m benchmarks.calibration --tables FOLDER            # febrl3, febrl4, fake_1000
    python -m benchmarks.calibration --n 20000 [--few]          # benchmarks/western.py, with fewer fields too
    python -m benchmarks.calibration --chinese 20000 --places 20000 --distinct 20000

No labels are used but to print the second figure. `alone`: each pair by its own score; `jointly`: pairs inside clusters weighed
with their neighbours, as `crmetl dedupe` tells it. Goal: 2 points at most between expected and actual.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix

from benchmarks import chinese, places
from benchmarks.people import labelled
from benchmarks.western import people
from crmetl.dedupe import evaluate, infer_fields
from crmetl.dedupe.cluster.jointly import posterior
from crmetl.dedupe.measure.calibration import expected
from crmetl.dedupe.resolve import Resolution
from crmetl.dedupe.table import resolve_table

CUTS = (-4, -2, 0, 2, 4, 8)
BANDS = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1.0)
FEW = {
    "name + birth date": ["first_name", "last_name", "dob"],
    "name + address": ["first_name", "last_name", "street", "city", "state", "postcode"],
    "name + contact": ["first_name", "last_name", "email", "phone"],
}
Counts = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """
    Compared pairs of contents and the pairs of copies.

    Attributes:
        scores, shares: 1/1000 bit, and the probability that it means.
        rows, true: Pairs of rows, and how many of them are one.
        inside: Which stand inside a cluster.
    """

    scores: npt.NDArray[np.int64]
    inside: npt.NDArray[np.bool_]
    shares: Counts
    rows: Counts
    true: Counts


def pairs_of(found: Resolution, truth: npt.NDArray[np.int64]) -> Pairs:
    """
    Return the pairs of a resolution with their truth.

    Args:
        truth: Number of the entity of each record, in the order of the resolution.
    """
    size, node, edges = found.contents.size, found.contents.node, found.edges
    held = csr_matrix((np.ones(len(node)), (node, truth)), shape=(size, int(truth.max()) + 1))
    copies = np.bincount(node, minlength=size).astype(np.float64)
    both = np.asarray(held[edges.i].multiply(held[edges.j]).sum(axis=1)).ravel()
    own = (np.asarray(held.multiply(held).sum(axis=1)).ravel() - copies) / 2
    shares = np.where(edges.vetoes, 0.0, posterior(edges.scores))
    labels = found.clusters[found.contents.first]
    return Pairs(
        np.r_[edges.scores, found.alike],
        np.r_[labels[edges.i] == labels[edges.j], np.ones(size, dtype=bool)],
        np.r_[shares, posterior(found.alike)],
        np.r_[copies[edges.i] * copies[edges.j], copies * (copies - 1) / 2],
        np.r_[both, own],
    )


def compare(name: str, table: pd.DataFrame, truth: pd.Series) -> None:
    """Match a table and print expected beside actual."""
    found, order, _ = resolve_table(table, infer_fields(table), cut=None, model=None)
    start = time.process_time()
    promised = expected(found)
    spent = time.process_time() - start
    numbers = pd.factorize(truth)[0][order]
    actual = evaluate(pd.Series(found.clusters).astype("str"), pd.Series(numbers).astype("str"))
    pairs = pairs_of(found, numbers)
    print(f"{name}: {len(table):,} records, {len(found.edges):,} compared pairs, true pairs compared {_compared(pairs, actual)}")
    said = [_beside("P", promised.precision, actual.precision), _beside("R", promised.recall, actual.recall)]
    print(f"  clusters, jointly  {said[0]}  {said[1]}  ({spent:.2f} s of CPU)")
    mass = pairs.shares * pairs.rows
    own = [_share(float(mass[pairs.inside].sum()), float(one[at].sum())) for one, at in ((pairs.rows, pairs.inside), (mass, ...))]
    print(f"  clusters, alone    {_beside('P', own[0], actual.precision)}  {_beside('R', own[1], actual.recall)}")
    for bits in CUTS:
        at = pairs.scores >= 1000 * bits + found.model.cut
        above, true, rows = (float(one[at].sum()) for one in (mass, pairs.true, pairs.rows))
        precision = _beside("P", _share(above, rows), _share(true, rows))
        recall = _beside("R", _share(above, float(mass.sum())), _share(true, float(pairs.true.sum())))
        print(f"  cut {bits:+d} bits, alone  {precision}  {recall}  ({rows:,.0f} pairs)")
    print("  posterior: pairs, mean, true | " + " | ".join(_bands(pairs)), flush=True)


def _compared(pairs: Pairs, actual: object) -> str:
    whole = getattr(actual, "true_pairs", 0)
    return f"{pairs.true.sum():,.0f} of {whole:,}"


def _beside(name: str, promised: float, true: float) -> str:
    return f"{name} {promised:.4f} actual {true:.4f} ({promised - true:+.4f})"


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _bands(pairs: Pairs) -> Iterator[str]:
    for low, high in zip(BANDS, (*BANDS[1:-1], 1.0 + 1e-9), strict=False):
        at = (pairs.shares >= low) & (pairs.shares < high)
        rows = float(pairs.rows[at].sum())
        if rows:
            mean, true = (float(one[at].sum()) / rows for one in (pairs.shares * pairs.rows, pairs.true))
            yield f"{low:.2f}+: {rows:,.0f}, {mean:.2f}, {true:.2f}"


def _filled(table: pd.DataFrame, entity: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return the rows of a generated table that hold anything, missing cells as such, and their truth."""
    fields = table.drop(columns=[one for one in ("account", "person", "entity", "kind", "group") if one in table])
    told = (fields != "").any(axis=1)
    kept: pd.DataFrame = fields[told].reset_index(drop=True).astype("str")
    return kept.mask(kept == ""), table.loc[told, entity].reset_index(drop=True)


def main() -> int:
    """Run what the command line asks for."""
    line = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("--tables", type=Path)
    line.add_argument("--n", type=int, nargs="*", default=[], help="sizes of Western tables")
    line.add_argument("--few", action="store_true", help="the same with fewer fields, too")
    line.add_argument("--chinese", type=int, nargs="*", default=[], help="sizes of Chinese tables")
    line.add_argument("--places", type=int, nargs="*", default=[], help="sizes of tables of places")
    line.add_argument("--distinct", type=int, nargs="*", default=[], help="sizes of tables of different people")
    line.add_argument("--seed", type=int, default=0)
    asked = line.parse_args()
    for one in labelled(asked.tables) if asked.tables else ():
        compare(*one)
    for number in asked.n:
        table, truth = _filled(people(number, asked.seed), "entity")
        compare(f"western {number:,}", table, truth)
        for name, columns in FEW.items() if asked.few else ():
            kept = table[columns].notna().any(axis=1)
            rows, entities = table.loc[kept, columns].reset_index(drop=True), truth[kept].reset_index(drop=True)
            compare(f"western {number:,}, {name}", rows, entities)
    for number in asked.chinese:
        compare(f"chinese {number:,}", *_filled(chinese.customers(number, asked.seed), "account"))
    for number in asked.places:
        compare(f"places {number:,}", *_filled(places.listed(number, asked.seed), "entity"))
    for number in asked.distinct:
        table = people(2 * number, asked.seed).drop_duplicates("entity").head(number).reset_index(drop=True)
        compare(f"distinct people {number:,}", *_filled(table, "entity"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
