"""What whole columns prove."""

from datetime import date

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.clean import TYPES, Context
from crmetl.clean.proof import date_order, decimal_mark, fillers
from crmetl.faults.kind import Fault
from crmetl.profile import profile_table

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2040, 1, 1))


@settings(max_examples=50, deadline=None)
@given(days=st.lists(DAYS, min_size=1))
def test_an_order_that_is_proved_reads_every_date_right(days: list[date]) -> None:
    """A day above 12 proves that days come first, nothing else does; then every cell is the day that was meant."""
    cells = [f"{day:%d/%m/%Y}" for day in days]

    order = date_order(cells)
    assert order == ("dmy" if any(day.day > 12 for day in days) else None)
    read = [TYPES["date"].parse(cell, Context(date_order=order)) for cell in cells]
    if order:
        assert [day.isoformat() for day in days] == [None if isinstance(one, Fault) else one.value for one in read]


@settings(max_examples=50, deadline=None)
@given(cells=st.lists(st.text(max_size=12)))
def test_any_cells_can_be_asked(cells: list[str]) -> None:
    """No text breaks the proofs, and an empty column proves nothing."""
    assert date_order(cells) in (None, "dmy", "mdy")
    assert decimal_mark(cells) in (None, ".", ",")
    assert fillers(dict.fromkeys(cells, 1), "phone") == ()


def test_a_profile_tells_what_its_columns_prove() -> None:
    """Order of dates, decimal mark and fillers stand in the profile; a personal filler is masked."""
    phones = ["13988887777"] * 9 + [f"1391234{n:04}" for n in range(40)]
    days = [f"{n % 28 + 1:02}/03/2024" for n in range(49)]
    sums = [f"{n + 1}.{n:03},50" for n in range(100, 149)]
    table = profile_table(pd.DataFrame({"手机": phones, "建档日期": days, "金额": sums}, dtype="str"), name="t")

    assert ("139****7777",) == table.column("手机").fillers
    assert "dmy" == table.column("建档日期").date_order
    assert "," == table.column("金额").decimal
