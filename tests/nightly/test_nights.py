"""Nights over a small CRM: what is written, what waits, what a person's hand always wins against."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crmetl.flows.nightly import run as nightly
from crmetl.flows.write import apply_plan
from crmetl.load import open_target
from crmetl.load.lease import lease
from crmetl.store import Store, open_store
from crmetl.workspace import Workspace
from tests.nightly.conftest import Crm, firm, frame_of, person

SERVERS = pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"], indirect=True)
WIDE = "０２５－５５５１０００３"


def twin(crm: Crm, of: int, key: str, **cells: str | None) -> None:
    """Enter a customer a second time, with a person of its own."""
    crm.add("account", {**firm(of), "email": None, "key": key, **cells})
    crm.add("contact", {**person(of), "key": f"c-{key}", "account": key, "full_name": "周新来", "mobile": "+8613955599999"})


def waiting(night: dict[str, Any]) -> tuple[Any, int]:
    """Return the run that waits, and how many things."""
    return night["waiting"]["run"], night["waiting"]["operations"]


def test_a_clean_crm_is_left_alone_and_the_next_night_sees_nothing_new(crm: Crm) -> None:
    """The first night looks at all rows, the second at none; neither writes."""
    before = crm.all()

    first, second = crm.night(), crm.night()

    assert (80, 80, "nothing", 0) == (first["read"], first["changed"], first["status"], first["exit"])
    assert (80, 0, "nothing", 0) == (second["read"], second["changed"], second["status"], second["exit"])
    assert before == crm.all()


@SERVERS
def test_what_is_sure_is_written_the_rest_waits_and_undo_gives_everything_back(seen: Crm) -> None:
    """Width, blanks and mail domains are mended, the duplicate is merged with what hangs on it; what loses or adds waits."""
    seen.edit("account", "a03", phone=WIDE, region="江苏")
    seen.edit("account", "a05", name=" 杨家 自动化设备有限公司　", email="office@@firm05.example")
    seen.edit("contact", "c07", full_name="刘 志强")
    seen.edit("account", "a09", status="重点跟进")
    twin(seen, 11, "b11")
    dirty = seen.all()

    night = seen.night()

    assert 0 == night["exit"]
    assert {"account": {"update": 2, "merge": 1}, "contact": {"update": 1, "merge": 0}} == night["safe"]
    assert "+862555510003" == seen.cell("account", "a03", "phone")
    assert "杨家自动化设备有限公司" == seen.cell("account", "a05", "name")
    assert "刘志强" == seen.cell("contact", "c07", "full_name")
    merged = {key: row["merged_into"] for key, row in seen.rows("account").items() if row["merged_into"]}
    assert {"b11": "a11"} == merged
    assert {"a11"} == {row["account"] for key, row in seen.rows("contact").items() if key in ("c11", "c-b11")}
    assert ("江苏", "office@@firm05.example", "重点跟进") == (
        seen.cell("account", "a03", "region"),
        seen.cell("account", "a05", "email"),
        seen.cell("account", "a09", "status"),
    )
    run, number = waiting(night)
    assert 3 == number
    shown = seen.crmetl("show", run).json()
    assert [("update", "account")] * 3 == [(one["kind"], one["entity"]) for one in shown["operations"]]
    assert {"a03", "a05", "a09"} == {one["key"] for one in shown["operations"]}

    back = seen.crmetl("nightly", "undo")

    assert 0 == back.exit
    assert dirty == seen.all()


def test_what_waits_is_written_once_a_person_has_signed_it(seen: Crm) -> None:
    """The waiting run is a plan like any other: show, approve, apply; the next night has nothing left."""
    seen.edit("account", "a03", region="江苏")
    run, _ = waiting(seen.night())
    unsigned = seen.crmetl("apply", run)

    signed = seen.crmetl("approve", run, "--by", "M. Wang")
    applied = seen.crmetl("apply", run)

    assert (5, 0, 0) == (unsigned.exit, signed.exit, applied.exit)
    assert "江苏省" == seen.cell("account", "a03", "region")
    after = seen.night()
    assert (1, None, "nothing") == (after["changed"], after["waiting"], after["status"])


def test_a_second_night_right_after_writes_nothing_and_refers_to_the_plan_that_waits(seen: Crm) -> None:
    """The same content has the same plan id; no second run is made of it, and nothing counts as changed."""
    seen.edit("account", "a03", phone=WIDE, region="江苏")
    twin(seen, 11, "b11")
    first = seen.night()

    second = seen.night()

    assert ("applied", 3) == (first["status"], first["changed"])
    assert ("nothing", 0) == (second["status"], second["changed"])
    assert first["waiting"]["run"] == second["waiting"]["run"]
    assert first["waiting"]["plan"] == second["waiting"]["plan"]
    assert (True, False) == (first["waiting"]["new"], second["waiting"]["new"])
    assert "superseded" not in {one["status"] for one in seen.crmetl("runs").json()["runs"]}


def test_a_waiting_plan_that_grew_takes_the_place_of_the_older_one(seen: Crm) -> None:
    """There is one plan to sign, with everything that waits."""
    seen.edit("account", "a03", region="江苏")
    older, _ = waiting(seen.night())
    seen.edit("account", "a08", region="安徽")

    newer, number = waiting(seen.night())

    statuses = {one["run"]: one["status"] for one in seen.crmetl("runs").json()["runs"]}
    assert 2 == number
    assert ("superseded", "planned") == (statuses[older], statuses[newer])


def test_a_dry_run_writes_nothing_and_remembers_nothing(seen: Crm) -> None:
    """It says what a night would do; the night itself still has everything to do."""
    seen.edit("account", "a03", phone=WIDE, region="江苏")
    before = seen.all()

    tried = seen.night("--dry-run")

    assert ("planned", 1, 0) == (tried["status"], tried["safe"]["account"]["update"], tried["exit"])
    assert (None, 1) == waiting(tried)
    assert before == seen.all()
    assert 1 == seen.night()["changed"]
    assert "+862555510003" == seen.cell("account", "a03", "phone")


@pytest.mark.parametrize(
    ("cap", "closed"),
    [
        ("updates: 1", ["updates"]),
        ("updates_share: 0.02", ["account.updates_share"]),
        ("merges: 0", ["merges"]),
        ("merges_share: 0.01", ["account.merges_share"]),
    ],
)
def test_above_any_cap_nothing_at_all_is_written(cap: str, closed: list[str], seen: Crm) -> None:
    """The report names the cap with value and limit, the plan cannot be signed, and the alarm comes again until a person acts."""
    name = cap.partition(":")[0]
    seen.settings(lambda text: "\n".join(_capped(line, name, cap) for line in text.splitlines()) + "\n")
    seen.edit("account", "a03", phone=WIDE)
    seen.edit("account", "a04", phone="０２５－５５５１０００４")
    twin(seen, 11, "b11")
    before = seen.all()

    night = seen.night()

    over = [one for one in night["caps"] if not one["passed"]]
    assert (1, "gated") == (night["exit"], night["status"])
    assert closed == [one["name"] for one in over]
    assert all(one["value"] > one["limit"] for one in over)
    assert before == seen.all()
    assert 5 == seen.crmetl("approve", night["run"], "--by", "M. Wang").exit
    assert 1 == seen.night()["exit"]


def _capped(line: str, name: str, cap: str) -> str:
    if not line.strip().startswith("caps:"):
        return line
    parts = [one.strip() for one in line.partition("{")[2].rstrip("}").split(",")]
    return "  caps: {" + ", ".join(cap if one.startswith(f"{name}:") else one for one in parts) + "}"


def between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let somebody act when the night has read everything and is about to write."""

    def acting(*parts: Any, **named: Any) -> Any:
        act()
        return apply_plan(*parts, **named)

    monkeypatch.setattr(nightly, "apply_plan", acting)


