"""What a person decided of a pair holds, is found again by content, and is not asked twice."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmetl.batch import conserve
from crmetl.dedupe import Deduped, MatchRules, dedupe
from crmetl.dedupe.cluster.decided import DECISION, content_print
from tests.dedupe.records import ACCOUNT, CONTACT, HENGTONG, PHONE, ROWS, batch, clusters, people
from tests.examples import heavy

LANCHUAN, HANCHUAN = "上海澜川机械有限公司", "上海瀚川机械有限公司"
DOUBTFUL = [{"name": LANCHUAN, "city": "上海市"}, {"name": HANCHUAN, "city": "上海市"}]
"""Two names that differ in one character: too close to part, too far to merge."""


def prints(rows: list[Any], rules: MatchRules = ACCOUNT, evidence: pd.DataFrame | None = None) -> "pd.Series[str]":
    """Content prints of records by rid."""
    frame = batch(rows, rules.entity).frame
    own = frame[[one.field for one in rules.comparisons if one.field in frame]]
    return content_print(own if evidence is None else own.join(evidence))


def decision(left: str, right: str, verdict: str, at: str = "2026-11-01") -> pd.DataFrame:
    """One decision, said at a time."""
    low, high = sorted((left, right))
    return pd.DataFrame([(ACCOUNT.entity, low, high, verdict, None, at)], columns=[*DECISION, "at"], dtype="str")


def found(rows: list[Any], *decisions: pd.DataFrame, rules: MatchRules = ACCOUNT, **known: Any) -> Deduped:
    """What matching says of the rows."""
    said = pd.concat(decisions, ignore_index=True) if decisions else None
    return dedupe(batch(rows, rules.entity), rules=rules, decisions=said, **known)


def absorbed(deduped: Deduped) -> dict[str, str]:
    return {str(k): str(v) for k, v in deduped.result.absorbed.items()}


def asked(deduped: Deduped) -> list[list[str]]:
    pairs = deduped.pairs
    return pairs.loc[pairs["verdict"] == "review", ["left", "right"]].to_numpy().tolist()


def codes(deduped: Deduped) -> set[str]:
    return set(deduped.result.findings["code"])


def rules_for(rows: list[Any]) -> MatchRules:
    """The rules with the review line so low that the pair of `rows` is asked about."""
    return replace(ACCOUNT, cut=40_000, review=-40_000) if rows else ACCOUNT


ASKING = rules_for(DOUBTFUL)


def test_a_doubtful_pair_is_asked() -> None:
    """Without a decision the two stay two, and the pair is listed."""
    deduped = found(DOUBTFUL, rules=ASKING)

    assert [["r1", "r2"]] == asked(deduped)
    assert {} == absorbed(deduped)


@pytest.mark.parametrize(("verdict", "into"), [("same", {"r2": "r1"}), ("different", {})])
def test_a_decision_is_carried_out_and_not_asked_again(verdict: str, into: dict[str, str]) -> None:
    """The same becomes one, different stays two, and neither is doubtful any more."""
    left, right = prints(DOUBTFUL)

    deduped = found(DOUBTFUL, decision(left, right, verdict), rules=ASKING)

    assert into == absorbed(deduped)
    assert [] == asked(deduped)
    assert "DOUBTFUL_PAIR" not in codes(deduped)
    assert [["r1", "r2", verdict, "yes"]] == deduped.decided.to_numpy().tolist()


def test_the_same_content_next_month_under_other_ids_is_not_asked() -> None:
    """Rids, sources and the order of columns change; the content does not."""
    left, right = prints(DOUBTFUL)
    month = [{**DOUBTFUL[1], "rid": "z9", "source": "erp"}, {**DOUBTFUL[0], "rid": "z8", "source": "event"}]

    assert [] == asked(found(month, decision(left, right, "different"), rules=ASKING))


def test_content_that_changed_is_asked_again() -> None:
    """A new phone on one side is new evidence."""
    left, right = prints(DOUBTFUL)
    moved = [DOUBTFUL[0], {**DOUBTFUL[1], "phone": PHONE}]

    assert [["r1", "r2"]] == asked(found(moved, decision(left, right, "different"), rules=ASKING))


def test_a_person_stands_above_a_veto() -> None:
    """Two credit codes forbid a merge, unless somebody who knows says that they are one."""
    rows = [{"name": HENGTONG, "uscc": "91310115MA1K35X12A"}, {"name": HENGTONG, "uscc": "91310115MA1H7T3W5D"}]
    left, right = prints(rows)

    assert {} == absorbed(found(rows))
    assert {"r2": "r1"} == absorbed(found(rows, decision(left, right, "same")))


def test_different_also_holds_through_a_third_record() -> None:
    """Both are one with the middle by all evidence; the middle goes to one of them, the two never meet."""
    rows = [
        {"name": HENGTONG, "phone": PHONE, "uscc": "91310115MA1K35X12A"},
        {"name": HENGTONG, "phone": PHONE},
        {"name": HENGTONG, "phone": PHONE, "address": "上海市浦东新区张江路1号"},
    ]
    told = prints(rows)
    assert 1 == len(clusters(batch(rows).frame, found(rows).result.absorbed))

    deduped = found(rows, decision(told["r1"], told["r3"], "different"))

    groups = clusters(batch(rows).frame, deduped.result.absorbed)
    assert 2 == len(groups)
    assert not any({"r1", "r3"} <= one for one in groups)


def test_copies_of_one_content_can_be_told_apart() -> None:
    """Two rows of the same content, called different, stay two, whatever the evidence; called the same they are one."""
    rows = [{"name": HENGTONG, "phone": PHONE}, {"name": HENGTONG, "phone": PHONE}]
    (one, other) = prints(rows)
    assert one == other

    assert {} == absorbed(found(rows, decision(one, other, "different")))
    assert [] == asked(found(rows, decision(one, other, "different")))


def test_copies_that_say_little_become_one_when_somebody_says_so() -> None:
    """A name alone does not make two rows one; a person does."""
    rows = [{"name": "恒曜"}, {"name": "恒曜"}]
    hard = replace(ACCOUNT, cut=60_000)
    (one, other) = prints(rows)

    assert {} == absorbed(found(rows, rules=hard))
    assert {"r2": "r1"} == absorbed(found(rows, decision(one, other, "same"), rules=hard))


def test_of_decisions_that_contradict_each_other_the_newest_count() -> None:
    """A is B, B is C, and, said first, A is not C: the older word gives way and the records say so."""
    rows = [{"name": LANCHUAN}, {"name": HENGTONG}, {"name": "北京远洋仪器有限公司"}]
    a, b, c = prints(rows)
    said = [decision(a, b, "same", "2026-03"), decision(b, c, "same", "2026-02"), decision(a, c, "different", "2026-01")]

    deduped = found(rows, *said)

    assert 1 == len(clusters(batch(rows).frame, deduped.result.absorbed))
    assert "DECISION_CONTRADICTED" in codes(deduped)
    assert ["contradicted"] == deduped.decided.loc[deduped.decided["verdict"] == "different", "counts"].tolist()


def test_the_newest_no_outweighs_two_older_yes() -> None:
    """The other way round: A is not C is the last word, so that only one of the two joins stays."""
    rows = [{"name": LANCHUAN}, {"name": HENGTONG}, {"name": "北京远洋仪器有限公司"}]
    a, b, c = prints(rows)
    said = [decision(a, b, "same", "2026-01"), decision(b, c, "same", "2026-02"), decision(a, c, "different", "2026-03")]

    deduped = found(rows, *said)

    assert {frozenset({"r1"}), frozenset({"r2", "r3"})} == clusters(batch(rows).frame, deduped.result.absorbed)
    assert "DECISION_CONTRADICTED" in codes(deduped)


def crm(**rows: dict[str, str | None]) -> pd.DataFrame:
    """CRM rows by key."""
    columns = ["name", "uscc", "phone", "address", "city", "status", "owner"]
    frame = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=columns)
    return frame.rename_axis("key").astype("str")


def test_a_record_that_fits_two_crm_rows_goes_where_a_person_put_it() -> None:
    """Torn between two rows it waits; once decided it is the one that was named, and no longer held."""
    rows = [{"name": HENGTONG, "phone": PHONE}]
    two = crm(K1={"name": HENGTONG, "phone": PHONE, "address": "上海市浦东新区张江路1号"}, K2={"name": HENGTONG, "phone": PHONE})
    apart = decision(content_print(two)["K1"], content_print(two)["K2"], "different", "2026-01")
    yes = decision(prints(rows)["r1"], content_print(two)["K1"], "same", "2026-02")
    two_of_them = two.assign(uscc=pd.Series({"K1": "91310115MA1K35X12A", "K2": "91310115MA1H7T3W5D"}))

    assert {"r1"} == set(found(rows, existing=two_of_them).result.held.frame.index)
    deduped = found(rows, apart, yes, existing=two)

    assert {"r1": "K1"} == deduped.matched.to_dict()
    assert not len(deduped.result.held.frame)


def test_crm_rows_that_a_person_called_one_are_a_decided_merge() -> None:
    """Evidence alone proposes; a person decides, and the pair is not asked again."""
    two = crm(K1={"name": LANCHUAN, "city": "上海市"}, K2={"name": HANCHUAN, "city": "上海市"})
    left, right = content_print(two[["name", "uscc", "phone", "address", "city"]])

    deduped = found([], decision(left, right, "same"), rules=ASKING, existing=two)

    assert [["K2", "K1", "yes"]] == deduped.merges[["loser", "survivor", "decided"]].to_numpy().tolist()
    assert [] == asked(deduped)


def test_crm_rows_that_a_person_parted_are_never_one_again() -> None:
    """Whatever the evidence says, neither a merge nor a question comes of it."""
    two = crm(K1={"name": HENGTONG, "phone": PHONE}, K2={"name": HENGTONG, "phone": PHONE, "city": "上海市"})
    left, right = content_print(two)
    assert 1 == len(found([], existing=two).merges)

    deduped = found([], decision(left, right, "different"), existing=two)

    assert deduped.merges.empty
    assert [] == asked(deduped)


def test_what_is_written_as_one_row_stays_one_and_says_so() -> None:
    """The crosswalk knows both as one row: a plan cannot part them, a rollback can."""
    rows = [{"name": LANCHUAN}, {"name": HANCHUAN}]
    known = pd.Series({"r1": "K1", "r2": "K1"}, dtype="str")
    left, right = prints(rows)

    deduped = found(rows, decision(left, right, "different"), existing=crm(K1={"name": LANCHUAN}), known=known)

    assert {"r2": "r1"} == absorbed(deduped) or {"r1": "r2"} == absorbed(deduped)
    assert "DECISION_WRITTEN" in codes(deduped)


def test_a_decision_with_evidence_holds_for_the_crm_row_that_shows_none() -> None:
    """The source row told of a contact; the CRM's row of the same customer has the same fields and no contact beside it."""
    rows: list[dict[str, str | None]] = [{"name": LANCHUAN, "city": "上海市"}, {"name": HANCHUAN, "city": "上海市"}]
    told = prints(rows, evidence=people({"r1": ("+8613800000001", "周宁"), "r2": ("+8613800000002", "王敏")}))
    two = crm(K1=rows[0], K2=rows[1])

    assert [["=K1", "=K2"]] == asked(found([], rules=ASKING, existing=two))
    assert [] == asked(found([], decision(told["r1"], told["r2"], "different"), rules=ASKING, existing=two))


