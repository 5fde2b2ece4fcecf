"""Which columns of a source somebody has decided on."""

import re
from collections.abc import Iterable
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from crmetl.project.model import Source

PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff](?:[\w ]*\w)?")
"""Reasons that need no quotes inside `{drop: …}`; the writer's own rule lets `?0` pass, which does not read back."""


def column_decisions(source: Source) -> dict[str, bool]:
    """
    Return every column that a mapping names -> whether it is decided: mapped, dropped, a key, or tested by a condition.

    >>> one = Source(source="s", system="s", reads=("a.csv",), columns={"a": {"to": ("account.name",)}, "b": {}})
    >>> column_decisions(one)
    {'a': True, 'b': False}
    """
    decided = {name: bool(one.to) or one.drop is not None for name, one in source.columns.items()}
    conditions = [*(one.when for one in source.entities.values()), *(one.when for one in source.rows)]
    used = [*(name for one in source.entities.values() for name in one.key), *(name for one in conditions for name in one)]
    return {**decided, **dict.fromkeys(used, True)}


def undecided(source: Source, headers: Iterable[str]) -> tuple[str, ...]:
    """
    Return the columns found in a source's files, or named in its mapping, that nobody has decided on.

    Args:
        source: Its mapping.
        headers: Columns that the files have.
    """
    known = column_decisions(source)
    named = (name for name, decided in known.items() if not decided)
    return tuple(dict.fromkeys([*(one for one in headers if not known.get(one, False)), *named]))


def drop_undecided(text: str, columns: Iterable[str], reason: str) -> str:
    r"""
    Return a source's YAML with columns dropped for a reason; comments and all other lines stay.

    Args:
        text: The file's content.
        columns: Names, as `undecided` gives them.
        reason: For the reader of the mapping.

    >>> print(drop_undecided("columns:  # east\n  名称: account.name\n", ["制表人"], "printed form"), end="")
    columns:  # east
      名称: account.name
      制表人: {drop: printed form}
    """
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 10_000
    document = yaml.load(text)
    if not document.get("columns"):
        document["columns"] = CommentedMap()
    listed = document["columns"]
    keys = {str(one): one for one in listed}
    for name in columns:
        dropped = CommentedMap(drop=reason if PLAIN.fullmatch(reason) else DoubleQuotedScalarString(reason))
        dropped.fa.set_flow_style()
        listed[keys.get(name, name)] = dropped
    out = StringIO()
    yaml.dump(document, out)
    return out.getvalue()
