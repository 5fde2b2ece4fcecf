"""Quality: what each stage did, counted; what a run did, added up; gates, scores and risk. Computes; renders nothing."""

from crmetl.quality.build import build_summary
from crmetl.quality.facts import MONEY, PAIRS, EntityFacts, RunFacts, SourceFacts
from crmetl.quality.gates import gates
from crmetl.quality.money import money_lines, money_of
from crmetl.quality.report import QualityReport, summarise, summarise_findings
from crmetl.quality.risk import cell_risk, risk
from crmetl.quality.scores import DIMENSIONS, scores
from crmetl.quality.summary import OUTCOMES, RunSummary, Status
from crmetl.quality.views import CodeLine, by_code, currency_totals, severity_totals

__all__ = [
    "DIMENSIONS",
    "MONEY",
    "OUTCOMES",
    "PAIRS",
    "CodeLine",
    "EntityFacts",
    "QualityReport",
    "RunFacts",
    "RunSummary",
    "SourceFacts",
    "Status",
    "build_summary",
    "by_code",
    "cell_risk",
    "currency_totals",
    "gates",
    "money_lines",
    "money_of",
    "risk",
    "scores",
    "severity_totals",
    "summarise",
    "summarise_findings",
]
