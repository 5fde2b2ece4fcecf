"""Short forms of the declarations, written out before the models see them."""

from collections.abc import Callable, Mapping
from typing import Any

Shape = Callable[[Any], Any]


def listed(value: Any) -> Any:
    """
    Return a text as a list of one; anything else as it is.

    >>> listed("account.name"), listed(["a", "b"])
    (['account.name'], ['a', 'b'])
    """
    return [value] if isinstance(value, str) else value


def _reads(value: Any) -> Any:
    return [value] if isinstance(value, (str, Mapping)) else value


def both(value: Any) -> Any:
    """
    Return a plain label as a label in both languages.

    >>> both("East")
    {'zh': 'East', 'en': 'East'}
    """
    return {"zh": value, "en": value} if isinstance(value, str) else value


def _each(value: Any, shape: Shape) -> Any:
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    return [shape(one) for one in value] if isinstance(value, list) else value


def _in(value: Any, shapes: Mapping[str, Shape]) -> Any:
    """Return a mapping with the named keys reshaped, where they are there."""
    if not isinstance(value, dict):
        return value
    return {key: shapes[key](one) if key in shapes else one for key, one in value.items()}


def _column(value: Any) -> Any:
    if value is None:
        return {}
    return _in({"to": value} if isinstance(value, str) else value, {"to": listed})


def _header(value: Any) -> Any:
    return [value] if isinstance(value, str) and value != "auto" else value


def _made(value: Any) -> Any:
    return _in({} if value is None else value, {"key": listed})


def _filters(value: Any) -> Any:
    return _each(value, lambda many: _each(many, lambda one: _in(one, {"label": both})))


def first_entity(shaped: Any) -> str | None:
    """Return the entity of the first target in a source's columns."""
    columns = shaped.get("columns") if isinstance(shaped, dict) else None
    targets = [one.get("to") for one in columns.values() if isinstance(one, dict)] if isinstance(columns, dict) else []
    texts = [one for many in targets if isinstance(many, list) for one in many if isinstance(one, str)]
    return texts[0].split(".")[0] if texts else None


def shape_source(value: Any) -> Any:
    """
    Write out a source's short forms; `key` becomes the key of the first entity.

    >>> shape_source({"key": "编号", "columns": {"名称": "account.name"}})["entities"]
    {'account': {'key': ['编号']}}
    """
    shaped = _in(
        value,
        {
            "label": both,
            "reads": _reads,
            "internal_domains": listed,
            "columns": lambda many: _each(many, _column),
            "entities": lambda many: _each(many, _made),
            "table": lambda one: _in(one, {"header": _header}),
            "rows": lambda many: _each(many, lambda one: _in(one, {"label": both})),
        },
    )
    first = first_entity(shaped)
    if not isinstance(shaped, dict) or "key" not in shaped or first is None:
        return shaped
    entities = shaped.get("entities") or {}
    if not isinstance(entities, dict) or "key" in (entities.get(first) or {}):
        return shaped
    rest = {name: one for name, one in shaped.items() if name != "key"}
    return {**rest, "entities": {**entities, first: {**(entities.get(first) or {}), "key": listed(shaped["key"])}}}


def shape_settings(value: Any) -> Any:
    """Write out the short forms of `crmetl.yaml`."""
    return _in(
        value,
        {
            "name": both,
            "target": lambda one: {"url": one} if isinstance(one, str) else one,
            "store": lambda one: {"url": one} if isinstance(one, str) else one,
            "gates": lambda many: _each(many, lambda one: _in(one, {"label": both})),
            "filters": _filters,
        },
    )


def shape_schema(value: Any) -> Any:
    """Write out the short forms of `schema.yaml`: labels, and a field that is only a type."""

    def field(one: Any) -> Any:
        return _in({"type": one} if isinstance(one, str) else one, {"label": both})

    def entity(one: Any) -> Any:
        return _in(one, {"label": both, "unique": listed, "fields": lambda many: _each(many, field)})

    return _in(value, {"entities": lambda many: _each(many, entity)})


def shape_match(value: Any) -> Any:
    """Write out the short forms of `rules/match.yaml`: a comparison that is only a field."""

    def comparisons(many: Any) -> Any:
        return _each(listed(many), lambda one: {"field": one} if isinstance(one, str) else one)

    return _each(value, lambda one: _in(one, {"comparisons": comparisons, "vetoes": listed, "one_to_one": listed}))


def shape_values(value: Any) -> Any:
    """Write out the short forms of `rules/values.yaml`."""
    return _in(value, {"placeholders": listed})
