"""All commands, in the order of a project's life; each imports its flow when it is called, so that --help is quick."""

from collections.abc import Callable, Iterable

import typer

from crmetl.cli import checking, fixes, matching, nightly, project, retaining, review, running, serving
from crmetl.cli.words import say

EVERYWHERE = say(
    "每个命令都可加：-p DIR 项目目录 · --json 只输出一个 JSON 对象 · --lang zh|en · --debug 显示错误的调用过程。",
    "With every command: -p DIR the project · --json exactly one JSON object · --lang zh|en · --debug the trace of an error.",
)

app = typer.Typer(
    name="crmetl",
    help=say(
        "把散落各处的客户数据搬进一个可信的 CRM：读取、映射、清洗、校验、查重、关联、签字、写入，均可撤回。",
        "Move scattered customer data into a CRM that people trust: read, clean, match, link, sign, write, take back.",
    ),
    epilog=EVERYWHERE,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
Command = tuple[str, Callable[..., None], str]


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help=say("版本号", "the version"))) -> None:
    """Print the version when asked for it."""
    if version:
        from crmetl import __version__

        typer.echo(f"crmetl {__version__}")
        raise typer.Exit


HALVES: set[str] = set()
"""First words that do nothing alone."""


def _group(name: str, text: str, commands: Iterable[Command], alone: Callable[..., None] | None = None) -> None:
    """Add commands that share their first word; by itself the word runs `alone`, where it is given."""
    more = typer.Typer(help=text, epilog=EVERYWHERE, rich_markup_mode=None, invoke_without_command=alone is not None)
    if alone is None:
        HALVES.add(name)
    else:
        more.callback(help=text, epilog=EVERYWHERE)(alone)
    _add(more, commands)
    app.add_typer(more, name=name)


def _add(to: typer.Typer, commands: Iterable[Command]) -> None:
    for name, function, text in commands:
        to.command(name, help=text, epilog=EVERYWHERE)(function)


for module in (project, running, matching, serving, checking):
    _add(app, module.COMMANDS)
_group("runs", retaining.HELP, retaining.COMMANDS, retaining.runs)
_group("fixes", fixes.HELP, fixes.COMMANDS)
_group("review", say("疑似重复的判断", "decisions on doubtful pairs"), review.COMMANDS)
_group("schema", say("目标库的表", "the target's tables"), project.SCHEMA_COMMANDS)
_group("index", say("查重索引", "the match index"), checking.INDEX_COMMANDS)
_group("nightly", nightly.HELP, nightly.COMMANDS, nightly.nightly)
