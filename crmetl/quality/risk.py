"""How carefully a person should look at a change before signing: 0 (a new record) to 100 (two customers become one)."""

import numpy as np
import pandas as pd

from crmetl.schema import Schema
from crmetl.text import Text

BASE = {"create": 5, "update": 15, "conflict": 30, "retire": 50, "merge": 75}
"""By kind: what is new touches nothing; a merge takes a record away."""

WEIGHT = {
    "company_name": 30, "person_name": 25, "uscc": 30, "tax_id": 30, "owner": 35, "reference": 35, "money": 35,
    "currency": 30, "phone": 20, "mobile": 25, "email": 25, "choice": 20, "boolean": 25, "date_of_birth": 20,
}  # fmt: skip
"""By semantic type of the heaviest field that changes; identity, money and ownership first. Others weigh 10."""

REPLACED, EMPTIED = 15, 25
"""A filled value gives way to another, or to nothing; filling a blank adds nothing."""

FORMULA = Text(
    "风险 = min(100, 种类 + 字段 + 幅度 + 牵连 + 存疑)。种类：新建 5，更新 15，冲突 30，停用 50，合并 75；"
    "字段：所改字段中最重者，按类型 10–35；幅度：换掉原值 15，清空 25，填补空值 0；"
    "牵连：5 × log₂(1 + 改挂的记录)，至多 20；存疑：在疑似重复中 20",
    "risk = min(100, kind + field + size + hanging + doubt). Kind: create 5, update 15, conflict 30, retire 50, merge 75; "
    "field: the heaviest changed field, 10–35 by its type; size: value replaced 15, emptied 25, blank filled 0; "
    "hanging: 5 × log₂(1 + records that move), at most 20; doubt: in a doubtful pair 20",
)


def cell_risk(cells: pd.DataFrame, *, schema: Schema, kind: str) -> "pd.Series[int]":
    """
    Return the risk of each cell of an update, or of each conflict, before children and doubt are added.

    Args:
        cells: Columns entity, column, before, after among others.
        schema: Gives each field's semantic type.
        kind: `update` or `conflict`.
    """
    name = cells["entity"].astype("str") + "." + cells["column"].astype("str")
    weights = {
        f"{entity}.{field}": WEIGHT.get(one.type, 10) for entity, e in schema.entities.items() for field, one in e.fields.items()
    }
    weight = name.map(weights).fillna(10).astype("int64")
    replaced = cells["before"].notna() & cells["after"].notna()
    emptied = cells["before"].notna() & cells["after"].isna()
    return (BASE[kind] + weight + REPLACED * replaced + EMPTIED * emptied).clip(upper=100).astype("int64")


def risk(
    operations: pd.DataFrame,
    *,
    cells: pd.DataFrame,
    children: pd.DataFrame,
    schema: Schema,
    doubtful: frozenset[str] = frozenset(),
) -> "pd.Series[int]":
    """
    Return the risk of each operation, 0 to 100; index as `operations`. `FORMULA` tells how.

    Args:
        operations: Columns group, kind, entity, key, rid.
        cells: Columns group, entity, key, column, before, after.
        children: Columns group; one row per child that a merge moves.
        doubtful: rids, and `=key` of CRM rows, that stand in a doubtful pair.
    """
    base = operations["kind"].map(BASE).fillna(BASE["update"]).astype("int64")
    update = operations["kind"] == "update"
    heaviest = cell_risk(cells, schema=schema, kind="update").groupby([cells["entity"], cells["key"]]).max()
    place = pd.MultiIndex.from_frame(operations[["entity", "key"]])
    own = pd.Series(heaviest.reindex(place).to_numpy(dtype="float64"), index=operations.index).fillna(0)
    moved = children["group"].value_counts()
    hanging = operations["group"].map(moved).fillna(0).to_numpy(dtype="float64")
    hangs = pd.Series(np.minimum(5 * np.log2(1 + hanging), 20), index=operations.index).where(~update, 0)
    names = operations["rid"].isin(doubtful) | ("=" + operations["key"].astype("str")).isin(doubtful)
    total = base.where(~update | (own == 0), own) + hangs + 20 * names
    return total.clip(upper=100).round().astype("int64")
