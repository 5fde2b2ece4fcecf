"""Control totals: amounts added up as exact decimals, on the way in and at every way out."""

from decimal import Decimal, InvalidOperation

import pandas as pd

from crmetl.batch import stack, text_frame
from crmetl.quality.facts import MONEY
from crmetl.quality.summary import MoneyLine

WAYS = ("crm", "held", "absorbed", "dropped")
ISO_YEAR = r"^\d{4}-"


def money_of(
    frame: pd.DataFrame,
    outcome: str,
    *,
    entity: str = "sales_order",
    amount: str = "total",
    currency: str = "currency",
    day: str = "ordered_on",
) -> pd.DataFrame:
    """
    Add up the amounts of records, per currency and year.

    Args:
        frame: Cleaned records; amounts that are no number are left out here, on the way in as on the way out.
        outcome: `read` for all records once cleaned, and `crm`, `held`, `absorbed` or `dropped` for what became of them.
        entity, amount, currency, day: Where the amounts stand; a missing column reads as empty.

    Returns:
        Columns MONEY, a row per currency and year; rows of chunks stand below each other (`stack`).
    """
    cells = frame.reindex(columns=[amount, currency, day]).astype("str")
    known = cells[cells[amount].notna()]
    dated = known[day].str.match(ISO_YEAR).fillna(value=False).astype(bool)
    years = known[day].str.slice(0, 4).where(dated, "")
    sums: dict[tuple[str, str], Decimal] = {}
    for text, *at in zip(known[amount].tolist(), known[currency].fillna("").tolist(), years.tolist(), strict=True):
        exact = _decimal(text)
        if exact is not None:
            sums[at[0], at[1]] = sums.get((at[0], at[1]), Decimal(0)) + exact
    rows = [(entity, code, year, outcome, _plain(one)) for (code, year), one in sorted(sums.items())]
    return pd.DataFrame(rows, columns=list(MONEY), dtype="str") if rows else text_frame(MONEY)


def money_lines(money: pd.DataFrame) -> tuple[MoneyLine, ...]:
    """Return read = crm + held + absorbed + dropped + difference, per currency and year."""
    if not len(money):
        return ()
    rows = stack([money], MONEY).fillna("")
    keys = zip(*(rows[name].tolist() for name in MONEY[:4]), strict=True)
    sums: dict[tuple[str, ...], Decimal] = {}
    for key, amount in zip(keys, rows["amount"].map(Decimal).tolist(), strict=True):
        sums[key] = sums.get(key, Decimal(0)) + amount
    lines = []
    for entity, currency, year in sorted({(one[0], one[1], one[2]) for one in sums}):
        way = {name: sums.get((entity, currency, year, name), Decimal(0)) for name in ("read", *WAYS)}
        difference = way["read"] - sum((way[name] for name in WAYS), Decimal(0))
        written = {name: _plain(value) for name, value in way.items()}
        lines.append(MoneyLine(entity, currency, year, **written, difference=_plain(difference)))
    return tuple(lines)


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _plain(value: Decimal) -> str:
    """
    Write an amount without an exponent, with two decimals at least.

    >>> _plain(Decimal("1.5E+3")), _plain(Decimal("0.125")), _plain(Decimal("-0"))
    ('1500.00', '0.125', '0.00')
    """
    whole = Decimal(0) if value == 0 else value
    text = format(whole.normalize(), "f")
    return text if len(text.partition(".")[2]) > 2 else f"{whole:.2f}"
