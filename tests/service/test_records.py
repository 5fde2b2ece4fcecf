"""PUT and DELETE /v1/records: the index hears of what the CRM saved."""

import pytest

from crmetl.errors import LeaseHeld
from crmetl.load.refusals import Refused, Transient
from tests.service.conftest import Client
from tests.service.fake import FakeChecks

HERE = "/v1/records/account/b-1"


def raising(error: Exception) -> None:
    raise error


def test_a_record_that_was_put_is_found_and_one_that_was_deleted_is_not(client: Client) -> None:
    """204, and the next check knows it."""
    put = client.send("PUT", HERE, json={"record": {"name": "Northwind"}})
    found = client.check({"name": "Northwind"}).json()["decision"]
    gone = client.send("DELETE", HERE)

    assert (204, b"", 204) == (put.status_code, put.content, gone.status_code)
    assert ("block", "allow") == (found, client.check({"name": "Northwind"}).json()["decision"])


def test_both_can_be_repeated(client: Client) -> None:
    """A caller that does not know whether it was heard says it again."""
    statuses = [client.send("PUT", HERE, json={"record": {"name": "N"}}).status_code for _ in range(2)]

    assert [204, 204, 204, 204] == statuses + [client.send("DELETE", HERE).status_code for _ in range(2)]


def test_a_key_may_hold_a_slash_and_other_signs(checks: FakeChecks, client: Client) -> None:
    """Keys of other systems look like anything."""
    client.send("PUT", "/v1/records/account/%E5%8D%8E%E4%B8%9C%2F001%20a", json={"record": {"name": "N"}})

    assert ("account", "华东/001 a") in checks.records


@pytest.mark.parametrize("key", ["%00", "a%09b", "%FF", "x" * 256])
def test_a_key_that_no_database_should_see_is_refused(client: Client, key: str) -> None:
    """Control characters, broken UTF-8, endless keys."""
    answer = client.send("PUT", f"/v1/records/account/{key}", json={"record": {"name": "N"}})

    assert (422, ["path", "key"]) == (answer.status_code, answer.json()["error"]["fields"][0]["loc"])


def test_an_unknown_entity_is_not_found(client: Client) -> None:
    """The entity is part of the address."""
    answer = client.send("DELETE", "/v1/records/acount/b-1")

    assert (404, "unknown_entity") == (answer.status_code, answer.json()["error"]["code"])


def test_an_unknown_field_is_named(client: Client) -> None:
    """As in a check."""
    answer = client.send("PUT", HERE, json={"record": {"nmae": "N"}})

    assert (422, ["body", "record", "nmae"]) == (answer.status_code, answer.json()["error"]["fields"][0]["loc"])


@pytest.mark.parametrize(
    ("error", "code"),
    [(Transient("40001"), "database_busy"), (Refused("unique"), "database_busy"), (LeaseHeld("another run writes"), "lease")],
)
def test_what_stands_in_the_way_is_told(checks: FakeChecks, client: Client, error: Exception, code: str) -> None:
    """Another writer: 503, and come again."""
    checks.before = lambda: raising(error)
    answer = client.send("PUT", HERE, json={"record": {"name": "N"}})

    assert (503, code, "5") == (answer.status_code, answer.json()["error"]["code"], answer.headers["retry-after"])


@pytest.mark.parametrize(("method", "options"), [("PUT", {"json": {"record": {"name": "N"}}}), ("DELETE", {})])
def test_without_an_index_nothing_can_be_noted(
    checks: FakeChecks, client: Client, method: str, options: dict[str, object]
) -> None:
    """409, and what to run."""
    checks.index = False
    answer = client.send(method, HERE, **options)

    assert (409, "index_missing") == (answer.status_code, answer.json()["error"]["code"])
    assert "crmetl index build" in answer.json()["error"]["message"]


def test_the_database_away_is_503_and_nothing_is_noted(checks: FakeChecks, client: Client) -> None:
    """The caller is told to come again."""
    checks.away = True
    answer = client.send("PUT", HERE, json={"record": {"name": "N"}})

    assert (503, "database_away", "5") == (answer.status_code, answer.json()["error"]["code"], answer.headers["retry-after"])
    assert ("account", "b-1") not in checks.records
