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
KEY_MISSING = Fault(
    "KEY_MISSING",
    "hold",
    Text("缺少主键", "The key is missing"),
    Text("补上编号，或在映射中去掉 key", "fill in the key, or take `key` out of the mapping"),
)
