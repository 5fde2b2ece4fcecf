"""
Matching of customers without labels: `crmetl dedupe` as a whole command, beside Splink on the same files in the same run.

    python -m benchmarks.customers --n 20000 100000 --peer-python PYTHON
    python -m benchmarks.customers --places 20000
    python -m benchmarks.customers --n 20000 --distinct

The tables of `--n` are those of `benchmarks/chinese.py`, of `--places` those of `benchmarks/places.py`; no labels, one
configuration for all, each matcher's own cut. Beside the figures of pairs and of B-cubed stand, for each kind of look-alike,
the pairs of accounts that were joined though they differ, and what was missed of the accounts of each kind. `--distinct` takes
one row of each account: every pair found is false. `--peer-python` names a Python that has splink.
"""

import argparse
import sys

import pandas as pd

from benchmarks import chinese, places
from benchmarks.matching import matched, pairs


def joined(table: pd.DataFrame) -> pd.DataFrame:
    """
    Return per kind of look-alike the pairs of entities of one group, and how many of them share a cluster.

    Args:
        table: Columns kind, group, entity, cluster; group is "" where an entity has no look-alike.

    Returns:
        Index kind; columns wrong, of.

    >>> rows = {"kind": ["sister"] * 3, "group": ["G1"] * 3, "entity": ["A", "A", "B"], "cluster": ["1", "2", "2"]}
    >>> joined(pd.DataFrame(rows)).loc["sister"].tolist()
    [1, 1]
    """
    told = table.loc[table["group"] != "", ["kind", "group", "entity", "cluster"]]
    members = told[["kind", "group", "entity"]].drop_duplicates()
    of = pairs(members[["kind", "group"]]).groupby("kind").sum()
    there = told.drop_duplicates()
    both = there.merge(there, on=["kind", "group", "cluster"])
    both = both[both["entity_x"] < both["entity_y"]].drop_duplicates(["group", "entity_x", "entity_y"])
    return pd.DataFrame({"wrong": both["kind"].value_counts(), "of": of}).reindex(of.index).fillna(0).astype(int)


def missed(table: pd.DataFrame) -> pd.DataFrame:
    """
    Return per kind the true pairs, and how many of them are in no cluster together.

    >>> rows = {"kind": ["plain"] * 3, "entity": ["A"] * 3, "cluster": ["1", "1", "2"]}
    >>> missed(pd.DataFrame(rows)).loc["plain"].tolist()
    [2, 3]
    """
    of = pairs(table[["kind", "entity"]]).groupby("kind").sum()
    right = pairs(table[["kind", "entity", "cluster"]]).groupby("kind").sum()
    return pd.DataFrame({"missed": of - right, "of": of})


def false_pairs(table: pd.DataFrame) -> dict[str, int]:
    """
    Return where false pairs of rows come from: look-alikes of a kind, strangers of one kind, strangers of different kinds.

    >>> rows = {"kind": ["plain", "western"], "group": ["", ""], "entity": ["A", "B"], "cluster": ["1", "1"]}
    >>> false_pairs(pd.DataFrame(rows))
    {'between kinds': 1}
    """
    false = int(pairs(table["cluster"]).sum() - pairs(table[["entity", "cluster"]]).sum())
    grouped = table[table["group"] != ""]
    alike = pairs(grouped[["kind", "group", "cluster"]]).groupby("kind").sum()
    alike = alike - pairs(grouped[["kind", "entity", "cluster"]]).groupby("kind").sum()
    one_kind = (
        pairs(table[["kind", "cluster"]]).groupby("kind").sum()
        - pairs(table[["kind", "entity", "cluster"]]).groupby("kind").sum()
    )
    strangers = one_kind.sub(alike, fill_value=0).astype(int)
    out = {f"{kind} look-alikes": int(count) for kind, count in alike.items()}
    out |= {f"strangers, {kind}": int(count) for kind, count in strangers.items()}
    out["between kinds"] = false - int(one_kind.sum())
    return {what: count for what, count in out.items() if count}


def compare(name: str, table: pd.DataFrame, entity: str, peer: str | None) -> None:
    """Match a table with each matcher; print figures, look-alikes joined, what was missed, where false pairs come from."""
    truth = table[["kind", "group"]].assign(entity=table[entity])
    fields = table.drop(columns=[one for one in ("account", "person", "entity", "kind", "group") if one in table])
    for matcher, clusters in matched(name, fields, truth["entity"], peer).items():
        told = truth.assign(cluster=clusters.to_numpy())
        shown = (f"{kind} {wrong:,}/{of:,}" for kind, wrong, of in joined(told).itertuples())
        print(f"    {matcher}: look-alikes joined: " + ", ".join(shown))
        lost = ", ".join(f"{kind} {lost:,}/{of:,}" for kind, lost, of in missed(told).itertuples() if of)
        print("    missed: " + (lost or "nothing to find"))
        worst = sorted(false_pairs(told).items(), key=lambda one: -one[1])
        print("    false pairs: " + ", ".join(f"{what} {count:,}" for what, count in worst), flush=True)


def distinct(table: pd.DataFrame, entity: str, number: int) -> pd.DataFrame:
    """Return one row of each of `number` entities."""
    return table.drop_duplicates(entity).head(number).reset_index(drop=True)


def main() -> int:
    """Run what the command line asks for."""
    line = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("--n", type=int, nargs="*", default=[], help="sizes of Chinese tables")
    line.add_argument("--places", type=int, nargs="*", default=[], help="sizes of tables of Western places")
    line.add_argument("--seed", type=int, default=0)
    line.add_argument("--distinct", action="store_true", help="one row of each account or place")
    line.add_argument("--peer-python", help="a Python that has splink")
    asked = line.parse_args()
    tables = [("chinese", chinese.customers, "account", number) for number in asked.n]
    tables += [("places", places.listed, "entity", number) for number in asked.places]
    for name, made, entity, number in tables:
        table = made(number * 5 if asked.distinct else number, asked.seed)
        table = distinct(table, entity, number) if asked.distinct else table
        compare(f"{name} {number:,}" + " distinct" * asked.distinct, table, entity, asked.peer_python)
    return 0


if __name__ == "__main__":
    sys.exit(main())
