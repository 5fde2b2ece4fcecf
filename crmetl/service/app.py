"""The HTTP application: the desk's endpoints behind the guard, with its own page of documentation."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match

from crmetl import __version__
from crmetl.service.contract import ANSWER_EXAMPLES, CheckAnswer, CheckBody, Checks, ErrorAnswer, Health, Ready, RecordBody
from crmetl.service.desk import Desk
from crmetl.service.guard import Access, Guard, Limits
from crmetl.service.page import page
from crmetl.service.problems import Problem, internal, language, not_found, translated, wrong_method
from crmetl.text import Lang

DESCRIPTION = """录入之前查重：网页表单、呼叫中心、ERP 保存客户之前先问一句。

Asks before a customer is saved whether the CRM already holds it: for web forms, call centres, an ERP.

`allow` 没有相像的 / nothing like it · `warn` 请人看一眼 / a person should look · `block` 已有 / it is there ·
`unknown` 未能查重 / no check could be made."""

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""The framework's own would export exception messages and bodies where an environment variable asks for it."""

WHY = {
    400: "正文不是可靠的 JSON / the body is no JSON to rely on",
    401: "缺少令牌 / the token is missing",
    404: "没有这个对象或地址 / no such entity, or address",
    408: "正文迟迟没有传完 / the body did not arrive in time",
    409: "索引尚未建立 / there is no index yet",
    413: "正文过大 / the body is too large",
    415: "不是 application/json / not application/json",
    421: "不属于本服务的主机名 / a host name that is not this service's",
    422: "某个字段有误，loc 指出位置 / a part is wrong; `loc` says where",
    503: "数据库没有应答，或请求太多；按 Retry-After 再试 / the database is away, or too much at once; see Retry-After",
}


def make_app(checks: Checks, *, lang: Lang = "en", access: Access | None = None, limits: Limits | None = None) -> Guard:
    """
    Return the ASGI application.

    Args:
        checks: Answers the checks, from several threads.
        lang: Language of the sentences where a request asks for none.
        access: Who may ask; None: anybody who gets here.
        limits: What requests may take.
    """
    bounds, who = limits or Limits(), access or Access()
    app = _application(Desk(checks, limits=bounds, lang=lang), lang, secured=who.token is not None)
    return Guard(app, limits=bounds, access=who, lang=lang)


def _application(desk: Desk, lang: Lang, *, secured: bool) -> FastAPI:
    app = FastAPI(
        title="crmetl",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
        lifespan=_life(desk),
    )
    _routes(app, desk, [Depends(HTTPBearer(auto_error=False, description="CRMETL_API_TOKEN"))] if secured else [])
    _handlers(app, lang)
    return app


def _life(desk: Desk) -> Any:
    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    return life


def _routes(app: FastAPI, desk: Desk, token: list[Any]) -> None:
    changes = _errors(400, 401, 404, 408, 409, 413, 415, 421, 422, 503)
    app.add_api_route(
        "/v1/duplicates/check",
        desk.check,
        methods=["POST"],
        tags=["check"],
        operation_id="check",
        summary="查重 / Check for duplicates",
        response_model=CheckAnswer,
        responses={
            200: {"content": {"application/json": {"examples": ANSWER_EXAMPLES}}},
            **_errors(400, 401, 408, 413, 415, 421, 422, 503),
        },
        dependencies=token,
    )
    for method, endpoint, summary in (
        ("PUT", desk.put, "记录已保存 / A record was saved"),
        ("DELETE", desk.delete, "记录已删除 / A record was removed"),
    ):
        app.add_api_route(
            "/v1/records/{entity}/{key:path}",
            endpoint,
            methods=[method],
            tags=["index"],
            operation_id=method.lower(),
            summary=summary,
            status_code=204,
            response_class=Response,
            responses=changes,
            dependencies=token,
        )
    app.add_api_route(
        "/healthz", desk.health, tags=["probes"], operation_id="health", summary="存活 / Alive", response_model=Health,
        responses=_errors(421),
    )  # fmt: skip
    app.add_api_route(
        "/readyz", desk.ready, tags=["probes"], operation_id="ready", summary="就绪 / Ready", response_model=Ready,
        responses={**_errors(421), 503: {"model": Ready, "description": "尚未就绪 / not ready"}},
    )  # fmt: skip
    app.add_api_route("/docs", _docs(app), include_in_schema=False)


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": ErrorAnswer, "description": WHY[status]} for status in statuses}


def _docs(app: FastAPI) -> Any:
    async def docs() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()))

    return docs


def _methods(request: Request) -> list[str]:
    """Return the methods of all routes at this address; the framework names those of the first one only."""
    routes = [one for one in request.app.routes if one.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for one in routes for method in one.methods or ()})


def _handlers(app: FastAPI, lang: Lang) -> None:
    known: Mapping[str, list[str]] = {"POST": list(CheckBody.model_fields), "PUT": list(RecordBody.model_fields)}

    def answer(request: Request, problem: Problem) -> Response:
        return problem.answer(language(request.headers, lang))

    @app.exception_handler(Problem)
    async def ours(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: RequestValidationError) -> Response:
        return answer(request, translated(error.errors(), known.get(request.method, [])))

    @app.exception_handler(HTTPException)
    async def of_the_framework(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            return answer(request, wrong_method(", ".join(_methods(request))))
        return answer(request, not_found())

    @app.exception_handler(Exception)
    async def a_bug(request: Request, _: Exception) -> Response:
        return answer(request, internal())
