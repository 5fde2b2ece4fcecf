"""The plan as a reader meets it: one line per operation or conflict, riskiest first, masked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from crmetl.batch import CUSTOM
from crmetl.plan import Plan
from crmetl.quality import RunSummary, cell_risk, risk
from crmetl.quality.risk import BASE
from crmetl.report.masking import Mask, name_field
from crmetl.schema import Schema
from crmetl.text import Text

SHOWN, EACH = 500, 60
"""Changes on the page, and how many of each kind are among them at least; the rest is in the workbook."""

NEW, FIRST_FIELDS = 10, 6
"""New records of no risk shown per entity, for a look at what they are like; and fields shown of each."""


@dataclass(frozen=True)
class CellView:
    """One cell: what it is called, before and after; None is empty."""

    field: str
    label: Text
    before: str | None
    after: str | None
    because: str


@dataclass(frozen=True)
class ChangeView:
    """
    One operation or conflict.

    Attributes:
        name: What people call the record; None where it is not known.
        key: Target key; of a merge the loser's.
        children: Records that a merge moves to the survivor.
        more: Fields that are not listed.
    """

    risk: int
    kind: str
    entity: str
    label: Text
    key: str
    name: str | None
    because: str
    place: str | None
    survivor: str | None = None
    score: str | None = None
    children: int = 0
    cells: tuple[CellView, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class PlanView:
    """
    A plan made ready for showing.

    Attributes:
        changes: The riskiest, some of each kind among them.
        whole: How many there are in all.
        by_field: (entity, field) -> cells that updates change.
    """

    changes: tuple[ChangeView, ...]
    whole: int
    by_field: Mapping[tuple[str, str], int] = field(default_factory=dict)


def plan_view(plan: Plan, summary: RunSummary, *, schema: Schema, mask: Mask, names: Mapping[str, str]) -> PlanView:
    """
    Return the riskiest changes of a plan.

    Args:
        names: `entity:key` of CRM rows -> what people call them.
    """
    doubtful = frozenset(rid for one in summary.matching for pair in one.doubtful for rid in (pair.left, pair.right))
    operations = plan.operations.assign(
        risk=risk(plan.operations, cells=plan.cells, children=plan.children, schema=schema, doubtful=doubtful)
    )
    conflicts = conflicts_as_cells(plan)
    conflicts = conflicts.assign(risk=cell_risk(conflicts, schema=schema, kind="conflict"))
    chosen, disputed = _riskiest(operations, conflicts)
    teller = _Teller(plan, schema, mask, names)
    changes = sorted([*teller.operations(chosen), *teller.conflicts(disputed)], key=lambda one: (-one.risk, one.entity, one.key))
    updated = operations.loc[operations["kind"] == "update", "group"]
    cells = plan.cells[plan.cells["group"].isin(updated)]
    sizes = cells.groupby(["entity", "column"]).size().reset_index(name="n").sort_values("n", ascending=False, kind="stable")
    by_field = dict(zip(zip(sizes["entity"].tolist(), sizes["column"].tolist(), strict=True), sizes["n"].tolist(), strict=True))
    return PlanView(tuple(changes), len(operations) + len(conflicts), by_field)


def conflicts_as_cells(plan: Plan) -> pd.DataFrame:
    """Return the conflicts with the column names of cells: before is the CRM's value, after the source's."""
    return plan.conflicts.rename(columns={"target_value": "before", "source_value": "after", "reason": "because"})


def _riskiest(operations: pd.DataFrame, conflicts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose `SHOWN` by risk: of each kind `EACH` at least, and of new records without any risk a few per entity."""
    ordered = operations.sort_values(["risk", "entity", "key"], ascending=[False, True, True])
    plain = (ordered["kind"] == "create") & (ordered["risk"] <= BASE["create"])
    ordered = pd.concat([ordered[~plain], ordered[plain].groupby("entity").head(NEW)])
    some = ordered.groupby("kind").head(EACH)
    top = pd.concat([some, ordered[~ordered.index.isin(some.index)].head(max(SHOWN - len(some), 0))])
    disputed = conflicts.sort_values(["risk", "entity", "key"], ascending=[False, True, True]).head(SHOWN)
    return top, disputed


