"""What planning may ask of a target, said in terms of its one `select`."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import pandas as pd

from crmetl.batch import stack
from crmetl.load.relations import RECORD, WALK
from crmetl.schema import Schema

CHILDREN = ("key", "child_entity", "child_column", "child_key")


class Reading(ABC):
    """The reader's half of a target (`TargetReader`)."""

    @property
    @abstractmethod
    def schema(self) -> Schema:
        """The schema that the target holds."""

    @abstractmethod
    def select(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        where: tuple[str, Sequence[str]] | None = None,
        also: tuple[str, str] | None = None,
        lock: bool = False,
    ) -> pd.DataFrame:
        """Return rows of a table as canonical text; `where[0]` is one of `where[1]`, and `also[0]` is `also[1]`."""

    def read(self, entity: str, keys: Sequence[str] | None = None) -> pd.DataFrame:
        """Return rows: index `key`; columns the entity's fields and `custom`; all rows where `keys` is None."""
        return self.select(entity, where=None if keys is None else ("key", keys)).set_index("key")

    def crosswalk(self, entity: str) -> pd.DataFrame:
        """Return columns system, source_key, key of every source key ever loaded."""
        return self.select(WALK, ["system", "source_key", "key"], where=("entity", [entity]))

    def loaded(self, entity: str) -> pd.DataFrame:
        """Return index `key`, column `hashes`."""
        return self.select(RECORD, ["key", "hashes"], where=("entity", [entity])).set_index("key")

    def children(self, entity: str, keys: Sequence[str]) -> pd.DataFrame:
        """Return columns CHILDREN of all declared children of `keys`."""
        found = [
            self.select(child, ["key", column], where=(column, keys))
            .rename(columns={"key": "child_key", column: "key"})
            .assign(child_entity=child, child_column=column)
            for child, column in self.schema.children(entity)
        ]
        return stack(found, CHILDREN)[list(CHILDREN)].astype("str")

    def counts(self) -> dict[str, int]:
        """Return entity -> number of rows."""
        return {name: len(self.select(name, ["key"])) for name in self.schema.entities}
