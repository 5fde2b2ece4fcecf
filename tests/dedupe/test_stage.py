"""The stage absorbs duplicates, keeps look-alikes apart and finds CRM rows."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from crmetl.batch import conserve
from crmetl.dedupe import dedupe
from crmetl.errors import ProjectError
from tests.dedupe.records import ACCOUNT, CONTACT, HENGTONG, OTHER_PHONE, PHONE, SHORT, batch, people


def test_short_name_with_the_same_phone_joins_the_full_name() -> None:
    """A short name with the firm's phone is the firm; the survivor is of the most trusted source."""
    records = batch([{"name": SHORT, "phone": PHONE, "source": "event"}, {"name": HENGTONG, "phone": PHONE, "source": "erp"}])

    found = dedupe(records, rules=ACCOUNT)

    assert found.result.absorbed.to_dict() == {"r1": "r2"}
    assert found.result.kept.frame.index.tolist() == ["r2"]


def test_the_pair_tells_its_levels_and_weights() -> None:
    """`because` holds field -> [level, 1/1000 bit], and prior + the weights is the score."""
    records = batch([{"name": SHORT, "phone": PHONE}, {"name": HENGTONG, "phone": PHONE}])

    found = dedupe(records, rules=ACCOUNT)

    (pair,) = found.pairs.to_dict("records")
    parts = json.loads(pair["because"])
    assert parts["name"][0] == "trimmed"
    assert found.model.prior + sum(mbit for _, mbit in parts.values()) == pair["score_mbit"]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("上海恒曜贸易有限公司杭州分公司", {}),
        ("北京恒曜贸易有限公司", {}),
        ("上海恒曜机械有限公司", {}),
        ("上海澜川机械有限公司", {"address": "上海市浦东新区张江路88号"}),
    ],
    ids=["branch", "same brand, other city", "sister", "behind one switchboard"],
)
def test_look_alikes_stay_apart(name: str, more: dict[str, str]) -> None:
    """A branch, the brand in another city, a sister and a neighbour share phone, boss and address, and are not the firm."""
    records = batch(
        [{"name": HENGTONG, "phone": PHONE, **more}, {"name": name, "phone": PHONE, **more}],
    )
    boss = people({"r1": ("+8613912340001", "宋文松"), "r2": ("+8613912340001", "宋文松")})

    found = dedupe(records, rules=ACCOUNT, evidence=boss)

    assert found.result.absorbed.empty
    assert found.pairs.empty


def test_one_character_apart_is_for_other_fields_to_decide() -> None:
    """A brand one character off is another firm by itself, and the same with phone and contact."""
    names = [{"name": "上海恒曜贸易有限公司"}, {"name": "上海恒耀贸易有限公司"}]
    boss = people({"r1": ("+8613912340001", "宋文松"), "r2": ("+8613912340001", "宋文松")})

    alone = dedupe(batch(names), rules=ACCOUNT)
    backed = dedupe(batch([{**one, "phone": PHONE} for one in names]), rules=ACCOUNT, evidence=boss)

    assert alone.result.absorbed.empty
    assert backed.result.absorbed.to_dict() == {"r2": "r1"}


def test_two_valid_credit_codes_forbid_a_merge() -> None:
    """Two different codes are two firms, also through a third record that has none."""
    records = batch(
        [
            {"name": HENGTONG, "phone": PHONE, "uscc": "91310115MA1K35X12A"},
            {"name": HENGTONG, "phone": PHONE},
            {"name": HENGTONG, "phone": PHONE, "uscc": "91310115MA1H7T3W5D"},
        ]
    )

    found = dedupe(records, rules=ACCOUNT)

    into = {**{rid: rid for rid in records.frame.index}, **found.result.absorbed.to_dict()}
    assert into["r1"] != into["r3"]


def test_a_credit_code_in_common_outweighs_the_names() -> None:
    """A branch's nickname and its full name are one when the code says so."""
    code = "91310115MA1K35X12A"
    records = batch(
        [{"name": "上海恒曜贸易有限公司", "uscc": code, "phone": PHONE}, {"name": "澜川机械", "uscc": code, "phone": PHONE}]
    )

    assert len(dedupe(records, rules=ACCOUNT).result.absorbed) == 1


