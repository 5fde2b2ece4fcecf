"""Values read of whole columns at once: the same as read one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.dedupe.compare import reach, things
from crmetl.dedupe.compare.atonce import read
from crmetl.dedupe.compare.codes import FEW, texts
from crmetl.dedupe.compare.reading import Read

SHAPES = {
    "number": r"\+?(86)?[0-9]{3,12}|1[3-9][0-9]\*{4}[0-9]{4}|\+8610[0-9]{8}",
    "email": r"[a-z.]{1,6}[0-9]{0,2}@(qq\.com|gmail\.com|[a-z]{1,4}\.example)|[a-z@]{1,5}|王@b\.cn",
    "address": r"([0-9]{1,3}[a-z]? )?(n|north|[a-z]{2,5}|5th|no|norway|no 5) (st|street|avenue|ave)( (apt|unit|room) ?[0-9]| [0-9]{2})?( leeds)?"
    r"|上海市张江路[0-9]{1,3}号",
}
FAMILIES = {
    "number": (reach._read_number, reach.NUMBER.read),
    "email": (reach._read_email, reach.EMAIL.read),
    "address": (things._read_address, things.ADDRESS.read),
}


@settings(max_examples=40, deadline=None)
@given(st.data())
@pytest.mark.parametrize("kind", FAMILIES)
def test_many_values_read_as_few_do(kind: str, data: st.DataObject) -> None:
    """Parts, bases and keys of each value are those that it has alone."""
    drawn = data.draw(st.lists(st.from_regex(SHAPES[kind], fullmatch=True), unique=True, max_size=20))
    values = texts([*drawn, *(f"{kind}{n}" for n in range(FEW + 1))])
    alone, together = FAMILIES[kind]

    few, many = Read.of(alone(values)), Read.of(together(values))

    for name in ("parts", "bases", "strong", "weak", "coarse"):
        mine, theirs = getattr(few, name), getattr(many, name)
        assert list(mine) == list(theirs)
        for part in mine:
            assert mine[part].tolist() == theirs[part].tolist(), part
            shown = np.r_[theirs[part].different, texts([""])][theirs[part].codes]
            assert shown.tolist() == mine[part].tolist(), part
            assert len(set(theirs[part].different.tolist())) == len(theirs[part].different)


def test_few_values_are_read_one_by_one() -> None:
    """A handful of values, as the check of one record has, never goes through arrays."""
    seen = read(texts(["+12345"]), reach._read_number, None)  # type: ignore[arg-type]

    assert list(seen.parts["head"]) == [""]
