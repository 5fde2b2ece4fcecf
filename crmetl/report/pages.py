"""The pages: templates fed by a summary and a plan; nothing is computed here."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from crmetl.faults import CATALOGUE, Fault
from crmetl.quality import DIMENSIONS, OUTCOMES, RunSummary, by_code, currency_totals, severity_totals
from crmetl.quality.gates import shown
from crmetl.quality.risk import FORMULA
from crmetl.quality.summary import Change, Matching, Pair, Score, WorstColumn
from crmetl.report import charts, measured, verdict, words
from crmetl.report.changes import PlanView
from crmetl.report.masking import Mask
from crmetl.report.waterfall import of_evidence, picture
from crmetl.text import Lang, Text

CONTENTS = (
    ("todo", "待定事项", "To decide"),
    ("flow", "去向", "Where rows went"),
    ("gates", "闸门", "Gates"),
    ("money", "控制总数", "Control totals"),
    ("scores", "质量得分", "Quality"),
    ("findings", "问题", "Findings"),
    ("columns", "最差的列", "Worst columns"),
    ("merges", "合并", "Merges"),
    ("stages", "阶段与用时", "Stages, time"),
    ("manifest", "清单与公式", "Manifest"),
)


ZH, EN, END = Markup('<span class="zh" lang="zh-CN">'), Markup('</span><span class="en" lang="en">'), Markup("</span>")


def both(zh: Text | str, en: str | None = None) -> Markup:
    """Put both texts into the page; style.css shows the one of `html[data-lang]`."""
    first, second = (zh.zh, zh.en) if isinstance(zh, Text) else (zh, zh if en is None else en)
    return escape(first) if first == second else ZH + escape(first) + EN + escape(second) + END


def bold(text: Text) -> Markup:
    """Put both texts into the page, what stands between `*` marks in bold; everything is escaped first."""
    said = [Markup(re.sub(r"\*([^*]+)\*", r"<b>\1</b>", str(escape(one)))) for one in text]  # noqa: S704 escaped just before; the marks are ours
    return ZH + said[0] + EN + said[1] + END


def place(text: str) -> Markup:
    """Let a place break after its slashes and bangs, not inside a file's name."""
    return Markup("<wbr>").join(re.split(r"(?<=[/!])", text))


def differs(one: str, other: str) -> Markup:
    """Return `one` with the characters that `other` lacks marked; for names, where one character decides."""
    head = 0
    while head < min(len(one), len(other)) and one[head] == other[head]:
        head += 1
    tail = 0
    while tail < min(len(one), len(other)) - head and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    middle = one[head : len(one) - tail]
    if not middle or len(middle) == len(one):
        return escape(one)
    return Markup('{}<span class="differs">{}</span>{}').format(one[:head], middle, one[len(one) - tail :])


def record_ref(ident: str) -> Text:
    """Say what an id of a pair is: a record of this run, or a CRM row."""
    return Text(f"CRM {ident[1:]}", f"CRM {ident[1:]}") if ident.startswith("=") else Text(ident, ident)


@dataclass(frozen=True)
class Labels:
    """How things are called in this project."""

    summary: RunSummary
    mask: Mask

    def entity(self, name: str) -> Text:
        """Return the label of an entity or a source; ``""`` is what belongs to no record."""
        schema = self.mask.schema.entities
        if not name:
            return Text("文件与未成记录的行", "files and rows that gave no record")
        return schema[name].label if name in schema else self.source(name)

    def source(self, name: str) -> Text:
        """Return the label of a source."""
        found = next((one.label for one in self.summary.sources if one.source == name), None)
        return found or Text(name or "–", name or "–")

    def field(self, entity: str, name: str) -> Text:
        """Return the label of a field, or of another entity's field that is compared (`contact.mobile`)."""
        if "." in name:
            entity, _, name = name.partition(".")
            return Text(*(f"{a} {b}" for a, b in zip(self.entity(entity), self.field(entity, name), strict=True)))
        if name in words.COMPARED:
            return words.COMPARED[name]
        declared = self.mask.schema.entities[entity].fields.get(name) if entity in self.mask.schema.entities else None
        return declared.label if declared and declared.label else Text(name or "–", name or "–")

    def column(self, name: str) -> Text:
        """Return the label of `entity.field`; a source column stands for itself."""
        entity, dot, field = name.partition(".")
        if not dot or entity not in self.mask.schema.entities:
            return Text(name or "–", name or "–")
        return Text(*(f"{a} · {b}" for a, b in zip(self.entity(entity), self.field(entity, field), strict=True)))

    def rule(self, source: str, rule: str) -> Text:
        """Return the label of a rule by which rows were left out."""
        found = next((one.label for one in self.summary.filtered if (one.where, one.rule) == (source, rule)), None)
        return found or words.word(words.ASIDE, rule)

    @staticmethod
    def fault(code: str) -> Fault:
        """Return a fault of the catalogue; a code that is not there stands for itself."""
        empty = Text("–", "–")
        return CATALOGUE.get(code) or Fault(code, "note", Text(code, code), empty)


@dataclass(frozen=True)
class Scored:
    """The scores of one entity: as a whole, and per field; dimension -> score."""

    entity: str
    whole: dict[str, Score]
    fields: dict[str, dict[str, Score]]


def scored(summary: RunSummary) -> list[Scored]:
    """Return the scores entity by entity."""
    out: dict[str, Scored] = {}
    for one in summary.scores:
        own = out.setdefault(one.entity, Scored(one.entity, {}, {}))
        (own.fields.setdefault(one.field, {}) if one.field else own.whole)[one.dimension] = one
    return list(out.values())


