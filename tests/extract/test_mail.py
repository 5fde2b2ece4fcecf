"""Mailboxes: headers, bodies, kinds, damage."""

from pathlib import Path

import pytest

from crmetl.errors import SourceError
from crmetl.extract import Limits, extract
from crmetl.extract.mail.body import html_text, parted
from crmetl.extract.mail.decode import header_text, parties
from crmetl.extract.mail.mbox import COLUMNS, mail_row
from tests.extract.conftest import Reading, source

OURS = ("lan.example",)


def row(*lines: str, body: str = "您好\n", charset: str = "utf-8") -> dict[str, str | None]:
    """Read one mail of header lines and a body."""
    head = "\n".join(("From: w@out.example", "To: l@lan.example", *lines, f"Content-Type: text/plain; charset={charset}"))
    return mail_row(head.encode() + b"\n\n" + body.encode(charset), OURS)[0]


def test_mailbox_becomes_rows(tmp_path: Path, read: Reading) -> None:
    """Each mail of a mailbox is a row with its number; `From ` in a body does not cut it, and its escape is taken off."""
    (tmp_path / "a.mbox").write_text(
        "From w@out.example Tue Mar  5 14:22:10 2024\nFrom: w@out.example\nTo: l@lan.example\nSubject: A\n"
        "Date: Tue, 05 Mar 2024 14:22:10 +0800\n\n>From here on\nFrom now on it is better.\n\nFrom time to time\n\n"
        "From l@lan.example Tue Mar  5 15:00:00 2024\nFrom: l@lan.example\nTo: w@out.example\nSubject: B\n"
        "Date: Tue, 05 Mar 2024 15:00:00 +0800\n\nok\n"
    )

    got = read("a.mbox", format="mbox", internal_domains=OURS)

    assert got.places() == ["a.mbox!#1", "a.mbox!#2"]
    assert got.rows["body"].tolist() == ["From here on\nFrom now on it is better.\n\nFrom time to time", "ok"]
    assert got.rows["direction"].tolist() == ["in", "out"]
    assert got.extraction.columns == COLUMNS


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("=?gb2312?B?0a8=?=\n =?gb2312?B?vNs=?=", "询价"),
        ("=?GBK?Q?=D1=AF=BC=DB?= 2024", "询价 2024"),
        ("=?utf-8?Q?a_b?= =?utf-8?Q?c?=", "a bc"),
        ("=?x-unknown?B?6K+i5Lu3?=", "询价"),
        ("Re: offer", "Re: offer"),
        ("询价".encode().decode("ascii", "surrogateescape"), "询价"),
        ("询价".encode("gbk").decode("ascii", "surrogateescape"), "询价"),
        ("=?utf-8?B?6K+i5Lu3", "=?utf-8?B?6K+i5Lu3"),
    ],
)
def test_headers_are_decoded(raw: str, read: str) -> None:
    """Encoded words, cut inside a character, of an alias or an unknown charset, or bytes of none, read as they were meant."""
    assert header_text(raw) == read


def test_parties_of_all_shapes() -> None:
    """Names with commas, comments, brackets inside an encoded word and empty groups are understood."""
    raw = [
        '"Wang, Fang" <W@Out.example>, x@y.example (Li)',
        "undisclosed-recipients:;",
        "=?utf-8?B?546L6IqzIDx3QG91dC5leGFtcGxlPg==?=",
    ]

    assert [str(one) for one in parties(raw)] == ["Wang, Fang <w@out.example>", "Li <x@y.example>", "王芳 <w@out.example>"]


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ((), "personal"),
        (("Auto-Submitted: auto-replied",), "auto_reply"),
        (("Auto-Submitted: no",), "personal"),
        (("X-Autoreply: yes",), "auto_reply"),
        (("Precedence: auto_reply",), "auto_reply"),
        (("Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSNOiDlh7rlt64=?=",), "auto_reply"),
        (("Subject: Out of office: trip",), "auto_reply"),
        (("List-Id: <a.example>",), "newsletter"),
        (("List-Unsubscribe: <mailto:x@a.example>",), "newsletter"),
        (("Precedence: bulk",), "newsletter"),
        (("X-Failed-Recipients: a@b.example",), "bounce"),
        (("Subject: Undelivered Mail Returned to Sender",), "bounce"),
        (("X-Spam-Flag: YES", "List-Id: <a.example>"), "spam"),
        (("Subject: [SPAM] win",), "spam"),
    ],
)
def test_kind_by_named_rules(lines: tuple[str, ...], kind: str) -> None:
    """The kind of a mail follows from its headers."""
    assert row(*lines)["mail_kind"] == kind


