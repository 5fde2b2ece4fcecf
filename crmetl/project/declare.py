"""From a tree of YAML nodes to the frozen models; every model error gets the line and column of its node."""

from collections.abc import Iterable, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from crmetl.errors import ProjectError
from crmetl.project.problem import Path, meant, path_text, say, unknown, wrong
from crmetl.project.tree import Node
from crmetl.text import Text

T = TypeVar("T")

_KINDS: tuple[tuple[str, Text], ...] = (
    ("bool", Text("应为 yes 或 no", "expected yes or no")),
    ("int", Text("应为整数", "expected a whole number")),
    ("float", Text("应为数字", "expected a number")),
    ("finite", Text("应为数字", "expected a number")),
    ("string_pattern", Text("应为两个大写字母，如 CN", "expected two capital letters such as CN")),
    ("string", Text("应为一段文字", "expected a text")),
    ("tuple", Text("应为列表（- 项，或 [项, 项]）", "expected a list (- item, or [item, item])")),
    ("list", Text("应为列表（- 项，或 [项, 项]）", "expected a list (- item, or [item, item])")),
    ("path", Text("应为路径", "expected a path")),
)
_MAPPING = Text("应为“键: 值”的组合", "expected a mapping of `key: value`")
_EXTRA = ("extra_forbidden", "unexpected_keyword_argument")
_MISSING = ("missing", "missing_argument")


def declare(kind: Any, node: Node, shaped: Any, file: str) -> tuple[Any, list[ProjectError]]:
    """
    Make the model of a file.

    Args:
        kind: Model or other type that pydantic knows.
        node: The file's root, for positions.
        shaped: Its plain content with short forms written out.
        file: For messages.

    Returns:
        The model and every problem, one per place; with problems, the model of what is right, or None.
    """
    try:
        return TypeAdapter(kind).validate_python(shaped), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    told: dict[tuple[str | None, str], ProjectError] = {}
    for one in errors:
        problem = _problem(kind, node, one, file)
        at = (problem.where, str(one["loc"][-1]) if one["type"] in _MISSING else "")
        told[at] = _either(told[at], problem) if at in told else problem
    return _rest(kind, shaped, errors), list(told.values())


def _either(first: ProjectError, second: ProjectError) -> ProjectError:
    """Return one error for a place where either of two forms would do."""
    if first.next is None or second.next is None or first.next == second.next:
        return first
    both = Text(f"{first.next.zh}；或{second.next.zh}", f"{first.next.en}; or {second.next.en}")
    return ProjectError(first.what, where=first.where, next=both)


def _rest(kind: Any, shaped: Any, errors: Sequence[ErrorDetails]) -> Any:
    """Return the model without its wrong parts, so that cross-checks of the rest are told in the same reading; or None."""
    for _ in range(3):
        for one in errors:
            shaped = _without(kind, shaped, one["loc"], stand_in=one["type"] in _MISSING)
        try:
            return TypeAdapter(kind).validate_python(shaped)
        except ValidationError as error:
            errors = error.errors(include_url=False)
    return None


_GONE = object()


def _without(kind: Any, value: Any, loc: Sequence[str | int], *, stand_in: bool) -> Any:
    """Return `value` without what stands at `loc`, or at the last step of it that exists; or with a stand-in for it."""
    if not loc:
        return _GONE
    step, below = loc[0], _step(kind, loc[0])
    if isinstance(value, dict) and step in value:
        inner = _without(below, value[step], loc[1:], stand_in=stand_in)
        rest = {key: one for key, one in value.items() if key != step}
        return rest if inner is _GONE else {**value, step: inner}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        inner = _without(below, value[step], loc[1:], stand_in=stand_in)
        return _GONE if inner is _GONE else [*value[:step], inner, *value[step + 1 :]]
    if isinstance(value, dict) and stand_in and len(loc) == 1:
        return {**value, step: _stand_in(below)}
    return _GONE


def _stand_in(kind: Any) -> Any:
    """Return a value of the type for a key that is missing, so that the other keys can be checked."""
    args = get_args(kind)
    if get_origin(kind) is Literal:
        return args[0]
    if get_origin(kind) is tuple:
        return [_stand_in(args[0])]
    return {str: "…", float: 0, int: 0, Text: ["…", "…"]}.get(kind, {})


def _problem(kind: Any, root: Node, error: ErrorDetails, file: str) -> ProjectError:
    loc = error["loc"]
    path = _real(root, loc)
    node = root.nearest(path)
    if error["type"] in _EXTRA:
        name = str(loc[-1])
        return unknown(file, root.nearest(path[:-1]).key(name) or node, path[:-1], name, _keys(kind, loc[:-1]))
    if error["type"] in _MISSING:
        name = str(loc[-1])
        where = root.nearest(_real(root, loc[:-1]))
        head = f"{path_text(_real(root, loc[:-1]))} " if len(loc) > 1 else ""
        what = Text(f"{head}缺少“{name}”", f"{head}lacks '{name}'" if head else f"'{name}' is missing")
        return ProjectError(
            what,
            where=f"{file}:{where.line}:{where.column}",
            next=Text(f"补上 {name}:", f"add `{name}:`"),
        )
    return _value(node, path, error, file)


def _value(node: Node, path: Path, error: ErrorDetails, file: str) -> ProjectError:
    expected = _expected(error)
    scalar = node.items is None and node.pairs is None
    if not scalar:
        shape = Text("是列表", "is a list") if node.items is not None else Text("是“键: 值”的组合", "is a mapping")
        hint = expected if isinstance(expected, Text) else meant("", expected)
        return say(file, node, path, shape, hint)
    return wrong(file, node, path, "null" if node.text is None else node.text, expected)


def _expected(error: ErrorDetails) -> Text | Sequence[str]:
    if error["type"] == "literal_error":
        told = str(error.get("ctx", {}).get("expected", ""))
        return [one.strip().strip("'") for one in told.replace(" or ", ",").split(",")]
    for bound, zh, en in (("ge", "应不小于", "expected at least"), ("le", "应不大于", "expected at most")):
        if bound in error.get("ctx", {}):
            return Text(f"{zh} {error['ctx'][bound]}", f"{en} {error['ctx'][bound]}")
    return next((text for start, text in _KINDS if error["type"].startswith(start)), _MAPPING)


def _real(root: Node, loc: Sequence[str | int]) -> list[str | int]:
    """Return the part of a model's location that exists in the file: short forms and unions add steps of their own."""
    path: list[str | int] = []
    node: Node | None = root
    for step in loc:
        node = node.child(step) if node else None
        if node is None:
            break
        path.append(step)
    return path


def _keys(kind: Any, loc: Sequence[str | int]) -> Iterable[str]:
    for step in loc:
        kind = _step(kind, step)
    return _fields(_bare(kind))


def _fields(kind: Any) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [one.alias or name for name, one in kind.model_fields.items() if not (one.json_schema_extra or {})]
    return list(getattr(kind, "_fields", ()))


def _bare(kind: Any) -> Any:
    """Return the part of an optional type or union that holds keys, or the first part."""
    if get_origin(kind) in (Union, UnionType):
        parts = [one for one in get_args(kind) if one is not type(None) and get_origin(one) is not Literal]
        return parts[0] if parts else kind
    return kind


def _step(kind: Any, step: str | int) -> Any:
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        found = kind.model_fields.get(str(step))
        return found.annotation if found else object
    args = get_args(kind)
    if get_origin(kind) in (tuple, list) and args:
        return args[0]
    return args[1] if get_origin(kind) in (dict, Mapping) or len(args) == 2 else object
