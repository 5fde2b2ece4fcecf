"""The match index of a project: built anew, and its state."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmetl.dedupe import match_rules
from crmetl.errors import UsageError
from crmetl.flows.entry.checker import open_check
from crmetl.flows.entry.verdict import Readiness
from crmetl.flows.opening import now, open_project
from crmetl.flows.watch import Watch
from crmetl.load import open_target
from crmetl.load.index.build import Built, build_index
from crmetl.text import Lang, Text


@dataclass(frozen=True)
class Indexed:
    """Indexes that were built."""

    built: tuple[Built, ...]
    seconds: float

    def facts(self) -> dict[str, Any]:
        """Return the JSON of `crmetl index build`."""
        return {
            "indexes": [
                {
                    "entity": one.index.entity,
                    "build": one.index.build,
                    "rows": one.index.rows,
                    "keys": one.keys,
                    "rules": len(one.index.rules.rules),
                    "refined": one.refined,
                }
                for one in self.built
            ],
            "seconds": self.seconds,
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        text = Text(
            "{entity}：{rows:,} 条记录，{keys:,} 个查找键，第 {build} 版，已启用",
            "{entity}: {rows:,} records, {keys:,} keys, build {build}, in use",
        )
        return [
            text.fill(entity=one.index.entity, rows=one.index.rows, keys=one.keys, build=one.index.build).read(lang)
            for one in self.built
        ]


def build_indexes(folder: Path, *, entity: str | None, watch: Watch) -> Indexed:
    """
    Build the match index of one matched entity, or of all, from the CRM's rows; the one in use answers until the swap.

    Raises:
        UsageError: The project does not match this entity.
        LeaseHeld: A run writes to the CRM now.
        TargetError: The database is away.
    """
    start = time.perf_counter()
    opened = open_project(folder)
    project = opened.project
    if entity is not None and entity not in project.match:
        known = list(project.match)
        raise UsageError(Text(f"实体应为 {'、'.join(known)} 之一", f"the entity must be one of {', '.join(known)}"))
    built = []
    with open_target(opened.url, project.schema_) as target:
        for one in [entity] if entity is not None else list(project.match):
            watch.begin("index", project.schema_.entities[one].label.read(project.locale))
            rules = match_rules(project, one, opened.models.get(one))
            built.append(build_index(target, rules, project=project.fingerprint, now=now(), progress=watch.advance))
            watch.end()
    return Indexed(tuple(built), round(time.perf_counter() - start, 3))


def index_state(folder: Path) -> Readiness:
    """Return the state of the indexes of a project."""
    with open_check(folder) as checker:
        return checker.ready()
