"""The endpoints: each asks the check in a thread, and says in HTTP what came of it. Nothing is decided here."""

from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar

from fastapi import Body, Path, Response
from starlette.requests import Request

from crmetl.errors import CrmetlError, LeaseHeld, MachineError, TargetError
from crmetl.flows.entry.verdict import BadField, BadFields, Readiness, Reason, Verdict
from crmetl.load.refusals import Refused, Transient
from crmetl.service.contract import (
    CHECK_EXAMPLES,
    RECORD_EXAMPLES,
    CheckAnswer,
    CheckBody,
    Checks,
    Health,
    Ready,
    RecordBody,
    given,
)
from crmetl.service.guard import Limits
from crmetl.service.problems import Fault, Problem, invalid, language, unknown_name
from crmetl.service.workers import Busy, Workers
from crmetl.text import Lang, Text

Found = TypeVar("Found")
Entity = Annotated[str, Path(min_length=1, max_length=100, description="对象，如 account / entity, such as account")]
Key = Annotated[
    str,
    Path(
        min_length=1,
        max_length=255,
        pattern="^[^\\x00-\\x1f\\x7f\\ufffd]+$",
        description="CRM 中的主键 / key in the CRM",
        examples=["7f0c2b1e-5d0e-5f3c-9a40-0d6a3a1f7c11"],
    ),
]

AWAY = Reason("database_away", Text("数据库没有应答，未能查重", "the database does not answer; no check was made"))
LATE = Reason("timeout", Text("数据库应答太慢，未能查重", "the database answers too slowly; no check was made"))

NO_INDEX = Text("还没有查重索引：crmetl index build", "there is no match index yet: crmetl index build")


class Desk:
    """
    Answers requests for one project.

    Args:
        checks: The check.
        limits: Time and threads.
        lang: Language where a request asks for none.
    """

    def __init__(self, checks: Checks, *, limits: Limits, lang: Lang) -> None:
        self._checks = checks
        self._limits = limits
        self._lang = lang
        self._workers = Workers(threads=limits.threads, waiting=limits.waiting)

    def close(self) -> None:
        """Let the threads end."""
        self._workers.close()

    async def check(self, request: Request, body: Annotated[CheckBody, Body(openapi_examples=CHECK_EXAMPLES)]) -> CheckAnswer:
        """
        系统里是否已有这条记录；不写任何内容。除 200 以外的应答以及 unknown 都不得当作 allow。

        Is this record already there? Nothing is written. Neither `unknown` nor any status but 200 is ever an `allow`.
        """
        lang = body.lang or language(request.headers, self._lang)
        verdict = await self._verdict(body)
        return CheckAnswer.model_validate(verdict.facts(lang))

    async def put(
        self, entity: Entity, key: Key, body: Annotated[RecordBody, Body(openapi_examples=RECORD_EXAMPLES)]
    ) -> Response:
        """
        CRM 新建或修改一条记录后调用，索引随即更新；不改 CRM 本身。可重复调用。

        Call it after the CRM has saved a record, so that the index knows it; the CRM itself is not changed. Repeatable.
        """
        record = given(body.record)
        await self._noted(entity, lambda: self._checks.put(entity, key, record))
        return Response(status_code=204)

    async def delete(self, entity: Entity, key: Key) -> Response:
        """
        CRM 删除一条记录后调用；索引中没有它也不算错。可重复调用。

        Call it after the CRM has removed a record; it is no error when the index does not have it. Repeatable.
        """
        await self._noted(entity, lambda: self._checks.delete(entity, key))
        return Response(status_code=204)

    async def health(self) -> Health:
        """
        进程在运行；不访问数据库。

        The process is alive; the database is not asked.
        """
        return Health(status="alive")

    async def ready(self, request: Request, response: Response) -> Ready:
        """
        数据库有应答，且每个对象的索引可用；否则 503。

        The database answers and the index of every entity is usable; else 503.
        """
        found = await self._readiness()
        if not found.ready:
            response.status_code = 503
            response.headers["Retry-After"] = "5"
        facts = found.facts(language(request.headers, self._lang))
        return Ready.model_validate({"ready": found.ready, "checks": _checks(found), "reasons": facts["reasons"]})

    async def _verdict(self, body: CheckBody) -> Verdict:
        record = given(body.record)
        try:
            return await self._run(lambda: self._checks.check(body.entity, record, own=body.exclude))
        except BadFields as error:
            raise self._refused(error, body.entity) from None
        except TimeoutError:
            return Verdict("unknown", (LATE,))
        except (TargetError, MachineError):
            return Verdict("unknown", (AWAY,))

    async def _readiness(self) -> Readiness:
        try:
            return await self._run(self._checks.ready)
        except TimeoutError:
            return Readiness(ready=False, reasons=(LATE,))
        except (TargetError, MachineError):
            return Readiness(ready=False, reasons=(AWAY,))

    async def _noted(self, entity: str, call: Callable[[], None]) -> None:
        def noted() -> None:
            self._present(entity)
            call()

        try:
            await self._run(noted)
        except BadFields as error:
            raise self._refused(error, entity, path=True) from None
        except TimeoutError:
            raise _away("timeout", LATE.text) from None
        except (Refused, Transient):
            raise _away(
                "database_busy", Text("数据库正忙，索引未更新", "the database is busy; the index was not changed")
            ) from None
        except CrmetlError as error:
            raise _status(error) from None

    def _present(self, entity: str) -> None:
        """
        Let a change through where there is an index that it can go to.

        Raises:
            Problem: 409, there is none.
            TargetError: The database is away, so nobody knows.
        """
        self._checks.fields(entity)
        found = self._checks.ready()
        if any(one.code == AWAY.code for one in found.reasons):
            raise TargetError(AWAY.text)
        if found.entities[entity].status == "missing":
            raise Problem(409, "index_missing", NO_INDEX)

    async def _run(self, call: Callable[[], Found]) -> Found:
        try:
            return await self._workers.run(call, seconds=self._limits.answer)
        except Busy:
            text = Text("请求太多，请稍后再试", "too many requests at once; try again shortly")
            raise Problem(503, "busy", text, headers={"Retry-After": "1"}) from None

    def _refused(self, error: BadFields, entity: str, *, path: bool = False) -> Problem:
        if error.fields[0].code != "unknown_entity":
            known = list(self._checks.fields(entity))
            return invalid([_fault(one, known) for one in error.fields])
        if path:
            return Problem(404, "unknown_entity", error.fields[0].text)
        return invalid([Fault(("body", "entity"), one.code, one.text) for one in error.fields])


def _fault(one: BadField, known: list[str]) -> Fault:
    text = unknown_name(one.field, known) if one.code == "unknown_field" else one.text
    return Fault(("body", "record", one.field), one.code, text)


def _checks(found: Readiness) -> Mapping[str, str]:
    away = any(one.code in (AWAY.code, LATE.code) for one in found.reasons)
    indexes = {f"index:{name}": "unknown" if away else one.status for name, one in found.entities.items()}
    return {"database": "away" if away else "ok", **indexes}


def _status(error: CrmetlError) -> Problem:
    if isinstance(error, LeaseHeld):
        return _away("lease", error.what)
    if isinstance(error, (TargetError, MachineError)):
        return _away(AWAY.code, Text("数据库没有应答，索引未更新", "the database does not answer; the index was not changed"))
    raise error


def _away(code: str, text: Text) -> Problem:
    return Problem(503, code, text, headers={"Retry-After": "5"})