@SERVERS
def test_an_edit_made_since_the_reading_wins(seen: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group is parked and told, the others are written, and the next night looks at the edited row again."""
    seen.edit("account", "a03", phone=WIDE)
    seen.edit("account", "a04", phone="０２５－５５５１０００４")
    between(monkeypatch, lambda: seen.edit("account", "a03", phone="025-55519999"))

    night = seen.night()

    assert (7, "partly", 1) == (night["exit"], night["status"], night["parked"])
    assert "025-55519999" == seen.cell("account", "a03", "phone")
    assert "+862555510004" == seen.cell("account", "a04", "phone")
    monkeypatch.undo()
    monkeypatch.setenv("CRM_URL", seen.url)
    assert (0, 1) == ((again := seen.night())["exit"], again["changed"])
    assert "+862555519999" == seen.cell("account", "a03", "phone")


def test_a_merge_whose_loser_gained_a_child_since_the_reading_is_parked_whole(seen: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """No child is left behind at a retired row."""
    twin(seen, 11, "b11")
    new: dict[str, str | None] = {"full_name": "钱多多", "mobile": "+8613955588888", "status": "active"}
    between(monkeypatch, lambda: seen.add("contact", {"key": "n1", "account": "b11", **new}))

    night = seen.night()

    assert (7, 1) == (night["exit"], night["parked"])
    assert [None, None] == [seen.cell("account", one, "merged_into") for one in ("a11", "b11")]


@SERVERS
def test_a_person_who_restores_what_a_night_changed_is_not_fought(seen: Crm) -> None:
    """The same change is not made a second time, that night or any later one; another value of the cell is cleaned again."""
    seen.edit("account", "a03", phone=WIDE)
    assert "applied" == seen.night()["status"]
    seen.edit("account", "a03", phone=WIDE)

    nights = [seen.night(), seen.night()]

    assert [("nothing", 1), ("nothing", 0)] == [(one["status"], one["left_alone"]) for one in nights]
    assert WIDE == seen.cell("account", "a03", "phone")
    seen.edit("account", "a03", phone="025 5551 0033")
    assert "applied" == seen.night()["status"]
    assert "+862555510033" == seen.cell("account", "a03", "phone")


def test_nights_of_one_second_are_nights(seen: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second night of the same second has a number behind its name, and what it did is remembered all the same."""
    at = datetime(2026, 9, 18, 21, 30, 4, tzinfo=UTC)
    monkeypatch.setattr("crmetl.flows.nightly.run.now", lambda: at)
    first = seen.night()
    seen.edit("account", "a03", phone=WIDE)
    second = seen.night()
    seen.edit("account", "a03", phone=WIDE)

    third = seen.night()

    assert second["run"].startswith(first["run"].removesuffix("-night"))
    assert ("applied", "nothing", 1) == (second["status"], third["status"], third["left_alone"])


def test_what_was_undone_stays_undone(seen: Crm) -> None:
    """Neither the corrections nor the merge of a night that was taken back are made again."""
    seen.edit("account", "a03", phone=WIDE)
    twin(seen, 11, "b11")
    dirty = seen.all()
    seen.night()
    assert 0 == seen.crmetl("nightly", "undo").exit

    after = seen.night()

    assert ("nothing", None) == (after["status"], after["waiting"])
    assert after["left_alone"] >= 1
    assert dirty == seen.all()


def test_two_rows_that_a_person_parted_again_are_not_merged_a_second_time(seen: Crm) -> None:
    """A merge that somebody took back by hand in the CRM is a decision."""
    twin(seen, 11, "b11")
    seen.night()
    loser = next(key for key, row in seen.rows("account").items() if row["merged_into"])
    seen.edit("account", loser, merged_into=None, status="active")

    after = seen.night()

    assert (1, "nothing", None) == (after["left_alone"], after["status"], after["waiting"])
    assert seen.cell("account", loser, "merged_into") is None


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"owner": "u2"}, "another owner"),
        ({"phone": None, "name": "青岛华信有限公司"}, "less than the declared bits, or none at all"),
    ],
)
def test_a_merge_that_is_not_sure_is_not_made(cells: dict[str, str | None], why: str, seen: Crm) -> None:
    """Different owners, or too few bits: nobody merges these at night."""
    twin(seen, 7, "b07", **cells)

    night = seen.night()

    assert 0 == night["safe"]["account"]["merge"], why
    assert [None, None] == [seen.cell("account", one, "merged_into") for one in ("a07", "b07")]


