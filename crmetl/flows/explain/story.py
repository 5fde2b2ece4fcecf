"""One record's whole life in a run: where it came from, what was changed and why, what it became."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from crmetl.batch import KEY, LINEAGE, PLACE, SOURCE
from crmetl.clean import TYPES, hide_residents
from crmetl.errors import UsageError
from crmetl.faults import CATALOGUE
from crmetl.flows.explain.weighed import laid_out, rules_of_run
from crmetl.flows.opening import open_project
from crmetl.project import Project
from crmetl.report import words
from crmetl.report.masking import raw
from crmetl.report.waterfall import Waterfall, drawn
from crmetl.schema import Schema
from crmetl.text import Lang, Text
from crmetl.workspace import Workspace, find, listing, read_frame

OUTCOMES = {
    "create": Text("新建到 CRM", "created in the CRM"),
    "update": Text("更新 CRM 中的记录", "updates the CRM's row"),
    "absorbed": Text("并入另一条", "absorbed by another record"),
    "dropped": Text("按规则剔除", "dropped by a rule"),
    "held": Text("保留，等人处理", "held, waits for a person"),
    "unchanged": Text("与 CRM 一致，不写", "the CRM holds the same; nothing to write"),
}


@dataclass(frozen=True)
class Story:
    """
    A record's life as steps of `stage` and facts; cells are masked unless asked otherwise.

    Attributes:
        drops: (left, right) of a pair that it was compared in -> its score as a picture.
    """

    rid: str
    entity: str
    key: str | None
    outcome: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    drops: dict[tuple[str, str], Waterfall] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """Return the JSON of `crmetl explain`."""
        return {"rid": self.rid, "entity": self.entity, "key": self.key, "outcome": self.outcome, "steps": self.steps}

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        head = f"{self.entity} {self.rid}" + (f" → {self.key}" if self.key else "")
        steps = [f"  {line}" for step in self.steps for line in self._told(step, lang)]
        return [head, OUTCOMES[self.outcome].read(lang), *steps]

    def _told(self, step: dict[str, Any], lang: Lang) -> list[str]:
        drop = self.drops.get((step.get("left", ""), step.get("right", "")))
        if drop is None:
            return [_line(step, lang)]
        told = {key: value for key, value in step.items() if key != "because"}
        return [_line(told, lang), *(f"{'':<10}{line}" for line in drawn(drop, lang))]


def _line(step: dict[str, Any], lang: Lang) -> str:
    told = {key: value for key, value in step.items() if key not in ("stage", "text", "fix", "by", "at") and value is not None}
    text = step.get("text")
    said = Text(*text).read(lang) if text else ""
    return f"{step['stage']:<9} " + " · ".join(filter(None, [said, *(f"{key}={value}" for key, value in told.items())]))


def explain_record(folder: Path, asked: str, *, run: str, reveal: bool) -> Story:
    """
    Tell the life of a record.

    Args:
        asked: A record id, its head, or a CRM key.

    Raises:
        UsageError: No record, or several, are called so.
    """
    project = open_project(folder).project
    workspace = find(project.runs, run)
    plan, _ = workspace.read_plan()
    entity, row = _named(project, workspace, plan.operations, asked)
    rid = str(row.name)
    operations = plan.operations[plan.operations["rid"] == rid]
    key = operations["key"].iloc[0] if len(operations) else None
    mask = _masker(project.schema_, entity, reveal=reveal)
    fate = _of(workspace, "fate", rid)
    held = workspace.whole(f"held/{entity}")
    pairs, rules = _records(_pairs(workspace, rid)), rules_of_run(project, workspace, entity)
    drops = {
        (one["left"], one["right"]): laid_out(project.schema_, rules, one["because"], int(one["score_mbit"]))
        for one in pairs
        if rules is not None
    }
    steps = [
        {"stage": "extract", "source": row[SOURCE], "place": row[PLACE], "key": _text(row[KEY])},
        *(_correction(one, reveal=reveal) for one in _records(_corrected(workspace, row))),
        *({"stage": "map", "field": name, "value": mask(name, row[name])} for name in _filled(row)),
        *(_change(one, mask) for one in _records(_of(workspace, "changes", rid))),
        *(_finding(one) for one in _records(_of(workspace, "findings", rid))),
        *(_pair(one) for one in pairs),
        *({"stage": one["stage"], "outcome": one["outcome"], "why": one["why"]} for one in _records(fate)),
        *(
            {"stage": "diff", "outcome": one["kind"], "key": one["key"], "because": one["because"]}
            for one in _records(operations)
        ),
    ]
    return Story(rid, entity, _text(key), _outcome(rid, operations, fate, held), steps, drops)


def record_of(project: Project, workspace: Workspace, asked: str) -> tuple[str, str]:
    """
    Return entity and id of the record that is called so: by its id, its head, or a CRM key.

    Raises:
        UsageError: No record, or several, are called so.
    """
    plan, _ = workspace.read_plan()
    entity, row = _named(project, workspace, plan.operations, asked)
    return entity, str(row.name)


def _named(project: Project, workspace: Workspace, operations: pd.DataFrame, asked: str) -> tuple[str, "pd.Series[str]"]:
    rid = _by_key(operations, asked) or _loaded_as(project.runs, asked) or asked
    return _origin(project.schema_, workspace, rid)


def _by_key(operations: pd.DataFrame, key: str) -> str | None:
    """Return the record that an operation on a key, or on the one key with this head, came from."""
    own = operations[operations["key"].str.startswith(key) & operations["rid"].notna()]
    exact = own[own["key"] == key]
    found = exact if len(exact) else own
    return str(found["rid"].iloc[0]) if len(found["key"].unique()) == 1 else None


def _loaded_as(runs: Path, key: str) -> str | None:
    """Return the record that an earlier run loaded as a key: its id is the same in every run."""
    for one in listing(runs):
        path = runs / one["run"] / "plan" / "operations.parquet"
        rid = _by_key(read_frame(path), key) if path.exists() else None
        if rid is not None:
            return rid
    return None


def _origin(schema: Schema, workspace: Workspace, asked: str) -> tuple[str, "pd.Series[str]"]:
    found: dict[str, tuple[str, pd.Series[str]]] = {}
    places = sorted(path.relative_to(workspace.folder).as_posix() for path in workspace.folder.glob("map/*/*"))
    derived = [f"valid/{entity}" for entity in schema.entities]
    for place in [*places, *derived]:
        for frame in workspace.parts(place):
            for rid in frame.index[frame.index.str.startswith(asked)].unique()[:2]:
                found.setdefault(str(rid), (place.rpartition("/")[2], frame.loc[[rid]].iloc[0]))
    if len(found) == 1:
        return next(iter(found.values()))
    raise UsageError(
        Text(f"没有编号为 {asked} 的记录", f"no record is called {asked}")
        if not found
        else Text(f"{asked} 对应多条记录", f"{asked} fits several records"),
        where=workspace.run,
        next=Text(
            "编号见报告、计划工作簿与 runs/ 中的文件", "ids stand in the reports, the plan's workbook and the files of runs/"
        ),
    )


def _filled(row: "pd.Series[str]") -> list[str]:
    return [str(name) for name in row.index if name not in LINEAGE and pd.notna(row[name])]


def _of(workspace: Workspace, place: str, rid: str) -> pd.DataFrame:
    parts = [frame[frame["rid"] == rid] for frame in workspace.parts(place)]
    return pd.concat(parts) if parts else pd.DataFrame()


def _pairs(workspace: Workspace, rid: str) -> pd.DataFrame:
    parts = [frame[(frame["left"] == rid) | (frame["right"] == rid)] for frame in workspace.parts("pairs")]
    return pd.concat(parts) if parts else pd.DataFrame()


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dict("records")  # type: ignore[return-value]


def _change(one: dict[str, Any], mask: Any) -> dict[str, Any]:
    column = one["column"]
    return {
        "stage": one["stage"],
        "field": column,
        "before": mask(column, one["before"]),
        "after": mask(column, one["after"]),
        "rule": one["rule"],
        **_survived(one["rule"]),
    }


def _survived(rule: str) -> dict[str, list[str]]:
    """Return why a value of a merged record stays, in words."""
    kind, _, how = rule.partition(":")
    return {"text": list(words.word(words.SURVIVE, how))} if kind == "survive" else {}


def _finding(one: dict[str, Any]) -> dict[str, Any]:
    fault = CATALOGUE[one["code"]]
    return {
        "stage": one["stage"],
        "field": _text(one["column"]),
        "code": one["code"],
        "text": list(fault.text),
        "fix": list(fault.fix),
    }


def _corrected(workspace: Workspace, row: "pd.Series[str]") -> pd.DataFrame:
    """Return what people corrected in the source row that a record came from."""
    parts = [one[(one["source"] == row[SOURCE]) & (one["place"] == row[PLACE])] for one in workspace.parts("corrected")]
    return pd.concat(parts) if parts else pd.DataFrame()


def _correction(one: dict[str, Any], *, reveal: bool) -> dict[str, Any]:
    """Return a step; what a source column holds is not declared, so it is masked as it was found."""
    before, after = (_text(one[side]) for side in ("before", "after"))
    return {
        "stage": "correct",
        "column": one["column"],
        "before": before if reveal or before is None else raw(before),
        "after": after if reveal or after is None else raw(after),
        "by": one["by"],
        "at": one["at"],
        "text": [f"由 {one['by']} 于 {one['at']} 更正", f"corrected by {one['by']} at {one['at']}"],
    }


def _pair(one: dict[str, Any]) -> dict[str, Any]:
    parts = json.loads(one["because"])
    told = " ".join(f"{name}:{level} {mbit / 1000:+.1f}" for name, (level, mbit) in parts.items())
    return {
        "stage": "dedupe",
        "left": one["left"],
        "right": one["right"],
        "bits": int(one["score_mbit"]) / 1000,
        "verdict": one["verdict"],
        "because": told,
    }


def _outcome(rid: str, operations: pd.DataFrame, fate: pd.DataFrame, held: pd.DataFrame | None) -> str:
    if len(operations):
        return str(operations["kind"].iloc[0])
    if len(fate):
        return str(fate["outcome"].iloc[0])
    return "held" if held is not None and rid in held.index else "unchanged"


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)


def _masker(schema: Schema, entity: str, *, reveal: bool) -> Any:
    """Return a function that masks a field's value for the eye; evidence columns mask as the field they name."""
    fields = schema.entities[entity].fields

    def mask(name: str, value: Any) -> str | None:
        text = _text(value)
        declared = fields.get(name)
        if text is None or reveal:
            return text and hide_residents(text)
        if declared is None:
            return TYPES["text"].mask(text) if "." in name or name == "custom" else text
        kind = TYPES[declared.type]
        personal = kind.personal if declared.personal is None else declared.personal
        return kind.mask(text) if personal else hide_residents(text)

    return mask
