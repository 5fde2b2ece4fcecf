"""Which changes may be written without a person: every rule is decided, and each single change has to prove itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.clean import RULES, STAGE_RULES, TYPES, Cleaned
from crmetl.clean.safety import SAFE_RULES, SAFETY, trusted

TYPED = [
    ("phone", "０２１－６１２３４５６７", True),
    ("phone", "139 1234 5678", True),
    ("phone", "021-61234567转8012", True),
    ("phone", "13912345678(微信同号)", False),
    ("phone", "2161234567", False),
    ("phone", "13912345678.0", False),
    ("phone", "13912345678/13812345679", False),
    ("mobile", "１３９１２３４５６７８", True),
    ("person_name", "张　三", True),
    ("person_name", "SMITH, John", False),
    ("person_name", "李娜女士", False),
    ("company_name", " 华信 (上海) 有限公司 ", True),
    ("email", "Li.Na@HuaXin.COM", True),
    ("email", "li na@huaxin.com", False),
    ("email", "lina@huaxin.con", False),
    ("address", "上海市　浦东新区 张江路 １００ 号", True),
    ("address", "地址：上海市张江路100号", False),
    ("uscc", "9131 0000 MA1FL4AX0A", True),
    ("postcode", "２０００４０", True),
    ("postcode", "邮编200040", False),
    ("id_code", "1024.0", False),
    ("region", "江苏", False),
    ("country", "中国", False),
    ("date", "2024/3/5", False),
    ("money", "1,234.50", False),
    ("text", "  备注　一 ", True),
    ("text", "暂无", False),
]


def test_every_rule_that_may_stand_in_a_change_is_decided() -> None:
    """A new cleaning rule is safe or not from the day it is added, with a reason in both languages."""
    assert set(SAFETY) == set(RULES) | set(STAGE_RULES)
    assert all(one.why.zh and one.why.en for one in SAFETY.values())
    assert all((one.keeps is not None) == one.safe for one in SAFETY.values())


@pytest.mark.parametrize(("kind", "cell", "safe"), TYPED)
def test_a_change_is_trusted_only_where_nothing_is_lost_or_guessed(kind: str, cell: str, *, safe: bool) -> None:
    """Width, blanks, brackets and the country code are written; what loses, adds or may be read otherwise waits."""
    found = TYPES[kind].parse(cell)
    assert isinstance(found, Cleaned)
    assert found.rules, "the cell is dirty"

    assert trusted(found.rules, cell, found.value, safe=SAFE_RULES) is safe


@given(
    kind=st.sampled_from(sorted(TYPES)),
    cell=st.text(alphabet="０１２3456789０张三华信ＡＢcd@.。-（）() 　转", min_size=1, max_size=16),
)
@settings(max_examples=400, deadline=None)
def test_a_trusted_change_keeps_every_digit(kind: str, cell: str) -> None:
    """Whatever the cell, a change that is trusted still holds the digits that were typed."""
    found = TYPES[kind].parse(cell)
    if not isinstance(found, Cleaned) or not trusted(found.rules, cell, found.value, safe=SAFE_RULES):
        return

    typed = "".join(str(int(char)) for char in cell if char.isdecimal()).lstrip("0")
    assert "".join(char for char in found.value or "" if char.isdecimal()).endswith(typed)


def test_what_the_project_trusts_is_taken_at_its_word_but_a_safe_rule_still_proves_itself() -> None:
    """`nightly.safe` may add a rule; naming `phone` there does not make a lost note safe."""
    assert trusted(["region"], "江苏", "江苏省", safe=["region"])
    assert not trusted(["phone"], "13912345678(微信)", "+8613912345678", safe=["phone"])
    assert not trusted(["tidy", "region"], "江苏 ", "江苏省", safe=["region"])
    assert not trusted([], "a", "b", safe=SAFE_RULES)
