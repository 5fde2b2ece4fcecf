"""The entry check: what it answers, what it refuses, and an index that follows the CRM."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.batch import KEY, PLACE, SOURCE, Batch
from crmetl.clean import CleanRules, clean, clean_one, clean_rules
from crmetl.dedupe import match_rules
from crmetl.flows.entry.checker import BadFields, Checker
from crmetl.flows.opening import Opened
from crmetl.load import open_target
from crmetl.load.index.build import build_index
from crmetl.load.index.keys import indexes, indexing
from crmetl.load.relations import MATCHKEY, MATCHRECORD
from tests.entry.estate import NOW, Crm, build, crm, fill, opened

NAME, PHONE = "上海恒泰川贸易有限公司", "+862188887777"


@pytest.fixture
def project(tmp_path: Path) -> Opened:
    """A small CRM of its own for each test, on SQLite."""
    found = opened(tmp_path, f"sqlite:///{tmp_path}/crm.db")
    fill(found.url, found.project, crm(60))
    return found


@pytest.fixture
def checker(project: Opened) -> Iterator[Checker]:
    """A checker whose index is built."""
    for entity in project.project.match:
        build(project.url, project.project, entity)
    one = Checker(project)
    yield one
    one.close()


@pytest.fixture(scope="module")
def known() -> Crm:
    """What the CRM holds."""
    return crm(60)


def test_a_customer_that_is_there_is_blocked(checker: Checker, known: Crm) -> None:
    """Name and number of a customer name it as the one candidate, its name masked."""
    row = known.accounts.iloc[0]

    verdict = checker.check("account", {"客户名称": row["name"], "电话": row["phone"]})

    assert ("block", row["key"], "block") == (verdict.decision, verdict.candidates[0].ref, verdict.candidates[0].band)
    told = str(verdict.facts("zh"))
    assert row["name"] not in told
    assert row["phone"] not in told


def test_a_new_customer_is_allowed(checker: Checker) -> None:
    """A customer like none that is there may be saved."""
    verdict = checker.check("account", {"name": "拉萨雪峰香蕉种植有限公司", "phone": "0891-6333444", "city": "拉萨"})

    assert ("allow", ()) == (verdict.decision, verdict.candidates)


def test_the_record_itself_is_left_out(checker: Checker, known: Crm) -> None:
    """A record that is being changed is no duplicate of itself."""
    row = known.accounts.iloc[0]

    verdict = checker.check("account", {"name": row["name"], "phone": row["phone"]}, own=row["key"])

    assert row["key"] not in [one.ref for one in verdict.candidates]


def test_a_further_number_finds_its_customer(checker: Checker, known: Crm) -> None:
    """A number that only a contact point holds, as merged duplicates leave it, counts as the customer's own."""
    row = known.accounts.iloc[10]

    best = checker.check("account", {"name": row["name"], "phone": "+862130000010"}).candidates[0]

    assert (row["key"], "block") == (best.ref, best.band)
    assert "Phone same +" in "; ".join(text.en for text in best.because)


def test_a_contact_is_compared_inside_its_account(checker: Checker, known: Crm) -> None:
    """The same person of the same account is blocked; without the account a shared mobile is a warning only."""
    row = known.contacts.iloc[5]
    person = {"full_name": row["full_name"], "mobile": row["mobile"]}

    inside, anywhere = checker.check("contact", {**person, "account": row["account"]}), checker.check("contact", person)

    assert ("block", "warn") == (inside.decision, anywhere.decision)
    assert "other_parent" in [one.code for one in anywhere.reasons]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"nme": "x"}, "unknown_field"),
        ({"name": "x" * 1_000_000}, "too_long"),
        ({"name": "a\x00b"}, "control_characters"),
        ({"name": "x", "客户名称": "y"}, "twice"),
        ({"name": 5}, "not_text"),
        ({f"f{n}": "x" for n in range(500)}, "too_many_fields"),
    ],
)
def test_what_no_field_can_hold_is_refused(checker: Checker, record: dict[str, str], code: str) -> None:
    """Hostile records are refused by name, without their values."""
    with pytest.raises(BadFields) as refused:
        checker.check("account", record)

    assert code == refused.value.fields[0].code
    assert len(str(refused.value)) < 300


