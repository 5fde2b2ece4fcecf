"""The journal of a run: no stage's verdict can pass without being checked, counted and written down."""

from dataclasses import dataclass, field

import pandas as pd

from crmetl.batch import Batch, StageResult, conserve
from crmetl.flows.watch import Clock, LookAway, Watch
from crmetl.quality import QualityReport, summarise
from crmetl.workspace import Workspace


@dataclass
class Journal:
    """
    What has been said of every record so far.

    Attributes:
        held: Entity -> rids that wait.
        dropped: Entity -> rid -> rule.
        absorbed: Entity -> rid -> surviving rid.
        minted: Entity -> number of records that the mapping made.
        reports: Stage -> its report, added up over chunks.
    """

    workspace: Workspace
    watch: Watch = field(default_factory=LookAway)
    clock: Clock = field(default_factory=Clock)
    held: dict[str, set[str]] = field(default_factory=dict)
    dropped: dict[str, dict[str, str]] = field(default_factory=dict)
    absorbed: dict[str, dict[str, str]] = field(default_factory=dict)
    minted: dict[str, int] = field(default_factory=dict)
    reports: dict[str, QualityReport] = field(default_factory=dict)

    def mint(self, entity: str, number: int) -> None:
        """Count records that begin to exist."""
        self.minted[entity] = self.minted.get(entity, 0) + number

    def enter(self, stage: str, came: Batch, result: StageResult) -> Batch:
        """
        Check the law, count, write down, and return what goes on.

        Raises:
            LineageError: The stage lost or doubled a record.
        """
        conserve(stage, came.frame.index, result)
        entity = came.entity
        report = summarise(stage, came, result)
        self.reports[stage] = self.reports[stage] + report if stage in self.reports else report
        self.held.setdefault(entity, set()).update(result.held.frame.index)
        self.dropped.setdefault(entity, {}).update(result.dropped.to_dict())
        self.absorbed.setdefault(entity, {}).update(result.absorbed.to_dict())
        self.workspace.append(f"held/{entity}", result.held.frame.assign(_stage=stage))
        self.note_findings(stage, result.findings)
        if len(result.changes):
            self.workspace.append("changes", result.changes.assign(stage=stage))
        self._fate(stage, entity, "absorbed", result.absorbed)
        self._fate(stage, entity, "dropped", result.dropped)
        return result.kept

    def note_findings(self, stage: str, findings: pd.DataFrame) -> None:
        """Write findings down that belong to no record's verdict (of files, of sets)."""
        if len(findings):
            self.workspace.append("findings", findings.assign(stage=stage))

    def survivor(self, entity: str) -> dict[str, str]:
        """Return rid -> the rid it ended in, through every stage that absorbed."""
        into = self.absorbed.get(entity, {})
        ends: dict[str, str] = {}
        for rid in into:
            end = into[rid]
            while end in into:
                end = into[end]
            ends[rid] = end
        return ends

    def _fate(self, stage: str, entity: str, outcome: str, said: "pd.Series[str]") -> None:
        if len(said):
            frame = pd.DataFrame(
                {"rid": said.index, "entity": entity, "outcome": outcome, "why": said.to_numpy(), "stage": stage}
            )
            self.workspace.append("fate", frame)
