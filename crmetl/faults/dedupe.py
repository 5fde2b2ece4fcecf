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
CLUSTER_TOO_LARGE = Fault(
    "CLUSTER_TOO_LARGE",
    "note",
    Text(
        "同一客户下不同写法的记录超过上限（most_in_cluster），已在联系最弱处分开保留",
        "More different records would be one than the limit (most_in_cluster) allows; they were parted where the links are weakest",
    ),
    Text(
        "在复核清单中看分界处的配对：确属同一客户就判为相同，或在 rules/match.yaml 调高 most_in_cluster",
        "look at the pairs at the border in the review list: call them the same if they are, or raise most_in_cluster in "
        "rules/match.yaml",
    ),
)
GROWTH_TOO_FAST = Fault(
    "GROWTH_TOO_FAST",
    "hold",
    Text(
        "本次要并入 CRM 中同一条记录的不同新记录太多（超过 most_growth），先不并入，等人确认",
        "Too many different new records at once (more than most_growth) would go into one CRM row; they wait for a person",
    ),
    Text(
        "在复核清单中逐对确认；这批来源确实都是同一客户时，在 rules/match.yaml 调高 most_growth",
        "confirm the pairs in the review list; where the source really has so many rows of this one, raise most_growth in "
        "rules/match.yaml",
    ),
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
DECISION_CONTRADICTED = Fault(
    "DECISION_CONTRADICTED",
    "note",
    Text(
        "人工判断互相矛盾（甲＝乙、乙＝丙、甲≠丙），以较新的为准",
        "What people decided contradicts itself (A is B, B is C, A is not C); the newest decisions count",
    ),
    Text(
        "在复核清单中重新判断这几条，新的判断取代旧的",
        "decide these records again in the review list; the new word replaces the old",
    ),
)
DECISION_WRITTEN = Fault(
    "DECISION_WRITTEN",
    "note",
    Text(
        "判断为不同，但两条在 CRM 中已是同一条记录",
        "Decided to be different, but by now the two are one row of the CRM",
    ),
    Text("撤回当初合并它们的那次运行，或在 CRM 中拆开", "take back the run that made them one, or part them in the CRM"),
)
DECISION_COMMON = Fault(
    "DECISION_COMMON",
    "note",
    Text(
        "内容太少，许多记录都一样，对它的人工判断没有采用",
        "So many records have this little content that a decision about it is not applied",
    ),
    Text("在来源中补充区分信息（信用代码、电话、城市）", "add what tells them apart (credit code, phone, city) in the source"),
)
