"""The invented tables of the benchmarks tell the truth about themselves."""

import pandas as pd
import pytest
from stdnum.cn import uscc

from benchmarks import chinese, customers, places
from benchmarks.chinese_words import TRADES


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return chinese.customers(3_000, seed=4)


def test_the_same_seed_gives_the_same_table() -> None:
    """A figure can be measured again."""
    pd.testing.assert_frame_equal(chinese.customers(300, seed=1), chinese.customers(300, seed=1))
    pd.testing.assert_frame_equal(places.listed(300, seed=1), places.listed(300, seed=1))
    assert not chinese.customers(300, seed=1).equals(chinese.customers(300, seed=2))


def test_only_a_boss_and_a_mover_are_people_of_two_accounts(rows: pd.DataFrame) -> None:
    """A person of any other kind belongs to one account."""
    accounts = rows.groupby("person")["account"].nunique()

    shared = rows[rows["person"].isin(accounts.index[accounts > 1])]

    assert {"boss", "moved"} == set(shared["kind"])
    assert 2 == accounts.max()


@pytest.mark.parametrize(
    "table", [chinese.customers(3_000, seed=4).rename(columns={"account": "entity"}), places.listed(3_000, seed=4)]
)
def test_look_alikes_are_groups_of_different_entities_of_one_kind(table: pd.DataFrame) -> None:
    """Whoever has a look-alike has one in the table; only the last group may be cut."""
    grouped = table[table["group"] != ""].groupby("group").agg(entities=("entity", "nunique"), kinds=("kind", "nunique"))

    assert 1 == grouped["kinds"].max()
    assert (grouped["entities"] < 2).sum() <= 1
    assert table["entity"].nunique() == len(table[["entity", "kind", "group"]].drop_duplicates())


def test_most_credit_codes_are_valid_and_some_are_mistyped(rows: pd.DataFrame) -> None:
    """The check character is the standard's; slips break it."""
    codes = rows["统一社会信用代码"].str.replace(" ", "")
    valid = codes[codes != ""].map(uscc.is_valid)

    assert 0.9 < valid.mean() < 1


def test_a_row_of_a_customer_has_a_name_or_a_person_with_a_mobile(rows: pd.DataFrame) -> None:
    """Nobody writes down a row that says nothing of who it is."""
    assert ((rows["客户名称"] != "") | ((rows["联系人"] != "") & (rows["手机"] != ""))).all()


def test_trades_differ_in_the_full_form() -> None:
    """A sister's trade is another one."""
    assert len(TRADES) == len({one.full for one in TRADES})


def test_false_pairs_add_up() -> None:
    """Every false pair is counted once: a look-alike's, a stranger's of one kind, or one between kinds."""
    table = pd.DataFrame(
        {
            "kind": ["sister", "sister", "sister", "plain", "plain", "western"],
            "group": ["G1", "G1", "G2", "", "", ""],
            "entity": ["A", "B", "C", "D", "E", "F"],
            "cluster": ["1"] * 6,
        }
    )

    counted = customers.false_pairs(table)

    assert {"sister look-alikes": 1, "strangers, sister": 2, "strangers, plain": 1, "between kinds": 11} == counted
