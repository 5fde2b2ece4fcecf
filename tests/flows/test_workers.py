"""Work shared out over processes: order, errors, a worker that dies, and a parent that does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crmetl.errors import MachineError, SourceError, UsageError
from crmetl.flows.workers import Tell, jobs_asked, share_out
from crmetl.text import Text


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers find this module: the path of the parent is theirs, and pytest keeps its modules off it."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))


class Unsendable(Exception):
    """An error that cannot be built anew from its arguments."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first}{second}")


def squared(task: int, tell: Tell) -> tuple[int, int]:
    tell(task)
    return task * task, os.getpid()


def refused(task: int, tell: Tell) -> int:
    del tell
    if task >= 2:
        raise SourceError(Text("没有文件", "no file"), where=f"source {task}")
    return task


def elsewhere_killed(parent: int, tell: Tell) -> int:
    """Die in a worker; in the parent, wait until that has begun."""
    del tell
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(1)
    return 0


def elsewhere_unsendable(parent: int, tell: Tell) -> int:
    """Raise in a worker what cannot travel; in the parent, leave it the time to."""
    del tell
    if os.getpid() != parent:
        raise Unsendable("a", "b")
    time.sleep(3)
    return 0


def gone(pid: int) -> bool:
    """Say whether a process is over within half a minute; one that nobody has waited for is over too."""
    for _ in range(300):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("jobs", [1, 2])
def test_answers_come_in_the_order_of_the_tasks(jobs: int) -> None:
    """Whoever did a task, and in whatever order, its answer stands at its place; rows are told once each."""
    told: list[int] = []

    answers = share_out(squared, range(40), order=range(39, -1, -1), jobs=jobs, tell=told.append)

    assert [one for one, _ in answers] == [n * n for n in range(40)]
    assert sorted(told) == list(range(40))
    assert len({pid for _, pid in answers}) <= jobs


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_first_tasks_error_is_raised_with_its_class(jobs: int) -> None:
    """Of several tasks that fail, the first one of the project is told, as one process would tell it."""
    with pytest.raises(SourceError) as failed:
        share_out(refused, range(5), order=[4, 3, 2, 1, 0], jobs=jobs, tell=lambda _: None)

    assert failed.value.where == "source 2"
    assert failed.value.exit == 3


def test_a_worker_that_is_killed_is_an_error_of_the_machine() -> None:
    """Nothing hangs, and the error says what to do."""
    with pytest.raises(MachineError) as ended:
        share_out(elsewhere_killed, [os.getpid()] * 2, order=[0, 1], jobs=2, tell=lambda _: None)

    assert ended.value.exit == 8
    assert "CRMETL_JOBS=1" in ended.value.line("en")


def test_an_error_that_cannot_travel_is_told_by_its_class() -> None:
    """An error of a library whose arguments are its own secret does not break the line to the worker."""
    with pytest.raises(Exception, match=r"a worker failed \(Unsendable\)"):
        share_out(elsewhere_unsendable, [os.getpid()] * 2, order=[0, 1], jobs=2, tell=lambda _: None)


def test_a_parent_that_is_killed_leaves_no_worker_behind() -> None:
    """Not even SIGKILL, which nobody can answer, leaves an orphan at work."""
    code = (
        "import time\n"
        "from crmetl.flows.workers import _Worker\n"
        "worker = _Worker()\n"
        "worker.line.send((time.sleep, 60))\n"
        "print(worker.process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())

    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert gone(worker)


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_jobs_that_is_none_is_refused(said: str) -> None:
    """A typing error does not silently mean one process."""
    with pytest.raises(UsageError):
        jobs_asked({"CRMETL_JOBS": said})
