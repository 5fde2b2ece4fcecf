"""Faults that the room `dedupe` finds."""

from crmetl.faults.kind import Fault
from crmetl.text import Text

MATCH_AMBIGUOUS = Fault(
    "MATCH_AMBIGUOUS",
    "hold",
    Text(
        "与 CRM 中两条不同的记录同样接近，无法判定是哪一条",
        "Fits two different CRM records equally well, so it cannot be told which one it is",
    ),
    Text(
        "在复核清单中选定对应的 CRM 记录，或在来源中补充区分信息（信用代码、电话、城市）",
        "pick the right CRM record in the review list, or add what tells them apart (credit code, phone, city) in the source",
    ),
)
DOUBTFUL_PAIR = Fault(
    "DOUBTFUL_PAIR",
    "note",
    Text(
        "与另一条记录相似，但证据不足以自动合并，目前分开保留",
        "Resembles another record, but not closely enough to merge by itself; both are kept for now",
    ),
    Text("在复核清单中确认是否同一客户", "confirm in the review list whether they are one"),
)
OWNER_CONFLICT = Fault(
    "OWNER_CONFLICT",
    "note",
    Text(
        "撞单：合并的记录归属不同的负责人，已按来源可信度取其一",
        "Claimed by two owners: the merged records name different ones; the most trusted source's was taken",
    ),
    Text("与双方负责人确认归属，必要时在 CRM 中改派", "settle the ownership with both, and reassign it in the CRM if needed"),
)
