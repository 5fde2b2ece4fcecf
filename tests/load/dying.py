"""An apply that dies in the middle of a transaction: run as a process of its own, it kills itself at its n-th write."""

import os
import signal
import sys

import pandas as pd

from crmetl.load import apply
from crmetl.load.connect import parse_url, writing_engine
from crmetl.load.sql import SqlTarget
from tests.diff.crm import NOW, SCHEMA, Estate, propose

ESTATE: Estate = {
    "account": {f"a{n}": {"name": f"公司{n}", "city": "上海", "main_contact": f"@c{n}"} for n in range(4)},
    "contact": {f"c{n}": {"account": f"@a{n % 4}", "full_name": "王"} for n in range(5)},
    "note": {f"n{n}": {"account": f"@a{n % 4}", "line": f"来电{n}"} for n in range(4)},
}


class Dying(SqlTarget):
    """A target whose process is killed at a given write, with the transaction open."""

    left = sys.maxsize

    def insert(self, table: str, rows: pd.DataFrame) -> None:
        """Write, or die."""
        self._beat()
        super().insert(table, rows)

    def update(self, table: str, rows: pd.DataFrame) -> None:
        """Write, or die."""
        self._beat()
        super().update(table, rows)

    def _beat(self) -> None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Apply ESTATE to the URL, and die at the write whose number is given."""
    url = parse_url(sys.argv[1])
    target = Dying(writing_engine(url), url, SCHEMA)
    target.prepare()
    plan = propose(ESTATE, target)
    target.left = int(sys.argv[2])
    apply(plan, target=target, run="r1", now=NOW, batch=2)


if __name__ == "__main__":
    main()
