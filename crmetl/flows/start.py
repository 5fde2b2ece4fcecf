"""The first hour: look at any files, and make a project of them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmetl.errors import UsageError
from crmetl.extract.folder import FoundTable, inventory
from crmetl.flows.watch import Watch
from crmetl.mapping import draft, scaffold
from crmetl.profile import Relation, TableProfile, profile_table, relations
from crmetl.project import read_project
from crmetl.schema import Schema
from crmetl.text import Lang, Text
from crmetl.workspace import Workspace, full_disk


@dataclass(frozen=True)
class Seen:
    """What was found in files that nobody has mapped yet."""

    tables: tuple[FoundTable, ...]
    profiles: dict[str, TableProfile]
    relations: tuple[Relation, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of `crmetl profile`."""
        return {
            "tables": [self._table(one) for one in self.tables],
            "relations": [one.to_json() for one in self.relations],
        }

    def _table(self, one: FoundTable) -> dict[str, Any]:
        profile = self.profiles.get(one.name)
        facts = {"files": list(one.files), "format": one.format, "sheet": one.sheet, "rows": one.rows}
        problem = list(one.problem) if one.problem else None
        return {"name": one.name, **(profile.to_json() if profile else {}), **facts, "problem": problem}

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        lines = []
        for one in self.tables:
            about = Text("{n:,} 行，{f} 个文件", "{n:,} rows in {f} files").fill(n=one.rows, f=len(one.files))
            lines.append(f"{one.name}  {one.problem.read(lang) if one.problem else about.read(lang)}")
            lines += [f"    {text}" for text in _columns(self.profiles.get(one.name), lang)]
        refers = Text("指向", "refers to").read(lang)
        return lines + [
            f"{one.child}.{one.child_column} {refers} {one.parent}.{one.parent_column} ({one.overlap:.0%})"
            for one in self.relations
        ]


def _columns(profile: TableProfile | None, lang: Lang) -> list[str]:
    if profile is None:
        return []
    filled = Text("填写", "filled").read(lang)
    return [
        f"{one.name}  {one.type} {one.confidence:.0%} · {filled} {one.filled:.0%} · {_top(one.top)}" for one in profile.columns
    ]


def _top(top: Sequence[tuple[str, int]]) -> str:
    return "  ".join(f"{value} ×{number:,}" for value, number in top[:3])


@dataclass(frozen=True)
class Begun:
    """A project that is there: its files, and the sources that were drafted."""

    files: tuple[str, ...]
    sources: tuple[str, ...] = field(default=())


def look(paths: Sequence[Path], *, out: Path | None, watch: Watch) -> Seen:
    """
    Profile any files; no project is needed.

    Args:
        paths: Files or folders.
        out: Folder for profile.json.

    Raises:
        UsageError: A path is not there.
    """
    for path in paths:
        _refuse_missing(path)
    watch.begin("profile", "")
    found = inventory(paths, progress=watch.advance)
    tables = [one for one in found if one.problem is None and one.format == "table"]
    profiles = {one.name: profile_table(one.frame, name=one.name) for one in tables}
    seen = Seen(found, profiles, relations(profiles, {one.name: one.frame for one in tables}))
    watch.end()
    if out is not None:
        Workspace(out).note("profile", seen.to_json())
    return seen


def start(folder: Path, source: Path | None, *, watch: Watch) -> Begun:
    """
    Write the files of a new project; with `source`, its mappings drafted from the files there.

    Raises:
        UsageError: The folder already holds a project, or `source` is not there.
    """
    if (folder / "crmetl.yaml").exists():
        raise UsageError(
            Text("这里已有项目", "there is a project here already"),
            where=str(folder),
            next=Text("换一个目录", "choose another folder"),
        )
    root = os.path.relpath(source, folder) if source else None
    files = scaffold(source_root=Path(root).as_posix() if root else None, sources={} if source else None)
    _write(folder, files)
    schema = read_project(folder, env=os.environ).schema_
    drafts = _drafts(source, schema, watch=watch) if source else {}
    _write(folder, drafts)
    return Begun((*files, *drafts), tuple(Path(name).stem for name in drafts))


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        with full_disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


def _drafts(source: Path, schema: Schema, *, watch: Watch) -> dict[str, str]:
    """Return file -> mapping, for everything in a folder that can be read."""
    seen = look([source], out=None, watch=watch)
    return {
        f"sources/{one.name}.yaml": draft(
            one.name, one.columns, seen.profiles.get(one.name), schema, reads=one.reads, format=one.format
        )
        for one in seen.tables
        if one.format is not None and one.problem is None
    }


def _refuse_missing(path: Path) -> None:
    if not path.exists():
        raise UsageError(Text("找不到这个文件或目录", "no such file or folder"), where=str(path))
