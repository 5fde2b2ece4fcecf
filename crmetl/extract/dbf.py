"""
dBase tables, as old customer systems (FoxPro, Clipper) keep them.

Source: "Xbase Data file (*.dbf)" by E. Bachmann, which describes dBase III to 7 and Visual FoxPro.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from crmetl.extract.container import unreadable
from crmetl.extract.encoding import Encoding, likeliest
from crmetl.extract.events import Aside, Event, FileFault, Hint, Opened, Pins
from crmetl.extract.limits import Limits
from crmetl.extract.memo import Memo, find_memo
from crmetl.extract.sheet import Row, Sheet
from crmetl.extract.tables import deliver, look
from crmetl.faults import extract as faults

_LANGUAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x4D: "gb18030", 0x4E: "cp949", 0x4F: "big5hkscs",
    0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866", 0x78: "big5hkscs", 0x79: "cp949",
    0x7A: "gb18030", 0x7B: "cp932", 0xC8: "cp1250", 0xC9: "cp1251",
}  # fmt: skip
"""Language driver -> encoding; 0 says nothing, and many Chinese programs leave it so."""
_DAY_ZERO = 1_721_425
"""Julian day of 0001-01-01, on which Python's ordinals begin with 1."""
_SAMPLED = 2_000


@dataclass(frozen=True)
class Field:
    """A column: name, type letter, width in bytes, first byte in the record."""

    name: bytes
    kind: str
    width: int
    start: int


@dataclass(frozen=True)
class Head:
    """What the header of the file says."""

    records: int
    first: int
    width: int
    language: int
    fields: tuple[Field, ...]


def _head(file: BinaryIO, path: Path) -> Head:
    start = file.read(32)
    records, first, width = struct.unpack_from("<IHH", start, 4)
    raw = file.read(first - 32)
    fields: list[Field] = []
    at, place = 0, 1
    while at + 32 <= len(raw) and raw[at] != 0x0D:
        one = raw[at : at + 32]
        kind = chr(one[11])
        # A text longer than 255 keeps the upper byte of its width where numbers keep their decimals.
        size = one[16] + (one[17] << 8 if kind == "C" else 0)
        if kind != "0":
            fields.append(Field(one[:11].split(b"\0")[0], kind, size, place))
        place += size
        at += 32
    if not fields or place > width:
        raise unreadable(path, "header")
    return Head(records, first, width, start[29], tuple(fields))


def _encoding(path: Path, head: Head, pinned: str | None) -> Encoding:
    with path.open("rb") as file:
        file.seek(head.first)
        sample = file.read(head.width * _SAMPLED)
    names = b"\n".join(one.name for one in head.fields)
    texts = [one for one in head.fields if one.kind == "C"]
    cells = b"\n".join(
        sample[at + one.start : at + one.start + one.width] for at in range(0, len(sample), head.width) for one in texts
    )
    return likeliest(names + b"\n" + cells, pinned, _LANGUAGES.get(head.language))


def read_dbf(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """
    Read a dBase table; records that are marked as deleted are set aside.

    Row numbers are those of a spreadsheet that opens it: the first record is row 2.

    Raises:
        SourceError: Its header makes no sense.
    """
    del limits  # a record is as long as its header says
    with path.open("rb") as file:
        head = _head(file, path)
        encoding = _encoding(path, head, hint.table.encoding)
        yield Opened("dbf", encoding.name, encoding.score, encoding.runner_up)
        if encoding.doubtful:
            yield FileFault(faults.ENCODING_DOUBTFUL)
        memo = find_memo(path) if any(one.kind in "MGP" for one in head.fields) else None
        if memo is None and any(one.kind == "M" for one in head.fields):
            yield FileFault(faults.MEMO_MISSING)
        deleted: list[str] = []
        file.seek(head.first)
        names = [_decoded(one.name, encoding.name) for one in head.fields]
        rows = chain([names], _records(file, head, encoding.name, memo, deleted))
        pins = Pins(header=(1,), last_row=hint.table.last_row)
        pinned = Hint(pins, hint.known, hint.internal_domains, hint.chunk, hint.name, hint.whole)
        yield from deliver(look(rows, Sheet(broken=encoding.broken), pinned), pinned)
        if deleted:
            yield Aside(tuple(deleted), "deleted_record")


def _decoded(raw: bytes, encoding: str) -> str:
    return raw.decode(encoding, "replace")


def _records(file: BinaryIO, head: Head, encoding: str, memo: Memo | None, deleted: list[str]) -> Iterator[Row]:
    for number in range(head.records):
        raw = file.read(head.width)
        if len(raw) < head.width:
            # The count in the header may lag behind or run ahead of the records; the file ends where it ends.
            return
        if raw[:1] == b"*":
            deleted.append(f"R{number + 2}")
            yield [None] * len(head.fields)
        else:
            yield [_cell(raw[one.start : one.start + one.width], one.kind, encoding, memo) for one in head.fields]


def _cell(raw: bytes, kind: str, encoding: str, memo: Memo | None) -> object:
    if kind == "M":
        return memo.text(raw, encoding) if memo else None
    read = _KINDS.get(kind)
    if read:
        return read(raw)
    return _decoded(raw.rstrip(b" \0"), encoding)


def _number(raw: bytes) -> str | None:
    text = raw.strip(b" \0").decode("ascii", "replace")
    # Stars stand for a number that was too long for its column.
    return text or None


def _day(raw: bytes) -> str | None:
    text = raw.strip(b" \0").decode("ascii", "replace")
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdigit() else text or None


def _moment(raw: bytes) -> datetime | None:
    day, millis = struct.unpack("<II", raw[:8])
    if not day:
        return None
    return datetime.fromordinal(day - _DAY_ZERO) + timedelta(milliseconds=round(millis, -3) if millis % 1000 > 998 else millis)


def _truth(raw: bytes) -> bool | None:
    return True if raw in (b"T", b"t", b"Y", b"y") else False if raw in (b"F", b"f", b"N", b"n") else None


def _money(raw: bytes) -> str:
    return str(Decimal(struct.unpack("<q", raw[:8])[0]) / 10_000)


_KINDS: dict[str, Callable[[bytes], object]] = {
    "N": _number,
    "F": _number,
    "D": _day,
    "T": _moment,
    "@": _moment,
    "L": _truth,
    "Y": _money,
    "I": lambda raw: int(struct.unpack("<i", raw[:4])[0]),
    "B": lambda raw: float(struct.unpack("<d", raw[:8])[0]),
    "G": lambda _: None,
    "P": lambda _: None,
}
"""Type letter -> how its bytes are read; all others are text."""
