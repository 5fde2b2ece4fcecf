"""Which faults speak against a cell itself, and which against how records fit together: the base of two scores."""

from crmetl.faults import validate
from crmetl.faults.catalogue import ROOMS

ACROSS = frozenset(
    one.code
    for one in (
        validate.PARENT_MISSING,
        validate.PARENT_UNKNOWN,
        validate.NOT_UNIQUE,
        validate.TOTAL_DIFFERS,
        validate.LINE_CURRENCY,
        validate.CASE_BEFORE_ORDER,
    )
)
"""Faults of validation that need more than one cell to be seen."""

FOLLOWS = frozenset({validate.PARENT_HELD.code})
"""Not the record's own fault: it waits for another one."""

CONTRADICTIONS = ACROSS | frozenset(one.code for one in ROOMS["link"])
"""Cross-field and link faults: they lower *consistency*."""

INVALID = frozenset(one.code for room in ("clean", "validate") for one in ROOMS[room]) - ACROSS - FOLLOWS
"""Faults of a single cell: they lower *validity* where they blank the cell or hold the record."""
