"""
The process in which a file is parsed: its memory is bounded, and whatever becomes of it the run goes on.

It loads no more than reading needs (no pandas, no models of the project), so that it starts in half a second.
"""

import os
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from crmetl.errors import SourceError
from crmetl.extract.bounded.guard import counted, guarded
from crmetl.extract.bounded.wire import Asked, Done, messages, send
from crmetl.extract.events import Event
from crmetl.extract.readers import READERS


def events_of(asked: Asked) -> Iterator[Event]:
    """
    Yield what a reader tells of one file.

    Raises:
        SourceError, MachineError: It cannot be read; never any other exception of a parser.
    """
    events = READERS[asked.kind](asked.path, asked.hint, asked.limits)
    return guarded(counted(events, asked.path, asked.limits), asked.path, asked.name)


def serve(fd: int) -> None:
    """Read files for the process at the other end of a socket until it is gone."""
    line: Connection[Any, Any] = Connection(fd)
    base = _data_bytes()
    for asked in messages(line):
        _bound_memory(base, asked.limits.memory_mb)
        try:
            _read(line, asked)
        except ConnectionError:
            break
    os._exit(0)


def _read(line: "Connection[Any, Any]", asked: Asked) -> None:
    error: Exception | None = None
    try:
        for event in events_of(asked):
            send(line, event)
    except ConnectionError:
        raise
    except MemoryError:
        error = SourceError("memory", where=asked.name)
    except Exception as ended:  # noqa: BLE001 the parent raises it
        error = ended
    send(line, Done(_peak_mb(), error))


def _data_bytes() -> int:
    """Return what the process takes before it has read anything."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 no path to speak of
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 1 << 30


def _bound_memory(base: int, megabytes: int) -> None:
    try:
        import resource  # noqa: PLC0415 not on every system; there time alone is bounded
    except ImportError:
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = base + megabytes * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _peak_mb() -> float:
    try:
        import resource  # noqa: PLC0415 as above
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