def test_a_decision_on_one_contact_is_not_about_another_of_the_same_name() -> None:
    """Evidence that differs is another content: what was said of the one is not said of the other."""
    rows = [{"name": LANCHUAN, "city": "上海市"}, {"name": HANCHUAN, "city": "上海市"}]
    then = prints(rows, evidence=people({"r1": ("+8613800000001", "周宁"), "r2": ("+8613800000002", "王敏")}))
    now = people({"r1": ("+8613800000003", "李强"), "r2": ("+8613800000002", "王敏")})

    deduped = found(rows, decision(then["r1"], then["r2"], "same"), rules=ASKING, evidence=now)

    assert {} == absorbed(deduped)
    assert [["r1", "r2"]] == asked(deduped)


def test_people_are_decided_inside_their_parent() -> None:
    """The same two names under another customer are other people."""
    same = replace(CONTACT, cut=40_000, review=-40_000)
    rows = [
        {"account": "@a", "full_name": "周宁"}, {"account": "@a", "full_name": "周凝"},
        {"account": "@b", "full_name": "周宁"}, {"account": "@c", "full_name": "周凝"},
    ]  # fmt: skip
    told = prints(rows, CONTACT)

    deduped = found(rows, decision(told["r1"], told["r2"], "same"), rules=same)

    assert {"r2": "r1"} == absorbed(deduped)


