"""The ports: planning sees a reader; only `load` knows how a target is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd


class TargetReader(Protocol):
    """
    A CRM that can only be read. A target that does not exist yet reads as empty.

    Every value is canonical text or NA, as in batches; keys are opaque text.
    """

    def read(self, entity: str, keys: Sequence[str] | None = None) -> pd.DataFrame:
        """
        Return rows: index `key`; columns the entity's fields and `custom`.

        All rows where `keys` is None; keys that are not there are not in the answer.
        """

    def crosswalk(self, entity: str) -> pd.DataFrame:
        """Return columns `system`, `source_key`, `key` of every source key ever loaded."""

    def loaded(self, entity: str) -> pd.DataFrame:
        """Return index `key`, column `hashes`: JSON text of column -> hash of the last loaded value."""

    def children(self, entity: str, keys: Sequence[str]) -> pd.DataFrame:
        """Return columns `key`, `child_entity`, `child_column`, `child_key` of all declared children of `keys`."""

    def counts(self) -> dict[str, int]:
        """Return entity -> number of rows."""


@dataclass(frozen=True)
class Approval:
    """Who signed which plan, when (ISO 8601, UTC)."""

    plan: str
    by: str
    role: str | None
    at: str
    comment: str | None = None