def test_system_mail_and_reports_are_bounces() -> None:
    """A delivery report and a mail of the mail system are bounces; a read receipt is an automatic reply."""
    report = (
        b'From: w@out.example\nContent-Type: multipart/report; report-type="delivery-status"; boundary=b\n\n--b\n\nx\n--b--\n'
    )
    daemon = b"From: MAILER-DAEMON@mx.lan.example\nTo: l@lan.example\n\nx\n"
    receipt = b"From: w@out.example\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nx\n--b--\n"

    assert [mail_row(one, OURS)[0]["mail_kind"] for one in (report, daemon, receipt)] == ["bounce", "bounce", "auto_reply"]


def test_newsletter_without_list_headers() -> None:
    """A mail from an address that nobody reads, with an unsubscribe line, is a newsletter."""
    raw = "From: noreply@shop.example\nTo: l@lan.example\nContent-Type: text/plain; charset=utf-8\n\n新品上架。退订请点击这里。\n".encode()

    assert mail_row(raw, OURS)[0]["mail_kind"] == "newsletter"


def test_mail_among_colleagues_is_internal() -> None:
    """A mail without an outside party is internal, but for a customer's mail that a colleague passes on."""
    plain = b"From: a@lan.example\nTo: b@hq.lan.example\nSubject: lunch\n\nnow?\n"
    passed = (
        "From: a@lan.example\nTo: b@lan.example\nSubject: Fw: offer\nContent-Type: text/plain; charset=utf-8\n\n请跟进\n\n"
        "---------- Forwarded message ---------\nFrom: Wang <w@out.example>\nDate: 2024-03-05\nSubject: offer\n\n请报价\n"
    ).encode()

    inside, outside = (mail_row(one, OURS)[0] for one in (plain, passed))

    assert (inside["mail_kind"], inside["direction"], inside["outside"]) == ("internal", "internal", "")
    assert (outside["mail_kind"], outside["forwarded_from"]) == ("personal", "w@out.example")
    assert "请报价" in (outside["body"] or "")


def test_attached_mail_is_a_forward() -> None:
    """A mail attached whole tells its author, and its text stands in the body."""
    raw = (
        b"From: a@lan.example\nTo: b@lan.example\nSubject: see\nContent-Type: multipart/mixed; boundary=b\n\n"
        b"--b\nContent-Type: text/plain\n\nplease\n--b\nContent-Type: message/rfc822\n\nFrom: W <w@out.example>\nSubject: offer\n\nquote me\n--b--\n"
    )

    got, _ = mail_row(raw, OURS)

    assert (got["forwarded_from"], got["body"]) == ("w@out.example", "please\n\nquote me")


def test_thread_is_the_first_reference() -> None:
    """A thread is called by its first mail where that is told, else by the mail answered, else by itself."""
    assert row("Message-ID: <c@x>", "In-Reply-To: <b@x>", "References: <a@x>\n <b@x>")["thread"] == "<a@x>"
    assert row("Message-ID: <c@x>", "In-Reply-To: <b@x>")["thread"] == "<b@x>"
    assert row("Message-ID: <c@x>")["thread"] == "<c@x>"


def test_dates_keep_their_zone() -> None:
    """A date is ISO with its zone; one that cannot be read leaves its text and a finding."""
    assert row("Date: Tue, 05 Mar 2024 14:22:10 +0800")["date"] == "2024-03-05T14:22:10+08:00"
    broken, faults = mail_row(b"From: w@out.example\nDate: last Tuesday\n\nx\n", OURS)
    assert (broken["date"], broken["date_raw"], [one.code for one in faults]) == (None, "last Tuesday", ["MAIL_DATE"])


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "big5", "utf-8", "iso-2022-jp"])
def test_bodies_of_all_charsets(charset: str) -> None:
    """A body is decoded by its charset, read as the widest of its family."""
    text = {"big5": "報價單", "iso-2022-jp": "見積書"}.get(charset, "报价单")

    assert row(charset=charset, body=text)["body"] == text