def test_content_that_everybody_has_decides_nothing() -> None:
    """A decision about a name that a hundred rows share would join them all: it is set aside, and the rows say so."""
    rows = [{"name": "恒曜"} for _ in range(60)] + [{"name": "澜川"} for _ in range(60)]
    told = prints(rows)
    hard = replace(ACCOUNT, cut=60_000)

    deduped = found(rows, decision(told["r1"], told["r61"], "same"), rules=hard)

    assert {} == absorbed(deduped)
    assert "DECISION_COMMON" in codes(deduped)


def test_no_decisions_change_nothing() -> None:
    """An empty frame of decisions, and decisions on content that is not here, leave everything as it is."""
    empty = decision("a", "b", "same").iloc[:0]
    plain = found(DOUBTFUL, rules=ASKING)

    for said in (empty, decision("a" * 24, "b" * 24, "same")):
        deduped = found(DOUBTFUL, said, rules=ASKING)
        pd.testing.assert_frame_equal(plain.pairs, deduped.pairs)
        assert absorbed(plain) == absorbed(deduped)


def test_a_print_shows_no_value_and_knows_no_order() -> None:
    """Whatever the order of columns, case, width or blanks; an empty record has no print."""
    one = pd.DataFrame({"name": ["Acme Ltd", None], "phone": [PHONE, None]}, dtype="str")
    other = pd.DataFrame({"phone": [PHONE, None], "name": ["ＡＣＭＥ  ltd", None], "city": [None, None]}, dtype="str")

    assert content_print(one).tolist() == content_print(other).tolist()
    assert "" == content_print(one).iloc[1]
    assert "acme" not in content_print(one).iloc[0]


