"""The checks of a cell, each as one predicate on a text; the frame path asks it once per distinct text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

import pandas as pd

from crmetl.faults import Fault
from crmetl.faults import validate as faults
from crmetl.validate.rules import LINKED, FieldRule, ValidateRules

Predicate: TypeAlias = Callable[[str], bool]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FITS = re.compile(r"-?0*[0-9]{1,14}(\.[0-9]{1,4}0*)?")
"""NUMERIC(18,4): 14 digits before the point and 4 after it (design, section 8)."""
_YES_NO = frozenset({"yes", "no"})


@dataclass(frozen=True)
class CellCheck:
    """
    One check of one field.

    Attributes:
        fault: What a failing cell is reported as.
        one: Says of a filled cell whether it passes; None: the check is that the cell is filled.
        many: The same of a whole column, NA included; True where it passes.
    """

    fault: Fault
    one: Predicate | None
    many: Callable[["pd.Series[str]"], "pd.Series[bool]"]

    def passes(self, cell: str | None) -> bool:
        """Say whether a cell passes; an empty one fails only where it must be filled."""
        return cell is not None if self.one is None else cell is None or self.one(cell)


def is_date(text: str) -> bool:
    """
    Say whether a text is a day of the calendar in canonical form.

    >>> is_date("2024-02-29"), is_date("2023-02-29"), is_date("20240229")
    (True, False, False)
    """
    return _DATE.fullmatch(text) is not None and _readable(date.fromisoformat, text)


def is_time(text: str) -> bool:
    """
    Say whether a text is a day, or a day and time, in canonical form; a zone may follow.

    >>> is_time("2024-02-29T10:30:00Z"), is_time("2024-02-29 10:30"), is_time("2024-02-29"), is_time("2024-02-29T24:30")
    (True, True, True, False)
    """
    return is_date(text) or (_TIME.fullmatch(text) is not None and _readable(datetime.fromisoformat, text))


def is_number(text: str) -> bool:
    """
    Say whether a text is a plain decimal.

    >>> is_number("-12.50"), is_number("1,200"), is_number("1e3")
    (True, False, False)
    """
    return _NUMBER.fullmatch(text) is not None


def in_range(text: str) -> bool:
    """
    Say whether a number can be stored exactly as NUMERIC(18,4); what is no number is not judged here.

    >>> in_range("99999999999999.9999"), in_range("100000000000000"), in_range("0.12345"), in_range("0.12340"), in_range("x")
    (True, False, False, True, True)
    """
    return _FITS.fullmatch(text) is not None or not is_number(text)


@lru_cache(maxsize=128)
def compiled(rules: ValidateRules) -> tuple[tuple[FieldRule, tuple[CellCheck, ...]], ...]:
    """Return each field that has checks, with them: the gravest first, so that the first that fails is the cell's finding."""
    every = ((rule, _checks(rule, rules)) for rule in rules.fields)
    return tuple((rule, checks) for rule, checks in every if checks)


def _checks(rule: FieldRule, rules: ValidateRules) -> tuple[CellCheck, ...]:
    if rule.type in LINKED:
        return ()
    found = [*_filled(rule), *_shape(rule, rules)]
    if rule.choices is not None:
        choices = rule.choices
        found.append(CellCheck(faults.NOT_A_CHOICE, choices.__contains__, lambda column: column.isin(choices) | column.isna()))
    if rule.max is not None:
        found.append(_longest(rule.max))
    rank = {"hold": 0, "blank": 1, "note": 2}
    return tuple(sorted(found, key=lambda one: rank[rules.severity(one.fault, rule)]))


def _filled(rule: FieldRule) -> list[CellCheck]:
    if not rule.required:
        return []
    fault = faults.NAME_MISSING if rule.type in ("company_name", "person_name") else faults.REQUIRED_EMPTY
    return [CellCheck(fault, None, lambda column: column.notna())]


def _shape(rule: FieldRule, rules: ValidateRules) -> list[CellCheck]:
    match rule.type:
        case "date" | "date_of_birth":
            return [_asked(faults.NOT_A_DATE, is_date), _not_future(rules)]
        case "datetime":
            return [_asked(faults.NOT_A_TIME, is_time), _not_future(rules)]
        case "money" | "quantity" | "percent":
            return [_asked(faults.NOT_A_NUMBER, is_number), _asked(faults.NUMBER_RANGE, in_range)]
        case "boolean":
            return [CellCheck(faults.NOT_YES_NO, _YES_NO.__contains__, lambda column: column.isin(_YES_NO) | column.isna())]
        case _:
            return []


def _not_future(rules: ValidateRules) -> CellCheck:
    latest = (rules.today + timedelta(days=1)).isoformat()

    def passes(text: str) -> bool:
        # Canonical days sort as texts do; what is no day has a finding of its own.
        return not is_date(text[:10]) or text[:10] <= latest

    return _asked(faults.DATE_FUTURE, passes)


def _longest(limit: int) -> CellCheck:
    def passes(text: str) -> bool:
        return len(text) <= limit

    return CellCheck(faults.TEXT_TOO_LONG, passes, lambda column: (column.str.len() <= limit) | column.isna())


def _asked(fault: Fault, passes: Predicate) -> CellCheck:
    def many(column: "pd.Series[str]") -> "pd.Series[bool]":
        wrong = [text for text in column.dropna().unique().tolist() if not passes(text)]
        return ~column.isin(wrong)

    return CellCheck(fault, passes, many)


def _readable(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def flaws(record: Mapping[str, str | None], rules: ValidateRules) -> tuple[tuple[FieldRule, Fault], ...]:
    """Return (field, fault) of each failing cell of one record, in the order of the schema."""
    found = []
    for rule, checks in compiled(rules):
        cell = record.get(rule.name)
        wrong = next((check.fault for check in checks if not check.passes(cell)), None)
        if wrong is not None:
            found.append((rule, wrong))
    return tuple(found)
