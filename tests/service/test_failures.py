"""What goes wrong behind the service never becomes an `allow`, and passes without a restart."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from crmetl.errors import TargetError
from crmetl.service import Limits
from tests.service.conftest import CHECK, Client
from tests.service.fake import FakeChecks

ASK = {"json": {"entity": "account", "record": {"name": "江南精密机械"}}}


def raising(error: Exception) -> None:
    raise error


def test_the_database_away_is_unknown_and_not_ready_until_it_is_back(checks: FakeChecks, client: Client) -> None:
    """200 with `unknown`, readiness 503; the process itself is alive all the time."""
    checks.away = True
    while_away = (
        client.check({"name": "x"}).json(),
        client.send("GET", "/readyz").status_code,
        client.send("GET", "/healthz").status_code,
    )
    checks.away = False

    assert ("unknown", "database_away", 503, 200) == (
        while_away[0]["decision"],
        while_away[0]["reasons"][0]["code"],
        *while_away[1:],
    )
    assert ("allow", 200) == (client.check({"name": "x"}).json()["decision"], client.send("GET", "/readyz").status_code)


def test_a_target_error_is_unknown_too(checks: FakeChecks, client: Client) -> None:
    """Whatever the check lets through."""
    checks.before = lambda: raising(TargetError("away"))

    assert ("unknown", 503) == (client.check({"name": "x"}).json()["decision"], client.send("GET", "/readyz").status_code)


def test_a_check_that_hangs_is_unknown(checks: FakeChecks, client_of: Callable[..., Client]) -> None:
    """The caller waits for so long and no longer; the probe and a change of the index say 503."""
    hang = threading.Event()
    checks.before = lambda: hang.wait(30)
    client = client_of(limits=Limits(answer=0.05, threads=3))
    answers = client.send_all(
        [("POST", CHECK, ASK), ("GET", "/readyz", {}), ("PUT", "/v1/records/account/k", {"json": {"record": {}}})]
    )
    hang.set()

    assert [200, 503, 503] == [one.status_code for one in answers]
    assert ("unknown", "timeout") == (answers[0].json()["decision"], answers[0].json()["reasons"][0]["code"])


def test_too_many_at_once_are_told_to_come_again(checks: FakeChecks, client_of: Callable[..., Client]) -> None:
    """Two places: of five, two are answered, three get 503; hung work keeps its place; afterwards all is well."""
    hang = threading.Event()
    checks.before = lambda: hang.wait(30)
    client = client_of(limits=Limits(answer=0.2, threads=1, waiting=1))
    answers = client.send_all([("POST", CHECK, ASK)] * 5)
    hang.set()

    assert [200, 200, 503, 503, 503] == sorted(one.status_code for one in answers)
    assert {("busy", "1")} == {
        (one.json()["error"]["code"], one.headers["retry-after"]) for one in answers if one.status_code == 503
    }
    assert "block" == _until_answered(client)["decision"]


def _until_answered(client: Client) -> dict[str, str]:
    while (answer := client.send("POST", CHECK, **ASK)).status_code == 503 or answer.json()["decision"] == "unknown":
        pass
    found: dict[str, str] = answer.json()
    return found


def test_a_bug_is_500_without_its_text(checks: FakeChecks, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the answer nor the log repeats what the exception says; both have the id of the request."""
    caplog.set_level("INFO", "crmetl")
    checks.before = lambda: raising(KeyError("MARK-13800001234"))
    answer = client.check({"name": "x"})

    assert (500, "internal") == (answer.status_code, answer.json()["error"]["code"])
    assert "KeyError at test_failures.py" in caplog.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "MARK" not in answer.text + caplog.text


def test_a_body_that_does_not_arrive_is_408(client_of: Callable[..., Client]) -> None:
    """A client that stops half-way is not waited for."""
    client = client_of(limits=Limits(upload=0.05))

    async def half() -> httpx.Response:
        async def body() -> AsyncIterator[bytes]:
            yield b'{"entity"'
            await asyncio.sleep(30)

        transport = httpx.ASGITransport(client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as sender:
            return await sender.post(CHECK, content=body(), headers={"Content-Type": "application/json"})

    answer = asyncio.run(half())

    assert (408, "too_slow") == (answer.status_code, answer.json()["error"]["code"])
