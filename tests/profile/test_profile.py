"""Profiles of tables that nobody has mapped."""

import json

import pandas as pd
import pytest

from crmetl.profile import profile_table, relations


def frame(**columns: list[str | None]) -> pd.DataFrame:
    """Return text columns."""
    return pd.DataFrame(columns, dtype="str")


CUSTOMERS = frame(
    客户编号=["K001", "K002", "K003", "K004"],
    客户名称=["杭州启明机电有限公司", "宁波远航物流有限公司", "苏州三江制药有限公司", "无锡四海贸易有限公司"],
    电话=["0571-88001234", "13900000001", None, "0512-66001234"],
    状态=["正常", "正常", "正常", "正常"],
    备注=[None, None, None, None],
)


@pytest.mark.parametrize(
    ("heading", "values", "kind"),
    [
        ("甲", ["a@b.example", "c@d.example"], "email"),
        ("甲", ["13900000001", "13900000002"], "mobile"),
        ("甲", ["杭州启明机电有限公司", "宁波远航物流有限公司"], "company_name"),
        ("甲", ["2024-03-05", "2024年3月6日"], "date"),
        ("联系方式/手机", ["13900000001", "无"], "mobile"),
        ("业务员", ["张伟", "李娜"], "owner"),
        ("订单号", ["SO1", "SO2"], "id_code"),
        ("备注", ["老客户，付款快", "需要回访"], "long_text"),
        ("职务", ["采购主管", "厂长"], "text"),
        ("甲", ["in", "in", "out", "in", "in", "out", "in", "in"], "choice"),
        ("甲", ["今天天气很好，" * 12, "另一段很长的文字，" * 12], "long_text"),
    ],
)
def test_type_of_a_column(heading: str, values: list[str | None], kind: str) -> None:
    """The type of a column follows from its values, and from its heading where values alone do not tell."""
    got = profile_table(frame(**{heading: values}), name="t").columns[0]

    assert got.type == kind
    assert got.confidence > 0.4


def test_numbers_of_a_column() -> None:
    """Share filled, distinct values, lengths and shapes are counted."""
    column = profile_table(CUSTOMERS, name="客户").column("电话")

    assert (column.filled, column.distinct, column.shortest, column.longest) == (0.75, 3, 11, 13)
    assert column.shapes == (("9999-99999999", 2), ("99999999999", 1))


def test_personal_values_are_masked() -> None:
    """No value of a personal column is shown whole, nor a text that may say who somebody is; a country is."""
    table = profile_table(
        frame(手机=["13900000001"] * 2, 联系人=["王芳", "李强"], 便条=["王芳来电", "李强来电"], 国家=["中国", "德国"]), name="t"
    )

    shown = {column.name: [value for value, _ in column.top] for column in table.columns}

    assert not {"13900000001", "王芳", "李强", "王芳来电"} & {value for values in shown.values() for value in values}
    assert sorted(shown["国家"]) == ["中国", "德国"]


def test_keys_codes_first() -> None:
    """Columns that identify a row are found, a code before anything else; without one, pairs are."""
    lines = frame(订单号=["D1", "D1", "D2"], 行号=["1", "2", "1"], 金额=["5", "5", "7"])

    assert profile_table(CUSTOMERS, name="客户").keys[0] == ("客户编号",)
    assert profile_table(lines, name="行").keys == (("订单号", "行号"),)
    assert profile_table(frame(a=["1", "1"], b=["2", "2"]), name="t").keys == ()


def test_duplicate_rows_are_counted_without_lineage() -> None:
    """Rows that say the same are counted, whatever their place."""
    rows = frame(a=["1", "1", "2"], _source=["s", "s", "s"], _row=["R1", "R2", "R3"])

    assert profile_table(rows, name="t").duplicate_rows == 1


def test_empty_tables_have_profiles() -> None:
    """A table without rows, and one without columns, have a profile; so has a column without values."""
    assert profile_table(frame(a=[], b=[]), name="t").rows == 0
    assert profile_table(pd.DataFrame(), name="t").columns == ()
    assert profile_table(CUSTOMERS, name="客户").column("备注").filled == 0.0


def test_profile_is_json() -> None:
    """A profile can be written as JSON."""
    assert json.loads(json.dumps(profile_table(CUSTOMERS, name="客户").to_json()))["columns"][0]["name"] == "客户编号"


def test_relations_point_to_the_unique_side() -> None:
    """An order's customer code refers to the customer list, never the reverse; other overlaps are none."""
    orders = frame(客户代码=["K001", "K003", "K001", "K002", "K009"], 行号=["1", "2", "3", "4", "1"])
    frames = {"客户": CUSTOMERS, "订单": orders}

    found = relations({name: profile_table(one, name=name) for name, one in frames.items()}, frames)

    assert [(one.child_column, one.parent, one.parent_column, one.overlap) for one in found] == [
        ("客户代码", "客户", "客户编号", 0.75)
    ]
    assert found[0].to_json()["child"] == "订单"


def test_profile_does_not_depend_on_the_order_of_rows() -> None:
    """Shuffled rows give the same profile."""
    assert profile_table(CUSTOMERS, name="客户") == profile_table(CUSTOMERS.iloc[::-1], name="客户")
