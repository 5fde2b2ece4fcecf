"""Blocking, clusters, survivorship, frequencies, models, training, evaluation and rules, each by itself."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crmetl.batch import Batch
from crmetl.dedupe import Compared, Kept, MatchRules, Model, dedupe, evaluate, explain, match_rules, train
from crmetl.dedupe.block.blocking import candidates
from crmetl.dedupe.cluster.clustering import LIMIT, cluster
from crmetl.dedupe.compare.codes import Keys, hashed, texts
from crmetl.dedupe.compare.comparisons import columns_of
from crmetl.dedupe.compare.sound import soundex, syllables
from crmetl.dedupe.model import Frequency
from crmetl.dedupe.natural import fold
from crmetl.dedupe.scoring import Edges
from crmetl.errors import ProjectError
from crmetl.project import Project
from crmetl.project.model import Comparison, MatchSpec, Source, Target
from crmetl.schema import Schema
from crmetl.text import Text
from tests.dedupe.records import ACCOUNT, HENGTONG, OTHER_PHONE, PHONE, SHORT, batch, people


def test_an_oversized_block_is_refined_and_counted() -> None:
    """Three hundred records of one surname are refined by the birth date; what stays too large is windowed, and told."""
    comparisons = (Compared("last", "family_name"), Compared("born", "date_of_birth"), Compared("code", "id_code"))
    years = [f"19{50 + n % 40}-01-01" for n in range(300)]
    frame = pd.DataFrame({"last": ["smith"] * 300, "born": years, "code": ["7"] * 300}).astype("str")

    i, j, report = candidates(columns_of(frame, comparisons), within=None, max_block=30)

    told = report.set_index("rule").loc["code:code"]
    assert told["refined"] == 300
    assert told["windowed"] == 0
    assert (i < j).all()
    assert len(set(zip(i.tolist(), j.tolist(), strict=True))) == len(i)


def test_a_block_that_nothing_refines_stays_linear() -> None:
    """Records that agree in all they have are compared with near neighbours only."""
    frame = pd.DataFrame({"code": [str(n % 2) for n in range(400)]}).astype("str")

    i, _, report = candidates(columns_of(frame, (Compared("code", "id_code"),)), within=None, max_block=12)

    assert report["windowed"].max() == 400
    assert len(i) <= 400


def test_within_compares_all_of_one_parent_and_nobody_else() -> None:
    """Records of one parent meet; a record without one meets nobody."""
    frame = pd.DataFrame({"full_name": ["a", "b", "c", "d"]}).astype("str")
    within: Keys = hashed("within", texts(["x", "x", "y", ""]))

    i, j, _ = candidates(columns_of(frame, (Compared("full_name", "person_name"),)), within=within, max_block=60)

    assert list(zip(i.tolist(), j.tolist(), strict=True)) == [(0, 1)]


def edges(pairs: dict[tuple[int, int], int], vetoes: frozenset[tuple[int, int]] = frozenset()) -> Edges:
    """Return scored pairs."""
    i, j = (np.array([pair[at] for pair in pairs], dtype=np.int64) for at in (0, 1))
    return Edges(i, j, np.array(list(pairs.values()), dtype=np.int64), np.array([pair in vetoes for pair in pairs], dtype=bool))


def never(i: "np.typing.NDArray[np.int64]", j: "np.typing.NDArray[np.int64]") -> Edges:
    """Score every pair that was not compared far below the cut."""
    return Edges(i, j, np.full(len(i), -20_000), np.zeros(len(i), dtype=bool))


def test_a_weak_bridge_does_not_chain_two_groups() -> None:
    """Two tight groups joined by one pair stay two."""
    tight = {(0, 1): 9_000, (2, 3): 9_000, (1, 2): 500}

    assert cluster(4, edges(tight), cut=0, score=never).tolist() == [0, 0, 1, 1]


def test_a_veto_splits_a_cluster_where_it_agrees_least() -> None:
    """A cluster never holds a vetoed pair, whatever joins its ends."""
    chain = {(0, 1): 9_000, (1, 2): 4_000, (0, 2): 6_000}

    labels = cluster(3, edges(chain, frozenset({(0, 2)})), cut=0, score=never)

    assert labels.tolist() == [0, 0, 1]


def test_a_huge_component_is_cut_at_its_weak_edges_first() -> None:
    """A hundred pairs in a chain fall apart into what holds together, without a matrix of all."""
    size = 2 * LIMIT
    chain = {(n, n + 1): (9_000 if n % 2 == 0 else 1_000) for n in range(size - 1)}

    labels = cluster(size, edges(chain), cut=0, score=never)

    assert np.bincount(labels).max() == 2


def test_each_field_survives_as_declared_and_is_recorded() -> None:
    """The longest name, the strictest status and the most trusted owner; a change per cell that came from another."""
    records = batch(
        [
            {"name": SHORT, "phone": PHONE, "status": "active", "source": "erp", "custom": '{"a": "1"}'},
            {"name": HENGTONG, "phone": PHONE, "status": "deregistered", "owner": "lina", "custom": '{"a": "2", "b": "3"}'},
        ]
    )

    found = dedupe(records, rules=ACCOUNT).result

    golden = found.kept.frame
    assert golden[["name", "status", "owner"]].to_numpy().tolist() == [[HENGTONG, "deregistered", "lina"]]
    assert [json.loads(one) for one in golden["custom"]] == [{"a": "1", "b": "3"}]
    told = found.changes.set_index("column")["rule"].to_dict()
    assert told == {"name": "survive:longest", "status": "survive:strictest", "owner": "survive:first", "custom": "survive:union"}


@pytest.mark.parametrize(("how", "kept"), [("newest", "b"), ("frequent", "cc"), ("first", "a")])
def test_newest_frequent_and_first(how: str, kept: str) -> None:
    """Newest goes by the date of the source, frequent by count, first by trust."""
    survive = {**ACCOUNT.survive, "address": Kept(how, "text")}  # type: ignore[arg-type]
    rules = replace(ACCOUNT, survive=survive, ranks={"erp": 1}, as_of={"event": "2024-05-01", "east": "2023-01-01"})
    cells = [("a", "erp"), ("b", "event"), ("cc", "east"), ("cc", "east")]
    records = batch([{"name": HENGTONG, "phone": PHONE, "address": address, "source": source} for address, source in cells])
    rules = replace(rules, comparisons=tuple(one for one in rules.comparisons if one.field != "address"))

    golden = dedupe(records, rules=rules).result.kept.frame

    assert golden["address"].tolist() == [kept]


def test_numbers_of_merged_records_are_kept_as_points() -> None:
    """A phone that the survivor does not show is a point; one that is the same number in other words is not."""
    records = batch(
        [
            {"name": HENGTONG, "phone": PHONE, "city": "上海市", "source": "erp"},
            {"name": HENGTONG, "phone": OTHER_PHONE, "city": "上海市"},
            {"name": HENGTONG, "phone": PHONE, "city": "上海市"},
        ]
    )

    assert dedupe(records, rules=ACCOUNT).points.to_numpy().tolist() == [["r1", "phone", OTHER_PHONE]]


def test_a_number_of_several_names_loses_weight() -> None:
    """A switchboard of three firms tells less than a line of one."""
    names = ["上海恒曜贸易有限公司", "上海澜川机械有限公司", "上海沐槿食品有限公司"]
    records = batch([*({"name": one, "phone": PHONE} for one in names), {"name": HENGTONG, "phone": OTHER_PHONE}])

    model = dedupe(records, rules=ACCOUNT).model

    rules = replace(ACCOUNT, model=model)
    shared, own = (
        {part.field: part.mbit for part in explain({"phone": one}, {"phone": one}, rules).parts} for one in (PHONE, OTHER_PHONE)
    )
    assert shared["phone"] < own["phone"]


def test_a_model_is_read_as_it_was_written() -> None:
    """YAML and back is the same model and fingerprint; what is no model is refused."""
    model = Model(
        "account",
        -12_345,
        500,
        -3_000,
        {"phone": {"same": 18_932}},
        {"phone": {"same": Frequency(0, {"00ff": -2_400})}},
        {"records": "7"},
    )

    again = Model.from_yaml(model.to_yaml())

    assert again == model
    assert again.fingerprint == model.fingerprint
    for wrong in ("entity: account", "- 1", "a: [", "entity: x\nprior: many\n"):
        with pytest.raises(ProjectError):
            Model.from_yaml(wrong, where="model.yaml")


def test_a_pinned_model_gives_the_same_scores_on_other_records() -> None:
    """A pair scores the same among many records as alone, once the model is pinned."""
    pair = [{"name": SHORT, "phone": PHONE}, {"name": HENGTONG, "phone": PHONE}]
    many = batch([*pair, *({"name": f"上海沐{c}食品有限公司", "phone": PHONE} for c in "甲乙丙丁")])
    rules = replace(ACCOUNT, model=dedupe(many, rules=ACCOUNT).model)

    crowd = dedupe(many, rules=rules).pairs.set_index(["left", "right"])["score_mbit"]

    assert dedupe(batch(pair), rules=rules).pairs["score_mbit"].tolist() == [crowd.loc[("r1", "r2")]]


def trained(seed: int) -> Model:
    """Return a model of 432 firms that stand in two files each."""
    firsts, seconds, trades = "恒澜沐槿曜璟泓琛崇嵘骐珩", "川舟禾越霖峰岭澄钰昊祺铭", ("贸易", "机械", "食品")
    names = [f"上海{a}{b}{trade}有限公司" for a in firsts for b in seconds for trade in trades]
    rows = [
        {"name": name, "phone": f"+8621{61000000 + n}", "rid": f"{n}-{copy}", "city": "上海市"}
        for n, name in enumerate(names)
        for copy in "ab"
    ]
    rows = [{**row, "name": row["name"].removeprefix("上海")} if row["rid"].endswith("b") else row for row in rows]
    return train(batch(rows), rules=ACCOUNT, seed=seed)


def test_training_finds_what_records_tell_and_says_so() -> None:
    """Levels that the records show are trained, the others stay declared and are named; the seed alone decides."""
    model = trained(1)

    assert model.told["weights"] == "trained"
    assert int(model.told["expected_matches"]) == pytest.approx(432, rel=0.1)
    assert model.weights["phone"]["same"] > 10_000
    assert "uscc.same" in model.told["declared"]
    assert "phone.same" not in model.told["declared"]
    assert model == trained(1)


def test_training_on_nothing_is_the_declared_model() -> None:
    """Without two records there is nothing to learn."""
    assert train(batch([{"name": HENGTONG}]), rules=ACCOUNT).told["weights"] == "declared"


def test_training_inside_parents() -> None:
    """People of three hundred customers, compared within each: those entered twice are learnt, and a few are not."""
    people: list[dict[str, str | None]] = [
        {
            "name": f"{family}{given}{'敏捷聪慧'[n % 4]}",
            "phone": f"+86139{55500000 + 7 * n + k:08d}",
            "owner": f"@{n}",
            "rid": f"{n}-{k}-{copy}",
        }
        for n in range(300)
        for k, (family, given) in enumerate((("王", "小"), ("李", "大")))
        for copy in "ab"[: 1 + n % 2]
    ]
    people = [{**one, "phone": None} if str(one["rid"]).endswith("b") and n % 3 == 0 else one for n, one in enumerate(people)]
    compared = tuple(Compared(name, kind, siblings=True) for name, kind in (("name", "person_name"), ("phone", "mobile")))
    rules = MatchRules("contact", compared, within="owner")

    model = train(batch(people), rules=rules)

    assert model.learnt
    assert model.weights["name"]["same"] > model.weights["name"]["else"]
    assert not train(batch(people[:50]), rules=rules).learnt


def test_evaluation_counts_pairs_and_records() -> None:
    """Pairwise and B-cubed figures of a cluster too few and one too many."""
    found, truth = pd.Series(list("aabbc")), pd.Series(list("xxyzz"))

    told = evaluate(found, truth)

    assert (told.true_pairs, told.found_pairs, told.right_pairs) == (2, 2, 1)
    assert (told.precision, told.recall, told.f1) == (0.5, 0.5, 0.5)
    assert [told.b_precision, told.b_recall] == pytest.approx([0.8, 0.8])
    assert told.clusters == {1: 1, 2: 2}
    assert evaluate(found[:0], truth[:0]).f1 == 1


def test_explain_tells_of_a_pair_never_compared() -> None:
    """Two records without a key in common are explained too, in both languages."""
    told = explain({"name": HENGTONG}, {"name": "北京澜川机械有限公司"}, ACCOUNT)

    assert told.joined == ()
    assert told.verdict == "apart"
    assert told.sentence().en.endswith("no blocking rule joins them")
    assert "没有分组规则" in told.sentence().zh


def test_explain_names_veto_and_hand_made_weights() -> None:
    """A veto is named; a weight fixed by hand is used."""
    fixed = replace(
        ACCOUNT, comparisons=(Compared("name", "company_name", {"same": 30.0}), *ACCOUNT.comparisons[1:]), review=-50_000
    )
    one, other = {"name": HENGTONG, "uscc": "91310115MA1K35X12A"}, {"name": HENGTONG, "uscc": "91310115MA1H7T3W5D"}

    assert "contradiction" in explain(one, other, ACCOUNT).sentence().en
    assert explain({"name": HENGTONG}, {"name": HENGTONG}, fixed).parts[0].mbit == 30_000
    assert explain({"name": HENGTONG}, {"name": SHORT}, replace(fixed, cut=90_000)).verdict == "review"


def project(match: dict[str, MatchSpec]) -> Project:
    """Return a project that matches as declared."""
    entity = {
        "account": {
            "label": Text("客户", "Account"),
            "fields": {
                "name": {"type": "company_name"},
                "uscc": {"type": "uscc"},
                "parent": {"type": "reference", "to": "account"},
            },
        },
        "contact": {"label": Text("联系人", "Contact"), "fields": {"mobile": {"type": "mobile"}}},
    }
    return Project.model_validate(
        {
            "root": ".", "name": Text("例", "x"), "source_root": ".", "runs": ".", "target": Target(url="sqlite://"),
            "schema": Schema.model_validate({"entities": entity}), "match": match,
            "sources": (Source(source="erp", system="erp", reads=("x",), rank=1, as_of="2024-01-01", columns={}),),
        }
    )  # fmt: skip


def test_rules_come_from_the_project_or_the_schema() -> None:
    """Declared comparisons are taken as written, types from the schema; without any the schema's own fields are compared."""
    spec = MatchSpec(
        comparisons=(Comparison(field="name"), Comparison(field="contact.mobile")),
        vetoes=("uscc",),
        cut=1.5,
        review=-2,
        within="parent",
    )

    rules = match_rules(project({"account": spec}), "account")
    own = match_rules(project({}), "account")

    assert [(one.field, one.kind) for one in rules.comparisons] == [("name", "company_name"), ("contact.mobile", "mobile")]
    assert (rules.cut, rules.review, rules.ranks, rules.evidence) == (1_500, -2_000, {"erp": 1}, ("contact.mobile",))
    assert [one.field for one in own.comparisons] == ["name", "uscc"]
    assert own.vetoes == ("uscc",)


