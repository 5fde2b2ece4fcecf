"""An invented run: small frames go through stages that say something of each record; its facts, summary and plan."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from crmetl.batch import CHANGE, FINDING, KEY, PLACE, SOURCE, Batch, StageResult, conserve, stack
from crmetl.faults import Fault
from crmetl.faults import clean as clean_faults
from crmetl.faults import dedupe as dedupe_faults
from crmetl.faults import link as link_faults
from crmetl.faults import validate as validate_faults
from crmetl.plan import CELL, CHILD, CONFLICT, OPERATION, Plan
from crmetl.project import Project, Source
from crmetl.project.model import EntityFilter, Gate, RowFilter, Target
from crmetl.quality import EntityFacts, QualityReport, RunFacts, SourceFacts, money_of, summarise
from crmetl.schema import Entity, Field, Schema
from crmetl.text import Text

STARTED = datetime(2026, 9, 18, 13, 30, 4, tzinfo=UTC)
PLACES = {"east": "客户/华东_{f:02d}.xlsx!客户!R{r}", "cards": "展会/名片.csv!R{r}", "orders": "订单/2024.csv!R{r}"}
BRANDS = ("明汐", "霜桥", "启衡", "泊远", "槐序", "砚池", "青砾", "洛埠", "汀兰", "越涯", "沐歌", "沧渚", "瓯野", "榆岸", "霁川")
TRADES = ("精密仪器", "检测技术", "物流", "陶瓷", "新材料", "航空器材", "食品", "自动化工程", "服饰", "水务设备")
SURNAMES = "周林沈何宋梁邓马吕石金"


def schema() -> Schema:
    """Return four entities, as small as they can be and still show everything."""
    fields = {
        "account": {
            "name": Field(type="company_name", required=True, label=Text("客户名称", "Name")),
            "uscc": Field(type="uscc", label=Text("信用代码", "Credit code")),
            "phone": Field(type="phone", label=Text("电话", "Phone")),
            "owner": Field(type="owner", label=Text("负责人", "Owner")),
            "since": Field(type="date", label=Text("建档日期", "Customer since")),
            "status": Field(type="choice", choices="status", default="active", label=Text("状态", "Status")),
        },
        "contact": {
            "account": Field(type="reference", to="account", label=Text("所属客户", "Account")),
            "full_name": Field(type="person_name", label=Text("姓名", "Name")),
            "mobile": Field(type="mobile", label=Text("手机", "Mobile")),
            "email": Field(type="email", label=Text("邮箱", "E-mail")),
        },
        "sales_order": {
            "order_no": Field(type="id_code", required=True, label=Text("订单号", "Order no.")),
            "account": Field(type="reference", to="account", required=True, label=Text("客户", "Account")),
            "ordered_on": Field(type="date", label=Text("订单日期", "Ordered on")),
            "currency": Field(type="currency", default="CNY", label=Text("币种", "Currency")),
            "total": Field(type="money", label=Text("金额", "Total")),
        },
    }
    labels = {"account": ("客户", "Account"), "contact": ("联系人", "Contact"), "sales_order": ("订单", "Order")}
    return Schema(entities={name: Entity(label=Text(*labels[name]), fields=own) for name, own in fields.items()})


def project(*gates: Gate) -> Project:
    """Return a project with three sources."""
    named = {"east": ("华东客户表", "East customers", "客户/华东*.xlsx"), "cards": ("展会名片", "Fair cards", "展会/名片.csv")}
    named["orders"] = ("销售订单", "Sales orders", "订单/*.csv")
    return Project(
        root=Path("mappings"),
        name=Text("云杉屿仪器有限公司", "Yunshanyu Instruments"),
        source_root=Path("sources"),
        runs=Path("runs"),
        target=Target(url="sqlite:///crm.db"),
        schema=schema(),
        sources=tuple(
            Source(
                source=name,
                label=Text(zh, en),
                system=name,
                reads=(reads,),
                columns={},
                rows=(RowFilter(rule="test_row", when={"客户名称": "测试"}, label=Text("测试数据", "test rows")),)
                if name == "east"
                else (),
            )
            for name, (zh, en, reads) in named.items()
        ),
        gates=gates,
        filters={
            "account": (
                EntityFilter(
                    rule="deregistered", when={"status": "deregistered"}, then="drop", label=Text("已注销客户", "deregistered")
                ),
            )
        },
        fingerprint="c41d09e7" * 8,
    )


GATES = (
    Gate(name="held", measure="held_share", limit=0.2),
    Gate(
        name="accounts", measure="held_share", entity="account", limit=0.1, label=Text("客户待处理占比", "Held accounts, share")
    ),
    Gate(name="undecided", measure="undecided", limit=0),
    Gate(name="money", measure="money_difference", limit=0),
    Gate(name="conflicts", measure="conflict", limit=50),
)


@dataclass
class Estate:
    """A run in the making: the stages it went through, and what became of its records."""

    reports: dict[str, QualityReport] = field(default_factory=dict)
    outcomes: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    changes: list[pd.DataFrame] = field(default_factory=list)
    minted: dict[str, Batch] = field(default_factory=dict)
    final: dict[str, Batch] = field(default_factory=dict)

    def enter(self, stage: str, came: Batch, result: StageResult) -> Batch:
        """Count a stage, as a flow does."""
        conserve(stage, came.frame.index, result)
        report = summarise(stage, came, result)
        self.reports[stage] = self.reports[stage] + report if stage in self.reports else report
        own = self.outcomes.setdefault(came.entity, {"held": set(), "absorbed": set(), "dropped": set()})
        own["held"] |= set(result.held.frame.index)
        own["absorbed"] |= set(result.absorbed.index)
        own["dropped"] |= set(result.dropped.index)
        self.changes.append(result.changes)
        return result.kept


def records(entity: str, source: str, rows: list[dict[str, str | None]]) -> Batch:
    """Return a batch of invented records."""
    places = [PLACES[source].format(r=at + 2, f=at % 4 + 1) for at in range(len(rows))]
    lineage: list[dict[str, str | None]] = [{SOURCE: source, PLACE: place, KEY: f"K{at:04d}"} for at, place in enumerate(places)]
    index = pd.Index([f"{source[0]}{entity[0]}{at:022x}" for at in range(len(rows))], dtype="str", name="rid")
    return Batch(entity, pd.DataFrame([a | b for a, b in zip(rows, lineage, strict=True)], index=index).astype("str"))


def none_of(batch: Batch) -> "pd.Series[bool]":
    """Return a mask of no record."""
    return pd.Series(data=False, index=batch.frame.index)


def said(
    batch: Batch,
    *,
    held: "pd.Series[bool] | None" = None,
    dropped: "pd.Series[str] | None" = None,
    absorbed: "pd.Series[str] | None" = None,
    kept: pd.DataFrame | None = None,
    findings: list[pd.DataFrame] | None = None,
    changes: pd.DataFrame | None = None,
) -> StageResult:
    """Return a stage's verdict: whoever is not held, dropped or absorbed is kept."""
    nothing = StageResult(batch, batch.take(none_of(batch)))
    dropped = nothing.dropped if dropped is None else dropped
    absorbed = nothing.absorbed if absorbed is None else absorbed
    held = none_of(batch) if held is None else held
    stays = ~held & ~batch.frame.index.isin([*dropped.index, *absorbed.index])
    frame = batch.frame if kept is None else kept
    return StageResult(
        replace(batch, frame=frame[stays]),
        batch.take(held),
        absorbed=absorbed,
        dropped=dropped,
        findings=stack(findings or [], FINDING),
        changes=changes if changes is not None else nothing.changes,
    )