def test_nothing_to_look_up_by_is_unknown(checker: Checker) -> None:
    """Never a wrong allow: a record that tells nothing is not called new."""
    assert "unknown" == checker.check("account", {"remark": "请回电"}).decision
    assert "unknown" == checker.check("account", {"city": "拉萨"}).decision


def test_without_an_index_or_a_database_the_answer_is_unknown(project: Opened) -> None:
    """An index that is missing, and a database that is away, are told; neither is an allow."""
    away = Checker(Opened(project.project, "postgresql+psycopg://nobody@127.0.0.1:1/x", {}))

    reasons = [one.check("account", {"name": NAME}).reasons[0].code for one in (Checker(project), away)]

    assert ["index_missing", "database_away"] == reasons


def test_an_index_of_other_rules_is_not_used(project: Opened, checker: Checker, tmp_path: Path) -> None:
    """An index that was built with another model or other comparisons answers unknown."""
    rules = tmp_path / "mappings" / "rules" / "match.yaml"
    rules.write_text(rules.read_text("utf-8").replace("    - {field: city}\n", ""), "utf-8")
    other = Checker(opened(tmp_path, project.url))

    verdict = other.check("account", {"name": NAME})

    assert ("unknown", "index_outdated") == (verdict.decision, verdict.reasons[0].code)


def test_what_another_service_saved_is_found_at_once(project: Opened, checker: Checker) -> None:
    """A record told by `put` is found before the CRM shows it, and no longer after `delete`."""
    record = {"name": NAME, "phone": PHONE}

    before = checker.check("account", record).decision
    checker.put("account", "new-1", record)
    told = checker.check("account", record)
    checker.delete("account", "new-1")

    assert ("allow", "block", "new-1") == (before, told.decision, told.candidates[0].ref)
    assert "allow" == checker.check("account", record).decision


def test_a_number_under_another_name_is_worth_a_look(checker: Checker, known: Crm) -> None:
    """A customer's number beside quite another name is no duplicate by its score; that nothing is there would be untrue."""
    row = known.accounts.iloc[7]

    verdict = checker.check("account", {"name": "呼和浩特市雪原乳品厂", "phone": row["phone"]})

    assert ("warn", "shared_number") == (verdict.decision, verdict.reasons[0].code)
    assert (row["key"], "warn") == (verdict.candidates[0].ref, verdict.candidates[0].band)


def test_an_index_of_an_empty_crm_answers(project: Opened, tmp_path: Path) -> None:
    """A CRM that begins empty allows the first customer, and finds it once it is told of it."""
    empty = opened(tmp_path, f"sqlite:///{tmp_path}/empty.db")
    with open_target(empty.url, empty.project.schema_) as target:
        target.prepare()
    build(empty.url, empty.project)
    one = Checker(empty)

    before = one.check("account", {"name": NAME, "phone": PHONE}).decision
    one.put("account", "first", {"name": NAME, "phone": PHONE})

    assert ("allow", "block") == (before, one.check("account", {"name": NAME, "phone": PHONE}).decision)
    one.close()


def test_a_build_takes_over_what_was_told(project: Opened, checker: Checker) -> None:
    """What the CRM does not show yet is in the next index; what it shows by then is forgotten."""
    checker.put("account", "new-1", {"name": NAME, "phone": PHONE})
    build(project.url, project.project)
    found = checker.check("account", {"name": NAME, "phone": PHONE}).candidates[0].ref
    rows = pd.DataFrame({"key": ["new-1"], "name": [NAME], "phone": [PHONE]}).astype("str")
    with open_target(project.url, project.project.schema_) as target, target.transaction():
        target.insert("account", rows)
    build(project.url, project.project)

    with open_target(project.url, project.project.schema_) as target:
        assert ("new-1", 0) == (found, len(target.select(MATCHRECORD)))


