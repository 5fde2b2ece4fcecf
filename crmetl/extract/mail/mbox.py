"""Mailboxes: one row a mail, streamed."""

import re
from collections.abc import Iterator
from email.errors import (
    MissingHeaderBodySeparatorDefect,
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from email.message import Message
from pathlib import Path

import pyarrow as pa

from crmetl.errors import SourceError
from crmetl.extract.cells import texts
from crmetl.extract.container import kind_of
from crmetl.extract.events import Event, FileFault, Hint, Opened, RowFault, Rows
from crmetl.extract.limits import Limits
from crmetl.extract.mail.body import filename, files_of, parted, passed_on, size_of, text_of
from crmetl.extract.mail.decode import header_text, moment, parties
from crmetl.extract.mail.kind import ASKED, Heads, direction, is_internal, kind_of_mail
from crmetl.extract.mail.tree import parsed
from crmetl.extract.manifest import TableEntry
from crmetl.faults import Fault
from crmetl.faults import extract as faults
from crmetl.text import Text

COLUMNS = (
    "message_id", "in_reply_to", "thread", "date", "date_raw", "from", "to", "cc", "outside", "direction", "subject", "body",
    "quoted", "forwarded_from", "mail_kind", "attachments",
)  # fmt: skip
_SEPARATOR = re.compile(rb"^From \S+.*\d{4}\s*$|^From \S+ +\w{3} +\w{3} +\d")
"""`From ` line of RFC 4155, appendix A; a sentence that begins with From has no year at its end as a rule."""
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEADER = re.compile(rb"^[!-9;-~]+:")
_ID = re.compile(r"<[^<>\s]+>")
READ = (*ASKED, "subject", "message-id", "in-reply-to", "references", "date")
_AT_ONCE = 2_000
"""Mails of one `Rows`: bodies are long."""
_DAMAGE = (
    MissingHeaderBodySeparatorDefect, MultipartInvariantViolationDefect, NoBoundaryInMultipartDefect, StartBoundaryNotFoundDefect,
)  # fmt: skip

Row = dict[str, str | None]


def messages(path: Path, limits: Limits) -> Iterator[tuple[bytes, bool]]:
    """
    Yield the bytes of each mail, and whether it was cut at the limit; a file without `From ` lines is one mail.

    Raises:
        SourceError: It neither begins like a mail nor holds a `From ` line.
    """
    most = limits.message_mb * 1_000_000
    lines: list[bytes] = []
    size, begun, blank, stray = 0, False, True, False
    with path.open("rb") as file:
        for line in file:
            if blank and line.startswith(b"From ") and (not begun or _SEPARATOR.match(line)):
                if begun:
                    yield _unescaped(lines), size > most
                lines, size, begun, blank, stray = [], 0, True, False, False
                continue
            blank = line.isspace()
            if not begun and not blank:
                begun, stray = True, not _HEADER.match(line)
            size += len(line)
            if size <= most and begun:
                lines.append(line)
    if stray:
        raise _no_mail(path)
    if begun:
        yield _unescaped(lines), size > most


def _unescaped(lines: list[bytes]) -> bytes:
    raw = b"".join(lines)
    return _ESCAPED.sub(rb"\1", raw) if b">From " in raw else raw


def _no_mail(path: Path) -> SourceError:
    return SourceError(
        Text("这不是 mbox 邮箱文件", "this is no mbox file"),
        where=str(path),
        next=Text("从邮件程序导出为 mbox（或 .eml）", "export the mailbox as mbox (or .eml) from the mail program"),
    )


def _ids(raw: str | None) -> list[str]:
    return _ID.findall(raw or "")


def _attachments(message: "Message[str, str]") -> str | None:
    named = ((filename(part) or part.get_content_type(), size_of(part)) for part in files_of(message))
    return "; ".join(f"{name.replace(';', ',')} ({size})" for name, size in named) or None


def _raw_headers(message: "Message[str, str]") -> dict[str, list[str]]:
    """Return the headers as they stand; `Message.get` would put an object in place of one with undeclared bytes."""
    out: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        out.setdefault(name.lower(), []).append(str(value))
    return out


def mail_row(raw: bytes, internal_domains: tuple[str, ...]) -> tuple[Row, list[Fault]]:
    r"""
    Read one mail.

    Returns:
        A cell per name of COLUMNS, and the faults of the mail. Thread: the first of References, else In-Reply-To, else the
        mail's own id, so that it depends on no other mail.

    >>> row, _ = mail_row(b"From: li@b.cn\nTo: a@a.cn\nSubject: Hi\n\nHello\n", ("a.cn",))
    >>> row["body"], row["direction"], row["outside"], row["mail_kind"]
    ('Hello', 'in', 'li@b.cn', 'personal')
    """
    message = parsed(raw)
    headers = _raw_headers(message)
    first = {name: header_text(headers[name][0]) for name in READ if name in headers}
    sender, to, cc = (parties(headers.get(name, [])) for name in ("from", "to", "cc"))
    everyone = [*sender, *to, *cc]
    outside = list(dict.fromkeys(one.address for one in everyone if not is_internal(one.address, internal_domains)))
    subject = first.get("subject", "")
    content_type = " ".join(headers.get("content-type", [""])[0].lower().split())
    body = parted(text_of(message))
    passed = passed_on(message, subject, body)
    body = passed.body if passed else body
    author = passed.author if passed else None
    heads = Heads(first, content_type, next(iter(sender), None), everyone, subject, internal_domains, author, body.own)
    own_id = next(iter(_ids(first.get("message-id"))), first.get("message-id") or None)
    answers, chain = _ids(first.get("in-reply-to")), _ids(first.get("references"))
    date = moment(headers["date"][0]) if "date" in headers else None
    row: Row = {
        "message_id": own_id,
        "in_reply_to": next(iter(answers), None),
        "thread": next(iter([*chain, *answers]), own_id),
        "date": date,
        "date_raw": first.get("date"),
        "from": "; ".join(map(str, sender)),
        "to": "; ".join(map(str, to)),
        "cc": "; ".join(map(str, cc)),
        "outside": ";".join(outside),
        "direction": direction(heads.sender, outside, internal_domains),
        "subject": subject,
        "body": body.own,
        "quoted": body.quoted,
        "forwarded_from": heads.author,
        "mail_kind": kind_of_mail(heads),
        "attachments": _attachments(message),
    }
    damaged = any(isinstance(one, _DAMAGE) for part in message.walk() for one in part.defects) or not sender
    return row, [*[faults.MAIL_BROKEN] * damaged, *[faults.MAIL_DATE] * (date is None)]


def _read(raw: bytes, hint: Hint) -> tuple[Row, list[Fault]]:
    try:
        return mail_row(raw, hint.internal_domains)
    except Exception:  # noqa: BLE001 the standard library raises much on damaged mails; one of them must not end the mailbox
        row: Row = dict.fromkeys(COLUMNS)
        return {**row, "quoted": raw.decode("utf-8", "replace").replace("\0", ""), "mail_kind": "personal"}, [faults.MAIL_BROKEN]


def _rows(mails: list[Row], found: list[RowFault], last: int) -> Rows:
    columns = {name: texts([_writable(mail[name]) for mail in mails]) for name in COLUMNS}
    return Rows(pa.table(columns), tuple(f"#{last - len(mails) + 1 + at}" for at in range(len(mails))), tuple(found))


def _writable(cell: str | None) -> str | None:
    """Return the cell without lone surrogates, which no file can hold."""
    return cell.encode("utf-8", "replace").decode("utf-8") if cell and not cell.isascii() else cell


def read_mbox(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """
    Read a mailbox, or a single mail.

    Raises:
        SourceError: It is no mailbox.
    """
    yield Opened("email.parser compat32")
    if kind_of(path) == "empty":
        yield FileFault(faults.FILE_EMPTY)
    mails: list[Row] = []
    found: list[RowFault] = []
    number = 0
    for raw, cut in messages(path, limits):
        row, told = _read(raw, hint)
        number += 1
        found += [RowFault(len(mails), one) for one in [*told, *[faults.MAIL_CUT] * cut]]
        mails.append(row)
        if len(mails) >= min(_AT_ONCE, hint.chunk):
            yield _rows(mails, found, number)
            mails, found = [], []
    if mails:
        yield _rows(mails, found, number)
    yield TableEntry("", (), "", 1.0, COLUMNS, number)
