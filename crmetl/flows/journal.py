"""The journal of a run: no stage's verdict can pass without being checked, counted and written down."""

import shutil
from dataclasses import dataclass, field

import pandas as pd

from crmetl.batch import Batch, StageResult, conserve, stack
from crmetl.flows.watch import Clock, LookAway, Watch
from crmetl.quality import MONEY, QualityReport, money_of, summarise, summarise_findings
from crmetl.schema import Schema
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
        money: Control totals so far, columns MONEY: what was read, and what went every way.
    """

    workspace: Workspace
    schema: Schema
    watch: Watch = field(default_factory=LookAway)
    clock: Clock = field(default_factory=Clock)
    held: dict[str, set[str]] = field(default_factory=dict)
    dropped: dict[str, dict[str, str]] = field(default_factory=dict)
    absorbed: dict[str, dict[str, str]] = field(default_factory=dict)
    minted: dict[str, int] = field(default_factory=dict)
    reports: dict[str, QualityReport] = field(default_factory=dict)
    money: list[pd.DataFrame] = field(default_factory=list)

    def take_over(self, other: "Journal") -> None:
        """Add what another journal of the same run says, behind what stands here; its folder moves into ours."""
        for mine, theirs in ((self.dropped, other.dropped), (self.absorbed, other.absorbed)):
            for entity, verdicts in theirs.items():
                mine.setdefault(entity, {}).update(verdicts)
        for entity, rids in other.held.items():
            self.held.setdefault(entity, set()).update(rids)
        for entity, number in other.minted.items():
            self.mint(entity, number)
        for report in other.reports.values():
            self._report(report)
        self.money += other.money
        self.clock.add(other.clock)
        _move_in(other.workspace, self.workspace)

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
        self._report(summarise(stage, came, result))
        self._count_money(stage, came, result)
        self.held.setdefault(entity, set()).update(result.held.frame.index)
        self.dropped.setdefault(entity, {}).update(zip(result.dropped.index, result.dropped, strict=True))
        self.absorbed.setdefault(entity, {}).update(zip(result.absorbed.index, result.absorbed, strict=True))
        self.workspace.append(f"held/{entity}", result.held.frame.assign(_stage=stage))
        self._write_findings(stage, result.findings)
        if len(result.changes):
            self.workspace.append("changes", result.changes.assign(stage=stage))
        self._fate(stage, entity, "absorbed", result.absorbed)
        self._fate(stage, entity, "dropped", result.dropped)
        return result.kept

    def note_findings(self, stage: str, findings: pd.DataFrame) -> None:
        """Write findings down that belong to no record's verdict (of files, of sets)."""
        self._report(summarise_findings(stage, findings))
        self._write_findings(stage, findings)

    def money_frame(self) -> pd.DataFrame:
        """Return the control totals of the run; columns MONEY."""
        finals = [
            self._money_of(Batch(entity, frame), "crm")
            for entity, declared in self.schema.entities.items()
            if any(one.type == "money" for one in declared.fields.values())
            for frame in self.workspace.parts(f"final/{entity}")
        ]
        return stack([*self.money, *finals], MONEY)

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

    def ended(self, entity: str, rids: "pd.Series[str]") -> "pd.Series[str]":
        """Return for each rid the one it ended in, itself where nothing absorbed it."""
        ends = self.survivor(entity)
        return rids.map(ends).astype("str").fillna(rids) if ends else rids

    def _report(self, report: QualityReport) -> None:
        known = self.reports.get(report.stage)
        self.reports[report.stage] = known + report if known else report

    def _write_findings(self, stage: str, findings: pd.DataFrame) -> None:
        if len(findings):
            self.workspace.append("findings", findings.assign(stage=stage))

    def _count_money(self, stage: str, came: Batch, result: StageResult) -> None:
        """Add up amounts from the moment they are cleaned: what came in, and what left by each way but the CRM."""
        if stage == "map" or all(one.type != "money" for one in self.schema.entities[came.entity].fields.values()):
            return
        entity, rows = came.entity, came.frame
        ways = {
            "held": result.held.frame,
            "absorbed": rows.loc[result.absorbed.index],
            "dropped": rows.loc[result.dropped.index],
        }
        if stage == "clean":
            cleaned = [result.kept.frame, *ways.values()]
            self.money += [self._money_of(Batch(entity, frame), "read") for frame in cleaned]
        self.money += [self._money_of(Batch(entity, frame), way) for way, frame in ways.items() if len(frame)]

    def _money_of(self, batch: Batch, way: str) -> pd.DataFrame:
        fields = self.schema.entities[batch.entity].fields
        amounts = sorted((not one.required, name) for name, one in fields.items() if one.type == "money")
        currency = next((name for name, one in fields.items() if one.type == "currency"), "")
        day = next((name for name, one in fields.items() if one.type == "date"), "")
        return money_of(batch.frame, way, entity=batch.entity, amount=amounts[0][1], currency=currency, day=day)

    def _fate(self, stage: str, entity: str, outcome: str, said: "pd.Series[str]") -> None:
        if len(said):
            frame = pd.DataFrame(
                {"rid": said.index, "entity": entity, "outcome": outcome, "why": said.to_numpy(), "stage": stage}
            )
            self.workspace.append("fate", frame)


def _move_in(theirs: Workspace, ours: Workspace) -> None:
    """Move the parts of one run folder behind those of another, place by place in their order; the first is gone then."""
    for folder in sorted({path.parent for path in theirs.folder.rglob("*.parquet")}):
        place = str(folder.relative_to(theirs.folder))
        number = len(list((ours.folder / place).glob("*.parquet")))
        for path in sorted(folder.glob("*.parquet")):
            path.replace(ours.path(place, f"{number:04d}.parquet"))
            number += 1
    shutil.rmtree(theirs.folder, ignore_errors=True)
