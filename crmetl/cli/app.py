"""All commands, in the order of a project's life; each imports its flow when it is called, so that --help is quick."""

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
fixes_app = typer.Typer(help=fixes.HELP, rich_markup_mode=None)
review_app = typer.Typer(help=say("疑似重复的判断", "decisions on doubtful pairs"), rich_markup_mode=None)
index_app = typer.Typer(help=say("查重索引", "the match index"), rich_markup_mode=None)
schema_app = typer.Typer(help=say("目标库的表", "the target's tables"), rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help=say("版本号", "the version"))) -> None:
    """Print the version when asked for it."""
    if version:
        from crmetl import __version__

        typer.echo(f"crmetl {__version__}")
        raise typer.Exit


for module in (project, running, matching, serving, checking):
    for name, function, text in module.COMMANDS:
        app.command(name, help=text, epilog=EVERYWHERE, rich_help_panel=None)(function)
for name, function, text in project.SCHEMA_COMMANDS:
    schema_app.command(name, help=text, epilog=EVERYWHERE)(function)
for name, function, text in fixes.COMMANDS:
    fixes_app.command(name, help=text, epilog=EVERYWHERE)(function)
app.add_typer(retaining.group(EVERYWHERE), name="runs")
app.add_typer(fixes_app, name="fixes")
for name, function, text in review.COMMANDS:
    review_app.command(name, help=text, epilog=EVERYWHERE)(function)
app.add_typer(review_app, name="review")
app.add_typer(schema_app, name="schema")
for name, function, text in checking.INDEX_COMMANDS:
    index_app.command(name, help=text, epilog=EVERYWHERE)(function)
app.add_typer(index_app, name="index")
app.add_typer(nightly.group(EVERYWHERE), name="nightly")
