"""Long texts of a dBase table, which stand in a file beside it."""

import struct
from dataclasses import dataclass
from pathlib import Path

_END = b"\x1a"


@dataclass(frozen=True)
class Memo:
    """
    A memo file, whole.

    Attributes:
        block: Bytes of a block.
        fox: Whether each text says its length, as FoxPro writes them; else it ends with two ends of file.
    """

    content: bytes
    block: int
    fox: bool

    def text(self, place: bytes, encoding: str) -> str | None:
        """Return the text at a place, which is written as a number or as four bytes."""
        number = struct.unpack("<I", place)[0] if len(place) == 4 else int(place.strip(b" \0") or b"0")
        if not number or number * self.block >= len(self.content):
            return None
        at = number * self.block
        if self.fox:
            length = struct.unpack_from(">I", self.content, at + 4)[0]
            raw = self.content[at + 8 : at + 8 + length]
        elif self.content[at : at + 4] == b"\xff\xff\x08\x00":
            length = struct.unpack_from("<I", self.content, at + 4)[0]
            raw = self.content[at + 8 : at + length]
        else:
            raw = self.content[at : self.content.find(_END, at) if _END in self.content[at:] else len(self.content)]
        return raw.decode(encoding, "replace").rstrip(" \0")


def find_memo(path: Path) -> Memo | None:
    """Return the memo file beside a table, None where it was not delivered with it."""
    for suffix in (".fpt", ".FPT", ".dbt", ".DBT", ".Fpt", ".Dbt"):
        beside = path.with_suffix(suffix)
        if beside.is_file() and beside.stat().st_size > 8:
            content = beside.read_bytes()
            fox = suffix.lower() == ".fpt"
            block = struct.unpack_from(">H", content, 6)[0] if fox else struct.unpack_from("<H", content, 20)[0]
            return Memo(content, block or 512, fox)
    return None
