"""`report.json`: everything the pages show, masked in the same way, for scripts."""

import json
from typing import Any

from pydantic import TypeAdapter

from crmetl.quality import RunSummary, by_code, currency_totals, severity_totals
from crmetl.quality.summary import SUMMARY, Matching, WorstColumn
from crmetl.quality.views import CodeLine
from crmetl.report import verdict
from crmetl.report.changes import PlanView
from crmetl.report.masking import Mask
from crmetl.report.pages import masked_matching, masked_worst

FORMAT = "crmetl.report/1"
TOTALS = ("minted", "created", "updated", "unchanged", "absorbed", "held", "dropped", "conflict", "merged", "retired")
LINES: TypeAdapter[list[CodeLine]] = TypeAdapter(list[CodeLine])
WORST: TypeAdapter[list[WorstColumn]] = TypeAdapter(list[WorstColumn])
MATCHING: TypeAdapter[list[Matching]] = TypeAdapter(list[Matching])


def document(summary: RunSummary, view: PlanView, *, mask: Mask) -> dict[str, Any]:
    """
    Return the report as plain JSON values.

    Returns:
        The summary's own keys, samples and names masked, and: `format`, `verdict` [zh, en], `totals` (records), `rows`,
        `operations`, `findings` by code, `findings_by_severity`, `money_totals`, `cells` (entity.field -> cells that
        updates change), `changes` (number of operations and conflicts).
    """
    whole: dict[str, Any] = SUMMARY.dump_python(summary, mode="json")
    found = by_code(summary)
    return {
        "format": FORMAT,
        "verdict": list(verdict.headline(summary)),
        "totals": {name: summary.total(name) for name in (*TOTALS, "crm_before", "crm_after")},
        "rows": {
            name: summary.rows(what)
            for name, what in zip(("read", "mapped", "held", "dropped"), ("read", "mapped", "held", "left_out"), strict=True)
        },
        "operations": summary.operations(),
        **whole,
        "worst": WORST.dump_python(masked_worst(summary, mask), mode="json"),
        "matching": MATCHING.dump_python(masked_matching(summary, mask), mode="json"),
        "findings": LINES.dump_python(list(found), mode="json"),
        "findings_by_severity": severity_totals(found),
        "money_totals": [one.__dict__ for one in currency_totals(summary.money)],
        "cells": {f"{entity}.{field}": n for (entity, field), n in view.by_field.items()},
        "changes": view.whole,
    }


def as_text(document_: dict[str, Any]) -> str:
    """Return JSON text."""
    return json.dumps(document_, ensure_ascii=False, indent=1)
