"""JSON bodies, read strictly: what two programs could read differently is refused before anybody acts on it."""

import json
import re
from typing import Any, NoReturn

from crmetl.text import Text

DEEPEST = 8
"""Levels of nesting; a body of ours has three."""

STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)


class BadJson(ValueError):
    """A body is no JSON that one can rely on; it tells the place in the bytes where that is known, never the text."""

    def __init__(self, code: str, text: Text) -> None:
        self.code = code
        self.text = text
        super().__init__(code)


def read_json(body: bytes) -> Any:
    """
    Return what a body holds.

    RFC 8259 leaves open what a name given twice means (section 4) and what a lone surrogate is (8.2); both are refused
    here, and so is what it does not allow at all: NaN, a byte order mark, another encoding than UTF-8 (8.1).

    >>> read_json(b'{"entity": "account"}')
    {'entity': 'account'}

    Raises:
        BadJson: It is not JSON, not UTF-8, too deep, has a name twice, NaN, or half a character.
    """
    if _depth(body) > DEEPEST:
        raise BadJson("too_deep", Text(f"JSON 嵌套超过 {DEEPEST} 层", f"the JSON is nested more than {DEEPEST} levels deep"))
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise BadJson("not_utf8", Text("正文不是 UTF-8 编码", "the body is not UTF-8")) from None
    except json.JSONDecodeError as error:
        raise BadJson("not_json", _place(error)) from None
    except BadJson:
        raise
    except ValueError:  # Python refuses to read a whole number of thousands of digits
        raise BadJson("number", Text("正文中有过长的数字", "the body holds a number that is too long")) from None
    _whole_characters(found)
    return found


def _depth(body: bytes) -> int:
    """Return the deepest nesting, before a parser that recurses sees the body."""
    deepest = level = 0
    for sign in STRING.sub(b"", body):
        if sign in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif sign in b"]}":
            level -= 1
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadJson("twice", Text("同一个字段名出现了两次", "one object gives the same name twice"))
    return found


def _no_constant(_: str) -> NoReturn:
    raise BadJson("not_a_number", Text("JSON 中不允许 NaN 与 Infinity", "NaN and Infinity are not JSON"))


def _place(error: json.JSONDecodeError) -> Text:
    at = {"line": error.lineno, "column": error.colno}
    return Text("正文不是 JSON（第 {line} 行第 {column} 列）", "the body is not JSON (line {line}, column {column})").fill(**at)


def _whole_characters(found: Any) -> None:
    try:
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        text = Text("正文中有不完整的字符（单独的代理项）", "the body holds half a character (a lone surrogate)")
        raise BadJson("half_character", text) from None
