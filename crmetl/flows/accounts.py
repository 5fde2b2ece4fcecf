"""The accounts of a run: from what the journal holds to the facts that every report is made of."""

from collections.abc import Mapping
from datetime import datetime

import pandas as pd

from crmetl import __version__
from crmetl.batch import CHANGE, stack, text_frame
from crmetl.errors import PlanRefused
from crmetl.flows.journal import Journal
from crmetl.flows.records import PAIRS, Records
from crmetl.flows.sources import Intake
from crmetl.plan import Plan, TargetReader
from crmetl.project import Project
from crmetl.quality import EntityFacts, RunFacts, RunSummary, SourceFacts
from crmetl.text import Text
from crmetl.workspace import Workspace, listing

NAMES = ("company_name", "person_name", "text")
"""Types whose first field is what people call a record."""
SHOWN = 500
"""Merges nearest the cut, and doubtful pairs nearest to it, whose records get their names; reports list fewer."""
SAMPLED = 200_000
"""Cleaning changes looked through for samples of the worst columns."""


def refuse_without_approval(project: Project) -> None:
    """
    Say that a project that asks for an approval cannot be planned and written in one go.

    Raises:
        PlanRefused: It does.
    """
    if project.approval:
        raise PlanRefused(
            Text("本项目要求先签字再写入", "this project asks for an approval before anything is written"),
            next=Text("crmetl plan，然后 crmetl approve 与 crmetl apply", "crmetl plan, then crmetl approve and crmetl apply"),
        )


def stage_counts(project: Project, journal: Journal) -> dict[str, dict[str, int]]:
    """Return entity -> read, kept, held, absorbed, dropped, as the stages up to the diff leave them."""
    counts = {}
    for entity in project.schema_.entities:
        read = journal.minted.get(entity, 0)
        held, absorbed, dropped = (len(one.get(entity, ())) for one in (journal.held, journal.absorbed, journal.dropped))
        counts[entity] = {
            "read": read,
            "kept": read - held - absorbed - dropped,
            "held": held,
            "absorbed": absorbed,
            "dropped": dropped,
        }
    return {entity: one for entity, one in counts.items() if one["read"]}


def run_facts(
    project: Project,
    journal: Journal,
    records: Records,
    taken: Intake,
    *,
    plan: Plan,
    ident: str,
    before: Mapping[str, int],
    called: Mapping[tuple[str, str], str],
    started: datetime,
    ended: datetime,
    operator: str,
) -> RunFacts:
    """
    Gather what the summary of a run is made of.

    Args:
        called: Entity and key of CRM rows -> what people call them.
    """
    pairs = stack(records.pairs, PAIRS)
    return RunFacts(
        project=project,
        run=journal.workspace.run,
        plan=ident,
        started=started,
        ended=ended,
        status="planned" if len(plan.operations) else "nothing",
        operator=operator,
        sources=[SourceFacts(one.name, one.mapped, one.held, one.dropped, one.files) for one in taken.counts],
        entities=[_entity(entity, counts, before.get(entity, 0)) for entity, counts in plan.counts.items()],
        reports=journal.reports,
        seconds=journal.clock.seconds,
        peak_mb=journal.clock.peak_mb,
        money=journal.money_frame(),
        pairs=pairs,
        compared={
            entity: {"pairs": records.candidates[entity], "cut": model.cut / 1000, "review": model.review / 1000}
            for entity, model in records.models.items()
        },
        expected=records.expected,
        absorbed=journal.absorbed,
        names={**_names(project, journal.workspace, pairs), **{f"={key}": name for (_, key), name in called.items()}},
        changes=_some_changes(journal.workspace),
        manifest=taken.manifest,
        undecided=sum(len(one.undecided) for one in taken.counts),
        versions={"crmetl": __version__, **{f"model {entity}": one.fingerprint[:16] for entity, one in records.models.items()}},
        last=_last(project, journal.workspace),
    )


def _entity(entity: str, counts: Mapping[str, int], before: int) -> EntityFacts:
    return EntityFacts(
        entity=entity,
        minted=counts.get("read", 0),
        created=counts.get("create", 0),
        updated=counts.get("update", 0),
        unchanged=counts.get("unchanged", 0),
        absorbed=counts.get("absorbed", 0),
        held=counts.get("held", 0),
        dropped=counts.get("dropped", 0),
        conflict=counts.get("conflict", 0),
        merged=counts.get("merge", 0),
        retired=counts.get("retire", 0) + counts.get("merge", 0),
        crm_before=before,
    )


def called_in_crm(project: Project, reader: TargetReader, plan: Plan, pairs: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return (entity, key) -> what people call the CRM rows that the plan touches or that pairs name."""
    touched = plan.operations[plan.operations["kind"] != "create"]
    found: dict[tuple[str, str], str] = {}
    for entity in project.schema_.entities:
        own, stuck, met = (frame[frame["entity"] == entity] for frame in (touched, plan.conflicts, pairs))
        sides = pd.concat([met["left"], met["right"]])
        keys = pd.concat([own["key"], own["survivor"], stuck["key"], sides[sides.str.startswith("=")].str.slice(1)]).dropna()
        field = _called(project, entity)
        if len(keys) and field is not None:
            cells = reader.read(entity, sorted(set(keys)))[field].dropna()
            found |= {(entity, str(key)): str(name) for key, name in zip(cells.index, cells, strict=True)}
    return found


def _called(project: Project, entity: str) -> str | None:
    fields = project.schema_.entities[entity].fields
    return next((name for kind in NAMES for name, one in fields.items() if one.type == kind), None)


def _names(project: Project, workspace: Workspace, pairs: pd.DataFrame) -> dict[str, str]:
    """Return rid -> what people call the record, of the pairs' records that came from the sources."""
    names: dict[str, str] = {}
    for entity, own in pairs.groupby("entity"):
        called = _called(project, str(entity))
        merged, doubtful = own[own["verdict"] == "merge"], own[own["verdict"] == "review"]
        shown = pd.concat([merged.nsmallest(SHOWN, "score_mbit"), doubtful.nlargest(SHOWN, "score_mbit")])
        wanted = pd.concat([shown["left"], shown["right"]]).unique()
        for frame in workspace.parts(f"valid/{entity}"):
            if called in frame:
                cells = frame.loc[frame.index.isin(wanted), called].dropna()
                names |= dict(zip(cells.index, cells, strict=True))
    return names


def _some_changes(workspace: Workspace) -> pd.DataFrame:
    """Return some of the cleaning changes."""
    parts: list[pd.DataFrame] = []
    for frame in workspace.parts("changes"):
        parts.append(frame.loc[frame["stage"] == "clean", list(CHANGE)])
        if sum(map(len, parts)) > SAMPLED:
            break
    return stack(parts, CHANGE) if parts else text_frame(CHANGE)


def _last(project: Project, workspace: Workspace) -> RunSummary | None:
    """Return the summary of the run before this one; nights are no measure for a migration's gates."""
    for one in [run for run in listing(project.runs) if "kind" not in run]:
        path = project.runs / one["run"] / "summary.json"
        if one["run"] < workspace.run and path.exists():
            return RunSummary.from_json(path.read_text("utf-8"))
    return None
