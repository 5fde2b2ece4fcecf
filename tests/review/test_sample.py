"""A sample of compared pairs: drawn, labelled by a person, and what the run's reports then say of its matching."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from crmetl.cli import entry
from tests.commands import ROOT, Commanded, copied
from tests.conftest import Once
from tests.review.firm import MERGING, Firm, cells, fill
from tests.review.test_import import from_page


@pytest.fixture(scope="session")
def planned_sample(once: Once) -> Path:
    """Return the sample project, planned once."""

    def plan(folder: Path) -> None:
        assert entry.run(["plan", "-p", str(copied(folder) / "mappings"), "--json"]) in (0, 1)

    return once("planned-sample", plan)


def drawn(firm: Commanded, *more: str, name: str = "sample.xlsx") -> Path:
    """Draw a sample of the latest run."""
    path = firm.folder / name
    ran = firm.crmetl("review", "sample", "-o", str(path), *more)
    assert 0 == ran.exit, ran.out
    return path


def labelled(path: Path, word: Callable[[dict[str, Any]], str | None]) -> tuple[Path, int]:
    """Label every pair of a sample by its row, as a person does; return the filled file, and how many got a label."""
    number = 0
    for sheet in range(len(load_workbook(path).worksheets) - 2):
        rows = [{head: cell.value for head, cell in row.items()} for row in cells(path, sheet)]
        said = [(at, "Decision", told) for at, row in enumerate(rows, 2) if (told := word({**row, "sheet": sheet}))]
        path, number = fill(path, *said, sheet=sheet), number + len(said)
    return path, number


def report(firm: Commanded) -> dict[str, Any]:
    """Return the JSON report of the newest run."""
    path = max((firm.folder / "runs").glob("*/report/report.json"))
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_the_json_says_what_was_drawn(firm: Firm) -> None:
    """As of `review export`; pairs that the run put apart are in it, or recall could not be told."""
    ran = firm.crmetl("review", "sample", "--size", "50")

    assert 0 == ran.exit
    assert {"run", "file", "pairs", "entities"} == set(ran.json())
    assert ran.json()["pairs"] == sum(ran.json()["entities"].values()) > 0
    assert "sample-50-0.xlsx" == Path(ran.json()["file"]).name


def test_the_same_seed_draws_the_same_sample(firm: Firm) -> None:
    """Twice the same pairs in the same order."""
    first, again = (cells(drawn(firm, "--seed", "3", name=name)) for name in ("a.xlsx", "b.xlsx"))

    assert [row["_id"].value for row in first] == [row["_id"].value for row in again]
    assert all(str(row["Pair"].value).startswith("S-") for row in first)


def test_a_workbook_says_that_skip_means_nobody_can_tell(firm: Firm) -> None:
    """The sheet about the file tells of the sample; locks and choices are those of any review."""
    book = load_workbook(drawn(firm))

    about = [str(row[0].value) for row in book["About"].iter_rows(max_col=1)]
    assert "Sample" in about
    assert book.worksheets[0].protection.sheet


def test_labels_measure_the_run_and_are_remembered(firm: Firm) -> None:
    """Every label counts for precision and recall, and the next plan carries it out."""
    firm.match(MERGING)
    firm.plan()
    path, number = labelled(drawn(firm), lambda row: "same" if row["As planned"] == "merged" else "different")

    ran = firm.crmetl("review", "import", str(path))

    measured = ran.json()["measured"]
    assert 0 == ran.exit
    assert number == measured["labelled"] == measured["drawn"]
    assert {"estimate": 1.0, "low": 1.0, "high": 1.0} == measured["precision"] == measured["recall"]
    assert 2 == len(firm.decisions())
    assert report(firm)["measured"]["whole"]["precision"] == measured["precision"]


def test_what_is_skipped_is_counted_and_left_out(firm: Firm) -> None:
    """One of two pairs that nobody can tell, and one that was never touched."""
    path, _ = labelled(drawn(firm), lambda row: {"S-001": "different", "S-002": "skip"}.get(row["Pair"]))

    ran = firm.crmetl("review", "import", str(path))

    measured = ran.json()["measured"]
    assert (1, measured["drawn"] - 1) == (measured["labelled"], measured["unsure"])
    assert measured["precision"] is None
    assert 1 == len(firm.decisions())


def test_more_labels_take_the_place_of_the_earlier_measure(firm: Firm) -> None:
    """The file can come back when half of it is done, and again when all is."""
    first, _ = labelled(drawn(firm, name="first.xlsx"), lambda row: "different" if row["Pair"] == "S-001" else None)
    second, number = labelled(drawn(firm, name="second.xlsx"), lambda _: "different")

    half, whole = (firm.crmetl("review", "import", str(path)).json()["measured"] for path in (first, second))

    assert 1 == half["labelled"]
    assert number == whole["labelled"] == report(firm)["measured"]["labelled"]


def test_the_page_carries_its_sample_back(firm: Firm) -> None:
    """One file that calls nobody; what it exports names the sample, and is measured."""
    page = drawn(firm, name="sample.html").read_text("utf-8")
    found = re.search(r"var F = (\{.*?\})", page)
    assert found
    facts = json.loads(found[1])
    told = [dict(zip(("key", "left", "right"), one, strict=True)) for one in _articles(page)]
    path = firm.folder / facts["file"]
    decisions = [{**one, "decision": "different", "reason": None} for one in told]
    path.write_text(json.dumps({**facts, "by": "周宁", "decisions": decisions}), "utf-8")

    ran = firm.crmetl("review", "import", str(path))

    assert "default-src 'none'" in page
    assert "size=200 seed=0" == facts["sample"]
    assert len(told) == ran.json()["measured"]["labelled"]


def _articles(page: str) -> list[tuple[str, str, str]]:
    return re.findall(r'<article [^>]*data-key="([^"]+)"[^>]*data-left="([^"]+)"[^>]*data-right="([^"]+)"', page)


def test_decisions_of_a_review_measure_nothing(firm: Firm) -> None:
    """Doubtful pairs are no sample of anything."""
    ran = firm.crmetl("review", "import", str(from_page(firm, "same", "skip")))

    assert ran.json()["measured"] is None
    assert report(firm)["measured"] is None


def test_an_altered_sample_is_refused_whole(firm: Firm) -> None:
    """A pair of a review has no place in a sample, nor has an id that somebody changed."""
    path = drawn(firm)

    ran = firm.crmetl("review", "import", str(fill(path, (2, "Decision", "same"), (3, "_id", "P-001-00000000"))))

    assert 2 == ran.exit
    assert ran.json()["measured"] is None
    assert firm.decisions().empty


def test_a_run_without_a_pool_says_so(firm: Firm) -> None:
    """A run from before samples, or a night: exit 2, and what to do."""
    for path in (firm.folder / "runs").glob("*/pool/*.parquet"):
        path.unlink()

    ran = firm.crmetl("review", "sample")

    assert 2 == ran.exit
    assert "crmetl plan" in ran.json()["error"]["next"]


def test_a_person_reads_the_figures_in_words(firm: Firm) -> None:
    """On the terminal and on the page of the run, in the language that is asked for."""
    firm.match(MERGING)
    firm.plan()
    path, _ = labelled(drawn(firm), lambda row: "same" if row["As planned"] == "merged" else "different")

    ran = firm.said("review", "import", str(path), lang="zh")

    page = max((firm.folder / "runs").glob("*/report/index.html")).read_text("utf-8")
    assert re.search(r"在标注的 \d+ 对中推算：精确率 100.0 %（95 % 区间 100.0-100.0 %）", ran.out)
    assert "经人工标注核对" in page
    assert "Checked by a person" in page


def truth() -> dict[tuple[str, str], str]:
    """Return (entity, place) -> who a row of the sample's files is."""
    with (ROOT / "sample_data" / "truth" / "customers.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {
        (row["entity"], "!".join(part for part in (row["file"], row["sheet"], f"R{row['row']}") if part)): row["true_id"]
        for row in rows
    }


def test_the_sample_project_is_measured_by_its_truth(
    planned_sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Planned, sampled, labelled from the truth files: the interval holds the precision of all pairs that the run merged."""
    project = Commanded(Path(shutil.copytree(planned_sample, tmp_path, dirs_exist_ok=True)), capsys)
    known = truth()

    def word(row: dict[str, Any]) -> str | None:
        one, other = (known.get((("account", "contact")[row["sheet"]], str(row[head]))) for head in ("From 1", "From 2"))
        return None if not one or not other else "same" if one == other else "different"

    path, number = labelled(drawn(project, "--size", "120"), word)

    measured = project.crmetl("review", "import", str(path)).json()["measured"]

    assert number == measured["labelled"] > 50
    assert measured["precision"]["low"] <= measured["precision"]["estimate"] <= measured["precision"]["high"]
    assert measured["precision"]["estimate"] > 0.9
    assert measured["recall"]["estimate"] > 0.9
    assert {"account", "contact"} == set(measured["entities"])
    promised = {one["entity"]: one["expected"] for one in report(project)["matching"]}
    assert promised["account"]["precision"] > 0.9
