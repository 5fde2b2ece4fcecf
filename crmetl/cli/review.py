"""Doubtful pairs: `crmetl review export` and `crmetl review import`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from crmetl.cli.asked import asked, project_folder, runs_as
from crmetl.cli.entry import Done
from crmetl.cli.words import say, tell

Run = Annotated[
    str, typer.Argument(metavar="RUN", help=say("运行编号，或其开头，或 latest", "a run, the head of its name, or latest"))
]
Out = Annotated[
    Path | None,
    typer.Option("-o", "--out", metavar="FILE", help=say("写到哪里（默认在运行目录内）", "where to (default: the run folder)")),
]
Form = Annotated[Literal["xlsx", "html"] | None, typer.Option("--format", help=say("工作簿或网页", "workbook or page"))]
All = Annotated[bool, typer.Option("--all", help=say("也列出已合并的，供抽查", "merged pairs too, for a spot check"))]
Size = Annotated[int, typer.Option(min=1, max=5_000, help=say("抽多少对", "pairs to draw"))]
Seed = Annotated[int, typer.Option(min=0, max=999_999_999, help=say("随机种子", "seed"))]
File = Annotated[
    Path, typer.Argument(metavar="FILE", help=say("填好的工作簿，或网页导出的 JSON", "the workbook, or the page's JSON"))
]
By = Annotated[
    str | None, typer.Option(metavar="NAME", help=say("判断人（文件中未写时）", "who decided, where the file does not say"))
]


def review_export(run: Run = "latest", out: Out = None, form: Form = None, every: All = False) -> None:
    """Write the doubtful pairs of a run."""
    from crmetl.flows.review.export import WARNING, export_pairs

    lang = asked().lang
    done = export_pairs(project_folder(), run, out=out, form=_kind(form, out), everything=every, lang=lang)
    if done.file is not None:
        typer.echo(WARNING.read(lang), err=True)
    tell(*done.lines(lang))
    raise Done(done.facts())


def review_sample(run: Run = "latest", size: Size = 200, seed: Seed = 0, out: Out = None, form: Form = None) -> None:
    """Draw a sample to label."""
    from crmetl.flows.review.export import WARNING
    from crmetl.flows.review.sample import Drawing, export_sample

    lang = asked().lang
    done = export_sample(project_folder(), run, Drawing(size, seed), out=out, form=_kind(form, out), lang=lang)
    typer.echo(WARNING.read(lang), err=True)
    tell(*done.lines(lang))
    raise Done(done.facts())


def _kind(form: Literal["xlsx", "html"] | None, out: Path | None) -> Literal["xlsx", "html"]:
    return form or ("html" if out and out.suffix.lower() in (".html", ".htm") else "xlsx")


def review_import(file: File, by: By = None) -> None:
    """Remember what was decided."""
    from crmetl.flows.review.taking_in import import_decisions

    lang = asked().lang
    done = import_decisions(project_folder(), file, by=by or runs_as(), lang=lang)
    tell(*done.lines(lang))
    raise Done(done.facts(lang), done.exit)


COMMANDS = (
    (
        "export",
        review_export,
        say(
            "写出一次运行中待判断的配对。例：crmetl review export latest --format html",
            "Write the doubtful pairs of a run. Example: crmetl review export latest --format html",
        ),
    ),
    (
        "sample",
        review_sample,
        say(
            "分层抽样，供人标注，以量精确率与召回率。例：crmetl review sample latest --size 200",
            "Draw a stratified sample to label: precision and recall. Example: crmetl review sample latest --size 200",
        ),
    ),
    (
        "import",
        review_import,
        say(
            "读回判断；下次 plan 照此执行，不再重问。例：crmetl review import doubtful-pairs.xlsx --by 王敏",
            "Take decisions in; the next plan carries them out. Example: crmetl review import doubtful-pairs.xlsx --by 'M. Wang'",
        ),
    ),
)
