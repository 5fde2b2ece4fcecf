"""A small estate that is in every target at the start of most tests."""

from functools import cache

from crmetl.load import Applied, MemoryTarget, apply
from crmetl.plan import Plan, Target
from tests.diff.crm import NOW, SCHEMA, Estate, propose

ESTATE: Estate = {
    "account": {
        "a1": {"name": "上海甲公司", "city": "上海", "credit": "12345678901234.5678", "opt_out": "yes", "seen": "2024-03-05"},
        "a2": {"name": "乙𠮷公司😀", "met_at": "2024-03-05T08:00:00Z", "custom": '{"b":"二","a":1}', "main_contact": "@c1"},
    },
    "contact": {"c1": {"account": "@a1", "full_name": "王"}, "c2": {"account": "@a2", "full_name": "O'Neil %s \\ ?"}},
    "note": {"n1": {"account": "@a1", "line": "来电  "}},
}


@cache
def first_plan() -> Plan:
    """Return the plan of ESTATE against any empty CRM; making it once spares each test half a second."""
    return propose(ESTATE, MemoryTarget(SCHEMA))


def start(target: Target) -> Applied:
    """Load ESTATE into an empty target as run `r1`."""
    return apply(first_plan(), target=target, run="r1", now=NOW)
