"""The entry: one place where every way to end becomes an exit code and one line (or one JSON object)."""

import errno
import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from crmetl.cli.asked import Asked, asked, hoist, remember
from crmetl.errors import CrmetlError, MachineError, UsageError
from crmetl.text import Text

INTERRUPTED = 130


class Done(Exception):
    """A command is over: its JSON, its exit code."""

    def __init__(self, facts: dict[str, Any], exit_code: int = 0) -> None:
        self.facts = facts
        self.exit_code = exit_code
        super().__init__(exit_code)


def main(line: Sequence[str] | None = None) -> None:
    """Run one command line and leave the process with its exit code."""
    sys.exit(run(sys.argv[1:] if line is None else line))


def run(line: Sequence[str]) -> int:
    """Run one command line; return the exit code of design section 9."""
    try:
        options, words = hoist(line, dict(os.environ))
    except CrmetlError as error:
        remember(Asked(json="--json" in line))
        return _fail(error)
    remember(options)
    try:
        return _dispatch(words)
    except BaseException as error:  # noqa: BLE001 the last door: whatever happens ends in one line and a code
        return _ending(error)


def _ending(error: BaseException) -> int:
    if isinstance(error, Done):
        if asked().json:
            print_json(error.facts)
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return _interrupted()
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    return _fail(_told(error))


def _told(error: BaseException) -> CrmetlError:
    if isinstance(error, CrmetlError):
        return error
    return _machine(error) if isinstance(error, (OSError, MemoryError)) else _bug(error)


def _dispatch(words: list[str]) -> int:
    import typer
    from typer.exceptions import TyperException

    from crmetl.cli.app import HALVES, app

    try:
        half = not words or (len(words) == 1 and words[0] in HALVES)
        code = app(args=[*words, "--help"] if half else words, prog_name="crmetl", standalone_mode=False)
    except typer.Abort:
        return _interrupted()
    except TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "crmetl"
        return _fail(UsageError(_first_line(error), next=f"{command} --help"))
    return _interrupted() if code == INTERRUPTED else code if isinstance(code, int) else 0


def _first_line(error: Exception) -> str:
    told = error.format_message() if hasattr(error, "format_message") else str(error)
    return " ".join(str(told).split()).removesuffix(".")


def print_json(facts: dict[str, Any]) -> None:
    """Print exactly one JSON object on stdout."""
    sys.stdout.write(json.dumps(facts, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def _fail(error: CrmetlError) -> int:
    lang = asked().lang
    if asked().json:
        following = error.next.read(lang) if error.next else None
        facts = {
            "code": error.code,
            "exit": error.exit,
            "message": error.what.read(lang),
            "where": error.where,
            "next": following,
        }
        print_json({"error": facts})
    else:
        sys.stderr.write("crmetl: " + error.line(lang) + "\n")
        for problem in getattr(error, "problems", ())[1:]:
            sys.stderr.write("crmetl: " + problem.line(lang) + "\n")
    if asked().debug:
        traceback.print_exception(error)
    return error.exit


def _interrupted() -> int:
    text = Text("已中断；重跑同一命令即可，已完成的部分不会丢", "interrupted; run the same command again, what is done is kept")
    if asked().json:
        print_json(
            {
                "error": {
                    "code": "interrupted",
                    "exit": INTERRUPTED,
                    "message": text.read(asked().lang),
                    "where": None,
                    "next": None,
                }
            }
        )
    else:
        sys.stderr.write("crmetl: " + text.read(asked().lang) + "\n")
    return INTERRUPTED


def _machine(error: OSError | MemoryError) -> CrmetlError:
    if isinstance(error, MemoryError):
        return MachineError(
            Text("内存不足", "out of memory"), next=Text("在 crmetl.yaml 中调小 chunk", "lower `chunk` in crmetl.yaml")
        )
    where = str(error.filename) if error.filename else None
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return MachineError(
            Text("磁盘已满", "the disk is full"),
            where=where,
            next=Text("腾出空间后重跑同一命令", "free some space, then run the same command"),
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return MachineError(Text("没有权限", "permission denied"), where=where)
    if error.errno == errno.ENOENT:
        return UsageError(Text("找不到文件", "no such file"), where=where)
    return _bug(error)


def _bug(error: BaseException) -> CrmetlError:
    """Name the kind and the place of a bug, never its text: the text may hold a cell's value."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else None  # noqa: PTH119 a name for people
    ours = CrmetlError(
        Text(f"程序错误（{type(error).__name__}）", f"a bug of crmetl ({type(error).__name__})"),
        where=place,
        next=Text("请用 --debug 重跑并报告", "run it again with --debug and report it"),
    )
    ours.__cause__ = error
    return ours
