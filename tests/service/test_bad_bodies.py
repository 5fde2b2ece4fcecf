"""Bodies that cannot be taken: a clean 4xx that names the part and never repeats the value."""

import json

import pytest

from tests.service.conftest import CHECK, Client

MARK = "MARK-13800001234"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "loc", "code"),
    [
        ({"record": {}}, ["body", "entity"], "missing"),
        ({"entity": "account"}, ["body", "record"], "missing"),
        ({"entity": "account", "recrod": {}, "record": {}}, ["body", "recrod"], "unknown_field"),
        ({"entity": "account", "record": {"phone": 13800001234}}, ["body", "record", "phone"], "string_type"),
        ({"entity": "account", "record": {"phone": [MARK]}}, ["body", "record", "phone"], "string_type"),
        ({"entity": "account", "record": {"phome": MARK}}, ["body", "record", "phome"], "unknown_field"),
        ({"entity": "account", "record": MARK}, ["body", "record"], "dict_type"),
        ({"entity": MARK, "record": {}}, ["body", "entity"], "unknown_entity"),
        ({"entity": "account", "record": {}, "lang": MARK}, ["body", "lang"], "literal_error"),
        ({"entity": "account", "record": {}, "exclude": "x" * 256}, ["body", "exclude"], "string_too_long"),
        (MARK, ["body"], "model_attributes_type"),
        ([], ["body"], "model_attributes_type"),
        (None, ["body"], "model_attributes_type"),
    ],
)
def test_the_wrong_part_is_named_and_its_value_is_not(client: Client, body: object, loc: list[str], code: str) -> None:
    """422 with the path to the part, a code and a sentence."""
    answer = client.send("POST", CHECK, content=json.dumps(body), headers=JSON)

    assert 422 == answer.status_code
    assert [(loc, code)] == [(one["loc"], one["code"]) for one in answer.json()["error"]["fields"]]
    assert MARK not in answer.text


@pytest.mark.parametrize(
    ("lang", "message"),
    [
        ("en", "record.phome: there is no such field; did you mean 'phone'?"),
        ("zh", "record.phome：没有这个字段；是否指 'phone'？"),
    ],
)
def test_a_misspelt_field_is_told_what_was_meant(client: Client, lang: str, message: str) -> None:
    """Did you mean, in the language of the request."""
    body = {"entity": "account", "record": {"phome": "1"}}
    answer = client.send("POST", CHECK, json=body, headers={"Accept-Language": lang})

    assert message == answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not_json"),
        (b"{", 400, "not_json"),
        (b'{"entity": NaN}', 400, "not_a_number"),
        (b'{"entity": -Infinity}', 400, "not_a_number"),
        (b'{"entity": "a", "entity": "account"}', 400, "twice"),
        (b'{"entity": "account", "record": {"name": "a", "name": "b"}}', 400, "twice"),
        (b'{"entity": "\\ud800"}', 400, "half_character"),
        (b'{"\\udfff": ""}', 400, "half_character"),
        (b'{"entity": "\xff"}', 400, "not_utf8"),
        ('{"entity": "account"}'.encode("utf-16"), 400, "not_utf8"),
        (b'\xef\xbb\xbf{"entity": "account"}', 400, "not_json"),
        (b"[" * 1000 + b"]" * 1000, 400, "too_deep"),
        (b'{"a":' * 1000, 400, "too_deep"),
        (b'{"entity": ' + b"9" * 5000 + b"}", 400, "number"),
        (b'{"entity": "' + b"x" * 70_000 + b'"}', 413, "too_large"),
    ],
)
def test_a_hostile_body_is_a_clean_refusal(client: Client, body: bytes, status: int, code: str) -> None:
    """What two programs could read differently, or what only costs, is refused before anybody acts on it."""
    answer = client.send("POST", CHECK, content=body, headers=JSON)

    assert (status, code) == (answer.status_code, answer.json()["error"]["code"])


def test_brackets_in_a_text_are_no_nesting(client: Client) -> None:
    """Depth counts structure only."""
    assert 200 == client.check({"name": '[[[[[[[[[["\\' * 50}).status_code


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "text/plain"}, {"Content-Type": "application/json; charset=gbk"}, {}, {**JSON, "Content-Encoding": "gzip"}],
)
def test_another_content_type_is_refused(client: Client, headers: dict[str, str]) -> None:
    """A page in a browser can send text/plain anywhere without asking; so only application/json is read."""
    answer = client.send("POST", CHECK, content=b'{"entity": "account", "record": {}}', headers=headers)

    assert (415, "not_json") == (answer.status_code, answer.json()["error"]["code"])


def test_a_name_from_outside_is_repeated_in_part_only(client: Client) -> None:
    """A name of thousands of characters does not come back whole."""
    answer = client.check({"x" * 150: "1"})

    assert (422, 64) == (answer.status_code, len(answer.json()["error"]["fields"][0]["loc"][2]))


def test_every_wrong_part_is_told_at_once(client: Client) -> None:
    """Two wrong fields, two entries."""
    answer = client.check({"name": 1, "phone": True})

    assert ["name", "phone"] == [one["loc"][-1] for one in answer.json()["error"]["fields"]]
