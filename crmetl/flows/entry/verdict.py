"""The answer of the entry check as values: what was decided, why, and which records the new one may already be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from crmetl.errors import UsageError
from crmetl.text import Lang, Text

Decision = Literal["allow", "warn", "block", "unknown"]
Band = Literal["block", "warn", "allow"]


DECISIONS: Mapping[Decision, Text] = {
    "allow": Text("可以保存", "allow"),
    "warn": Text("请先看一眼", "warn"),
    "block": Text("不要保存", "block"),
    "unknown": Text("无法判断", "unknown"),
}


@dataclass(frozen=True)
class Reason:
    """
    Why the answer is what it is.

    Attributes:
        code: Stable word for scripts (`duplicate`, `similar`, `index_missing`, …).
        text: The sentence for people; it holds no value of any record.
    """

    code: str
    text: Text


@dataclass(frozen=True)
class Candidate:
    """
    A record of the CRM that the new one may already be.

    Attributes:
        ref: Its key in the CRM.
        score: Log2 odds in 1/1000 bit, as the batch would give it.
        band: What this candidate alone would decide.
        because: A sentence per compared field, then the sum; fields and levels, never values.
        masked_name: Its name as a report may show it; None where it has none.
    """

    ref: str
    score: int
    band: Band
    because: tuple[Text, ...] = ()
    masked_name: str | None = None


@dataclass(frozen=True)
class BadField:
    """
    A field that cannot be taken as it is.

    Attributes:
        field: Name as it was given.
        code: Fault code of cleaning or validation, or `unknown_field`, `not_text`, `too_long`, `control_characters`,
            `too_many_fields`, `twice`.
        text: What is wrong; never the value.
    """

    field: str
    code: str
    text: Text


class BadFields(UsageError):
    """A record names fields that the entity lacks, or holds what no field can hold; nothing was looked up."""

    code = "fields"

    def __init__(self, fields: tuple[BadField, ...]) -> None:
        self.fields = fields
        first = fields[0]
        super().__init__(first.text, where=first.field)


@dataclass(frozen=True)
class Verdict:
    """
    What the entry check answers.

    Attributes:
        decision: `block`: the CRM holds this record. `warn`: a person should look first. `allow`: nothing in the CRM is like
            it. `unknown`: the check could not be made; never to be read as `allow`.
        candidates: The best first.
        rules_version: Print of comparisons, model and keys that the answer was made with; "" where there are none.
        index_age_s: Seconds since the index was built; keys of later writes are in it all the same.
        took_ms: Milliseconds.
        problems: What cleaning and validation find in the record, with the codes that a run gives.
    """

    decision: Decision
    reasons: tuple[Reason, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    rules_version: str = ""
    index_age_s: float = 0.0
    took_ms: float = 0.0
    problems: tuple[BadField, ...] = ()

    def facts(self, lang: Lang) -> dict[str, Any]:
        """Return the JSON of the contract; scores in bits."""
        return {
            "decision": self.decision,
            "reasons": [{"code": one.code, "message": one.text.read(lang)} for one in self.reasons],
            "candidates": [
                {
                    "ref": one.ref,
                    "score": one.score / 1000,
                    "band": one.band,
                    "masked_name": one.masked_name,
                    "because": [text.read(lang) for text in one.because],
                }
                for one in self.candidates
            ],
            "problems": [{"field": one.field, "code": one.code, "message": one.text.read(lang)} for one in self.problems],
            "rules_version": self.rules_version,
            "index_age_s": self.index_age_s,
            "took_ms": self.took_ms,
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        head = DECISIONS[self.decision].read(lang)
        pause = "；" if lang == "zh" else "; "
        reasons = pause.join(one.text.read(lang) for one in self.reasons)
        found = [
            f"  {one.ref}  {one.masked_name or ''}  {pause.join(text.read(lang) for text in one.because)}"
            for one in self.candidates
        ]
        return [
            f"{head}{'：' if lang == 'zh' else ': '}{reasons}",
            *found,
            *(f"  ! {one.field}: {one.text.read(lang)}" for one in self.problems),
        ]


STATES = {
    "ready": Text("可用", "ready"),
    "missing": Text("没有", "missing"),
    "outdated": Text("与当前规则不符", "built with other rules"),
}


@dataclass(frozen=True)
class IndexState:
    """
    The index of one entity.

    Attributes:
        status: `ready`, `missing`, or `outdated` (rules, model or keys are not those of the project any more).
        build: Its number; 0 where there is none.
        rows: Records that it was built from.
        age_s: Seconds since then.
        rules_version: Print of what it was built with.
    """

    status: Literal["ready", "missing", "outdated"]
    build: int = 0
    rows: int = 0
    built_at: str = ""
    age_s: float = 0.0
    rules_version: str = ""


@dataclass(frozen=True)
class Readiness:
    """
    Whether checks can be answered now.

    Attributes:
        ready: The database answers, and the index of every matched entity is usable.
        reasons: Why not.
        entities: Matched entity -> its index.
    """

    ready: bool
    reasons: tuple[Reason, ...] = ()
    entities: Mapping[str, IndexState] = field(default_factory=dict)

    def facts(self, lang: Lang) -> dict[str, Any]:
        """Return the JSON of `index status` and of the readiness probe."""
        return {
            "ready": self.ready,
            "reasons": [{"code": one.code, "message": one.text.read(lang)} for one in self.reasons],
            "entities": {
                entity: {
                    "status": one.status,
                    "build": one.build,
                    "rows": one.rows,
                    "built_at": one.built_at or None,
                    "age_s": one.age_s,
                    "rules_version": one.rules_version,
                }
                for entity, one in self.entities.items()
            },
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        text = Text("{e}：{status}，第 {b} 版，{n:,} 条记录，{at}", "{e}: {status}, build {b}, {n:,} records, {at}")
        rows = [
            text.fill(e=entity, status=STATES[one.status].read(lang), b=one.build, n=one.rows, at=one.built_at or "-").read(lang)
            for entity, one in self.entities.items()
        ]
        return [*rows, *(one.text.read(lang) for one in self.reasons)]
