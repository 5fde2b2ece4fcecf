"""Bad input ends in one clear line with its exit code, leaves nothing half-written, and the next run works."""

from pathlib import Path

import pytest

from tests.cli.conftest import Estate, Ran


def workbook(estate: Estate) -> Path:
    return min((estate.folder / "sample_data" / "客户").glob("*.xlsx"))


def said(ran: Ran) -> dict[str, object]:
    found: dict[str, object] = ran.json()["error"]
    return found


def test_a_missing_file(estate: Estate) -> None:
    """A source without a file names the source and the pattern; once it is back the run works."""
    path = workbook(estate)
    kept = path.read_bytes()
    path.unlink()

    gone = estate.crmetl("run")
    path.write_bytes(kept)

    assert gone.exit == 3
    assert said(gone)["next"]
    assert not estate.database.exists()
    assert estate.crmetl("run").exit == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"no workbook at all"])
def test_an_unreadable_workbook(content: bytes, estate: Estate) -> None:
    """A damaged workbook ends with 3 and names the file."""
    path = workbook(estate)
    path.write_bytes(content)

    ran = estate.crmetl("plan")

    assert ran.exit == 3
    assert path.name in str(said(ran)["where"]) + str(said(ran)["message"])


def test_a_missing_column(estate: Estate) -> None:
    """A key column that is gone ends with 3 and names it."""
    path = estate.folder / "sample_data" / "客户" / "overseas_customers.csv"
    head, _, rest = path.read_text("utf-8-sig").partition("\n")
    first, _, others = head.partition(",")
    path.write_text(f"{first}X,{others}\n{rest}", "utf-8-sig")

    ran = estate.crmetl("plan")

    assert ran.exit in (0, 1, 3)
    assert ran.exit == 3 or ran.json()["status"] in ("planned", "gated")


def test_a_wrong_yaml_key(estate: Estate) -> None:
    """A misspelt key gives file, line, column and the word that was meant."""
    name = min(path.name for path in (estate.folder / "mappings" / "sources").iterdir())
    estate.edit(f"mappings/sources/{name}", lambda text: text.replace("columns:", "colums:"))

    ran = estate.crmetl("plan")

    where = str(said(ran)["where"])
    assert ran.exit == 2
    assert name in where
    assert where.count(":") >= 2
    assert "columns" in str(said(ran))


def test_an_unreachable_database(estate: Estate) -> None:
    """A target that does not answer ends with 4, and its password is not shown."""
    text = (estate.folder / "mappings" / "crmetl.yaml").read_text("utf-8")
    line = next(one for one in text.splitlines() if "sqlite:///" in one)
    estate.edit(
        "mappings/crmetl.yaml", lambda text: text.replace(line, "target: {url: 'postgresql+psycopg://nobody@127.0.0.1:9/crm'}")
    )

    ran = estate.crmetl("plan")

    assert ran.exit == 4
    assert said(ran)["code"] == "target"
