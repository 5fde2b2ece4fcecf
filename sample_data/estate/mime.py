"""A mail as bytes: encoded words, every transfer encoding, Chinese character sets, attachments, the same every time."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from quopri import encodestring
from random import Random

ADDRESS = re.compile(r"^(.*?)\s*<([^>]+)>$")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class Mail:
    """
    A mail before it is encoded.

    Attributes:
        sender, to, cc: `Name <address>`, several joined by `, `.
        answers: Message ids of the conversation so far, oldest first.
        headers: Further header lines.
        bounced: The dead address, in a delivery report.
    """

    message_id: str
    at: datetime
    sender: str
    to: str
    subject: str
    body: str
    cc: str = ""
    charset: str = "utf-8"
    answers: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    html: bool = False
    bounced: str = ""


def encoded_word(text: str, charset: str, rng: Random) -> str:
    """
    Return a header text, as an encoded word of RFC 2047 where it is not ASCII; long texts become several.

    >>> encoded_word("Re: offer", "utf-8", Random(1))
    'Re: offer'
    >>> encoded_word("询价", "utf-8", Random(2))
    '=?utf-8?B?6K+i5Lu3?='
    """
    if text.isascii():
        return text
    quoted = rng.random() < 0.25
    parts = [text[at : at + 14] for at in range(0, len(text), 14)]
    return "\r\n ".join(_word(part, charset, quoted=quoted) for part in parts)


def _word(text: str, charset: str, *, quoted: bool) -> str:
    raw = text.encode(charset)
    if quoted:
        return (
            f"=?{charset}?Q?"
            + "".join(chr(one) if chr(one).isascii() and chr(one).isalnum() else f"={one:02X}" for one in raw)
            + "?="
        )
    return f"=?{charset}?B?{b64encode(raw).decode()}?="


def _addresses(text: str, charset: str, rng: Random) -> str:
    out = []
    for one in text.split(", "):
        found = ADDRESS.match(one)
        out.append(f"{encoded_word(found[1], charset, rng)} <{found[2]}>" if found else one)
    return ",\r\n ".join(out)


def _safe(mail: Mail) -> str:
    """Return the character set, or UTF-8 where the mail holds a character beyond it."""
    try:
        (mail.subject + mail.body + mail.sender + mail.to + mail.cc).encode(mail.charset)
    except UnicodeEncodeError:
        return "utf-8"
    return mail.charset


def _part(text: str, charset: str, subtype: str, rng: Random) -> str:
    """Return a text part with its headers, in one of four transfer encodings; raw bytes travel as Latin-1 until the end."""
    raw = text.replace("\n", "\r\n").encode(charset)
    head = f"Content-Type: text/{subtype}; charset={charset}\r\n"
    if raw.isascii():
        return f"{head}Content-Transfer-Encoding: 7bit\r\n\r\n{raw.decode()}\r\n"
    chance = rng.random()
    if chance < 0.15:
        return f"{head}Content-Transfer-Encoding: 8bit\r\n\r\n{raw.decode('latin-1')}\r\n"
    if chance < 0.65:
        lines = b64encode(raw).decode()
        body = "\r\n".join(lines[at : at + 76] for at in range(0, len(lines), 76))
        return f"{head}Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n"
    body = encodestring(raw.replace(b"\r\n", b"\n")).decode().replace("\n", "\r\n")
    return f"{head}Content-Transfer-Encoding: quoted-printable\r\n\r\n{body}\r\n"


def _attachment(name: str, charset: str) -> str:
    shown = _word(name, charset, quoted=False) if not name.isascii() else name
    kind = "application/pdf" if name.endswith("pdf") else "application/octet-stream"
    return (
        f'Content-Type: {kind}; name="{shown}"\r\nContent-Disposition: attachment; filename="{shown}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{b64encode(PDF).decode()}\r\n"
    )


def _multi(kind: str, boundary: str, parts: list[str]) -> str:
    inner = "".join(f"--{boundary}\r\n{part}" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n{inner}--{boundary}--\r\n'


def _html(text: str) -> str:
    return "<html><body>" + "".join(f"<p>{line}</p>" for line in text.splitlines()) + "</body></html>"


def _report(mail: Mail, boundary: str) -> str:
    status = (
        f"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.lanchuan.example\r\n\r\n"
        f"Final-Recipient: rfc822; {mail.bounced}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )
    text = f"Content-Type: text/plain; charset=us-ascii\r\n\r\n{mail.body}".replace("\n", "\r\n").replace("\r\r", "\r")
    return _multi('report; report-type="delivery-status"', boundary, [text + "\r\n", status])


def _content(mail: Mail, charset: str, rng: Random) -> str:
    boundary = f"----=_Part_{mail.message_id[1:15]}_{rng.randint(10**6, 10**7)}"
    if mail.bounced:
        return _report(mail, boundary)
    text = _part(mail.body, charset, "plain", rng)
    if mail.html:
        text = _part(_html(mail.body), charset, "html", rng)
    elif rng.random() < 0.3:
        text = _multi("alternative", boundary + "a", [text, _part(_html(mail.body), charset, "html", rng)])
    if mail.attachments:
        return _multi("mixed", boundary, [text, *(_attachment(name, charset) for name in mail.attachments)])
    return text


def mbox_bytes(mail: Mail, rng: Random) -> bytes:
    """Return a mail as an mbox entry: the `From ` line, headers, body, a blank line."""
    charset = _safe(mail)
    days, months = "Mon Tue Wed Thu Fri Sat Sun".split(), "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    day, month = days[mail.at.weekday()], months[mail.at.month - 1]
    head = {
        "Date": f"{day}, {mail.at.day:02d} {month} {mail.at:%Y %H:%M:%S} +0800",
        "From": _addresses(mail.sender, charset, rng),
        "To": _addresses(mail.to, charset, rng),
        "Cc": _addresses(mail.cc, charset, rng) if mail.cc else "",
        "Subject": encoded_word(mail.subject, charset, rng),
        "Message-ID": mail.message_id,
        "In-Reply-To": mail.answers[-1] if mail.answers else "",
        "References": "\r\n ".join(mail.answers),
        **mail.headers,
        "MIME-Version": "1.0",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    whole = (lines + _content(mail, charset, rng)).replace("\r\n", "\n")
    escaped = re.sub(r"^(>*From )", r">\1", whole, flags=re.MULTILINE)
    address = mail.sender.rsplit("<", 1)[-1].rstrip(">")
    return f"From {address} {day} {month} {mail.at.day:2d} {mail.at:%H:%M:%S %Y}\n{escaped}\n".encode("latin-1")
