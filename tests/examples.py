"""How many examples a law gets whose every example is a whole stage or run: few in `make test`, many in `make soak`."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings

Test = TypeVar("Test", bound=Callable[..., Any])

TIMES = int(os.environ.get("CRMETL_TEST_EXAMPLES") or "1")
"""How many times as many examples; `make soak` asks for them."""


def heavy(few: int) -> Callable[[Test], Test]:
    """Give a law `few` examples, times what the environment asks for, and the mark by which `make soak` finds it."""
    sized = settings(max_examples=few * TIMES, deadline=None, suppress_health_check=list(HealthCheck))

    def marked(test: Test) -> Test:
        found: Test = pytest.mark.heavy(sized(test))
        return found

    return marked