SAID = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(("same", "different")), st.sampled_from(("1", "2", "3"))),
    max_size=6,
)


@given(ROWS, SAID, st.randoms(use_true_random=False))
@heavy(15)
def test_order_changes_nothing_with_decisions(rows: list[dict[str, str | None]], said: list[Any], order: Any) -> None:
    """Neither the order of records nor that of decisions changes clusters, questions or what became of the decisions."""
    told = prints(rows).tolist()
    decisions = [decision(told[a], told[b], v, at) for a, b, v, at in said if max(a, b) < len(rows)]
    frame = pd.concat(decisions, ignore_index=True) if decisions else None
    frame = None if frame is None else frame.drop_duplicates(["left", "right"], keep="last")
    records = batch(rows)
    mixed, turned = list(records.frame.index), list(range(0 if frame is None else len(frame)))
    order.shuffle(mixed)
    order.shuffle(turned)

    one = dedupe(records, rules=ACCOUNT, decisions=frame)
    other = dedupe(
        replace(records, frame=records.frame.loc[mixed]),
        rules=ACCOUNT,
        decisions=None if frame is None else frame.iloc[turned],
    )

    conserve("dedupe", records.frame.index, one.result)
    assert one.result.absorbed.sort_index().to_dict() == other.result.absorbed.sort_index().to_dict()
    pd.testing.assert_frame_equal(one.pairs, other.pairs)
    pd.testing.assert_frame_equal(one.decided, other.decided)


@given(ROWS, SAID)
@heavy(20)
def test_what_was_decided_holds(rows: list[dict[str, str | None]], said: list[Any]) -> None:
    """Every decision that counts is carried out: the same are one, the different are not, and neither is asked again."""
    told = prints(rows).tolist()
    decisions = [decision(told[a], told[b], v, at) for a, b, v, at in said if max(a, b) < len(rows)]

    deduped = found(rows, *decisions)

    into = {rid: absorbed(deduped).get(rid, rid) for rid in batch(rows).frame.index}
    for left, right, verdict, counts in deduped.decided.to_numpy().tolist():
        if counts == "yes":
            assert (verdict == "same") == (into[left] == into[right])
            assert [left, right] not in asked(deduped)
            assert [right, left] not in asked(deduped)


