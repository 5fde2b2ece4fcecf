"""The keys of one record: through an index they lead to the records that the batch pairs it with, whatever the table holds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmetl.dedupe.block.blocking import blocking_of
from crmetl.dedupe.block.keys import (
    KeyRules,
    OneRecord,
    asked_by,
    atoms_by_name,
    atoms_of_one,
    choose,
    finer_asked,
    hexed,
    keys_of,
)
from crmetl.dedupe.block.keys import refined as finer_keys
from crmetl.dedupe.compare.columns import Column
from crmetl.dedupe.compare.comparisons import columns_of, columns_of_few
from tests.dedupe.records import ACCOUNT, NAMES
from tests.examples import heavy

TOLD = (
    "杭州澜川机械有限公司（原恒曜贸易）", "Lanchuan Machinery Ltd", "杭州荻通运输有限公司（曾用名：澜川机械）", "恒耀贸易", "Hengyao Trading",
)  # fmt: skip
ROW = st.fixed_dictionaries(
    {
        "name": st.sampled_from((*NAMES, *TOLD)),
        "phone": st.sampled_from(("+862161234567", "+862161234568", None, None)),
        "city": st.sampled_from(("上海市", "杭州市", None)),
        "address": st.sampled_from(("上海市张江路1号", None, None)),
    }
)
COMPARISONS = [one for one in ACCOUNT.comparisons if "." not in one.field]
LEARNT = (("name:brand",), ("name:alias",), ("name:latin",), ("phone:number",), ("name:brand_head", "city:place"), ("name:alias", "city:place"))  # fmt: skip


class Index:
    """Keys of the records of a table, as `crmetl.load.index.build` keeps them: blocks above a limit are refined."""

    def __init__(self, columns: Sequence[Column], chosen: KeyRules, limit: int) -> None:
        atoms, self.chosen, self.limit = atoms_by_name(columns), chosen, limit
        self.holders: dict[str, set[int]] = {}
        for number, keys in enumerate(keys_of(atoms, chosen)):
            self._put(keys, np.arange(len(keys)))
            sizes = {key: len(self.holders[key]) for key in hexed(keys) if key in self.holders}
            large = np.flatnonzero([sizes.get(key, 0) > limit for key in hexed(keys)])
            for more in finer_keys(atoms, chosen, number):
                self._put(more[large], large)

    def _put(self, keys: Any, rows: Any) -> None:
        for key, row in zip(hexed(keys), rows.tolist(), strict=True):
            if int(key, 16):
                self.holders.setdefault(key, set()).add(row)

    def _fits(self, key: str) -> set[int]:
        found = self.holders.get(key, set())
        return found if len(found) <= self.limit else set()

    def candidates(self, record: Mapping[str, str | None]) -> set[int]:
        """Return the rows that a look-up of this record brings."""
        found = OneRecord(columns_of_few({name: [cell] for name, cell in record.items()}, 1, COMPARISONS))
        out = set()
        for number, keys in asked_by(found, self.chosen).items():
            finer = finer_asked(atoms_of_one(found, self.chosen), self.chosen, number)
            large = any(len(self.holders.get(key, ())) > self.limit for key in keys)
            out |= {row for key in (*keys, *(finer if large else ())) for row in self._fits(key)}
        return out


def pairs_of(columns: Sequence[Column], rules: Sequence[Sequence[str]], limit: int) -> list[set[int]]:
    """Return the partners of each row by the batch's blocks."""
    blocks = blocking_of(columns, within=None, max_block=limit, rules=rules)
    i, j, _ = blocks.pairs()
    out: list[set[int]] = [set() for _ in range(blocks.size)]
    for a, b in zip(i.tolist(), j.tolist(), strict=True):
        out[a].add(b)
        out[b].add(a)
    return out


def table(rows: Sequence[Mapping[str, str | None]]) -> tuple[Column, ...]:
    """Return the compared columns of these rows."""
    return columns_of(pd.DataFrame(list(rows), columns=["name", "phone", "city", "address"]).astype("str"), COMPARISONS)


@given(st.lists(ROW, min_size=1, max_size=14))
@heavy(150)
def test_the_index_gives_the_pairs_of_the_batch(rows: list[dict[str, str | None]]) -> None:
    """By rules that a model has chosen, a record finds those and only those rows that the batch would compare it with."""
    columns = table(rows)
    chosen = choose(columns, len(rows), within=False, blocking=LEARNT)
    partners = pairs_of(columns, chosen.rules, len(rows))
    index = Index(columns, chosen, len(rows))

    assert [index.candidates(row) - {at} for at, row in enumerate(rows)] == partners


@given(st.lists(ROW, min_size=6, max_size=20), st.integers(2, 5))
@heavy(80)
def test_blocks_that_are_refined_lose_nothing_in_the_index(rows: list[dict[str, str | None]], limit: int) -> None:
    """
    Where a block is too large, the finer keys lead to each row that the batch's refinement does.

    Neighbours of a block that nothing refines are left out: there a look-up says that it did not compare with each.
    """
    columns = table(rows)
    chosen = choose(columns, len(rows), within=False, blocking=LEARNT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crmetl.dedupe.block.blocking._window", lambda *_: np.zeros(0, dtype=np.int64))
        partners = pairs_of(columns, chosen.rules, limit)
    index = Index(columns, chosen, limit)

    for at, row in enumerate(rows):
        assert partners[at] <= index.candidates(row)


@given(st.lists(ROW, min_size=1, max_size=14))
@heavy(60)
def test_by_declared_rules_the_index_gives_at_least_the_pairs_of_the_batch(rows: list[dict[str, str | None]]) -> None:
    """A weak key that tells enough alone stands for its pairs with others: it may give more, never less."""
    columns = table(rows)
    chosen = choose(columns, len(rows), within=False)
    index = Index(columns, chosen, len(rows))

    for at, partners in enumerate(pairs_of(columns, (), len(rows))):
        assert partners <= index.candidates(rows[at])


@given(st.lists(ROW, min_size=2, max_size=10), st.lists(ROW, max_size=10))
@heavy(60)
def test_what_else_a_table_holds_makes_no_pair(rows: list[dict[str, str | None]], more: list[dict[str, str | None]]) -> None:
    """Two records are candidates or not, whoever else is there."""
    size = len(rows)
    alone, together = table(rows), table([*rows, *more])

    few, many = pairs_of(alone, LEARNT, 100), pairs_of(together, LEARNT, 100)

    assert few == [{at for at in partners if at < size} for partners in many[:size]]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("杭州澜川机械有限公司（原恒曜贸易）", "上海恒曜贸易有限公司"),
        ("Hengyao Trading Co., Ltd.", "上海恒曜贸易有限公司"),
    ],
)
def test_a_name_that_is_told_finds_who_is_known_by_it(name: str, other: str) -> None:
    """A former name and a name in Latin letters lead to the firm that is called so, from either side."""
    rows: list[dict[str, str | None]] = [{"name": one} for one in (name, other)]
    columns = table(rows)
    index = Index(columns, choose(columns, 2, within=False, blocking=(("name:alias",), ("name:latin",))), 10)

    assert {1} <= index.candidates(rows[0])
    assert {0} <= index.candidates(rows[1])
