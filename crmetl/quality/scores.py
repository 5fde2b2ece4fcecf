"""Five quality scores, before and after, each computed from counters of the reports, each with its formula."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from crmetl.quality.report import QualityReport
from crmetl.quality.summary import Score
from crmetl.schema import Schema
from crmetl.text import Text

MONTHS = 24
"""A date counts as current for two years: the usual span after which addresses and phones are asked for anew."""


@dataclass(frozen=True)
class Dimension:
    """One score: its name, the goal and the left end of its scale in percent, and how it is computed."""

    name: str
    label: Text
    goal: float
    low: float
    formula: Text


DIMENSIONS = (
    Dimension(
        "completeness",
        Text("完整", "Complete"),
        90,
        0,
        Text(
            "非空格数 ÷ 记录数。前：第一阶段（映射）收到的记录；后：最后阶段留下的记录",
            "filled cells ÷ records. Before: records as they reach the first stage; after: records that the last stage keeps",
        ),
    ),
    Dimension(
        "validity",
        Text("有效", "Valid"),
        98,
        50,
        Text(
            "1 − 无效格 ÷ 非空格。无效 = 清洗或校验认为不对，写空或保留了记录；后：留下的记录里仍在的无效格",
            "1 − invalid ÷ filled cells. Invalid: cleaning or validation blanked the cell or held the record for it; "
            "after: those still standing in records that go on",
        ),
    ),
    Dimension(
        "uniqueness",
        Text("唯一", "Unique"),
        99,
        50,
        Text(
            "前：1 − 被合并的记录 ÷ 进入去重的记录；后：1 − 疑似重复对 ÷ 留下的记录（每对最多多出一条）",
            "before: 1 − absorbed ÷ records that reached matching; after: 1 − doubtful pairs ÷ records kept "
            "(each pair is one surplus record at most)",
        ),
    ),
    Dimension(
        "consistency",
        Text("一致", "Consistent"),
        97,
        50,
        Text(
            "1 − 有跨字段或关联矛盾的记录 ÷ 记录数；后：带着矛盾提示留下的记录 ÷ 留下的记录",
            "1 − records with a cross-field or link contradiction ÷ records; after: those that go on with a note ÷ records kept",
        ),
    ),
    Dimension(
        "timeliness",
        Text("及时", "Current"),
        60,
        0,
        Text(
            f"日期在运行日前 {MONTHS} 个月以内 ÷ 有日期的记录。前：清洗之后；后：最后阶段留下的记录。只对日期字段",
            f"dates within {MONTHS} months before the run ÷ dated records. Before: once cleaned; after: records that the last "
            "stage keeps. Date fields only",
        ),
    ),
)


@dataclass(frozen=True)
class _Seen:
    """The reports in which an entity's records came, first to last."""

    entity: str
    stages: tuple[QualityReport, ...]
    all: tuple[QualityReport, ...]

    @property
    def came(self) -> int:
        return self.stages[0].count("came", self.entity)

    @property
    def kept(self) -> int:
        return self.stages[-1].count("kept", self.entity)

    def cells(self, report: QualityReport, what: str, column: str) -> int:
        return sum(getattr(one, what) for one in report.cells if (one.entity, one.column) == (self.entity, column))

    def every(self, what: str, column: str) -> int:
        return sum(self.cells(report, what, column) for report in self.all)

    def contradicted(self, what: str, column: str) -> int:
        rows = (one for report in self.all for one in report.contradicted)
        return sum(getattr(one, what) for one in rows if (one.entity, one.column) == (self.entity, column))


def scores(reports: Mapping[str, QualityReport], *, schema: Schema, doubts: Mapping[str, int], today: date) -> tuple[Score, ...]:
    """
    Return the scores of every field of the schema that holds anything, and of each entity as a whole (field ``""``).

    Args:
        reports: Stage -> report, in the order the stages ran.
        schema: Says which fields there are, and which are dates.
        doubts: Entity -> doubtful pairs.
        today: Day of the run; months are counted back from it.
    """
    out: list[Score] = []
    for entity in schema.order():
        stages = tuple(report for report in reports.values() if entity in report.entities())
        if not stages:
            continue
        seen = _Seen(entity, stages, tuple(reports.values()))
        named = [name for name, one in schema.entities[entity].fields.items() if one.type != "reference" and not one.computed]
        filled = [name for name in named if seen.every("filled", name) or seen.every("filled_kept", name)]
        dates = {name for name, one in schema.entities[entity].fields.items() if one.type in ("date", "datetime")}
        own = [score for name in filled for score in _field(seen, name, today if name in dates else None)]
        out += [*_whole(seen, own, doubts.get(entity, 0)), *own]
    return tuple(out)


def _field(seen: _Seen, name: str, today: date | None) -> list[Score]:
    first, last = seen.stages[0], seen.stages[-1]
    filled, filled_kept = seen.cells(first, "filled", name), seen.cells(last, "filled_kept", name)
    bad, bad_kept = seen.every("invalid", name), seen.cells(last, "invalid_kept", name)
    entity = seen.entity
    return [
        Score(entity, name, "completeness", _percent(filled, seen.came), _percent(filled_kept, seen.kept)),
        Score(entity, name, "validity", _rest(bad, filled), _rest(bad_kept, filled_kept)),
        Score(entity, name, "uniqueness", None, None),
        Score(
            entity,
            name,
            "consistency",
            _rest(seen.contradicted("n", name), seen.came),
            _rest(seen.contradicted("n_kept", name), seen.kept),
        ),
        Score(entity, name, "timeliness", *(_timely(seen, name, today) if today else (None, None))),
    ]


def _whole(seen: _Seen, own: list[Score], doubts: int) -> list[Score]:
    matched = next((one for one in seen.stages if one.stage == "dedupe"), None)
    unique = (
        (
            _rest(matched.count("absorbed", seen.entity), matched.count("came", seen.entity)),
            _rest(doubts, matched.count("kept", seen.entity)),
        )
        if matched
        else (None, None)
    )
    return [
        Score(seen.entity, "", "completeness", *_means(own, "completeness")),
        Score(seen.entity, "", "validity", *_means(own, "validity")),
        Score(seen.entity, "", "uniqueness", *unique),
        Score(
            seen.entity,
            "",
            "consistency",
            _rest(seen.contradicted("n", ""), seen.came),
            _rest(seen.contradicted("n_kept", ""), seen.kept),
        ),
        Score(seen.entity, "", "timeliness", *_means(own, "timeliness")),
    ]


def _timely(seen: _Seen, name: str, today: date) -> tuple[float | None, float | None]:
    """Return the share of current dates: in the first stage that knows dates in their canonical form, and in the last."""
    known = [one for one in seen.stages if any((d.entity, d.column) == (seen.entity, name) for d in one.dated)]
    if not known:
        return None, None
    since = f"{today.year - MONTHS // 12:04d}-{today.month:02d}"
    until = f"{today.year:04d}-{today.month:02d}"

    def share(report: QualityReport) -> float | None:
        months = [d for d in report.dated if (d.entity, d.column) == (seen.entity, name)]
        return _percent(sum(d.n for d in months if since <= d.month <= until), sum(d.n for d in months))

    return share(known[0]), share(known[-1])


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _rest(part: int, whole: int) -> float | None:
    return round(100 * max(1 - part / whole, 0), 1) if whole else None


def _means(own: list[Score], dimension: str) -> tuple[float | None, float | None]:
    """Return the plain means over the fields; all fields of an entity have the same records, so no weights are needed."""
    here = [one for one in own if one.dimension == dimension]
    return _mean(one.before for one in here), _mean(one.after for one in here)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 1) if known else None
