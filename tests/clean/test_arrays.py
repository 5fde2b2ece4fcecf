"""Columns at once: what comes out is what the types give cell by cell."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.clean import TYPES, Context
from crmetl.clean.arrays import NOWHERE, comparable, comparable_one, normal_forms

KINDS = sorted(
    {"given_name", "family_name", "date_of_birth", "date", "email", "address", "phone", "mobile", "postcode", "id_code", "text"}
)
CELLS = {
    "given_name": r"[A-Z][a-z]{1,4}([ -][A-Z]?[a-z]{1,4}){0,2}|test|Mr|De|Test User|[a-z]{2,5}|王[芳伟]|Mc[a-z]{3}",
    "date_of_birth": r"(19|20)[0-9]{2}-[0-1][0-9]-[0-3][0-9]|19[07]0-01-01|[0-3][0-9]/0[1-9]/1990",
    "email": r"(test|admin|[a-z.+_-]{1,6})@[a-z-]{1,5}\.(com|con|cn|local|co\.uk)|[A-Z]@B\.Org",
    "address": r"[0-9]{1,4} [A-Z][a-z]{2,5} (St|Rd|Lane\.?|PC 123456|#[0-9])|上海市?张江路 ?[0-9]{1,3}号|地址：[A-Za-z]{3,5}|涓婃捣",
    "phone": r"(\+1 |\+86 ?|0)?[(]?[0-9]{3}[)]?[ .-]?[0-9]{3}[ -]?[0-9]{4}([- x][0-9]{1,4})?|1[3-9][0-9]{9}|1{10}|(123456|000000)[0-9]{0,5}|(13800138000)",
    "postcode": r"[0-9]{4,6}|[A-Z]{2}[0-9] [0-9][A-Z]{2}",
    "id_code": r"[A-Z]{0,2} ?[0-9]{3,6}(\.0)?|n/a",
    "text": r"[A-Za-z ]{1,8}|无",
}
SHAPE = {"family_name": "given_name", "date": "date_of_birth", "mobile": "phone"}


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.parametrize("country", ["CN", "US", NOWHERE])
@pytest.mark.parametrize("kind", KINDS)
def test_a_column_reads_as_its_cells_do(kind: str, country: str, data: st.DataObject) -> None:
    """The forms of common shapes are those that the type gives one by one; so are the normal forms of what comes out."""
    shaped = st.from_regex(CELLS[SHAPE.get(kind, kind)], fullmatch=True)
    cells = data.draw(st.lists(shaped | st.text(min_size=1, max_size=8), unique=True, max_size=20))
    context = Context(country=country, placeholders=frozenset({"tbd"}))
    cells = [*cells, *{"TBD", "n/a", "Anna"}.difference(cells)]
    expected = [comparable_one(one, TYPES[kind], context) for one in cells]

    forms = comparable(pa.array(cells, pa.large_string()), TYPES[kind], context)
    known = forms.drop_null()
    normal = normal_forms(known, TYPES[kind])

    assert expected == forms.to_pylist()
    assert [TYPES[kind].normal(one) or one for one in known.to_pylist()] == normal.to_pylist()
