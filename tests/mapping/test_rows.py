"""The row stage `map`: laws over any rows, and what no golden case can show."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.batch import FINDING, LINEAGE, rid_of
from crmetl.errors import SourceError
from crmetl.mapping import Mapped, MapRules, map_rows, map_rules

from .golden import project_of, rows_of

EAST = """
source: east
system: branch
reads: rows.csv
entities: {account: {key: 编号}}
columns:
  编号: {drop: kept as the source key}
  名称: {to: account.name, required: true}
  姓名: contact.full_name
  电话: {to: [account.phone, contact.mobile], split: phones}
  等级: {}
rows: [{rule: test_row, when: {名称: 测试}}]
"""


@pytest.fixture(scope="module")
def east(tmp_path_factory: pytest.TempPathFactory) -> MapRules:
    """A mapping with a key, two entities, split phones, an undecided column and a filter."""
    project = project_of(tmp_path_factory.mktemp("east"), {"east": EAST})
    return map_rules(project, project.sources[0])


def rules_of(folder: Path, text: str, **files: str) -> MapRules:
    """Return the rules of one mapping in the default project."""
    head = "source: case\nsystem: branch\nreads: rows.csv\n"
    project = project_of(folder, {"case": head + text}, **files)
    return map_rules(project, project.sources[0])


CELL = st.sampled_from(["", "甲", "乙", "测试", "K1", "021-61234567/13912345671", "13912345672、13912345673", " "])
LINES = st.lists(st.fixed_dictionaries(dict.fromkeys(("编号", "名称", "姓名", "电话", "等级"), CELL)), max_size=8)


@settings(max_examples=50, deadline=None)
@given(lines=LINES)
def test_every_row_is_mapped_held_or_dropped(east: MapRules, lines: list[dict[str, str]]) -> None:
    """Rows = mapped + held + dropped, each once; a mapped row has a record."""
    rows = rows_of(lines or [dict.fromkeys(("编号", "名称", "姓名", "电话", "等级"), "")]).iloc[: len(lines)]

    mapped = map_rows(rows, rules=east)

    held, dropped = set(mapped.held.index), set(mapped.dropped.index)
    places = {place for one in mapped.records.values() for place in one.frame["_row"]}
    gone = set(rows["_row"]) - places
    assert not held & dropped
    assert gone == set(rows.loc[[*held, *dropped], "_row"])


@settings(max_examples=30, deadline=None)
@given(lines=LINES.filter(lambda many: len(many) > 1), cut=st.integers(1, 7))
def test_chunks_map_as_the_whole(east: MapRules, lines: list[dict[str, str]], cut: int) -> None:
    """Mapping a source in two chunks gives the records of mapping it at once."""
    rows = rows_of(lines)

    whole, parts = map_rows(rows, rules=east), [map_rows(rows.iloc[:cut], rules=east), map_rows(rows.iloc[cut:], rules=east)]

    for name, batch in whole.records.items():
        together = pd.concat([one.records[name].frame for one in parts])
        pd.testing.assert_frame_equal(batch.frame, together)


def test_nothing_gives_nothing(east: MapRules) -> None:
    """An empty chunk gives empty batches of text columns, whatever its columns."""
    rows = rows_of([{"编号": "K1"}]).iloc[:0]

    mapped = map_rows(rows, rules=east)

    assert {name: len(one) for name, one in mapped.records.items()} == {"account": 0, "contact": 0, "contact_point": 0}
    assert {str(kind) for one in mapped.records.values() for kind in one.frame.dtypes} == {"str"}
    assert (len(mapped.held), len(mapped.dropped), tuple(mapped.findings.columns)) == (0, 0, FINDING)


def test_a_batch_has_all_fields_of_its_entity(east: MapRules) -> None:
    """Columns do not depend on the rows, so that chunks lie below each other."""
    mapped = map_rows(rows_of([{"编号": "K1", "名称": "甲", "姓名": "", "电话": "", "等级": ""}]), rules=east)

    columns = mapped.records["account"].frame.columns
    assert columns[-4:].tolist() == ["custom", *LINEAGE]
    assert {"name", "uscc", "merged_into"} <= set(columns)


def test_ids_follow_the_key_or_the_row(east: MapRules) -> None:
    """A keyed record has the id of source, entity and key; another that of its row."""
    mapped = map_rows(rows_of([{"编号": "K1", "名称": "甲", "姓名": "王芳", "电话": "", "等级": ""}]), rules=east)

    ids = [mapped.records[name].frame.index[0] for name in ("account", "contact")]
    assert ids == rid_of(pd.Series(["east|account|K1", "east|contact|row2|0"])).tolist()


def test_rows_are_not_changed(east: MapRules) -> None:
    """The chunk that came is as it was."""
    rows = rows_of([{"编号": "K1", "名称": "甲", "姓名": "王芳", "电话": "13912345671", "等级": "A"}])
    before = rows.copy()

    map_rows(rows, rules=east)

    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize("gone", ["编号", "名称"])
def test_a_missing_key_or_required_column_ends_the_source(east: MapRules, gone: str) -> None:
    """Without its key or a required column a source cannot be mapped; the message names column and file."""
    rows = rows_of([{"编号": "K1", "名称": "甲", "姓名": "", "电话": "", "等级": ""}], file="客户/华东.xlsx").drop(columns=gone)

    with pytest.raises(SourceError) as refused:
        map_rows(rows, rules=east)

    assert refused.value.where == "客户/华东.xlsx"
    assert gone in refused.value.what.en


def test_a_new_column_stops_where_it_is_told_to(tmp_path: Path) -> None:
    """`on_new_column: stop` ends the source at the first new column with a value, and only then."""
    rules = rules_of(tmp_path, "on_new_column: stop\ncolumns: {名称: account.name}")

    quiet = map_rows(rows_of([{"名称": "甲", "新": ""}]), rules=rules)
    with pytest.raises(SourceError, match="新"):
        map_rows(rows_of([{"名称": "甲", "新": "x"}]), rules=rules)

    assert len(quiet.findings) == 0


def test_a_project_may_let_a_fault_pass(tmp_path: Path) -> None:
    """With a milder severity the row goes on: a record without key gets the id of its row."""
    text = "entities: {account: {key: 编号}}\ncolumns: {名称: {to: account.name}, 城市: {to: account.city, required: true}}"
    settings = "name: x\nsource_root: .\ntarget: 'sqlite://'\nseverities: {KEY_MISSING: note, CELL_REQUIRED: note}"
    rules = rules_of(tmp_path, text, settings=settings)

    mapped = map_rows(rows_of([{"编号": "", "名称": "甲", "城市": ""}]), rules=rules)

    assert mapped.records["account"].frame.index.tolist() == rid_of(pd.Series(["case|account|row2|0"])).tolist()
    assert mapped.findings[["code", "severity"]].to_numpy().tolist() == [["CELL_REQUIRED", "note"], ["KEY_MISSING", "note"]]


def findings_of(mapped: Mapped) -> list[list[str]]:
    """Return code and place of each finding."""
    lines: list[list[str]] = mapped.findings[["code", "place"]].to_numpy().tolist()
    return lines


def test_findings_about_files_name_the_file_and_no_record(tmp_path: Path) -> None:
    """New and missing columns are told once per file."""
    rules = rules_of(tmp_path, "on_new_column: evolve\ncolumns: {名称: account.name, 城市: account.city}")
    rows = pd.concat([rows_of([{"名称": "甲", "新": "x"}], file="a.csv"), rows_of([{"名称": "乙", "新": "y"}], file="b.csv")])

    mapped = map_rows(rows.set_axis(["r1", "r2"]), rules=rules)

    assert sorted(findings_of(mapped)) == [
        ["COLUMN_MISSING", "a.csv"], ["COLUMN_MISSING", "b.csv"], ["NEW_COLUMN", "a.csv"], ["NEW_COLUMN", "b.csv"],
    ]  # fmt: skip
    assert mapped.findings["rid"].isna().all()


def test_phones_without_a_place_are_kept_aside(tmp_path: Path) -> None:
    """Where the schema has no contact points, a further number stays in `custom` under its column."""
    schema = """
