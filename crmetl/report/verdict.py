"""The sentences of a run: its verdict, what is open, and what a signer signs. Answer first."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crmetl.quality import RunSummary, currency_totals
from crmetl.quality.summary import Decision, MoneyLine
from crmetl.report.words import amount, count
from crmetl.text import Text

NOT_WRITTEN = ("planned", "gated", "nothing", "approved")

STATES = {
    "planned": Text("尚未写入", "nothing written yet"),
    "gated": Text("闸门关闭，尚未写入", "gates closed, nothing written"),
    "nothing": Text("没有变化", "nothing changes"),
    "approved": Text("已签字，尚未写入", "signed, not yet written"),
    "applied": Text("已写入 CRM", "written to the CRM"),
    "partly": Text("部分写入 CRM", "partly written to the CRM"),
    "rolled_back": Text("已撤回", "taken back"),
}


SEE = Text("看明细", "see them")


@dataclass(frozen=True)
class Todo:
    """One thing that needs a person: the question, the cost of leaving it open, and where to go."""

    what: Text
    cost: Text
    by: Mapping[str, int] = field(default_factory=dict)
    link: str | None = None
    go: Text = SEE
    command: str | None = None


TODOS: dict[str, Todo] = {
    "undecided": Todo(
        Text("{n} 个来源列还没有决定去处。", "{n} source columns have no destination yet."),
        Text(
            "不决定就不能签批；逐列映射，或写明理由不要。", "Approval is refused until each is mapped, or dropped with a reason."
        ),
        command="crmetl lint",
    ),
    "doubtful": Todo(
        Text("{n} 对疑似重复：是不是同一条？", "{n} doubtful pairs: the same or not?"),
        Text("未判断前按两条写入，不会误并。", "Until decided they stay two; nothing is merged by mistake."),
        link="#merges",
    ),
    "conflicts": Todo(
        Text(
            "{n} 条冲突：来源与同事都改过同一处，用哪个？",
            "{n} conflicts: the source and a colleague changed the same; which one stays?",
        ),
        Text("不定则保留同事所改，来源值记录在案。", "Left open, the colleague's edit stays and the source value is on file."),
        link="diff.html#kind=conflict",
    ),
    "held": Todo(
        Text("{n} 条记录待处理：先改，还是上线后补？", "{n} held records: fix before, or add after go-live?"),
        Text("不处理就留在 CRM 之外，其余照常写入。", "Left alone they stay outside the CRM; the rest goes in."),
        link="#findings",
        go=Text("看原因", "see why"),
    ),
    "held_rows": Todo(
        Text("{n} 行在映射时保留，还没有成为记录。", "{n} rows were held at mapping and are not records yet."),
        Text(
            "多为缺编号或新出现的列；改来源或映射后重跑即可。",
            "Mostly a missing key or a new column; mend the source or the mapping and run again.",
        ),
        link="#findings",
        go=Text("看原因", "see why"),
    ),
}


def todos(summary: RunSummary) -> tuple[Todo, ...]:
    """Return what is to be decided before signing, closed gates apart; nothing once the plan is written."""
    return open_points(summary) if summary.status in NOT_WRITTEN else ()


def open_points(summary: RunSummary) -> tuple[Todo, ...]:
    """Return what waits for a person, closed gates apart, whether or not the rest was written."""
    return tuple(_todo(one) for one in summary.decisions if one.kind in TODOS)


def _todo(decision: Decision) -> Todo:
    base = TODOS[decision.kind]
    by = {name: n for name, n in decision.by.items() if name}
    return Todo(base.what.fill(n=count(decision.n)), base.cost, by, base.link, base.go, base.command)


def headline(summary: RunSummary) -> Text:
    """Return the verdict in plain words."""
    closed, open_ = len(summary.closed()), len(todos(summary))
    if summary.status not in NOT_WRITTEN:
        return Text(f"{STATES[summary.status].zh}。", f"{STATES[summary.status].en.capitalize().replace('crm', 'CRM')}.")
    if closed:
        return Text(f"还不能上线：{closed} 道闸门关闭。", f"Not yet: {closed} gate{'s are' if closed > 1 else ' is'} closed.")
    if not summary.operations():
        return Text("没有变化。", "Nothing changes.")
    if open_:
        return Text(
            f"可以上线；签字前有 {open_} 件事要定。",
            f"Ready to go live, once {open_} thing{'s are' if open_ > 1 else ' is'} decided.",
        )
    return Text("可以上线。", "Ready to go live.")


def lead(summary: RunSummary) -> Text:
    """Return the run in a paragraph; numbers stand between `*` marks, for the page to set bold."""
    held, minted = summary.total("held"), summary.total("minted")
    facts = {
        "sources": len(summary.sources),
        "read": count(summary.rows("read")),
        "minted": count(minted),
    }
    parts = [
        Text(
            "从 {sources} 个来源读入 *{read}* 行，生成 *{minted}* 条记录，每一条的去向都查得到，差额为 0。",
            "*{read}* rows from {sources} sources became *{minted}* records; every one is accounted for, difference 0. ",
        ),
        _gains(summary),
        _held(summary, held, minted),
        _gates(summary),
        Text("尚未写入任何数据。", "Nothing has been written yet.") if summary.status in NOT_WRITTEN else None,
    ]
    said = [part for part in parts if part]
    return Text("".join(one.zh for one in said), "".join(one.en for one in said)).fill(**facts)


def _gains(summary: RunSummary) -> Text | None:
    """Say what the CRM gains; only what there is."""
    if summary.status not in NOT_WRITTEN or not summary.operations():
        return None
    told = (
        ("created", Text("新建 *{n}* 条", "gains *{n}* records")),
        ("updated", Text("更新 *{n}* 条", "has *{n}* updated")),
        ("retired", Text("合并或停用 *{n}* 条", "has *{n}* merged or retired")),
    )
    said = [text.fill(n=count(summary.total(what))) for what, text in told if summary.total(what)]
    return Text(f"CRM 将{'、'.join(one.zh for one in said)}。", f"The CRM {', '.join(one.en for one in said)}. ")


def _held(summary: RunSummary, held: int, minted: int) -> Text | None:
    rows = summary.rows("held")
    if not held and not rows:
        return None
    share = f"{held / minted:.1%}" if minted else "0%"
    zh = f"*{count(held)}* 条保留在外等人处理（{share}）" + (f"，另有 {count(rows)} 行在映射时保留" if rows else "") + "。"
    en = f"*{count(held)}* ({share}) wait outside until a person has dealt with them" + (
        f", and {count(rows)} rows held at mapping. " if rows else ". "
    )
    return Text(zh, en)


def _gates(summary: RunSummary) -> Text | None:
    if not summary.gates:
        return None
    closed, n = len(summary.closed()), len(summary.gates)
    if closed:
        return Text(f"{n} 道闸门中 {closed} 道关闭。", f"{closed} of {n} gates {'are' if closed > 1 else 'is'} closed. ")
    return Text(f"{n} 道闸门全部通过。", f"All {n} gates pass. ")


def diff_headline(summary: RunSummary) -> Text:
    """Return the verdict of the page that is signed."""
    n = summary.operations()
    if summary.status not in NOT_WRITTEN:
        return headline(summary)
    if not n:
        return Text("没有变化。", "Nothing changes.")
    if summary.closed():
        return Text(
            f"闸门关闭；计划有 {count(n)} 项变更，暂不能签。",
            f"Gates are closed; a plan of {count(n)} changes, not to be signed yet.",
        )
    return Text(f"签字后，CRM 将发生 {count(n)} 项变更。", f"Once signed, {count(n)} changes are made to the CRM.")


def diff_lead(summary: RunSummary, cells: int) -> Text:
    """Return the plan in a paragraph; `cells` is the number of cells that updates change."""
    n, created, updated = summary.operations(), summary.total("created"), summary.total("updated")
    if not n:
        return Text("来源与 CRM 一致，或差异都不写入。", "Sources and CRM agree, or the differences are not to be written.")
    share = f"{created / n:.0%}"
    retired, conflict = summary.total("retired"), summary.total("conflict")
    said = [
        Text(f"其中 *{share}* 是新记录，不动现有数据。", f"*{share}* of them are new records and touch nothing that is there. "),
        Text(
            f"现有记录改动 *{count(updated)}* 条（{count(cells)} 格），只改上次写入以来没有人动过的格。",
            f"*{count(updated)}* existing records change in {count(cells)} cells, and only in cells nobody has edited since "
            "the last load. ",
        )
        if updated
        else None,
        Text(f"合并或停用 *{count(retired)}* 条。", f"*{count(retired)}* are merged or retired. ") if retired else None,
        Text(f"{count(conflict)} 条冲突不写入。", f"{count(conflict)} conflicts are not written. ") if conflict else None,
        Text("全部可撤回。", "All of it can be taken back."),
    ]
    there = [one for one in said if one]
    return Text("".join(one.zh for one in there), "".join(one.en for one in there))


def statement(summary: RunSummary) -> Text:
    """Return what the signer says."""
    money = [one for one in currency_totals(summary.money) if one.read.strip("0.")]
    facts = {
        "plan": summary.plan[:16],
        "read": count(summary.rows("read")),
        "created": count(summary.total("created")),
        "updated": count(summary.total("updated")),
        "retired": count(summary.total("retired")),
        "held": count(summary.total("held")),
        "money": "、".join(_paid(one) for one in money),
        "money_en": " and ".join(_paid(one) for one in money),
    }
    zh = (
        "本人已阅计划 *{plan}*：读入 *{read}* 行，新建 *{created}*、更新 *{updated}*、合并或停用 *{retired}*；"
        "保留 *{held}* 条不写入"
    )
    en = (
        "I have read plan *{plan}*: *{read}* rows read; *{created}* created, *{updated}* updated, *{retired}* merged or retired; "
        "*{held}* held and not written"
    )
    zh += "；写入 CRM 的金额：{money}" if money else ""
    en += "; amounts to the CRM: {money_en}" if money else ""
    return Text(zh + "。", en + ".").fill(**facts)


def _paid(one: MoneyLine) -> str:
    """Write a currency and what of it reaches the CRM; they never part at the end of a line."""
    return f"{one.currency or '–'}\u00a0*{amount(one.crm)}*"


def confirmations(summary: RunSummary, shown: int) -> tuple[Text, ...]:
    """Return what the signer ticks; only what there is."""
    held, conflict = summary.total("held"), summary.total("conflict")
    doubts = sum(one.doubts for one in summary.matching)
    first = min(shown, 12)
    lines = [
        Text(f"看过风险最高的 {first} 项变更", f"I have looked at the {first} riskiest changes"),
        Text(
            f"接受 {count(held)} 条保留记录在处理前不进入 CRM",
            f"I accept that {count(held)} held records stay outside until dealt with",
        )
        if held
        else None,
        Text(f"知道 {count(conflict)} 条冲突保留同事所改", f"I know that {count(conflict)} conflicts keep the colleague's edit")
        if conflict
        else None,
        Text(f"知道 {count(doubts)} 对疑似重复暂按两条写入", f"I know that {count(doubts)} doubtful pairs stay two for now")
        if doubts
        else None,
        Text("知道写入后可用 crmetl rollback 撤回", "I know that crmetl rollback takes it back"),
    ]
    return tuple(line for line in lines if line)