def test_any_contact_of_a_record_is_evidence() -> None:
    """A record with several contacts is found by each of them."""
    records = batch([{"name": HENGTONG}, {"name": "上海恒耀"}])
    several = pd.concat(
        [
            people({"r1": ("+8613912340001", "宋文松")}),
            people({"r1": ("+8613912340002", "李冬梅")}),
            people({"r2": ("+8613912340002", "李冬梅")}),
        ]
    )

    found = dedupe(records, rules=ACCOUNT, evidence=several)

    assert found.result.absorbed.to_dict() == {"r2": "r1"}
    assert len(found.pairs) == 1


def test_a_common_name_alone_is_no_evidence() -> None:
    """Equal rows of a bare person name within different accounts never meet, and a shared surname joins nobody."""
    rows = [
        {"account": "@a", "full_name": "张伟"},
        {"account": "@b", "full_name": "张伟"},
        {"full_name": "张伟"},
        {"full_name": "张伟"},
    ]

    assert dedupe(batch(rows, "contact"), rules=CONTACT).result.absorbed.empty


def test_an_equal_name_within_one_account_is_strong() -> None:
    """One account's two 宋文松 without contrary evidence are one; his numbers are kept as points."""
    rows = [
        {"account": "@a", "full_name": "宋文松", "mobile": "+8613912340001"},
        {"account": "@a", "full_name": "宋文松先生"},
        {"account": "@a", "full_name": "李冬梅", "mobile": "+8613912340002"},
    ]

    found = dedupe(batch(rows, "contact"), rules=CONTACT)

    assert found.result.absorbed.to_dict() == {"r2": "r1"}


def test_namesakes_of_one_account_are_for_a_person_to_see() -> None:
    """Two people of one name with different mobiles and mailboxes are not merged."""
    rows = [
        {"account": "@a", "full_name": "张伟", "mobile": "+8613912340001", "email": "zw@heng.example"},
        {"account": "@a", "full_name": "张伟", "mobile": "+8613812349999", "email": "zhangwei88@heng.example"},
    ]

    found = dedupe(batch(rows, "contact"), rules=CONTACT)

    assert found.result.absorbed.empty


def test_a_matched_parent_is_one_whether_named_by_rid_or_key() -> None:
    """Contacts below `@rid` meet the CRM's contacts below the key that the account was matched to."""
    rows = batch([{"account": "@a", "full_name": "宋文松", "mobile": "+8613912340001"}], "contact")
    crm = pd.DataFrame(
        {"account": ["K"], "full_name": ["宋文松"], "mobile": ["+8613912340001"]}, index=pd.Index(["C1"], name="key")
    ).astype("str")

    found = dedupe(rows, rules=CONTACT, existing=crm, parents=pd.Series({"a": "K"}))

    assert found.matched.to_dict() == {"r1": "C1"}


def crm_rows(*names: str, codes: tuple[str | None, ...] = ()) -> pd.DataFrame:
    """Return CRM rows K1, K2 … with one phone."""
    index = pd.Index([f"K{n}" for n in range(1, len(names) + 1)], name="key")
    return pd.DataFrame({"name": list(names), "phone": PHONE, "uscc": list(codes) or None}, index=index).astype("str")


def test_a_crm_row_takes_part_and_never_loses() -> None:
    """Source records are matched to the CRM row; one of them survives as its record, the others are absorbed."""
    records = batch([{"name": HENGTONG, "phone": PHONE}, {"name": SHORT, "phone": PHONE}])

    found = dedupe(records, rules=ACCOUNT, existing=crm_rows(HENGTONG))

    assert found.matched.to_dict() == {"r1": "K1"}
    assert found.result.absorbed.to_dict() == {"r2": "r1"}
    assert "=K1" in set(found.pairs["right"])


def test_the_crosswalk_comes_first() -> None:
    """A known key is certain, whatever the evidence says now, and also when the row is gone from the CRM."""
    records = batch([{"name": HENGTONG, "phone": PHONE}, {"name": "澜川机械", "phone": OTHER_PHONE}])

    found = dedupe(records, rules=ACCOUNT, existing=crm_rows("别的名字"), known=pd.Series({"r1": "K1", "r2": "K9"}))

    assert found.matched.to_dict() == {"r1": "K1", "r2": "K9"}


