"""
The parts of a mail.

The standard library reads any mail, and compiles an expression for every boundary on the way. A mail whose every line is
where the standards put it is taken apart here in a third of that time; everything else is left to the library, and both
give the same parts (`tests/extract/test_mailtree.py`).
"""

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from functools import lru_cache
from itertools import pairwise
from typing import Any

_FIELD = re.compile(r"[!-9;-~]+:")
"""RFC 5322 section 3.6.8: a field's name, then a colon."""
_DEEPEST = 20


_ABSENT = object()


@lru_cache(maxsize=4096)
def _parameter(value: str, name: str) -> object:
    """Return a parameter of a header's value, `_ABSENT` where it has none; most mails of a box say the same."""
    alone = Message(policy=compat32)
    alone.set_raw("content-type", value)
    found: object = alone.get_param(name, _ABSENT)
    return found


class Mail(Message):
    """A part of a mail that is read, never changed: what it says of itself is worked out once."""

    def get(self, name: str, failobj: Any = None) -> Any:
        """Return the first header of a name."""
        if "first" not in self.__dict__:
            self.__dict__["first"] = {key.lower(): (key, value) for key, value in reversed(list(self.raw_items()))}
        found = self.__dict__["first"].get(name.lower())
        return failobj if found is None else self.policy.header_fetch_parse(*found)

    def get_param(  # type: ignore[override]
        self, param: str, failobj: Any = None, header: str = "content-type", *, unquote: bool = True
    ) -> Any:
        """Return a parameter of a header."""
        value = self.get(header)
        if not isinstance(value, str) or not unquote:
            return super().get_param(param, failobj, header, unquote)
        found = _parameter(value, param)
        return failobj if found is _ABSENT else found

    def get_content_type(self) -> str:
        """Return `type/subtype` in lower case."""
        if "of" not in self.__dict__:
            self.__dict__["of"] = super().get_content_type()
        kind: str = self.__dict__["of"]
        return kind

    def get_content_disposition(self) -> str | None:
        """Return how the part is to be shown, in lower case; None where it does not say."""
        if "shown" not in self.__dict__:
            self.__dict__["shown"] = super().get_content_disposition()
        shown: str | None = self.__dict__["shown"]
        return shown

    def get_filename(self, failobj: str | None = None) -> str | None:  # type: ignore[override]
        """Return the name of the part's file, as written."""
        told = f"{self.get('content-disposition', '')}{self.get('content-type', '')}".lower()
        return super().get_filename(failobj) if "name" in told else failobj


def parsed(raw: bytes) -> "Message[str, str]":
    r"""
    Return the parts of a mail.

    Args:
        raw: One mail, without a `From ` line before it.

    >>> parsed(b"Subject: a\nContent-Type: text/plain\n\nb\n").get_payload()
    'b\n'
    """
    text = raw.decode("ascii", "surrogateescape")
    end = _line_end(text)
    found = _part(text, end, 0) if end else None
    return found if found is not None else BytesParser(_class=Mail, policy=compat32).parsebytes(raw)


def _line_end(text: str) -> str | None:
    """Return how the lines end; None where they end in several ways."""
    if "\r" not in text:
        return "\n"
    lines = text.count("\r\n")
    return "\r\n" if lines == text.count("\r") == text.count("\n") else None


def _part(text: str, end: str, depth: int) -> Mail | None:
    """Return a part with those below it; None where anything is out of place, or needs more than is known here."""
    head, gap, body = ("", end, text.removeprefix(end)) if text.startswith(end) else text.partition(end + end)
    fields = _fields(head, end) if gap else None
    if fields is None or depth > _DEEPEST:
        return None
    part = Mail(policy=compat32)
    for name, value in fields:
        part.set_raw(name, value)
    main = part.get_content_maintype()
    if main == "message" or part.get_content_type() == "multipart/digest":
        return None
    if main != "multipart":
        part.set_payload(body.removesuffix(end) if depth else body)
        return part
    below = [_part(one, end, depth + 1) for one in _between(body, part.get_boundary(), end)]
    for child in below:
        if child is None:
            return None
        part.attach(child)
    return part if below else None


def _fields(head: str, end: str) -> list[tuple[str, str]] | None:
    """Return the header fields in their order; None where a line is none."""
    lines: list[list[str]] = []
    for line in head.split(end) if head else ():
        if line[0] in " \t" and lines:
            lines[-1].append(line)
        elif _FIELD.match(line):
            lines.append([line])
        else:
            return None
    split = (("".join(one[:1]).partition(":"), one[1:]) for one in lines)
    return [(name, end.join([value.lstrip(" \t"), *more]).rstrip("\r\n")) for (name, _, value), more in split]


def _between(body: str, boundary: str | None, end: str) -> list[str]:
    """Return the texts between the lines of a boundary; none where it is not there, or not closed."""
    found = list(_marks(body, f"--{boundary}", end)) if boundary else []
    if len(found) < 2 or not found[-1][2] or any(closing for _, _, closing in found[:-1]):
        return []
    return [body[after:before] for (_, after, _), (before, _, _) in pairwise(found)]


def _marks(body: str, mark: str, end: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where each boundary line begins and where the next line does, and whether it closes; the closing one is the last."""
    at = body.find(mark)
    while at >= 0:
        stop = body.find(end, at)
        stop = stop if stop >= 0 else len(body)
        rest = body[at + len(mark) : stop]
        closing = rest.startswith("--")
        if (at == 0 or body.endswith(end, 0, at)) and not rest[2 * closing :].strip(" \t"):
            yield at, min(stop + len(end), len(body)), closing
            if closing:
                return
        at = body.find(mark, stop)
