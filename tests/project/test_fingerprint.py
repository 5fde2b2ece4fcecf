"""The fingerprint follows what is declared and nothing else."""

from pathlib import Path

import pytest

from .golden import BASE, project_with

MAPPING = "rank: 3\ncolumns:\n  名称: account.name\n  电话: account.phone\n"
SAME = [
    "rank: 3\ncolumns:\n  电话: {to: account.phone}   # a comment\n  名称: {to: [account.name]}\n",
    "columns: {名称: account.name, 电话: account.phone}\nrank: 3\non_new_column: hold\n",
]
OTHER = [
    MAPPING.replace("3", "4"),
    MAPPING.replace("account.phone", "contact.full_name"),
    MAPPING + "  备注: {drop: x}\n",
    MAPPING + "set: {account.status: active}\n",
]


@pytest.mark.parametrize("text", SAME)
def test_layout_order_and_comments_do_not_count(text: str, tmp_path: Path) -> None:
    """The same declarations, written otherwise and elsewhere, have one fingerprint."""
    assert project_with(tmp_path / "a", MAPPING).fingerprint == project_with(tmp_path / "b", text).fingerprint


@pytest.mark.parametrize("text", OTHER)
def test_what_is_declared_counts(text: str, tmp_path: Path) -> None:
    """Any change of a declaration changes it."""
    assert project_with(tmp_path / "a", MAPPING).fingerprint != project_with(tmp_path / "b", text).fingerprint


def test_the_order_of_columns_counts_where_the_first_wins(tmp_path: Path) -> None:
    """Two columns of one field, the other way round, map otherwise."""
    one, two = "columns: {a: account.name, b: account.name}", "columns: {b: account.name, a: account.name}"

    assert project_with(tmp_path / "a", one).fingerprint != project_with(tmp_path / "b", two).fingerprint


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [("schema", "type: company_name", "type: text"), ("values", "zhangwei", "zhang"), ("settings", "files", "other")],
)
def test_every_file_counts(name: str, before: str, after: str, tmp_path: Path) -> None:
    """Schema, code tables and settings are a part of it."""
    file = {"schema": "schema.yaml", "values": "rules/values.yaml", "settings": "crmetl.yaml"}[name]

    changed = project_with(tmp_path / "b", MAPPING, **{name: BASE[file].replace(before, after)})

    assert project_with(tmp_path / "a", MAPPING).fingerprint != changed.fingerprint
