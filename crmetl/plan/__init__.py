"""The plan: a frozen difference to the target, its read set, and the ports through which it is made and written."""

from crmetl.plan.canonical import canonical
from crmetl.plan.gather import Gathered, PlanSink, hand_over
from crmetl.plan.membership import among
from crmetl.plan.ports import Approval, Target, TargetReader
from crmetl.plan.prints import cell_hashes, row_hashes
from crmetl.plan.values import (
    CELL,
    CHILD,
    CONFLICT,
    CROSSWALK,
    FRAMES,
    LOADED,
    OPERATION,
    Plan,
    PlanPrint,
    plan_id,
)

__all__ = [
    "CELL",
    "CHILD",
    "CONFLICT",
    "CROSSWALK",
    "FRAMES",
    "LOADED",
    "OPERATION",
    "Approval",
    "Gathered",
    "Plan",
    "PlanPrint",
    "PlanSink",
    "Target",
    "TargetReader",
    "among",
    "canonical",
    "cell_hashes",
    "hand_over",
    "plan_id",
    "row_hashes",
]
