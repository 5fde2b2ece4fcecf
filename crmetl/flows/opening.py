"""What every flow begins with: the project, its target, its pinned models, what was decided, the time."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from crmetl.project import Project, read_project, resolve_url
from crmetl.workspace import Workspace

if TYPE_CHECKING:
    from crmetl.dedupe import Model


@dataclass(frozen=True)
class Opened:
    """A project ready to run: its declarations, the target's URL (never shown), its pinned models."""

    project: Project
    url: str
    models: "dict[str, Model]"


def open_project(folder: Path) -> Opened:
    """
    Read a project and its pinned models.

    Raises:
        ProjectError: Anything in its YAML is wrong, or a secret that it refers to is not there.
    """
    project = read_project(folder, env=os.environ)
    return Opened(project, resolve_url(project.target, project, os.environ), pinned(project))


def model_file(project: Project, entity: str) -> Path:
    """Return where the pinned model of an entity stands."""
    return project.root / "rules" / f"model-{entity}.yaml"


def scored_with(workspace: Workspace, entity: str) -> Path:
    """Return where a run keeps the model that it scored an entity's pairs with, learnt or not: `explain` asks it again."""
    return workspace.path("models", f"{entity}.json")


def pin(project: Project, workspace: Workspace) -> tuple[str, ...]:
    """
    Pin the models that a run learnt for entities that have none, so that nights and checks judge as the signed plan did.

    Returns:
        Entities. A project folder that cannot be written keeps none; the next plan then learns anew.
    """
    open_ones = [one for one in project.match if scored_with(workspace, one).exists() and not model_file(project, one).exists()]
    texts = {entity: scored_with(workspace, entity).read_text("utf-8") for entity in open_ones}
    learnt = {entity: text for entity, text in texts.items() if json.loads(text)["learnt"]}
    if not learnt:
        return ()
    from crmetl.dedupe import Model  # noqa: PLC0415 it brings the whole matcher, which takes seconds to load

    out = []
    for entity, text in learnt.items():
        file = model_file(project, entity)
        try:
            file.parent.mkdir(exist_ok=True)
            file.write_text(Model.from_json(text).to_yaml(), "utf-8")
        except OSError:
            continue
        out.append(entity)
    return tuple(out)


def pinned(project: Project) -> "dict[str, Model]":
    """Return the pinned models of the project, by entity."""
    files = {entity: model_file(project, entity) for entity in project.match}
    there = {entity: path for entity, path in files.items() if path.exists()}
    if not there:
        return {}
    from crmetl.dedupe import Model  # noqa: PLC0415 it brings the whole matcher, which takes seconds to load

    return {entity: Model.from_yaml(path.read_text("utf-8")) for entity, path in there.items()}


def decided(project: Project) -> dict[str, pd.DataFrame]:
    """
    Return entity -> what people decided of its pairs; a store that is not there yet is not made.

    Raises:
        TargetError: The store does not answer.
    """
    from crmetl.store import open_store  # noqa: PLC0415 its tables know the matcher's decisions, see `pinned`

    with open_store(resolve_url(project.store, project, os.environ)) as store:
        return {entity: store.decisions(entity) for entity in project.match}


def now() -> datetime:
    """Return the time, UTC; the flows are where the clock comes in."""
    return datetime.now(UTC)


def today() -> datetime:
    """Return the day where this runs: a date in a spreadsheet is a local date."""
    return datetime.now().astimezone()
