"""`crmetl.yaml`: the part of a project that is not schema, rules or sources."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field as Declared

from crmetl.project.model import EntityFilter, EntryCheck, Gate, Nightly, Retention, Target
from crmetl.schema.model import Frozen
from crmetl.text import Text


class Settings(Frozen):
    """
    The keys of `crmetl.yaml`; paths are relative to the project's folder and may hold `${NAME}`.

    Attributes: as those of `Project`.
    """

    name: Text
    locale: Literal["zh", "en"] = "zh"
    country: str = Declared(default="CN", pattern="^[A-Z]{2}$")
    source_root: str
    runs: str = "../runs"
    target: Target
    gates: tuple[Gate, ...] = ()
    filters: Mapping[str, tuple[EntityFilter, ...]] = Declared(default_factory=dict)
    approval: bool = True
    stale_limit: float = Declared(default=0.01, ge=0, le=1)
    chunk: int = Declared(default=20_000, ge=1)
    severities: Mapping[str, Literal["note", "blank", "hold"]] = Declared(default_factory=dict)
    nightly: Nightly = Nightly()
    entry: EntryCheck = EntryCheck()
    keep: Retention = Retention()
    store: Target = Target(url="sqlite:///.crmetl/store.db")
