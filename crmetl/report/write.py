"""The report folder: pages, workbooks and JSON of one run, each written in one step."""

from collections.abc import Mapping
from pathlib import Path

from crmetl.plan import Plan
from crmetl.quality import RunSummary
from crmetl.report.changes import plan_view
from crmetl.report.document import as_text, document
from crmetl.report.masking import Mask
from crmetl.report.pages import diff_page, index_page
from crmetl.report.plan_workbook import write_plan_workbook
from crmetl.report.workbook import write_report_workbook
from crmetl.schema import Schema
from crmetl.text import Lang


def write_reports(
    summary: RunSummary,
    plan: Plan,
    out: Path,
    *,
    schema: Schema,
    lang: Lang = "zh",
    reveal: bool = False,
    names: Mapping[str, str] | None = None,
    cells: bool = True,
) -> Path:
    """
    Write `index.html`, `diff.html`, `report.xlsx`, `plan.xlsx` and `report.json` into a folder.

    Args:
        summary: The run.
        plan: Its plan.
        out: Folder; made where it is missing.
        schema: Labels, and which fields are personal.
        lang: Language the pages open in, and that of the workbooks.
        reveal: Personal fields as they are.
        names: `entity:key` of CRM rows -> what people call them, where the flow knows it.
        cells: `plan.xlsx` too; it tells of the plan alone, so what became of the run does not change it.

    Returns:
        The page to open first.
    """
    mask = Mask(schema, reveal)
    view = plan_view(plan, summary, schema=schema, mask=mask, names=names or {})
    out.mkdir(parents=True, exist_ok=True)
    _put(out / "index.html", index_page(summary, mask=mask, lang=lang))
    _put(out / "diff.html", diff_page(summary, view, mask=mask, lang=lang))
    _put(out / "report.json", as_text(document(summary, view, mask=mask)))
    write_report_workbook(summary, out / "report.xlsx", mask=mask, lang=lang)
    if cells:
        write_plan_workbook(plan, out / "plan.xlsx", schema=schema, lang=lang, reveal=reveal)
    return out / "index.html"


def _put(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(path)
