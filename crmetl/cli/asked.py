"""What may be asked of every command, wherever it stands on the line: project, language, JSON, debug."""

import getpass
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crmetl.errors import UsageError
from crmetl.text import Lang, Text

FLAGS = {"--json", "--debug"}
VALUED = {"-p": "project", "--project": "project", "--lang": "lang"}


@dataclass(frozen=True)
class Asked:
    """
    The options that hold for every command.

    Attributes:
        project: Folder given with `-p`, or None.
        lang: Language of all sentences.
        json: One JSON object on stdout, nothing else there.
        debug: Show the trace of an error.
    """

    project: Path | None = None
    lang: Lang = "en"
    json: bool = False
    debug: bool = False


def hoist(line: Sequence[str], environment: dict[str, str]) -> tuple[Asked, list[str]]:
    """
    Take the options of every command out of a command line, whatever their place; `--` ends them.

    >>> hoist(["plan", "--json", "-p", "x", "--only", "a"], {"LANG": "zh_CN.UTF-8"})
    (Asked(project=PosixPath('x'), lang='zh', json=True, debug=False), ['plan', '--only', 'a'])

    Raises:
        UsageError: An option lacks its value, or `--lang` is not zh or en.
    """
    found: dict[str, str] = {}
    flags: set[str] = set()
    rest: list[str] = []
    words = iter(line)
    for word in words:
        name, equals, value = word.partition("=")
        if word == "--":
            rest += [word, *words]
        elif word in FLAGS:
            flags.add(word)
        elif name in VALUED and (equals or word in VALUED):
            found[VALUED[name]] = value if equals else _value(word, next(words, None))
        else:
            rest.append(word)
    lang = _lang(found.get("lang"), environment)
    folder = found.get("project") or environment.get("CRMETL_PROJECT")
    return Asked(Path(folder) if folder else None, lang, "--json" in flags, "--debug" in flags), rest


def _value(option: str, word: str | None) -> str:
    if word is None or word.startswith("-"):
        raise UsageError(Text(f"{option} 需要一个值", f"{option} needs a value"), next="crmetl --help")
    return word


def _lang(given: str | None, environment: dict[str, str]) -> Lang:
    if given in ("zh", "en"):
        return "zh" if given == "zh" else "en"
    if given is not None:
        raise UsageError(Text("--lang 只能是 zh 或 en", "--lang is zh or en"))
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"


_ASKED = Asked()


def asked() -> Asked:
    """Return what this process was asked."""
    return _ASKED


def remember(one: Asked) -> None:
    """Set what this process was asked; called once, by the entry."""
    global _ASKED  # noqa: PLW0603 one command line a process
    _ASKED = one


def project_folder() -> Path:
    """
    Return the project's folder: `-p`, then CRMETL_PROJECT, then `./mappings`, then `.`.

    Raises:
        UsageError: None of them holds a `crmetl.yaml`.
    """
    given = asked().project
    for folder in [given] if given else [Path("mappings"), Path()]:
        if (folder / "crmetl.yaml").exists():
            return folder
    raise UsageError(
        Text("这里没有项目（找不到 crmetl.yaml）", "no project here (there is no crmetl.yaml)"),
        where=str(given or Path.cwd()),
        next=Text("用 -p 指出项目目录，或 crmetl init DIR 新建一个", "name it with -p, or start one with `crmetl init DIR`"),
    )


def runs_as() -> str:
    """Return who runs this command: CRMETL_USER, or the account's name."""
    return os.environ.get("CRMETL_USER") or getpass.getuser()
