"""Commands of the entry check: one record against the CRM, and the index that answers."""

from typing import Annotated

import typer

from crmetl.cli.asked import asked, project_folder
from crmetl.cli.entry import Done
from crmetl.cli.words import say, tell

UNKNOWN = 4
"""Exit code of a check that could not be made: the target's, for that is where the cause lies."""


def check(
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help=say("实体，如 account", "an entity, such as account"))],
    fields: Annotated[
        list[str], typer.Argument(metavar="FIELD=VALUE…", help=say("字段或其中文、英文名", "fields, by name or label"))
    ],
    own: Annotated[
        str | None,
        typer.Option("--not", metavar="KEY", help=say("正在修改的记录自己的键", "key of the record that is being changed")),
    ] = None,
) -> None:
    """Check one record."""
    from crmetl.errors import UsageError
    from crmetl.flows.entry.checker import open_check

    pairs = [one.partition("=") for one in fields]
    if any(not equals for _, equals, _ in pairs):
        raise UsageError(say("每一项都写成 字段=值", "each item is FIELD=VALUE"), next="crmetl check --help")
    if len({name for name, _, _ in pairs}) < len(pairs):
        raise UsageError(say("同一字段给了两次", "a field is given twice"))
    with open_check(project_folder()) as checker:
        verdict = checker.check(entity, {name: value for name, _, value in pairs}, own=own)
    lang = asked().lang
    tell(*verdict.lines(lang))
    raise Done(verdict.facts(lang), UNKNOWN if verdict.decision == "unknown" else 0)


def index_build(
    entity: Annotated[str | None, typer.Option("--entity", metavar="E", help=say("只建一个实体的", "of one entity only"))] = None,
) -> None:
    """Build the match index."""
    from crmetl.cli.watcher import watcher
    from crmetl.flows.entry.index import build_indexes

    done = build_indexes(project_folder(), entity=entity, watch=watcher(asked().lang))
    tell(*done.lines(asked().lang))
    raise Done(done.facts())


def index_status() -> None:
    """Tell the state of the match index."""
    from crmetl.flows.entry.index import index_state

    state = index_state(project_folder())
    lang = asked().lang
    tell(*state.lines(lang))
    raise Done(state.facts(lang), 0 if state.ready else UNKNOWN)


COMMANDS = (
    (
        "check",
        check,
        say(
            "保存前查一条记录是否已在 CRM 中。例：crmetl check account 名称=… 电话=…",
            "Is this record in the CRM already? Example: crmetl check account name=… phone=…",
        ),
    ),
)
INDEX_COMMANDS = (
    (
        "build",
        index_build,
        say(
            "用 CRM 现有记录重建查重索引，建成才换用。例：crmetl index build",
            "Build the match index from the CRM's records; used once it is complete. Example: crmetl index build",
        ),
    ),
    (
        "status",
        index_status,
        say("查重索引是否可用、何时建成。例：crmetl index status", "Is the match index usable? Example: crmetl index status"),
    ),
)
