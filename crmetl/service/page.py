"""The page at /docs: made from the schema, one file, nothing loaded from anywhere."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A line of a table: a name, what it is, what it says."""

    name: str
    kind: str
    text: str


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    parameters: tuple[Row, ...]
    body: tuple[Row, ...]
    examples: tuple[Row, ...]
    answers: tuple[Row, ...]


def page(schema: Schema) -> str:
    """Return the page of an OpenAPI schema."""
    return str(_environment().get_template("page.html.j2").render(info=schema["info"], operations=list(operations(schema))))


def operations(schema: Schema) -> Iterator[Operation]:
    """Give what a schema offers, in its order."""
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            content = one.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield Operation(
                id=one["operationId"],
                method=method.upper(),
                path=path,
                summary=one["summary"],
                text=one.get("description", ""),
                parameters=tuple(_parameter(parameter) for parameter in one.get("parameters", ())),
                body=tuple(_fields(schema, content.get("schema", {}))),
                examples=tuple(_examples(content)),
                answers=tuple(_answers(one["responses"])),
            )


def _parameter(one: Mapping[str, Any]) -> Row:
    return Row(one["name"], one["in"], one.get("description", ""))


def _fields(schema: Schema, body: Mapping[str, Any]) -> Iterator[Row]:
    model = schema["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], {})
    for name, one in model.get("properties", {}).items():
        needed = "必填 / required" if name in model.get("required", ()) else "可选 / optional"
        yield Row(name, needed, one.get("description", ""))


def _examples(content: Mapping[str, Any]) -> Iterator[Row]:
    for name, one in content.get("examples", {}).items():
        yield Row(name, one["summary"], _json(one["value"]))


def _answers(responses: Mapping[str, Any]) -> Iterator[Row]:
    for status, one in responses.items():
        examples = one.get("content", {}).get("application/json", {}).get("examples", {})
        yield Row(status, one["description"], "\n\n".join(_json(example["value"]) for example in examples.values()))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("crmetl.service", "."), autoescape=select_autoescape(default=True, default_for_string=True)
    )
