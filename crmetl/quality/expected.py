"""What the scores themselves promise: expected precision and recall, before anybody has labelled a pair."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AtCut:
    """
    Pairs at or above a cut.

    Attributes:
        bits: The cut.
        pairs: Pairs of records with that score or more.
        precision: Share of them that is expected to be one, by their scores alone; None: there are no such pairs.
        recall: Share of all matches expected among the compared pairs that is at or above the cut; None: none are expected.
    """

    bits: float
    pairs: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class Expected:
    """
    Expected precision and recall of what was found to be one; shares of 1, four decimals.

    Attributes:
        precision: Of the pairs inside final clusters; None: nothing was merged.
        recall: Of the matches among the compared pairs; what no blocking rule brought together is not in it. None: nothing was
            merged, and not one match is expected.
        cuts: The same of single pairs at cuts a bit apart, clusters left out of account.
    """

    precision: float | None
    recall: float | None
    cuts: tuple[AtCut, ...] = ()

    def facts(self) -> Mapping[str, Any]:
        """
        Return it as JSON has it.

        >>> Expected(0.98, 0.95, (AtCut(0.0, 10, 0.97, 0.96),)).facts()["cuts"]
        [{'bits': 0.0, 'pairs': 10, 'precision': 0.97, 'recall': 0.96}]
        """
        return {"precision": self.precision, "recall": self.recall, "cuts": [one.__dict__.copy() for one in self.cuts]}
