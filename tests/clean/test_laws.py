"""The laws of cleaning, over all rules and all types."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.clean import RULES, TYPES, Cleaned, Context, SemanticType
from crmetl.clean.catalogue import Rule
from crmetl.faults.kind import Fault
from crmetl.schema.model import SEMANTIC_NAMES

DIRT = st.one_of(
    st.text(max_size=24),
    st.text(alphabet="0123456789+-() /转.,:#*xX年月日万元¥$€%", max_size=18),
    st.text(alphabet="上海北京市省区县鼓楼路号华信科技有限公司分行（）()张王李总先生 ", max_size=14),
    st.text(alphabet="abcXYZ@.,。＠ -_'<>;:/co", max_size=20),
    st.text(alphabet="〇一二三四五六七八九十百千万亿零壹贰拾佰仟元角分整民国年月日", max_size=10),
    st.sampled_from(
        ["13912345678", "021-61234567转8012", "1.39123E+10", "2024/3/5", "¥1,234.50", "12.5万", "Acme Co., Ltd", "SMITH, John"]
    ),
).filter(bool)
CONTEXTS = st.sampled_from([
    Context(), Context(country="US"), Context(country="DE", date_order="dmy"), Context(city="上海市"), Context(country="GB", currency="GBP"),
])  # fmt: skip
ALL_TYPES = pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
ALL_RULES = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def test_every_semantic_name_of_the_schema_has_a_type() -> None:
    """A field of any declared type can be cleaned."""
    assert set(SEMANTIC_NAMES) == set(TYPES)


@ALL_RULES
@given(raw=DIRT)
@settings(max_examples=60, deadline=None)
def test_a_rule_is_total_idempotent_and_never_empties(rule: Rule, raw: str) -> None:
    """A rule answers any text with a text or a fault, and its own answer with itself."""
    once = rule.function(raw)

    if isinstance(once, str):
        assert once or not raw.strip()
        assert rule.function(once) == once or not once


@ALL_RULES
def test_a_rule_changes_its_example(rule: Rule) -> None:
    """The example of the catalogue shows the rule at work."""
    assert rule.function(rule.example) not in (rule.example, None)
    assert not isinstance(rule.function(rule.example), Fault)


@ALL_TYPES
@given(raw=DIRT, context=CONTEXTS)
@settings(max_examples=100, deadline=None)
def test_a_canonical_value_reads_as_itself_and_answers_every_question(kind: SemanticType, raw: str, context: Context) -> None:
    """Reading a canonical value changes nothing, and it has a normal form, keys, facts and a mask."""
    found = kind.parse(raw, context)

    if isinstance(found, Cleaned) and found.value is not None:
        again = kind.parse(found.value, context)
        assert isinstance(again, Cleaned)
        assert (found.value, ()) == (again.value, again.rules)
        assert kind.normal(found.value)
        assert all(kind.keys(found.value))
        assert kind.mask(found.value)
        assert all(kind.facts(found.value).values())


@ALL_TYPES
@pytest.mark.parametrize("raw", ["\x00°¡°¡", "°¡°¡ ", "，°¡°¡。", " ¡¡°¡°¡", "(°¡°¡)"])
def test_what_hides_a_wrong_encoding_is_taken_off_first(kind: SemanticType, raw: str) -> None:
    """Signs at the edges, which tidying takes off, never let a garbled text stand that would be mended the next time."""
    found = kind.parse(raw)

    if isinstance(found, Cleaned) and found.value is not None:
        again = kind.parse(found.value)
        assert isinstance(again, Cleaned)
        assert (found.value, ()) == (again.value, again.rules)


@ALL_TYPES
@given(raw=DIRT)
@settings(max_examples=50, deadline=None)
def test_a_type_answers_any_cell(kind: SemanticType, raw: str) -> None:
    """Splitting and recognising work on any text, and no part of a split cell is empty."""
    assert all(kind.split(raw))
    assert kind.looks_like(raw) in (True, False)


@ALL_TYPES
@given(raw=DIRT, context=CONTEXTS)
@settings(max_examples=50, deadline=None)
def test_rules_that_a_type_names_are_catalogued(kind: SemanticType, raw: str, context: Context) -> None:
    """Each name in a change can be looked up."""
    found = kind.parse(raw, context)

    names = () if isinstance(found, Fault) else found.rules
    assert set(names) <= set(RULES) | {"blank", "placeholder"}
    assert isinstance(found, Fault) or (found.value == raw) == (not names)
