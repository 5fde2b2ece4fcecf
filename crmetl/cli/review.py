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
File = Annotated[
    Path, typer.Argument(metavar="FILE", help=say("填好的工作簿，或网页导出的 JSON", "the workbook, or the page's JSON"))
]
By = Annotated[
    str | None, typer.Option(metavar="NAME", help=say("判断人（文件中未写时）", "who decided, where the file does not say"))
]


def review_export(run: Run = "latest", out: Out = None, form: Form = None, every: All = False) -> None:
    """Write the doubtful pairs of a run."""
    from crmetl.flows.review import WARNING, export_pairs

    lang = asked().lang
    kind: Literal["xlsx", "html"] = form or ("html" if out and out.suffix.lower() in (".html", ".htm") else "xlsx")
    done = export_pairs(project_folder(), run, out=out, form=kind, everything=every, lang=lang)
    if done.file is not None:
        typer.echo(WARNING.read(lang), err=True)
    tell(*done.lines(lang))
    raise Done(done.facts())


def review_import(file: File, by: By = None) -> None:
    """Remember what was decided."""
    from crmetl.flows.review_import import import_decisions

    done = import_decisions(project_folder(), file, by=by or runs_as())
    tell(*done.lines(asked().lang))
    raise Done(done.facts(asked().lang), done.exit)


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
        "import",
        review_import,
        say(
            "读回判断；下次 plan 照此执行，不再重问。例：crmetl review import doubtful-pairs.xlsx --by 王敏",
            "Take decisions in; the next plan carries them out. Example: crmetl review import doubtful-pairs.xlsx --by 'M. Wang'",
        ),
    ),
)
