"""The quick way through a mail gives the same parts as the standard library, whatever the mail."""

import random
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmetl.extract.limits import Limits
from crmetl.extract.mail.mbox import _DAMAGE, messages
from crmetl.extract.mail.tree import _line_end, _part, parsed

Told = list[tuple[object, ...]]

LINES = (
    "Subject: a", "Content-Type: text/plain; charset=gbk", 'Content-Type: multipart/mixed; boundary="b"', " boundary=c",
    "Content-Type: multipart/alternative; boundary=c", "Content-Type: multipart/digest; boundary=b", "Content-Type: message/rfc822",
    "Content-Disposition: attachment; filename=a.pdf", "Content-Transfer-Encoding: base64", "", "", "--b", "--b", "--b--", "--c", "--c--",
    "--b \t", "--b-- ", "--bb", "-- b", "From x Tue", "text", " text", "x--b", ": nothing", "一",
)  # fmt: skip


def told(message: "Message[str, str]") -> Told:
    """Return everything that reading a mail asks of its parts."""
    return [
        (
            list(part.raw_items()),
            part.get_content_type(),
            part.get_content_disposition(),
            part.get_filename(),
            None if part.is_multipart() else part.get_payload(),
            sorted(type(one).__name__ for one in part.defects if isinstance(one, _DAMAGE)),
        )
        for part in message.walk()
    ]


def library(raw: bytes) -> Told:
    return told(BytesParser(policy=compat32).parsebytes(raw))


def mailbox() -> list[bytes]:
    path = next((Path(__file__).parents[2] / "sample_data" / "邮件").glob("*.mbox"))
    return [raw for raw, _ in messages(path, Limits())]


def test_the_mails_of_the_sample_take_the_quick_way() -> None:
    """Most mails are as the standards have it; each has the parts that the library finds."""
    mails = mailbox()

    quick = [raw for raw in mails if _part(raw.decode("ascii", "surrogateescape"), "\n", 0) is not None]

    assert len(quick) > 0.9 * len(mails)
    for raw in mails:
        assert told(parsed(raw)) == library(raw)


@given(st.lists(st.sampled_from(LINES), max_size=30), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_lines_in_any_order_give_the_same_parts(lines: list[str], end: str, ended: bool) -> None:  # noqa: FBT001 drawn
    """Boundaries unclosed, nested, doubled or mistaken for text, headers without a body: never another mail than the library's."""
    raw = (end.join(lines) + end * ended).encode()

    assert told(parsed(raw)) == library(raw)


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_mail_gives_the_same_parts(seed: int) -> None:
    """Flipped bytes and lost lines."""
    dice = random.Random(seed)
    for raw in mailbox()[seed::40]:
        broken = bytearray(raw)
        for _ in range(dice.choice((1, 5))):
            broken[dice.randrange(len(broken))] = dice.choice(b"\n\r:-bA= \xe4")
        lines = bytes(broken).splitlines(keepends=True)
        del lines[dice.randrange(len(lines))]

        assert told(parsed(b"".join(lines))) == library(b"".join(lines))


def test_line_ends_of_several_kinds_are_left_to_the_library() -> None:
    """Where lines end in two ways nothing is guessed."""
    assert [_line_end(one) for one in ("a\nb", "a\r\nb", "a\r\nb\n", "a\rb")] == ["\n", "\r\n", None, None]
