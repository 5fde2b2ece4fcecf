"""Chat exports: a line with time and sender, then the message until the next such line."""

import csv
import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from crmetl.errors import SourceError
from crmetl.extract.cells import texts
from crmetl.extract.container import kind_of
from crmetl.extract.encoding import Encoding, detect
from crmetl.extract.events import Aside, Event, FileFault, Hint, Opened, RowFault, Rows
from crmetl.extract.limits import Limits
from crmetl.extract.manifest import TableEntry
from crmetl.faults import extract as faults
from crmetl.text import Text

COLUMNS = ("room", "time", "sender", "text", "sender_phone", "system")
_STAMP = re.compile(
    r"^\ufeff?[\[【(（]?(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?[\]】)）]?[ \t]*(.*)$"
)
_BEFORE = re.compile(r"^(.{1,60}?)[ \t]+(?=\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]+\d{1,2}:\d{2})")
"""Some exporters write the sender before the time."""
_ROOM = re.compile(
    r"^\ufeff?\s*(?:群聊|群名称?|聊天室|聊天对象|会话|聊天记录|消息分组|消息对象|Chat|Room|Group)\s*[:：]\s*(.+?)\s*$",
    re.IGNORECASE,
)
_PHONE = re.compile(r"[\s(（<《]*((?:\+?86[\s-]?)?1[3-9]\d{9})[)）>》\s]*$")
_SYSTEM = re.compile(r"^(?:系统(?:消息|提示|通知)?|system(?: message)?|微信团队)$", re.IGNORECASE)
_EVENT = re.compile(r"(?:加入了?群聊|撤回了一条消息|修改群名为|移出了?群聊|开启了朋友验证|你已添加了|拍了拍|以上是打招呼的内容)")


class Message(NamedTuple):
    """A message and the line it began on, from 1."""

    line: int
    time: str
    sender: str
    text: str


def _time(parts: tuple[str, ...]) -> str:
    year, month, day, hour, minute, second = parts
    return f"{year}-{int(month):02d}-{int(day):02d}T{int(hour):02d}:{minute}:{second or '00'}"


def stamped(line: str) -> tuple[str, str] | None:
    """
    Return time and sender of a line that begins a message.

    >>> stamped("2024-03-05 14:22:10 张三")
    ('2024-03-05T14:22:10', '张三')
    >>> stamped("李四 2024/3/5 9:05:00"), stamped("明天 9:05 见")
    (('2024-03-05T09:05:00', '李四'), None)
    """
    before = _BEFORE.match(line)
    found = _STAMP.match(line[before.end() :] if before else line)
    if not found or (before and found[7].strip()):
        return None
    return _time(found.groups()[:6]), (before[1] if before else found[7]).strip()


def phone_of(sender: str) -> tuple[str, str | None]:
    """
    Return the sender without, and the mobile number that the export put behind the name.

    >>> phone_of("张三(13912345678)"), phone_of("李四")
    (('张三', '13912345678'), ('李四', None))
    """
    found = _PHONE.search(sender)
    return (sender[: found.start()].strip() or sender, found[1]) if found else (sender, None)


def _row(room: str, message: Message) -> dict[str, str | None]:
    sender, phone = phone_of(message.sender.rstrip(":："))
    system = not sender or bool(_SYSTEM.match(sender)) or (len(message.text) < 60 and bool(_EVENT.search(message.text)))
    return {
        "room": room, "time": message.time, "sender": sender, "text": message.text, "sender_phone": phone,
        "system": "yes" if system else "no",
    }  # fmt: skip


class _Reading:
    """What is known while the lines go by: the room, the lines before the first message, the open message."""

    def __init__(self, room: str) -> None:
        self.room = room
        self.borrowed: tuple[str, ...] = ("room",)
        self.above: list[int] = []
        self._open: Message | None = None
        self._text: list[str] = []

    def take(self, number: int, line: str) -> Iterator[Message]:
        """Take a line; yield the message that it ends."""
        found = stamped(line)
        if found:
            yield from self.rest()
            self._open, self._text = Message(number, *found, ""), []
        elif self._open:
            self._text.append(line)
        elif line.strip():
            named = _ROOM.match(line)
            self.room, self.borrowed = (named[1], ()) if named else (self.room, self.borrowed)
            self.above.append(number)

    def rest(self) -> Iterator[Message]:
        """Yield the message that is open."""
        if self._open:
            yield self._open._replace(text="\n".join(self._text).strip())
        self._open = None


def _lines(path: Path, encoding: Encoding) -> Iterator[str]:
    with path.open(encoding=encoding.name, errors="replace") as file:
        yield from (line.rstrip("\n").replace("\0", "") for line in file)


