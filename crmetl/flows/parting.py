"""A merge that was taken back is a person's word: the CRM rows are different, and no run proposes to merge them again."""

import os
from contextlib import AbstractContextManager
from itertools import combinations

import pandas as pd

from crmetl.batch import stack
from crmetl.flows.opening import Opened, now
from crmetl.load import RolledBack, open_reader
from crmetl.plan import Plan
from crmetl.project import resolve_url
from crmetl.store import DECISION, Store, open_store

NOBODY = "rollback"
"""Who decided, where the rollback was not told."""


def merges_of(plan: Plan) -> pd.DataFrame:
    """Return `entity, key, survivor` of the CRM rows that a plan merges; what it absorbs of the sources is not among them."""
    changes = plan.changes()
    rows = changes[changes["kind"] == "merge"]
    return rows[["entity", "key", "survivor"]].dropna().astype("str").reset_index(drop=True)


def reach_store(opened: Opened, merges: pd.DataFrame) -> None:
    """
    See that the store answers, before anything is taken back.

    Raises:
        TargetError: It does not.
    """
    if len(merges):
        with _store(opened) as store:
            store.decisions(str(merges["entity"].iloc[0]))


def part(opened: Opened, merges: pd.DataFrame, done: RolledBack, *, by: str | None) -> int:
    """
    Remember that the rows of each merge that was taken back are different, each from each.

    Args:
        merges: As `merges_of` gives them.
        done: What the rollback kept or could not give back stays merged, and nothing is said of it.
        by: Who took the run back.

    Returns:
        Number of decisions.
    """
    stays = pd.concat([done.kept, done.failed])
    stuck = set(zip(stays["entity"], stays["key"], strict=True))
    free = merges[[one not in stuck for one in zip(merges["entity"], merges["key"], strict=True)]]
    if not len(free):
        return 0
    name = by or NOBODY
    parts = [_parted(opened, str(entity), rows, f"rolled back by {name}") for entity, rows in free.groupby("entity")]
    with _store(opened) as store:
        return store.decide(stack(parts, DECISION), by=name, at=now().isoformat(timespec="seconds"))


def _store(opened: Opened) -> AbstractContextManager[Store]:
    return open_store(resolve_url(opened.project.store, opened.project, os.environ))


def _parted(opened: Opened, entity: str, merges: pd.DataFrame, why: str) -> pd.DataFrame:
    """Return columns DECISION: every two rows that one merge made one, by their content as it is again."""
    from crmetl.dedupe import content_print, match_rules  # noqa: PLC0415 most rollbacks part nothing and need no matcher

    fields = [one.field for one in match_rules(opened.project, entity).comparisons]
    keys = sorted({*merges["key"], *merges["survivor"]})
    with open_reader(opened.url, opened.project.schema_) as reader:
        prints = content_print(reader.read(entity, keys).reindex(columns=fields))
    pairs = {
        (min(prints[one], prints[other]), max(prints[one], prints[other]))
        for end, group in merges.groupby("survivor")
        for one, other in combinations(sorted({str(end), *group["key"]}), 2)
        if one in prints.index and other in prints.index
    }
    rows = [(entity, left, right, "different", why) for left, right in sorted(pairs) if left and right]
    return pd.DataFrame(rows, columns=list(DECISION), dtype="str")
