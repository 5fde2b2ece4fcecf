"""Faults that the room `diff` finds: what the plan leaves to a person."""

from crmetl.faults.kind import Fault
from crmetl.text import Text

BOTH_MOVED = Fault(
    "BOTH_MOVED",
    "note",
    Text(
        "上次导入之后，来源与 CRM 都改了这个值，且不一致",
        "Since the last load both the source and the CRM changed this value, differently",
    ),
    Text(
        "决定以哪边为准：在 CRM 中改成来源的值，或更正来源",
        "decide which is right: set the source's value in the CRM, or correct the source",
    ),
)
DELETED_IN_TARGET = Fault(
    "DELETED_IN_TARGET",
    "note",
    Text("导入过的记录已在 CRM 中被删除，不会重新创建", "A record loaded before was deleted in the CRM; it is not created again"),
    Text("若应保留，请在 CRM 中恢复；否则从来源中去掉", "restore it in the CRM if it should stay, or take it out of the source"),
)
WOULD_LOOSEN = Fault(
    "WOULD_LOOSEN",
    "note",
    Text(
        "来源要放宽一个只能收紧的状态（如退订、停用）",
        "The source would ease a status that may only tighten (an opt-out, a closed account)",
    ),
    Text("确需放宽时，由有权限的人在 CRM 中修改", "if it is meant, a person with the right to do so changes it in the CRM"),
)
KEY_SPLIT = Fault(
    "KEY_SPLIT",
    "hold",
    Text(
        "同一客户的几个来源编号以前导入成了不同的 CRM 记录", "Source keys of one record were loaded as different CRM rows before"
    ),
    Text(
        "先在 CRM 中合并这些记录，或在重复判定中把它们分开",
        "merge those rows in the CRM first, or decide that they are not duplicates",
    ),
    "K0012, D-7781",
)
PARENT_CONFLICT = Fault(
    "PARENT_CONFLICT",
    "hold",
    Text("所属记录不在 CRM 中，也不会被创建", "The record it belongs to is not in the CRM and will not be created"),
    Text("先处理所属记录的冲突", "settle the conflict of that record first"),
)
