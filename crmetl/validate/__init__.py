"""Validation: records against the schema, lazily, each failing cell once; the same checks for one record without frames."""

from crmetl.validate.links import cascade, duplicates, validate_links
from crmetl.validate.rules import FieldRule, ValidateRules, retiring, validate_rules
from crmetl.validate.stage import CheckedOne, checked_one, hold, validate, validate_one
from crmetl.validate.totals import case_before_first_order, order_totals

__all__ = [
    "CheckedOne",
    "FieldRule",
    "ValidateRules",
    "cascade",
    "case_before_first_order",
    "checked_one",
    "duplicates",
    "hold",
    "order_totals",
    "retiring",
    "validate",
    "validate_links",
    "validate_one",
    "validate_rules",
]
