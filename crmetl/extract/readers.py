"""Which reader reads which file."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from crmetl.errors import SourceError
from crmetl.extract.container import kind_of, unreadable
from crmetl.extract.delimited import read_delimited
from crmetl.extract.events import Event, Hint, Reader
from crmetl.extract.limits import Limits
from crmetl.extract.workbook import read_workbook
from crmetl.text import Text

WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xlsb", ".xls", ".xlt", ".ods")
DELIMITED = (".csv", ".tsv", ".tab", ".txt", ".asc", ".dat")


def read_table(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """
    Read a workbook or a delimited text, by what the file is and not by what its name says.

    Raises:
        SourceError: It is neither, or cannot be read.
    """
    kind = kind_of(path)
    if kind == "html":
        raise SourceError(
            Text("这是网页或 XML，只是取了表格的扩展名", "this is a web page or XML under the name of a table"),
            where=str(path),
            next=Text("在 Excel 中打开，另存为 .xlsx，再运行", "open it in Excel, save it as .xlsx and run again"),
        )
    if kind == "empty" and path.suffix.lower() in WORKBOOKS:
        raise SourceError(
            Text("文件为空（0 字节）", "the file is empty (0 bytes)"),
            where=str(path),
            next=Text("重新传送该文件", "have the file sent again"),
        )
    if kind == "text" and path.suffix.lower() in ALWAYS_ARCHIVES:
        raise unreadable(path)
    yield from (read_workbook if kind in ("zip", "ole") else read_delimited)(path, hint, limits)


ALWAYS_ARCHIVES = (".xlsx", ".xlsm", ".xlsb", ".ods")
"""Suffixes under which no program saves plain text; `.xls` is different: many ERP exports are text or HTML under it."""


def read_mails(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """Read a mailbox."""
    from crmetl.extract.mbox import read_mbox  # noqa: PLC0415 a process that reads tables need not load what reads mail

    return read_mbox(path, hint, limits)


def read_chats(path: Path, hint: Hint, limits: Limits) -> Iterator[Event]:
    """Read an exported chat."""
    from crmetl.extract.chat import read_chat  # noqa: PLC0415 as above

    return read_chat(path, hint, limits)


READERS: Mapping[str, Reader] = {"table": read_table, "mbox": read_mails, "chat": read_chats}
"""`format` of the mapping -> reader."""
