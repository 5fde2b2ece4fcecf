"""Writers that run as processes of their own beside a test: they pause, go on, or die, at a write that the test names."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Literal

import pandas as pd

from crmetl.errors import CrmetlError
from crmetl.load import MemoryTarget, apply, connect
from crmetl.load.connect import parse_url, writing_engine
from crmetl.load.sql import SqlTarget
from tests.diff.crm import NOW, SCHEMA, Estate, propose

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload([__name__])

PATIENCE = 60
"""Seconds after which a writer that says nothing is given up."""

Then = Literal["pause", "die"]


def accounts(name: str) -> Estate:
    """Return four accounts in a circle with their contacts, and notes: some forty writes in batches of two."""
    return {
        "account": {f"{name}a{n}": {"name": f"公司{n}", "city": "上海", "main_contact": f"@{name}c{n}"} for n in range(4)},
        "contact": {f"{name}c{n}": {"account": f"@{name}a{n % 4}", "full_name": "王"} for n in range(5)},
        "note": {f"{name}n{n}": {"account": f"@{name}a{n % 4}", "line": f"来电{n}"} for n in range(4)},
    }


@dataclass(frozen=True)
class Stop:
    """Where a writer stops: `within` its n-th write, a transaction open, or `between` two batches, after the n-th commit."""

    where: Literal["within", "between", "nowhere"] = "nowhere"
    number: int = 0
    then: Then = "pause"


class _Stopping(SqlTarget):
    """A target that stops within a write."""

    left: int | None = None
    stop: Callable[[], None]

    def insert(self, table: str, rows: pd.DataFrame) -> None:
        self._beat()
        super().insert(table, rows)

    def update(self, table: str, rows: pd.DataFrame) -> None:
        self._beat()
        super().update(table, rows)

    def _beat(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left == -1:
                self.stop()


def _write(url: str, run: str, stop: Stop, pipe: Connection) -> None:
    """Apply the estate of a run; say how it ended."""

    def halt() -> None:
        pipe.send("stopped")
        if stop.then == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        pipe.recv()

    commits = 0

    def committed(_: int) -> None:
        nonlocal commits
        commits += 1
        if stop.where == "between" and commits == stop.number:
            halt()

    if stop.where == "within":
        connect.IDLE = 1
    try:
        where = parse_url(url)
        target = _Stopping(writing_engine(where), where, SCHEMA)
        target.prepare()
        target.left, target.stop = (stop.number, halt) if stop.where == "within" else (None, halt)
        apply(propose(accounts(run), MemoryTarget(SCHEMA)), target=target, run=run, now=NOW, batch=2, progress=committed)
        with suppress(Exception):
            target.close()
        pipe.send(0)
    except CrmetlError as error:
        pipe.send(error.exit)


@dataclass(frozen=True)
class Process:
    """A writer at work."""

    process: BaseProcess
    pipe: Connection

    def stopped(self) -> None:
        """Wait until it has stopped."""
        assert "stopped" == self._said()

    def goes_on(self) -> None:
        """Let it go on."""
        self.pipe.send("go")

    def exit(self) -> object:
        """Wait until it is done; return the exit code of the command line, or the signal that killed it."""
        with suppress(EOFError):
            said = self._said()
            self.process.join(PATIENCE)
            return said
        self.process.join(PATIENCE)
        return self.process.exitcode

    def _said(self) -> object:
        assert self.pipe.poll(PATIENCE), "the writer says nothing"
        return self.pipe.recv()


@contextmanager
def writer(url: str, run: str, stop: Stop = Stop()) -> Iterator[Process]:
    """Start a writer; it is gone when the block ends."""
    mine, theirs = FORKS.Pipe()
    process = FORKS.Process(target=_write, args=(url, run, stop, theirs))
    process.start()
    theirs.close()
    try:
        yield Process(process, mine)
    finally:
        process.kill()
        process.join()
        mine.close()
