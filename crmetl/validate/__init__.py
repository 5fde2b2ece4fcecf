"""Validation: records against the schema, lazily, each failing cell once; the same checks for one record without frames."""

from crmetl.validate.links import cascade, duplicates, validate_links
from crmetl.validate.rules import FieldRule, ValidateRules, retiring, validate_rules
from crmetl.validate.stage import hold, validate, validate_one
from crmetl.validate.totals import case_before_first_order, order_totals

__all__ = [
    "FieldRule",
    "ValidateRules",
    "cascade",
    "case_before_first_order",
    "duplicates",
    "hold",
    "order_totals",
    "retiring",
    "validate",
    "validate_links",
    "validate_one",
    "validate_rules",
]
