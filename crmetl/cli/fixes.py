"""Commands for the steward: held rows out as a workbook, and back as corrections."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crmetl.cli.asked import asked, project_folder, runs_as
from crmetl.cli.entry import Done
from crmetl.cli.words import say, tell

Run = Annotated[
    str, typer.Argument(metavar="RUN", help=say("运行编号，或其开头，或 latest", "a run, the head of its name, or latest"))
]


def export(
    run: Run = "latest",
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            metavar="FILE",
            help=say("写到哪里；默认在运行目录中", "where to; in the run folder where it is not given"),
        ),
    ] = None,
) -> None:
    """Write the held rows of a run as a workbook."""
    from crmetl.flows.fixes.exchange import WARNING, export_held

    done = export_held(project_folder(), run, out=out, lang=asked().lang)
    if done.file is not None:
        sys.stderr.write("crmetl: " + WARNING.read(asked().lang) + "\n")
    tell(*done.lines(asked().lang))
    raise Done(done.facts())


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=say("改好的工作簿（.xlsx）", "the workbook, corrected (.xlsx)"))],
    by: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=say("谁改的；默认为当前用户", "who corrected it; you, where it is not given")),
    ] = None,
) -> None:
    """Take the corrections of a workbook in, and plan the rows again."""
    from crmetl.cli.watcher import watcher
    from crmetl.flows.fixes.exchange import import_fixes

    lang = asked().lang
    done = import_fixes(project_folder(), file, by=by or runs_as(), watch=watcher(lang), lang=lang)
    tell(*done.lines(lang))
    raise Done(done.facts(lang), done.exit)


HELP = say("保留的行：导出给人改，再导入", "held rows: out to be corrected, and back in")
COMMANDS = (
    (
        "export",
        export,
        say(
            "把保留的行导出成工作簿，逐行写明问题与改法。例：crmetl fixes export latest -o 待改.xlsx",
            "Held rows as a workbook, each with its problem and the fix. Example: crmetl fixes export latest -o held.xlsx",
        ),
    ),
    (
        "import",
        import_,
        say(
            "导入改好的工作簿，记住更正并重新计划这些行。例：crmetl fixes import 待改.xlsx --by 李静",
            "Take a corrected workbook in, and plan its rows again. Example: crmetl fixes import held.xlsx --by 'J. Li'",
        ),
    ),
)
