"""Events on their way from one process to another: rows as Arrow writes them, all else pickled."""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa

from crmetl.extract.events import Event, Hint, Rows
from crmetl.extract.limits import Limits

Line = Connection  # of bytes, both ways
_NOTHING = pa.table({})


@dataclass(frozen=True)
class Asked:
    """
    One file to be read.

    Attributes:
        kind: Key of `READERS`.
        path: Where it is.
        name: As people are told it.
    """

    kind: str
    path: Path
    name: str
    hint: Hint
    limits: Limits


@dataclass(frozen=True)
class Done:
    """
    The end of a file.

    Attributes:
        peak_mb: Most memory that the process has taken so far.
        error: What ended the reading before the end.
    """

    peak_mb: float
    error: Exception | None = None


def send(line: "Connection[Any, Any]", message: Event | Asked | Done) -> None:
    """Send one message."""
    if not isinstance(message, Rows):
        line.send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
        return
    line.send_bytes(pickle.dumps(replace(message, table=_NOTHING), pickle.HIGHEST_PROTOCOL))
    # Arrow's own form leaves out what lies outside of a slice; pickle would carry the whole array.
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, message.table.schema) as out:
        out.write_table(message.table)
    line.send_bytes(sink.getvalue())


def receive(line: "Connection[Any, Any]") -> Any:
    """Return the next message; EOFError where the other side is gone."""
    message = pickle.loads(line.recv_bytes())  # noqa: S301 the other side is this program
    if not isinstance(message, Rows):
        return message
    with pa.ipc.open_stream(line.recv_bytes()) as came:
        return replace(message, table=came.read_all())


def messages(line: "Connection[Any, Any]") -> Iterator[Any]:
    """Yield what comes until the other side is gone."""
    while True:
        try:
            message = receive(line)
        except (EOFError, ConnectionError):
            return
        yield message
