"""What nights have changed before, told by the ledger: a change that was undone by anybody is not made a second time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from crmetl.load.ledger import batches, images, runs
from crmetl.plan import Target, TargetReader
from crmetl.schema import Schema
from crmetl.workspace import is_of_a_night

CellChange = tuple[str, str, str, str | None, str | None]
"""Entity, key, column, before, after."""


@dataclass(frozen=True)
class Past:
    """
    What nights have done, whether or not it still stands.

    Attributes:
        cells: Cells that a night set, with what stood there before.
        merges: Entity, loser, survivor of the merges.
    """

    cells: frozenset[CellChange]
    merges: frozenset[tuple[str, str, str]]

    def undone(self, cells: pd.DataFrame) -> "pd.Series[bool]":
        """
        Say which changes a night made before: the cell holds again what stood there then, so somebody took it back.

        Args:
            cells: Columns entity, key, column, before, after: what this night would set.
        """
        asked = zip(*(_plain(cells[name]) for name in ("entity", "key", "column", "before", "after")), strict=True)
        return pd.Series([one in self.cells for one in asked], index=cells.index, dtype=bool)

    def parted(self, entity: str, one: str, other: str) -> bool:
        """Say whether two rows that both live now were merged by a night before: somebody parted them."""
        return (entity, one, other) in self.merges or (entity, other, one) in self.merges


def past(reader: TargetReader, schema: Schema) -> Past:
    """
    Return what all nights have done to the CRM, as its ledger has it.

    Cost: reads the before-images of the nights; caps keep them small.
    """
    ledger = runs(reader)
    nights = [str(run) for run in ledger["run"] if is_of_a_night(str(run))]
    target = cast("Target", reader)  # the ledger's tables are read with the target's `select`, which its reader has too
    cells = [cell for run in nights for image in images(batches(target, run)) for cell in image.get("cells", ())]
    return Past(
        frozenset((str(entity), str(key), str(column), before, after) for entity, key, column, before, after, *_ in cells),
        frozenset(_merges(cells, schema)),
    )


def _merges(cells: Iterable[Any], schema: Schema) -> Iterable[tuple[str, str, str]]:
    marks = {
        (name, field) for name, entity in schema.entities.items() for field, value in entity.merge.items() if value == "$survivor"
    }
    return ((entity, key, after) for entity, key, column, before, after, *_ in cells if (entity, column) in marks and after)


def _plain(cells: "pd.Series[str]") -> list[str | None]:
    return [one if isinstance(one, str) else None for one in cells.tolist()]
