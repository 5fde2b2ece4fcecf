"""The sample estate from files to CRM and back: the promises of a migration, on the real pipeline."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Estate

pytestmark = pytest.mark.no_cover
"""The load that all of these start from is measured, and so are the smaller projects of other tests: see tests/conftest.py."""

OPERATIONS = ("create", "update", "merge", "retire", "conflict")


def rows(database: Path, query: str, *values: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(database) as connection:
        found = connection.execute(query, values).fetchall()
    connection.close()
    return found


def dump(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table of the CRM, the ledger's own book-keeping left out."""
    names = [str(name) for (name,) in rows(database, "select name from sqlite_master where type = 'table' order by name")]
    kept = [
        name for name in names if not name.startswith(("crmetl_", "sqlite_")) or name in ("crmetl_crosswalk", "crmetl_record")
    ]
    return {name: sorted(rows(database, f'select * from "{name}"'), key=repr) for name in kept}


def test_the_sample_is_loaded_and_every_record_is_accounted_for(loaded: Estate) -> None:
    """What was minted is created, updated, unchanged, absorbed, held, dropped or in conflict, and the CRM holds what was created."""
    run = loaded.crmetl("runs").json()["runs"][0]["run"]

    counts = loaded.crmetl("show", run).json()["entities"]

    for entity, one in counts.items():
        assert one["read"] == one["kept"] + one["held"] + one["absorbed"] + one["dropped"], entity
        assert one["kept"] == one["create"] + one["update"] + one["unchanged"] + one["conflict"], entity
        assert rows(loaded.database, f'select count(*) from "{entity}"') == [(one["create"],)], entity


def test_a_second_run_changes_nothing_and_says_so(loaded: Estate) -> None:
    """The same files again plan no operation at all."""
    before = dump(loaded.database)

    again = loaded.crmetl("run")

    assert again.exit == 0
    assert again.json()["status"] == "nothing"
    assert [one[kind] for one in again.json()["entities"].values() for kind in OPERATIONS if one[kind]] == []
    assert dump(loaded.database) == before


def test_an_edit_in_the_crm_is_never_reverted(loaded: Estate) -> None:
    """A re-run keeps what a colleague wrote since the last load."""
    key = rows(loaded.database, "select id from account where address is not null order by id limit 1")[0][0]
    with sqlite3.connect(loaded.database) as connection:
        connection.execute("update account set address = '某路 1 号' where id = ?", (key,))
    connection.close()

    again = loaded.crmetl("run").json()

    assert again["status"] == "nothing"
    assert rows(loaded.database, "select address from account where id = ?", str(key)) == [("某路 1 号",)]


def test_planning_writes_nothing_to_the_target(small: Estate) -> None:
    """A plan makes no database where there was none."""
    planned = small.crmetl("plan")

    assert planned.exit == 0
    assert planned.json()["status"] == "planned"
    assert not small.database.exists()


def test_rollback_gives_back_the_crm_of_before(loaded: Estate) -> None:
    """After rollback no row of the run is left, and the crosswalk is as it was."""
    run = loaded.crmetl("runs").json()["runs"][0]["run"]

    back = loaded.crmetl("rollback", run)

    assert back.exit == 0
    assert back.json()["kept"] == back.json()["failed"] == 0
    assert {name: found for name, found in dump(loaded.database).items() if found} == {}


def test_the_same_input_gives_the_same_plan(small: Estate) -> None:
    """Two plans of the same files have one id; run names and clocks are not in it."""
    assert small.crmetl("plan").json()["plan"] == small.crmetl("plan").json()["plan"]


def test_the_order_of_rows_does_not_change_the_plan(small: Estate) -> None:
    """Order lines the other way round give the same operations."""
    first = small.crmetl("plan").json()
    path = small.folder / "sample_data" / "客户" / "overseas_customers.csv"
    head, *lines = path.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    path.write_text(head + "".join(reversed(lines)), "utf-8-sig")

    second = small.crmetl("plan").json()

    assert second["entities"] == first["entities"]


