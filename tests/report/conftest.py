"""The invented run of the quality tests, its plan, and reports of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from crmetl.plan import Plan
from crmetl.quality import RunSummary, build_summary
from crmetl.report.write import write_reports
from tests.quality.conftest import GATES, Estate, facts_of, made, plan_of, schema


@pytest.fixture(scope="session")
def estate() -> Estate:
    """Return the invented run."""
    return made()


@pytest.fixture(scope="session")
def summary(estate: Estate) -> RunSummary:
    """Return its summary; all gates pass."""
    return build_summary(facts_of(estate, *GATES))


@pytest.fixture(scope="session")
def gated(estate: Estate) -> RunSummary:
    """Return the summary of the same run under stricter gates."""
    return build_summary(facts_of(estate, *(gate.model_copy(update={"limit": 0.001}) for gate in GATES)))


@pytest.fixture(scope="session")
def plan(estate: Estate) -> Plan:
    """Return its plan."""
    return plan_of(estate)


@pytest.fixture(scope="session")
def folder(summary: RunSummary, plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report folder of the run."""
    return write_reports(summary, plan, tmp_path_factory.mktemp("report"), schema=schema(), lang="zh").parent


@pytest.fixture(scope="session")
def document(folder: Path) -> dict[str, Any]:
    """Return the JSON report."""
    found: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
    return found
