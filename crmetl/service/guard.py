"""The outermost layer: who may ask, how much, how long; the headers of every answer and the one log line of it."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from hmac import compare_digest
from time import perf_counter
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

from crmetl.service.logs import bug
from crmetl.service.problems import Problem, internal, language
from crmetl.service.strict import BadJson, read_json
from crmetl.text import Lang, Text

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

ACCESS = logging.getLogger("crmetl.service")
OPEN = ("/healthz", "/readyz")
"""Paths that a probe asks without a token; they tell states, no values."""

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
}
"""Of every answer, OWASP's list for REST services; styles are for /docs, which loads nothing."""


@dataclass(frozen=True)
class Limits:
    """
    What one request, and all of them together, may take.

    Attributes:
        body: Bytes.
        upload: Seconds until the body is here.
        answer: Seconds until the check has answered; then it is `unknown`.
        threads, waiting: Checks at work, and checks that wait; one more is told to come again.
    """

    body: int = 64 * 1024
    upload: float = 10.0
    answer: float = 8.0
    threads: int = 4
    waiting: int = 60


@dataclass(frozen=True)
class Access:
    """
    Who may ask.

    Attributes:
        token: What `Authorization: Bearer` must hold; None: nobody is asked for one.
        hosts: Names by which a browser may call this; a page of another name that points here (DNS rebinding) is refused.
            None: any.
    """

    token: str | None = field(default=None, repr=False)
    hosts: frozenset[str] | None = None

    def refuse(self, scope: Scope, headers: Headers) -> None:
        """
        Let a request in.

        Raises:
            Problem: 421 for another host, 401 without the token.
        """
        if self.hosts is not None and _host(headers.get("host", "")) not in self.hosts:
            text = Text("这个主机名不属于本服务", "this service does not go by that host name")
            raise Problem(421, "wrong_host", text)
        if self.token is not None and scope["path"] not in OPEN and not self._known(headers.get("authorization", "")):
            text = Text("需要令牌：Authorization: Bearer …", "a token is needed: Authorization: Bearer …")
            raise Problem(401, "unauthorized", text, headers={"WWW-Authenticate": "Bearer"})

    def _known(self, given: str) -> bool:
        scheme, _, token = given.partition(" ")
        same = compare_digest(token.strip().encode("utf-8", "replace"), (self.token or "").encode("utf-8", "replace"))
        return same and scheme.lower() == "bearer"


def _host(given: str) -> str:
    """
    Return the name of a Host header, without the port.

    >>> _host("[::1]:8765"), _host("LOCALHOST:8765")
    ('[::1]', 'localhost')
    """
    name = given.strip().lower()
    return name[: name.find("]") + 1] if name.startswith("[") else name.partition(":")[0]


class Guard:
    """Stands before the application; whatever happens behind it, a clean answer and one line in the log come out."""

    def __init__(self, app: App, *, limits: Limits, access: Access, lang: Lang) -> None:
        self._app = app
        self._limits = limits
        self._access = access
        self._lang = lang

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is no HTTP goes through (start and stop)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, send)
        headers = Headers(raw=scope["headers"])
        try:
            self._access.refuse(scope, headers)
            body = await self._body(scope, headers, receive)
            await self._app(scope, _replayed(body, receive), exchange.send)
        except Problem as problem:
            await exchange.end(problem, language(headers, self._lang))
        except Disconnected:
            exchange.status = 499
        except Exception as error:  # noqa: BLE001 the last door of a request
            bug(error)
            await exchange.end(internal(), language(headers, self._lang))
        finally:
            exchange.log()

    async def _body(self, scope: Scope, headers: Headers, receive: Receive) -> bytes:
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > self._limits.body:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._limits.upload):
                body = await self._read(receive)
        except TimeoutError:
            text = Text("正文迟迟没有传完", "the body did not arrive in time")
            raise Problem(408, "too_slow", text, headers={"Connection": "close"}) from None
        if scope["path"].startswith("/v1/") and scope["method"] in ("POST", "PUT"):
            _must_be_json(headers, body)
        return body

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            body += message.get("body", b"")
            if len(body) > self._limits.body:
                raise self._too_large()
            if not message.get("more_body", False):
                return bytes(body)

    def _too_large(self) -> Problem:
        kilobytes = self._limits.body // 1024
        text = Text(f"正文超过 {kilobytes} kB", f"the body is larger than {kilobytes} kB")
        return Problem(413, "too_large", text, headers={"Connection": "close"})


class Disconnected(Exception):
    """The client has gone."""


def _must_be_json(headers: Headers, body: bytes) -> None:
    kind, _, parameters = headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if kind.strip().lower() != "application/json" or charset not in ("", "charset=utf-8") or "content-encoding" in headers:
        text = Text("正文须为 Content-Type: application/json（UTF-8）", "the body must be Content-Type: application/json (UTF-8)")
        raise Problem(415, "not_json", text)
    try:
        read_json(body)
    except BadJson as error:
        raise Problem(400, error.code, error.text) from None


def _replayed(body: bytes, receive: Receive) -> Receive:
    told = False

    async def replay() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


class Exchange:
    """One request and its answer, as far as the log and the headers of every answer need it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.id = secrets.token_hex(8)
        self.status = 0
        self._scope = scope
        self._send = send
        self._begun = perf_counter()

    async def send(self, message: Message) -> None:
        """Pass an answer on, with the headers of every answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=list(message.get("headers", ())))
            headers.update({**HEADERS, "X-Request-ID": self.id})
            message = {**message, "headers": headers.raw}
        await self._send(message)

    async def end(self, problem: Problem, lang: Lang) -> None:
        """Answer with a problem, unless an answer is on its way already."""
        if not self.status:
            await problem.answer(lang)(self._scope, _nothing, self.send)

    def log(self) -> None:
        """Write the one line: method, route, status, time, id; a path as it was asked may hold a key."""
        route = getattr(self._scope.get("route"), "path", "-")
        took = (perf_counter() - self._begun) * 1000
        ACCESS.info("%s %s %d %.1fms %s", self._scope["method"], route, self.status, took, self.id)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