def test_two_crm_rows_that_are_one_become_a_merge_for_the_flow() -> None:
    """The first key survives; a record stays with the key it is known by, a new one goes to the first."""
    records = batch([{"name": HENGTONG, "phone": PHONE}, {"name": SHORT, "phone": PHONE}])

    found = dedupe(records, rules=ACCOUNT, existing=crm_rows(HENGTONG, HENGTONG), known=pd.Series({"r2": "K2"}))

    assert found.merges[["loser", "survivor"]].to_numpy().tolist() == [["K2", "K1"]]
    assert found.matched.to_dict() == {"r1": "K1", "r2": "K2"}
    both = found.pairs[(found.pairs["left"] == "=K1") & (found.pairs["right"] == "=K2")]
    assert both["verdict"].tolist() == ["review"]


def test_a_record_that_fits_two_crm_rows_alike_is_held() -> None:
    """Two CRM rows with different credit codes are two; a record that could be either waits for a person."""
    records = batch([{"name": HENGTONG, "phone": PHONE}, {"name": "澜川机械"}])
    crm = crm_rows(HENGTONG, HENGTONG, codes=("91310115MA1K35X12A", "91310115MA1H7T3W5D"))

    found = dedupe(records, rules=ACCOUNT, existing=crm)

    assert found.result.held.frame.index.tolist() == ["r1"]
    assert found.result.findings.query("severity == 'hold'")["code"].tolist() == ["MATCH_AMBIGUOUS"]
    assert set(found.pairs["right"]) == {"=K1", "=K2"}
    assert set(found.pairs["verdict"]) == {"review"}


def test_a_customer_claimed_by_two_owners_is_told() -> None:
    """Merged records of two owners give a finding; the most trusted source's owner stays."""
    records = batch(
        [
            {"name": HENGTONG, "phone": PHONE, "owner": "zhangwei", "source": "erp"},
            {"name": HENGTONG, "phone": PHONE, "owner": "lina", "source": "east"},
        ]
    )

    found = dedupe(records, rules=ACCOUNT)

    assert found.result.kept.frame["owner"].tolist() == ["zhangwei"]
    assert found.result.findings["code"].tolist() == ["OWNER_CONFLICT"]


def test_a_doubtful_pair_is_a_note_on_both() -> None:
    """Records that resemble each other without enough evidence stay and are noted."""
    records = batch([{"name": HENGTONG}, {"name": "恒曜贸易"}])

    found = dedupe(records, rules=ACCOUNT)

    assert found.pairs["verdict"].tolist() == ["review"]
    assert found.result.findings["code"].tolist() == ["DOUBTFUL_PAIR"] * 2


def test_a_doubt_is_one_question_however_often_it_was_loaded() -> None:
    """Two doubtful records and the CRM rows that they already are ask once, not four times."""
    records = batch([{"name": HENGTONG}, {"name": "恒曜贸易"}])
    crm = pd.DataFrame({"name": [HENGTONG, "恒曜贸易"]}, index=pd.Index(["K1", "K2"], name="key")).astype("str")
    known = pd.Series({"r1": "K1", "r2": "K2"}, dtype="str")

    found = dedupe(records, rules=ACCOUNT, existing=crm, known=known)

    assert found.pairs["verdict"].tolist().count("review") == 1


def test_nothing_comes_nothing_goes() -> None:
    """An empty batch, one row, and rows of nothing but NA give no pair and lose nobody."""
    several: tuple[list[dict[str, str | None]], ...] = ([], [{"name": HENGTONG}], [{}, {}, {}])
    for rows in several:
        records = batch(rows)

        found = dedupe(records, rules=ACCOUNT)

        assert len(found.result.kept) == len(rows)
        assert found.pairs.empty
        conserve("dedupe", records.frame.index, found.result)


def test_five_thousand_identical_rows_are_one() -> None:
    """Copies cost nothing: content is compared once."""
    records = batch([{"name": HENGTONG, "phone": PHONE, "rid": f"r{n:05d}"} for n in range(5_000)])

    found = dedupe(records, rules=ACCOUNT)

    assert found.result.kept.frame.index.tolist() == ["r00000"]
    assert found.candidates == 0


def test_within_needs_its_column() -> None:
    """A `within` that the records lack is the project's fault, not the data's."""
    with pytest.raises(ProjectError):
        dedupe(batch([{"name": HENGTONG}]), rules=replace(ACCOUNT, within="parent"))
