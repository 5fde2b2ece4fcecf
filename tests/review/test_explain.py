"""`crmetl explain`: why two records are, or are not, one, as a waterfall; also two that were never compared."""

import json

import pandas as pd

from crmetl.workspace import find
from tests.review.firm import ASKING, ROWS, Firm, write_rows


def rids(firm: Firm) -> dict[str, str]:
    """Return source key -> id of the customer."""
    keys = find(firm.folder / "runs", "latest").whole("keys/account")
    assert keys is not None
    return dict(zip(keys["source_key"], keys["rid"], strict=True))


def pairs(firm: Firm) -> pd.DataFrame:
    """Return the pairs of customers that the run tells of."""
    found = find(firm.folder / "runs", "latest").whole("pairs")
    assert found is not None
    return found[found["entity"] == "account"]


def test_a_pair_of_the_run_is_explained_as_the_run_scored_it(firm: Firm) -> None:
    """The same score and the same parts, from whichever side it is asked."""
    assert len(pairs(firm)) == 2

    for one in pairs(firm).to_dict("records"):
        told = firm.crmetl("explain", one["left"], one["right"]).json()
        back = firm.crmetl("explain", one["right"][:10], one["left"][:10]).json()

        parts = {part["field"]: [part["level"], round(1000 * part["bits"])] for part in told["parts"]}
        assert parts == json.loads(one["because"])
        assert told["bits"] == one["score_mbit"] / 1000
        assert round(told["prior"] + sum(part["bits"] for part in told["parts"]), 3) == told["bits"]
        assert {**back, "left": told["left"], "right": told["right"]} == told
        assert (told["verdict"], told["vetoed"], bool(told["joined"])) == ("review", False, True)


def test_the_waterfall_stands_in_the_terminal_and_shows_no_cell(firm: Firm) -> None:
    """A signed bar per field between start and sum, both lines, the verdict in words; plain text, masked by naming no value."""
    by = rids(firm)

    told = firm.said("explain", by["K1"], by["K2"], lang="en")

    lines = told.out.splitlines()
    assert lines[1].startswith("start")
    assert "+++" in next(line for line in lines if line.startswith("Phone"))
    assert "-" in next(line for line in lines if line.startswith("Contact Name"))
    assert "| cut +40.0   : review line −20.0" in told.out
    assert lines[-1] == "between the lines: waits for a person"
    assert not any(cell in told.out for cell in ("澜川", "61234567", "\x1b"))


def test_a_pair_never_compared_says_that_no_rule_joins_it(firm: Firm) -> None:
    """Firms of other names, numbers and cities: the score all the same, and that no run compares them."""
    by = rids(firm)

    told = firm.crmetl("explain", by["K1"], by["K3"]).json()

    assert (told["verdict"], told["joined"]) == ("apart", [])
    assert "没有分组规则" in firm.said("explain", by["K1"], by["K3"], lang="zh").out


def test_a_veto_is_told_in_the_caption(firm: Firm) -> None:
    """Two cities that may not differ: whatever the score, the two are apart."""
    firm.match(ASKING.replace("  cut: 40", "  vetoes: [city]\n  cut: -30").replace("review: -20", "review: -40"))
    write_rows(firm.folder, ROWS[0], ROWS[1].replace("上海,", "苏州,"))
    firm.plan()
    by = rids(firm)

    told = firm.said("explain", by["K1"], by["K2"], lang="en")

    assert "a contradiction forbids it, whatever the score" in told.out
    assert firm.crmetl("explain", by["K1"], by["K2"]).json()["verdict"] == "apart"


def test_contacts_are_compared_within_their_customer_only(firm: Firm) -> None:
    """Contacts of two customers are never compared, and it is said so."""
    people = pd.concat(list(find(firm.folder / "runs", "latest").parts("compared/contact")))

    told = firm.crmetl("explain", people.index[0], people.index[1]).json()

    assert (told["entity"], told["joined"]) == ("contact", [])


def test_two_kinds_and_unknown_records_are_usage_errors(firm: Firm) -> None:
    """A customer is not compared with a contact; nobody is called zz."""
    people = pd.concat(list(find(firm.folder / "runs", "latest").parts("compared/contact")))
    customer = rids(firm)["K1"]

    assert firm.crmetl("explain", customer, people.index[0]).exit == 2
    assert firm.crmetl("explain", customer, "zz").exit == 2


def test_a_records_life_shows_its_pairs_and_why_values_survived(firm: Firm) -> None:
    """Where two are merged, the survivor's story has the waterfall, and the rule of each value from elsewhere in words."""
    firm.match(ASKING.replace("cut: 40", "cut: -20"))
    write_rows(firm.folder, "K1,上海澜川机械设备有限公司,,上海,周宁,13955523401", ROWS[1].replace("瀚川", "澜川"))
    firm.plan()
    changes = pd.concat(list(find(firm.folder / "runs", "latest").parts("changes")))
    won = changes[changes["rule"].str.startswith("survive:")]
    assert len(won)

    story = firm.said("explain", won["rid"].iloc[0], lang="en").out

    assert "the longest" in story
    assert "at the cut: one and the same" in story
