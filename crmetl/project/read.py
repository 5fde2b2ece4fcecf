"""A folder of YAML becomes a `Project`; this is the only place in `project` that opens its files."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmetl.errors import MachineError, ProjectError
from crmetl.project import shape
from crmetl.project.check_schema import check_filters, check_gates, check_match, check_schema, check_severities
from crmetl.project.check_source import check_source
from crmetl.project.declare import declare
from crmetl.project.fingerprint import fingerprint
from crmetl.project.model import MatchSpec, Project, Source, Values
from crmetl.project.pin import Pin
from crmetl.project.problem import meant, nearest
from crmetl.project.secret import filled, url_faults
from crmetl.project.settings import Settings
from crmetl.project.tree import Node, parse
from crmetl.schema import Schema
from crmetl.text import Text

SETTINGS, SCHEMA, MATCH, VALUES, SOURCES = "crmetl.yaml", "schema.yaml", "rules/match.yaml", "rules/values.yaml", "sources"
MODEL = "model-"
"""Trained models stand beside the rules as `rules/model-<entity>.yaml`; `dedupe` reads them."""

EMPTY = Node(1, 1, pairs=())


@dataclass
class _Reading:
    """The files of one reading and every problem found so far."""

    folder: Path
    problems: list[ProjectError] = field(default_factory=list)
    pins: dict[str, Pin] = field(default_factory=dict)

    def sound(self, name: str) -> bool:
        """Say whether a file has no problem of its own so far; only then are others checked against it."""
        return not any((one.where or "").partition(":")[0] == name for one in self.problems)

    def file(self, name: str, kind: Any, shaped: Callable[[Any], Any]) -> Any:
        """Return the model of a file, or None where it is wrong or missing."""
        node = self.node(name)
        if node is None:
            return None
        self.pins[name] = Pin(name, node)
        value, problems = declare(kind, node, shaped(node.plain()), name)
        self.problems += problems
        return value

    def node(self, name: str) -> Node | None:
        try:
            text = (self.folder / name).read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            self.problems.append(_missing(name))
            return None
        except UnicodeDecodeError as error:
            self.problems.append(_encoding(name, error))
            return None
        except OSError as error:
            raise MachineError(
                Text("读不到项目文件", "the project's file cannot be read"),
                where=str(self.folder / name),
                next=Text("检查文件权限", "check the file's permissions"),
            ) from error
        node, problems = parse(text, name)
        self.problems += problems
        if node is None and not problems:
            self.problems.append(
                ProjectError(
                    Text("文件是空的", "the file is empty"),
                    where=f"{name}:1:1",
                    next=Text("补上内容，或删去文件", "write its content, or remove it"),
                )
            )
        return node


def read_project(folder: Path, *, env: Mapping[str, str]) -> Project:
    """
    Read all declarations of a project.

    Args:
        folder: Holds `crmetl.yaml`; relative paths of the declarations start here.
        env: Environment, for `${NAME}` in `source_root` and `runs`; secrets of the target are not touched.

    Raises:
        ProjectError: With `problems`: everything that is wrong in all files, each with `file:line:column`.
        MachineError: A file is there and cannot be read.
    """
    if not (folder / SETTINGS).is_file():
        raise _no_project(folder)
    reading = _Reading(folder)
    settings = reading.file(SETTINGS, Settings, shape.shape_settings)
    schema = reading.file(SCHEMA, Schema, shape.shape_schema)
    values = reading.file(VALUES, Values, shape.shape_values) if (folder / VALUES).exists() else Values()
    match = reading.file(MATCH, dict[str, MatchSpec], shape.shape_match) if (folder / MATCH).exists() else {}
    sources = [_source(reading, name) for name in _source_files(folder)]
    made = tuple(sorted((one for one in sources if one), key=lambda one: one.source))
    reading.problems += [*_strays(folder), *_twice(reading, made)]
    reading.problems += [*_check(reading, settings, schema, values, match=match or {}, sources=made)]
    if reading.problems:
        raise _together(reading.problems)
    return _project(
        folder,
        env,
        settings,
        schema=schema,
        match=match,
        values=values,
        sources=made,
    )


def _project(folder: Path, env: Mapping[str, str], settings: Settings, **read: Any) -> Project:
    given = {name: getattr(settings, name) for name in Settings.model_fields if name not in ("source_root", "runs")}
    made = Project(
        root=folder,
        source_root=_path(folder, settings.source_root, env),
        runs=_path(folder, settings.runs, env),
        declared_paths=(settings.source_root, settings.runs),
        **read,
        **given,
    )
    return made.model_copy(update={"fingerprint": fingerprint(made)})


def _path(folder: Path, declared: str, env: Mapping[str, str]) -> Path:
    return Path(os.path.normpath(folder / filled(declared, env, where=SETTINGS)))


def _source_files(folder: Path) -> list[str]:
    return sorted(f"{SOURCES}/{one.name}" for one in (folder / SOURCES).glob("*.yaml"))


def _source(reading: _Reading, name: str) -> Source | None:
    """Return one mapping with the places of its columns, for messages after reading."""
    node = reading.node(name)
    if node is None:
        return None
    pin = reading.pins[name] = Pin(name, node)
    shaped = shape.shape_source(node.plain())
    if isinstance(shaped, dict):
        reading.problems += _reserved(shaped, pin)
        shaped = {key: one for key, one in shaped.items() if key not in ("key", "file", "places")}
    value, problems = declare(Source, node, shaped, name)
    reading.problems += problems
    if value is None:
        return None
    paths = [
        ["columns"],
        *(["columns", one] for one in value.columns),
        ["entities"],
        *(["entities", one] for one in value.entities),
    ]
    places = {".".join(path): pin.place(path) for path in paths}
    source: Source = value.model_copy(update={"file": name, "places": places})
    return source


def _reserved(shaped: Mapping[str, Any], pin: Pin) -> Iterator[ProjectError]:
    """Yield keys that the model has and a file must not write, and a `key` that could not become an entity's key."""
    known = ["key", *(one for one, made in Source.model_fields.items() if not made.json_schema_extra)]
    for name in ("file", "places"):
        if name in shaped:
            yield pin.key([name], known)
    if "key" in shaped:
        entity = shape.first_entity(shaped)
        hint = Text("只保留 entities 中的 key", "keep the key under `entities` only")
        if entity is None:
            hint = Text("先在 columns 中映射一列，或写在 entities 下", "map a column first, or write it under `entities`")
        yield pin.say(["key"], Text("无法归到一个实体", "cannot be given to one entity"), hint)


