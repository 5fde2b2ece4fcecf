"""Training: the pinned match models made anew from the project's own records."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from crmetl.batch import Batch
from crmetl.dedupe import MatchRules, Model, dedupe, match_rules, train
from crmetl.flows import minting
from crmetl.flows.fixes.corrections import Corrections, standing
from crmetl.flows.journal import Journal
from crmetl.flows.opening import Opened, model_file, now, open_project, today
from crmetl.flows.records import checks_of, settle
from crmetl.flows.sources import intake
from crmetl.flows.watch import Watch
from crmetl.load import open_reader
from crmetl.quality.expected import Expected
from crmetl.workspace import create, full_disk, run_name


@dataclass(frozen=True)
class Trained:
    """The models that were made."""

    models: list[dict[str, Any]]
    seconds: float


def train_models(folder: Path, *, seed: int, watch: Watch) -> Trained:
    """
    Read, clean and link the sources as a plan would, then train a model per matched entity and pin it in the project.

    Args:
        seed: For the random pairs.
    """
    start = time.perf_counter()
    opened = open_project(folder)
    project = opened.project
    journal = Journal(create(project.runs, run_name(now(), "train")), project.schema_, watch)
    checks = checks_of(project, today().date())
    with open_reader(opened.url, project.schema_) as reader:
        intake(project, journal, checks=checks, corrections=Corrections(standing(project)))
        settle(project, journal, reader, models=opened.models, checks=checks, decisions={})
    made = [_pin(opened, journal, entity, seed) for entity in project.match]
    return Trained([one for one in made if one], round(time.perf_counter() - start, 3))


def _pin(opened: Opened, journal: Journal, entity: str, seed: int) -> dict[str, Any] | None:
    """Train on the records as they were compared: those that survived, and those that were absorbed."""
    project = opened.project
    frame = journal.workspace.whole(f"compared/{entity}")
    if frame is None:
        return None
    rules = match_rules(project, entity, None)
    batch = Batch(entity, frame)
    evidence = minting.evidence(batch, rules.evidence, project.schema_, journal.workspace)
    model, promised = _promising(batch, rules, evidence, train(batch, rules=rules, evidence=evidence, seed=seed))
    path = model_file(project, entity)
    with full_disk(path):
        path.write_text(model.to_yaml(), "utf-8")
    return {
        "entity": entity,
        "file": str(path),
        "fingerprint": model.fingerprint,
        "records": len(batch),
        "pairs": int(model.told.get("pairs", 0)),
        "cut": model.cut / 1000,
        "weights": model.told.get("weights", "declared"),
        "converged": {"yes": True, "no": False}.get(model.told.get("converged", "")),
        "rounds": int(model.told.get("rounds", 0)),
        "untrained": list(filter(None, model.told.get("declared", "").split(", "))),
        "expected_precision": promised.precision,
        "expected_recall": promised.recall,
    }


def _promising(batch: Batch, rules: MatchRules, evidence: pd.DataFrame | None, model: Model) -> tuple[Model, Expected]:
    """Return the model, which tells what its scores promise of the records that it was made from; and that."""
    found = dedupe(batch, rules=replace(rules, model=model), evidence=evidence)
    promised = found.expected or Expected(None, None)
    told = {"expected_precision": promised.precision, "expected_recall": promised.recall}
    return replace(model, told={**model.told, **{name: str(one) for name, one in told.items() if one is not None}}), promised
