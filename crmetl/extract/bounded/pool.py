"""
Files are parsed in child processes, of which a few are kept and used again.

A process costs half a second to start; a small file costs a thousandth of that. So a thousand small files are read by one
process or two, and a process that was ended by a damaged file costs one start more.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from crmetl.errors import SourceError
from crmetl.extract.bounded.guard import over
from crmetl.extract.bounded.wire import Asked, Done, receive, send
from crmetl.extract.container import unreadable
from crmetl.extract.events import Event, Hint
from crmetl.extract.limits import Limits
from crmetl.text import Text

KEPT = 2
"""Idle processes that are kept: one reads a file while the rows of the one before it are taken."""
HEAVY_MB = 1_000
"""A process that has taken so much is not used again: parsers do not give all of it back."""
_START = (
    "import sys, types; sys.path[:] = {path!r}; import crmetl; "
    "package = types.ModuleType('crmetl.extract'); package.__path__ = [{folder!r}]; sys.modules['crmetl.extract'] = package; "
    "from crmetl.extract.bounded.child import serve; serve({fd})"
)
"""The package stands without its `__init__`, which loads what only the parent needs."""


class _Child:
    """A process and the line to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        command = _START.format(path=sys.path, folder=str(Path(__file__).parents[1]), fd=theirs.fileno())
        # A session of its own: Ctrl-C at the terminal reaches the parent only, which ends its children.
        self.process = subprocess.Popen(
            [sys.executable, "-c", command],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # The trace of a parser's panic takes a second to write, and nobody reads it.
            env={**os.environ, "RUST_BACKTRACE": "0"},
        )
        theirs.close()
        self.line: Connection[Any, Any] = Connection(ours.detach())
        self.owner = os.getpid()

    def end(self) -> int:
        """End the process, whatever it is doing, and return how it ended."""
        self.line.close()
        self.process.kill()
        return self.process.wait()


class Pool:
    """Processes that wait for files."""

    def __init__(self) -> None:
        self._idle: list[_Child] = []
        self._lock = threading.Lock()
        self.started = 0

    def take(self) -> _Child:
        """Return a process that waits, or a new one."""
        with self._lock:
            # A forked copy of this program has the lines of its parent, which are not for it.
            self._idle = [one for one in self._idle if one.owner == os.getpid()]
            while self._idle:
                child = self._idle.pop()
                if child.process.poll() is None:
                    return child
                child.end()
            self.started += 1
        return _Child()

    def give_back(self, child: _Child, peak_mb: float) -> None:
        """Keep a process that has done its work."""
        with self._lock:
            if len(self._idle) < KEPT and peak_mb < HEAVY_MB:
                self._idle.append(child)
                return
        child.end()

    def close(self) -> None:
        """End all processes that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            if child.owner == os.getpid():
                child.end()


POOL = Pool()
"""The processes of this program."""
atexit.register(POOL.close)


class Reading:
    """
    The events of one file, from a process that has begun to read it: iterate once.

    Raises (while iterating):
        SourceError: The file cannot be read, is beyond a limit, or its parser was ended by it.
        MachineError: It may not be opened.
    """

    def __init__(self, asked: Asked, pool: Pool) -> None:
        self._asked, self._pool = asked, pool
        self._child: _Child | None = pool.take()
        try:
            send(self._child.line, asked)
        except OSError:
            self._child.end()
            self._child = pool.take()
            send(self._child.line, asked)

    def __iter__(self) -> Iterator[Event]:
        """Yield the events."""
        try:
            while not isinstance(message := self._next(), Done):
                yield message
            child, self._child = self._child, None
            if child:
                self._pool.give_back(child, message.peak_mb)
            if message.error:
                raise message.error
        finally:
            self.close()

    def close(self) -> None:
        """End the process where it has not come to the end of the file."""
        if self._child:
            self._child.end()
            self._child = None

    def _next(self) -> Any:
        asked, child = self._asked, self._child
        if child is None:
            raise ValueError("read once")
        try:
            if child.line.poll(asked.limits.seconds):
                return receive(child.line)
        except (EOFError, OSError):
            self._child = None
            raise _ended(asked, _code(child)) from None
        self.close()
        raise over(asked.path, Text(f"{asked.limits.seconds} 秒没有进展", f"no progress for {asked.limits.seconds} s"), "seconds")


def _code(child: _Child) -> int:
    """Return how a process ended that has closed its line."""
    try:
        code = child.process.wait(10)
    except subprocess.TimeoutExpired:
        code = 0
    child.end()
    return code


def _ended(asked: Asked, code: int) -> SourceError:
    """Return the error of a file that ended the process which read it."""
    if code in (-signal.SIGABRT, -signal.SIGKILL):
        # An allocation that is refused aborts a Rust parser; the system's own want of memory kills.
        return over(asked.path, Text("内存", "memory"), "memory_mb")
    return unreadable(asked.path, f"exit {code}")


def begin(kind: str, path: Path, hint: Hint, limits: Limits, name: str) -> Reading:
    """
    Have a file read in a process of its own; it begins at once.

    Args:
        kind: Key of `READERS`.
        path: The file.
        hint: What the mapping knows of it.
        limits: What it may cost.
        name: As people are told it.
    """
    return Reading(Asked(kind, path.absolute(), name, hint, limits), POOL)
