"""Faults that the room `mapping` finds."""

from crmetl.faults.kind import Fault
from crmetl.text import Text

KEY_REPEATED = Fault(
    "KEY_REPEATED",
    "hold",
    Text("同一来源编号出现在多行，内容不同", "One source key stands on several rows that differ"),
    Text("在来源中改正编号，或在映射中声明 on_repeat", "correct the key in the source, or declare on_repeat in the mapping"),
    "K0012 ×2",
)
KEY_DIFFERS = Fault(
    "KEY_DIFFERS",
    "note",
    Text(
        "同一来源编号在多行重复，内容不一致，只取其中一行",
        "One source key stands on several rows that differ; one of them was taken",
    ),
    Text(
        "核对这些行；若都应由人确认，把 on_repeat 改为 hold", "compare the rows; set on_repeat to hold if a person should decide"
    ),
    "SO-1009 ×3",
)
KEY_MISSING = Fault(
    "KEY_MISSING",
    "hold",
    Text("缺少主键", "The key is missing"),
    Text("补上编号，或在映射中去掉 key", "fill in the key, or take `key` out of the mapping"),
)
CELL_REQUIRED = Fault(
    "CELL_REQUIRED",
    "hold",
    Text("必填的列是空的", "A column that must be filled is empty"),
    Text("在来源中补上，或在映射中去掉 required", "fill it in the source, or take `required` out of the mapping"),
)
NEW_COLUMN = Fault(
    "NEW_COLUMN",
    "note",
    Text("来源多了一列，映射中没有", "The source has a column that the mapping does not know"),
    Text("在映射中写明这一列的去向，或用 drop 说明为何不要", "say in the mapping where it goes, or drop it with a reason"),
)
NEW_COLUMN_VALUE = Fault(
    "NEW_COLUMN_VALUE",
    "hold",
    Text(
        "这一行在新增的列中有内容，等待映射决定", "The row has a value in a new column; it waits until the mapping decides on it"
    ),
    Text(
        "在映射中写明这一列的去向，或把 on_new_column 改为 evolve",
        "decide on the column in the mapping, or set on_new_column to evolve",
    ),
)
COLUMN_MISSING = Fault(
    "COLUMN_MISSING",
    "note",
    Text("映射中的列在来源里找不到", "A column of the mapping is not in the source"),
    Text(
        "检查来源是否改了列名；若已不用，从映射中删去",
        "see whether the source has renamed it; remove it from the mapping if it is gone",
    ),
)