def _batch(messages: list[Message], reading: _Reading) -> Rows:
    rows = [_row(reading.room, one) for one in messages]
    table = pa.table({name: texts([row[name] for row in rows]) for name in COLUMNS})
    broken = tuple(RowFault(at, faults.CELL_UNDECODABLE, "text") for at, one in enumerate(messages) if "\ufffd" in one.text)
    return Rows(table, tuple(f"R{one.line}" for one in messages), broken, reading.borrowed)


def _of_text(path: Path, encoding: Encoding, hint: Hint) -> Iterator[Event]:
    reading = _Reading(hint.name)
    coming = (one for number, line in enumerate(_lines(path, encoding), start=1) for one in reading.take(number, line))
    total = 0
    both = chain(coming, (one for _ in (0,) for one in reading.rest()))
    while messages := list(islice(both, hint.chunk)):
        total += len(messages)
        yield _batch(messages, reading)
    if not total and reading.above:
        raise SourceError(
            Text(
                "没有找到“时间 发送人”这样的行，不是可识别的聊天记录",
                "no line with time and sender was found; it is no chat export of a known layout",
            ),
            where=str(path),
            next=Text("用“2024-03-05 14:22:10 张三”的格式导出", "export it in the layout `2024-03-05 14:22:10 张三`"),
        )
    if reading.above:
        yield Aside(tuple(f"R{number}" for number in reading.above), "note_row")
    yield TableEntry("", (), "", 1.0, COLUMNS, total)


_HEADINGS = {
    "time": ("时间", "发送时间", "日期", "StrTime", "CreateTime", "time", "date"),
    "sender": ("发送人", "发送者", "昵称", "NickName", "Remark", "Sender", "from", "talker"),
    "text": ("内容", "消息内容", "消息", "StrContent", "content", "message", "text"),
    "room": ("群聊", "会话", "聊天对象", "群名", "room", "chat"),
    "sender_phone": ("手机", "手机号", "电话", "phone", "mobile"),
}
"""Headings of CSV exporters; the first found is taken."""


def _columns(header: list[str]) -> dict[str, int]:
    plain = [one.strip("\ufeff ").lower() for one in header]
    found = {name: [plain.index(one.lower()) for one in names if one.lower() in plain] for name, names in _HEADINGS.items()}
    return {name: places[0] for name, places in found.items() if places}


def _of_csv(path: Path, encoding: Encoding, hint: Hint) -> Iterator[Event]:
    rows = csv.reader(line + "\n" for line in _lines(path, encoding))
    columns = _columns(next(rows))
    yield Aside(("R1",), "header_row")
    total, number = 0, 1
    while block := list(islice(rows, hint.chunk)):
        cells = [
            (number + at, {name: row[i] for name, i in columns.items() if i < len(row)}) for at, row in enumerate(block, start=1)
        ]
        number += len(block)
        filled = [(at, one) for at, one in cells if any(one.values())]
        if not filled:
            continue
        made = [(_row(one.get("room") or hint.name, _message(at, one)), one.get("sender_phone")) for at, one in filled]
        told = [{**row, "sender_phone": phone or row["sender_phone"]} for row, phone in made]
        table = pa.table({name: texts([row[name] for row in told]) for name in COLUMNS})
        total += len(told)
        yield Rows(table, tuple(f"R{at}" for at, _ in filled), (), () if "room" in columns else ("room",))
    yield TableEntry("", (1,), "", 1.0, COLUMNS, total)


def _message(line: int, cells: dict[str, str]) -> Message:
    written = cells.get("time", "")
    found = stamped(written)
    return Message(line, found[0] if found else written, cells.get("sender", ""), cells.get("text", ""))


def _is_csv(path: Path, encoding: Encoding) -> bool:
    first = next(_lines(path, encoding), "")
    return {"time", "sender", "text"} <= _columns(next(csv.reader([first]), [])).keys()


def read_chat(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """
    Read a chat export: text with a line of time and sender before each message, or the CSV of an exporter.

    Times are local and carry no zone: the exports do not tell it.

    Raises:
        SourceError: No message is found in a file that is not empty.
    """
    csv.field_size_limit(limits.cell_chars)
    if kind_of(path) == "empty":
        yield Opened("chat")
        yield FileFault(faults.FILE_EMPTY)
        yield TableEntry("", (), "", 1.0, COLUMNS, 0)
        return
    encoding = detect(path, hint.table.encoding)
    yield Opened("chat", encoding.name, encoding.score, encoding.runner_up)
    yield from (_of_csv if _is_csv(path, encoding) else _of_text)(path, encoding, hint)


def is_chat(path: Path, limits: Limits) -> bool:
    """Say whether a text file is a chat export: a message begins within its first lines, or it has an exporter's columns."""
    if kind_of(path) != "text":
        return False
    csv.field_size_limit(limits.cell_chars)
    encoding = detect(path)
    first = list(islice(_lines(path, encoding), 10))
    return sum(stamped(line) is not None for line in first) >= 2 or _is_csv(path, encoding)
