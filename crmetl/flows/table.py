"""Stand-alone matching of one table, and its evaluation against labels."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from crmetl.dedupe import Chosen, choose_fields, dedupe_table, evaluate
from crmetl.dedupe.cluster.lineage import CLUSTER, carried_on
from crmetl.errors import UsageError
from crmetl.flows.tablefile import MADE, read_file
from crmetl.flows.watch import LookAway, Watch, peak_mb
from crmetl.report.table import write_table
from crmetl.text import Text

FORMATS = (".csv", ".xlsx", ".parquet")
LEFT_OUT = "none"
"""Type that leaves a column out of the comparison."""


@dataclass(frozen=True)
class TableDone:
    """A table with its clusters, written; `facts` is the JSON of `crmetl dedupe`, `chosen` the columns that were compared."""

    facts: dict[str, Any]
    chosen: Chosen


def read_table(path: Path, *, watch: Watch) -> pd.DataFrame:
    """
    Return the rows of any table file in their order, as text.

    Raises:
        SourceError: It is missing or unreadable.
    """
    return read_file(path, watch=watch).texts


@dataclass(frozen=True)
class Before:
    """
    An earlier result whose cluster ids go on.

    Attributes:
        file: What `crmetl dedupe` wrote.
        key: Column that names a record in both tables, or None.
        events: File that what was split, merged, new or gone is written to, or None.
    """

    file: Path
    key: str | None = None
    events: Path | None = None


def dedupe_file(
    file: Path, *, out: Path, fields: str, pairs: Path | None, watch: Watch, before: Before | None = None
) -> TableDone:
    """
    Find the duplicates of a table; write it with `cluster_id` and `is_survivor`.

    Args:
        fields: `COL=TYPE,…` over the inferred types; `COL=none` leaves a column out.
        before: Earlier result, whose ids the clusters keep; None: they are numbered anew.

    Raises:
        UsageError: OUT has a suffix that cannot be written, `fields` cannot be read, or the earlier result does not fit.
        SourceError: FILE or the earlier result is missing or unreadable.
    """
    start = time.perf_counter()
    for path in (out, pairs, before.events if before else None):
        if path is not None:
            _refuse_format(path)
    earlier = read_table(before.file, watch=LookAway()) if before else None
    watch.begin("read", file.name)
    source = read_file(file, watch=watch)
    watch.begin("dedupe", file.name)
    frame = source.compared.drop(columns=list(MADE), errors="ignore")
    chosen = choose_fields(frame).overridden(_fields(fields), none=LEFT_OUT)
    if not chosen.fields and not frame.notna().to_numpy().any():  # nothing to compare, and nothing that could be lost
        chosen = replace(chosen, fields={str(name): "text" for name in frame.columns[:1]}, left_out={})
    done = dedupe_table(frame, fields=chosen.fields, step=lambda step: watch.begin(step, file.name))
    made = {name: done.frame[name].to_numpy() for name in MADE}
    lineage = None
    if before and earlier is not None:
        now = source.texts.drop(columns=list(MADE), errors="ignore").assign(cluster_id=made[CLUSTER])
        lineage = carried_on(now, earlier, key=before.key)
        made[CLUSTER] = _as_numbers(lineage.ids)
        if before.events:
            write_table(lineage.events, before.events)
    watch.begin("write", out.name)
    write_table(source.with_columns(made), out)
    if pairs:
        write_table(done.pairs, pairs)
    watch.end()
    seconds = round(time.perf_counter() - start, 3)
    told = {
        "lineage": lineage.counts() if lineage else None,
        "expected": dict(done.expected.facts()),
        **chosen.facts(),
        "findings": source.findings(),
    }
    return TableDone({**done.counts, **told, "seconds": seconds, "peak_mb": round(peak_mb(), 1)}, chosen)


def _as_numbers(ids: "pd.Series[str]") -> Any:
    """Return ids as numbers where they all are."""
    return ids.astype("int64").to_numpy() if ids.str.fullmatch(r"[1-9][0-9]{0,17}").all() else ids.to_numpy()


def evaluate_file(file: Path, *, truth: str, cluster: str) -> dict[str, Any]:
    """
    Hold the clusters of a written table against labels.

    Raises:
        UsageError: It lacks one of the columns.
    """
    frame = read_table(file, watch=LookAway())
    missing = [name for name in (truth, cluster) if name not in frame.columns]
    if missing:
        raise UsageError(
            Text(f"文件中没有列 {missing[0]}", f"the file has no column {missing[0]}"),
            where=str(file),
            next=Text("用 --truth 或 --cluster 指出列名", "name it with --truth or --cluster"),
        )
    found = evaluate(frame[cluster].astype("str"), frame[truth].astype("str"))
    return {
        "records": found.records,
        "pairwise": {"precision": found.precision, "recall": found.recall, "f1": found.f1},
        "bcubed": {"precision": found.b_precision, "recall": found.b_recall, "f1": found.b_f1},
        "clusters": {str(size): number for size, number in sorted(found.clusters.items())},
        "largest": found.largest,
        "largest_true": found.largest_true,
    }


def _fields(text: str) -> dict[str, str]:
    """Read `COL=TYPE,COL=TYPE`."""
    found: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        column, equals, kind = part.rpartition("=")
        if not equals or not column or not kind:
            raise UsageError(
                Text("--fields 的写法是 列=类型,列=类型", "--fields is written COL=TYPE,COL=TYPE"),
                next=Text("例：--fields 客户名称=company_name,手机=mobile", "e.g. --fields name=company_name,tel=phone"),
            )
        found[column] = kind
    return found


def _refuse_format(path: Path) -> None:
    if path.suffix.lower() not in FORMATS:
        raise UsageError(
            Text(f"不能写 {path.suffix or '无后缀'} 文件", f"cannot write {path.suffix or 'a file without a suffix'}"),
            where=str(path),
            next=Text("用 .csv、.xlsx 或 .parquet", "use .csv, .xlsx or .parquet"),
        )
