"""Probes, token, host, headers, log, documentation."""

import re
from collections.abc import Callable

import pytest

from crmetl.service import Access
from tests.service.conftest import CHECK, Client
from tests.service.fake import FakeChecks

TOKEN = "a-word-of-some-length"  # noqa: S105 a test's own
ASK = {"json": {"entity": "account", "record": {"name": "江南精密机械"}}}


def test_ready_says_check_by_check_what_is_missing(checks: FakeChecks, client: Client) -> None:
    """Database and each index by name."""
    ready = client.send("GET", "/readyz").json()
    checks.index = False
    missing = client.send("GET", "/readyz")

    assert ready == {"ready": True, "checks": {"database": "ok", "index:account": "ready"}, "reasons": []}
    assert (503, "missing") == (missing.status_code, missing.json()["checks"]["index:account"])


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (None, 401),
        ("Bearer wrong", 401),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
        ("Bearer ", 401),
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
    ],
)
def test_a_token_is_asked_for_where_there_is_one(client_of: Callable[..., Client], given: str | None, status: int) -> None:
    """Only `Authorization: Bearer` with exactly that token gets in."""
    headers = {} if given is None else {"Authorization": given}
    answer = client_of(access=Access(token=TOKEN)).send("POST", CHECK, **ASK, headers=headers)

    assert status == answer.status_code
    assert (401 == status) == (answer.headers.get("www-authenticate") == "Bearer")


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/readyz", 200), ("/docs", 401), ("/openapi.json", 401)])
def test_probes_need_no_token(client_of: Callable[..., Client], path: str, status: int) -> None:
    """A load balancer asks for states only."""
    assert status == client_of(access=Access(token=TOKEN)).send("GET", path).status_code


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:8765", 200), ("LOCALHOST", 200), ("[::1]:80", 200), ("evil.example", 421), ("", 421)]
)
def test_a_page_of_another_name_cannot_reach_it(client_of: Callable[..., Client], host: str, status: int) -> None:
    """A host name that was bent to this machine (DNS rebinding) is refused."""
    access = Access(hosts=frozenset({"localhost", "[::1]"}))

    assert status == client_of(access=access).send("POST", CHECK, **ASK, headers={"Host": host}).status_code


@pytest.mark.parametrize(
    ("method", "path"), [("POST", CHECK), ("GET", "/healthz"), ("GET", "/nowhere"), ("GET", CHECK), ("GET", "/docs")]
)
def test_every_answer_has_the_headers(client: Client, method: str, path: str) -> None:
    """Nothing is cached, sniffed or framed; no other origin is let in; the request has an id."""
    answer = client.send(method, path, **(ASK if method == "POST" else {}), headers={"Origin": "https://evil.example"})

    assert ("no-store", "nosniff", "DENY") == tuple(
        answer.headers[name] for name in ("cache-control", "x-content-type-options", "x-frame-options")
    )
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "not_found"), ("GET", CHECK, 405, "method_not_allowed"), ("GET", "/healthz/", 404, "not_found")],
)
def test_a_wrong_address_is_told_in_the_same_shape(client: Client, method: str, path: str, status: int, code: str) -> None:
    """One shape for all errors; 405 names what is allowed."""
    answer = client.send(method, path)

    assert (status, code) == (answer.status_code, answer.json()["error"]["code"])
    assert (405 == status) == (answer.headers.get("allow") == "POST")


def test_the_log_has_a_line_a_request_and_no_value(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Method, route, status, time, id; never a query, a body or a key."""
    caplog.set_level("INFO")
    client.send("POST", f"{CHECK}?name=MARK", **ASK)
    client.check({"name": "MARK", "phone": "MARK"})
    client.check({"MARK": "MARK"})
    client.send("PUT", "/v1/records/account/MARK", json={"record": {"name": "MARK"}})
    client.send("GET", "/MARK")

    lines = [record.getMessage() for record in caplog.records if record.name == "crmetl.service"]
    assert not [one for one in caplog.records if one.name != "httpx" and "MARK" in one.getMessage()]
    assert [
        "POST /v1/duplicates/check 200",
        "POST /v1/duplicates/check 200",
        "POST /v1/duplicates/check 422",
        "PUT /v1/records/{entity}/{key:path} 204",
        "GET - 404",
    ] == [" ".join(line.split()[:3]) for line in lines]
    assert all(re.fullmatch(r"\S+ \S+ \d+ [\d.]+ms [0-9a-f]{16}", line) for line in lines)


def test_the_schema_has_examples_in_both_languages(client: Client) -> None:
    """Bodies to try in /openapi.json, and each documented example is taken."""
    schema = client.send("GET", "/openapi.json").json()
    examples = schema["paths"][CHECK]["post"]["requestBody"]["content"]["application/json"]["examples"]

    assert {"zh", "en"} <= set(examples)
    assert {200} == {client.send("POST", CHECK, json=one["value"]).status_code for one in examples.values()}


def test_the_page_of_documentation_loads_nothing(client: Client) -> None:
    """It works where there is no network: every operation is on it, and it refers to nothing outside."""
    answer = client.send("GET", "/docs")

    assert "text/html; charset=utf-8" == answer.headers["content-type"]
    assert all(path in answer.text for path in (CHECK, "/v1/records/{entity}/{key}", "/healthz", "/readyz"))
    assert [] == re.findall(r"<script|<link|<img|@import|url\(|https?://", answer.text)
