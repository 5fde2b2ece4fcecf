"""How good clusters are, against the truth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Evaluation:
    """
    Clusters against truth.

    Attributes:
        records: Records compared.
        true_pairs, found_pairs, right_pairs: Pairs inside true clusters, inside found ones, inside both.
        precision, recall, f1: Of pairs; 1 where there is nothing to find and nothing was found.
        b_precision, b_recall, b_f1: B-cubed (Bagga and Baldwin 1998): the mean over records.
        clusters: Found cluster size -> number of clusters.
        largest, largest_true: Size of the largest found and true cluster.
    """

    records: int
    true_pairs: int
    found_pairs: int
    right_pairs: int
    precision: float
    recall: float
    f1: float
    b_precision: float
    b_recall: float
    b_f1: float
    clusters: dict[int, int]
    largest: int
    largest_true: int


def evaluate(clusters: "pd.Series[str]", truth: "pd.Series[str]") -> Evaluation:
    """
    Return how well `clusters` tells the same as `truth`.

    Args:
        clusters, truth: Label per record, aligned by index; records that only one of them has are left out, and so are
            records whose truth is NA.

    >>> evaluate(pd.Series(["a", "a", "b"]), pd.Series(["x", "x", "x"])).recall
    0.3333333333333333
    """
    both = pd.DataFrame({"found": clusters, "true": truth}).dropna()
    found, true = pd.factorize(both["found"])[0], pd.factorize(both["true"])[0]
    cells = both.groupby([found, true]).size()
    sizes = cells.to_numpy().astype(np.float64)
    of_found, of_true = np.bincount(found).astype(np.float64), np.bincount(true).astype(np.float64)
    at_found = cells.index.get_level_values(0).to_numpy()
    at_true = cells.index.get_level_values(1).to_numpy()
    right, wanted, given = (float((n * (n - 1) / 2).sum()) for n in (sizes, of_true, of_found))
    precision, recall = _share(right, given), _share(right, wanted)
    records = float(len(both))
    b_precision = _share(float((sizes * sizes / of_found[at_found]).sum()), records)
    b_recall = _share(float((sizes * sizes / of_true[at_true]).sum()), records)
    counts = np.bincount(of_found.astype(np.int64))
    return Evaluation(
        records=len(both),
        true_pairs=int(wanted),
        found_pairs=int(given),
        right_pairs=int(right),
        precision=precision,
        recall=recall,
        f1=_harmonic(precision, recall),
        b_precision=b_precision,
        b_recall=b_recall,
        b_f1=_harmonic(b_precision, b_recall),
        clusters={int(size): int(counts[size]) for size in np.flatnonzero(counts) if size},
        largest=int(of_found.max(initial=0)),
        largest_true=int(of_true.max(initial=0)),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0
