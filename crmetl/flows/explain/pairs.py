"""Why two records of a run are, or are not, one; also two that were never compared."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from crmetl.batch import Batch
from crmetl.dedupe import Explanation, MatchRules, explain
from crmetl.errors import UsageError
from crmetl.flows.explain.story import record_of
from crmetl.flows.explain.weighed import laid_out, rules_of_run
from crmetl.flows.minting import evidence
from crmetl.flows.opening import open_project
from crmetl.project import Project
from crmetl.report.waterfall import Waterfall, drawn
from crmetl.schema import Schema
from crmetl.text import Lang, Text
from crmetl.workspace import Workspace, find

Cells = Mapping[str, str | None]


@dataclass(frozen=True)
class PairStory:
    """Two records and their score as a sum; no cell of them is told."""

    entity: str
    left: str
    right: str
    verdict: str
    waterfall: Waterfall
    joined: tuple[str, ...] = ()
    parts: dict[str, list[Any]] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """Return the JSON of `crmetl explain RID OTHER`."""
        drop = self.waterfall
        return {
            "entity": self.entity,
            "left": self.left,
            "right": self.right,
            "verdict": self.verdict,
            "bits": drop.mbit / 1000,
            "prior": drop.prior / 1000,
            "parts": [{"field": name, "level": level, "bits": mbit / 1000} for name, (level, mbit) in self.parts.items()],
            "cut": drop.cut / 1000,
            "review": drop.review / 1000,
            "vetoed": drop.vetoed,
            "joined": list(self.joined),
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        return [f"{self.entity} {self.left} ~ {self.right}", *drawn(self.waterfall, lang)]


def explain_two(folder: Path, asked: tuple[str, str], *, run: str) -> PairStory:
    """
    Say why two records of a run are, or are not, one.

    Args:
        asked: Each a record id, its head, or a CRM key.

    Raises:
        UsageError: No record, or several, are called so; the two are of different kinds; records of the kind are not compared.
    """
    project = open_project(folder).project
    workspace = find(project.runs, run)
    (entity, left), (other, right) = (record_of(project, workspace, one) for one in asked)
    if entity != other:
        raise UsageError(
            Text(f"一条是 {entity}，一条是 {other}，不作比较", f"one is a record of {entity}, the other of {other}"),
            next=Text("给同一种对象的两条记录", "name two records of one kind"),
        )
    rules = _rules(project, workspace, entity)
    sides = [_faces(workspace, rules, project.schema_, rid) for rid in (left, right)]
    found = max((explain(a, b, rules) for a, b in product(*sides)), key=lambda one: one.score)
    return _told(project.schema_, rules, (left, right), found)


def _rules(project: Project, workspace: Workspace, entity: str) -> MatchRules:
    rules = rules_of_run(project, workspace, entity)
    if rules is None:
        raise UsageError(
            Text(f"这次运行没有比较 {entity} 的记录", f"this run compared no records of {entity}"),
            where=workspace.run,
            next=Text("在 rules/match.yaml 中声明比较，再 crmetl plan", "declare it in rules/match.yaml, then run `crmetl plan`"),
        )
    return rules


def _faces(workspace: Workspace, rules: MatchRules, schema: Schema, rid: str) -> list[Cells]:
    """Return what a record was compared by: once, or once per child whose fields are evidence."""
    parts = [frame.loc[[rid]] for frame in workspace.parts(f"compared/{rules.entity}") if rid in frame.index]
    if not parts:
        raise UsageError(
            Text(f"{rid} 未参加比较（被保留、剔除，或已不在）", f"{rid} was not compared: it was held, dropped, or is gone"),
            where=workspace.run,
            next=Text(f"crmetl explain {rid}", f"crmetl explain {rid}"),
        )
    record = parts[0]
    own = _cells(record)
    beside = evidence(Batch(rules.entity, record), rules.evidence, schema, workspace)
    more = [] if beside is None else [one for at in range(len(beside)) for one in _cells(beside.iloc[[at]])]
    return [{**own[0], **one} for one in more] or own


def _cells(frame: pd.DataFrame) -> list[Cells]:
    row = frame.iloc[0]
    return [{str(name): None if pd.isna(cell) else str(cell) for name, cell in row.items()}]


def _told(schema: Schema, rules: MatchRules, names: Iterable[str], found: Explanation) -> PairStory:
    drop = laid_out(schema, rules, found.because(), found.score)
    drop = replace(drop, vetoed=found.vetoed, joined=bool(found.joined))
    left, right = names
    return PairStory(rules.entity, left, right, found.verdict, drop, found.joined, json.loads(found.because()))
