"""The stage: what it changes, keeps, holds and records."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmetl.batch import CHANGE, CUSTOM, FINDING, Batch, StageResult, conserve
from crmetl.clean import RULES, STAGE_RULES, CleanRules, clean, clean_rules
from crmetl.project import Column, Values
from tests.clean.conftest import batch, project, source
from tests.examples import heavy


def cell(result: StageResult, column: str, rid: str = "r0") -> str | None:
    """Return a cleaned cell, None where it is NA."""
    value = pd.concat([result.kept.frame, result.held.frame])[column][rid]
    return value if isinstance(value, str) else None


def codes(result: StageResult) -> list[str]:
    """Return the codes found, in their order."""
    return result.findings["code"].tolist()


def test_cells_come_out_in_canonical_form_and_each_change_names_its_rule(account: CleanRules) -> None:
    """A cleaned cell is in the form of its type; the change tells before, after and rule."""
    result = clean(
        batch("account", {"name": "上海 华信( 上海 )公司", "phone": "021-61234567", "remark": "老客户"}), rules=account
    )

    assert ("上海华信（上海）公司", "+862161234567") == (cell(result, "name"), cell(result, "phone"))
    assert [("r0", "account", "name", "上海 华信( 上海 )公司", "上海华信（上海）公司", "company_display")] == list(
        result.changes[result.changes["column"] == "name"].itertuples(index=False, name=None)
    )


def test_a_cell_that_cannot_be_read_is_kept_as_origin(account: CleanRules) -> None:
    """A fault of severity `blank` empties the cell, and `custom` holds its text; what stood in `custom` stays."""
    result = clean(batch("account", {"email": "zhang@@qq", CUSTOM: '{"legacy": "7"}'}), rules=account)

    assert cell(result, "email") is None
    assert {"legacy": "7", "origin": {"email": "zhang@@qq"}} == json.loads(cell(result, CUSTOM) or "")
    assert [("email", "EMAIL_SHAPE", "blank")] == list(
        result.findings[["column", "code", "severity"]].itertuples(index=False, name=None)
    )


def test_custom_text_that_is_no_json_is_not_lost(account: CleanRules) -> None:
    """A text in `custom` that cannot be parsed is kept beside what is added."""
    result = clean(batch("account", {"email": "zhang@@qq", CUSTOM: "note"}), rules=account)

    assert {"text": "note", "origin": {"email": "zhang@@qq"}} == json.loads(cell(result, CUSTOM) or "")


def test_a_fault_of_severity_note_leaves_the_cell_as_it_was(account: CleanRules) -> None:
    """A landline without area code and without a city stays as it was written."""
    result = clean(batch("account", {"phone": "61234567"}), rules=account)

    assert ("61234567", ["PHONE_NO_AREA"]) == (cell(result, "phone"), codes(result))


def test_an_unknown_owner_holds_the_record(account: CleanRules) -> None:
    """A record whose owner is in no table waits; the others go on."""
    result = clean(batch("account", {"owner": "老刘"}, {"owner": "张伟"}), rules=account)

    assert (["r0"], ["r1"]) == (result.held.frame.index.tolist(), result.kept.frame.index.tolist())
    assert ("老刘", "zhangwei") == (cell(result, "owner"), cell(result, "owner", "r1"))


def test_an_unknown_owner_goes_to_the_declared_user() -> None:
    """Where the project names a user for unassigned records, nothing is held and the text is kept."""
    values = Values(tables={"owners": {"张伟": "zhangwei"}}, unassigned="pool")
    result = clean(batch("account", {"owner": "老刘"}), rules=clean_rules(project(values=values), "account", None))

    assert ("pool", ["OWNER_UNASSIGNED"]) == (cell(result, "owner"), codes(result))
    assert {"origin": {"owner": "老刘"}} == json.loads(cell(result, CUSTOM) or "")


@pytest.mark.parametrize(
    ("severity", "phone", "held"), [("blank", None, 0), ("hold", "139****5678", 1), ("note", "139****5678", 0)]
)
def test_the_project_may_override_a_severity(severity: str, phone: str | None, held: int) -> None:
    """The severity of a code is what the project says."""
    rules = clean_rules(project(severities={"PHONE_MASKED": severity}), "account", None)
    result = clean(batch("account", {"phone": "139****5678"}), rules=rules)

    assert (phone, held) == (cell(result, "phone"), len(result.held))


def test_placeholders_of_the_project_count_as_empty(account: CleanRules) -> None:
    """A project's own filler becomes NA, with a note."""
    result = clean(batch("account", {"remark": "待核实", "phone": "13800000000"}), rules=account)

    assert (None, None, ["PLACEHOLDER", "PLACEHOLDER"]) == (cell(result, "remark"), cell(result, "phone"), codes(result))
    assert {"placeholder"} == set(result.changes["rule"])


