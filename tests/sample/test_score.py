"""The scorer counts pairs, mails, totals and look-alikes on small worked cases."""

from collections.abc import Sequence

import pandas as pd

from sample_data.estate.score import Score, Truth, score


def frame(columns: str, *rows: Sequence[str | None]) -> pd.DataFrame:
    """Return a frame of text columns."""
    names = columns.split()
    return pd.DataFrame({name: pd.Series([row[at] for row in rows], dtype="str") for at, name in enumerate(names)})


def truth() -> Truth:
    """Two customers: A in three rows, B in two; B looks like A."""
    rows = [("r1", "A"), ("r2", "A"), ("r3", "A"), ("r4", "B"), ("r5", "B")]
    return Truth(
        customers=frame("place entity true_id", *((place, "account", one) for place, one in rows)),
        mails=frame(
            "message_id kind relevant account contact attachments",
            ("m1", "inquiry", "yes", "A", None, "0"),
            ("m2", "reply", "yes", "B", None, "0"),
            ("m3", "newsletter", "no", None, None, "0"),
            ("m4", "inquiry", "yes", None, None, "0"),
        ),
        orders=frame(
            "order_no currency total customer printed agrees",
            ("o1", "CNY", "100.10", "A", "100.10", "yes"),
            ("o2", "CNY", "20.00", "B", "21.00", "no"),
        ),
        lookalikes=frame("kind entity left right", ("one_char", "account", "A", "B")),
        cases=frame("place case_no account contact", ("c1", "t1", "A", None), ("c2", "t2", "B", None)),
        chats=frame("place sender system account contact", ("x1", "s", "no", "A", None), ("x2", "s", "no", None, None)),
    )


def scored(keys: dict[str, str], **more: pd.DataFrame) -> Score:
    """Score a CRM in which each row has ended in a key."""
    empty = {
        "mails": frame("message_id account"),
        "orders": frame("order_no account total lines"),
        "cases": frame("case_no account"),
        "chats": frame("place account"),
    }
    rows = frame("place entity key", *((place, "account", key) for place, key in keys.items()))
    return score(truth(), rows=rows, **{**empty, **more})


RIGHT = {"r1": "k1", "r2": "k1", "r3": "k1", "r4": "k2", "r5": "k2"}


def test_a_perfect_migration_scores_one() -> None:
    """All four true pairs are there and no other."""
    found = scored(RIGHT)["account"]

    assert (found["pairs_right"], found["pairs_wrong"], found["pairs_missed"]) == (4, 0, 0)
    assert (found["f1"], found["b_cubed"]) == (1.0, 1.0)


def test_a_look_alike_that_was_merged_is_wrong_pairs() -> None:
    """One record of five rows holds six pairs that are none, and the look-alike is counted by its kind."""
    found = scored(dict.fromkeys(RIGHT, "k1"))

    assert (found["account"]["pairs_right"], found["account"]["pairs_wrong"]) == (4, 6)
    assert found["lookalikes"] == {"one_char": {"pairs": 1, "merged": 1}}


def test_a_held_row_is_a_record_of_its_own() -> None:
    """A row that is not in the CRM misses its pairs and is told as not there."""
    found = scored({place: key for place, key in RIGHT.items() if place != "r3"})["account"]

    assert (found["pairs_missed"], found["not_there"], found["precision"]) == (2, 1, 1.0)


def test_mails_are_right_when_kept_at_their_customer_or_dropped() -> None:
    """A newsletter in the CRM is wrong, and so is a mail at another customer; a stranger's mail may be dropped."""
    mails = frame("message_id account", ("m1", "k1"), ("m2", "k1"), ("m3", None))

    found = scored(RIGHT, mails=mails)["mails"]

    assert (found["right_customer"], found["wrong_customer"], found["kept_wrongly"], found["lost"]) == (1, 1, 1, 0)
    assert found["classified_right"] == 3


def test_totals_are_compared_to_the_cent() -> None:
    """100.1 is 100.10; 19.99 is not 20.00."""
    orders = frame("order_no account total lines", ("o1", "k1", "100.1", "100.1000"), ("o2", "k1", "21", "19.99"))

    found = scored(RIGHT, orders=orders)["orders"]

    assert (found["lines_to_the_cent"], found["printed_to_the_cent"], found["right_customer"]) == (1, 2, 1)


def test_records_that_are_nowhere_are_told_apart_from_wrong_ones() -> None:
    """A complaint at another customer is wrong; one that is missing is not linked; messages of our own do not count."""
    found = scored(RIGHT, cases=frame("case_no account", ("t1", "k2")), chats=frame("place account", ("x1", "k1")))

    assert found["cases"] == {"records": 2, "right": 0, "wrong": 1, "not_linked": 1}
    assert found["chats"] == {"records": 1, "right": 1, "wrong": 0, "not_linked": 0}


def test_an_empty_crm_scores_without_failing() -> None:
    """Nothing in, nothing right, and no division by zero."""
    found = scored({})

    assert found["account"]["not_there"] == 5
    assert found["orders"]["there"] == 0
