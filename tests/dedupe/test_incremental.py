"""New records against the CRM: what becomes of them is the same whether or not its rows are compared with each other."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmetl.dedupe import Deduped, MatchRules, dedupe
from crmetl.dedupe.block.blocking import blocking_of
from crmetl.dedupe.compare.comparisons import columns_of
from tests.dedupe.records import ACCOUNT, HENGTONG, OTHER_PHONE, PHONE, ROWS, batch
from tests.dedupe.test_decided import crm, decision, prints
from tests.examples import heavy

FIELDS = ("name", "uscc", "phone", "address", "city")


def rows_of_crm(rows: Sequence[Any]) -> pd.DataFrame:
    """CRM rows K000, K001 … of these cells."""
    index = pd.Index([f"K{n:03d}" for n in range(len(rows))], dtype="str", name="key")
    return pd.DataFrame(list(rows), index=index, columns=list(FIELDS)).astype("str")


def both(rows: Sequence[Any], existing: pd.DataFrame, rules: MatchRules = ACCOUNT, **more: Any) -> tuple[Deduped, Deduped]:
    """Everything compared, and only what new records lead to."""
    whole, less = (dedupe(batch(rows), rules=rules, existing=existing, among_existing=among, **more) for among in (True, False))
    return whole, less


def same_for_records(whole: Deduped, less: Deduped) -> None:
    """Every record has the same end, the same CRM row and the same values."""
    assert whole.result.absorbed.sort_index().to_dict() == less.result.absorbed.sort_index().to_dict()
    assert whole.matched.sort_index().to_dict() == less.matched.sort_index().to_dict()
    pd.testing.assert_frame_equal(whole.result.kept.frame, less.result.kept.frame)
    pd.testing.assert_frame_equal(whole.result.held.frame, less.result.held.frame)


def invented(number: int, seed: int) -> list[dict[str, str | None]]:
    """Rows of few brands in few cities: large blocks, chains, and clusters of many rows."""
    draw = np.random.default_rng(seed)
    brands, trades = list("恒澜沐槿曜璟泓琛"), ("贸易", "机械", "电子")
    out: list[dict[str, str | None]] = []
    for _ in range(number):
        brand, other = (brands[at] for at in draw.integers(0, len(brands), 2))
        city, trade = ("上海", "杭州", "北京")[draw.integers(3)], trades[draw.integers(3)]
        short = draw.random() < 0.4
        out.append(
            {
                "name": f"{brand}{other}{trade}" if short else f"{city}{brand}{other}{trade}有限公司",
                "phone": f"+86216123{draw.integers(60):04d}" if draw.random() < 0.8 else None,
                "city": f"{city}市" if draw.random() < 0.5 else None,
                "address": f"{city}市张江路{draw.integers(9)}号" if draw.random() < 0.4 else None,
            }
        )
    return out


@pytest.mark.parametrize("seed", range(4))
def test_new_records_end_as_in_the_full_run(seed: int) -> None:
    """Some are known by the crosswalk, blocks are refined and clusters large: absorbed, matched, held and values are the same."""
    rows, there = invented(120, seed), rows_of_crm(invented(400, seed + 100))
    known = pd.Series({f"r{n}": f"K{n:03d}" for n in range(1, 30)}, dtype="str")
    rules = replace(ACCOUNT, max_block=12)

    whole, less = both(rows, there, rules, known=known)

    same_for_records(whole, less)
    assert len(whole.matched) > 30
    assert less.candidates < whole.candidates


@given(ROWS, ROWS, st.integers(0, 4), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=3))
@heavy(10)
def test_new_records_end_as_in_the_full_run_whatever_was_decided(
    rows: list[Any], there: list[Any], known: int, said: list[tuple[int, int, bool]]
) -> None:
    """The same law over small generated tables, with a crosswalk and with decisions on CRM rows and records."""
    existing = rows_of_crm([{name: one.get(name) for name in FIELDS} for one in there])
    walk = pd.Series({f"r{n}": f"K{n:03d}" for n in range(1, min(known, len(rows), len(there) - 1) + 1)}, dtype="str")
    told = [*prints(rows), *prints(there)]
    decisions = [
        decision(told[a], told[b], "same" if yes else "different") for a, b, yes in said if max(a, b) < len(told) and told[a]
    ]
    frame = pd.concat(decisions).drop_duplicates(["left", "right"]) if decisions else None

    whole, less = both(rows, existing, known=walk, decisions=frame)

    same_for_records(whole, less)
    ends = dict(zip(whole.merges["loser"], whole.merges["survivor"], strict=True))
    sides = zip(less.merges["loser"], less.merges["survivor"], strict=True)
    assert all(ends.get(one, one) == ends.get(other, other) for one, other in sides)


def test_a_new_record_that_joins_two_crm_rows_still_proposes_their_merge() -> None:
    """Two rows of the CRM meet through the record, and the second is told as a merge; two that it does not lead to are not."""
    there = crm(
        K1={"name": HENGTONG, "phone": PHONE},
        K2={"name": HENGTONG, "phone": PHONE, "city": "上海市"},
        K3={"name": "杭州澜川机械有限公司", "phone": OTHER_PHONE},
        K4={"name": "杭州澜川机械有限公司", "phone": OTHER_PHONE, "city": "杭州市"},
    )

    whole, less = both([{"name": HENGTONG, "phone": PHONE}], there)

    assert [["K2", "K1"], ["K4", "K3"]] == whole.merges[["loser", "survivor"]].to_numpy().tolist()
    assert [["K2", "K1"]] == less.merges[["loser", "survivor"]].to_numpy().tolist()


def test_nothing_new_compares_no_crm_rows() -> None:
    """Without a record there is no pair, however alike the CRM's rows are."""
    there = crm(K1={"name": HENGTONG, "phone": PHONE}, K2={"name": HENGTONG, "phone": PHONE})

    whole, less = both([], there)

    assert (1, 0) == (whole.candidates, less.candidates)
    assert less.merges.empty


@given(st.lists(st.booleans(), min_size=60, max_size=60), st.integers(2, 30))
@heavy(20)
def test_the_pairs_of_asked_records_are_those_of_all_but_for_the_others(asked: list[bool], block: int) -> None:
    """Blocks are refined and windowed as they are among all records, so that no pair is gained or lost."""
    frame = pd.DataFrame(invented(60, 1)).reindex(columns=list(FIELDS)).astype("str")
    comparisons = [one for one in ACCOUNT.comparisons if one.field in FIELDS]
    blocks = blocking_of(columns_of(frame, comparisons), within=None, max_block=block)
    mask = np.array(asked)

    i, j, _ = blocks.pairs()
    a, b, _ = blocks.pairs(mask)

    wanted = mask[i] | mask[j]
    assert (i[wanted].tolist(), j[wanted].tolist()) == (a.tolist(), b.tolist())
