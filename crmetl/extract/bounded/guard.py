"""Whatever a parser does on a damaged file, it ends as rows or as one clear error."""

from collections.abc import Iterator
from pathlib import Path

from crmetl.errors import CrmetlError, MachineError, SourceError
from crmetl.extract.container import unreadable
from crmetl.extract.events import Event, Rows
from crmetl.extract.limits import Limits
from crmetl.text import Text


def guarded(events: Iterator[Event], path: Path, name: str) -> Iterator[Event]:
    """
    Yield the events of a reader; whatever a parser raises becomes a SourceError that holds no cell.

    Raises:
        SourceError, MachineError: As told.
    """
    try:
        yield from events
    except CrmetlError:
        raise
    except PermissionError:
        raise MachineError(
            Text("没有读取权限", "permission to read is missing"),
            where=name,
            next=Text("给运行 crmetl 的用户读取权限", "give the user who runs crmetl the right to read it"),
        ) from None
    except GeneratorExit:
        raise
    except MemoryError:
        raise over(path, Text("内存", "memory"), "memory_mb") from None
    except Exception as broken:  # noqa: BLE001 a parser may raise anything on a damaged file, and its message may hold cells
        raise unreadable(path, type(broken).__name__) from None
    except BaseException as panic:
        # A panic of a Rust parser is no Exception; it is known by its name only.
        if type(panic).__name__ == "PanicException":
            raise unreadable(path, "PanicException") from None
        raise


def counted(events: Iterator[Event], path: Path, limits: Limits) -> Iterator[Event]:
    """
    Yield the events as long as rows and cells stay within the limits.

    Raises:
        SourceError: There are more; it names the option.
    """
    rows = cells = 0
    for event in events:
        if isinstance(event, Rows):
            rows += event.table.num_rows
            cells += event.table.num_rows * event.table.num_columns
            if rows > limits.rows:
                raise over(path, Text("行数", "rows"), "rows")
            if cells > limits.cells:
                raise over(path, Text("单元格数", "cells"), "cells")
        yield event


def over(path: Path, what: Text, option: str) -> SourceError:
    """Return the error of a file that costs more than an option allows."""
    return SourceError(
        Text(
            f"读取该文件超出上限（{what.zh}），选项 {option}",
            f"reading this file goes beyond a limit ({what.en}), option {option}",
        ),
        where=str(path),
        next=Text(
            f"文件可能已损坏；如确认可信，在映射的 limits 中调高 {option}",
            f"the file may be damaged; if it is to be trusted, raise {option} under `limits` of the mapping",
        ),
    )
