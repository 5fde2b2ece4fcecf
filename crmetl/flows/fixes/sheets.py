"""The held rows of a run as sheets that a steward works in: each row once, with all that is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmetl.batch import PLACE, SOURCE
from crmetl.faults import CATALOGUE
from crmetl.flows.fixes.held import Held, columns_behind
from crmetl.project import Project, Source
from crmetl.report.fixes import Line, Sheet
from crmetl.text import Text
from crmetl.workspace import Workspace

SEPARATOR, LISTED = Text("；\n", ";\n"), Text("、", ", ")


def sheets_of(project: Project, workspace: Workspace, held: Held) -> list[Sheet]:
    """Return a sheet for each source of which a row has a problem of its own."""
    waiting = {row: len(rids) for row, rids in held.waiting().items()}
    return [_sheet(source, project, workspace, held.problems, waiting) for source in _concerned(project, held)]


def _concerned(project: Project, held: Held) -> list[Source]:
    named = set(held.problems["source"])
    return [one for one in project.sources if one.source in named]


def _sheet(source: Source, project: Project, workspace: Workspace, problems: pd.DataFrame, waiting: Mapping[str, int]) -> Sheet:
    own = {str(row): many for row, many in problems[problems["source"] == source.source].groupby("row")}
    rows = pd.concat([rows[rows.index.isin(list(own))] for rows in workspace.parts(f"rows/{source.source}")])
    columns = [str(name) for name in rows.columns if name not in (SOURCE, PLACE)]
    reading = _Reading(source, project, columns)
    plain = rows[columns].astype("object")
    cells = plain.where(plain.notna(), None).to_numpy().tolist()
    lines = [
        reading.line(row, place, texts, own[row], waiting.get(row, 0))
        for row, place, texts in zip(rows.index.tolist(), rows[PLACE].tolist(), cells, strict=True)
    ]
    return Sheet(source.source, source.label or Text(source.source, source.source), columns, lines)


@dataclass(frozen=True)
class _Reading:
    """How the findings of a source are told."""

    source: Source
    project: Project
    columns: Sequence[str]

    def line(self, row: str, place: str, cells: Sequence[str | None], problems: pd.DataFrame, waiting: int) -> Line:
        """Return one row; a fault that stands in two fields is told once."""
        told: dict[str, dict[str, None]] = {}
        named: dict[Text, None] = {}
        for entity, column, code in zip(problems["entity"], problems["column"], problems["code"], strict=True):
            behind = columns_behind(self.source, self.columns, _known(entity), _known(column))
            told.setdefault(str(code), {}).update(dict.fromkeys(behind))
            named |= dict.fromkeys([Text(one, one) for one in behind] or self._labels(_known(entity), _known(column)))
        faults = [CATALOGUE[code] for code in told]
        file, sheet, number = _place(place)
        return Line(
            rid_row=row,
            file=file,
            sheet=sheet,
            row=number,
            columns=_all(list(named), LISTED),
            problem=_all([one.text for one in faults], SEPARATOR),
            fix=_all([one.fix for one in faults], SEPARATOR),
            waiting=waiting,
            cells=cells,
            marked=frozenset(self.columns.index(one) for behind in told.values() for one in behind),
        )

    def _labels(self, entity: str | None, column: str | None) -> list[Text]:
        """Return what the CRM calls a field that no column of the source fills."""
        entities = self.project.schema_.entities
        declared = entities[entity].fields.get(column or "") if entity is not None and entity in entities else None
        if declared is not None and declared.label:
            return [declared.label]
        return [Text(column, column)] if column else []


def _place(place: str) -> tuple[str, str, str]:
    """
    Return file, sheet and row of a place.

    >>> _place("客户/华东.xlsx!安徽!R6"), _place("订单.csv!R242")
    (('客户/华东.xlsx', '安徽', '6'), ('订单.csv', '', '242'))
    """
    file, _, inside = place.partition("!")
    sheet, _, row = inside.rpartition("!")
    return file, sheet, row.removeprefix("R")


def _known(cell: Any) -> str | None:
    return None if pd.isna(cell) else str(cell)


def _all(texts: Sequence[Text], between: Text) -> Text:
    return Text(between.zh.join(one.zh for one in texts), between.en.join(one.en for one in texts))
