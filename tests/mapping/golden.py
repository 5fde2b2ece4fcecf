"""Golden mapping cases: a folder with `source.yaml`, `rows.csv` and `expected.json`; an analyst adds one without Python."""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd

from crmetl.batch import KEY, PLACE, SOURCE, Batch, StageResult
from crmetl.mapping import MapRules, map_rows, map_rules, repeats, scaffold
from crmetl.mapping.repeats import Repeats
from crmetl.project import Project, read_project

CASES = Path(__file__).parent.parent / "golden" / "mapping"


def write_project(folder: Path, sources: dict[str, str], **files: str) -> Path:
    """Write the default project with these sources; `files` replaces whole files (`values` for `rules/values.yaml`)."""
    names = {"settings": "crmetl.yaml", "schema": "schema.yaml", "values": "rules/values.yaml", "match": "rules/match.yaml"}
    project = scaffold(sources=sources) | {names[name]: text for name, text in files.items()}
    for name, text in project.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def project_of(folder: Path, sources: dict[str, str], **files: str) -> Project:
    """Read the default project with these sources."""
    return read_project(write_project(folder, sources, **files), env={})


def rows_of(lines: list[dict[str, str]], *, file: str = "rows.csv") -> pd.DataFrame:
    """Return rows as `extract` gives them; "" is an empty cell; row 2 is the first below the header."""
    headers = list(dict.fromkeys(name for line in lines for name in line))
    index = pd.Index([f"row{number}" for number in range(2, len(lines) + 2)], dtype="str", name="id")
    cells = {name: pd.Series([line.get(name) or None for line in lines], index=index, dtype="str") for name in headers}
    place = pd.Series([f"{file}!R{number}" for number in range(2, len(lines) + 2)], index=index, dtype="str")
    return pd.DataFrame({**cells, SOURCE: pd.Series("case", index=index, dtype="str"), PLACE: place})


def settled(records: dict[str, Batch], rules: MapRules) -> dict[str, StageResult]:
    """Settle the repeated keys of one chunk, as a run does with all chunks of a source."""
    decided: dict[str, Repeats] = {}
    results = {}
    for name, batch in records.items():
        decided[name] = repeats(iter([batch.frame]), entity=name, rules=rules, parents=decided)
        results[name] = decided[name].settle(batch)[1]
    return results


def outcome(case: Path, folder: Path) -> dict[str, Any]:
    """Map the rows of a case and write down what became of them, ids replaced by places."""
    text = (case / "source.yaml").read_text(encoding="utf-8")
    with (case / "rows.csv").open(encoding="utf-8", newline="") as file:
        rows = rows_of(list(csv.DictReader(file)))
    project = project_of(folder, {"case": text})
    rules = map_rules(project, project.sources[0])
    mapped = map_rows(rows, rules=rules)
    results = settled(mapped.records, rules)
    names = {rid: f"{name}:{_row(place)}" for name, one in results.items() for rid, place in _places(one).items()}
    findings = pd.concat([mapped.findings, *(one.findings for one in results.values())])
    return {
        "records": {name: _lines(one.kept.frame, names) for name, one in results.items() if len(one.kept)},
        "waiting": {name: _lines(one.held.frame, names) for name, one in results.items() if len(one.held)},
        "held": sorted(_row(one) for one in mapped.held[PLACE]),
        "dropped": dict(zip(map(_row, rows.loc[mapped.dropped.index, PLACE]), mapped.dropped, strict=True)),
        "findings": sorted(
            [code, column, _row(place)] for code, column, place in findings[["code", "column", "place"]].to_numpy().tolist()
        ),
    }


def _places(result: StageResult) -> dict[str, str]:
    both = pd.concat([result.kept.frame[PLACE], result.held.frame[PLACE]])
    return dict(zip(both.index, both, strict=True))


def _row(place: str) -> str:
    return place.rpartition("!")[2]


def _lines(frame: pd.DataFrame, names: dict[str, str]) -> list[dict[str, str]]:
    lines = []
    for line in frame.drop(columns=[SOURCE]).sort_values([PLACE, KEY]).to_dict("records"):
        cells = {str(name): text for name, text in line.items() if isinstance(text, str)}
        lines.append({name: _shown(name, text, names) for name, text in cells.items()})
    return sorted(lines, key=lambda one: json.dumps(one, ensure_ascii=False))


def _shown(name: str, text: str, names: dict[str, str]) -> str:
    if name == PLACE:
        return _row(text)
    return f"@{names[text[1:]]}" if text.startswith("@") and text[1:] in names else text
