"""POST /v1/duplicates/check: the answers."""

import pytest

from tests.service.conftest import CHECK, Client
from tests.service.fake import FakeChecks


def test_a_record_that_is_there_is_blocked_with_its_candidate(client: Client) -> None:
    """The answer is the verdict: decision, reasons, candidates and what they were decided with."""
    answer = client.check({"name": "江南精密机械"}, lang="zh")

    assert 200 == answer.status_code
    assert answer.json() == {
        "decision": "block",
        "reasons": [{"code": "duplicate", "message": "CRM 中已有这条记录"}],
        "candidates": [{"ref": "a-1", "score": 21.4, "band": "block", "masked_name": "江南精密**", "because": ["名称：相同"]}],
        "problems": [],
        "rules_version": "r1",
        "index_age_s": 12.0,
        "took_ms": 0.5,
    }


def test_a_new_record_is_allowed(client: Client) -> None:
    """Nothing like it: allow."""
    assert client.check({"name": "Northwind Tools"}).json()["decision"] == "allow"


def test_a_record_is_no_duplicate_of_itself(client: Client) -> None:
    """`exclude` names the record that is being edited."""
    assert client.check({"name": "江南精密机械"}, exclude="a-1").json()["decision"] == "allow"


@pytest.mark.parametrize(
    ("header", "lang", "expected"),
    [
        ("zh-CN,zh;q=0.9", None, "CRM 中已有这条记录"),
        ("fr", None, "the CRM already holds this record"),
        ("zh", "en", "the CRM already holds this record"),
        ("en", "zh", "CRM 中已有这条记录"),
    ],
)
def test_sentences_come_in_the_language_asked_for(client: Client, header: str, lang: str | None, expected: str) -> None:
    """`lang` of the body comes first, then Accept-Language, then the service's own."""
    body = {"entity": "account", "record": {"name": "江南精密机械"}, "lang": lang}
    answer = client.send("POST", CHECK, json=body, headers={"Accept-Language": header})

    assert expected == answer.json()["reasons"][0]["message"]


def test_null_is_the_same_as_not_given(client: Client) -> None:
    """Forms send null for what nobody filled in."""
    assert client.check({"name": "江南精密机械", "phone": None}).json()["decision"] == "block"


def test_parallel_requests_are_answered_as_single_ones(checks: FakeChecks, client: Client) -> None:
    """32 at the same time: the same answers as one after the other."""
    for number in range(16):
        checks.put("account", f"b-{number}", {"name": f"客户{number}"})
    records = [{"name": f"客户{number}"} for number in range(32)]
    alone = [client.check(record).json() for record in records]

    together = client.send_all([("POST", CHECK, {"json": {"entity": "account", "record": record}}) for record in records])

    assert alone == [answer.json() for answer in together]
    assert ["block"] * 16 + ["allow"] * 16 == [one["decision"] for one in alone]
