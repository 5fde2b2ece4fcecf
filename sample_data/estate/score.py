"""How near a loaded CRM comes to the truth: rows merged right and wrong, mails, orders, complaints, look-alikes."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

Score = dict[str, Any]


@dataclass(frozen=True)
class Truth:
    """
    The truth files, all cells text.

    Attributes:
        customers: place, entity, true_id; `place` is `file!sheet!R12`, or `file!R12` in text files.
        mails: message_id, kind, relevant, account, contact, attachments.
        orders: order_no, currency, total, customer, printed, agrees.
        lookalikes: kind, entity, left, right.
        cases: place, case_no, account, contact.
        chats: place, sender, system, account, contact.
    """

    customers: pd.DataFrame
    mails: pd.DataFrame
    orders: pd.DataFrame
    lookalikes: pd.DataFrame
    cases: pd.DataFrame
    chats: pd.DataFrame


def read_truth(folder: Path) -> Truth:
    """Read the truth files of an estate; an empty cell is NA."""
    return Truth(**{one.name: _read(folder / f"{one.name}.csv") for one in fields(Truth)})


def _read(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    frame = pd.DataFrame([{name: text or None for name, text in row.items()} for row in rows], dtype="str")
    if {"file", "row"} <= set(frame.columns):
        sheet = frame["sheet"] if "sheet" in frame else pd.Series(None, index=frame.index, dtype="str")
        frame = frame.assign(place=frame["file"] + ("!" + sheet).fillna("") + "!R" + frame["row"])
    return frame


def score(
    truth: Truth,
    *,
    rows: pd.DataFrame,
    mails: pd.DataFrame,
    orders: pd.DataFrame,
    cases: pd.DataFrame,
    chats: pd.DataFrame,
) -> Score:
    """
    Compare a CRM with the truth.

    Args:
        truth: As read.
        rows: Columns place, entity (account or contact), key: the CRM record that a source row ended in. Rows that are held
            or dropped are not in it, or have NA.
        mails: Columns message_id, account (key or NA): mails that are in the CRM.
        orders: Columns order_no, account, total, lines (sum of the lines), both as text, exact.
        cases: Columns case_no, account.
        chats: Columns place, account.
    Returns:
        `account`, `contact`: pairs of rows right, wrong and missed, precision, recall, f1, b_cubed, rows that are not there.
        `mails`, `orders`, `cases`, `chats`: counts. `lookalikes`: kind -> pairs and pairs merged.
    """
    told = {entity: _told(truth, rows, entity) for entity in ("account", "contact")}
    customer = _majority(told["account"])
    return {
        **{entity: _merging(one) for entity, one in told.items()},
        "lookalikes": _lookalikes(truth.lookalikes, told),
        "mails": _mails(truth.mails, mails, customer),
        "orders": _orders(truth.orders, orders, customer),
        "cases": _links(truth.cases.set_index("case_no")["account"], cases.set_index("case_no")["account"], customer),
        "chats": _links(
            truth.chats[truth.chats["account"].notna()].set_index("place")["account"],
            chats.set_index("place")["account"],
            customer,
        ),
    }


def _told(truth: Truth, rows: pd.DataFrame, entity: str) -> pd.DataFrame:
    """Return the entity's rows, columns true_id, key; a row that is nowhere is a record of its own."""
    known = truth.customers[truth.customers["entity"].eq(entity)]
    found = rows.loc[rows["entity"].eq(entity), ["place", "key"]].drop_duplicates("place")
    both = known.merge(found, on="place", how="left")
    return both.assign(there=both["key"].notna(), key=both["key"].fillna("nowhere " + both["place"]))[
        ["place", "true_id", "key", "there"]
    ]


def _pairs(sizes: "pd.Series[int]") -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 1.0


def _merging(told: pd.DataFrame) -> Score:
    right = _pairs(told.groupby(["true_id", "key"]).size())
    said, real = _pairs(told.groupby("key").size()), _pairs(told.groupby("true_id").size())
    per_row = told.assign(
        both=told.groupby(["true_id", "key"])["key"].transform("size"),
        said=told.groupby("key")["key"].transform("size"),
        real=told.groupby("true_id")["key"].transform("size"),
    )
    precision, recall = (float((per_row["both"] / per_row[one]).mean()) if len(told) else 1.0 for one in ("said", "real"))
    return {
        "rows": len(told),
        "not_there": int((~told["there"]).sum()),
        "records": int(told.loc[told["there"], "key"].nunique()),
        "true_records": int(told["true_id"].nunique()),
        "pairs_right": right,
        "pairs_wrong": said - right,
        "pairs_missed": real - right,
        "precision": _share(right, said),
        "recall": _share(right, real),
        "f1": _share(2 * right, said + real),
        "b_cubed": _share(2 * precision * recall, precision + recall),
    }


