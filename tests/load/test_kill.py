"""A run that dies is taken up again: nothing missing, nothing twice."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import pytest

from crmetl.load import MemoryTarget, apply, rollback, runs
from crmetl.plan import Plan
from tests.contracts.writers import accounts
from tests.diff.crm import NOW, SCHEMA, dump, key_of, load, merging, propose

ESTATE = accounts("")


class Power(Exception):
    """The power went."""


class Failing(MemoryTarget):
    """A target in memory that goes dark at a given write, in the middle of the transaction."""

    left: int | None = None

    def insert(self, table: str, rows: pd.DataFrame) -> None:
        """Write, or go dark."""
        self._beat()
        super().insert(table, rows)

    def update(self, table: str, rows: pd.DataFrame) -> None:
        """Write, or go dark."""
        self._beat()
        super().update(table, rows)

    def delete(self, table: str, rows: pd.DataFrame) -> None:
        """Remove, or go dark."""
        self._beat()
        super().delete(table, rows)

    def _beat(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Power


def undisturbed() -> dict[str, list[tuple[str, ...]]]:
    """Return what the target holds after an apply that nothing disturbed."""
    target = MemoryTarget(SCHEMA)
    load(ESTATE, target)
    return dump(target)


@contextmanager
def dark(target: Failing, number: int) -> Iterator[None]:
    """Let the power go at a write."""
    target.left = number
    try:
        yield
    except Power:
        pass
    finally:
        target.left = None


def go(plan: Plan, target: MemoryTarget, run: str) -> None:
    """Apply in small batches."""
    apply(plan, target=target, run=run, now=NOW, batch=2)


@pytest.mark.parametrize("number", [0, 2, 5, 9, 14, 22, 31])
def test_an_apply_that_failed_anywhere_is_resumed(number: int) -> None:
    """Wherever it stopped, the second call ends where an undisturbed one does."""
    target = Failing(SCHEMA)
    plan = propose(ESTATE, target)
    with dark(target, number):
        go(plan, target, "r1")

    if "applied" not in set(runs(target)["status"]):
        go(plan, target, "r1")

    assert undisturbed() == dump(target)


@pytest.mark.parametrize("number", [0, 3, 7, 12, 20])
def test_a_rollback_that_failed_anywhere_is_resumed(number: int) -> None:
    """A rollback in two goes gives back what one in a single go does."""
    target = Failing(SCHEMA)
    load(ESTATE, target)
    one, two = key_of(target, "account", "A0"), key_of(target, "account", "A1")
    before = dump(target)
    later = {**ESTATE, "note": {**ESTATE["note"], "n9": {"account": "@a2", "line": "回访"}}}
    go(propose(later, target, merges=merging(("account", two, one))), target, "r2")
    with dark(target, number):
        rollback("r2", target=target, now=NOW)

    if "rolled_back" not in set(runs(target)["status"]):
        rollback("r2", target=target, now=NOW)

    assert before == dump(target)
