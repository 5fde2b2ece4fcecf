"""The set stages, an entity at a time, parents first: link to the parents, hold what hangs on held ones, absorb duplicates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from crmetl.batch import KEY, SOURCE, Batch, stack
from crmetl.dedupe import Deduped, dedupe, match_rules
from crmetl.flows.journal import Journal
from crmetl.link import LinkRules, ParentIndex, link, link_rules, parent_index
from crmetl.plan import TargetReader
from crmetl.project import Project
from crmetl.validate import cascade, validate_links


@dataclass
class Records:
    """
    The golden records of a run.

    Attributes:
        matched: rid of a survivor -> key of the CRM row it is.
        pairs: Compared pairs worth showing: merged and doubtful ones, with their entity.
        merges: CRM rows that turned out to be one (`entity, loser, survivor, score_mbit`).
        keys: `entity, system, source_key, rid`: every source key of the run and the survivor it ended in.
        indexes: Entity -> what its children find it by.
    """

    matched: dict[str, str] = field(default_factory=dict)
    pairs: list[pd.DataFrame] = field(default_factory=list)
    merges: list[pd.DataFrame] = field(default_factory=list)
    keys: list[pd.DataFrame] = field(default_factory=list)
    indexes: dict[str, ParentIndex] = field(default_factory=dict)