def _strays(folder: Path) -> Iterator[ProjectError]:
    """Yield YAML files that nobody would read, because of their name or folder."""
    known = [SETTINGS, SCHEMA, MATCH, VALUES]
    for path in sorted([*folder.glob("*.y*ml"), *(folder / "rules").glob("*.y*ml"), *(folder / SOURCES).glob("*.yml")]):
        name = path.relative_to(folder).as_posix()
        if name in known or (name.startswith(f"rules/{MODEL}") and name.endswith(".yaml")):
            continue
        hint = Text("改名为 .yaml", "rename it to .yaml") if name.startswith(SOURCES) else meant(name, known)
        yield ProjectError(Text("这个文件不会被读取", "this file would not be read"), where=name, next=hint)


def _twice(reading: _Reading, sources: tuple[Source, ...]) -> Iterator[ProjectError]:
    first: dict[str, str] = {}
    for one in sources:
        before = first.setdefault(one.source, one.file)
        if before != one.file:
            what = Text(f"与 {before} 中的来源重名", f"is also the name of the source in {before}")
            yield reading.pins[one.file].say(["source"], what, Text("改成不同的名称", "give one of them another name"))


def _check(
    reading: _Reading,
    settings: Settings | None,
    schema: Schema | None,
    values: Values | None,
    *,
    match: Mapping[str, MatchSpec],
    sources: tuple[Source, ...],
) -> Iterator[ProjectError]:
    """Yield what contradicts another file; a file that is wrong itself is no measure for others."""
    if settings is not None:
        pin = reading.pins[SETTINGS]
        for name, declared in (("target", settings.target), ("store", settings.store)):
            for what, hint in url_faults(declared.url):
                yield pin.say([name, "url"], what, hint)
        yield from check_severities(settings.severities, pin)
    if schema is None or values is None or not reading.sound(SCHEMA):
        return
    tables = values if reading.sound(VALUES) else None
    yield from check_schema(schema, tables, reading.pins[SCHEMA])
    if settings is not None:
        yield from check_gates(settings.gates, schema, reading.pins[SETTINGS])
        yield from check_filters(settings.filters, schema, reading.pins[SETTINGS])
    if match:
        known = [one.source for one in sources] if all(map(reading.sound, _source_files(reading.folder))) else None
        yield from check_match(match, schema, known, reading.pins[MATCH])
    for one in sources:
        yield from check_source(one, schema, tables, reading.pins[one.file])


def _together(problems: list[ProjectError]) -> ProjectError:
    def place(one: ProjectError) -> tuple[str, int, int]:
        file, _, rest = (one.where or "").partition(":")
        line, _, column = rest.partition(":")
        return file, int(line or 0), int(column or 0)

    found = tuple(sorted(problems, key=place))
    first = found[0]
    return ProjectError(first.what, where=first.where, next=first.next, problems=found)


def _missing(name: str) -> ProjectError:
    hint = Text(
        "运行 crmetl init 新建项目，再拷入缺少的文件", "run `crmetl init DIR` for a project that has it, and copy it over"
    )
    return ProjectError(Text("项目中缺少这个文件", "the project lacks this file"), where=name, next=hint)


def _encoding(name: str, error: UnicodeDecodeError) -> ProjectError:
    line = error.object.count(b"\n", 0, error.start) + 1
    column = error.start - (error.object.rfind(b"\n", 0, error.start))
    hint = Text("在编辑器中另存为 UTF-8", "save it as UTF-8")
    return ProjectError(Text("不是 UTF-8 编码", "this is not UTF-8"), where=f"{name}:{line}:{column}", next=hint)


def _no_project(folder: Path) -> ProjectError:
    what = Text(f"这里没有项目（缺少 {SETTINGS}）", f"there is no project here ({SETTINGS} is missing)")
    if not folder.is_dir():
        what = Text("没有这个文件夹", "there is no such folder")
    beside = [one.parent.name for one in folder.glob(f"*/{SETTINGS}")]
    close = nearest(folder.name, beside) or next(iter(beside), None)
    hint = Text("用 crmetl init 新建，或用 -p 指明项目文件夹", "make one with `crmetl init DIR`, or name its folder with -p")
    if close:
        hint = Text(
            f"用 -p {folder / close}，或 crmetl init 新建", f"use -p {folder / close}, or make one with `crmetl init DIR`"
        )
    return ProjectError(what, where=str(folder), next=hint)
