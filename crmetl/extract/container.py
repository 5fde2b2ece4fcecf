"""What a file really is, by its first bytes; and whether it is safe to open."""

import struct
import zipfile
from pathlib import Path
from typing import Literal

from crmetl.errors import SourceError
from crmetl.extract.limits import Limits
from crmetl.text import Text

Kind = Literal["zip", "ole", "archive", "gzip", "dbf", "html", "spreadsheetml", "fods", "text", "empty"]

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
"""Record BOF of the BIFF versions 8, 4, 3, 2; older sheets stand in no container ([MS-XLS] 2.4.21)."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""Stream of an encrypted Office file ([MS-OFFCRYPTO] 2.3.4.4)."""
_ASKED_ABOVE_MB = 64
_HEAD = 4_096
_HTML = (
    b"<html",
    b"<!doctype html",
    b"<table",
    b"<meta",
    b"<head",
    b"<style",
    b"<body",
    b"<div",
    b"<!--",
    b"<tr",
    b"<font",
    b"<center",
)
_DBF = frozenset({0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8E, 0xCB, 0xF5, 0xFB})
"""Versions of dBase, FoxBase and FoxPro."""


def kind_of(path: Path) -> Kind:
    """
    Say what the file is; its suffix is only a claim.

    Old sheets of BIFF 2 to 4 count as `ole`: the same reader reads them. A zip is one where it is a workbook, else an
    `archive` of other files.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        return "empty"
    if head.startswith((_ZIP, b"PK\x05\x06")):
        return "archive" if _is_archive(path) else "zip"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(_OLE) or (head[:2] in _BIFF and path.suffix.lower() in (".xls", ".xlt")):
        return "ole"
    if path.suffix.lower() == ".dbf" or is_dbf(head, path.stat().st_size):
        return "dbf"
    return _marked_up(head)


def is_dbf(head: bytes, size: int) -> bool:
    """Say whether first bytes are a dBase header: version, a possible date, sizes that fit the file, a column's type."""
    if len(head) < 68 or head[0] not in _DBF or not (head[2] <= 12 and head[3] <= 31):
        return False
    first, width = struct.unpack_from("<HH", head, 8)
    return 65 <= first <= size and width >= 2 and head[43] in b"CNDLFMIBTYGP0VQW@+O"


def _is_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return path.suffix.lower() == ".zip"
    return (
        bool(names)
        and not names & {"[Content_Types].xml", "content.xml", "mimetype"}
        and not path.suffix.lower().startswith((".xls", ".od"))
    )


def _marked_up(head: bytes) -> Kind:
    """Say whether it is a text, a page, or a workbook that is written as one XML file."""
    wide = next((name for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")) if head.startswith(mark)), None)
    text = head.decode(wide, "replace").encode() if wide else head
    start = text.removeprefix(b"\xef\xbb\xbf").lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<?xml", b"<workbook", b"<ss:workbook", b"<office:document")):
        if b"urn:schemas-microsoft-com:office:spreadsheet" in start and b"<html" not in start:
            return "spreadsheetml"
        if b"office:document" in start:
            return "fods"
        return "html"
    return "html" if start.startswith(_HTML) else "text"


def locked(path: Path, what: str = "") -> SourceError:
    """Return the error of a password-protected workbook."""
    return SourceError(
        Text(f"工作簿有密码保护{what}", f"the workbook is password-protected{what}"),
        where=str(path),
        next=Text(
            "在映射中写 table: {password: ${变量名}} 并设好该环境变量；或在 Excel 中“文件 > 信息 > 保护工作簿”去掉密码后另存",
            "give it in the mapping as table: {password: ${NAME}} and set that variable; or open it in Excel, remove "
            "the password under File > Info > Protect Workbook and save it",
        ),
    )


def unreadable(path: Path, why: str = "") -> SourceError:
    """Return the error of a damaged file; `why` names the parser's exception, whose message may hold cells."""
    tail = f" ({why})" if why else ""
    return SourceError(
        Text(f"文件损坏或不是它的扩展名所说的格式{tail}", f"the file is damaged or not what its name says{tail}"),
        where=str(path),
        next=Text(
            "用原来的程序打开并另存为 .xlsx 或 UTF-8 的 .csv，再运行；不需要的来源可声明 optional: true",
            "open it in its program, save it as .xlsx or UTF-8 .csv and run again; if it can be missed, set `optional: true`",
        ),
    )


def is_encrypted(path: Path) -> bool:
    """Say whether an Office file holds an encrypted package; its directory stands anywhere in it, so all of it is searched."""
    return _holds(path, (_ENCRYPTED,))


def has_macros(path: Path) -> bool:
    """Say whether a workbook holds macros."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(one.endswith("vbaProject.bin") or one.startswith("Basic/") for one in archive.namelist())
    return _holds(path, ("_VBA_PROJECT".encode("utf-16-le"),))


def is_ods(path: Path) -> bool:
    """Say whether a zip is an OpenDocument."""
    with zipfile.ZipFile(path) as archive:
        return "content.xml" in archive.namelist()


def _holds(path: Path, marks: tuple[bytes, ...]) -> bool:
    with path.open("rb") as file:
        tail = b""
        while piece := file.read(1 << 20):
            if any(one in tail + piece for one in marks):
                return True
            tail = piece[-64:]
    return False


def guard_password(path: Path) -> None:
    """
    Refuse an encrypted Office file.

    Raises:
        SourceError: It holds an encrypted package.
    """
    if is_encrypted(path):
        raise locked(path)


def guard_archive(path: Path, limits: Limits) -> None:
    """
    Refuse an archive that unpacks to more than the limits allow, by its central directory, before anything is unpacked.

    Raises:
        SourceError: It names the option of `Limits`; or the archive is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as broken:
        raise unreadable(path, type(broken).__name__) from None
    unpacked, packed = sum(one.file_size for one in members), sum(one.compress_size for one in members)
    megabytes = unpacked / 1e6
    if len(members) > limits.entries:
        raise _over(path, f"{len(members):,}", "entries", f"{limits.entries:,}")
    if megabytes > limits.unpacked_mb:
        raise _over(path, f"{megabytes:,.0f} MB", "unpacked_mb", f"{limits.unpacked_mb:,}")
    if megabytes > _ASKED_ABOVE_MB and unpacked > limits.ratio * max(packed, 1):
        raise _over(path, f"{unpacked / max(packed, 1):,.0f}:1", "ratio", f"{limits.ratio:,}")


def _over(path: Path, got: str, option: str, limit: str) -> SourceError:
    return SourceError(
        Text(
            f"压缩包解开后超限（可能是压缩炸弹）：{got}，选项 {option} 的上限为 {limit}",
            f"the archive unpacks beyond the limit (it may be a zip bomb): {got}, option {option} allows {limit}",
        ),
        where=str(path),
        next=Text(f"如确认文件可信，调高 {option}", f"if the file is to be trusted, raise {option}"),
    )