def _majority(told: pd.DataFrame) -> "pd.Series[str]":
    """Return key -> the true id that most of its rows have; ties go to the smaller id."""
    counts = told[told["there"]].groupby(["key", "true_id"]).size().rename("many").reset_index()
    first = counts.sort_values(["key", "many", "true_id"], ascending=[True, False, True]).drop_duplicates("key")
    return first.set_index("key")["true_id"]


def _lookalikes(pairs: pd.DataFrame, told: Mapping[str, pd.DataFrame]) -> Score:
    """Count pairs of which some row of each ended in one record."""
    out: Score = {}
    for entity, of_entity in pairs.groupby("entity"):
        keys = told[str(entity)][["true_id", "key"]].drop_duplicates()
        left = of_entity.merge(keys, left_on="left", right_on="true_id")[["kind", "left", "right", "key"]]
        merged = left.merge(keys, left_on=["right", "key"], right_on=["true_id", "key"]).drop_duplicates(["left", "right"])
        for kind, size in of_entity.groupby("kind").size().items():
            out[str(kind)] = {"pairs": int(size), "merged": int(merged["kind"].eq(str(kind)).sum())}
    return out


def _mails(truth: pd.DataFrame, mails: pd.DataFrame, customer: "pd.Series[str]") -> Score:
    """
    Count mails kept and dropped rightly, and those at the right customer.

    A relevant mail of somebody whom no list knows (no true account) is right wherever it is, but not at a customer.
    """
    found = mails.drop_duplicates("message_id").set_index("message_id")["account"]
    there = truth["message_id"].isin(found.index)
    whose = truth["message_id"].map(found).map(customer)
    relevant, known = truth["relevant"].eq("yes"), truth["account"].notna()
    return {
        "mails": len(truth),
        "relevant": int(relevant.sum()),
        "kept": int((there & relevant).sum()),
        "kept_wrongly": int((there & ~relevant).sum()),
        "dropped": int((~there & ~relevant).sum()),
        "lost": int((~there & relevant & known).sum()),
        "right_customer": int((there & relevant & known & whose.eq(truth["account"])).sum()),
        "wrong_customer": int((there & relevant & whose.notna() & whose.ne(truth["account"].fillna(""))).sum()),
        "classified_right": int(((there & relevant) | (~there & ~relevant) | (~there & ~known)).sum()),
    }


def _cents(texts: "pd.Series[str]") -> "pd.Series[Any]":
    return texts.map(lambda text: Decimal(str(text)).quantize(Decimal("0.01")), na_action="ignore")


def _orders(truth: pd.DataFrame, orders: pd.DataFrame, customer: "pd.Series[str]") -> Score:
    """Count orders whose lines add up to the true total to the cent, whose printed total is kept, whose customer is right."""
    found = truth.merge(
        orders[["order_no", "account", "total", "lines"]].add_suffix("_crm"),
        left_on="order_no",
        right_on="order_no_crm",
        how="left",
    )
    there, known = found["order_no_crm"].notna(), found["customer"].notna()
    lines = _cents(found["lines_crm"]).eq(_cents(found["total"]))
    return {
        "orders": len(truth),
        "there": int(there.sum()),
        "lines_to_the_cent": int((there & lines).sum()),
        "printed_to_the_cent": int((there & _cents(found["total_crm"]).eq(_cents(found["printed"]))).sum()),
        "disagreeing": int(found["agrees"].eq("no").sum()),
        "right_customer": int((there & known & found["account_crm"].map(customer).eq(found["customer"])).sum()),
        "of_known_customers": int(known.sum()),
    }


def _links(truth: "pd.Series[str]", found: "pd.Series[str]", customer: "pd.Series[str]") -> Score:
    """Count records that are at the right customer, at a wrong one, or nowhere."""
    whose = truth.index.to_series().map(found[~found.index.duplicated()]).map(customer)
    return {
        "records": len(truth),
        "right": int(whose.eq(truth).sum()),
        "wrong": int((whose.notna() & whose.ne(truth)).sum()),
        "not_linked": int(whose.isna().sum()),
    }
