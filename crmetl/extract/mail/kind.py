"""What kind of mail it is, by named rules on its headers."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from crmetl.extract.mail.decode import Party

MailKind = Literal["personal", "newsletter", "auto_reply", "bounce", "spam", "internal"]
Direction = Literal["in", "out", "internal"]

_AUTOMATIC = re.compile(
    r"^\s*(?:re\s*[:：]\s*)?(?:\[?自动(?:回复|答复|应答)|automatic\s+reply|auto[\s-]?reply|autoreply|out\s+of\s+(?:the\s+)?office|外出自动)",
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"^\s*(?:undeliver|delivery\s+status|mail\s+delivery\s+failed|failure\s+notice|returned\s+mail|系统退信|退信)", re.IGNORECASE
)
_FLAGGED = re.compile(r"^\s*(?:\*+\s*spam\s*\*+|\[spam\]|【垃圾邮件】|\[垃圾邮件\])", re.IGNORECASE)
_BULK_SENDER = re.compile(r"^(?:newsletter|news|edm|marketing|no-?reply-news)\b", re.IGNORECASE)
_NO_REPLY = re.compile(
    r"^(?:no-?_?reply|do-?_?not-?_?reply|edm|info-?noreply)\b|@(?:edm|news|newsletter|mailing|promo)\.", re.IGNORECASE
)
_UNSUBSCRIBE = re.compile(r"退订|取消订阅|unsubscribe|opt[\s-]out", re.IGNORECASE)
_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster)$", re.IGNORECASE)


class Heads(NamedTuple):
    """
    What the rules look at.

    Attributes:
        headers: Name in lower case -> decoded text, of the first one.
        content_type: As `type/subtype; parameters`, in lower case.
        parties: Of From, To and Cc.
        author: Address of who wrote the mail that this one passes on.
        text: Its own text.
    """

    headers: Mapping[str, str]
    content_type: str
    sender: Party | None
    parties: Sequence[Party]
    subject: str
    internal_domains: Sequence[str] = ()
    author: str | None = None
    text: str = ""

    def says(self, header: str, *texts: str) -> bool:
        """Say whether a header begins with one of the texts; without texts, whether it is there."""
        value = self.headers.get(header, "").strip().lower()
        return value.startswith(texts) if texts else bool(value)


ASKED = (
    "auto-submitted", "x-autoreply", "x-autorespond", "x-autoreply-from", "precedence", "x-failed-recipients", "x-spam-flag",
    "x-spam-status", "list-id", "list-unsubscribe",
)  # fmt: skip
"""Headers that the rules ask for."""


def is_internal(address: str, domains: Sequence[str]) -> bool:
    """
    Say whether an address is one of the company's own.

    >>> is_internal("li@mail.a.cn", ["a.cn"]), is_internal("li@aa.cn", ["a.cn"])
    (True, False)
    """
    domain = address.rpartition("@")[2].lower()
    return any(domain == one.lower() or domain.endswith(f".{one.lower()}") for one in domains)


def _among_colleagues(heads: Heads) -> bool:
    """Say whether nobody from outside has part in it; a customer's mail that a colleague passes on is the customer's."""
    addresses = [*(one.address for one in heads.parties), *([heads.author] if heads.author else [])]
    return bool(heads.internal_domains and addresses) and all(is_internal(one, heads.internal_domains) for one in addresses)


def _nobody_reads(sender: Party | None) -> bool:
    return bool(sender and _NO_REPLY.search(sender.address))


RULES: tuple[tuple[MailKind, str, Callable[[Heads], bool]], ...] = (
    ("auto_reply", "read_receipt", lambda m: "disposition-notification" in m.content_type),
    ("bounce", "delivery_report", lambda m: m.content_type.startswith("multipart/report")),
    ("bounce", "mail_system", lambda m: bool(m.sender and _DAEMON.match(m.sender.address.partition("@")[0]))),
    ("bounce", "failed_recipients", lambda m: m.says("x-failed-recipients") or bool(_RETURNED.match(m.subject))),
    ("auto_reply", "auto_submitted", lambda m: m.says("auto-submitted", "auto-")),
    ("auto_reply", "auto_reply_header", lambda m: any(map(m.says, ("x-autoreply", "x-autorespond", "x-autoreply-from")))),
    ("auto_reply", "auto_reply_precedence", lambda m: m.says("precedence", "auto_reply")),
    ("auto_reply", "auto_reply_subject", lambda m: bool(_AUTOMATIC.match(m.subject))),
    ("spam", "spam_header", lambda m: m.says("x-spam-flag", "yes") or m.says("x-spam-status", "yes")),
    ("spam", "spam_subject", lambda m: bool(_FLAGGED.match(m.subject))),
    ("newsletter", "list_header", lambda m: m.says("list-id") or m.says("list-unsubscribe")),
    ("newsletter", "bulk_precedence", lambda m: m.says("precedence", "bulk", "list", "junk")),
    ("newsletter", "bulk_sender", lambda m: bool(m.sender and _BULK_SENDER.match(m.sender.address))),
    ("newsletter", "unsubscribe_text", lambda m: _nobody_reads(m.sender) and bool(_UNSUBSCRIBE.search(m.text))),
    ("internal", "no_outside_party", _among_colleagues),
)  # fmt: skip
"""(kind, name of the rule, test); the first that holds decides. RFC 3834 auto-submitted, RFC 3462 reports, RFC 2919 lists."""


def kind_of_mail(heads: Heads) -> MailKind:
    """
    Return the kind of a mail; `personal` where no rule holds.

    >>> kind_of_mail(Heads({"list-id": "<n.example>"}, "text/plain", None, (), "三月新品"))
    'newsletter'
    """
    return next((kind for kind, _, holds in RULES if holds(heads)), "personal")


def direction(sender: Party | None, outside: Sequence[str], domains: Sequence[str]) -> Direction:
    """
    Say which way a mail went.

    >>> direction(Party("", "li@a.cn"), ["w@b.cn"], ["a.cn"])
    'out'
    """
    if sender and is_internal(sender.address, domains):
        return "out" if outside else "internal"
    return "in"