def every(batch: Batch, nth: int, at: int = 0) -> "pd.Series[bool]":
    """Return a mask of every nth record."""
    return pd.Series([(n - at) % nth == 0 for n in range(len(batch))], index=batch.frame.index, dtype="bool")


def cleaned(batch: Batch, column: str, fault: Fault, rule: str, *, bad: int, tidy: int) -> StageResult:
    """Blank every `bad`-th cell of a column with a finding, and tidy every `tidy`-th."""
    filled = batch.frame[column].notna()
    wrong, spaced = every(batch, bad, 3) & filled, every(batch, tidy, 1) & filled
    before = batch.frame[column].where(~spaced, batch.frame[column] + " ")
    frame = batch.frame.assign(**{column: batch.frame[column].mask(wrong)})
    touched = wrong | spaced
    changes = pd.DataFrame(
        {
            "rid": batch.frame.index[touched],
            "entity": batch.entity,
            "column": column,
            "before": before[touched].to_numpy(),
            "after": frame.loc[touched, column].to_numpy(),
            "rule": rule,
        }
    ).astype("str")
    return said(batch, kept=frame, findings=[batch.findings(wrong, column, fault)], changes=changes)


def made(seed: int = 7, n: int = 240) -> Estate:
    """Return a run over some 240 customers, 300 contacts and 320 orders."""
    chance, estate = random.Random(seed), Estate()
    companies = [f"{chance.choice(BRANDS)}{chance.choice(TRADES)}有限公司" for _ in range(n)]
    accounts: list[dict[str, str | None]] = [
        {
            "name": name if at % 31 else None,
            "uscc": f"91320500MA1{at:06d}X" if at % 3 else None,
            "phone": f"+86512{65000000 + at}" if at % 5 else None,
            "owner": chance.choice(["linxia", "xuwei"]),
            "since": f"{chance.randint(2019, 2026)}-{chance.randint(1, 9):02d}-15",
            "status": "deregistered" if at % 40 == 7 else "active",
        }
        for at, name in enumerate(companies)
    ]
    people: list[dict[str, str | None]] = [
        {
            "account": "@x",
            "full_name": chance.choice(SURNAMES) + chance.choice(["宁", "晓梅", "文"]),
            "mobile": f"+86138{at:04d}5678" if at % 4 else None,
            "email": f"zhang{at}@mingxi.example" if at % 3 else None,
        }
        for at in range(n + 60)
    ]
    orders: list[dict[str, str | None]] = [
        {
            "order_no": f"SO-{at:05d}",
            "account": "@x",
            "ordered_on": f"{2023 + at % 4}-0{at % 9 + 1}-11",
            "currency": "CNY" if at % 9 else "USD",
            "total": f"{chance.randint(1000, 900000)}.{chance.randint(0, 99):02d}",
        }
        for at in range(n + 80)
    ]
    _through(estate, records("account", "east", accounts[: n // 2]), records("account", "cards", accounts[n // 2 :]))
    _through(estate, records("contact", "cards", people))
    _through(estate, records("sales_order", "orders", orders))
    return estate


CLEANING: dict[str, tuple[str, Fault, str]] = {
    "account": ("phone", clean_faults.PHONE_SHAPE, "phone_e164"),
    "contact": ("email", clean_faults.EMAIL_SHAPE, "email_normal"),
    "sales_order": ("total", clean_faults.MONEY_SHAPE, "money"),
}


def _through(estate: Estate, *batches: Batch) -> None:
    kept = []
    for made_ in batches:
        mapped = estate.enter("map", made_, said(made_))
        column, fault, rule = CLEANING[mapped.entity]
        clean = estate.enter("clean", mapped, cleaned(mapped, column, fault, rule, bad=17, tidy=3))
        estate.minted[clean.entity] = _joined(estate.minted.get(clean.entity), clean)
        kept.append(estate.enter("validate", clean, _validated(clean)))
    whole = Batch(kept[0].entity, pd.concat([one.frame for one in kept]))
    whole = estate.enter("link", whole, _linked(whole))
    estate.final[whole.entity] = estate.enter("dedupe", whole, _deduped(whole)) if whole.entity != "sales_order" else whole


def _joined(one: Batch | None, other: Batch) -> Batch:
    return other if one is None else replace(other, frame=pd.concat([one.frame, other.frame]))


def _validated(batch: Batch) -> StageResult:
    if batch.entity == "account":
        nameless = batch.frame["name"].isna()
        gone = batch.frame["status"].eq("deregistered") & ~nameless
        dropped = pd.Series("deregistered", index=batch.frame.index[gone], dtype="str", name="rule").rename_axis("rid")
        return said(
            batch, held=nameless, dropped=dropped, findings=[batch.findings(nameless, "name", validate_faults.NAME_MISSING)]
        )
    if batch.entity == "sales_order":
        return said(batch, findings=[batch.findings(every(batch, 13), "total", validate_faults.TOTAL_DIFFERS)])
    return said(batch)


def _linked(batch: Batch) -> StageResult:
    if batch.entity == "account":
        return said(batch)
    torn = every(batch, 19, 5)
    return said(batch, held=torn, findings=[batch.findings(torn, "account", link_faults.LINK_AMBIGUOUS)])


def _deduped(batch: Batch) -> StageResult:
    losers, survivors = batch.frame.index[8::8], batch.frame.index[7::8]
    into = pd.Series(survivors[: len(losers)], index=losers, dtype="str", name="into").rename_axis("rid")
    doubtful = every(batch, 60, 10) & ~batch.frame.index.isin(losers)
    column = "name" if batch.entity == "account" else "full_name"
    return said(batch, absorbed=into, findings=[batch.findings(doubtful, column, dedupe_faults.DOUBTFUL_PAIR)])


def pairs_of(estate: Estate) -> pd.DataFrame:
    """Return merged and doubtful pairs of accounts and contacts."""
    rows, chance = [], random.Random(3)
    for entity, first in (("account", "name"), ("contact", "full_name")):
        index = list(estate.final[entity].frame.index)
        for at, (left, right) in enumerate(zip(index[::2], index[1::2], strict=False)):
            score = int(chance.gauss(12_000, 5_000)) if at % 9 else -chance.randint(300, 3_700)
            because = f'{{"{first}": ["edit", {score - 9_700}], "phone": ["same", 9700]}}'
            rows.append((entity, left, right, score, "merge" if score >= 0 else "review", because))
    return pd.DataFrame(rows, columns=["entity", "left", "right", "score_mbit", "verdict", "because"])


def facts_of(estate: Estate, *gates: Gate) -> RunFacts:
    """Return the facts of a run, its ledgers as the outcomes say."""
    entities = []
    for entity, batch in estate.minted.items():
        gone = {name: len(rids) for name, rids in estate.outcomes[entity].items()}
        live = len(batch) - sum(gone.values())
        update, same, conflict = (live // 8, live // 10, 4) if entity == "account" else (0, 0, 0)
        created = live - update - same - conflict
        retired = 2 if entity == "account" else 0
        counts = {"created": created, "updated": update, "unchanged": same, "conflict": conflict, "retired": retired}
        entities.append(EntityFacts(entity, len(batch), **counts, **gone, merged=retired, crm_before=120 if update else 0))
    rows = {"east": (130, 2, {"title_row": 4, "test_row": 3}), "cards": (300, 1, {}), "orders": (320, 0, {"total_row": 6})}
    orders, final = estate.minted["sales_order"].frame, estate.final["sales_order"].frame
    held = orders[orders.index.isin(estate.outcomes["sales_order"]["held"])]
    money = [money_of(orders, "read"), money_of(final, "crm"), money_of(held, "held")]
    names = pd.concat([estate.minted["account"].frame["name"], estate.minted["contact"].frame["full_name"]]).dropna()
    return RunFacts(
        project=project(*gates),
        run="20260918-133004-7c1e",
        plan="5f3a91c27be04d18" * 4,
        started=STARTED,
        ended=STARTED.replace(minute=31, second=18),
        operator="ji",
        sources=[SourceFacts(name, m, h, d, files=4 if name == "east" else 1) for name, (m, h, d) in rows.items()],
        entities=entities,
        reports=estate.reports,
        seconds={"extract": 2.1, "map": 0.6, "clean": 1.2, "validate": 0.8, "link": 0.5, "dedupe": 0.9, "diff": 0.04},
        peak_mb={"extract": 210.0, "dedupe": 264.5},
        money=stack(money, money[0].columns),
        pairs=pairs_of(estate),
        compared={
            "account": {"pairs": 12_843, "cut": 0.0, "review": -4.0},
            "contact": {"pairs": 981, "cut": 0.0, "review": -4.0},
        },
        absorbed={"account": {"a": "b", "c": "b"}},
        names=names.to_dict(),
        changes=stack(estate.changes, CHANGE),
        manifest=[
            {
                "source": "cards",
                "path": "展会/名片.csv",
                "sha256": "77b109aa" * 8,
                "bytes": 9_120,
                "encoding": "gb18030",
                "encoding_score": 0.97,
                "runner_up": "big5",
                "rows": 301,
                "hidden": [],
            },
            {
                "source": "east",
                "path": "客户/华东_01.xlsx",
                "sha256": "a90c71e4" * 8,
                "engine": "calamine",
                "rows": 60,
                "hidden": ["旧表"],
            },
        ],
        versions={"crmetl": "0.1.0", "model account": "m-2026-09-04"},
    )


def plan_of(estate: Estate) -> Plan:
    """Return a plan with all kinds of operations."""
    creates: dict[str, pd.DataFrame] = {}
    operations: list[tuple[str | None, ...]] = []
    cells: list[tuple[str | None, ...]] = []
    for entity, batch in estate.final.items():
        new = batch.frame.drop(columns=[SOURCE, PLACE, KEY]).iloc[30:] if entity == "account" else batch.frame.iloc[:, :-3]
        keys = [f"{entity[:2]}-{at:05d}" for at in range(len(new))]
        creates[entity] = new.assign(rid=new.index, group=[f"{entity}/{key}" for key in keys]).set_axis(
            pd.Index(keys, name="key")
        )
        places = batch.frame.loc[new.index, PLACE]
        for key, rid, place in zip(keys, new.index, places, strict=True):
            operations.append((f"{entity}/{key}", "create", entity, key, rid, None, None, "east", place, "new"))
    for at, (rid, place) in enumerate(estate.final["account"].frame[PLACE].head(24).items()):
        key = f"A-{10_000 + at}"
        operations.append((f"account/{key}", "update", "account", key, str(rid), None, None, "east", place, "source_moved"))
        before = ("+8651265000001", None, "xuwei")[at % 3]
        column, after = (("phone", "+8651265000009"), ("uscc", "91320500MA1000009X"), ("owner", "linxia"))[at % 3]
        cells.append((f"account/{key}", "account", key, column, before, after, "overwrite", str(rid), place))
    for loser, survivor in (("A-10775", "A-10482"), ("A-11390", "A-11207")):
        operations.append((f"account/merge/{survivor}", "merge", "account", loser, None, survivor, "25300", None, None, "merged"))
        cells.append((f"account/merge/{survivor}", "account", loser, "status", "active", "merged", "merge", None, None))
        cells.append((f"account/merge/{survivor}", "contact", "C-1", "account", loser, survivor, "repoint", None, None))
    conflicts: list[tuple[str | None, ...]] = [
        (
            "account",
            f"A-2017{at}",
            "phone",
            "+8675785000836",
            "+8675785000830",
            "both_moved",
            f"r{at}",
            "east",
            f"客户/华东_04.xlsx!客户!R{at}",
        )
        for at in range(3)
    ]
    conflicts.append(("account", "A-20199", None, None, None, "deleted_in_target", "r9", "east", "客户/华东_04.xlsx!客户!R99"))
    children = [("account/merge/A-10482", "account", "A-10775", "contact", "account", "C-1")]
    return Plan(
        creates=creates,
        operations=pd.DataFrame(operations, columns=list(OPERATION)).astype("str"),
        cells=pd.DataFrame(cells, columns=list(CELL)).astype("str"),
        conflicts=pd.DataFrame(conflicts, columns=list(CONFLICT)).astype("str"),
        children=pd.DataFrame(children, columns=list(CHILD)).astype("str"),
    )


@pytest.fixture(scope="session")
def estate() -> Estate:
    """Return the invented run."""
    return made()


@pytest.fixture(scope="session")
def facts(estate: Estate) -> RunFacts:
    """Return what a flow would know of it."""
    return facts_of(estate, *GATES)
