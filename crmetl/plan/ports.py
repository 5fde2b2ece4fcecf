"""The ports: planning sees a reader; only `load` knows how a target is written."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from crmetl.schema import Schema


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


class Target(TargetReader, Protocol):
    """
    A CRM that can be written, by `crmetl.load` alone. Tables are entities and the ledger's `crmetl_*`.

    Frames hold canonical text or NA; an entity's key is the column `key`.
    """

    @property
    def schema(self) -> Schema:
        """The schema that the target holds."""

    def prepare(self) -> tuple[str, ...]:
        """Make the tables that are missing, the ledger's included; return the names of the made ones."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; what is written outside of a transaction is an error of ours."""

    def select(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        where: tuple[str, Sequence[str]] | None = None,
        also: tuple[str, str] | None = None,
        lock: bool = False,
    ) -> pd.DataFrame:
        """
        Return rows, those only whose column `where[0]` is one of `where[1]` and whose column `also[0]` is `also[1]`.

        `lock` keeps others from changing them.
        """

    def insert(self, table: str, rows: pd.DataFrame) -> None:
        """Add rows; columns that are not given are NULL."""

    def update(self, table: str, rows: pd.DataFrame) -> None:
        """Set the columns of `rows` that are no key columns, where the key columns fit; all key columns are given."""

    def delete(self, table: str, rows: pd.DataFrame) -> None:
        """Remove the rows whose key columns are in `rows`."""

    def clock(self) -> float:
        """Return the target's own time, in seconds; only differences mean something."""


@dataclass(frozen=True)
class Approval:
    """Who signed which plan, when (ISO 8601, UTC)."""

    plan: str
    by: str
    role: str | None
    at: str
    comment: str | None = None
