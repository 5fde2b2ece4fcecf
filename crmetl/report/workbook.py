"""`report.xlsx`: the summary as tables that a steward sorts and filters."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from crmetl.quality import DIMENSIONS, OUTCOMES, RunSummary, by_code
from crmetl.quality.measured import Interval, Measured
from crmetl.report import measured, verdict, words
from crmetl.report.masking import Mask
from crmetl.report.pages import Labels, masked_matching, masked_worst
from crmetl.report.xlsx import Row, Xlsx
from crmetl.text import Lang, Text

WIDEST = 60


class Sheets:
    """
    A workbook that is written row by row; memory does not grow with the rows.

    Args:
        lang: Language of headings.
    """

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self.book = Xlsx()

    def add(self, title: Text, heads: Sequence[Text], rows: Iterable[Row], *, widths: Sequence[int] = ()) -> int:
        """
        Write a sheet; a column that `widths` does not name is as wide as its head.

        Returns:
            The number of rows.
        """
        said = [head.read(self.lang) for head in heads]
        wide = [*widths, *(max(_width(head) + 4, 12) for head in said[len(widths) :])]
        own = ([value.read(self.lang) if isinstance(value, Text) else value for value in row] for row in rows)
        return self.book.sheet(title.read(self.lang), said, own, [min(one, WIDEST) for one in wide[: len(said)]])

    def save(self, path: Path) -> None:
        """Write the file in one step."""
        self.book.save(path)


def _width(text: str) -> int:
    return sum(2 if ord(one) > 0x2E7F else 1 for one in text)


def share(sheet_value: float | None) -> float | None:
    """Return a percentage as a share of 1."""
    return None if sheet_value is None else round(sheet_value / 100, 4)


def write_report_workbook(summary: RunSummary, path: Path, *, mask: Mask, lang: Lang) -> None:
    """Write sheets Summary, Sources, Entities, Findings, Columns, Gates and Pairs (Measured and Money where there are any)."""
    sheets, labels = Sheets(lang), Labels(summary, mask)
    sheets.add(Text("概要", "Summary"), (Text("项目", "Item"), Text("值", "Value")), _summary(summary), widths=(28, 60))
    sheets.add(Text("来源", "Sources"), SOURCE_HEADS, _sources(summary, labels), widths=(20, 36))
    sheets.add(Text("对象", "Entities"), ENTITY_HEADS, _entities(summary), widths=(18,))
    sheets.add(
        Text("问题", "Findings"), FINDING_HEADS, _findings(summary, labels), widths=(24, 10, 44, 44, 16, 24, 20, 12, 30, 28)
    )
    sheets.add(Text("字段", "Columns"), COLUMN_HEADS, _columns(summary, labels), widths=(16, 20))
    sheets.add(Text("闸门", "Gates"), GATE_HEADS, _gates(summary), widths=(24, 40))
    sheets.add(Text("配对", "Pairs"), PAIR_HEADS, _pairs(summary, labels, mask), widths=(14, 12, 10, 28, 30, 28, 30, 60))
    if summary.measured is not None:
        sheets.add(Text("抽样核对", "Measured"), MEASURED_HEADS, _measured(summary.measured, labels), widths=(14, 44))
    if summary.money:
        sheets.add(Text("控制总数", "Control totals"), MONEY_HEADS, _money(summary), widths=(10, 10, 20, 20, 20, 20, 20, 20))
    sheets.save(path)


def _summary(summary: RunSummary) -> Iterable[Row]:
    yield Text("结论", "Verdict"), verdict.headline(summary)
    yield Text("项目", "Project"), summary.name
    yield Text("运行", "Run"), summary.run
    yield Text("计划编号", "Plan id"), summary.plan
    yield Text("状态", "Status"), verdict.STATES[summary.status]
    yield Text("开始", "Started"), summary.started
    yield Text("结束", "Ended"), summary.ended
    yield Text("用时（秒）", "Seconds"), summary.seconds
    yield Text("读入行数", "Rows read"), summary.rows("read")
    yield Text("生成记录", "Records minted"), summary.total("minted")
    for name in OUTCOMES:
        yield words.OUTCOMES[name], summary.total(name)
    for todo in verdict.todos(summary):
        yield Text("待定", "To decide"), todo.what


SOURCE_HEADS = (
    Text("来源", "Source"), Text("文件", "Files"), Text("读入", "Read"), Text("映射", "Mapped"), Text("保留", "Held"),
    Text("剔除", "Dropped"), Text("剔除规则", "Dropped by rule"), Text("差额", "Difference"),
)  # fmt: skip


def _sources(summary: RunSummary, labels: Labels) -> Iterable[Row]:
    for one in summary.sources:
        rules = [(labels.rule(one.source, rule), n) for rule, n in one.dropped.items()]
        said = Text("；".join(f"{t.zh} {n}" for t, n in rules), "; ".join(f"{t.en} {n}" for t, n in rules))
        difference = one.read - one.mapped - one.held - one.left_out
        yield one.label, one.reads, one.read, one.mapped, one.held, one.left_out, said, difference


ENTITY_HEADS = (
    Text("对象", "Entity"), Text("生成", "Minted"), *words.OUTCOMES.values(), Text("合并停用", "Merged or retired"),
    Text("CRM 现有", "CRM now"), Text("之后", "After"),
)  # fmt: skip


def _entities(summary: RunSummary) -> Iterable[Row]:
    for one in summary.entities:
        yield one.label, one.minted, *(getattr(one, name) for name in OUTCOMES), one.retired, one.crm_before, one.crm_after


FINDING_HEADS = (
    Text("代码", "Code"), Text("级别", "Severity"), Text("问题", "What is wrong"), Text("怎么办", "Fix"), Text("对象", "Entity"),
    Text("字段", "Column"), Text("来源", "Source"), Text("数量", "Number"), Text("示例位置", "Example place"),
    Text("示例记录", "Example record"),
)  # fmt: skip


def _findings(summary: RunSummary, labels: Labels) -> Iterable[Row]:
    rank = {line.code: at for at, line in enumerate(by_code(summary))}
    rows = [one for stage in summary.stages for one in stage.report.findings]
    for one in sorted(rows, key=lambda row: (rank[row.code], -row.n, row.key)):
        fault = labels.fault(one.code)
        first = one.samples[0] if one.samples else None
        yield (
            one.code,
            words.word(words.SEVERITIES, one.severity),
            fault.text,
            fault.fix,
            labels.entity(one.entity),
            labels.field(one.entity, one.column),
            labels.source(one.source),
            one.n,
            first.place if first else None,
            first.rid if first else None,
        )


WHEN = (("（前）", "before"), ("（后）", "after"))

COLUMN_HEADS = (
    Text("对象", "Entity"),
    Text("字段", "Field"),
    *(Text(f"{d.label.zh}{zh}", f"{d.label.en} {en}") for d in DIMENSIONS for zh, en in WHEN),
    Text("无效格（最差的列）", "Invalid cells (worst columns)"),
)  # fmt: skip


def _columns(summary: RunSummary, labels: Labels) -> Iterable[Row]:
    invalid: dict[tuple[str, str], int] = {}
    for one in masked_worst(summary, labels.mask):
        invalid[one.entity, one.column] = invalid.get((one.entity, one.column), 0) + one.invalid
    keys = dict.fromkeys((one.entity, one.field) for one in summary.scores)
    by = {(one.entity, one.field, one.dimension): one for one in summary.scores}
    for entity, field in keys:
        cells: list[float | None] = []
        for dimension in DIMENSIONS:
            score = by.get((entity, field, dimension.name))
            cells += [share(score.before if score else None), share(score.after if score else None)]
        name = labels.field(entity, field) if field else Text("（整个对象）", "(whole entity)")
        yield labels.entity(entity), name, *cells, invalid.get((entity, field))


GATE_HEADS = (
    Text("名称", "Name"), Text("条件", "Condition"), Text("结果", "Result"), Text("本次", "Now"), Text("限额", "Limit"),
    Text("说明", "Why"), Text("上次", "Last run"),
)  # fmt: skip


def _gates(summary: RunSummary) -> Iterable[Row]:
    for one in summary.gates:
        result = Text("通过", "pass") if one.passed else Text("关闭", "closed")
        yield one.name, one.label, result, one.value, one.limit, one.why, one.last


PAIR_HEADS = (
    Text("对象", "Entity"), Text("判断", "Verdict"), Text("分数（比特）", "Score (bits)"),
    Text("记录一", "Record 1"), Text("名称一", "Name 1"),
    Text("记录二", "Record 2"), Text("名称二", "Name 2"), Text("依据", "Because"),
)  # fmt: skip


def _pairs(summary: RunSummary, labels: Labels, mask: Mask) -> Iterable[Row]:
    for matched in masked_matching(summary, mask):
        for said, pairs in ((Text("待判断", "doubtful"), matched.doubtful), (Text("合并", "merged"), matched.nearest)):
            for one in pairs:
                why = [
                    (labels.field(one.entity, e.field), words.word(words.LEVELS, e.level), words.bits(e.mbit))
                    for e in one.evidence
                ]
                because = Text(
                    "；".join(f"{a.zh} {b.zh} {c}" for a, b, c in why), "; ".join(f"{a.en} {b.en} {c}" for a, b, c in why)
                )
                yield (
                    labels.entity(one.entity), said, one.mbit / 1000, one.left, one.left_name, one.right, one.right_name, because,
                )  # fmt: skip


MEASURED_HEADS = (
    Text("对象", "Entity"), Text("分层", "Stratum"), Text("配对", "Pairs"), Text("抽出", "Drawn"), Text("标注", "Labelled"),
    Text("同一", "The same"), Text("精确率", "Precision"), Text("精确率下限", "Precision, low"),
    Text("精确率上限", "Precision, high"), Text("召回率", "Recall"), Text("召回率下限", "Recall, low"),
    Text("召回率上限", "Recall, high"),
)  # fmt: skip


def _measured(found: Measured, labels: Labels) -> Iterable[Row]:
    """Yield the figures of each entity and of all, then the strata that they are made of."""
    for one in (found.whole, *found.entities):
        ends = (*_ends(one.precision), *_ends(one.recall))
        name = labels.entity(one.entity) if one.entity else Text("全部", "all")
        yield name, None, None, None, one.labelled, None, *ends
    for band in found.bands:
        counts = (band.pairs, band.drawn, band.labelled, band.same)
        yield labels.entity(band.entity), measured.BANDS[band.band], *counts


def _ends(one: Interval | None) -> Row:
    return (None, None, None) if one is None else (one.estimate, one.low, one.high)


MONEY_HEADS = (
    Text("币种", "Currency"), Text("年份", "Year"), Text("读入", "Read"), Text("写入 CRM", "To CRM"), Text("保留", "Held"),
    Text("合并", "Absorbed"), Text("剔除", "Dropped"), Text("差额", "Difference"),
)  # fmt: skip


def _money(summary: RunSummary) -> Iterable[Row]:
    """Amounts are exact texts: a spreadsheet's number would round them at 15 digits."""
    for one in summary.money:
        yield one.currency, one.year, one.read, one.crm, one.held, one.absorbed, one.dropped, one.difference
