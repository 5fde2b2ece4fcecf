"""The history of runs, and how long their files are kept: `crmetl runs`, `crmetl runs purge`."""

import sys
from typing import Annotated

import typer

from crmetl.cli.asked import asked, project_folder, runs_as
from crmetl.cli.entry import Done
from crmetl.cli.words import say, tell
from crmetl.errors import UsageError
from crmetl.text import Text


def runs(context: typer.Context) -> None:
    """List the runs."""
    if context.invoked_subcommand is not None:
        return
    from crmetl.flows.show import history

    known = history(project_folder())
    tell(*known.lines(asked().lang))
    raise Done({"runs": known.runs})


def purge(
    older_than: Annotated[
        int | None,
        typer.Option(
            metavar="DAYS", min=0, help=say("天数；默认为项目的 keep.days", "days; `keep.days` of the project where not given")
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=say("只列出，不删除", "only list what would go"))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=say("不再询问", "do not ask"))] = False,
) -> None:
    """Remove the files of runs past their time."""
    from crmetl.flows.retention import Purged, purge_runs

    def purged(*, look: bool) -> Purged:
        return purge_runs(project_folder(), older_than=older_than, by=runs_as(), dry_run=look)

    found = purged(look=True)
    if dry_run or not found.purged:
        tell(*found.lines(asked().lang))
        raise Done(found.facts())
    if not yes:
        _ask(found.lines(asked().lang))
    done = purged(look=False)
    tell(*done.lines(asked().lang))
    raise Done(done.facts())


def _ask(lines: list[str]) -> None:
    """
    Ask the person at the terminal; the answer no interrupts.

    Raises:
        UsageError: Nobody is there to be asked.
    """
    if asked().json or not sys.stdin.isatty():
        raise UsageError(
            Text("清除不能撤销，须确认", "what is purged is gone, so it must be confirmed"),
            next=Text("加 --yes；先看会清除什么：--dry-run", "add --yes; see first what would go with --dry-run"),
        )
    sys.stderr.writelines(line + "\n" for line in lines)
    typer.confirm(say("清除？不能撤销", "Purge them? This cannot be undone"), abort=True, err=True)


HELP = say("历次运行。例：crmetl runs", "The history. Example: crmetl runs")
COMMANDS = (
    (
        "purge",
        purge,
        say(
            "清除过期运行的文件，留下记录。例：crmetl runs purge --older-than 90 --dry-run",
            "Remove the files of old runs; their record stays. Example: crmetl runs purge --older-than 90 --dry-run",
        ),
    ),
)
