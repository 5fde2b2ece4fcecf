"""Any table by itself: which of its rows are one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmetl.dedupe.block.blocking import largest_block
from crmetl.dedupe.compare.cells import comparable_cells, in_order
from crmetl.dedupe.compare.codes import NONE, Numbers, Texts
from crmetl.dedupe.compare.levels import LEVELS
from crmetl.dedupe.infer.inference import infer_fields
from crmetl.dedupe.measure.calibration import expected
from crmetl.dedupe.model import Model
from crmetl.dedupe.pairs import shown
from crmetl.dedupe.resolve import Resolution, Step, resolve, silent
from crmetl.dedupe.rows import Rows
from crmetl.dedupe.rules import Compared, MatchRules
from crmetl.errors import UsageError
from crmetl.quality.expected import Expected
from crmetl.text import Text


@dataclass(frozen=True)
class TableDeduped:
    """
    A table with its clusters.

    Attributes:
        frame: The table's rows in their order, with `cluster_id` (1 up, in the order of first rows) and `is_survivor`.
        counts: `records, clusters, duplicates, candidate_pairs, links, cut` (bits).
        fields: Column -> semantic type used.
        model: What was scored with.
        expected: Precision and recall that the scores promise.
        found: How it was found; its records are named in `names`, by row numbers.
    """

    frame: pd.DataFrame
    counts: Mapping[str, int | float]
    fields: Mapping[str, str]
    model: Model
    expected: Expected
    found: Resolution
    names: Texts

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Return the merged and doubtful pairs, columns PAIR; left and right are row numbers from 0."""
        pairs = shown(self.found, self.names, self.found.clusters)
        return pairs.assign(left=pairs["left"].astype("int64"), right=pairs["right"].astype("int64"))


def dedupe_table(
    frame: pd.DataFrame,
    *,
    fields: Mapping[str, str] | None = None,
    cut: float | None = None,
    model: Model | None = None,
    max_block: int | None = None,
    most_in_cluster: int = 50,
    step: Step = silent,
) -> TableDeduped:
    """
    Find the rows of a table that are one.

    Args:
        frame: Text columns, any index; cells as they are in the file.
        fields: Column -> semantic type; None: inferred.
        cut: Bits; None: the model's.
        model: A trained model; None: a table of people is learnt from itself, others have declared weights and their own
            frequencies.
        step: Told what begins: `cells`, `learn`, `compare`, `cluster`.

    Raises:
        UsageError: A field is not in the table, a type is unknown, or no column can be compared.
    """
    chosen = dict(infer_fields(frame) if fields is None else fields)
    found, order, names = resolve_table(
        frame, chosen, cut=cut, model=model, max_block=max_block, most_in_cluster=most_in_cluster, step=step
    )
    labels = np.empty(len(frame), dtype=np.int64)
    labels[order] = found.clusters
    numbers = pd.factorize(labels)[0] + 1
    out = frame.assign(cluster_id=numbers, is_survivor=_best(frame, numbers))
    clusters = int(numbers.max(initial=0))
    counts: dict[str, int | float] = {
        "records": len(out),
        "clusters": clusters,
        "duplicates": len(out) - clusters,
        "candidate_pairs": len(found.edges),
        "links": _links(found),
        "cut": found.model.cut / 1000,
    }
    return TableDeduped(out, counts, chosen, found.model, expected(found), found, names)


def _links(found: Resolution) -> int:
    """Count the merged pairs: compared ones inside clusters, and copies with the first of their content."""
    first, labels = found.contents.first, found.clusters
    together = labels[first[found.edges.i]] == labels[first[found.edges.j]]
    copies = labels[first[found.contents.node]] == labels
    return int((together & (found.edges.scores >= found.model.cut)).sum()) + int(copies.sum()) - len(first)


def resolve_table(
    frame: pd.DataFrame,
    chosen: Mapping[str, str],
    *,
    cut: float | None,
    model: Model | None,
    max_block: int | None = None,
    most_in_cluster: int = 50,
    step: Step = silent,
) -> tuple[Resolution, Numbers, Texts]:
    """
    Say which rows of a table are one, and how that was found; arguments and errors as of `dedupe_table`.

    Args:
        chosen: Column -> semantic type.

    Returns:
        The resolution, whose records are the rows in the order of their cells; the row number of each, and its name.
    """
    _check(frame, chosen)
    rules = MatchRules(
        entity="table",
        comparisons=tuple(Compared(name, kind) for name, kind in chosen.items()),
        vetoes=tuple(name for name, kind in chosen.items() if kind == "uscc"),
        cut=None if cut is None else round(1000 * cut),
        max_block=max_block or largest_block(len(frame)),
        most_in_cluster=most_in_cluster,
        model=model,
    )
    step("cells")
    read = comparable_cells(frame, chosen)
    order = in_order(read)
    nobody = np.full(len(read), NONE, dtype=np.int64)
    names = pc.utf8_lpad(pa.array(order).cast(pa.string()), len(str(len(order))), "0").to_numpy(zero_copy_only=False)
    rows = Rows(read.iloc[order].reset_index(drop=True), names, nobody, nobody >= 0, np.arange(len(read)))
    return resolve(rows, rules=rules, step=step), order, names


def _check(frame: pd.DataFrame, fields: Mapping[str, str]) -> None:
    absent = [name for name in fields if name not in frame.columns]
    if absent:
        raise UsageError(
            Text(f"表中没有列 {'、'.join(absent)}", f"the table has no column {', '.join(absent)}"),
            next=Text(f"可用的列：{'、'.join(map(str, frame.columns))}", f"its columns are {', '.join(map(str, frame.columns))}"),
        )
    unknown = [kind for kind in fields.values() if kind not in LEVELS]
    if unknown:
        raise UsageError(
            Text(f"没有类型 {'、'.join(unknown)}", f"there is no type {', '.join(unknown)}"),
            next=Text(f"可用的类型：{'、'.join(LEVELS)}", f"use one of {', '.join(LEVELS)}"),
        )
    if not fields:
        raise UsageError(
            Text("没有可以比对的列", "no column can be compared"),
            next=Text("用 --fields 列名=类型 指明", "name them with --fields COLUMN=TYPE"),
        )


def _best(frame: pd.DataFrame, numbers: "np.typing.NDArray[np.int64]") -> "np.typing.NDArray[np.bool_]":
    """Return which row of each cluster is the most filled, the first among equals."""
    filled = frame.notna().sum(axis=1).to_numpy()
    order = np.lexsort((np.arange(len(frame)), -filled, numbers))
    out = np.zeros(len(frame), dtype=bool)
    out[order[~pd.Series(numbers[order]).duplicated().to_numpy()]] = True
    return out
