"""Small records to match."""

from collections.abc import Mapping, Sequence

import pandas as pd

from crmetl.batch import KEY, PLACE, SOURCE, Batch
from crmetl.dedupe import Compared, Kept, MatchRules

ACCOUNT = MatchRules(
    entity="account",
    comparisons=(
        Compared("name", "company_name"),
        Compared("uscc", "uscc"),
        Compared("phone", "phone"),
        Compared("address", "address"),
        Compared("city", "city"),
        Compared("contact.mobile", "mobile"),
        Compared("contact.full_name", "person_name"),
    ),
    vetoes=("uscc",),
    ranks={"erp": 1, "east": 10, "event": 90},
    survive={
        "name": Kept("longest", "company_name"),
        "phone": Kept("longest", "phone"),
        "status": Kept("strictest", "choice"),
        "owner": Kept("first", "owner"),
    },
)
CONTACT = MatchRules(
    entity="contact",
    comparisons=tuple(
        Compared(name, kind, siblings=True)
        for name, kind in (("full_name", "person_name"), ("mobile", "mobile"), ("email", "email"))
    ),
    within="account",
    survive={"full_name": Kept("longest", "person_name"), "mobile": Kept("longest", "mobile")},
)
HENGTONG, SHORT = "上海恒曜贸易有限公司", "恒曜贸易"
PHONE, OTHER_PHONE = "+862161234567", "+862187654321"


def batch(rows: Sequence[Mapping[str, str | None]], entity: str = "account") -> Batch:
    """Return records; `rid` and `source` are r1, r2 … and `east` where a row does not say."""
    fields = {
        "account": ["name", "uscc", "phone", "address", "city", "status", "owner"],
        "contact": ["account", "full_name", "mobile", "email"],
    }[entity]
    index = pd.Index([row.get("rid") or f"r{n}" for n, row in enumerate(rows, 1)], dtype="str", name="rid")
    cells = {name: [row.get(name) for row in rows] for name in fields}
    lineage = {
        SOURCE: [row.get("source") or "east" for row in rows],
        PLACE: "x!R1",
        KEY: None,
        "custom": [row.get("custom") for row in rows],
    }
    return Batch(entity, pd.DataFrame({**cells, **lineage}, index=index).astype("str"))


def people(rows: Mapping[str, tuple[str | None, str | None]]) -> pd.DataFrame:
    """Return evidence: rid -> mobile and name of a contact."""
    index = pd.Index(list(rows), dtype="str", name="rid")
    return pd.DataFrame(list(rows.values()), index=index, columns=["contact.mobile", "contact.full_name"]).astype("str")
