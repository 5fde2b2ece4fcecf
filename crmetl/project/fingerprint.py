"""What a project declares, as one hash."""

import json
from hashlib import sha256
from typing import Any

from crmetl.project.model import Project, Source

_READER = {"file", "places"}
_ELSEWHERE = {"root", "fingerprint", "sources", "source_root", "runs", "declared_paths"}


def fingerprint(project: Project) -> str:
    """
    Return sha256 over all declarations, whatever their order, layout, comments and folder.

    The order of columns counts only where two of them fill one field, because the first that is filled wins there;
    the order of lists counts. What is left at its default does not count, so that a new option changes no old project.
    """
    content = project.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=_ELSEWHERE)
    content["source_root"], content["runs"] = project.declared_paths
    content["sources"] = {one.source: _source(one) for one in project.sources}
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _source(source: Source) -> dict[str, Any]:
    content: dict[str, Any] = source.model_dump(mode="json", exclude_defaults=True, exclude=_READER)
    order: dict[str, list[str]] = {}
    for name, column in source.columns.items():
        for target in column.to:
            order.setdefault(target, []).append(name)
    content["first"] = {target: names for target, names in order.items() if len(names) > 1}
    return content
