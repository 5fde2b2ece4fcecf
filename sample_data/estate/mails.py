"""The sales mailbox: conversations, and everything else that a mailbox holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sample_data.estate import mail_texts as texts
from sample_data.estate.companies import Company
from sample_data.estate.hours import at_work
from sample_data.estate.mime import Mail, mbox_bytes
from sample_data.estate.orders import GOODS, Order
from sample_data.estate.people import USERS, Person, User
from sample_data.estate.world import World

FILE = "邮件/sales.mbox"
OWN = "lanchuan.example"
START = datetime(2024, 1, 8, 9, 12, 40)  # noqa: DTZ001 the zone is written into each mail
HALF_YEAR = 170 * 86_400
EPISODES = (
    ("conversation", 40), ("forward", 8), ("auto_reply", 6), ("newsletter", 10), ("bounce", 4), ("spam", 4), ("internal", 6), ("colleague", 5),
)  # fmt: skip
OPENING = (
    "conversation", "newsletter", "conversation", "auto_reply", "forward", "bounce", "conversation", "internal", "spam", "stranger", "colleague",
    "newsletter", "forward", "auto_reply", "conversation", "bounce", "newsletter", "internal", "spam", "auto_reply", "forward", "bounce",
)  # fmt: skip
"""How the mailbox begins, so that the smallest one holds every kind."""


@dataclass(frozen=True, slots=True)
class Written:
    """The truth of a mail: what it is, whether it belongs to a customer, and to whom."""

    message_id: str
    kind: str
    account: str
    contact: str
    attachments: int

    def relevant(self) -> bool:
        """Say whether a customer's history misses something without it."""
        return self.kind in ("inquiry", "reply", "forward")


