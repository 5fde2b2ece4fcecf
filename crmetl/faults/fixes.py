"""Faults about corrections that people made to source rows."""

from crmetl.faults.kind import Fault
from crmetl.text import Text

CORRECTED = Fault(
    "CORRECTED",
    "note",
    Text("该单元格由人工更正过", "A person corrected this cell"),
    Text(
        "crmetl explain 写明是谁、何时改的；长久之计是在来源中改正",
        "`crmetl explain` tells who and when; in the long run, correct the source",
    ),
)
CORRECTION_STALE = Fault(
    "CORRECTION_STALE",
    "note",
    Text(
        "来源中的这一行后来变了，原先的人工更正不再适用",
        "The source row has changed since a person corrected it, so the correction is not applied",
    ),
    Text(
        "看改后的行是否已经正确；仍被保留的话，重新导出保留行再更正",
        "see whether the row is right now; if it is still held, export the held rows again and correct the new one",
    ),
)
