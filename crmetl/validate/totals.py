"""Checks between entities that only note: an order's total against its lines, a case against the first order."""

from decimal import Decimal

import pandas as pd

from crmetl.batch import FINDING, Batch, stack
from crmetl.faults import validate as faults
from crmetl.validate.checks import is_number
from crmetl.validate.frames import marked
from crmetl.validate.rules import ValidateRules


def order_totals(orders: Batch, lines: Batch, *, rules: ValidateRules | None = None) -> pd.DataFrame:
    """
    Compare each order's total with the exact sum of its lines.

    Args:
        orders: `total`, `currency`; orders without total or lines are not judged.
        lines: `sales_order` (`@rid` of an order), `amount`, `currency`.
        rules: Of the orders, for severities; where a project overrides TOTAL_DIFFERS with `hold`, `hold(orders, findings)`
            parts them.

    Returns:
        Columns FINDING: TOTAL_DIFFERS at `total`, or LINE_CURRENCY at `currency` where they cannot be compared.
    Cost: linear in lines; sums are Decimal, so a cent is a cent.
    """
    refs = "@" + orders.frame.index.to_series().astype("str")
    column = lines.frame.reindex(columns=["sales_order", "amount", "currency"]).astype("str")
    sums = _sums(column["sales_order"], column["amount"])
    stated = orders.frame.reindex(columns=["total", "currency"]).astype("str")
    total = stated["total"].map(_decimals(stated["total"]))
    wrong = pd.Series(
        [_differ(one, sums.get(ref)) for one, ref in zip(total.tolist(), refs.tolist(), strict=True)],
        index=refs.index,
        dtype=bool,
    )
    own = stated["currency"].set_axis(refs)
    other = column["currency"].notna() & column["currency"].ne(column["sales_order"].map(own))
    mixed = refs.isin(column.loc[other & column["sales_order"].isin(refs), "sales_order"]) & total.notna()
    return stack(
        [
            marked(orders, wrong & ~mixed, "total", faults.TOTAL_DIFFERS, rules),
            marked(orders, mixed, "currency", faults.LINE_CURRENCY, rules),
        ],
        FINDING,
    )


def case_before_first_order(cases: Batch, orders: Batch, *, rules: ValidateRules | None = None) -> pd.DataFrame:
    """
    Note cases that are older than the first order of their account; accounts without orders are not judged.

    Args:
        cases: `account`, `opened_on`.
        orders: `account`, `ordered_on`.
        rules: Of the cases, for severities.

    Returns:
        Columns FINDING at `opened_on`.
    """
    dated = orders.frame.reindex(columns=["account", "ordered_on"]).astype("str").dropna()
    first = dated.groupby("account")["ordered_on"].min()
    own = cases.frame.reindex(columns=["account", "opened_on"]).astype("str")
    before = own["opened_on"].lt(own["account"].map(first).astype("str"))
    return marked(cases, before, "opened_on", faults.CASE_BEFORE_ORDER, rules)


def _decimals(texts: "pd.Series[str]") -> dict[str, Decimal]:
    """Return distinct text -> number; what is no number has a finding of its own and is left out."""
    return {text: Decimal(text) for text in texts.dropna().unique().tolist() if is_number(text)}


def _sums(keys: "pd.Series[str]", amounts: "pd.Series[str]") -> dict[str, Decimal]:
    numbers = _decimals(amounts)
    sums: dict[str, Decimal] = {}
    counted = keys.notna() & amounts.isin(list(numbers))
    for key, text in zip(keys[counted].tolist(), amounts[counted].tolist(), strict=True):
        sums[key] = sums.get(key, Decimal(0)) + numbers[text]
    return sums


def _differ(stated: object, summed: Decimal | None) -> bool:
    return isinstance(stated, Decimal) and summed is not None and stated != summed
