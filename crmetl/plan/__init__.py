"""The plan: a frozen difference to the target, its read set, and the ports through which it is made and written."""

from crmetl.plan.ports import Approval, TargetReader
from crmetl.plan.values import (
    CELL,
    CONFLICT,
    CROSSWALK,
    OPERATION,
    Plan,
    plan_id,
)

__all__ = ["CELL", "CONFLICT", "CROSSWALK", "OPERATION", "Approval", "Plan", "TargetReader", "plan_id"]
