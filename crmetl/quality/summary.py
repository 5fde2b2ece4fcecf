"""The summary of a run: everything its reports show, as one frozen value that travels as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue, TypeAdapter

from crmetl.errors import LineageError
from crmetl.quality.expected import Expected
from crmetl.quality.measured import Measured
from crmetl.quality.report import QualityReport
from crmetl.text import Text

OUTCOMES = ("created", "updated", "unchanged", "absorbed", "held", "dropped", "conflict")
"""What may become of a record, in the order of every table and picture."""

Status = Literal["planned", "gated", "nothing", "approved", "applied", "partly", "rolled_back"]


@dataclass(frozen=True)
class SourceLine:
    """
    The rows of one source: read = mapped + held + dropped.

    Attributes:
        reads: Glob, or database, as declared.
        about: What was found there (`12 个文件`).
        dropped: Named rule -> rows.
    """

    source: str
    label: Text
    reads: str
    about: Text
    read: int
    mapped: int
    held: int
    dropped: Mapping[str, int] = field(default_factory=dict)

    @property
    def left_out(self) -> int:
        """Return the rows dropped by all rules."""
        return sum(self.dropped.values())


@dataclass(frozen=True)
class EntityLine:
    """
    The records of one entity: minted = created + updated + unchanged + absorbed + held + dropped + conflict.

    Attributes:
        retired: CRM rows that the plan retires, merges included; nothing is deleted.
        crm_before, crm_after: Live rows in the CRM now, and once the plan is applied (now + created - retired).
    """

    entity: str
    label: Text
    minted: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    absorbed: int = 0
    held: int = 0
    dropped: int = 0
    conflict: int = 0
    merged: int = 0
    retired: int = 0
    crm_before: int = 0
    crm_after: int = 0


@dataclass(frozen=True)
class StageLine:
    """One stage: its report, wall seconds and peak memory."""

    report: QualityReport
    seconds: float = 0.0
    peak_mb: float = 0.0


@dataclass(frozen=True)
class GateResult:
    """
    A condition written before the day, and how the run stands to it.

    Attributes:
        value, limit: Shares as fractions of 1, else numbers.
        why: Which number stands against which limit.
        last: Value of the run before; None where there is none.
    """

    name: str
    label: Text
    measure: str
    value: float
    limit: float
    passed: bool
    why: Text
    last: float | None = None
    last_passed: bool | None = None

    @property
    def share(self) -> bool:
        """Say whether value and limit are shares of 1."""
        return self.measure.endswith("_share")


@dataclass(frozen=True)
class MoneyLine:
    """Order totals of one currency and year, exact decimals as text: read = crm + held + absorbed + dropped + difference."""

    entity: str
    currency: str
    year: str
    read: str
    crm: str
    held: str
    absorbed: str
    dropped: str
    difference: str


@dataclass(frozen=True)
class Score:
    """
    One quality score before and after, in percent; None where the dimension does not apply.

    Attributes:
        field: Of the entity; ``""`` for the entity as a whole.
        dimension: `completeness`, `validity`, `uniqueness`, `consistency` or `timeliness`.
    """

    entity: str
    field: str
    dimension: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Change:
    """One cell that cleaning rewrote; the text as found, and as written (None: left blank)."""

    before: str
    after: str | None


@dataclass(frozen=True)
class WorstColumn:
    """A column among those with the most invalid cells, with a few samples; the samples are values, masked when shown."""

    source: str
    entity: str
    column: str
    records: int
    filled: int
    invalid: int
    codes: tuple[str, ...] = ()
    samples: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Bin:
    """Pairs with a score from `bits` up to the next whole bit."""

    bits: int
    pairs: int


@dataclass(frozen=True)
class Evidence:
    """One comparison of a pair: its level, and what it adds, in 1/1000 bit."""

    field: str
    level: str
    mbit: int


@dataclass(frozen=True)
class Pair:
    """Two records and why they may be one; `left_name` and `right_name` are values, masked when shown."""

    entity: str
    left: str
    right: str
    mbit: int
    evidence: tuple[Evidence, ...] = ()
    left_name: str | None = None
    right_name: str | None = None


@dataclass(frozen=True)
class Matching:
    """
    The matching of one entity.

    Attributes:
        compared: Candidate pairs; 0 where it was not told.
        cut, review: Merge at or above, ask at or above; bits.
        bins: Scores of all pairs at or above the review line.
        nearest: Merges just above the cut.
        doubtful: Pairs that wait for a person, the most likely first; `doubts` is their whole number.
        largest: Records in the largest merged group.
        expected: Precision and recall that the scores promise.
    """

    entity: str
    compared: int
    cut: float
    review: float
    merged: int
    doubts: int
    largest: int
    bins: tuple[Bin, ...] = ()
    nearest: tuple[Pair, ...] = ()
    doubtful: tuple[Pair, ...] = ()
    expected: Expected | None = None


@dataclass(frozen=True)
class Filtered:
    """Rows or records that a declared filter treated apart; then: `drop`, `inactive`, `retire`."""

    where: str
    rule: str
    label: Text
    then: str
    n: int


@dataclass(frozen=True)
class Decision:
    """Something that needs a person; kind: `gates`, `doubtful`, `conflicts`, `held`, `held_rows`, `undecided`."""

    kind: str
    n: int
    by: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RunSummary:
    """
    A run, counted. Laws are checked when it is made; its own JSON holds the values of samples and stays in the run folder.

    Attributes:
        plan: Full plan id, what is signed.
        started, ended: ISO 8601 with zone.
        versions: `crmetl`, `project` (fingerprint), `model <entity>`.
        stages: In the order they ran.
        decisions: What is open before signing.
        measured: What a person's labels of a sample say of the matching; None until somebody has labelled one.

    Raises:
        LineageError: Rows or records do not add up.
    """

    run: str
    plan: str
    name: Text
    status: Status
    started: str
    ended: str
    operator: str | None = None
    lang: Literal["zh", "en"] = "zh"
    versions: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[SourceLine, ...] = ()
    entities: tuple[EntityLine, ...] = ()
    stages: tuple[StageLine, ...] = ()
    gates: tuple[GateResult, ...] = ()
    money: tuple[MoneyLine, ...] = ()
    scores: tuple[Score, ...] = ()
    worst: tuple[WorstColumn, ...] = ()
    matching: tuple[Matching, ...] = ()
    filtered: tuple[Filtered, ...] = ()
    decisions: tuple[Decision, ...] = ()
    manifest: tuple[Mapping[str, JsonValue], ...] = ()
    seconds: float = 0.0
    peak_mb: float = 0.0
    measured: Measured | None = None

    def __post_init__(self) -> None:
        """Check both laws of a whole run."""
        for source in self.sources:
            if source.read != source.mapped + source.held + source.left_out:
                raise _broken(source.source, source.read, source.mapped + source.held + source.left_out)
        for entity in self.entities:
            out = sum(int(getattr(entity, outcome)) for outcome in OUTCOMES)
            if entity.minted != out:
                raise _broken(entity.entity, entity.minted, out)

    def total(self, what: str) -> int:
        """Return the sum of one column of the entity ledger."""
        return sum(int(getattr(one, what)) for one in self.entities)

    def rows(self, what: str) -> int:
        """Return the sum of one column of the source ledger: read, mapped, held or left_out."""
        return sum(int(getattr(one, what)) for one in self.sources)

    def closed(self) -> tuple[GateResult, ...]:
        """Return the gates that are closed."""
        return tuple(one for one in self.gates if not one.passed)

    def operations(self) -> int:
        """Return how many changes the plan makes: created, updated, retired and merged."""
        return self.total("created") + self.total("updated") + self.total("retired")

    def to_json(self) -> str:
        """Return the whole summary as JSON text."""
        return SUMMARY.dump_json(self, indent=1).decode()

    @classmethod
    def from_json(cls, text: str) -> "RunSummary":
        """Return what `to_json` wrote; the laws are checked again."""
        return SUMMARY.validate_json(text)


def _broken(what: str, came: int, out: int) -> LineageError:
    return LineageError(
        Text(
            f"{what} 的账不平：进 {came:,}，去向合计 {out:,}",
            f"the ledger of {what} does not add up: {came:,} came, the outcomes make {out:,}",
        ),
        next=Text(
            "这是 crmetl 的缺陷，请附上 --debug 的输出报告",
            "this is a bug of crmetl; please report it with the output of --debug",
        ),
    )


SUMMARY: TypeAdapter[RunSummary] = TypeAdapter(RunSummary)
