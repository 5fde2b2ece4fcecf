"""How a flow tells how far it is, without knowing whether anybody looks."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

RSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""ru_maxrss is in bytes on macOS and in kB elsewhere (getrusage(2))."""


class Watch(Protocol):
    """Somebody who may be looking; the command line shows bars, tests and schedulers look away."""

    def begin(self, stage: str, what: str) -> None:
        """Say that a stage, or a part of it, begins."""

    def advance(self, rows: int) -> None:
        """Say that so many rows are done."""

    def end(self) -> None:
        """Say that it is over."""


class LookAway:
    """Nobody looks."""

    def begin(self, stage: str, what: str) -> None:
        """Do nothing."""

    def advance(self, rows: int) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


@dataclass
class Clock:
    """
    Wall seconds and peak memory per stage; a stage may be entered many times.

    Where several processes work at a stage its seconds add up, and the peak is that of the largest process.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside under `name`; nested stages count in both."""
        _forget_peak()
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
            self.peak_mb[name] = max(self.peak_mb.get(name, 0.0), peak_mb())

    def add(self, other: "Clock") -> None:
        """Add what another process took."""
        for name, seconds in other.seconds.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + seconds
            self.peak_mb[name] = max(self.peak_mb.get(name, 0.0), other.peak_mb[name])


def _forget_peak() -> None:
    """Reset the high-water mark where the kernel allows it (proc(5), clear_refs 5); elsewhere peaks only grow."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    except OSError:
        return


def peak_mb() -> float:
    """Return the peak resident memory since the last reset, in MB."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT / 1024 / 1024
