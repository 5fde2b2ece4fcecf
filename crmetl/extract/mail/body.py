"""What a mail says: its own text apart from what it quotes, attachments by name, and whose mail it passes on."""

import re
from collections.abc import Iterator
from email.message import Message
from html.parser import HTMLParser
from typing import NamedTuple

from crmetl.extract.mail.decode import decoded, header_text

_BLOCK = frozenset(
    (
        "p",
        "div",
        "br",
        "tr",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "ul",
        "ol",
        "hr",
        "blockquote",
        "pre",
        "section",
        "article",
    )
)
_MUTE = frozenset(["script", "style", "head", "title"])
_META = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]+)", re.IGNORECASE)

_LABEL = r"(?:发件人|寄件人|寄件者|From)[\s*]*[:：]"
_NEXT_LABEL = re.compile(r"^[\s>*]*(?:发送时间|发送日期|日期|时间|收件人|主题|Sent|Date|To|Subject)[\s*]*[:：]", re.IGNORECASE)
_FROM_LINE = re.compile(rf"^[\s>*]*{_LABEL}(.*)$", re.IGNORECASE)
_FORWARD = re.compile(
    r"^[\s>*]*(?:-{2,}\s*(?:转发|轉寄|Forwarded)[^-]*-{2,}|Begin forwarded message\s*[:：]|以下是转发)", re.IGNORECASE
)
_REPLY = re.compile(
    r"^[\s>*]*-{2,}\s*(?:原始邮件|原邮件|回复的原邮件|Original(?: Message)?|Original Appointment)\s*-{2,}", re.IGNORECASE
)
_RULED = re.compile(r"^\s*_{20,}\s*$")
_WROTE = re.compile(r"(?:^\s*On\s.{6,200}\swrote\s*:\s*$)|(?:^\s*(?:在|于)?\s*.{0,120}\d.{0,120}写道\s*[:：]\s*$)", re.IGNORECASE)
_SIGNED = re.compile(r"^--\s?$|^\s*(?:发自我的|Sent from my ).{0,40}$", re.IGNORECASE)
_PASSED_ON = re.compile(r"^\s*(?:fwd?|转发|轉寄)\s*[:：]", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MAYBE = re.compile(r"[\s>*]*(?:--|Begin|以下|发件|寄件|From|__)", re.IGNORECASE)
"""How a line begins that may begin another mail; hardly any other line does."""
_MAYBE_WITHIN = re.compile(
    r"^(?:[^\S\n]|[>*])*(?:--|Begin|以下|发件|寄件|From|__|发自我的|Sent from my )|^[^\S\n]*>|wrote|写道",
    re.IGNORECASE | re.MULTILINE,
)
"""What a text holds that is not its author's alone: the beginning of another mail, a signature, a quotation."""


class Body(NamedTuple):
    """
    The text of a mail.

    Attributes:
        own: What its author wrote.
        quoted: What was separated from it: signature, quoted and forwarded mails.
    """

    own: str
    quoted: str


class _Plain(HTMLParser):
    """Takes the text out of HTML; quoted blocks get `> ` as in plain mail."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._mute = self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag."""
        del attrs
        self._mute += tag in _MUTE
        self._depth += tag == "blockquote"
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close a tag."""
        self._mute = max(0, self._mute - (tag in _MUTE))
        self._break(tag)
        self._depth = max(0, self._depth - (tag == "blockquote"))

    def _break(self, tag: str) -> None:
        if tag in _BLOCK:
            self.out.append("\n" + "> " * self._depth)
        elif tag == "td":
            self.out.append(" ")

    def handle_data(self, data: str) -> None:
        """Take a piece of text; line breaks of the source mean nothing."""
        if not self._mute:
            self.out.append(re.sub(r"\s+", " ", data))


def html_text(html: str) -> str:
    r"""
    Return the text of HTML, a line a block.

    >>> html_text("<style>p{}</style><p>您好&nbsp;张总</p><p>请报价</p>")
    '您好 张总\n请报价'
    """
    parser = _Plain()
    try:
        parser.feed(html)
        parser.close()
        text = "".join(parser.out)
    except AssertionError:  # html.parser gives up on some malformed declarations
        text = re.sub(r"<[^>]*>", " ", html)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line and line.strip("> "))


def _charset(part: "Message[str, str]") -> str | None:
    try:
        return part.get_content_charset()
    except (LookupError, ValueError, UnicodeError):
        return None


def _part_text(part: "Message[str, str]") -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    declared = _charset(part)
    if part.get_content_subtype() != "html":
        return decoded(raw, declared)
    meta = _META.search(raw[:2048])
    return html_text(decoded(raw, declared or (meta[1].decode("ascii") if meta else None)))


def filename(part: "Message[str, str]") -> str | None:
    """Return the name of an attachment, decoded; None where the part has none."""
    try:
        name = part.get_filename()
    except (LookupError, ValueError, UnicodeError, TypeError):
        return None
    return header_text(name) or None if name else None


def is_attachment(part: "Message[str, str]") -> bool:
    """Say whether a part is a file and not text to read; asked several times of each."""
    if "file" not in part.__dict__:
        part.__dict__["file"] = _is_attachment(part)
    said: bool = part.__dict__["file"]
    return said


def _is_attachment(part: "Message[str, str]") -> bool:
    disposition = (part.get_content_disposition() or "").lower()
    return disposition == "attachment" or part.get_content_type() == "message/rfc822" or filename(part) is not None


def _children(part: "Message[str, str]") -> list["Message[str, str]"]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def text_of(part: "Message[str, str]") -> str:
    """Return the readable text of a message; plain rather than HTML where it has both."""
    if part.get_content_maintype() == "multipart":
        children = [one for one in _children(part) if not is_attachment(one)]
        if part.get_content_subtype() != "alternative":
            return "\n".join(text for text in map(text_of, children) if text.strip())
        ranked = sorted(children, key=lambda one: one.get_content_type() != "text/plain")
        return next((text for text in map(text_of, ranked) if text.strip()), "")
    return _part_text(part) if part.get_content_maintype() == "text" else ""


def files_of(part: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """Yield the attachments of a message, not those of messages attached to it."""
    for child in _children(part) if part.get_content_maintype() == "multipart" else ():
        if is_attachment(child):
            yield child
        else:
            yield from files_of(child)


def size_of(part: "Message[str, str]") -> int:
    """Return the size of an attachment in bytes, from the length of its text, without decoding it."""
    payload = part.get_payload()
    if not isinstance(payload, str):
        return 0
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
        return len(payload)
    return (len(payload) - payload.count("\n") - payload.count("\r")) * 3 // 4 - payload[-4:].count("=")


def _starts(lines: list[str], at: int) -> bool:
    """Say whether everything from a line on is another mail."""
    line = lines[at]
    if not _MAYBE.match(line):
        return False
    if _FORWARD.match(line) or _REPLY.match(line):
        return True
    if _FROM_LINE.match(line):
        return any(_NEXT_LABEL.match(one) for one in lines[at + 1 : at + 5])
    return bool(_RULED.match(line)) and any(_FROM_LINE.match(one) for one in lines[at + 1 : at + 4])


def parted(text: str) -> Body:
    r"""
    Separate what the author wrote from what is quoted.

    From a forward or reply marker on everything is quoted; so are lines with `>` and the line that introduces them, while
    answers written between such lines stay the author's. The signature goes with the quoted part.

    >>> parted("可以。\n\n在 2024年3月5日，张三 写道：\n> 能便宜吗？")
    Body(own='可以。', quoted='在 2024年3月5日，张三 写道：\n> 能便宜吗？')
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if not _MAYBE_WITHIN.search(text):
        return Body("\n".join([line.rstrip() for line in lines]).strip(), "")
    cut = next((at for at in range(len(lines)) if _starts(lines, at)), len(lines))
    own: list[str] = []
    quoted: list[str] = []
    signed = False
    for at, line in enumerate(lines[:cut]):
        introduces = bool(_WROTE.match(line)) and any(one.lstrip().startswith(">") for one in lines[at + 1 : at + 4])
        signed = signed or bool(_SIGNED.match(line))
        (quoted if signed or introduces or line.lstrip().startswith(">") else own).append(line.rstrip())
    quoted += [line.rstrip() for line in lines[cut:]]
    return Body("\n".join(own).strip(), "\n".join(quoted).strip())


class PassedOn(NamedTuple):
    """
    A mail that another one passes on.

    Attributes:
        author: Address of who wrote it.
        body: Of the mail that passes it on, the forwarded text with it: it stands nowhere else.
    """

    author: str
    body: Body


def passed_on(message: "Message[str, str]", subject: str, body: Body) -> PassedOn | None:
    """Return the mail that this one passes on: attached whole, or below a forward marker; None where it passes on none."""
    for part in files_of(message):
        if part.get_content_type() == "message/rfc822" and (inner := _children(part)):
            found = _ADDRESS.search(header_text(str(inner[0].get("From", ""))))
            whole = f"{body.own}\n\n{text_of(inner[0])}".strip()
            return PassedOn(found[0].lower(), Body(whole, body.quoted)) if found else None
    lines = body.quoted.split("\n")
    if not (_PASSED_ON.match(subject) or any(map(_FORWARD.match, lines))):
        return None
    senders = (found[1] for line in lines if (found := _FROM_LINE.match(line)))
    author = next((found[0] for one in senders if (found := _ADDRESS.search(one))), None)
    begins = next((at for at, line in enumerate(lines) if _FORWARD.match(line) or _FROM_LINE.match(line)), 0)
    whole = "\n".join([body.own, "", *lines[begins:]]).strip()
    return PassedOn(author.lower(), Body(whole, "\n".join(lines[:begins]).strip())) if author else None
