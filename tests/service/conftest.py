"""A client that speaks to the application in the same process."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from crmetl.service import Access, Checks, Limits, make_app
from tests.service.fake import FakeChecks

CHECK = "/v1/duplicates/check"


class Client:
    """Sends requests to an application; `lang` English unless a header says otherwise."""

    def __init__(self, checks: Checks, *, access: Access | None = None, limits: Limits | None = None) -> None:
        self.app = make_app(checks, lang="en", access=access, limits=limits)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request."""
        return self.send_all([(method, path, options)])[0]

    def send_all(self, requests: list[tuple[str, str, dict[str, Any]]]) -> list[httpx.Response]:
        """Send requests at the same time."""

        async def run() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8765") as client:
                return await asyncio.gather(*(client.request(method, path, **options) for method, path, options in requests))

        return asyncio.run(run())

    def check(self, record: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Ask for one account."""
        return self.send("POST", CHECK, json={"entity": "account", "record": record or {}, **more})


@pytest.fixture
def checks() -> FakeChecks:
    """Return a CRM that holds one account."""
    return FakeChecks("江南精密机械")


@pytest.fixture
def client(checks: FakeChecks) -> Client:
    """Return a client of a service that anybody may ask."""
    return Client(checks)


@pytest.fixture
def client_of(checks: FakeChecks) -> Callable[..., Client]:
    """Return a maker of clients with their own access or limits."""
    return lambda **options: Client(checks, **options)
