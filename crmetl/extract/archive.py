"""Files inside a zip or gzip: each is read as a file of its own."""

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO

from crmetl.extract.bounded.guard import over
from crmetl.extract.container import guard_archive, locked, unreadable
from crmetl.extract.events import Aside, Event, FileFault, Hint, Member, Opened, Reader, Rows
from crmetl.extract.leftover import is_leftover
from crmetl.extract.limits import Limits
from crmetl.extract.manifest import TableEntry
from crmetl.faults import extract as faults
from crmetl.text import Text

_PIECE = 1 << 20
_UTF8 = 0x800
"""Flag of a member whose name is UTF-8; without it Chinese programs write GBK."""


def read_gzip(path: Path, hint: Hint, limits: Limits, read: Reader) -> Iterator[Event]:
    """
    Read the file inside a gzip.

    Raises:
        SourceError: It is damaged, or unpacks beyond a limit.
    """
    with TemporaryDirectory() as folder:
        inside = Path(folder) / (path.stem or "member")
        try:
            with gzip.open(path) as packed:
                _unpack(packed, inside, path, limits)  # type: ignore[arg-type]
        except (EOFError, OSError, zlib.error) as broken:
            raise unreadable(path, type(broken).__name__) from None
        yield from read(inside, hint, limits)


def _unpack(packed: BinaryIO, to: Path, path: Path, limits: Limits) -> None:
    """Write what unpacks, as far as the limits allow: what the headers say of the size is not believed."""
    size, most = 0, limits.unpacked_mb * 1_000_000
    with to.open("wb") as out:
        while piece := packed.read(_PIECE):
            size += len(piece)
            if size > most:
                raise over(path, Text("解压后的大小", "unpacked size"), "unpacked_mb")
            out.write(piece)


def member_name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member as it was meant; never used as a path."""
    if member.flag_bits & _UTF8:
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def read_archive(path: Path, hint: Hint, limits: Limits, read: Reader, wanted: Callable[[str], bool]) -> Iterator[Event]:
    """
    Read the members of a zip that are tables, in the order of their names; the others are told.

    Args:
        read: Reader of one file.
        wanted: Whether a name is that of a table.

    Raises:
        SourceError: It is damaged, locked without a password, or unpacks beyond a limit.
    """
    guard_archive(path, limits)
    yield Opened("zip")
    with zipfile.ZipFile(path) as archive, TemporaryDirectory() as folder:
        members = sorted(((member_name(one), one) for one in archive.infolist() if not one.is_dir()), key=lambda one: one[0])
        for number, (name, member) in enumerate(members):
            if is_leftover(Path(name)):
                continue
            if not wanted(name) or _climbs(name):
                yield FileFault(faults.MEMBER_SKIPPED, name)
                continue
            # The name inside the archive is never a path here: it may climb out of any folder.
            inside = Path(folder) / f"{number}{PurePosixPath(name).suffix}"
            _extract(archive, member, inside, hint.table.password, limits)
            with inside.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            yield Member(name, digest, member.file_size)
            named = replace(hint, name=PurePosixPath(name).stem)
            yield from (_inside(event, name) for event in read(inside, named, limits))
            inside.unlink()


def _climbs(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in PurePosixPath(name.replace("\\", "/")).parts or name[1:2] == ":"


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path, password: str | None, limits: Limits) -> None:
    path = Path(archive.filename or "")
    if member.flag_bits & 1 and not password:
        raise locked(path)
    try:
        with archive.open(member, pwd=password.encode() if password else None) as packed:
            _unpack(packed, to, path, limits)  # type: ignore[arg-type]
    except RuntimeError:
        # The library has no class of its own for a wrong password.
        raise locked(path) from None
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error) as broken:
        raise unreadable(path, type(broken).__name__) from None


def _inside(event: Event, name: str) -> Event:
    """Put the member's name before the places of an event."""
    match event:
        case Rows():
            return replace(event, places=[f"{name}!{one}" for one in event.places])
        case Aside():
            return replace(event, places=tuple(f"{name}!{one}" for one in event.places))
        case FileFault():
            return replace(event, place=f"{name}!{event.place}" if event.place else name)
        case TableEntry() | Opened() | Member():
            return event