entities:
  account:
    label: 客户
    fields: {name: company_name, phone: phone}
"""
    settings = "name: x\nsource_root: .\ntarget: 'sqlite://'"
    text = "columns: {名称: account.name, 电话: {to: account.phone, split: phones}}"
    rules = rules_of(tmp_path, text, schema=schema, settings=settings, match="account: {comparisons: name}")

    mapped = map_rows(rows_of([{"名称": "甲", "电话": "021-61234567/021-61234568"}]), rules=rules)

    assert set(mapped.records) == {"account"}
    assert mapped.records["account"].frame["custom"].tolist() == ['{"source": {"电话": "021-61234568"}}']


def test_an_entity_both_mapped_and_split_off_comes_in_one_batch(tmp_path: Path) -> None:
    """A fax column mapped to contact points and phones left over stand together."""
    text = """
columns:
  名称: account.name
  传真: contact_point.value
  电话: {to: account.phone, split: phones}
set: {contact_point.kind: phone}
"""
    rules = rules_of(tmp_path, text)

    mapped = map_rows(rows_of([{"名称": "甲", "传真": "021-6", "电话": "021-61234567/021-61234568"}]), rules=rules)

    points = mapped.records["contact_point"].frame
    assert points["value"].tolist() == ["021-6", "+862161234568"]
    assert points["account"].tolist() == [f"@{mapped.records['account'].frame.index[0]}"] * 2
    assert points.index.is_unique


def test_a_further_number_goes_to_another_record_where_its_owner_is_not_made(tmp_path: Path) -> None:
    """A second mobile of a contact that the row does not make belongs to its account."""
    text = """
entities: {contact: {when: {类型: 个人}}}
columns:
  名称: account.name
  手机: {to: contact.mobile, split: phones}
"""
    rules = rules_of(tmp_path, text)

    mapped = map_rows(rows_of([{"名称": "甲", "手机": "13912345671/13912345672", "类型": "公司"}]), rules=rules)

    points = mapped.records["contact_point"].frame
    assert points["account"].notna().tolist() == [True]
    assert points["contact"].isna().all()
