"""A process of its own that writes decisions again and again: `python writing.py URL NAME`."""

import sys

import pandas as pd

from crmetl.store import DECISION, open_store


def decided(*pairs: tuple[str, str]) -> pd.DataFrame:
    """Return decisions of one verdict."""
    return pd.DataFrame([("account", *pair, "same", None) for pair in pairs], columns=list(DECISION), dtype="str")


if __name__ == "__main__":
    url, name = sys.argv[1:]
    with open_store(url) as store:
        for turn in range(5):
            store.decide(decided(*((f"a{one:02d}", f"b{one:02d}") for one in range(20))), by=name, at=f"{turn}")
            store.decide(decided((f"mine{name}", "zz")), by=name, at=f"{turn}")