@pytest.mark.parametrize("few", [50_000, 0])
def test_a_build_in_the_making_is_not_used(
    few: int, project: Opened, checker: Checker, known: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed build leaves the index in use; the next build clears what it left, at once or in slices."""
    monkeypatch.setattr("crmetl.load.index.build.FEW", few)
    row = known.accounts.iloc[0]

    def die(_: int) -> None:
        raise KeyboardInterrupt

    with open_target(project.url, project.project.schema_) as target, pytest.raises(KeyboardInterrupt):
        build_index(target, match_rules(project.project, "account"), project="", now=NOW, progress=die, size=10)
    meanwhile = checker.check("account", {"name": row["name"], "phone": row["phone"]}).decision
    build(project.url, project.project)

    with open_target(project.url, project.project.schema_) as target:
        left = {(one.build, one.status) for one in indexes(target, "account")}
        builds = set(target.select(MATCHKEY, ["build"], where=("entity", ["account"]))["build"])
    assert ("block", {(3, "ready")}, {"3"}) == (meanwhile, left, builds)


def test_a_write_and_its_keys_stand_or_fall_together(project: Opened, checker: Checker) -> None:
    """Keys follow a row in its own transaction; a merged row and a removed one lose them."""
    rows = pd.DataFrame({"key": ["n1"], "name": [NAME], "phone": [PHONE]}).astype("str")
    with open_target(project.url, project.project.schema_) as target:
        with pytest.raises(KeyboardInterrupt), target.transaction():  # noqa: PT012 the transaction is what is tried
            target.insert("account", rows)
            indexing(target).follow_piece("account", rows, rows.iloc[:0])
            raise KeyboardInterrupt
        assert 0 == len(target.select(MATCHKEY, where=("key", ["n1"])))
        with target.transaction():
            target.insert("account", rows)
            indexing(target).follow_piece("account", rows, rows.iloc[:0])
        assert len(target.select(MATCHKEY, where=("key", ["n1"]))) > 3
        with target.transaction():
            target.update("account", pd.DataFrame({"key": ["n1"], "merged_into": ["a0000001"]}).astype("str"))
            indexing(target).follow({"account": ["n1"]})
        assert 0 == len(target.select(MATCHKEY, where=("key", ["n1"])))


def test_checks_write_nothing(project: Opened, checker: Checker, tmp_path: Path) -> None:
    """A check leaves the database file as it was, byte for byte."""
    before = (tmp_path / "crm.db").read_bytes()

    checker.check("account", {"name": NAME, "phone": PHONE})

    assert before == (tmp_path / "crm.db").read_bytes()


CELLS = st.sampled_from(
    ["", " ", "上海恒川贸易有限公司", "Acme Ltd", "021-68881234 转 8", "13912345678", "无", "a@b.com", "苏州", "江苏省苏州市干将路1号", "x",
     "张经理", "91320594MA1MK0XX0P", "N/A", "１３９１２３４５６７８"]
)  # fmt: skip


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> CleanRules:
    """Return the sample's rules for customers."""
    return clean_rules(opened(tmp_path_factory.mktemp("declared"), "sqlite:///x.db").project, "account", None)


@settings(max_examples=60, deadline=None)
@given(
    cells=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("name", "phone", "email", "city", "region", "address", "uscc"), CELLS)
    )
)
def test_cleaning_one_is_cleaning_a_batch(declared: CleanRules, cells: dict[str, str]) -> None:
    """The scalar path leaves the cells, and finds the faults, that the stage does (law 5)."""
    lineage = {SOURCE: "f", PLACE: "f", KEY: None, "custom": None}
    frame = pd.DataFrame([{**cells, **lineage}], index=pd.Index(["r"], dtype="str", name="rid")).astype("str")

    whole = clean(Batch("account", frame), rules=declared)
    one = clean_one(cells, declared)

    row = pd.concat([whole.kept.frame, whole.held.frame]).iloc[0].drop([*lineage]).dropna().to_dict()
    assert row == {name: cell for name, cell in one.cells.items() if cell is not None}
    found = sorted(zip(whole.findings["column"], whole.findings["code"], whole.findings["severity"], strict=True))
    assert found == sorted((name, fault.code, severity) for name, fault, severity in one.problems)
