"""The lease: one writer at a time, on the target's clock, with a fence that a writer who lost it cannot pass."""

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd

from crmetl.errors import LeaseHeld
from crmetl.load.refusals import Refused, Transient
from crmetl.load.relations import LEASE
from crmetl.load.retry import patiently
from crmetl.plan import Target
from crmetl.text import Text

SECONDS = 60.0
"""How long a writer that no longer answers keeps others out; each batch looks at it and renews it in time."""

NAME = "apply"


@dataclass
class Lease:
    """A held lease: nobody else has passed the fence since it was taken."""

    target: Target
    fence: str
    renewed: float = 0.0

    def renew(self) -> None:
        """
        Say within a transaction that this writer is alive, or find that another one took over.

        Raises:
            LeaseHeld: The lease was taken over; the transaction must not commit.
        """
        fence = self.target.select(LEASE, ["fence"], where=("name", [NAME]), lock=True)["fence"].tolist()
        if fence != [self.fence]:
            raise _held(_row(self.target))
        if time.monotonic() - self.renewed > SECONDS / 6:
            _write(self.target, {"until": _until(self.target)})
            self.renewed = time.monotonic()


@contextmanager
def lease(target: Target, run: str) -> Iterator[Lease]:
    """
    Hold the lease for a run.

    A writer on this machine whose process is gone is followed at once, any other when its time is over.

    Raises:
        LeaseHeld: Another writer is at work.
    """
    held = patiently(lambda: _take(target, run))
    try:
        yield held
    finally:
        patiently(lambda: _release(held))


def _take(target: Target, run: str) -> Lease:
    _refuse_if_held(target, _row(target))  # a look without a lock: who waits for one would not hear that another run writes
    with target.transaction():
        row = _row(target)
        if not row:
            _enter(target)
        _refuse_if_held(target, row)
        fence = str(int(row.get("fence", 0)) + 1)
        mine = {"holder": run, "host": socket.gethostname(), "pid": str(os.getpid()), "fence": fence, "until": _until(target)}
        _write(target, mine)
    return Lease(target, fence, time.monotonic())


def _enter(target: Target) -> None:
    """
    Make the lease's row.

    Raises:
        Transient: Another writer has made it just now; a second look finds it.
    """
    try:
        target.insert(LEASE, _frame({"name": NAME, "fence": "0", "until": "0"}))
    except Refused as refusal:
        raise Transient(refusal.reason) from None


def _refuse_if_held(target: Target, row: Mapping[str, str]) -> None:
    """
    Refuse where a writer is at work.

    Raises:
        LeaseHeld: Another writer's time is not over, and its process is not known to be gone.
    """
    if row.get("holder") and float(row.get("until", 0)) > target.clock() and not _is_gone(row):
        raise _held(row)


def _release(held: Lease) -> None:
    """Give the lease back, unless somebody else has it by now."""
    with held.target.transaction():
        if _row(held.target).get("fence") == held.fence:
            _write(held.target, {"holder": None, "until": "0"})


def _is_gone(row: Mapping[str, str]) -> bool:
    """Say whether the holder was a process of this machine that no longer runs."""
    if row.get("host") != socket.gethostname() or not row.get("pid"):
        return False
    try:
        os.kill(int(row["pid"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _until(target: Target) -> str:
    return f"{target.clock() + SECONDS:.3f}"


def _row(target: Target) -> dict[str, str]:
    rows = target.select(LEASE, where=("name", [NAME]), lock=True)
    return {str(name): str(value) for name, value in rows.iloc[0].dropna().items()} if len(rows) else {}


def _write(target: Target, cells: Mapping[str, str | None]) -> None:
    target.update(LEASE, _frame({"name": NAME, **cells}))


def _frame(row: Mapping[str, str | None]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([value], dtype="str") for name, value in row.items()})


def _held(row: Mapping[str, str]) -> LeaseHeld:
    return LeaseHeld(
        Text("另一次运行正在写入目标", "another run is writing to the target now"),
        where=row.get("holder"),
        next=Text("等它结束，或一分钟后再试", "wait until it is done, or try again in a minute"),
    )
