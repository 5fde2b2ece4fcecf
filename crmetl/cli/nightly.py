"""The night: `crmetl nightly`, and `crmetl nightly undo`."""

from typing import Annotated

import typer

from crmetl.cli.asked import asked, project_folder, runs_as
from crmetl.cli.entry import Done
from crmetl.cli.words import say, tell

DryRun = Annotated[
    bool, typer.Option("--dry-run", help=say("只试算：不写 CRM，也不记下看过什么", "nothing is written and nothing remembered"))
]
Reveal = Annotated[
    bool, typer.Option("--reveal", help=say("显示个人信息（默认脱敏）", "show personal fields (masked by default)"))
]
Run = Annotated[
    str,
    typer.Argument(metavar="[RUN]", help=say("某一夜的运行编号；默认最近一夜", "a night; the last that wrote by default")),
]


def nightly(context: typer.Context, dry_run: DryRun = False, reveal: Reveal = False) -> None:
    """Cleanse the CRM itself, under caps."""
    if context.invoked_subcommand is not None:
        return
    from crmetl.cli.watcher import watcher
    from crmetl.flows.nightly.run import nightly as whole_night

    lang = asked().lang
    done = whole_night(project_folder(), watch=watcher(lang), lang=lang, reveal=reveal, operator=runs_as(), dry_run=dry_run)
    tell(*done.lines(lang))
    raise Done(done.facts(), done.exit)


def undo(run: Run = "latest") -> None:
    """Take a night back."""
    from crmetl.cli.watcher import watcher
    from crmetl.flows.nightly.run import undo as take_back

    done = take_back(project_folder(), run, watch=watcher(asked().lang), operator=runs_as())
    tell(*done.lines(asked().lang))
    raise Done(done.facts(), done.exit)


HELP = say(
    "清洗 CRM 自身：有把握的在上限内写入，其余留给人确认。例：crmetl nightly --dry-run",
    "Cleanse the CRM itself: what is sure is written under caps, the rest waits for a person. Example: crmetl nightly --dry-run",
)
COMMANDS = (
    (
        "undo",
        undo,
        say("撤回一夜的写入。例：crmetl nightly undo", "Take a night back. Example: crmetl nightly undo"),
    ),
)
