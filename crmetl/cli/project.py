"""Commands that begin and check a project: init, profile, lint, schema."""

from pathlib import Path
from typing import Annotated

import typer

from crmetl.cli.asked import asked, project_folder
from crmetl.cli.entry import Done
from crmetl.cli.words import say, tell


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=say("新项目的目录", "where the project is to be"))],
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FOLDER",
            help=say("旧文件所在目录：逐一查看并起草映射", "legacy files: looked at, and mappings drafted"),
        ),
    ] = None,
) -> None:
    """Start a project."""
    from crmetl.cli.watcher import watcher
    from crmetl.flows.start import start

    begun = start(folder, source, watch=watcher(asked().lang))
    tell(
        say(f"已建项目 {folder}，{len(begun.files)} 个文件。", f"Project {folder} is there, {len(begun.files)} files."),
        *(f"  {name}" for name in begun.files),
        say(f"下一步：crmetl -p {folder} lint", f"Next: crmetl -p {folder} lint"),
    )
    raise Done({"project": str(folder), "files": list(begun.files), "sources": list(begun.sources)})


def profile(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help=say("文件或目录", "files or folders"))],
    out: Annotated[
        Path | None, typer.Option("-o", metavar="DIR", help=say("另存 profile.json", "also write profile.json"))
    ] = None,
) -> None:
    """Look at any files."""
    from crmetl.cli.watcher import watcher
    from crmetl.flows.start import look

    seen = look(paths, out=out, watch=watcher(asked().lang))
    tell(*seen.lines(asked().lang))
    raise Done(seen.to_json())


def lint(
    drop_undecided: Annotated[
        str | None,
        typer.Option(
            metavar="REASON", help=say("未决定的列一律写明不迁移，附理由", "leave out all undecided columns, for this reason")
        ),
    ] = None,
) -> None:
    """Check the project."""
    from crmetl.flows.check import check, settle_undecided

    for source, columns in (settle_undecided(project_folder(), drop_undecided) if drop_undecided else {}).items():
        tell(say(f"{source}：{len(columns)} 列写明不迁移", f"{source}: {len(columns)} columns are now left out"))
    problems = check(project_folder())
    errors = sum(one.severity == "error" for one in problems)
    lang = asked().lang
    tell(*(one.line(lang) for one in problems))
    tell(
        say(f"{errors} 个错误，{len(problems) - errors} 个提醒", f"{errors} errors, {len(problems) - errors} warnings")
        if problems
        else say("没有问题。", "No problems.")
    )
    raise Done(
        {"errors": errors, "warnings": len(problems) - errors, "problems": [one.to_json(lang) for one in problems]},
        2 if errors else 0,
    )


def schema_create() -> None:
    """Make the target's tables."""
    from crmetl.flows.write import create_tables

    target, made = create_tables(project_folder())
    tell(
        say(f"{target}：新建 {len(made)} 张表。", f"{target}: {len(made)} tables made.")
        if made
        else say(f"{target}：表都已存在。", f"{target}: all tables are there.")
    )
    raise Done({"target": target, "created": list(made)})


COMMANDS = (
    (
        "init",
        init,
        say("新建项目。例：crmetl init 项目 --from 旧资料/", "Start a project. Example: crmetl init project --from legacy/"),
    ),
    (
        "profile",
        profile,
        say(
            "查看任意文件：表、列、类型、质量。例：crmetl profile 旧资料/",
            "Look at any files: tables, columns, types, quality. Example: crmetl profile legacy/",
        ),
    ),
    (
        "lint",
        lint,
        say(
            "检查项目：逐条指出文件、行、改法。例：crmetl lint",
            "Check the project: each problem with file, line and fix. Example: crmetl lint",
        ),
    ),
)
SCHEMA_COMMANDS = (
    (
        "create",
        schema_create,
        say("在目标库建表。例：crmetl schema create", "Make the tables in the target. Example: crmetl schema create"),
    ),
)
