"""Strict YAML: text becomes a tree of nodes that know their line and column; scalars stay the text that was written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from crmetl.errors import ProjectError
from crmetl.text import Text

MAX_DEPTH = 20
"""Declarations nest six deep; more is a mistake or an attack."""

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
"""YAML 1.2.2, section 10.3.2; every other plain scalar is kept as text and typed by the field that takes it."""


@dataclass(frozen=True)
class Node:
    """
    A value of a YAML file and where it stands.

    Attributes:
        line, column: From 1.
        text: Of a scalar; None is null.
        items: Of a list.
        pairs: Of a mapping: (key node, value node).
    """

    line: int
    column: int
    text: str | None = None
    items: "tuple[Node, ...] | None" = None
    pairs: "tuple[tuple[Node, Node], ...] | None" = None

    def plain(self) -> Any:
        """Return text, None, a list or a dict."""
        if self.items is not None:
            return [one.plain() for one in self.items]
        if self.pairs is not None:
            return {key.text or "": value.plain() for key, value in self.pairs}
        return self.text

    def child(self, step: str | int) -> "Node | None":
        """Return the item or value of a step of a path, if it is there."""
        if isinstance(step, int):
            return self.items[step] if self.items is not None and step < len(self.items) else None
        found = [value for key, value in self.pairs or () if key.text == step]
        return found[0] if found else None

    def key(self, step: str) -> "Node | None":
        """Return the node of a mapping's key."""
        return next((key for key, _ in self.pairs or () if key.text == step), None)

    def nearest(self, path: Sequence[str | int]) -> "Node":
        """Return the node at `path`, or the deepest one on the way that exists."""
        node = self
        for step in path:
            below = node.child(step)
            if below is None:
                return node
            node = below
        return node


Events = Iterator[Any]


class _Builder:
    """Builds nodes from parser events and gathers what is refused, so that one reading tells everything."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[ProjectError] = []

    def refuse(self, event: Any, what: Text, hint: Text) -> None:
        mark = event.start_mark
        self.problems.append(ProjectError(what, where=f"{self.file}:{mark.line + 1}:{mark.column + 1}", next=hint))

    def node(self, event: Any, events: Events, depth: int) -> Node:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, AliasEvent):
            self.refuse(event, *_ALIAS)
            return Node(line, column, "")
        if event.anchor is not None:
            self.refuse(event, *_ALIAS)
        if event.tag is not None:
            self.refuse(event, *_TAG)
        if depth == MAX_DEPTH and not isinstance(event, ScalarEvent):
            self.refuse(event, *_DEEP)
            _skip(events)
            return Node(line, column, "")
        if isinstance(event, MappingStartEvent):
            return Node(line, column, pairs=self.pairs(events, depth))
        if isinstance(event, SequenceStartEvent):
            return Node(line, column, items=self.items(events, depth))
        null = event.implicit[0] and event.value in NULLS
        return Node(line, column, None if null else str(event.value))

    def items(self, events: Events, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(self.node(event, events, depth + 1))
        return tuple(items)

    def pairs(self, events: Events, depth: int) -> tuple[tuple[Node, Node], ...]:
        pairs: dict[str, tuple[Node, Node]] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            key = self.node(event, events, depth + 1)
            value = self.node(next(events), events, depth + 1)
            if not isinstance(event, ScalarEvent) or key.text is None:
                self.refuse(event, *_KEY)
            elif key.text in pairs:
                first = pairs[key.text][0]
                self.refuse(
                    event,
                    Text(f"键“{key.text}”重复", f"key '{key.text}' stands twice"),
                    Text(f"第一次在第 {first.line} 行，删去其一", f"it first stands on line {first.line}; remove one of the two"),
                )
            else:
                pairs[key.text] = (key, value)
        return tuple(pairs.values())


def _skip(events: Events) -> None:
    """Pass over the rest of a collection without recursion."""
    open_ = 1
    while open_:
        event = next(events)
        open_ += isinstance(event, MappingStartEvent | SequenceStartEvent)
        open_ -= isinstance(event, MappingEndEvent | SequenceEndEvent)


_ALIAS = (
    Text("不允许使用锚点（&）和引用（*）", "anchors (&) and aliases (*) are refused"),
    Text("把内容写全；若是文字，请加引号", "write the content out; quote it if it is text"),
)
_TAG = (
    Text("不允许使用类型标签（!）", "tags (!) are refused"),
    Text("去掉标签；若是文字，请加引号", "remove the tag; quote it if it is text"),
)
_DEEP = (
    Text(f"嵌套超过 {MAX_DEPTH} 层", f"nested more than {MAX_DEPTH} levels deep"),
    Text("检查括号与缩进", "check brackets and indentation"),
)
_KEY = (
    Text("键必须是一段文字", "a key must be text"),
    Text("补上键名；若以特殊符号开头，请加引号", "write the key; quote it if it begins with a special character"),
)
_VERSION = (
    Text("只接受 YAML 1.2", "only YAML 1.2 is read"),
    Text("删去 %YAML 一行", "remove the %YAML line"),
)
_MANY = (
    Text("一个文件只能有一份声明", "a file holds one document only"),
    Text("删去多余的 --- 分隔", "remove the further --- separators"),
)
_TAB = Text("缩进只能用空格，不能用制表符", "indent with spaces; a tab is not allowed here")
_SYNTAX = {
    "mapping values are not allowed here": Text(
        "这里不能再有冒号：若冒号是文字的一部分，请整体加引号；否则检查缩进",
        "no further colon may stand here: quote the text if it holds one, or correct the indentation",
    ),
}


def _syntax(error: MarkedYAMLError) -> Text:
    told = str(error.problem or error.context or error)
    if "\\t" in told:
        return _TAB
    plain = Text("检查括号、引号、冒号和缩进", "check brackets, quotes, colons and indentation")
    return _SYNTAX.get(told, plain)


def parse(text: str, file: str) -> tuple[Node | None, list[ProjectError]]:
    """
    Read one YAML document.

    Args:
        text: The file's content.
        file: Its name for messages, relative to the project's folder.

    Returns:
        The root node (None when the text is no YAML or empty), and every problem: syntax, duplicate keys, anchors, tags.

    >>> node, problems = parse("country: NO", "crmetl.yaml")
    >>> node.plain(), problems
    ({'country': 'NO'}, [])
    """
    builder = _Builder(file)
    roots: list[Node] = []
    events: Events = iter(YAML(typ="safe", pure=True).parse(text))
    try:
        for event in events:
            if isinstance(event, DocumentStartEvent) and event.version not in (None, (1, 2)):
                builder.refuse(event, *_VERSION)
            if isinstance(event, StreamStartEvent | StreamEndEvent | DocumentStartEvent | DocumentEndEvent):
                continue
            if roots:
                builder.refuse(event, *_MANY)
            roots.append(builder.node(event, events, 0))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        builder.problems.append(
            ProjectError(Text("YAML 语法不对", "this is not valid YAML"), where=where, next=_syntax(error)),
        )
        return None, builder.problems
    except YAMLError as error:
        place = f"{file}:{text.count(chr(10), 0, getattr(error, 'position', 0)) + 1}:1"
        hint = Text("删去不可见的控制字符", "remove invisible control characters")
        builder.problems.append(ProjectError(Text("含有不允许的字符", "a character is not allowed"), where=place, next=hint))
        return None, builder.problems
    return (roots[0] if roots else None), builder.problems