A, B = {"name": HENGTONG, "phone": PHONE}, {"name": HENGTONG, "phone": PHONE, "address": "上海市浦东新区张江路1号"}
"""Two records that are one by all evidence, and that a person has told apart."""


def apart_from(rows: list[Any], *, known: dict[str, str] | None = None, existing: pd.DataFrame | None = None) -> Deduped:
    """What matching says of the rows once a person has told A from B."""
    told = prints([A, B])
    walk = pd.Series(known or {}, dtype="str")
    return found(rows, decision(told["r1"], told["r2"], "different"), existing=existing, known=walk)


def test_what_was_told_from_a_is_kept_from_all_that_is_one_with_a() -> None:
    """A stands there beside a newer, fuller spelling of it: B is merged with neither, though it resembles both."""
    newer = {**A, "city": "上海市"}

    groups = clusters(batch([A, newer, B]).frame, apart_from([A, newer, B]).result.absorbed)

    assert 1 == len(clusters(batch([A, newer, B]).frame, found([A, newer, B]).result.absorbed))
    assert {frozenset({"r1", "r2"}), frozenset({"r3"})} == groups


@pytest.mark.parametrize("among", [True, False])
def test_what_was_told_from_a_is_kept_from_the_crm_row_that_a_went_into(among: bool) -> None:  # noqa: FBT001 a way to compare
    """The row shows other cells than A by now; as long as A is in the sources, B does not go into that row."""
    there = crm(K1={"name": HENGTONG, "phone": PHONE, "city": "上海市", "address": "上海市浦东新区张江路1号"})
    told = prints([A, B])
    said = decision(told["r1"], told["r2"], "different")
    known = pd.Series({"r1": "K1"}, dtype="str")

    assert {"r1": "r2"} == absorbed(found([A, B], existing=there, known=known))
    deduped = found([A, B], said, existing=there, known=known, among_existing=among)

    assert {"r1": "K1"} == deduped.matched.to_dict()
    assert {} == absorbed(deduped)


def test_what_was_told_from_a_is_kept_from_two_crm_rows_that_become_one() -> None:
    """A is K1, which resembles K2 as much as B does: B does not go into the row that the two become."""
    there = crm(K1={**A}, K2={**B, "city": "上海市"})
    known = pd.Series({"r1": "K1"}, dtype="str")
    assert ["K1"] == found([A, B], existing=there, known=known).merges["survivor"].tolist()

    deduped = apart_from([A, B], known={"r1": "K1"}, existing=there)

    one = {"K1", *deduped.merges["loser"], *deduped.merges["survivor"]}
    assert "K1" == deduped.matched["r1"]
    assert deduped.matched.get("r2") not in one


@given(ROWS, SAID, st.integers(0, 3))
@heavy(8)
def test_no_never_is_broken_through_the_crm(rows: list[dict[str, str | None]], said: list[Any], known: int) -> None:
    """Whatever rows the CRM has, whoever is known: records told apart end neither as one record nor as one CRM row."""
    told = prints(rows).tolist()
    decisions = [decision(told[a], told[b], v, at) for a, b, v, at in said if max(a, b) < len(rows)]
    there = crm(
        **{f"K{n}": {k: v for k, v in row.items() if k in ("name", "phone", "uscc", "city")} for n, row in enumerate(rows)}
    )
    walk = pd.Series({f"r{n}": f"K{n}" for n in range(1, min(known, len(rows) - 1) + 1)}, dtype="str")

    deduped = found(rows, *decisions, existing=there if rows else None, known=walk)

    into = {rid: absorbed(deduped).get(rid, rid) for rid in batch(rows).frame.index}
    ends = {rid: deduped.matched.get(end, end) for rid, end in into.items()}
    own = deduped.decided[~deduped.decided[["left", "right"]].apply(lambda one: one.str.startswith("=")).any(axis=1)]
    for left, right, verdict, counts in own.to_numpy().tolist():
        if counts == "yes" and verdict == "different":
            assert ends[left] != ends[right]
