"""What a file really is, by its first bytes; and whether it is safe to open."""

import zipfile
from pathlib import Path
from typing import Literal

from crmetl.errors import SourceError
from crmetl.extract.limits import Limits
from crmetl.text import Text

Kind = Literal["zip", "ole", "html", "text", "empty"]

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
"""Record BOF of the BIFF versions 8, 4, 3, 2; older sheets stand in no container ([MS-XLS] 2.4.21)."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""Stream of an encrypted Office file ([MS-OFFCRYPTO] 2.3.4.4)."""
_ASKED_ABOVE_MB = 64


def kind_of(path: Path) -> Kind:
    """
    Say what the file is; its suffix is only a claim.

    Old sheets of BIFF 2 to 4 count as `ole`: the same reader reads them.
    """
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        return "empty"
    if head.startswith((_ZIP, b"PK\x05\x06")):
        return "zip"
    if head.startswith(_OLE) or (head[:2] in _BIFF and path.suffix.lower() in (".xls", ".xlt")):
        return "ole"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "html" if start.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta", b"<head")) else "text"


def locked(path: Path, what: str = "") -> SourceError:
    """Return the error of a password-protected workbook."""
    return SourceError(
        Text(f"工作簿有密码保护{what}", f"the workbook is password-protected{what}"),
        where=str(path),
        next=Text(
            "在 Excel 中打开，“文件 > 信息 > 保护工作簿”去掉密码后另存，再运行",
            "open it in Excel, remove the password under File > Info > Protect Workbook, save it and run again",
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


def guard_password(path: Path) -> None:
    """
    Refuse an encrypted Office file.

    Raises:
        SourceError: It holds an encrypted package. Directory entries of such a file stand anywhere in it, so all of it is
            searched, in pieces.
    """
    with path.open("rb") as file:
        tail = b""
        while piece := file.read(1 << 20):
            if _ENCRYPTED in tail + piece:
                raise locked(path)
            tail = piece[-len(_ENCRYPTED) :]


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