def test_html_is_read_as_text_and_plain_is_preferred() -> None:
    """HTML becomes lines of text without style and script; beside a plain part it is not read."""
    alternative = (
        b"From: w@out.example\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>b</p>\n"
        b"--b\nContent-Type: text/plain; charset=utf-8\n\na\n--b--\n"
    )

    assert (
        html_text("<head><style>x{}</style></head><div>您好</div><blockquote>原文</blockquote><script>y</script>")
        == "您好\n> 原文"
    )
    assert mail_row(alternative, OURS)[0]["body"] == "a"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("可以。\n\n-----原始邮件-----\n发件人: 王\n内容", "可以。"),
        ("可以。\n\n发件人：王 <w@x.example>\n发送时间：2024年3月5日\n收件人：李\n主题：询价\n\n内容", "可以。"),
        ("ok\n\nOn Tue, Mar 5, 2024 at 14:22, W <w@x.example> wrote:\n> price?\n> W", "ok"),
        ("> price?\n12\n> delivery?\n3 weeks", "12\n3 weeks"),
        ("ok\n-- \nWang\n139", "ok"),
        ("好的\n发自我的iPhone", "好的"),
        ("发件人请注意：改期", "发件人请注意：改期"),
        ("From: here to there", "From: here to there"),
    ],
)
def test_own_text_is_parted_from_quoted(text: str, own: str) -> None:
    """What the author wrote is parted from replies, forwards and signatures, and nothing is lost."""
    body = parted(text)

    assert body.own == own
    assert sorted("\n".join(body).split()) == sorted(text.split())


def test_attachments_by_name_and_size() -> None:
    """Attachments are named, also in RFC 2231 and encoded words, with their size."""
    raw = (
        b"From: w@out.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nx\n"
        b"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''%E6%8A%A5%E4%BB%B7.pdf\n"
        b"Content-Transfer-Encoding: base64\n\nYWJjZA==\n"
        b'--b\nContent-Type: text/plain; name="=?utf-8?B?5aSH5rOo?=.txt"\nContent-Disposition: attachment\n\nabc\n--b--\n'
    )

    assert mail_row(raw, OURS)[0]["attachments"] == "报价.pdf (4); 备注.txt (3)"


def test_broken_mail_is_a_finding_and_the_rest_goes_on(tmp_path: Path, read: Reading) -> None:
    """A mail without head, and one whose parts are not closed, do not end the mailbox; the damaged one waits."""
    (tmp_path / "a.mbox").write_bytes(
        b"From x Tue Mar  5 14:22:10 2024\nno header at all\n\nFrom x Tue Mar  5 14:22:10 2024\nFrom: w@out.example\n"
        b"Date: Tue, 05 Mar 2024 14:22:10 +0800\nContent-Type: multipart/mixed\n\nx\n\nFrom x Tue Mar  5 14:22:10 2024\n"
        b"From: w@out.example\nDate: Tue, 05 Mar 2024 14:22:10 +0800\n\nfine\n"
    )

    got = read("a.mbox", format="mbox")

    assert len(got.rows) == 3
    assert got.extraction.held() == set(got.rows.index[:2])


def test_damaged_first_line_costs_one_mail(tmp_path: Path, read: Reading) -> None:
    """A mailbox whose first `From ` line is damaged loses nothing but that mail's order, and says so."""
    (tmp_path / "a.mbox").write_text(
        "Frxm x\nFrom: w@out.example\n\nx\n\nFrom x Tue Mar  5 14:22:10 2024\nFrom: w@out.example\n\nfine\n"
    )

    got = read("a.mbox", format="mbox")

    assert (len(got.rows), got.rows["body"].tolist()[1]) == (2, "fine")
    assert "MAIL_BROKEN" in got.codes()


def test_long_mail_is_cut_and_told(tmp_path: Path) -> None:
    """A mail above the limit is read up to it, with a finding; the next one is read whole."""
    big = "x" * 79 + "\n"
    (tmp_path / "a.mbox").write_text(
        "From x Tue Mar  5 14:22:10 2024\nFrom: w@out.example\nDate: Tue, 05 Mar 2024 14:22:10 +0800\n\n" + big * 15_000
        + "\nFrom x Tue Mar  5 14:22:10 2024\nFrom: v@out.example\nDate: Tue, 05 Mar 2024 14:22:10 +0800\n\nfine\n"
    )  # fmt: skip
    extraction = extract(source("a.mbox", format="mbox"), root=tmp_path, limits=Limits(message_mb=1))

    rows = [len(one) for one in extraction.chunks()]

    assert (rows, extraction.findings["code"].tolist()) == ([2], ["MAIL_CUT"])


def test_single_mail_and_no_mail(tmp_path: Path, read: Reading) -> None:
    """A single .eml is a mailbox of one; an empty file has none; what is no mail is refused."""
    (tmp_path / "a.eml").write_text("From: w@out.example\nSubject: A\n\nx\n")
    (tmp_path / "b.mbox").write_text("")
    (tmp_path / "c.mbox").write_text("客户,电话\n")

    assert len(read("a.eml", format="mbox").rows) == 1
    assert read("b.mbox", format="mbox").codes() == ["FILE_EMPTY"]
    with pytest.raises(SourceError, match="mbox"):
        read("c.mbox", format="mbox")
