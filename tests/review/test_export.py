"""The workbook and the page of doubtful pairs: everything that a person needs, and nothing that can run."""

import json
import re
import stat

from openpyxl import load_workbook

from tests.review.firm import MERGING, ROWS, Firm, cells, write_rows


def test_the_json_says_how_many_pairs_of_what(firm: Firm) -> None:
    """Run, file, pairs, and pairs by entity."""
    ran = firm.crmetl("review", "export")

    assert 0 == ran.exit
    assert {"run", "file", "pairs", "entities"} == set(ran.json())
    assert (2, {"account": 2}) == (ran.json()["pairs"], ran.json()["entities"])


def test_both_records_stand_side_by_side_with_why(firm: Firm) -> None:
    """Values of both, the score in bits, and the sum that it is."""
    rows = [{head: cell.value for head, cell in row.items()} for row in cells(firm.export())]

    assert {"上海澜川机械有限公司", "上海瀚川机械有限公司"} in [{row["Name 1"], row["Name 2"]} for row in rows]
    for row in rows:
        assert row["Why"].startswith("start −")
        assert row["Why"].endswith(f"= {row['Score (bits)']:+.1f}".replace("-", "−"))
        assert "apart" == row["As planned"]


def test_a_person_chooses_from_a_list_and_cannot_alter_ids(firm: Firm) -> None:
    """Decision, name and note are open; all else is locked; the list holds the three words of the language."""
    path = firm.export(lang="zh")
    page = load_workbook(path).worksheets[0]
    row = cells(path)[0]

    assert ['"同一,不同,跳过"'] == [one.formula1 for one in page.data_validations.dataValidation]
    assert page.protection.sheet
    assert {"判断", "判断人", "理由"} == {head for head, cell in row.items() if not cell.protection.locked}


def test_no_cell_is_a_formula(firm: Firm) -> None:
    """A contact's name that looks like one is a text, marked as such."""
    every = [cell for row in cells(firm.export()) for cell in row.values()]
    looks = [cell for cell in every if str(cell.value).startswith("=")]

    assert all(cell.data_type != "f" for cell in every)
    assert looks
    assert all(cell.quotePrefix for cell in looks)


def test_the_file_is_for_its_owner_and_a_warning_says_why(firm: Firm) -> None:
    """Mode 0600 for both forms, and one line on stderr."""
    for name in ("pairs.xlsx", "pairs.html"):
        ran = firm.said("review", "export", "-o", str(firm.folder / name))

        assert 0o600 == stat.S_IMODE((firm.folder / name).stat().st_mode)
        assert 1 == len(ran.err.strip().splitlines())
        assert "personal data" in ran.err


def test_a_workbook_that_is_there_is_not_written_over(firm: Firm) -> None:
    """Somebody may be working in it."""
    path = firm.export()
    before = path.read_bytes()

    ran = firm.crmetl("review", "export", "-o", str(path))

    assert 2 == ran.exit
    assert before == path.read_bytes()


def test_the_page_is_one_file_that_calls_nobody(firm: Firm) -> None:
    """No address outside, a policy that forbids any, both languages, every value escaped, and readable without script."""
    write_rows(firm.folder, *(row.replace("有限公司", "<img src=x>有限公司") for row in ROWS))
    firm.plan()
    page = firm.export("pairs.html").read_text("utf-8")

    assert "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert "<img" not in page.lower()
    assert "&lt;img" in page.lower()
    assert all(text in page for text in ("Same", "同一", "+862161234567"))
    assert 2 == page.count('<article class="pair"')


def test_the_page_knows_its_run_and_what_to_run_next(firm: Firm) -> None:
    """The decisions will be called after the run, and the command stands on the page."""
    page = firm.export("pairs.html").read_text("utf-8")
    found = re.search(r"var F = (\{.*?\})", page)
    assert found
    facts = json.loads(found[1])

    assert "crmetl.decisions/1" == facts["format"]
    assert f"crmetl review import {facts['file']}" in page


def test_merged_pairs_are_shown_on_request(firm: Firm) -> None:
    """With --all the merges too, marked as such, and after the doubtful ones."""
    firm.match(MERGING.replace("existing: merge", "existing: review"))
    firm.plan()

    rows = cells(firm.export("all.xlsx", "--all"))
    assert ["merged"] * 2 == [row["As planned"].value for row in rows]


def test_crm_rows_that_are_one_are_asked_about(firm: Firm) -> None:
    """Two rows of the CRM that turn out to be one are for a person, by their keys, where the project has them compared."""
    assert 0 == firm.crmetl("run").exit
    firm.match(MERGING.replace("existing: merge", "among_existing: true"))
    write_rows(firm.folder, "K9,宁波海川模具有限公司,,宁波,,")
    firm.plan()

    rows = cells(firm.export())

    assert 2 == len(rows)
    assert all(str(row[head].value).startswith("CRM ") for row in rows for head in ("Record 1", "Record 2"))


def test_crm_rows_that_no_record_leads_to_are_left_to_the_night(firm: Firm) -> None:
    """A plan asks about two rows of the CRM where one of its records fits them; the others it does not compare."""
    assert 0 == firm.crmetl("run").exit
    firm.match(MERGING.replace("existing: merge", "existing: review"))
    write_rows(firm.folder, "K9,上海澜川机械有限公司,021-61234567,上海,,")
    firm.plan()

    rows = cells(firm.export())

    assert [True] == [all(str(row[head].value).startswith("CRM ") for head in ("Record 1", "Record 2")) for row in rows]


def test_a_run_without_pairs_says_so(firm: Firm) -> None:
    """Nothing resembles anything: no file."""
    write_rows(firm.folder, ROWS[0], ROWS[2])
    firm.plan()

    ran = firm.crmetl("review", "export")

    assert (0, None) == (ran.json()["pairs"], ran.json()["file"])
    assert "No pair" in firm.said("review", "export").out


def test_an_unknown_run_is_a_usage_error(firm: Firm) -> None:
    """Exit 2, and what lists the runs."""
    ran = firm.crmetl("review", "export", "20000101")

    assert 2 == ran.exit
    assert "crmetl runs" in ran.json()["error"]["next"]
