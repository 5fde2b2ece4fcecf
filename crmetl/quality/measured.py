"""What a person's labels of a sample say of a matching: precision and recall with 95 % intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Interval:
    """An estimate, and the ends of its 95 % interval; shares of 1, four decimals."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class MeasuredBand:
    """
    One stratum of the sample: its compared pairs, how many were drawn, labelled and called the same.

    Attributes:
        band: As in `crmetl.dedupe.measure.sampling`: `sure`, `near`, `doubtful`, `below` or `far`.
    """

    entity: str
    band: str
    pairs: int
    drawn: int
    labelled: int
    same: int


@dataclass(frozen=True)
class Measures:
    """
    Precision and recall.

    Attributes:
        entity: "" for all entities together.
        precision: Of the merges: the share of pairs merged by the run that are one; None where none of them has a label.
        recall: Of the matches among the compared pairs: the share of them that the run merged; None where no merged pair or
            no other pair has a label, or nothing is a match.
    """

    entity: str
    labelled: int
    precision: Interval | None
    recall: Interval | None


@dataclass(frozen=True)
class Measured:
    """
    A labelled sample.

    Attributes:
        size, seed: As it was drawn.
        drawn, labelled, unsure: Pairs drawn; labelled; and left open, or of which nobody could tell: these are left out.
        whole: All entities together.
        entities: Each by itself.
        bands: What the figures are made of.
    """

    size: int
    seed: int
    drawn: int
    labelled: int
    unsure: int
    whole: Measures
    entities: tuple[Measures, ...] = ()
    bands: tuple[MeasuredBand, ...] = ()

    def facts(self) -> Mapping[str, Any]:
        """Return it as JSON has it."""
        return {
            "size": self.size,
            "seed": self.seed,
            "drawn": self.drawn,
            "labelled": self.labelled,
            "unsure": self.unsure,
            "precision": _facts(self.whole.precision),
            "recall": _facts(self.whole.recall),
            "entities": {
                one.entity: {"labelled": one.labelled, "precision": _facts(one.precision), "recall": _facts(one.recall)}
                for one in self.entities
            },
            "bands": [one.__dict__.copy() for one in self.bands],
        }


def _facts(one: Interval | None) -> Mapping[str, float] | None:
    return None if one is None else {"estimate": one.estimate, "low": one.low, "high": one.high}
