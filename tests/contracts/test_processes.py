"""Two real processes on one target: one writes at a time, and who lost the right to write cannot."""

import pandas as pd
import pytest

from crmetl.errors import LeaseHeld
from crmetl.load import MemoryTarget, apply, open_target, runs
from crmetl.load.relations import LEASE
from tests.contracts.servers import SERVERS
from tests.contracts.writers import Stop, accounts, writer
from tests.diff.crm import NOW, SCHEMA, dump, propose

BUSY = 6
DIED = -9
WHOLE = {"account": 4, "contact": 5, "note": 4}


@pytest.fixture
def database(url: str) -> str:
    """URL of an empty database; a target in memory has one process only."""
    if not url:
        pytest.skip("one process only")
    return url


def held(url: str) -> dict[str, int]:
    """Return how many rows each entity has."""
    with open_target(url, SCHEMA) as target:
        return {name: number for name, number in target.counts().items() if number}


def ended(url: str) -> dict[str, str]:
    """Return run -> status."""
    with open_target(url, SCHEMA) as target:
        ledger = runs(target)
        return dict(zip(ledger["run"], ledger["status"], strict=True))


def time_is_over(url: str) -> None:
    """Let a minute pass for the lease."""
    with open_target(url, SCHEMA) as target, target.transaction():
        target.update(LEASE, pd.DataFrame({"name": ["apply"], "until": ["0"]}, dtype="str"))


def go(url: str, run: str) -> str:
    """Apply the estate of a run in this process."""
    with open_target(url, SCHEMA) as target:
        return apply(propose(accounts(run), MemoryTarget(SCHEMA)), target=target, run=run, now=NOW, batch=2).status


def test_of_two_runs_at_once_one_is_refused_and_writes_nothing(database: str) -> None:
    """The second is told so with exit code 6 and leaves no trace; the first ends as if alone."""
    with writer(database, "r1", Stop("between", 2)) as first:
        first.stopped()
        before = held(database)
        with writer(database, "r2") as second:
            assert BUSY == second.exit()
        assert before == held(database)
        assert ["r1"] == list(ended(database))
        first.goes_on()
        assert 0 == first.exit()

    assert {"r1": "applied"} == ended(database)
    assert WHOLE == held(database)


def test_a_run_is_refused_while_the_other_is_within_a_transaction(database: str) -> None:
    """Nobody waits for the other's locks to hear that another run writes."""
    with writer(database, "r1", Stop("within", 5)) as first:
        first.stopped()
        with open_target(database, SCHEMA) as target, pytest.raises(LeaseHeld):
            apply(propose(accounts("r2"), MemoryTarget(SCHEMA)), target=target, run="r2", now=NOW)


def test_a_writer_that_was_taken_over_between_batches_cannot_go_on(database: str) -> None:
    """Paused past its time, another run wrote; when it wakes it is told so and writes no more."""
    with writer(database, "r1", Stop("between", 2)) as first:
        first.stopped()
        before = held(database)
        time_is_over(database)
        assert "applied" == go(database, "r2")
        first.goes_on()
        assert BUSY == first.exit()

    assert {"r1": "running", "r2": "applied"} == ended(database)
    assert {name: number + before.get(name, 0) for name, number in WHOLE.items()} == held(database)


def test_a_writer_that_was_stopped_within_a_transaction_is_rolled_back(home: tuple[str, str], database: str) -> None:
    """The server ends the silent transaction; the run that takes over finishes, and the first cannot commit."""
    if home[0] not in SERVERS:
        pytest.skip("a file's lock lasts as long as its process")
    with writer(database, "r1", Stop("within", 12)) as first:
        first.stopped()
        before = held(database)
        time_is_over(database)
        assert "applied" == go(database, "r2")
        first.goes_on()
        assert first.exit() in (4, BUSY)

    assert {"r1": "running", "r2": "applied"} == ended(database)
    assert {name: number + before.get(name, 0) for name, number in WHOLE.items()} == held(database)


@pytest.mark.parametrize("number", [1, 14])
def test_a_killed_process_loses_nothing(database: str, number: int) -> None:
    """Kill -9 in the middle of a transaction; the next process follows at once and ends where it should."""
    with writer(database, "r1", Stop("within", number, "die")) as first:
        first.stopped()
        assert DIED == first.exit()
    done = held(database)

    assert "applied" == go(database, "r1")

    assert sum(done.values()) < sum(WHOLE.values())
    undisturbed = MemoryTarget(SCHEMA)
    apply(propose(accounts("r1"), undisturbed), target=undisturbed, run="r1", now=NOW)
    with open_target(database, SCHEMA) as target:
        assert dump(undisturbed) == dump(target)


def test_two_that_start_at_once_on_an_empty_database_make_its_tables_once(bare_url: str) -> None:
    """Neither trips over the tables that the other makes; one at least writes, the other does too or is told to wait."""
    with writer(bare_url, "r1") as first, writer(bare_url, "r2") as second:
        codes = {first.exit(), second.exit()}

    assert codes <= {0, BUSY}
    assert "applied" in ended(bare_url).values()