@pytest.mark.parametrize(
    "spec",
    [
        MatchSpec(comparisons=(Comparison(field="colour"),)),
        MatchSpec(comparisons=(Comparison(field="name", type="jaro"),)),
        MatchSpec(comparisons=(Comparison(field="nobody.mobile"),), vetoes=("gone",)),
    ],
)
def test_rules_that_name_what_is_not_there_are_refused(spec: MatchSpec) -> None:
    """A wrong field or type is a project error."""
    with pytest.raises(ProjectError):
        match_rules(project({"account": spec}), "account")


def test_another_entitys_model_is_refused() -> None:
    """A contact's model does not score accounts."""
    with pytest.raises(ProjectError):
        match_rules(project({}), "account", Model("contact"))


def test_records_below_a_parent_are_one_by_their_fields() -> None:
    """Natural identity: the smallest rid of equal fields stays; two NA agree."""
    rows = Batch("contact_point", batch([{"name": "a"}, {"name": "a"}, {}, {}]).frame)

    assert fold(rows, unique=("name",)).absorbed.to_dict() == {"r2": "r1", "r4": "r3"}
    assert fold(rows, unique=()).absorbed.empty


def test_how_names_sound() -> None:
    """Chinese by folded pinyin, Latin by Soundex; what has no letter keeps its start."""
    assert syllables("张宁") == syllables("臧凝")
    assert soundex("Ashcraft") == "A261"
    assert soundex("123") == "123"


def test_evidence_of_unknown_records_and_empty_evidence_change_nothing() -> None:
    """Evidence rows of records that are not in the batch, or of no value, are left out."""
    records = batch([{"name": HENGTONG}])

    for evidence in (people({}), people({"zz": ("+8613912340001", "x")}), people({"r1": (None, None)})):
        assert len(dedupe(records, rules=ACCOUNT, evidence=evidence).result.kept) == 1