class Mailbox:
    """Writes one mail after the other, each a little later than the one before."""

    def __init__(self, world: World, orders: list[Order], rng: Random, pause: int) -> None:
        self._rng = rng
        self._pause = pause
        self._world = world
        self._known = [one for one in world.companies.values() if not one.prospect]
        self._orders = {one.customer: one.number for one in orders}
        self._clock = START
        self._number = 0
        self.mails: list[tuple[Mail, Written]] = []

    def _send(self, kind: str, sender: str, to: str, subject: str, body: str, **more: object) -> Mail:
        """Put a mail into the box; `account`, `contact` are its truth, the rest are fields of `Mail`."""
        self._number += 1
        account, contact = str(more.pop("account", "")), str(more.pop("contact", ""))
        house = sender.rsplit("@", 1)[-1].rstrip(">")
        self._clock = at_work(self._clock + timedelta(seconds=self._rng.randint(100, self._pause)))
        mail = Mail(
            message_id=f"<{self._clock:%Y%m%d%H%M%S}.{self._number:05d}@{house}>",
            at=self._clock,
            sender=sender,
            to=to,
            subject=subject,
            body=body,
            **more,  # type: ignore[arg-type]
        )
        self.mails.append((mail, Written(mail.message_id, kind, account, contact, len(mail.attachments))))
        return mail

    def _someone(self) -> tuple[Company, Person]:
        company = self._rng.choice(self._known)
        return company, self._rng.choice(self._world.people[company.id])

    def _seller(self, company: Company) -> User:
        return next((one for one in USERS if one.name == company.owner), USERS[0])

    def _letter(self, company: Company, person: Person) -> tuple[texts.Topic, dict[str, str]]:
        rng = self._rng
        product, model, _ = rng.choice(GOODS)
        call = (
            person.name
            if company.country != "CN"
            else person.family + ("总" if "总" in person.title else "经理" if "经理" in person.title else "工")
        )
        facts = {
            "product": product,
            "model": model,
            "many": str(rng.choice((2, 5, 10, 20, 60))),
            "call": call,
            "order": self._orders.get(company.id, ""),
        }
        topics = texts.ENGLISH if company.country != "CN" else texts.CHINESE
        topic = rng.choice([one for one in topics if facts["order"] or "{order}" not in one.subject])
        return topic, facts

    def _signature(self, company: Company, person: Person) -> str:
        if self._rng.random() < 0.3:
            return f"\n\n{person.name}"
        if company.country != "CN":
            return f"\n\nBest regards,\n{person.name}\n{person.title}\n{company.name()}\nPhone: {company.landline}"
        return f"\n\n{person.name} {person.title}\n{company.name()}\n电话：{company.landline}\n手机：{person.mobile}\n地址：{company.address()}"

    def _quote(self, mail: Mail, text: str) -> str:
        """Return a reply with the mail it answers below it, as one of three programs does."""
        day, style = mail.at, 2 if mail.body.isascii() else self._rng.randrange(3)
        if style == 0:
            head = f"在 {day:%Y-%m-%d %H:%M:%S}，{mail.sender} 写道："
            return f"{text}\n\n{head}\n" + "\n".join("> " + line for line in mail.body.splitlines())
        if style == 1:
            rule = "-" * 18
            heads = (
                f"{rule} 原始邮件 {rule}",
                f"发件人: {mail.sender}",
                f"发送时间: {day.year}年{day.month}月{day.day}日 {day:%H:%M}",
                f"收件人: {mail.to}",
                f"主题: {mail.subject}",
            )
            return "\n".join((text, "", *heads, "", mail.body))
        head = f"On {day:%a, %b} {day.day}, {day.year} at {day:%H:%M}, {mail.sender} wrote:"
        return f"{text}\n\n{head}\n" + "\n".join("> " + line for line in mail.body.splitlines())

    def conversation(self) -> None:
        """A customer asks, we answer, and half of them write again; offers and statements are attached."""
        rng = self._rng
        company, person = self._someone()
        seller = self._seller(company)
        topic, facts = self._letter(company, person)
        truth = {"account": company.id, "contact": person.id}
        theirs, ours = f"{person.name} <{person.email}>", f"{seller.name} <{seller.email()}>"
        attached = ("报价单.pdf",) if company.country == "CN" else ("quotation.pdf",)
        asked = self._send(
            "inquiry",
            theirs,
            ours,
            topic.subject.format(**facts),
            topic.ask.format(**facts) + self._signature(company, person),
            charset=self._charset(company),
            attachments=("应付明细.xlsx",) if "附件" in topic.ask else (),
            **truth,
        )
        house = "澜川自动化设备有限公司" if company.country == "CN" else "Lanchuan Automation Equipment Co., Ltd."
        answer = topic.answer.format(**facts) + f"\n\n{seller.name}\n{house}\nhttps://www.{OWN}"
        answered = self._send(
            "reply",
            ours,
            theirs,
            ("Re: " if company.country != "CN" else rng.choice(("回复：", "Re: ", "答复: "))) + asked.subject,
            self._quote(asked, answer),
            charset=self._charset(company),
            answers=(asked.message_id,),
            attachments=attached if "附件" in topic.answer or "attached" in topic.answer else (),
            cc=f"何婷 <heting@{OWN}>" if rng.random() < 0.2 else "",
            **truth,
        )
        if rng.random() < 0.5:
            self._send(
                "reply",
                theirs,
                ours,
                "Re: " + asked.subject,
                self._quote(answered, topic.thanks.format(**facts) + self._signature(company, person)),
                charset=self._charset(company),
                answers=(asked.message_id, answered.message_id),
                **truth,
            )

    def forward(self) -> None:
        """A colleague passes a customer's mail on inside our house; it is the customer's all the same."""
        company, person = self._someone()
        topic, facts = self._letter(company, person)
        seller = self._seller(company)
        asked = topic.ask.format(**facts) + self._signature(company, person)
        when = self._clock - timedelta(hours=5)
        body = (
            f"何婷，这个客户的问题请帮忙跟进一下，急。\n\n---------- 转发的邮件 ----------\n发件人: {person.name} <{person.email}>\n"
            f"日期: {when:%Y-%m-%d %H:%M}\n收件人: {seller.name} <{seller.email()}>\n主题: {topic.subject.format(**facts)}\n\n{asked}"
        )
        self._send(
            "forward",
            f"{seller.name} <{seller.email()}>",
            f"何婷 <heting@{OWN}>",
            self._rng.choice(("转发：", "Fw: ", "Fwd: ")) + topic.subject.format(**facts),
            body,
            charset=self._charset(company),
            account=company.id,
            contact=person.id,
        )

    def colleague(self) -> None:
        """Somebody of a customer writes whom no list knows; the mail domain tells the company."""
        company, person = self._someone()
        topic, facts = self._letter(company, person)
        sender = f"{'Sales Office' if company.country != 'CN' else '采购部'} <purchase@{company.domain}>"
        seller = self._seller(company)
        self._send(
            "inquiry",
            sender,
            f"{seller.name} <{seller.email()}>",
            topic.subject.format(**facts),
            topic.ask.format(**facts) + f"\n\n{company.name()}",
            charset=self._charset(company),
            account=company.id,
        )

    def stranger(self) -> None:
        """Somebody asks whom we do not know at all: worth reading, but nobody's history."""
        subject, body = texts.STRANGER_ASKS
        product = self._rng.choice(GOODS)[0]
        self._send(
            "inquiry",
            f"老白 <baige{self._rng.randint(100, 999)}@qqyou.example>",
            f"info@{OWN}",
            subject.format(product=product),
            body.format(product=product),
            charset="gb18030",
        )

    def auto_reply(self) -> None:
        """A machine answers for a customer on a journey; one in three does not say so in its headers."""
        company, person = self._someone()
        topic, facts = self._letter(company, person)
        subject, body = texts.AWAY[2] if company.country != "CN" else self._rng.choice(texts.AWAY[:2])
        headers = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"} if self._rng.random() < 0.67 else {}
        seller = self._seller(company)
        self._send(
            "auto_reply",
            f"{person.name} <{person.email}>",
            f"{seller.name} <{seller.email()}>",
            subject.format(subject="Re: " + topic.subject.format(**facts)),
            body,
            charset=self._charset(company),
            headers=headers,
            account=company.id,
            contact=person.id,
        )

    def newsletter(self) -> None:
        """A mailing list; some carry the headers that lists should carry, some only a line at the foot."""
        subject, body = self._rng.choice(texts.NEWSLETTERS)
        house = self._rng.choice(("news.gongkong-weekly.example", "edm.office-mart.example", "news.sensors-monthly.example"))
        headers = (
            {"List-Unsubscribe": f"<https://{house}/unsubscribe?u=2218>", "List-Id": f"<weekly.{house}>", "Precedence": "bulk"}
            if self._rng.random() < 0.75
            else {}
        )
        self._send("newsletter", f"资讯中心 <noreply@{house}>", f"info@{OWN}", subject, body, headers=headers, html=True)

    def bounce(self) -> None:
        """Our mail came back: the address is dead."""
        company, person = self._someone()
        seller = self._seller(company)
        address = person.email.replace("@", f"{self._rng.randint(1, 9)}@")
        body = (
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered "
            f"to one or more of its recipients.\n\n  {address}\n    550 5.1.1 user unknown\n"
        )
        self._send(
            "bounce",
            f"Mail Delivery System <MAILER-DAEMON@mx.{OWN}>",
            seller.email(),
            self._rng.choice(("Undelivered Mail Returned to Sender", "系统退信/Systems bounce")),
            body,
            headers={"Auto-Submitted": "auto-replied"},
            bounced=address,
        )

    def spam(self) -> None:
        """Nobody wants it."""
        subject, body = self._rng.choice(texts.SPAM)
        headers = {"X-Spam-Flag": "YES", "X-Spam-Status": "Yes, score=9.1"} if self._rng.random() < 0.7 else {}
        self._send(
            "spam",
            f"{self._rng.choice(('财税小王', '海关通知', 'SEO Team'))} <{self._rng.randint(10_000, 99_999)}@cheap-{self._rng.randint(1, 9)}.example>",
            f"info@{OWN}",
            subject,
            body,
            headers=headers,
        )

    def internal(self) -> None:
        """Among ourselves."""
        subject, body = self._rng.choice(texts.INTERNAL)
        sender, first, second = self._rng.sample(USERS, 3)
        self._send(
            "internal",
            f"{sender.name} <{sender.email()}>",
            f"{first.name} <{first.email()}>, {second.name} <{second.email()}>",
            subject,
            body,
            charset=self._rng.choice(("utf-8", "gbk")),
        )

    def _charset(self, company: Company) -> str:
        return "utf-8" if company.country != "CN" else self._rng.choice(("utf-8", "utf-8", "gb2312", "gbk", "gb18030"))


def write_mails(out: Path, world: World, orders: list[Order], rng: Random) -> list[Written]:
    """Write the mailbox, four mails for every ten customers, and return the truth."""
    wanted = max(40, round(len(world.companies) * 0.4))
    box = Mailbox(world, orders, rng, pause=max(400, 2 * HALF_YEAR // wanted))
    kinds, weights = [kind for kind, _ in EPISODES], [weight for _, weight in EPISODES]
    at = 0
    while len(box.mails) < wanted:
        episode = OPENING[at] if at < len(OPENING) else rng.choices(kinds, weights)[0]
        getattr(box, episode)()
        at += 1
    path = out / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        for mail, _ in box.mails:
            target.write(mbox_bytes(mail, rng))
    return [written for _, written in box.mails]
