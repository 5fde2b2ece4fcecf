"""Patience with a busy database."""

import time
from collections.abc import Callable
from typing import TypeVar

from crmetl.errors import TargetError
from crmetl.load.refusals import Transient
from crmetl.text import Text

T = TypeVar("T")

WAITS = (0.1, 0.5, 2.0)
"""Seconds before each further try of a transaction that found the database busy."""


def patiently(work: Callable[[], T]) -> T:
    """
    Run a whole transaction (or a read), again where the database was busy.

    Raises:
        TargetError: It stayed busy.
    """
    for wait in WAITS:
        try:
            return work()
        except Transient:
            time.sleep(wait)
    try:
        return work()
    except Transient as error:
        raise TargetError(
            Text("目标数据库一直被占用", "the target database stays locked by somebody else"),
            next=Text(
                "关闭占用它的程序后重跑 crmetl apply，会接着写",
                "close what holds it and run `crmetl apply` again; it goes on where it was",
            ),
        ) from error
