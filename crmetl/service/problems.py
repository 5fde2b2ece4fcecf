"""What is said when a request cannot be answered: one shape for all, in two languages, never with a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse

from crmetl.project.problem import nearest
from crmetl.text import Lang, Text

LONGEST_NAME = 64
"""Characters of a name from outside that an answer repeats."""
SHOWN = 12
"""Names that a sentence lists."""


@dataclass(frozen=True)
class Fault:
    """
    One part of a request that cannot be taken.

    Attributes:
        loc: Where it stands: `("body", "record", "phone")`.
        code: Stable word.
        text: What is wrong; never the value.
    """

    loc: tuple[str, ...]
    code: str
    text: Text


class Problem(Exception):
    """
    A request ends here with this status.

    Attributes:
        status: HTTP status.
        code: Stable word.
        text: The sentence.
        faults: The parts that are wrong.
        headers: Further headers of the answer.
    """

    def __init__(
        self, status: int, code: str, text: Text, *, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.code = code
        self.text = text
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        super().__init__(code)

    def answer(self, lang: Lang) -> JSONResponse:
        """Return the answer to send."""
        error: dict[str, Any] = {"code": self.code, "message": self.text.read(lang)}
        if self.faults:
            error["fields"] = [
                {"loc": [part[:LONGEST_NAME] for part in one.loc], "code": one.code, "message": one.text.read(lang)}
                for one in self.faults
            ]
        return JSONResponse({"error": error}, status_code=self.status, headers=self.headers)


def language(headers: Mapping[str, str], default: Lang) -> Lang:
    """
    Return the language that a client prefers, of the two there are.

    >>> language({"accept-language": "fr, zh-CN;q=0.8, en;q=0.5"}, "en")
    'zh'
    """
    for part in headers.get("accept-language", "").lower().split(","):
        head = part.strip()[:2]
        if head in ("zh", "en"):
            return "zh" if head == "zh" else "en"
    return default


def not_found() -> Problem:
    """Return the answer for a path that is not there."""
    return Problem(404, "not_found", Text("没有这个地址；见 /docs", "there is nothing at this address; see /docs"))


def wrong_method(allow: str) -> Problem:
    """Return the answer for a method that a path does not take."""
    text = Text("此地址不支持这种请求方法", "this address does not take that method")
    return Problem(405, "method_not_allowed", text, headers={"Allow": allow})


def internal() -> Problem:
    """Return the answer for a bug of ours; the log has its kind and place."""
    text = Text(
        "程序错误；请把响应头 X-Request-ID 告诉管理员", "a bug of crmetl; tell its keeper the X-Request-ID of this answer"
    )
    return Problem(500, "internal", text)


def invalid(faults: Sequence[Fault]) -> Problem:
    """Return the answer for parts that cannot be taken; its sentence is the first one's, which names its place."""
    where = ".".join(part[:LONGEST_NAME] for part in faults[0].loc[1:]) or faults[0].loc[0]
    first = faults[0].text
    told = faults[0].loc[-1] in first.en
    return Problem(422, "invalid", first if told else Text(f"{where}：{first.zh}", f"{where}: {first.en}"), faults=faults)


SENTENCES: dict[str, Text] = {
    "missing": Text("缺少", "is missing"),
    "string_type": Text("必须是文本（加引号）", "must be text (in quotes)"),
    "string_too_long": Text("过长", "is too long"),
    "string_too_short": Text("不能为空", "must not be empty"),
    "dict_type": Text("必须是对象：字段名 → 文本", "must be an object: field name → text"),
    "model_attributes_type": Text("必须是 JSON 对象", "must be a JSON object"),
    "model_type": Text("必须是 JSON 对象", "must be a JSON object"),
    "literal_error": Text("只能是 zh 或 en", "must be zh or en"),
    "string_pattern_mismatch": Text("含有不允许的字符", "holds characters that are not allowed"),
}
"""Kind of error that pydantic tells -> our sentence; its own may repeat the value."""


def translated(errors: Sequence[Mapping[str, Any]], known: Sequence[str]) -> Problem:
    """
    Say what pydantic found, without the values that it would repeat.

    Args:
        errors: As `ValidationError.errors()` gives them.
        known: Names that the body may have at its top, for "did you mean".
    """
    return invalid([_fault(one, known) for one in errors])


def _fault(error: Mapping[str, Any], known: Sequence[str]) -> Fault:
    loc = tuple(str(part) for part in error["loc"] if part != "[key]")
    kind = str(error["type"])
    if kind == "extra_forbidden":
        return Fault(loc, "unknown_field", unknown_name(loc[-1], known))
    return Fault(loc, kind, SENTENCES.get(kind, Text("不符合要求", "is not as it must be")))


def unknown_name(name: str, known: Sequence[str]) -> Text:
    """
    Say that there is no such name, and which one may have been meant.

    >>> unknown_name("recrod", ["entity", "record"]).en
    "there is no such field; did you mean 'record'?"
    """
    close = nearest(name[:LONGEST_NAME], known)
    head = Text("没有这个字段", "there is no such field")
    if close:
        return Text(f"{head.zh}；是否指 '{close}'？", f"{head.en}; did you mean '{close}'?")
    more = len(known) > SHOWN
    zh, en = "、".join(known[:SHOWN]) + "…" * more, ", ".join(known[:SHOWN]) + ", …" * more
    return Text(f"{head.zh}；有 {zh}", f"{head.en}; there are {en}") if known else head
