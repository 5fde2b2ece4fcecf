"""A plan parted in two by operation groups: what goes on now, and what waits."""

from collections.abc import Collection
from dataclasses import replace

from crmetl.plan.membership import among
from crmetl.plan.values import Plan

GROUPED = ("operations", "cells", "crosswalk", "loaded", "children")
"""Frames of a plan that name the group of each row."""


def split(plan: Plan, groups: Collection[str]) -> tuple[Plan, Plan]:
    """
    Return the part of a plan that some operation groups make, and the rest; no group is torn, no row is in both.

    Conflicts are nobody's to write and stay with the rest. Counts tell each part's own operations, and nothing else.

    Args:
        plan: Whole.
        groups: Names of groups; unknown ones are passed over.
    """
    mine = list(groups)
    return _part(plan, mine, inside=True), _part(plan, mine, inside=False)


def _part(plan: Plan, groups: list[str], *, inside: bool) -> Plan:
    creates = {entity: rows[among(rows["group"], groups) == inside] for entity, rows in plan.creates.items()}
    frames = {name: one[among(one["group"], groups) == inside] for name in GROUPED for one in [getattr(plan, name)]}
    part = replace(
        plan,
        creates={entity: rows for entity, rows in creates.items() if len(rows)},
        **{name: one.reset_index(drop=True) for name, one in frames.items()},
        conflicts=plan.conflicts.iloc[:0] if inside else plan.conflicts,
    )
    return replace(part, counts=_counted(part))


def _counted(plan: Plan) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for entity, own in plan.operations.groupby("entity"):
        counts[str(entity)] = {str(kind): int(n) for kind, n in own["kind"].value_counts().sort_index().items()}
    return counts
