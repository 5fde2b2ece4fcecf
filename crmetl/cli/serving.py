"""The command that stays: the entry check as an HTTP service."""

import os
import sys
from typing import Annotated

import typer

from crmetl.cli.asked import asked, project_folder
from crmetl.cli.entry import Done
from crmetl.cli.words import say
from crmetl.text import Text


def serve(
    host: Annotated[str, typer.Option(metavar="HOST", help=say("监听地址", "address to listen at"))] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help=say("端口；0 为任一空闲端口", "port; 0 takes a free one"))
    ] = 8765,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help=say("允许其他机器访问", "other machines may reach it"))
    ] = False,
) -> None:
    """Answer entry checks over HTTP until it is told to stop."""
    from crmetl.service.server import serve as serve_project

    served = serve_project(
        project_folder(),
        host=host,
        port=port,
        allow_remote=allow_remote,
        lang=asked().lang,
        environment=os.environ,
        tell=_announce,
    )
    raise Done(served.facts())


def _announce(line: Text) -> None:
    """Print at once, for whoever waits for the address; stdout is kept for the JSON where that was asked for."""
    stream = sys.stderr if asked().json else sys.stdout
    stream.write(line.read(asked().lang) + "\n")
    stream.flush()


COMMANDS = (
    (
        "serve",
        serve,
        say(
            "以 HTTP 服务提供录入查重，默认只限本机；令牌取自 CRMETL_API_TOKEN。例：crmetl serve --port 8765",
            "The entry check as an HTTP service, for this machine only unless asked otherwise; a token comes from "
            "CRMETL_API_TOKEN. Example: crmetl serve --port 8765",
        ),
    ),
)
