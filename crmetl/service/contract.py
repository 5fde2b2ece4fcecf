"""What goes over the wire, as models: bodies, answers, and examples of both."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Declared

from crmetl.flows.entry.verdict import Readiness, Verdict
from crmetl.schema import Field

FieldName = Annotated[str, Declared(min_length=1, max_length=200)]
Record = dict[FieldName, Annotated[str, Declared(strict=True)] | None]


class Checks(Protocol):
    """What the service asks of the check; `crmetl.flows.entry.checker.Checker` answers it. Called from several threads."""

    def fields(self, entity: str) -> Mapping[str, Field]:
        """Return the fields that a record of the entity may name."""

    def check(self, entity: str, record: Mapping[str, str], *, own: str | None = None) -> Verdict:
        """Say whether the CRM already holds a record, other than the one of the key `own`."""

    def put(self, entity: str, key: str, record: Mapping[str, str]) -> None:
        """Take note that the CRM holds this record."""

    def delete(self, entity: str, key: str) -> None:
        """Take note that the CRM no longer holds it."""

    def ready(self) -> Readiness:
        """Say whether checks can be answered."""


class Strict(BaseModel):
    """Nothing beyond what is declared."""

    model_config = ConfigDict(extra="forbid")


class CheckBody(Strict):
    """The record that somebody is about to save."""

    entity: str = Declared(min_length=1, max_length=100, description="对象，如 account\n\nEntity, such as account.")
    record: Record = Declared(
        description="字段名 → 文本；null 等于不填。子记录的字段写作 contact.mobile\n\n"
        "Field name → text; null is the same as not given. Fields of a child are written contact.mobile."
    )
    exclude: str | None = Declared(
        None,
        min_length=1,
        max_length=255,
        description="修改已有记录时填它的主键，它自己不算重复\n\nKey of the record being edited; it is no duplicate of itself.",
    )
    lang: Literal["zh", "en"] | None = Declared(
        None, description="句子的语言；默认按 Accept-Language\n\nLanguage of the sentences; else by Accept-Language."
    )


class RecordBody(Strict):
    """A record that the CRM holds now."""

    record: Record = Declared(description="字段名 → 文本，完整一条\n\nField name → text, the whole record.")


class ReasonFacts(Strict):
    """Why: a stable code, and a sentence."""

    code: str
    message: str


class CandidateFacts(Strict):
    """A record of the CRM that the new one may already be; personal values are masked."""

    ref: str = Declared(description="CRM 中的主键\n\nIts key in the CRM.")
    score: float = Declared(description="相同的对数几率，单位比特\n\nLog2 odds of being the same, in bits.")
    band: Literal["block", "warn", "allow"]
    masked_name: str | None = Declared(description="已脱敏的名称\n\nIts name, masked.")
    because: list[str] = Declared(description="每个比较的字段一句\n\nA sentence per compared field.")


class ProblemFacts(Strict):
    """What a run would find in the record."""

    field: str
    code: str
    message: str


class CheckAnswer(Strict):
    """
    The answer.

    `unknown` means that no check could be made; whoever asks must not read it as `allow`.
    """

    decision: Literal["allow", "warn", "block", "unknown"]
    reasons: list[ReasonFacts]
    candidates: list[CandidateFacts]
    problems: list[ProblemFacts]
    rules_version: str
    index_age_s: float
    took_ms: float


class Health(Strict):
    """The process is alive."""

    status: Literal["alive"]


class Ready(Strict):
    """Whether checks can be answered, check by check."""

    ready: bool
    checks: dict[str, str] = Declared(description="database · index:account …")
    reasons: list[ReasonFacts]


class FieldFault(Strict):
    """One part of a request that cannot be taken."""

    loc: list[str] = Declared(description='["body", "record", "phone"]')
    code: str
    message: str


class ErrorFacts(Strict):
    """What is wrong; never with a value of the request."""

    code: str
    message: str
    fields: list[FieldFault] = Declared(default_factory=list)


class ErrorAnswer(Strict):
    """Every answer of 400 and more."""

    error: ErrorFacts


CHECK_EXAMPLES: dict[str, Any] = {
    "zh": {
        "summary": "录入客户之前",
        "value": {
            "entity": "account",
            "record": {"name": "江南精密机械（苏州）有限公司", "phone": "0512-5550 0134"},
            "lang": "zh",
        },
    },
    "en": {
        "summary": "Before a customer is saved",
        "value": {"entity": "account", "record": {"name": "Northwind Tools Ltd", "phone": "+44 20 7946 0018"}, "lang": "en"},
    },
    "edit": {
        "summary": "修改已有客户 / while an existing customer is edited",
        "value": {"entity": "account", "record": {"name": "Northwind Tools"}, "exclude": "7f0c2b1e-5d0e-5f3c-9a40-0d6a3a1f7c11"},
    },
}
"""Bodies to try; the names are invented, the numbers lie in ranges that belong to nobody."""

ANSWER_EXAMPLES: dict[str, Any] = {
    "zh": {
        "summary": "已有这个客户",
        "value": {
            "decision": "block",
            "reasons": [{"code": "duplicate", "message": "CRM 中已有这条记录"}],
            "candidates": [
                {
                    "ref": "7f0c2b1e-5d0e-5f3c-9a40-0d6a3a1f7c11",
                    "score": 27.5,
                    "band": "block",
                    "masked_name": "江***",
                    "because": ["客户名称相同 +18.9", "电话相同 +18.9", "起点 -10.3，合计 +27.5 比特"],
                }
            ],
            "problems": [],
            "rules_version": "5d7c19a0b3f2",
            "index_age_s": 3600.0,
            "took_ms": 3.1,
        },
    },
    "en": {
        "summary": "Nothing like it",
        "value": {
            "decision": "allow",
            "reasons": [],
            "candidates": [],
            "problems": [],
            "rules_version": "5d7c19a0b3f2",
            "index_age_s": 3600.0,
            "took_ms": 2.4,
        },
    },
}

RECORD_EXAMPLES: dict[str, Any] = {
    "zh": {"summary": "已保存的客户", "value": {"record": {"name": "江南精密机械（苏州）有限公司", "phone": "0512-5550 0134"}}},
    "en": {
        "summary": "A customer that was saved",
        "value": {"record": {"name": "Northwind Tools Ltd", "phone": "+44 20 7946 0018"}},
    },
}


def given(record: Mapping[str, str | None]) -> dict[str, str]:
    """Return the fields that have a text."""
    return {name: one for name, one in record.items() if one is not None}