def test_sign_then_apply_where_the_project_asks_for_it(small: Estate) -> None:
    """`run` is refused; plan, approve, apply writes; the same approval is not good for a second plan."""
    small.edit("mappings/crmetl.yaml", lambda text: text.replace("approval: false", "approval: true"))
    assert small.crmetl("run").exit == 5

    run = small.crmetl("plan").json()["run"]
    unsigned = small.crmetl("apply", run)
    signed = small.crmetl("approve", run, "--by", "M. Wang", "--role", "owner")
    applied = small.crmetl("apply", run)

    assert unsigned.exit == 5
    assert signed.exit == applied.exit == 0
    assert applied.json()["status"] == "applied"
    assert applied.json()["parked"] == applied.json()["rejected"] == 0


def test_what_was_signed_is_still_there_after_the_apply(small: Estate) -> None:
    """The apply tells in the pages what became of the run, in the language they were written in; the list of cells stays."""
    run = small.crmetl("plan").json()["run"]
    report = small.folder / "runs" / run / "report"
    listed, page = (report / "plan.xlsx").read_bytes(), (report / "index.html").read_text("utf-8")

    assert small.crmetl("apply", run).exit == 0

    after = (report / "index.html").read_text("utf-8")
    assert listed == (report / "plan.xlsx").read_bytes()
    assert page != after
    assert '<html lang="en"' in page
    assert '<html lang="en"' in after


def test_a_closed_gate_forbids_approval(estate: Estate) -> None:
    """A gate that is closed ends the plan with 1, says which number passed which limit, and refuses the signature."""
    estate.edit("mappings/crmetl.yaml", lambda text: text + "\n" if "gates:" not in text else _tightened(text))

    planned = estate.crmetl("plan")
    refused = estate.crmetl("approve", planned.json()["run"], "--by", "M. Wang")

    closed = [one for one in planned.json()["gates"] if not one["passed"]]
    assert planned.exit == 1
    assert planned.json()["status"] == "gated"
    assert closed
    assert all(one["value"] > one["limit"] for one in closed)
    assert refused.exit == 5
    assert not estate.database.exists()


def _tightened(text: str) -> str:
    return text.replace("gates:", "gates:\n  - {name: no_drops, measure: dropped, limit: 0}", 1)


def test_an_altered_plan_is_refused(small: Estate) -> None:
    """A plan whose files were touched after it was made is not signed."""
    run = small.crmetl("plan").json()["run"]
    (small.folder / "runs" / run / "plan" / "create-account.parquet").write_bytes(
        (small.folder / "runs" / run / "plan" / "create-contact.parquet").read_bytes()
    )

    assert small.crmetl("approve", run, "--by", "M. Wang").exit == 5


def test_the_life_of_a_record_can_be_told(loaded: Estate) -> None:
    """`explain` finds a record by its CRM key and names file, sheet and row; personal cells are masked."""
    key, mobile = rows(loaded.database, "select id, mobile from contact where mobile is not null order by id limit 1")[0]

    story = loaded.crmetl("explain", str(key))

    assert story.exit == 0
    assert story.json()["outcome"] == "create"
    assert story.json()["steps"][0]["place"]
    assert str(mobile)[-8:] not in story.out


@pytest.mark.parametrize("form", ["table", "xlsx", "html"])
def test_the_diff_can_be_shown(form: str, loaded: Estate) -> None:
    """`show` gives the changes as lines, a workbook or a page."""
    seen = loaded.crmetl("show", "latest", "--entity", "account", "--format", form)

    assert seen.exit == 0
    assert form == "table" or Path(seen.json()["file"]).exists()


def test_all_reports_are_there(loaded: Estate) -> None:
    """A run leaves the page, the diff, the workbook and the JSON."""
    files = {Path(one).name for one in loaded.crmetl("report").json()["files"]}

    assert {"index.html", "diff.html", "report.xlsx", "report.json"} <= files