SAMPLES = 3
"""Different samples shown of a column; some look the same once they are masked."""


def masked_worst(summary: RunSummary, mask: Mask) -> list[WorstColumn]:
    """Return the worst columns with their samples masked."""
    out = []
    for one in summary.worst:
        hide = mask.of(one.entity, one.column)
        shown = [
            Change(mask.found(one.entity, one.column, s.before), None if s.after is None else hide(s.after)) for s in one.samples
        ]
        out.append(replace(one, samples=tuple(dict.fromkeys(shown))[:SAMPLES]))
    return out


def masked_matching(summary: RunSummary, mask: Mask) -> list[Matching]:
    """Return the matching of all entities that were matched, names masked."""

    def hide(pair: Pair) -> Pair:
        return replace(pair, left_name=mask.name(pair.entity, pair.left_name), right_name=mask.name(pair.entity, pair.right_name))

    return [
        replace(one, nearest=tuple(map(hide, one.nearest)), doubtful=tuple(map(hide, one.doubtful)))
        for one in summary.matching
        if one.compared or one.bins
    ]


@cache
def environment(lang: Lang) -> Environment:
    """Return the templates, escaping everything, refusing every unknown name."""
    env = Environment(
        loader=PackageLoader("crmetl.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(n=words.count, amount=words.amount, bits=words.bits)
    env.globals.update(
        t=both,
        bold=bold,
        w=words,
        word=words.word,
        fmt=words.count,
        secs=words.seconds,
        charts=charts,
        measured=measured,
        differs=differs,
        place=place,
        record_ref=lambda ident: record_ref(ident).en,
        shown=shown,
        zero=lambda text: not Decimal(text),
        score_bits=_score_bits,
        lang=lang,
        pick=lambda zh, en: zh if lang == "zh" else en,
        css=Markup(files("crmetl.report").joinpath("templates/style.css").read_text("utf-8")),  # noqa: S704 our own style sheet
    )
    return env


def _score_bits(score: str) -> Text:
    """Write a score that is a number of 1/1000 bits."""
    if not score.lstrip("-").isdigit():
        return Text(score, score)
    said = words.bits(int(score))
    return Text(f"{said} 比特", f"{said} bits")


def index_page(summary: RunSummary, *, mask: Mask, lang: Lang) -> str:
    """Return the quality report of a run as one self-contained page."""
    labels = Labels(summary, mask)
    found = by_code(summary)
    context = {
        **_common(summary, labels, mask),
        "page": "index",
        "headline": verdict.headline(summary),
        "lead": bold(verdict.lead(summary)),
        "todo": verdict.todos(summary),
        "contents": [one for one in CONTENTS if _there(one[0], summary)],
        "currencies": currency_totals(summary.money),
        "ways": ("read", "crm", "held", "absorbed", "dropped"),
        "dimensions": DIMENSIONS,
        "scored": scored(summary),
        "findings": found,
        "severity_totals": severity_totals(found),
        "worst": masked_worst(summary, mask),
        "matching": masked_matching(summary, mask),
        "drop": partial(_drop, labels),
    }
    return _rendered(environment(lang), "index.html.j2", context)


def _drop(labels: Labels, matched: Matching, pair: Pair) -> Markup:
    """Return the picture of a pair's score."""
    lines = round(1000 * matched.cut), round(1000 * matched.review)
    return picture(of_evidence(pair.evidence, pair.mbit, lines, partial(labels.field, matched.entity)))


def _there(section: str, summary: RunSummary) -> bool:
    has: dict[str, Callable[[], object]] = {
        "todo": lambda: verdict.todos(summary) or summary.closed(),
        "money": lambda: summary.money,
        "scores": lambda: summary.scores,
        "columns": lambda: summary.worst,
        "merges": lambda: [one for one in summary.matching if one.compared or one.bins],
    }
    return bool(has[section]()) if section in has else True


def diff_page(summary: RunSummary, view: PlanView, *, mask: Mask, lang: Lang) -> str:
    """Return the changes for sign-off as one self-contained page."""
    labels = Labels(summary, mask)
    context = {
        **_common(summary, labels, mask),
        "page": "diff",
        "state": verdict.STATES[summary.status],
        "diff_headline": verdict.diff_headline(summary),
        "diff_lead": bold(verdict.diff_lead(summary, sum(view.by_field.values()))),
        "view": view,
        "kinds": [kind for kind in words.KINDS if any(one.kind == kind for one in view.changes)],
        "changed": list(dict.fromkeys(sorted(one.entity for one in view.changes))),
        "statement": bold(verdict.statement(summary)),
        "confirm": verdict.confirmations(summary, len(view.changes)),
        "formula": FORMULA,
    }
    return _rendered(environment(lang), "diff.html.j2", context)


def _common(summary: RunSummary, labels: Labels, mask: Mask) -> dict[str, Any]:
    started = datetime.fromisoformat(summary.started) if summary.started else None
    return {
        "s": summary,
        "reveal": mask.reveal,
        "zone": (started.tzname() or "") if started else "",
        "outcomes": OUTCOMES,
        "entities": [_attributes(one) for one in summary.entities if one.minted or one.crm_before or one.retired],
        "label": labels.entity,
        "field_label": labels.field,
        "column_label": labels.column,
        "source_label": labels.source,
        "rule_label": labels.rule,
        "fault": labels.fault,
    }


def _attributes(line: Any) -> dict[str, Any]:
    return {one.name: getattr(line, one.name) for one in fields(line)}


def _rendered(env: Environment, template: str, context: dict[str, Any]) -> str:
    return env.get_template(template).render(**context)