def test_a_landline_takes_its_area_code_from_the_city_of_the_row(account: CleanRules) -> None:
    """The same number gets the area code of its own row's city, told by the city or by the address."""
    result = clean(
        batch("account", {"phone": "61234567", "city": "上海"}, {"phone": "61234567", "address": "江苏省苏州市星湖街1号"}),
        rules=account,
    )

    assert ("+862161234567", "+8651261234567") == (cell(result, "phone"), cell(result, "phone", "r1"))


def test_an_address_fills_region_and_city_only_where_they_are_empty(account: CleanRules) -> None:
    """Fields told by the address are filled with a change; a filled field stays."""
    address = "上海市浦东新区张江路100号"
    result = clean(batch("account", {"address": address}, {"address": address, "city": "杭州"}), rules=account)

    assert ("上海市", "上海市") == (cell(result, "region"), cell(result, "city"))
    assert "杭州市" == cell(result, "city", "r1")
    assert "filled_from_address" in set(result.changes["rule"])


def test_columns_that_may_be_filled_are_there_even_if_nothing_fills_them(account: CleanRules) -> None:
    """All chunks of a source have the same columns."""
    result = clean(batch("account", {"address": "未知"}), rules=account)

    assert {"region", "city", "postcode", CUSTOM} <= set(result.kept.frame.columns)


def test_a_title_becomes_the_salutation() -> None:
    """The title goes to its own field; one that is filled stays."""
    rows = batch("contact", {"full_name": "李娜女士"}, {"full_name": "张三先生", "salutation": "张博士"})
    result = clean(rows, rules=clean_rules(project(), "contact", None))

    assert [("李娜", "女士"), ("张三", "张博士")] == list(
        result.kept.frame[["full_name", "salutation"]].itertuples(index=False, name=None)
    )


def test_money_is_converted_once_and_tells_its_currency() -> None:
    """A column in 万 is multiplied once, however often it is cleaned; the currency field is filled."""
    declared = source(金额=Column(to=("sales_order.total",), unit="万元", currency="CNY"))
    rules = clean_rules(project(), "sales_order", declared)
    once = clean(batch("sales_order", {"total": "12.5"}, {"total": "$3"}), rules=rules)
    twice = clean(once.kept, rules=rules)

    assert [("125000", "CNY"), ("30000", "USD")] == list(
        once.kept.frame[["total", "currency"]].itertuples(index=False, name=None)
    )
    pd.testing.assert_frame_equal(once.kept.frame, twice.kept.frame)
    assert 0 == len(twice.changes)


def test_a_currency_that_contradicts_the_record_is_noted() -> None:
    """The record's currency stays, and a person is told."""
    rules = clean_rules(project(), "sales_order", None)
    result = clean(batch("sales_order", {"total": "$3", "currency": "人民币"}, {"total": "$3", "currency": "HKD"}), rules=rules)

    assert ["CNY", "HKD"] == result.kept.frame["currency"].tolist()
    assert ["r0"] == result.findings.loc[result.findings["code"] == "CURRENCY_CONFLICT", "rid"].tolist()


def test_evidence_is_cleaned_by_the_type_of_the_parent_and_never_holds() -> None:
    """`account.name` is read as a company name, `account.key` is untouched, and a fault in evidence keeps the record going."""
    rules = clean_rules(project(severities={"PHONE_SHAPE": "hold"}), "sales_order", None)
    rows = batch("sales_order", {"account.name": "上海 华信", "account.key": "K 01 ", "account.phone": "12", "account": "@r9"})
    result = clean(rows, rules=rules)

    assert ("上海华信", "K 01 ", "12", "@r9") == tuple(
        cell(result, name) for name in ("account.name", "account.key", "account.phone", "account")
    )
    assert (1, "note") == (len(result.kept), result.findings["severity"].tolist()[0])


def test_the_country_of_the_row_decides_how_a_phone_is_read() -> None:
    """A number without country code is read as one of the row's country."""
    rules = clean_rules(project(), "account", None)
    result = clean(batch("account", {"phone": "(415) 555-2671", "country": "USA"}, {"phone": "13912345678"}), rules=rules)

    assert ("+14155552671", "+8613912345678") == (cell(result, "phone"), cell(result, "phone", "r1"))


def test_the_mapping_of_the_column_tells_order_and_table() -> None:
    """Date order, decimal mark and code table come from the source."""
    declared = source(
        日期=Column(to=("account.since",), date_order="dmy"), 状态=Column(to=("account.status",), values="states"),
        别名=Column(to=("account.status",)),
    )  # fmt: skip
    values = Values(tables={"states": {"开": "active"}, "account_status": {"正常": "active"}})
    result = clean(
        batch("account", {"since": "03/04/2024", "status": "开"}), rules=clean_rules(project(values=values), "account", declared)
    )

    assert ("2024-04-03", "active") == (cell(result, "since"), cell(result, "status"))


