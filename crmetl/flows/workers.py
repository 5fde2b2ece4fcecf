"""
Work shared out over a few processes; the answers come in the order of the tasks, whoever did them.

The calling process takes tasks too, so two jobs are one process more. A worker is a fresh interpreter: it inherits neither
database connections nor threads, and it ends itself as soon as its parent is gone, however that came about.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from crmetl.errors import CrmetlError, MachineError, UsageError
from crmetl.text import Text

T = TypeVar("T")
A = TypeVar("A")
Tell = Callable[[int], None]
"""Says that so many rows are done."""
Work = Callable[[T, Tell], A]
"""A function of a module, so that a worker finds it by name."""

JOBS = "CRMETL_JOBS"
_START = "import sys; sys.path[:] = {path!r}; from crmetl.flows.workers import serve; serve({fd})"


def jobs_asked(env: Mapping[str, str]) -> int | None:
    """
    Return how many processes `CRMETL_JOBS` asks for, None where it says nothing.

    Raises:
        UsageError: It is no whole number from 1.

    >>> jobs_asked({}), jobs_asked({"CRMETL_JOBS": "2"})
    (None, 2)
    """
    said = env.get(JOBS, "").strip()
    if not said:
        return None
    if said.isascii() and said.isdigit() and int(said) > 0:
        return int(said)
    raise UsageError(
        Text(f"环境变量 {JOBS} 应为 1 以上的整数", f"the environment variable {JOBS} must be a whole number from 1"),
        next=Text(f"例如 {JOBS}=2；{JOBS}=1 表示只用一个进程", f"for example {JOBS}=2; {JOBS}=1 keeps to one process"),
    )


def jobs_usual() -> int:
    """Return the processes used where nobody asks: two, or one where the machine has one core for us."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(2, cores)


def share_out(work: Work[T, A], tasks: Sequence[T], *, order: Sequence[int], jobs: int, tell: Tell) -> list[A]:
    """
    Do every task once and return the answers in the order of the tasks.

    Args:
        work: Called with a task and with what it may tell its progress to; a function of a module where jobs > 1.
        tasks: Picklable where jobs > 1; the answers too.
        order: In which order the tasks are begun.
        jobs: Processes; 1 starts none.
        tell: Called with rows done, from one thread at a time.

    Raises:
        MachineError: A worker ended in the middle of a task.
        Exception: What a task raised, with its class; of several tasks the first one's.
    """
    board: _Board[A] = _Board(list(order))
    crew = [_Worker() for _ in range(min(jobs, len(tasks)) - 1)]
    threads = [threading.Thread(target=_feed, args=(one, work, tasks, board, tell), daemon=True) for one in crew]
    try:
        for thread in threads:
            thread.start()
        while (at := board.take()) is not None:
            board.note(at, lambda at=at: work(tasks[at], lambda rows: board.told(tell, rows)))  # type: ignore[misc]
        for thread in threads:
            thread.join()
    finally:
        for one in crew:
            one.end()
    return board.answers()


@dataclass
class _Board(Generic[A]):
    """What is still to be begun, and what came of the rest; seen by all threads."""

    todo: list[int]
    done: dict[int, A] = field(default_factory=dict)
    failed: dict[int, Exception] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> int | None:
        """Return the next task to begin; once one has failed, only those before it, so that the same error is told."""
        with self.lock:
            open_ = [at for at in self.todo if all(at < one for one in self.failed)]
            if not open_:
                return None
            self.todo.remove(open_[0])
            return open_[0]

    def note(self, at: int, do: Callable[[], A]) -> None:
        """Do a task and note its answer, or its error."""
        try:
            answer = do()
        except Exception as error:  # noqa: BLE001 whatever it is, it is raised again once the tasks before it are done
            with self.lock:
                self.failed[at] = error
        else:
            with self.lock:
                self.done[at] = answer

    def told(self, tell: Tell, rows: int) -> None:
        """Pass progress on, one thread at a time."""
        with self.lock:
            tell(rows)

    def answers(self) -> list[A]:
        """Return all answers, or raise the first task's error."""
        for at in sorted(self.failed):
            raise self.failed[at]
        return [self.done[at] for at in sorted(self.done)]


class _Worker:
    """A child process and the line to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-c", _START.format(path=sys.path, fd=theirs.fileno())]
        # A session of its own: Ctrl-C at the terminal reaches the parent only, which ends its workers.
        self.process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        theirs.close()
        self.line: Connection[Any, Any] = Connection(ours.detach())

    def ask(self, work: Work[T, A], task: T, tell: Tell) -> A:
        """
        Have a task done.

        Raises:
            MachineError: The process ended before it answered.
        """
        try:
            self.line.send((work, task))
            while True:
                kind, said = self.line.recv()
                if kind == "rows":
                    tell(said)
                elif kind == "error":
                    raise said
                else:
                    answer: A = said
                    return answer
        except (EOFError, ConnectionError, BrokenPipeError):
            raise _ended(self.process.wait()) from None

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self.line.close()


def _feed(worker: _Worker, work: Work[T, A], tasks: Sequence[T], board: _Board[A], tell: Tell) -> None:
    while (at := board.take()) is not None:
        board.note(at, lambda at=at: worker.ask(work, tasks[at], lambda rows: board.told(tell, rows)))  # type: ignore[misc]


def _ended(code: int) -> MachineError:
    out_of_memory = code == -signal.SIGKILL
    return MachineError(
        Text("一个工作进程意外终止", "a worker process ended unexpectedly")
        if not out_of_memory
        else Text(
            "一个工作进程被系统终止，多半是内存不足", "a worker process was killed by the system, most likely for want of memory"
        ),
        where=f"exit {code}",
        next=Text(f"设 {JOBS}=1 后重跑同一命令", f"set {JOBS}=1 and run the same command again"),
    )


def serve(fd: int) -> None:
    """Do tasks for the parent at the other end of a socket until it is gone; the body of a worker process."""
    line: Connection[Any, Any] = Connection(fd)
    asked: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(line, asked), daemon=True).start()
    while True:
        line.send(_answer(asked.get(), lambda rows: line.send(("rows", rows))))


def _listen(line: "Connection[Any, Any]", asked: "SimpleQueue[bytes]") -> None:
    """Take tasks in; once the parent is gone nobody wants the work, so the process ends where it stands."""
    try:
        while True:
            asked.put(line.recv_bytes())
    finally:
        os._exit(1)


def _answer(asked: bytes, tell: Tell) -> tuple[str, Any]:
    try:
        work, task = ForkingPickler.loads(asked)
        return "answer", work(task, tell)
    except Exception as error:  # noqa: BLE001 the parent raises it again
        return "error", _sendable(error)


def _sendable(error: Exception) -> Exception:
    """Return the error with where it came from; one that cannot travel is told by its class."""
    error.add_note("in a worker:\n" + "".join(traceback.format_tb(error.__traceback__)))
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))
    except Exception:  # noqa: BLE001 an error of a library may be built in any way
        name = type(error).__name__
        return CrmetlError(Text(f"工作进程出错（{name}）", f"a worker failed ({name})"))
    return error
