"""The sample estate, loaded, spoilt as `sample_data/dirt.py` spoils it, and gone over by two nights."""

import shutil
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sample_data.dirt import FAMILIES, plant
from tests.commands import Commanded


def rows(database: Path, query: str, *values: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(database) as connection:
        found = connection.execute(query, values).fetchall()
    connection.close()
    return found


def dump(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    names = [str(name) for (name,) in rows(database, "select name from sqlite_master where type = 'table' order by name")]
    return {name: sorted(rows(database, f'select * from "{name}"'), key=repr) for name in names if not name.startswith("crmetl_")}


def marks(keys: list[str]) -> str:
    return ", ".join("?" * len(keys))


@pytest.mark.no_cover
def test_the_night_of_the_sample(loaded_sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The safe families are mended and the duplicate is merged; the others wait; the second night is quiet; undo gives all back."""
    shutil.copytree(loaded_sample, tmp_path, dirs_exist_ok=True)
    database, crmetl = tmp_path / "crm.db", partial(Commanded(tmp_path, capsys).crmetl, lang="zh")
    quiet = crmetl("nightly")
    assert (0, "nothing", None) == (quiet.exit, quiet.json()["status"], quiet.json()["waiting"])
    planted = plant(f"sqlite:///{database}")
    assert set(FAMILIES) == {family for family, keys in planted.items() if keys}
    dirty = dump(database)

    night = crmetl("nightly")

    told = night.json()
    assert (0, "applied") == (night.exit, told["status"])
    mended = [len(planted[family]) for family in ("wide_digits", "blanks_in_name", "mail_capitals")]
    assert sum(mended) == sum(one["update"] for one in told["safe"].values())
    assert 1 == told["safe"]["account"]["merge"]
    phones = rows(database, f"select phone from account where id in ({marks(planted['wide_digits'])})", *planted["wide_digits"])
    assert all(str(phone).startswith("+86") and str(phone).isascii() for (phone,) in phones)
    assert [("merged",)] == rows(database, "select status from account where id = ?", *planted["duplicate"])
    assert [] == rows(database, "select id from contact where account_id = ?", *planted["duplicate"])
    waits = [key for family in ("invalid_mail", "short_region", "unknown_status") for key in planted[family]]
    shown = crmetl("show", told["waiting"]["run"]).json()["operations"]
    assert sorted(waits) == sorted(one["key"] for one in shown)
    again = crmetl("nightly").json()
    assert ("nothing", 0, told["waiting"]["run"]) == (again["status"], again["changed"], again["waiting"]["run"])
    assert 0 == crmetl("nightly", "undo").exit
    assert dirty == dump(database)
    assert "nothing" == crmetl("run").json()["status"]