@pytest.mark.parametrize("columns", [(), ("name", "phone", "city", "owner", CUSTOM)])
def test_an_empty_batch_gives_an_empty_result(account: CleanRules, columns: tuple[str, ...]) -> None:
    """Empty in, empty out, with the columns of findings and changes."""
    empty = batch("account", dict.fromkeys(columns)).take(pd.Series([False], index=["r0"]))
    result = clean(empty, rules=account)

    assert (0, 0, 0, 0) == (len(result.kept), len(result.held), len(result.findings), len(result.changes))
    assert (FINDING, CHANGE) == (tuple(result.findings.columns), tuple(result.changes.columns))


def test_a_column_without_any_value_stays_so(account: CleanRules) -> None:
    """An all-NA column is untouched text."""
    result = clean(batch("account", {"phone": None}, {"phone": None}), rules=account)

    assert result.kept.frame["phone"].isna().all()
    assert "str" == str(result.kept.frame["phone"].dtype)


CELLS = st.fixed_dictionaries({
    "name": st.sampled_from(["上海 华信科技", "测试", "Acme Co.,Ltd", None, "1、北京华信", "\u200b"]),
    "phone": st.sampled_from(["61234567", "021-61234567/13912345678", "139****5678", "13800000000", "+1 415 555 2671", "1.39123E+10", "abc", None]),
    "email": st.sampled_from(["A@HuaXin。com", "x@@y", "a@huaxin.com;b@huaxin.com", None]),
    "city": st.sampled_from(["上海", "江苏省苏州市", "鼓楼区", "Suzhou", None]),
    "country": st.sampled_from(["中国", "US", "东南亚", None]),
    "address": st.sampled_from(["上海市浦东新区张江路100号", "南京路1号", "杭州西湖区 邮编310000", None]),
    "since": st.sampled_from(["2024/3/5", "03/04/2024", "45356", "2024年3月", None]),
    "status": st.sampled_from(["正常", "foo", "deregistered", None]),
    "owner": st.sampled_from(["张伟", "老刘", "zhangwei", None]),
})  # fmt: skip
ROWS = st.lists(CELLS, min_size=1, max_size=8)
RULES_OF_ACCOUNT = clean_rules(project(), "account", None)


def whole(result: StageResult) -> pd.DataFrame:
    """Return all records of a result in the order of their rids."""
    return pd.concat([result.kept.frame, result.held.frame]).sort_index()


@heavy(25)
@given(rows=ROWS)
def test_cleaning_twice_is_cleaning_once(rows: list[dict[str, str | None]]) -> None:
    """A cleaned batch is changed by nothing, and no record is lost."""
    came = batch("account", *rows)
    once = conserve("clean", came.frame.index, clean(came, rules=RULES_OF_ACCOUNT))
    twice = clean(Batch("account", whole(once)), rules=RULES_OF_ACCOUNT)

    pd.testing.assert_frame_equal(whole(once), whole(twice))
    assert 0 == len(twice.changes)


@heavy(15)
@given(rows=ROWS)
def test_one_record_at_a_time_gives_what_the_whole_gives(rows: list[dict[str, str | None]]) -> None:
    """A chunk of one, and the whole, give the same cells, findings and changes."""
    came = batch("account", *rows)
    at_once = clean(came, rules=RULES_OF_ACCOUNT)
    each = [clean(Batch("account", came.frame.iloc[[n]]), rules=RULES_OF_ACCOUNT) for n in range(len(came))]

    pd.testing.assert_frame_equal(whole(at_once), pd.concat([whole(one) for one in each]).sort_index(), check_dtype=False)
    for part in ("findings", "changes"):
        parts = pd.concat([getattr(one, part) for one in each])
        assert sorted(map(str, getattr(at_once, part).fillna("").to_numpy().tolist())) == sorted(
            map(str, parts.fillna("").to_numpy().tolist())
        )


@heavy(15)
@given(rows=ROWS)
def test_nothing_is_destroyed_and_every_rule_is_named(rows: list[dict[str, str | None]]) -> None:
    """An emptied cell was a placeholder, or its text is in `custom`; each rule of a change is catalogued."""
    result = clean(batch("account", *rows), rules=RULES_OF_ACCOUNT)

    kept = whole(result)[CUSTOM]
    for change in result.changes[result.changes["after"].isna()].to_dict("records"):
        told = change["rule"] in ("placeholder", "blank")
        assert told or change["before"] in json.loads(kept[change["rid"]])["origin"].values()
    names = {name for rule in result.changes["rule"] for name in rule.split("+")}
    assert names <= set(RULES) | set(STAGE_RULES)


def test_evidence_of_several_addresses_stays_whole() -> None:
    """A parent may be found by any of the addresses that a cell lists, so evidence keeps them all."""
    listed = "li@huaxin.example; wang@huaxin.example"

    said = clean(batch("contact", {"account.email": listed}), rules=clean_rules(project(), "contact", None))

    assert listed == cell(said, "account.email")
