"""A few threads for work that waits on a database: bounded, with a bounded queue, and nobody waits for a dead one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

Found = TypeVar("Found")


class Busy(Exception):
    """All threads are at work and the queue is full."""


class Workers:
    """
    Runs calls in threads.

    A place is taken until its call has ended, also where the caller has given up: work that hangs is never piled up
    behind the scenes. The threads are daemons, so that a database that never answers does not keep the process alive.

    Args:
        threads: Calls at the same time.
        waiting: Calls that may wait for a thread.
    """

    def __init__(self, *, threads: int, waiting: int) -> None:
        self._free = threads + waiting
        self._lock = Lock()
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads = threads
        self._started = False

    async def run(self, call: Callable[[], Found], *, seconds: float) -> Found:
        """
        Return what `call` returns.

        Raises:
            Busy: There is no place; nothing was started.
            TimeoutError: It took longer than `seconds`, the wait for a thread included; it may go on unseen.
        """
        job: Future[Found] = Future()
        self._take()
        job.add_done_callback(self._give_back)
        self._queue.put((job, call))
        return await asyncio.wait_for(asyncio.wrap_future(job), seconds)

    def close(self) -> None:
        """Let the threads end once their queue is empty; a later call starts new ones."""
        with self._lock:
            ending, self._started = self._started, False
        for _ in range(self._threads if ending else 0):
            self._queue.put(None)

    def _take(self) -> None:
        with self._lock:
            if self._free == 0:
                raise Busy
            self._free -= 1
            starting, self._started = not self._started, True
        for number in range(self._threads if starting else 0):
            Thread(target=self._work, name=f"check-{number}", daemon=True).start()

    def _give_back(self, _: Future[Any]) -> None:
        with self._lock:
            self._free += 1

    def _work(self) -> None:
        while (next_one := self._queue.get()) is not None:
            job, call = next_one
            if not job.set_running_or_notify_cancel():
                continue
            try:
                job.set_result(call())
            except BaseException as error:  # noqa: BLE001 it belongs to whoever waits for it
                job.set_exception(error)