@pytest.mark.parametrize(("most", "merged"), [(2, 2), (1, 0)])
def test_a_row_does_not_take_in_too_much_in_one_night(most: int, merged: int, seen: Crm) -> None:
    """Two more contents of one customer are merged where two may come; where one may come, both wait for a person."""
    rules = seen.folder / "mappings" / "rules" / "match.yaml"
    rules.write_text(rules.read_text("utf-8").replace("  vetoes: [uscc]", f"  vetoes: [uscc]\n  most_growth: {most}"), "utf-8")
    twin(seen, 11, "b11", uscc="91310115MA1K35X12A")
    twin(seen, 11, "c11", phone=None)

    night = seen.night()

    assert merged == night["safe"]["account"]["merge"]
    assert (night["waiting"] or {"entities": {}})["entities"].get("account", {}).get("merge", 0) == 2 - merged


def test_without_a_line_for_merges_every_merge_waits(seen: Crm) -> None:
    """`nightly.merge` is what allows them at all."""
    seen.settings(lambda text: text.replace("  merge: 12\n", ""))
    twin(seen, 11, "b11")

    night = seen.night()

    assert 0 == night["safe"]["account"]["merge"]
    assert 1 == night["waiting"]["entities"]["account"]["merge"]


def test_a_pair_that_a_person_called_different_is_never_proposed(seen: Crm) -> None:
    """The decision is remembered by content, and holds at night as in every plan."""
    seen.settings(lambda text: text.replace("  merge: 12\n", ""))
    twin(seen, 11, "b11")
    run, _ = waiting(seen.night())
    sides = Workspace(seen.folder / "runs" / run).whole("sides/account")
    assert sides is not None
    prints = sides.loc[["=a11", "=b11"], "print"].tolist()
    decision = frame_of({"entity": "account", "left": min(prints), "right": max(prints), "verdict": "different", "why": None})
    with open_store(f"sqlite:///{seen.folder}/mappings/.crmetl/store.db") as store:
        store.decide(decision, by="M. Wang", at="2026-03-01T08:00:00Z")

    after = seen.night()

    assert after["waiting"] is None


