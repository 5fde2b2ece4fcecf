"""Laws of matching, over generated records."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.batch import conserve
from crmetl.dedupe import dedupe, explain
from crmetl.dedupe.resolve import contents_of, resolve
from crmetl.dedupe.scoring import scorer
from crmetl.dedupe.stage import compared_rows
from tests.dedupe.records import ACCOUNT, batch
from tests.examples import heavy

NAMES = (
    "上海恒曜贸易有限公司", "恒曜贸易", "恒曜", "上海恒耀贸易有限公司", "北京恒曜贸易有限公司", "上海恒曜贸易有限公司杭州分公司",
    "上海恒曜机械有限公司", "Hengyao Trading Co., Ltd.", "Acme Valves Ltd", "Acme Valves Limited", "澜川机械", None,
)  # fmt: skip
ROW = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES),
        "phone": st.sampled_from(("+862161234567", "+862161234568", "+442071234567", None)),
        "uscc": st.sampled_from(("91310115MA1K35X12G", "91310115MA1H7T3W5X", None, None, None)),
        "city": st.sampled_from(("上海市", "杭州市", None)),
        "source": st.sampled_from(("erp", "east", "event")),
    }
)
ROWS = st.lists(ROW, max_size=10)


def clusters(frame: pd.DataFrame, absorbed: "pd.Series[str]") -> set[frozenset[str]]:
    """Return the clusters as sets of rids."""
    into = {rid: absorbed.get(rid, rid) for rid in frame.index}
    return {frozenset(rid for rid, one in into.items() if one == survivor) for survivor in set(into.values())}


@given(ROWS, st.randoms(use_true_random=False))
@heavy(15)
def test_shuffling_changes_nothing(rows: list[dict[str, str | None]], order: "np.random.Generator") -> None:
    """The order of records changes neither clusters, nor survivors, nor scores."""
    records = batch(rows)
    mixed = list(records.frame.index)
    order.shuffle(mixed)

    found = dedupe(records, rules=ACCOUNT)
    again = dedupe(replace(records, frame=records.frame.loc[mixed]), rules=ACCOUNT)

    assert found.result.absorbed.sort_index().to_dict() == again.result.absorbed.sort_index().to_dict()
    pd.testing.assert_frame_equal(found.pairs, again.pairs)
    pd.testing.assert_frame_equal(found.result.kept.frame.sort_index(), again.result.kept.frame.sort_index())


@given(ROWS)
@heavy(20)
def test_no_record_is_lost_and_no_cluster_contradicts_itself(rows: list[dict[str, str | None]]) -> None:
    """Every record has one outcome; no cluster holds two credit codes."""
    records = batch(rows)

    found = dedupe(records, rules=ACCOUNT)

    conserve("dedupe", records.frame.index, found.result)
    for one in clusters(records.frame, found.result.absorbed):
        assert len(records.frame.loc[sorted(one), "uscc"].dropna().unique()) <= 1


@given(st.lists(ROW, min_size=2, max_size=5))
@heavy(20)
def test_one_kernel(rows: list[dict[str, str | None]]) -> None:
    """A pair's score is the same in arrays, one at a time, and whichever record is named first."""
    records = batch(rows)
    compared = compared_rows(records.frame.sort_index(), ACCOUNT, None)
    model = resolve(compared, rules=ACCOUNT).model
    contents = contents_of(compared, ACCOUNT)
    kernel = scorer(contents.columns, ACCOUNT.comparisons, model, ACCOUNT.vetoes)
    i, j = np.triu_indices(contents.size, 1)

    scores = kernel.edges(i, j)

    pinned = replace(ACCOUNT, model=model)
    at = records.frame.sort_index().to_dict("records")
    for a, b, score in zip(contents.first[i].tolist(), contents.first[j].tolist(), scores.scores.tolist(), strict=True):
        one = explain(at[b], at[a], pinned)
        assert one.score == score == one.prior + sum(part.mbit for part in one.parts)


@given(st.lists(ROW, min_size=2, max_size=10), st.integers(1, 7))
@heavy(20)
def test_chunks_change_no_score(rows: list[dict[str, str | None]], size: int) -> None:
    """Pairs scored in pieces score as they do together."""
    compared = compared_rows(batch(rows).frame.sort_index(), ACCOUNT, None)
    found = resolve(compared, rules=ACCOUNT)
    i, j = np.triu_indices(found.contents.size, 1)

    whole = found.scorer.edges(i, j)
    pieces = [found.scorer.edges(i[at : at + size], j[at : at + size]).scores for at in range(0, len(i), size)]

    assert whole.scores.tolist() == [one for piece in pieces for one in piece.tolist()]


@given(ROW, ROW)
@settings(max_examples=50, deadline=None)
def test_more_agreement_never_lowers_a_score(left: dict[str, str | None], right: dict[str, str | None]) -> None:
    """Giving one record the other's phone, code or city never makes the two less alike."""
    before = explain(left, right, ACCOUNT).score

    for field in ("phone", "uscc", "city"):
        if left[field] is not None and right[field] is not None:
            assert explain(left, {**right, field: left[field]}, ACCOUNT).score >= before


@given(ROW, st.integers(2, 6))
@heavy(15)
def test_identical_rows_join_when_their_content_identifies(row: dict[str, str | None], copies: int) -> None:
    """Copies of a row with a full name, or a code, are one."""
    records = batch([{**row, "name": "上海恒曜贸易有限公司"}] * copies)

    assert len(dedupe(records, rules=ACCOUNT).result.kept) == 1
