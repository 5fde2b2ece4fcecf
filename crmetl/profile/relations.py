"""Which column of one table refers to which key of another, by the values they share."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from crmetl.profile.table import ColumnProfile, TableProfile

ENOUGH = 0.7
"""Share of the child's distinct values found in the parent; legacy exports miss some parents."""
FEWEST = 3
_KEYED = ("id_code", "company_name", "uscc", "tax_id", "email", "mobile")
"""Types that identify something; running numbers and choices overlap by chance."""


@dataclass(frozen=True)
class Relation:
    """
    A column that seems to refer to another table's rows.

    Attributes:
        overlap: Share of the child's distinct values that the parent has.
    """

    child: str
    child_column: str
    parent: str
    parent_column: str
    overlap: float

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def _values(frame: pd.DataFrame, column: str) -> frozenset[str]:
    return frozenset(frame[column].dropna().str.strip())


def _referable(profile: TableProfile) -> list[ColumnProfile]:
    """Return the columns that may be referred to: nearly every row has a value of its own."""
    return [one for one in profile.columns if one.type in _KEYED and one.distinct >= max(FEWEST, 0.7 * profile.rows * one.filled)]


def _points_up(child: ColumnProfile, own: TableProfile, other: TableProfile, key: str) -> bool:
    """Say whether the other column is the more nearly unique one; of two alike, the one with fewer values refers."""
    parent = other.column(key)
    mine, theirs = child.distinct / max(own.rows * child.filled, 1), parent.distinct / max(other.rows * parent.filled, 1)
    return (mine, child.distinct, own.name) < (theirs, parent.distinct, other.name)


def relations(profiles: Mapping[str, TableProfile], frames: Mapping[str, pd.DataFrame]) -> tuple[Relation, ...]:
    """
    Return the references between tables, the surest first; for each child column and parent table the best one.

    Args:
        profiles: Name -> profile.
        frames: Name -> the rows that the profile was made from.

    >>> frames = {
    ...     "customers": pd.DataFrame({"code": ["K1", "K2", "K3"]}, dtype="str"),
    ...     "orders": pd.DataFrame({"customer code": ["K1", "K3", "K2", "K1"]}, dtype="str"),
    ... }
    >>> from crmetl.profile import profile_table
    >>> found = relations({name: profile_table(one, name=name) for name, one in frames.items()}, frames)
    >>> [(one.child, one.parent, one.overlap) for one in found]
    [('orders', 'customers', 1.0)]
    """
    parents = {
        (name, one.name): (one.type, _values(frames[name], one.name))
        for name, profile in profiles.items()
        for one in _referable(profile)
    }
    best: dict[tuple[str, str, str], Relation] = {}
    for name, profile in profiles.items():
        for column in profile.columns:
            if column.type not in _KEYED or column.distinct < FEWEST:
                continue
            mine = _values(frames[name], column.name)
            for (parent, key), (kind, theirs) in parents.items():
                overlap = round(len(mine & theirs) / len(mine), 3) if parent != name and kind == column.type else 0.0
                if (
                    overlap >= ENOUGH
                    and _points_up(column, profile, profiles[parent], key)
                    and overlap > best.get((name, column.name, parent), _NONE).overlap
                ):
                    best[name, column.name, parent] = Relation(name, column.name, parent, key, overlap)
    return tuple(sorted(best.values(), key=lambda one: (-one.overlap, one.child, one.child_column, one.parent)))


_NONE = Relation("", "", "", "", 0.0)
