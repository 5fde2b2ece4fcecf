"""After any apply and any rollback the index is what a build would make anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmetl.dedupe import Compared, MatchRules
from crmetl.load import MemoryTarget, apply, open_target, rollback
from crmetl.load.index.build import build_index
from crmetl.load.index.keys import KEY, Indexing, indexes
from crmetl.load.relations import MATCHKEY
from crmetl.plan import Target
from tests.diff.crm import NOW, SCHEMA, load, merging, propose

RULES = MatchRules(
    "account",
    tuple(
        Compared(name, kind)
        for name, kind in (("name", "company_name"), ("phone", "phone"), ("city", "city"), ("contact.full_name", "person_name"))
    ),
)
FIRST = {
    "account": {
        "a1": {"name": "上海恒泰川贸易有限公司", "city": "上海市", "phone": "+862168880001"},
        "a2": {"name": "杭州曜璟机械有限公司", "city": "杭州市", "phone": "+8657168880002"},
    },
    "contact": {"c1": {"account": "@a1", "full_name": "王小明"}},
}
MOVED = {
    "account": {**FIRST["account"], "a2": {"name": "杭州沐槿机械有限公司", "city": "苏州市", "phone": "+8657168880002"}},
    "contact": {"c1": {"account": "@a2", "full_name": "王小明"}, "c2": {"account": "@a1", "full_name": "李娜"}},
}


@pytest.fixture(params=["memory", "sqlite"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    """An empty target."""
    if request.param == "memory":
        yield MemoryTarget(SCHEMA)
        return
    with open_target(f"sqlite:///{tmp_path}/crm.db", SCHEMA) as found:
        yield found


def keys(target: Target, build: int) -> set[tuple[str, str]]:
    """Return hash and key of a build."""
    rows = target.select(MATCHKEY, list(KEY), where=("entity", ["account"]))
    mine = rows[rows["build"] == str(build)]
    return set(zip(mine["hash"], mine["key"], strict=True))


def assert_current(target: Target) -> None:
    """Write every row's keys again: nothing may change."""
    index = indexes(target, "account")[-1]
    there = keys(target, index.build)
    with target.transaction():
        Indexing(target, (index,)).write(index, sorted(target.read("account").index))
    assert there == keys(target, index.build)
    assert there


def test_the_index_follows_apply_merge_and_rollback(target: Target) -> None:
    """New rows, moved cells and contacts, a merge, and their rollbacks: the keys are always those of the rows."""
    load(FIRST, target, run="r1")
    build_index(target, RULES, project="", now=NOW)
    before = keys(target, 1)

    load(MOVED, target, run="r2")
    assert_current(target)
    assert before != keys(target, 1)
    rollback("r2", target=target, now=NOW)

    assert before == keys(target, 1)
    survivor, loser = sorted(target.read("account").index)
    plan = propose(FIRST, target, merges=merging(("account", loser, survivor)))
    apply(plan, target=target, run="r3", now=NOW)
    assert loser not in {key for _, key in keys(target, 1)}
    assert_current(target)
    rollback("r3", target=target, now=NOW)
    assert before == keys(target, 1)
