"""Small records to match."""

from collections.abc import Mapping, Sequence

import pandas as pd
from hypothesis import strategies as st

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


NAMES = (
    "上海恒曜贸易有限公司", "恒曜贸易", "恒曜", "上海恒耀贸易有限公司", "北京恒曜贸易有限公司", "上海恒曜贸易有限公司杭州分公司",
    "上海恒曜机械有限公司", "Hengyao Trading Co., Ltd.", "Acme Valves Ltd", "Acme Valves Limited", "澜川机械", None,
)  # fmt: skip
ROW = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES),
        "phone": st.sampled_from(("+862161234567", "+862161234568", "+442071234567", None)),
        "uscc": st.sampled_from(("91310115MA1K35X12A", "91310115MA1H7T3W5D", None, None, None)),
        "city": st.sampled_from(("上海市", "杭州市", None)),
        "source": st.sampled_from(("erp", "east", "event")),
    }
)
ROWS = st.lists(ROW, max_size=10)


def clusters(frame: pd.DataFrame, absorbed: "pd.Series[str]") -> set[frozenset[str]]:
    """Return the clusters as sets of rids."""
    into = {rid: absorbed.get(rid, rid) for rid in frame.index}
    return {frozenset(rid for rid, one in into.items() if one == survivor) for survivor in set(into.values())}


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
