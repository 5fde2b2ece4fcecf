"""Which reader reads which file."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from crmetl.errors import SourceError
from crmetl.extract.archive import read_archive, read_gzip
from crmetl.extract.container import kind_of, unreadable
from crmetl.extract.delimited import read_delimited
from crmetl.extract.events import Event, Hint, Reader
from crmetl.extract.limits import Limits
from crmetl.extract.workbook.book import read_workbook
from crmetl.text import Text

WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".xlt", ".et", ".ods", ".ots")
DELIMITED = (".csv", ".tsv", ".tab", ".txt", ".asc", ".dat")
OTHERS = (".dbf", ".fods", ".xml", ".htm", ".html")
ARCHIVES = (".gz", ".zip")


def read_table(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """
    Read a workbook, a table of another program, a delimited text, or those inside an archive, by what the file is.

    Raises:
        SourceError: It is none of these, or cannot be read.
    """
    kind, suffix = kind_of(path), path.suffix.lower()
    if kind == "empty" and suffix in (*WORKBOOKS, ".gz", ".zip"):
        raise SourceError(
            Text("文件为空（0 字节）", "the file is empty (0 bytes)"),
            where=str(path),
            next=Text("重新传送该文件", "have the file sent again"),
        )
    if kind == "text" and suffix in ALWAYS_ARCHIVES:
        raise unreadable(path)
    if kind == "gzip":
        return read_gzip(path, hint, limits, read_table)
    if kind == "archive":
        return read_archive(path, hint, limits, read_table, is_table)
    if kind == "dbf":
        from crmetl.extract.dbf import read_dbf  # noqa: PLC0415 few files are of this kind

        return read_dbf(path, hint, limits)
    return (read_delimited if kind in ("text", "empty") else read_workbook)(path, hint, limits)


def is_table(name: str) -> bool:
    """
    Say whether a file of this name should be a table.

    >>> is_table("a/客户.XLSX"), is_table("b.csv.gz"), is_table("c.pdf")
    (True, True, False)
    """
    plain = name.lower().removesuffix(".gz")
    return PurePosixPath(plain).suffix in (*WORKBOOKS, *DELIMITED, *OTHERS)


ALWAYS_ARCHIVES = (".xlsx", ".xlsm", ".xlsb", ".ods")
"""Suffixes under which no program saves plain text; `.xls` is different: many ERP exports are text or HTML under it."""


def read_mails(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """Read a mailbox."""
    from crmetl.extract.mail.mbox import read_mbox  # noqa: PLC0415 a process that reads tables need not load what reads mail

    return read_mbox(path, hint, limits)


def read_chats(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """Read an exported chat."""
    from crmetl.extract.chat import read_chat  # noqa: PLC0415 as above

    return read_chat(path, hint, limits)


READERS: Mapping[str, Reader] = {"table": read_table, "mbox": read_mails, "chat": read_chats}
"""`format` of the mapping -> reader."""
