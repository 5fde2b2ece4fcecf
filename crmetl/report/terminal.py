"""What the commands print: a run in a dozen lines, and a plan as a table."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from crmetl.faults import CATALOGUE
from crmetl.plan import Plan
from crmetl.quality import OUTCOMES, RunSummary, by_code
from crmetl.report import verdict, words
from crmetl.report.changes import ChangeView, plan_view
from crmetl.report.masking import Mask
from crmetl.schema import Schema
from crmetl.text import Lang, Text

REASONS = 4
"""Reasons for holding that are told; all of them stand in the report."""

LISTED = 40
"""Changes that `show` lists; the rest is on the page and in the workbook."""

WIDE = 0x2E7F
"""Characters above this take two columns of a terminal."""


def width(text: str) -> int:
    """
    Return the columns a text takes.

    >>> width("客户 12")
    7
    """
    return sum(2 if ord(one) > WIDE else 1 for one in text)


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """
    Align columns, the first to the left and the others to the right.

    >>> table([("对象", "新建"), ("客户", "1,204")])
    ['对象   新建', '客户  1,204']
    """
    cells = [list(row) for row in rows]
    if not cells:
        return []
    wide = [max(width(row[at]) for row in cells) for at in range(len(cells[0]))]
    lines = []
    for row in cells:
        first = row[0] + " " * (wide[0] - width(row[0]))
        rest = [" " * (wide[at] - width(one)) + one for at, one in enumerate(row) if at]
        lines.append("  ".join([first, *rest]).rstrip())
    return lines


def terminal_summary(summary: RunSummary, lang: Lang, *, report: Path | None = None) -> list[str]:
    """
    Return what `plan` and `run` print.

    Args:
        report: Where the report is; named in the last line.
    """
    rows = Text(
        "读入 {read} 行：映射 {mapped}，保留 {held}，剔除 {left_out}",
        "{read} rows read: {mapped} mapped, {held} held, {left_out} dropped",
    ).fill(**{what: words.count(summary.rows(what)) for what in ("read", "mapped", "held", "left_out")})
    return [
        verdict.headline(summary).read(lang),
        "",
        rows.read(lang),
        *_ledger(summary, lang),
        "",
        *(line.read(lang) for line in _changes(summary)),
        *(line.read(lang) for line in (*_open(summary), *_waiting(summary))),
        *(line.read(lang) for line in _gate_lines(summary)),
        *([Text(f"报告：{report}", f"Report: {report}").read(lang)] if report else []),
    ]


def _ledger(summary: RunSummary, lang: Lang) -> list[str]:
    lines = [one for one in summary.entities if one.minted]
    used = [name for name in OUTCOMES if summary.total(name)]
    if not lines:
        return []
    heads = [Text("对象", "entity"), Text("生成", "minted"), *(words.OUTCOMES[name] for name in used)]
    body = [
        [one.label.read(lang), words.count(one.minted), *(words.count(getattr(one, name)) or "–" for name in used)]
        for one in lines
    ]
    total = [Text("合计", "total").read(lang), words.count(summary.total("minted"))]
    body.append([*total, *(words.count(summary.total(name)) for name in used)])
    return table([[head.read(lang) for head in heads], *body])


def _changes(summary: RunSummary) -> list[Text]:
    """Say what becomes of the CRM, a line per kind of change."""
    if not summary.operations() and summary.status in verdict.NOT_WRITTEN:
        return [Text("CRM 不会有任何变化。", "The CRM would not change at all.")]
    done = summary.status not in verdict.NOT_WRITTEN
    kinds = (
        ("created", Text("新建", "created")),
        ("updated", Text("更新", "updated")),
        ("retired", Text("合并或停用", "merged or retired")),
    )
    lines = []
    for name, kind in kinds:
        told = [(words.count(getattr(one, name)), one.label) for one in summary.entities if getattr(one, name)]
        if told:
            zh = "、".join(f"{n} 个{label.zh}" for n, label in told)
            en = ", ".join(f"{label.en} {n}" for n, label in told)
            lines.append(
                Text(f"{'已' if done else '将'}{kind.zh} {zh}", f"{'' if done else 'To be '}{kind.en}: {en}".capitalize())
            )
    return lines


def _waiting(summary: RunSummary) -> list[Text]:
    """Say why records and rows wait: the most frequent reasons first, the parents' own before those that only follow them."""
    held = [one for one in by_code(summary) if one.severity == "hold"]
    held.sort(key=lambda one: (one.code == "PARENT_HELD", -one.n, one.code))
    return [
        Text(
            f"  {CATALOGUE[one.code].text.zh} {words.count(one.n)}（{one.code}）",
            f"  {CATALOGUE[one.code].text.en}: {words.count(one.n)} ({one.code})",
        )
        for one in held[:REASONS]
    ]


def _open(summary: RunSummary) -> list[Text]:
    """Say what is open, with the cost of leaving it so."""
    return [Text(f"• {one.what.zh} {one.cost.zh}", f"• {one.what.en} {one.cost.en}") for one in verdict.open_points(summary)]


def _gate_lines(summary: RunSummary) -> list[Text]:
    closed = [Text(f"✗ 闸门关闭：{g.label.zh}，{g.why.zh}", f"✗ gate closed: {g.label.en}, {g.why.en}") for g in summary.closed()]
    passed = len(summary.gates) - len(closed)
    if passed:
        closed.append(Text(f"✓ {passed} 道闸门通过", f"✓ {passed} gate{'s' if passed != 1 else ''} passed"))
    return closed


def show_lines(
    plan: Plan, summary: RunSummary, *, schema: Schema, lang: Lang, entity: str | None = None, reveal: bool = False
) -> list[str]:
    """
    Return the riskiest changes of a plan, one line each: risk, kind, record, fields before and after, place.

    Args:
        entity: Only this one.
        reveal: Personal fields as they are.
    """
    view = plan_view(plan, summary, schema=schema, mask=Mask(schema, reveal), names={})
    chosen = [one for one in view.changes if entity in (None, one.entity)]
    if not chosen:
        return [Text("没有变更。", "No changes.").read(lang)]
    lines = [_line(one, lang) for one in chosen[:LISTED]]
    whole = view.whole if entity is None else int((plan.operations["entity"] == entity).sum())
    more = whole - len(lines)
    if more > 0:
        lines.append(
            Text(f"……另有 {words.count(more)} 项，见 --format xlsx", f"… and {words.count(more)} more; see --format xlsx").read(
                lang
            )
        )
    return lines


def _line(change: ChangeView, lang: Lang) -> str:
    empty = Text("（空）", "(blank)").read(lang)
    sign = words.SIGNS[words.KINDS[change.kind][0]]
    head = f"{change.risk:>3} {sign} {words.KINDS[change.kind][1].read(lang)} {change.label.read(lang)}"
    named = " ".join(part for part in (change.name, change.key) if part) + (f" → {change.survivor}" if change.survivor else "")
    arrow = " ≠ " if change.kind == "conflict" else " → "
    cells = [
        f"{one.label.read(lang)} {one.after or empty}"
        if change.kind == "create"
        else f"{one.label.read(lang)} {one.before or empty}{arrow}{one.after or empty}"
        for one in change.cells
    ]
    return "  ".join(part for part in (head, named, "; ".join(cells), change.place) if part)
