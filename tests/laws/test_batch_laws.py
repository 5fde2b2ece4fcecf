"""Laws of the batch: nothing is lost, and two steps say together what they said apart."""

from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmetl.batch import LINEAGE, Batch, StageResult, conserve, keep_all, no_rids, rid_of, stack, text_frame, then
from crmetl.dedupe.natural import fold
from crmetl.errors import LineageError


def records(*rids: str, **cells: list[str | None]) -> Batch:
    frame = pd.DataFrame({**dict.fromkeys(LINEAGE, "x"), **cells}, index=pd.Index(rids, dtype="str", name="rid"))
    return Batch("account", frame.astype("str"))


def only(batch: Batch, fits: Callable[[str], bool]) -> Batch:
    return batch.take(pd.Series([fits(str(rid)) for rid in batch.frame.index], index=batch.frame.index))


def none_of(batch: Batch) -> Batch:
    return batch.take(pd.Series(data=False, index=batch.frame.index))


def test_a_stage_that_loses_a_record_is_stopped() -> None:
    """A stage whose outcomes do not add up to what came is our bug and ends the run."""
    came = records("a", "b")

    with pytest.raises(LineageError):
        conserve("clean", came.frame.index, keep_all(only(came, lambda rid: rid == "a")))


def test_a_stage_that_doubles_a_record_is_stopped() -> None:
    """A record cannot be kept and held at once."""
    came = records("a")

    with pytest.raises(LineageError):
        conserve("clean", came.frame.index, StageResult(kept=came, held=came))


def test_absorbed_and_dropped_count_as_accounted_for() -> None:
    """Kept, held, absorbed and dropped together are what came."""
    came = records("a", "b", "c")
    said = StageResult(
        kept=only(came, lambda rid: rid == "a"),
        held=none_of(came),
        absorbed=pd.Series({"b": "a"}, dtype="str"),
        dropped=pd.Series({"c": "test_row"}, dtype="str"),
    )

    assert said is conserve("dedupe", came.frame.index, said)


def test_two_steps_add_up() -> None:
    """What the first step dropped and the second held are both in their sum."""
    came = records("a", "b", "c")
    first = StageResult(
        kept=only(came, lambda rid: rid != "a"), held=none_of(came), dropped=pd.Series({"a": "rule"}, dtype="str")
    )
    left = first.kept
    second = StageResult(kept=only(left, lambda rid: rid == "b"), held=only(left, lambda rid: rid == "c"))

    both = conserve("link", came.frame.index, then(first, second))

    assert ["b"] == list(both.kept.frame.index)
    assert ["c"] == list(both.held.frame.index)
    assert {"a": "rule"} == both.dropped.to_dict()


def test_records_of_one_natural_identity_become_one() -> None:
    """Two contact points of one contact with one number are one; another number stays."""
    batch = records("2", "1", "3", contact=["c", "c", "c"], value=["+861", "+861", None])

    said = fold(batch, unique=("contact", "value"))

    assert {"2": "1"} == said.absorbed.to_dict()
    assert ["1", "3"] == list(said.kept.frame.index)


def test_nothing_in_nothing_out() -> None:
    """Empty frames have no findings, no records and no ids."""
    empty = Batch("account", text_frame(LINEAGE))

    assert fold(empty, unique=("a",)).kept.frame.empty
    assert no_rids("into").empty
    assert stack([], ["a"]).empty


@given(st.lists(st.text(), unique=True, max_size=30))
def test_ids_do_not_collide_and_do_not_depend_on_their_company(texts: list[str]) -> None:
    """A record's id follows from its own text alone."""
    whole = rid_of(pd.Series(texts, dtype="str"))

    assert len(set(whole)) == len(texts)
    assert list(whole) == [rid_of(pd.Series([one], dtype="str"))[0] for one in texts]
