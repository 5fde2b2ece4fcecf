"""A plan parted in two: no group is torn, nothing is lost, nothing is in both."""

from dataclasses import replace

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.batch import text_frame
from crmetl.plan import CELL, CONFLICT, CROSSWALK, OPERATION, Plan
from crmetl.plan.split import GROUPED, split

GROUPS = [f"g{number}" for number in range(6)]


def frame(columns: tuple[str, ...], groups: list[str]) -> pd.DataFrame:
    """Return a row per group, its other cells telling the group too."""
    if not groups:
        return text_frame(columns)
    return pd.DataFrame(
        {name: groups if name == "group" else [f"{name} {one}" for one in groups] for name in columns}, dtype="str"
    )


def plan(groups: list[str]) -> Plan:
    """Return a plan of updates, each group with two cells."""
    kinds = {"kind": "update", "entity": "account"}
    return Plan(
        creates={"contact": pd.DataFrame({"rid": ["r1"], "group": ["g0"]}, index=pd.Index(["k1"], name="key"), dtype="str")},
        operations=frame(OPERATION, groups).assign(**kinds),
        cells=frame(CELL, [*groups, *groups]),
        crosswalk=frame(CROSSWALK, groups[:2]),
        conflicts=frame(CONFLICT, ["c"]),
        prints={"project": "p"},
    )


@given(there=st.lists(st.sampled_from(GROUPS), unique=True), wanted=st.sets(st.sampled_from([*GROUPS, "nowhere"])))
@settings(max_examples=60, deadline=None)
def test_both_parts_together_are_the_plan(there: list[str], wanted: set[str]) -> None:
    """Each row is in one part, the wanted groups in the first; counts tell the operations of each."""
    whole = plan(there)

    mine, rest = split(whole, wanted)

    for name in GROUPED:
        parts = [set(getattr(one, name)["group"]) for one in (mine, rest)]
        assert parts[0] <= wanted
        assert not parts[1] & wanted
        assert len(getattr(whole, name)) == len(getattr(mine, name)) + len(getattr(rest, name))
    assert ("contact" in mine.creates) == ("g0" in wanted)
    assert ("contact" in mine.creates) != ("contact" in rest.creates)
    counted = [one.counts.get("account", {}).get("update", 0) for one in (mine, rest)]
    assert [len(wanted.intersection(there)), len(set(there) - wanted)] == counted
    assert (0, 1) == (len(mine.conflicts), len(rest.conflicts))
    assert whole.prints == mine.prints == rest.prints


def test_an_empty_plan_gives_two_empty_ones() -> None:
    """Nothing in, nothing out."""
    nothing = replace(Plan(creates={}), prints={})

    assert [True, True] == [one.empty() for one in split(nothing, GROUPS)]
