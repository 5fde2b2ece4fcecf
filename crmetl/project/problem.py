"""The sentences about a wrong declaration: where it stands, what was expected, what was probably meant."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from crmetl.errors import ProjectError
from crmetl.project.tree import Node
from crmetl.text import Text

SHOWN = 30
"""So many choices are listed in a message; longer lists are cut, the nearest is named anyway."""

Path = Sequence[str | int]


def path_text(path: Path) -> str:
    """
    Return a key path as people write it.

    >>> path_text(["columns", "电话", "to", 0])
    'columns.电话.to[0]'
    """
    if not path:
        return "(file)"
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(steps).removeprefix(".")


def nearest(got: str, known: Iterable[str]) -> str | None:
    """
    Return the known word that was probably meant.

    >>> nearest("acount", ["account", "contact"])
    'account'
    >>> nearest("lable", ["table", "label"])
    'label'
    """
    folded = {one.casefold(): one for one in reversed(list(known))}
    found = get_close_matches(got.casefold(), list(folded), n=3, cutoff=0.6)
    turned = [one for one in found if sorted(one) == sorted(got.casefold())]
    return folded[(turned or found)[0]] if found else None


def meant(got: str, known: Iterable[str]) -> Text:
    """Return `expected one of …` with `did you mean`, in both languages."""
    names = list(dict.fromkeys(known))
    if not names:
        return Text("这里不应有任何值", "nothing is expected here")
    more = len(names) > SHOWN
    close = nearest(got, names)
    zh, en = "、".join(names[:SHOWN]) + "…" * more, ", ".join(names[:SHOWN]) + ", …" * more
    return Text(
        f"应为以下之一：{zh}" + (f"（是否想写“{close}”？）" if close else ""),
        f"expected one of {en}" + (f" (did you mean '{close}'?)" if close else ""),
    )


def wrong(file: str, node: Node, path: Path, got: str | None, expected: Text | Iterable[str]) -> ProjectError:
    """
    Return the error of a value that is not as expected.

    Args:
        file: Relative to the project's folder.
        node: Where the value, or the mapping that lacks it, stands.
        path: Keys from the root of the file.
        got: The text that stands there; None: nothing, or something that is not shown.
        expected: The choices, or a sentence.
    """
    key = path_text(path)
    shown = Text(f"{key} 为“{got}”", f"{key} is '{got}'") if got is not None else Text(f"{key} 不对", f"{key} is wrong")
    hint = expected if isinstance(expected, Text) else meant(got or "", expected)
    return ProjectError(shown, where=f"{file}:{node.line}:{node.column}", next=hint)


def unknown(file: str, node: Node, above: Path, name: str, known: Text | Iterable[str]) -> ProjectError:
    """
    Return the error of a mapping key that must not stand there.

    Args:
        file: Relative to the project's folder.
        node: The key.
        above: Path of the mapping that has it.
        name: The key's text.
        known: The keys that may stand there, or a sentence.
    """
    said = Text(f"有未知的键“{name}”", f"unknown key '{name}'")
    if above:
        said = Text(f"{path_text(above)} 有未知的键“{name}”", f"{path_text(above)} has the unknown key '{name}'")
    return ProjectError(
        said, where=f"{file}:{node.line}:{node.column}", next=known if isinstance(known, Text) else meant(name, known)
    )


def say(file: str, node: Node, path: Path, what: Text, hint: Text) -> ProjectError:
    """Return an error with its own sentence after the key path."""
    key = path_text(path)
    said = Text(f"{key} {what.zh}", f"{key} {what.en}")
    return ProjectError(said, where=f"{file}:{node.line}:{node.column}", next=hint)
