"""Where the parts of a plan go as they are made: into memory, or wherever a caller keeps them."""

from collections.abc import Mapping
from typing import Protocol

import pandas as pd

from crmetl.batch import stack
from crmetl.plan.values import FRAMES, Plan, plan_id


class PlanSink(Protocol):
    """Takes a plan part by part; the rows of one entity in one frame come together, once."""

    def create(self, entity: str, rows: pd.DataFrame) -> None:
        """Take the new rows of an entity, wide, index `key`."""

    def add(self, name: str, rows: pd.DataFrame) -> None:
        """Take rows of one of FRAMES."""

    def done(self, counts: Mapping[str, Mapping[str, int]], prints: Mapping[str, str]) -> tuple[Plan, str]:
        """Return the whole plan and its id; nothing more comes."""


class Gathered:
    """A plan in memory."""

    def __init__(self) -> None:
        self._creates: dict[str, pd.DataFrame] = {}
        self._frames: dict[str, list[pd.DataFrame]] = {name: [] for name in FRAMES}

    def create(self, entity: str, rows: pd.DataFrame) -> None:
        """Keep the new rows of an entity."""
        self._creates[entity] = rows

    def add(self, name: str, rows: pd.DataFrame) -> None:
        """Keep rows of a frame."""
        self._frames[name].append(rows)

    def plan(self, counts: Mapping[str, Mapping[str, int]], prints: Mapping[str, str]) -> Plan:
        """Return the whole plan."""
        frames = {name: stack(parts, FRAMES[name]) for name, parts in self._frames.items()}
        return Plan(creates=self._creates, **frames, counts=counts, prints=prints)

    def done(self, counts: Mapping[str, Mapping[str, int]], prints: Mapping[str, str]) -> tuple[Plan, str]:
        """Return the whole plan and its id."""
        plan = self.plan(counts, prints)
        return plan, plan_id(plan)


def hand_over(plan: Plan, sink: PlanSink) -> tuple[Plan, str]:
    """Give a whole plan to a sink; return what the sink makes of it."""
    for entity, rows in plan.creates.items():
        sink.create(entity, rows)
    for name in FRAMES:
        sink.add(name, getattr(plan, name))
    return sink.done(plan.counts, plan.prints)
