"""`plan.xlsx`: the plan for those who check it cell by cell."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from crmetl.batch import CUSTOM
from crmetl.plan import Plan
from crmetl.quality import risk
from crmetl.report import words
from crmetl.report.changes import conflicts_as_cells
from crmetl.report.masking import Mask
from crmetl.report.workbook import Sheets
from crmetl.report.xlsx import Row
from crmetl.schema import Schema
from crmetl.text import Lang, Text

BUDGET = 20_000
"""
Lines of the workbook: what a person still opens with comfort. Changes come first, new records share what is left; the
Parquet files of the run always hold all.
"""


def write_plan_workbook(
    plan: Plan, path: Path, *, schema: Schema, lang: Lang, reveal: bool = False, entity: str | None = None
) -> None:
    """
    Write a line per cell that changes, per conflict, and per created row (a sheet for each entity).

    Args:
        entity: Only this one.
        reveal: Personal fields as they are.
    """
    mask, sheets = Mask(schema, reveal), Sheets(lang)
    left = BUDGET
    counts: dict[Text, tuple[int, int]] = {}
    for title, kind, frame in _cell_sheets(plan, schema, entity):
        shown = sheets.add(
            title, _cell_heads(kind), _cells(frame.head(left), schema, mask), widths=(10, 14, 38, 16, 30, 30, 30, 40)
        )
        counts[title], left = (shown, len(frame)), left - shown
    new = [(name, frame) for name, frame in plan.creates.items() if len(frame) and entity in (None, name)]
    for at, (name, frame) in enumerate(new):
        title = Text(f"新建 {_label(schema, name).zh}", f"New {_label(schema, name).en}")
        rows = frame.head(left // (len(new) - at))
        shown = sheets.add(title, _new_heads(rows, schema, name), _new(rows, mask, name), widths=(38,))
        counts[title], left = (shown, len(frame)), left - shown
    sheets.add(
        Text("说明", "About"),
        (Text("工作表", "Sheet"), Text("列出", "Listed"), Text("共有", "In all"), Text("说明", "Note")),
        _about(counts),
        widths=(24, 12, 12, 70),
    )
    sheets.save(path)


def _cell_sheets(plan: Plan, schema: Schema, entity: str | None) -> Iterator[tuple[Text, str, pd.DataFrame]]:
    """Yield the cells of updates, merges and retirements, the riskiest operations first, then the conflicts."""
    operations = plan.operations.assign(risk=risk(plan.operations, cells=plan.cells, children=plan.children, schema=schema))
    cells = plan.cells if entity is None else plan.cells[plan.cells["entity"] == entity]
    known = operations.drop_duplicates("group").set_index("group").reindex(cells["group"])
    cells = cells.assign(
        risk=known["risk"].fillna(0).astype("int64").to_numpy(), kind=known["kind"].astype("str").fillna("update").to_numpy()
    )
    yield Text("改动", "Changes"), "change", cells.sort_values(["risk", "entity", "key"], ascending=[False, True, True])
    conflicts = conflicts_as_cells(plan)
    conflicts = conflicts if entity is None else conflicts[conflicts["entity"] == entity]
    yield Text("冲突", "Conflicts"), "conflict", conflicts.assign(risk=0, kind="conflict")


def _cell_heads(kind: str) -> tuple[Text, ...]:
    conflict = kind == "conflict"
    return (
        Text("种类", "Kind"),
        Text("对象", "Entity"),
        Text("主键", "Key"),
        Text("字段", "Field"),
        Text("CRM 现值", "CRM now") if conflict else Text("现在", "Before"),
        Text("来源值", "Source") if conflict else Text("之后", "After"),
        Text("依据", "Because"),
        Text("出处", "Place"),
        Text("风险", "Risk"),
    )


def _cells(frame: pd.DataFrame, schema: Schema, mask: Mask) -> Iterable[Row]:
    shown = frame.assign(before=_masked(frame, "before", mask), after=_masked(frame, "after", mask))
    names = ("kind", "entity", "key", "column", "before", "after", "because", "place", "risk")
    for kind, entity, key, column, before, after, because, place, risk_ in zip(*(_plain(shown[n]) for n in names), strict=True):
        yield (
            words.KINDS[str(kind)][1],
            _label(schema, str(entity)),
            key,
            _field_label(schema, str(entity), column),
            before,
            after,
            words.word(words.BECAUSE, str(because or "")),
            place,
            risk_,
        )


def _masked(frame: pd.DataFrame, side: str, mask: Mask) -> "pd.Series[str]":
    """Mask one side of many cells, field by field."""
    parts = [
        mask.column(str(entity), str(column), part)
        for (entity, column), part in frame.astype({"entity": "str", "column": "str"})
        .fillna({"column": ""})
        .groupby(["entity", "column"])[side]
    ]
    return pd.concat(parts).reindex(frame.index) if parts else frame[side]


def _plain(cells: "pd.Series[str]") -> list[object]:
    return [None if blank else value for blank, value in zip(cells.isna().tolist(), cells.tolist(), strict=True)]


def _new_heads(frame: pd.DataFrame, schema: Schema, entity: str) -> tuple[Text, ...]:
    return (Text("主键", "Key"), *(_field_label(schema, entity, name) for name in _filled(frame)))


def _filled(frame: pd.DataFrame) -> list[str]:
    """Return the columns that hold anything."""
    return [name for name in frame.columns if name not in ("rid", "group") and frame[name].notna().any()]


def _new(frame: pd.DataFrame, mask: Mask, entity: str) -> Iterable[Row]:
    columns = [_plain(mask.column(entity, name, frame[name])) for name in _filled(frame)]
    yield from zip(frame.index.tolist(), *columns, strict=True)


def _label(schema: Schema, entity: str) -> Text:
    return schema.entities[entity].label if entity in schema.entities else Text(entity, entity)


def _field_label(schema: Schema, entity: str, field: object) -> Text:
    if field is None:
        return Text("整条记录", "whole record")
    name = str(field)
    declared = schema.entities[entity].fields.get(name) if entity in schema.entities else None
    if name == CUSTOM:
        return Text("自定义字段", "Custom fields")
    return declared.label if declared and declared.label else Text(name, name)


def _about(counts: Mapping[Text, tuple[int, int]]) -> Iterable[Row]:
    for title, (shown, whole) in counts.items():
        note = (
            None
            if shown == whole
            else Text(
                f"本表共 {BUDGET:,} 行为限；全部在本次运行目录的 plan/*.parquet 中",
                f"the workbook stops at {BUDGET:,} lines; all of them are in plan/*.parquet of the run folder",
            )
        )
        yield title, shown, whole, note