def test_another_writer_keeps_the_night_out(seen: Crm) -> None:
    """Exit 6; nothing is written or remembered, and the next night does it all."""
    seen.edit("account", "a03", phone=WIDE)
    with open_target(seen.url, seen.schema) as target, lease(target, "somebody"):
        held = seen.crmetl("nightly")

    assert 6 == held.exit
    assert "lease" == held.json()["error"]["code"]
    assert WIDE == seen.cell("account", "a03", "phone")
    after = seen.night()
    assert (0, "applied", 1) == (after["exit"], after["status"], after["changed"])


def test_a_night_that_is_killed_before_it_has_written_is_simply_repeated(seen: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """What rows looked like is remembered last, so that nothing is passed over."""
    seen.edit("account", "a03", phone="０２５－５５５１９９０３")

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(nightly, "apply_plan", dies)
        assert 130 == seen.crmetl("nightly").exit
    with monkeypatch.context() as patched:
        patched.setattr(Store, "see", dies)
        assert 130 == seen.crmetl("nightly").exit
    written = seen.cell("account", "a03", "phone")

    after = seen.night()

    assert "+862555519903" == written
    assert (1, "nothing") == (after["changed"], after["status"])
    assert 0 == seen.night()["changed"]


def test_all_rows_are_looked_at_again_when_the_rules_change(seen: Crm) -> None:
    """A new rule may see what the old ones passed over."""
    seen.settings(lambda text: text + "country: CN\n")
    same = seen.night()
    seen.settings(lambda text: text.replace("merge: 12", "merge: 13"))

    changed = seen.night()

    assert (0, 80) == (same["changed"], changed["changed"])


def test_the_project_says_what_is_safe(seen: Crm) -> None:
    """With `nightly.safe` a rule more is trusted, and one that is not named is not."""
    seen.settings(lambda text: text.replace("  merge: 12", "  merge: 12\n  safe: [region]"))
    seen.edit("account", "a03", phone=WIDE, region="江苏")

    night = seen.night()

    assert ("江苏省", WIDE) == (seen.cell("account", "a03", "region"), seen.cell("account", "a03", "phone"))
    assert 1 == night["waiting"]["operations"]


@pytest.mark.parametrize("line", ["  safe: [phones]", "  entities: [customer]"])
def test_settings_that_name_what_is_not_there_are_refused(line: str, seen: Crm) -> None:
    """A rule misspelt in `nightly.safe` would silently trust nothing."""
    seen.settings(lambda text: text.replace("  merge: 12", f"  merge: 12\n{line}"))

    assert 2 == seen.crmetl("nightly").exit


def test_only_the_named_entities_are_looked_at(seen: Crm) -> None:
    """`nightly.entities` narrows the night."""
    seen.settings(lambda text: text.replace("  merge: 12", "  merge: 12\n  entities: [contact]"))
    seen.edit("account", "a03", phone=WIDE)

    night = seen.night()

    assert (40, {"contact"}) == (night["read"], set(night["safe"]))
    assert WIDE == seen.cell("account", "a03", "phone")


def test_people_of_a_merged_customer_meet_those_of_its_survivor_the_same_night(seen: Crm) -> None:
    """The same person at both is merged with the two customers, in one group; the second night finds nothing left."""
    twin(seen, 11, "b11")
    seen.edit("contact", "c-b11", full_name=person(11)["full_name"], mobile=person(11)["mobile"])
    dirty = seen.all()

    night = seen.night()

    assert (1, 1) == (night["safe"]["account"]["merge"], night["safe"]["contact"]["merge"])
    assert "nothing" == seen.night()["status"]
    assert 0 == seen.crmetl("nightly", "undo").exit
    assert dirty == seen.all()


def test_people_stay_two_where_the_merge_of_their_customers_is_parked(seen: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs on a merge shares its fate."""
    twin(seen, 11, "b11")
    seen.edit("contact", "c-b11", full_name=person(11)["full_name"], mobile=person(11)["mobile"])
    between(monkeypatch, lambda: seen.edit("account", "b11", status="inactive"))

    assert 7 == seen.night()["exit"]
    assert [None, None] == [seen.cell("contact", one, "merged_into") for one in ("c11", "c-b11")]


def test_undo_is_for_nights_only(seen: Crm) -> None:
    """Where no night has written anything there is nothing to undo; a run that is no night's is refused."""
    none = seen.crmetl("nightly", "undo")
    unknown = seen.crmetl("nightly", "undo", "2020")

    assert (2, 2) == (none.exit, unknown.exit)


def test_an_undo_keeps_what_was_edited_since(seen: Crm) -> None:
    """A person's later value stays and is counted, the rest goes back."""
    seen.edit("account", "a03", phone=WIDE)
    seen.edit("account", "a04", phone="０２５－５５５１０００４")
    run = seen.night()["run"]
    seen.edit("account", "a03", phone="+862555512345")

    back = seen.crmetl("nightly", "undo", run)

    assert (7, 1) == (back.exit, back.json()["kept"])
    assert ("+862555512345", "０２５－５５５１０００４") == (
        seen.cell("account", "a03", "phone"),
        seen.cell("account", "a04", "phone"),
    )


def test_every_night_leaves_its_reports_and_a_line_in_the_history(seen: Crm) -> None:
    """A quiet night, too."""
    quiet = seen.night()

    assert Path(quiet["report"]).exists()
    runs = seen.crmetl("runs").json()["runs"]
    assert ["nothing", "nothing"] == [one["status"] for one in runs]
    assert {"index.html", "diff.html", "report.json"} <= {path.name for path in Path(quiet["report"]).parent.iterdir()}


def test_the_counts_of_both_plans_add_up(seen: Crm) -> None:
    """Every live row is one record: read = kept + held + absorbed + dropped, kept = update + unchanged, in either part."""
    seen.edit("account", "a03", phone=WIDE, region="江苏")
    seen.edit("contact", "c07", full_name=None, mobile=None)
    twin(seen, 11, "b11")

    night = seen.night()

    for run in (night["run"], night["waiting"]["run"]):
        for one in seen.crmetl("show", run).json()["entities"].values():
            assert one["read"] == one["kept"] + one["held"] + one["absorbed"] + one["dropped"]
            assert one["kept"] == one["update"] + one["unchanged"]
    assert 1 == night["held"]


def test_no_report_or_message_tells_a_personal_value(seen: Crm) -> None:
    """What the person on duty sees is masked."""
    seen.edit("contact", "c07", mobile="１３９ ５５５０ ０００７")

    night = seen.crmetl("nightly")

    page = Path(night.json()["report"]).parent
    texts = [night.out, night.err, *(path.read_text("utf-8") for path in page.glob("*.html"))]
    assert not [text for text in texts if "13955500007" in text or "１３９ ５５５０ ０００７" in text]