@dataclass(frozen=True)
class _Teller:
    plan: Plan
    schema: Schema
    mask: Mask
    names: Mapping[str, str]
    called: dict[str, dict[str, str]] = field(default_factory=dict)

    def record(self, entity: str, ref: str) -> str:
        """Return what people call a record that a reference points to, masked; the reference itself where nobody knows."""
        if ref.startswith("@") and entity not in self.called:
            self.called[entity] = self._called(entity)
        name = self.called[entity].get(ref[1:]) if ref.startswith("@") else self.names.get(f"{entity}:{ref}")
        return self.mask.name(entity, name) or ref

    def _called(self, entity: str) -> dict[str, str]:
        """Return rid -> name of the records of an entity that the plan makes."""
        frame, named = self.plan.creates.get(entity), name_field(self.schema, entity)
        if frame is None or named not in frame.columns:
            return {}
        known = frame.loc[frame[named].notna(), ["rid", named]]
        return dict(zip(known["rid"].tolist(), known[named].tolist(), strict=True))

    def label(self, entity: str) -> Text:
        return self.schema.entities[entity].label if entity in self.schema.entities else Text(entity, entity)

    def field_label(self, entity: str, field: str) -> Text:
        declared = self.schema.entities[entity].fields.get(field) if entity in self.schema.entities else None
        if field == CUSTOM:
            return Text("自定义字段", "Custom fields")
        return declared.label if declared and declared.label else Text(field, field)

    def operations(self, chosen: pd.DataFrame) -> list[ChangeView]:
        cells = self._cells(self.plan.cells[self.plan.cells["group"].isin(chosen["group"])])
        moved = self.plan.children["group"].value_counts().to_dict()
        new = self._new(chosen[chosen["kind"] == "create"])
        out = []
        for one in chosen.astype("object").where(chosen.notna(), None).to_dict("records"):
            entity, key = str(one["entity"]), str(one["key"])
            made = new.get((entity, key))
            group, into = str(one["group"]), one["survivor"]
            own = made.cells if made else cells.get((group, entity, key), ())
            own = (*own, *cells.get((group, entity, str(into)), ())) if into else own
            out.append(
                ChangeView(
                    risk=int(one["risk"]),
                    kind=str(one["kind"]),
                    entity=entity,
                    label=self.label(entity),
                    key=key,
                    name=made.name if made else self.mask.name(entity, self.names.get(f"{entity}:{key}")),
                    because=str(one["because"] or ""),
                    place=one["place"],
                    survivor=into,
                    score=one["score"],
                    children=int(moved.get(one["group"], 0)) if one["kind"] == "merge" else 0,
                    cells=own,
                    more=made.more if made else 0,
                )
            )
        return out

    def conflicts(self, chosen: pd.DataFrame) -> list[ChangeView]:
        out = []
        for one in chosen.astype("object").where(chosen.notna(), None).to_dict("records"):
            entity, key, column = str(one["entity"]), str(one["key"]), one["column"]
            cell = () if column is None else (self._cell(entity, str(column), one["before"], one["after"], str(one["because"])),)
            out.append(
                ChangeView(
                    risk=int(one["risk"]),
                    kind="conflict",
                    entity=entity,
                    label=self.label(entity),
                    key=key,
                    name=self.mask.name(entity, self.names.get(f"{entity}:{key}")),
                    because=str(one["because"] or ""),
                    place=one["place"],
                    cells=cell,
                )
            )
        return out

    def _cell(self, entity: str, column: str, before: str | None, after: str | None, because: str) -> CellView:
        to = self.schema.entities[entity].references().get(column) if entity in self.schema.entities else None
        mask = self.mask.of(entity, column) if to is None else partial(self.record, to)
        shown = [None if text is None else mask(text) for text in (before, after)]
        return CellView(column, self.field_label(entity, column), shown[0], shown[1], because)

    def _cells(self, cells: pd.DataFrame) -> dict[tuple[str, str, str], tuple[CellView, ...]]:
        """Return (group, entity, key) -> its cells."""
        out: dict[tuple[str, str, str], tuple[CellView, ...]] = {}
        for one in cells.astype("object").where(cells.notna(), None).to_dict("records"):
            entity = str(one["entity"])
            view = self._cell(entity, str(one["column"]), one["before"], one["after"], str(one["because"] or ""))
            key = (str(one["group"]), entity, str(one["key"]))
            out[key] = (*out.get(key, ()), view)
        return out

    def _new(self, chosen: pd.DataFrame) -> dict[tuple[str, str], "_New"]:
        out: dict[tuple[str, str], _New] = {}
        for entity, keys in chosen.groupby("entity")["key"]:
            frame = self.plan.creates.get(str(entity))
            if frame is None:
                continue
            rows = frame.loc[frame.index.isin(keys)].drop(columns=["rid", "group"], errors="ignore")
            for key, row in zip(rows.index, rows.astype("object").where(rows.notna(), None).to_dict("records"), strict=True):
                out[str(entity), str(key)] = self._new_record(str(entity), {str(k): v for k, v in row.items()})
        return out

    def _new_record(self, entity: str, row: Mapping[str, str | None]) -> "_New":
        filled = [name for name in row if row[name] is not None and name != CUSTOM]
        views = tuple(self._cell(entity, name, None, row[name], "") for name in filled[:FIRST_FIELDS])
        named = name_field(self.schema, entity)
        name = self.mask.name(entity, row.get(named)) if named else None
        return _New(name, views, max(len(filled) - FIRST_FIELDS, 0))


@dataclass(frozen=True)
class _New:
    name: str | None
    cells: tuple[CellView, ...]
    more: int
