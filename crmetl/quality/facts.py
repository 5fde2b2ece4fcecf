"""What a flow knows at the end of a run: all that its summary is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from crmetl.batch import CHANGE, text_frame
from crmetl.project import Project
from crmetl.quality.expected import Expected
from crmetl.quality.report import QualityReport
from crmetl.quality.summary import RunSummary, Status

MONEY = ("entity", "currency", "year", "outcome", "amount")
"""Amounts added up: outcome `read`, `crm`, `held`, `absorbed` or `dropped`; amount exact decimal text."""

PAIRS = ("entity", "left", "right", "score_mbit", "verdict", "because")
"""Pairs worth showing; verdict `merge` or `review`; because: JSON of field -> [level, 1/1000 bit]."""


@dataclass(frozen=True)
class SourceFacts:
    """One source: rows mapped, held and dropped by rule; number of files. read is their sum."""

    source: str
    mapped: int
    held: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    files: int = 0


@dataclass(frozen=True)
class EntityFacts:
    """One entity: the outcomes of its minted records, operations on CRM rows, and live CRM rows before."""

    entity: str
    minted: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    absorbed: int = 0
    held: int = 0
    dropped: int = 0
    conflict: int = 0
    merged: int = 0
    retired: int = 0
    crm_before: int = 0


@dataclass(frozen=True)
class RunFacts:
    """
    Everything a summary is made of.

    Attributes:
        project: Names, labels, gates, filters and schema.
        plan: Full plan id.
        status: `planned` becomes `gated` where a gate is closed.
        started, ended: With time zone; the months of timeliness are counted back from `started`.
        reports: Stage -> its report, in the order the stages ran (`map`, `clean`, `validate`, `link`, `dedupe`, …).
        seconds, peak_mb: Per stage; stages without a report (`extract`, `diff`) may be here too. `wall` is the whole run.
        money: Columns MONEY, of `money_of`, any number of rows.
        pairs: Columns PAIRS.
        compared: Entity -> `pairs` (candidates), `cut` and `review` (bits).
        expected: Entity -> precision and recall that the scores promise.
        absorbed: Entity -> rid -> surviving rid, for the largest group; may be left out.
        names: rid, or `=key` of a CRM row -> what people call it; only pairs that are shown need one.
        changes: Columns CHANGE; some of the cleaning changes, for the samples of the worst columns.
        manifest: Per file what the reader said of it, with `source`.
        undecided: Source columns without a destination.
        versions: `crmetl` and models; the project's fingerprint is added.
        last: Summary of the run before.
    """

    project: Project
    run: str
    plan: str
    started: datetime
    ended: datetime
    status: Status = "planned"
    operator: str | None = None
    sources: Sequence[SourceFacts] = ()
    entities: Sequence[EntityFacts] = ()
    reports: Mapping[str, QualityReport] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    peak_mb: Mapping[str, float] = field(default_factory=dict)
    money: pd.DataFrame = field(default_factory=lambda: text_frame(MONEY))
    pairs: pd.DataFrame = field(default_factory=lambda: text_frame(PAIRS))
    compared: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    expected: Mapping[str, Expected] = field(default_factory=dict)
    absorbed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    changes: pd.DataFrame = field(default_factory=lambda: text_frame(CHANGE))
    manifest: Sequence[Mapping[str, Any]] = ()
    undecided: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    last: RunSummary | None = None
